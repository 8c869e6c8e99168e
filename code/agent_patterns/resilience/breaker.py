"""A circuit breaker: stop asking a service that is down, and find out when it is back.

The pattern is Michael Nygard's (*Release It!*, 2007); the half-open state lets exactly one call
through as a probe.

How it stays correct and cheap: every period of one state, and every probe, has a number of its own.
A call remembers the number it began under, and a result that comes back under another number is
ignored: a slow call from before the outage can neither close nor open the breaker.  While it is
closed and nothing has failed, a call takes no lock and allocates nothing.  Where something has to
be written down, one lock is held for a few instructions, never while the service is asked and never
across an `await`, so that threads and asyncio tasks may share a breaker.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing, closing
from types import TracebackType
from typing import Any

from agent_patterns.resilience.classification import classify, control_flow_in
from agent_patterns.resilience.deadline import Clock, current_deadline
from agent_patterns.resilience.diagnosis import Diagnosis, Listeners, State, Transition
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.resilience.evidence import Evidence, FailureRate
from agent_patterns.resilience.kinds import Kind, Verdict
from agent_patterns.resilience.wrapping import LATER, Wrapper, abegun, begun, is_async, part

logger = logging.getLogger(__name__)


class CircuitBreaker(Wrapper):
    """Refuses calls to a service that keeps failing, and probes it from time to time.

    Closed, it lets every call through and opens

    - after `failures` failures without a success between them (None: never for that), or
    - as soon as a kind of failure reaches its own number in `kinds` (such a kind is judged by
      that number alone; None never counts it), or
    - when a `rate` is given and that share of the calls within its window has failed (calls that
      failed in one of these `kinds` left out).

    Open, it refuses every call with `CircuitOpenError` for `open_for` seconds, or longer if the
    failure that opened it carried a longer Retry-After, which is obeyed up to `longest_open`
    seconds.  The next call is let through as a probe (half-open) while all others are still
    refused; `successes` probes that succeed, one after the other, close it; one that fails opens
    it again.  A probe that has not come back after `probe_timeout` seconds is given up, so that a
    hanging call cannot keep the breaker half-open for ever.

    What counts as a failure is decided by `classify`.  An answer that refuses the request (400,
    401, 404) or has nothing to say (`NoAnswerError`) proves the service alive and is a success
    here; an error of the calling code, a cancelled task, LangGraph's interrupts, or whatever comes
    once a `Deadline` around the call is over, prove nothing either way.  The call of a stream
    lasts until the stream has ended.

    Listeners are called with each `Transition`, in order, outside the lock; one that raises is
    logged and disturbs nobody.  `clock` is monotonic: setting the system's clock changes nothing.

    Raises:
        ValueError: a number below 1, seconds that are not positive, or no rule to open by.
        TypeError: a part of another kind, such as a number for `rate`.
    """

    def __init__(
        self,
        name: str = "service",
        *,
        failures: int | None = 5,
        kinds: Mapping[Kind, int | None] | None = None,
        rate: FailureRate | None = None,
        open_for: float = 30.0,
        longest_open: float = 600.0,
        successes: int = 1,
        probe_timeout: float = 60.0,
        classify: Callable[[BaseException], Verdict] = classify,
        listeners: tuple[Callable[[Transition], None], ...] = (),
        clock: Clock = time.monotonic,
    ) -> None:
        _check_numbers(failures, kinds or {}, rate, successes)
        if min(open_for, longest_open, probe_timeout) <= 0:
            raise ValueError("open_for, longest_open and probe_timeout must be positive seconds")
        self.name = name
        self.failures = failures
        self.open_for = float(open_for)
        self.longest_open = float(longest_open)
        self.successes = successes
        self.probe_timeout = float(probe_timeout)
        self._classify = classify
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners = Listeners(name, listeners)
        self._evidence = Evidence(failures, kinds or {}, rate)

        self._state = State.CLOSED
        self._number = 0  # of this period, or of the probe that is out
        self._epoch: int | None = 0  # the same while it is closed, else None: the hot path reads it
        self._since = clock()
        self._until = 0.0
        self._reason = ""
        self._probe_since: float | None = None
        self._probe_successes = 0
        self._failed_probes = 0
        self._refused = 0
        self._last_error: str | None = None

    # --- around a call: let through, then tell how it ended -------------------------------------

    def around(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return `fn` with the breaker around it, which raises `CircuitOpenError` or calls it."""
        evidence, harmless = self._evidence, type(None)

        def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal harmless
            epoch = self._epoch
            if epoch is None:
                epoch = self._admit()
            try:
                # `**{}` would be merged into another dictionary first.
                result = fn(*args, **kwargs) if kwargs else fn(*args)
                if result.__class__ is not harmless:  # most functions give one class of results
                    if result.__class__ in LATER:
                        return self._read(epoch, begun(result))
                    harmless = result.__class__
            except BaseException as error:
                self._failed(epoch, error)
                raise
            if evidence.watching:
                self._succeeded(epoch)
            return result

        return called

    def aaround(self, fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Return `around` for async."""
        evidence, harmless = self._evidence, type(None)
        start = fn if is_async(fn) else lambda *args, **kwargs: abegun(fn(*args, **kwargs))

        async def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal harmless
            epoch = self._epoch
            if epoch is None:
                epoch = self._admit()
            try:
                # `**{}` would be merged into another dictionary first.
                result = await (start(*args, **kwargs) if kwargs else start(*args))
                if result.__class__ is not harmless:
                    if result.__class__ in LATER:
                        return await self._aread(epoch, await abegun(result))
                    harmless = result.__class__
            except BaseException as error:
                self._failed(epoch, error)
                raise
            if evidence.watching:
                self._succeeded(epoch)
            return result

        return called

    def guard(self) -> Guard:
        """Guard a block, ``with`` or ``async with``: all that happens in it is one call."""
        return Guard(self)

    def _read(self, epoch: int, chunks: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        def stream() -> Generator[Any, Any, Any]:
            with Guard(self, epoch), closing(chunks):
                yield  # from here on, closing it ends the call
                return (yield from chunks)

        guarded = stream()
        next(guarded)
        return guarded

    async def _aread(self, epoch: int, chunks: AsyncGenerator[Any]) -> AsyncGenerator[Any]:
        async def stream() -> AsyncGenerator[Any]:
            with Guard(self, epoch):
                async with aclosing(chunks):
                    yield None
                    async for chunk in chunks:
                        yield chunk

        guarded = stream()
        await anext(guarded)
        return guarded

    # --- looking at it, and by hand -------------------------------------------------------------

    @property
    def state(self) -> State:
        """Return the state now; OPEN after its time is up too, until a call comes to probe."""
        return self._state

    def diagnosis(self) -> Diagnosis:
        """Return why it is in this state, and until when."""
        with self._lock:
            now = self._clock()
            return Diagnosis(
                breaker=self.name,
                state=self._state,
                reason=self._reason,
                for_seconds=now - self._since,
                seconds_left=max(0.0, self._until - now) if self._state is State.OPEN else 0.0,
                failures=dict(self._evidence.streak),
                refused=self._refused,
                failed_probes=self._failed_probes,
                probe_out_for=None if self._probe_since is None else now - self._probe_since,
                last_error=self._last_error,
            )

    def add_listener(self, listener: Callable[[Transition], None]) -> Callable[[], None]:
        """Have `listener` called with every transition; the function returned takes it off."""
        return self._listeners.add(listener)

    def trip(self, reason: str) -> None:
        """Open it by hand, for `open_for` seconds."""
        with self._lock:
            self._open(self._clock(), self.open_for, reason)
        self._listeners.tell()

    def reset(self, reason: str = "reset by hand") -> None:
        """Close it by hand and forget all failures."""
        with self._lock:
            self._close(self._clock(), reason)
        self._listeners.tell()

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self.name!r} {self._state.value}>"

    # --- the machine ----------------------------------------------------------------------------

    def _admit(self) -> int:
        """Let a call through while not closed, as a probe, or refuse it."""
        now = self._clock()
        # Without the lock: a refusal may be a moment late or early, a probe may not.
        if self._state is State.OPEN and now < self._until:
            self._refused += 1
            raise CircuitOpenError(self.name, self._reason, self._until - now)
        given_up = False
        with self._lock:
            if self._state is State.CLOSED:
                return self._number
            if self._state is State.OPEN:
                if now < self._until:
                    self._refused += 1
                    raise CircuitOpenError(self.name, self._reason, self._until - now)
                told = "its time is up, this call is the probe"
                self._move(State.HALF_OPEN, now, self._reason, told)
                self._probe_successes = 0
            elif self._probe_since is not None:
                if now - self._probe_since < self.probe_timeout:
                    self._refused += 1
                    raise CircuitOpenError(self.name, self._reason, 0.0)
                self._failed_probes += 1
                given_up = True
            self._number += 1
            self._probe_since = now
            number = self._number
        if given_up:
            logger.warning("%s: the probe never came back, sending another", self.name)
        self._listeners.tell()
        return number

    def _succeeded(self, epoch: int) -> None:
        with self._lock:
            if epoch != self._number:
                return
            if self._state is State.CLOSED:
                self._evidence.succeeded(self._clock())
                return
            self._probe_since = None
            self._probe_successes += 1
            if self._probe_successes < self.successes:
                return
            self._close(self._clock(), "the probe succeeded")
        self._listeners.tell()

    def _failed(self, epoch: int, error: BaseException) -> None:
        """Judge how a call ended; raise the control flow that a group of errors holds."""
        if not isinstance(error, Exception):
            self._inconclusive(epoch)
            return
        verdict = self._classify(error)
        number = self._evidence.number(verdict.kind)
        deadline = current_deadline()  # one around this call: what was set within it is over
        if number == 0 and not verdict.counts:
            alive = verdict.status is not None or verdict.kind is Kind.NO_ANSWER
            (self._succeeded if alive else self._inconclusive)(epoch)
        elif number is None or (deadline is not None and deadline.remaining() <= 0):
            self._inconclusive(epoch)
        else:
            self._counts(epoch, verdict)
        inside = control_flow_in(error)
        if inside is not error:
            raise inside from error

    def _counts(self, epoch: int, verdict: Verdict) -> None:
        with self._lock:
            if epoch != self._number:
                return
            now = self._clock()
            self._last_error = verdict.error
            pause = max(self.open_for, min(verdict.retry_after or 0.0, self.longest_open))
            if self._state is State.HALF_OPEN:
                self._evidence.count(verdict.kind)
                self._failed_probes += 1
                self._open(now, pause, f"the probe failed ({verdict.kind.value})")
            else:
                reason = self._evidence.failed(verdict.kind, now)
                if reason is None:
                    return
                self._open(now, pause, reason)
        self._listeners.tell()

    def _inconclusive(self, epoch: int) -> None:
        """Note a call that proves nothing; if it was the probe, the next call is one."""
        with self._lock:
            if epoch == self._number and self._state is State.HALF_OPEN:
                self._probe_since = None

    def _open(self, now: float, pause: float, reason: str) -> None:
        self._until = now + pause
        self._move(State.OPEN, now, reason)

    def _close(self, now: float, reason: str) -> None:
        self._refused = 0
        self._failed_probes = 0
        self._evidence.clear()
        self._move(State.CLOSED, now, reason)

    def _move(self, state: State, now: float, reason: str, told: str = "") -> None:
        # None while the number changes: a call that began under a new number without asking
        # `_admit` would later pass for a probe.
        self._epoch = None
        before, self._state = self._state, state
        self._since = now
        self._reason = reason
        self._probe_since = None
        self._number += 1
        if state is State.CLOSED:
            self._epoch = self._number
        else:
            self._evidence.watching = True  # a success may end this state
        if before is not state:
            self._listeners.put(Transition(self.name, before, state, now, told or reason))


class Guard:
    """A block as one call of a breaker; made with an epoch, the call has been let through."""

    __slots__ = ("_breaker", "_epoch")

    def __init__(self, breaker: CircuitBreaker, epoch: int | None = None) -> None:
        self._breaker = breaker
        self._epoch = epoch

    def __enter__(self) -> None:
        if self._epoch is None:
            epoch = self._breaker._epoch
            self._epoch = self._breaker._admit() if epoch is None else epoch

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return
        if error is not None:
            self._breaker._failed(epoch, error)
        elif self._breaker._evidence.watching:
            self._breaker._succeeded(epoch)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: object, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)


def _check_numbers(
    failures: int | None,
    kinds: Mapping[Kind, int | None],
    rate: FailureRate | None,
    successes: int,
) -> None:
    for kind in kinds:
        part("kinds", kind, Kind, "members of Kind as keys")
    if rate is not None:
        part("rate", rate, FailureRate, "a FailureRate such as FailureRate(0.5)")
    if failures is None and rate is None and not kinds:
        raise ValueError("with failures=None it needs a rate or kinds, or it would never open")
    if (failures is not None and failures < 1) or successes < 1:
        raise ValueError("failures and successes must be at least 1")
    if any(number is not None and number < 1 for number in kinds.values()):
        raise ValueError("a kind's number must be at least 1, or None to never count it")
