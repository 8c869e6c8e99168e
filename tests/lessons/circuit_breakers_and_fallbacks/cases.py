# ruff: noqa: E501  (the answers are whole cells, kept on few lines)
"""Answers to lesson 09's exercises."""

from tests.lessons.cases import Cases


def breaker(replace: dict[str, str]) -> str:
    from courseware.lessons import exercise

    source = exercise("09.1").solution_code
    for old, new in replace.items():
        assert old in source, old
        source = source.replace(old, new)
    return source


CASES = {
    "breaker_with_kinds": Cases(
        right=[
            """
from agent_patterns.resilience import CircuitBreaker, Kind

class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.inner = CircuitBreaker(
            failures=failures, kinds={Kind.TIMEOUT: timeouts}, open_for=open_for, clock=clock
        )

    def call(self, service):
        return self.inner.call(service)
""",
            """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock, self.open_for = clock, open_for
        self.timeouts, self.failures = timeouts, failures
        self.state, self.recent, self.since = "closed", [], 0.0

    def call(self, service):
        if self.state == "open" and self.clock() - self.since >= self.open_for:
            self.state = "ready"
        if self.state in ("open", "probing"):
            raise RuntimeError("open")
        before = self.state
        if before == "ready":
            self.state = "probing"
        try:
            result = service()
        except (TimeoutError, ConnectionError) as error:
            self.recent.append(isinstance(error, TimeoutError))
            late = sum(self.recent)
            if before == "ready" or late >= self.timeouts or len(self.recent) - late >= self.failures:
                self.state, self.since, self.recent = "open", self.clock(), []
            raise
        except BaseException:
            self.state = before
            raise
        self.state, self.recent = "closed", []
        return result
""",
            breaker({"class Refused(Exception)": "class Refused(LookupError)"}),
        ],
        wrong=[
            ("async-where-plain", breaker({"    def call": "    async def call"})),
            (
                "misses-subclasses",
                breaker({"if isinstance(error, kind)": "if type(error) is kind"}),
            ),
            (
                "counts-the-callers-mistakes",
                breaker({"ConnectionError: failures}": "OSError: failures}"}),
            ),
            (
                "shared-between-breakers",
                breaker(
                    {
                        "    def __init__": "    counts = {TimeoutError: 0, ConnectionError: 0}\n\n    def __init__",
                        "self.counts = dict.fromkeys(self.limits, 0)": "self.counts.update(dict.fromkeys(self.limits, 0))",
                    }
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "        finally:\n            self.probe_out = False": "",
                        "            raise\n        else": "            self.probe_out = False\n            raise\n        else",
                    }
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "            raise\n        else": "            if self.probe_out:\n"
                        "                self.open()\n            raise\n        else",
                    }
                ),
            ),
            (
                "ignores-its-numbers",
                breaker({"TimeoutError: timeouts": "TimeoutError: 2"}),
            ),
            (
                "ignores-its-numbers",
                breaker({"ConnectionError: failures}": "ConnectionError: 4}"}),
            ),
            (
                "ignores-its-numbers",
                breaker({"self.open_for = open_for": "self.open_for = 30.0"}),
            ),
            (
                "never-resets",
                breaker(
                    {
                        "        else:\n            self.close()\n": "        else:\n            if self.probe_out: self.close()\n"
                    }
                ),
            ),
            (
                "counts-the-callers-mistakes",
                breaker({"ConnectionError: failures}": "Exception: failures}"}),
            ),
            (
                "one-count-for-all",
                breaker(
                    {
                        "TimeoutError: timeouts, ConnectionError: failures": "(TimeoutError, ConnectionError): failures"
                    }
                ),
            ),
            ("lets-everyone-through", breaker({"self.probe_out or self.clock()": "self.clock()"})),
            (
                "failed-probe-does-not-reopen",
                breaker({"if self.probe_out or self.counts[kind]": "if self.counts[kind]"}).replace(
                    "            self.probe_out = True\n",
                    "            self.probe_out = True\n            self.counts = dict.fromkeys(self.limits, 0)\n            self.open_until = 0.0\n",
                ),
            ),
            (
                "probe-never-comes-back",
                breaker(
                    {
                        "        finally:\n            self.probe_out = False": "",
                        "            raise\n        else": "                self.probe_out = False\n            raise\n        else",
                    }
                ),
            ),
            (
                "opens-not-long-enough",
                breaker({"self.clock() + self.open_for": "self.clock() + self.open_for / 2"}),
            ),
            (
                "never-probes",
                breaker({"if self.probe_out or self.clock() < self.open_until": "if True"}),
            ),
            (
                "keeps-the-old-count",
                breaker(
                    {
                        "        else:\n            self.close()\n": "        else:\n            if self.probe_out: self.open_until = None\n            else: self.close()\n"
                    }
                ),
            ),
            (
                "swallows-errors",
                """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.left = {TimeoutError: timeouts, ConnectionError: failures}

    def call(self, service):
        try:
            return service()
        except Exception:
            return None
""",
            ),
            (
                "never-opens",
                """
class Breaker:
    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock, self.timeouts, self.open_for = clock, timeouts, open_for
        self.count = 0

    def call(self, service):
        if self.count >= self.timeouts:
            raise RuntimeError("open")
        try:
            return service()
        except TimeoutError:
            self.count += 1
            raise
""",
            ),
            (
                "refuses-silently",
                breaker({'raise Refused("the service is resting")': "return None"}),
            ),
        ],
        raised=[
            ("AttributeError", breaker({"self.open_for = open_for": "pass"})),
        ],
    ),
}
