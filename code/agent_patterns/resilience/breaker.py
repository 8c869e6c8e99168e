"""A circuit breaker: stop asking a service that is down, and find out when it is back.

The pattern is Michael Nygard's (*Release It!*, 2007); the half-open state lets exactly one call
through as a probe.

How it stays correct and cheap: every period of one state, and every probe, has a number of its own
(`_epoch`).  A call remembers the number it started under, and a result that comes back under
another number is ignored: a slow call from before the outage can neither close nor open the
breaker.  While it is closed and nothing has failed, a call takes no lock and allocates nothing.
Where something has to be written down, one lock is held for a few instructions, never while the
service is asked and never across an `await`, so that threads and asyncio tasks may share a breaker.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import CoroutineType
from typing import Any, ParamSpec, TypeVar, cast

from agent_patterns.resilience.callables import is_async, refuse_coroutine, refuse_generator
from agent_patterns.resilience.classification import classify
from agent_patterns.resilience.kinds import Kind, Verdict
from agent_patterns.resilience.deadline import Clock, current_deadline
from agent_patterns.resilience.diagnosis import Diagnosis, State, Transition
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.resilience.window import FailureRate, RateWindow

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class CircuitBreaker:
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
    once a `Deadline` around the call is over, prove nothing either way.

    Listeners are called with each `Transition`, in order, outside the lock; one that raises is
    logged and disturbs nobody.  `clock` is monotonic: setting the system's clock changes nothing.

    Raises:
        ValueError: a number below 1, seconds that are not positive, or no rule to open by.
    """

    __slots__ = (
        "_classify",
        "_clock",
        "_draining",
        "_epoch",
        "_events",
        "_failed_probes",
        "_in_closed",
        "_kinds",
        "_last_error",
        "_listeners",
        "_lock",
        "_probe_since",
        "_probe_successes",
        "_reason",
        "_refused",
        "_shared",
        "_since",
        "_state",
        "_streak",
        "_until",
        "_watching",
        "_window",
        "failures",
        "longest_open",
        "name",
        "open_for",
        "probe_timeout",
        "successes",
    )

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
        if failures is None and rate is None and not kinds:
            raise ValueError("with failures=None it needs a rate or kinds, or it would never open")
        if (failures is not None and failures < 1) or successes < 1:
            raise ValueError("failures and successes must be at least 1")
        if any(number is not None and number < 1 for number in (kinds or {}).values()):
            raise ValueError("a kind's number must be at least 1, or None to never count it")
        if min(open_for, longest_open, probe_timeout) <= 0:
            raise ValueError("open_for, longest_open and probe_timeout must be positive seconds")
        self.name = name
        self.failures = failures
        self.open_for = float(open_for)
        self.longest_open = float(longest_open)
        self.successes = successes
        self.probe_timeout = float(probe_timeout)
        self._kinds = dict(kinds or {})
        self._window = RateWindow(rate) if rate is not None else None
        self._classify = classify
        self._clock = clock
        self._lock = threading.Lock()
        self._listeners = tuple(listeners)
        self._events: deque[Transition] = deque()
        self._draining = threading.Lock()

        self._state = State.CLOSED
        self._in_closed = True  # the hot path reads this one slot
        self._watching = self._window is not None  # whether a success has anything to do
        self._epoch = 0
        self._since = clock()
        self._until = 0.0
        self._reason = ""
        self._streak: dict[Kind, int] = {}
        self._shared = 0  # failures of the kinds without a number of their own
        self._probe_since: float | None = None
        self._probe_successes = 0
        self._failed_probes = 0
        self._refused = 0
        self._last_error: str | None = None

    # --- using it ---------------------------------------------------------------------------

    def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls `fn` if the breaker lets it.

        Raises:
            CircuitOpenError: it does not; `fn` was not called.
            TypeError: `fn` is a coroutine function; use `acall`.
        """
        epoch = self._epoch
        if not self._in_closed:
            epoch = self._admit()
        try:
            result = fn(*args, **kwargs)
            if result.__class__ is CoroutineType:
                refuse_coroutine(cast(Any, result))
        except BaseException as error:
            self._failed(epoch, error)
            raise
        if self._watching:
            self._succeeded(epoch)
        return result

    async def acall(self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Awaits `fn` if the breaker lets it; see `call`."""
        epoch = self._epoch
        if not self._in_closed:
            epoch = self._admit()
        try:
            result = await fn(*args, **kwargs)
        except BaseException as error:
            self._failed(epoch, error)
            raise
        if self._watching:
            self._succeeded(epoch)
        return result

    def __call__(self, fn: Callable[P, T]) -> Callable[P, T]:
        """Decorates a function or a coroutine function.

        For generators and streams use `guard`: calling them does nothing yet that could fail.

        Raises:
            TypeError: `fn` is a generator function.
        """
        refuse_generator(fn, "guard it from inside, `with breaker.guard(): yield ...`")
        # The bodies of `call` and `acall` once more: one frame less on the hot path.
        if is_async(fn):
            coroutine_fn = cast(Callable[P, Awaitable[Any]], fn)

            @functools.wraps(fn)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                epoch = self._epoch
                if not self._in_closed:
                    epoch = self._admit()
                try:
                    result = await coroutine_fn(*args, **kwargs)
                except BaseException as error:
                    self._failed(epoch, error)
                    raise
                if self._watching:
                    self._succeeded(epoch)
                return result

            return cast(Callable[P, T], awaited)

        @functools.wraps(fn)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            epoch = self._epoch
            if not self._in_closed:
                epoch = self._admit()
            try:
                result = fn(*args, **kwargs)
                if result.__class__ is CoroutineType:
                    refuse_coroutine(cast(Any, result))
            except BaseException as error:
                self._failed(epoch, error)
                raise
            if self._watching:
                self._succeeded(epoch)
            return result

        return called

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Guards a block, a stream that is read in it for instance."""
        epoch = self._epoch
        if not self._in_closed:
            epoch = self._admit()
        try:
            yield
        except BaseException as error:
            self._failed(epoch, error)
            raise
        if self._watching:
            self._succeeded(epoch)

    @asynccontextmanager
    async def aguard(self) -> AsyncIterator[None]:
        """`guard` for ``async with``."""
        with self.guard():
            yield

    def trip(self, reason: str) -> None:
        """Opens it by hand, for `open_for` seconds."""
        with self._lock:
            self._open(self._clock(), self.open_for, reason)
        self._tell()

    def reset(self, reason: str = "reset by hand") -> None:
        """Closes it by hand and forgets all failures."""
        with self._lock:
            self._close(self._clock(), reason)
        self._tell()

    # --- looking at it ----------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state now.  It stays OPEN after its time is up, until a call comes to probe."""
        return self._state

    def diagnosis(self) -> Diagnosis:
        """Why it is in this state, and until when."""
        with self._lock:
            now = self._clock()
            left = max(0.0, self._until - now) if self._state is State.OPEN else 0.0
            out_for = None if self._probe_since is None else now - self._probe_since
            return Diagnosis(
                breaker=self.name,
                state=self._state,
                reason=self._reason,
                for_seconds=now - self._since,
                seconds_left=left,
                failures=dict(self._streak),
                refused=self._refused,
                failed_probes=self._failed_probes,
                probe_out_for=out_for,
                last_error=self._last_error,
            )

    def add_listener(self, listener: Callable[[Transition], None]) -> Callable[[], None]:
        """Has `listener` called with every transition; the function returned takes it off."""
        added = functools.partial(listener)  # itself alone, though the same listener came twice
        with self._lock:
            self._listeners = (*self._listeners, added)

        def remove() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not added)

        return remove

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self.name!r} {self._state.value}>"

    # --- how it works -----------------------------------------------------------------------

    def _admit(self) -> int:
        """Lets a call through while not closed, as a probe, or refuses it."""
        now = self._clock()
        # Without the lock: a refusal may be a moment late or early, a probe may not.
        if self._state is State.OPEN and now < self._until:
            self._refused += 1
            raise CircuitOpenError(self.name, self._reason, self._until - now)
        given_up = False
        with self._lock:
            if self._state is State.CLOSED:
                return self._epoch
            if self._state is State.OPEN:
                if now < self._until:
                    self._refused += 1
                    raise CircuitOpenError(self.name, self._reason, self._until - now)
                self._move(
                    State.HALF_OPEN, now, self._reason, "its time is up, this call is the probe"
                )
                self._probe_successes = 0
            elif self._probe_since is not None:
                if now - self._probe_since < self.probe_timeout:
                    self._refused += 1
                    raise CircuitOpenError(self.name, self._reason, 0.0)
                self._failed_probes += 1
                given_up = True
            self._epoch += 1
            self._probe_since = now
            epoch = self._epoch
        if given_up:
            logger.warning("%s: the probe never came back, sending another", self.name)
        self._tell()
        return epoch

    def _succeeded(self, epoch: int) -> None:
        with self._lock:
            if epoch != self._epoch:
                return
            if self._in_closed:
                window = self._window
                if window is not None:  # `window.succeeded` once more: a frame less on a hot path
                    now = self._clock()
                    if now >= window.slice_end:
                        window.advance(now)
                    window.calls[window.place] += 1
                if self._streak:
                    self._streak.clear()
                    self._shared = 0
                    self._watching = window is not None
                return
            self._probe_since = None
            self._probe_successes += 1
            if self._probe_successes < self.successes:
                return
            self._close(self._clock(), "the probe succeeded")
        self._tell()

    def _failed(self, epoch: int, error: BaseException) -> None:
        if not isinstance(error, Exception):
            self._inconclusive(epoch)
            return
        verdict = self._classify(error)
        number = self._kinds.get(verdict.kind, 0)  # 0: one of those that share `failures`
        if number == 0 and not verdict.counts:
            if verdict.status is not None or verdict.kind is Kind.NO_ANSWER:
                self._succeeded(epoch)
            else:
                self._inconclusive(epoch)
            return
        deadline = current_deadline()  # one around this call: what was set within it is over
        if number is None or (deadline is not None and deadline.remaining() <= 0):
            self._inconclusive(epoch)
            return
        with self._lock:
            if epoch != self._epoch:
                return
            now = self._clock()
            self._last_error = verdict.error
            count = self._streak[verdict.kind] = self._streak.get(verdict.kind, 0) + 1
            pause = max(self.open_for, min(verdict.retry_after or 0.0, self.longest_open))
            if self._state is State.HALF_OPEN:
                self._failed_probes += 1
                self._open(now, pause, f"the probe failed ({verdict.kind.value})")
            else:
                self._watching = True
                if number == 0:
                    self._shared += 1
                    if self._window is not None:
                        self._window.failed(now)
                reason = self._reason_to_open(verdict.kind, number, count, now)
                if reason is None:
                    return
                self._open(now, pause, reason)
        self._tell()

    def _reason_to_open(self, kind: Kind, number: int, count: int, now: float) -> str | None:
        if number:
            return f"{count} × {kind.value} in a row" if count >= number else None
        if self.failures is not None and self._shared >= self.failures:
            kinds = ", ".join(
                f"{times} × {one.value}"
                for one, times in self._streak.items()
                if one not in self._kinds
            )
            failures = "1 failure" if self._shared == 1 else f"{self._shared} failures in a row"
            return f"{failures}: {kinds}"
        if self._window is not None:
            return self._window.verdict(now)
        return None

    def _inconclusive(self, epoch: int) -> None:
        """The call says nothing about the service; if it was the probe, the next call is one."""
        with self._lock:
            if epoch == self._epoch and self._state is State.HALF_OPEN:
                self._probe_since = None

    def _open(self, now: float, pause: float, reason: str) -> None:
        self._until = now + pause
        self._move(State.OPEN, now, reason)

    def _close(self, now: float, reason: str) -> None:
        self._streak.clear()
        self._shared = 0
        self._refused = 0
        self._failed_probes = 0
        if self._window is not None:
            self._window.clear()
        self._move(State.CLOSED, now, reason)

    def _move(self, state: State, now: float, reason: str, told: str = "") -> None:
        # Not closed while the number changes: a call that began under a new number without asking
        # `_admit` would later pass for a probe.
        self._in_closed = False
        before, self._state = self._state, state
        self._since = now
        self._reason = reason
        self._probe_since = None
        self._epoch += 1
        self._watching = state is not State.CLOSED or self._window is not None
        self._in_closed = state is State.CLOSED
        if before is not state and self._listeners:
            self._events.append(Transition(self.name, before, state, now, told or reason))

    def _tell(self) -> None:
        """Tells the listeners, outside the lock; one thread at a time keeps the order."""
        while self._events:
            if not self._draining.acquire(blocking=False):
                return  # whoever holds it looks at the queue again before leaving
            try:
                while self._events:
                    event = self._events.popleft()
                    for listener in self._listeners:
                        try:
                            listener(event)
                        except Exception:
                            logger.exception("a listener of breaker %s failed", self.name)
            finally:
                self._draining.release()
