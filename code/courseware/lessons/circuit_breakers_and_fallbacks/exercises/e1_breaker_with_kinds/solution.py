"""Solve: A breaker that knows kinds of failure."""


class Refused(Exception):
    pass


class Breaker:
    """Opens after too many failures of one kind without a success between them.

    TimeoutErrors count up to timeouts, ConnectionErrors up to failures. Other exceptions
    are the caller's mistakes: neither failures nor successes. Open, it refuses every call
    with an exception of its own for open_for seconds, then lets one call through as the probe.
    """

    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock = clock  # clock() gives monotonic seconds
        self.limits = {TimeoutError: timeouts, ConnectionError: failures}
        self.open_for = open_for
        self.close()

    def close(self):
        self.counts = dict.fromkeys(self.limits, 0)
        self.open_until = None
        self.probe_out = False

    def open(self):
        self.open_until = self.clock() + self.open_for

    def call(self, service):
        """Return service(), or raise what it raises, or refuse."""
        if self.open_until is not None:
            if self.probe_out or self.clock() < self.open_until:
                raise Refused("the service is resting")
            self.probe_out = True
        try:
            result = service()
        except Exception as error:
            kind = next((kind for kind in self.limits if isinstance(error, kind)), None)
            if kind is not None:
                self.counts[kind] += 1
                if self.probe_out or self.counts[kind] >= self.limits[kind]:
                    self.open()
            raise
        else:
            self.close()
            return result
        finally:
            self.probe_out = False
