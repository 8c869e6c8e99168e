"""The breaker against its reference model: any order of calls, results and waits.

The same machine drives the breaker in five ways: calls as open `guard` blocks of one thread, as
threads, as asyncio tasks, and as streams of both kinds.  A call stays under way until the machine
ends it, so that results come back late, early, and in periods in which they no longer mean
anything.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.agent_patterns.resilience.reference import Call, Reference, Settings
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import CircuitBreaker, FailureRate, Kind, NoAnswerError
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock

OUTCOMES: dict[str, tuple[str, BaseException | None, float]] = {
    # what the call does -> what the model is told, the exception, Retry-After in seconds
    "answers": ("success", None, 0.0),
    "refuses the request (400)": ("success", status_error(400), 0.0),
    "refuses the key (401)": ("success", status_error(401), 0.0),
    "fails (500)": ("server error", status_error(500), 0.0),
    "is away (503), says when": ("server error", status_error(503, {"retry-after": "30"}), 30.0),
    "is overrun (429)": ("rate limit", status_error(429, {"retry-after": "1"}), 1.0),
    "hangs": ("time-out", timeout_error(), 0.0),
    "hangs up": ("connection", connection_error(), 0.0),
    "has nothing to say": ("success", NoAnswerError("a cache miss"), 0.0),
    "is called wrongly": ("nothing", ValueError("the caller's mistake"), 0.0),
    "is cancelled": ("nothing", asyncio.CancelledError(), 0.0),
}

CONFIGURATIONS = [
    Settings(),
    Settings(failures=1, successes=2),
    Settings(kinds={"time-out": 2, "rate limit": None}),
    Settings(failures=2, kinds={"server error": 4}, successes=3, probe_timeout=5.0),
    Settings(failures=50, share=0.5),
    Settings(failures=4, share=1.0, kinds={"connection": 1}),
    Settings(failures=50, share=0.5, kinds={"time-out": 9, "server error": None}),
]


class GuardedCall:
    """A call as an open `guard` block."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.block = breaker.guard()

    def begin(self) -> bool:
        try:
            self.block.__enter__()
        except CircuitOpenError:
            return False
        return True

    def end(self, error: BaseException | None) -> None:
        kind = None if error is None else type(error)
        assert not self.block.__exit__(kind, error, None), "an error must not be swallowed"


class ThreadCall:
    """A call in a thread of its own, which waits inside the service."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.breaker = breaker
        self.result: Future[None] = Future()
        self.begun: Future[bool] = Future()
        self.thread = threading.Thread(target=self._run)

    def _service(self) -> None:
        self.begun.set_result(True)
        self.result.result()

    def _run(self) -> None:
        try:
            self.breaker.call(self._service)
        except CircuitOpenError:
            self.begun.set_result(False)
        except BaseException as error:
            self.raised: BaseException | None = error

    def begin(self) -> bool:
        self.raised = None
        self.thread.start()
        begun = self.begun.result()
        if not begun:
            self.thread.join()
        return begun

    def end(self, error: BaseException | None) -> None:
        if error is None:
            self.result.set_result(None)
        else:
            self.result.set_exception(error)
        self.thread.join()
        assert self.raised is error


class TaskCall:
    """A call in an asyncio task, which waits inside the service."""

    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.breaker = breaker
        self.result: asyncio.Future[None] = self.loop.create_future()
        self.begun = False

    async def _service(self) -> None:
        self.begun = True
        await self.result

    async def _until_idle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def begin(self) -> bool:
        self.task = self.loop.create_task(self.breaker.acall(self._service))
        self.loop.run_until_complete(self._until_idle())
        if self.begun:
            return True
        assert isinstance(self.task.exception(), CircuitOpenError)
        return False

    def end(self, error: BaseException | None) -> None:
        if isinstance(error, asyncio.CancelledError):
            self.task.cancel()
        elif error is not None:
            self.result.set_exception(error)
        else:
            self.result.set_result(None)
        self.loop.run_until_complete(asyncio.wait([self.task]))
        if isinstance(error, asyncio.CancelledError):
            assert self.task.cancelled()
        else:
            assert self.task.exception() is error


class StreamCall:
    """A call of a generator, which has given its first chunk and is read to its end."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.breaker = breaker
        self.error: BaseException | None = None

    def _service(self) -> Iterator[str]:
        yield "first"
        if self.error is not None:
            raise self.error

    def begin(self) -> bool:
        try:
            self.stream = self.breaker.call(self._service)
        except CircuitOpenError:
            return False
        return True

    def end(self, error: BaseException | None) -> None:
        self.error = error
        if error is None:
            assert list(self.stream) == ["first"]
            return
        with pytest.raises(type(error)) as raised:
            list(self.stream)
        assert raised.value is error


class AsyncStreamCall:
    """The same for an async generator, decorated: it is let through when it is first read."""

    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self, breaker: CircuitBreaker) -> None:
        self.error: BaseException | None = None

        @breaker
        async def service() -> AsyncIterator[str]:
            yield "first"
            if self.error is not None:
                raise self.error

        self.stream = service()

    async def _next(self) -> str | None:
        return await anext(self.stream, None)

    def begin(self) -> bool:
        try:
            return self.loop.run_until_complete(self._next()) == "first"
        except CircuitOpenError:
            return False

    def end(self, error: BaseException | None) -> None:
        self.error = error
        if error is None:
            assert self.loop.run_until_complete(self._next()) is None
            return
        with pytest.raises(type(error)):
            self.loop.run_until_complete(self._next())


class BreakerMachine(RuleBasedStateMachine):
    call_class: type[Any] = GuardedCall

    @initialize(configuration=st.sampled_from(CONFIGURATIONS))
    def create(self, configuration: Settings) -> None:
        self.clock = FakeClock(1000.0)
        self.model = Reference(configuration, self.clock())
        self.seen: list[tuple[str, str]] = []
        self.breaker = CircuitBreaker(
            "tested",
            failures=configuration.failures,
            kinds={Kind(name): number for name, number in configuration.kinds.items()},
            rate=None
            if configuration.share is None
            else FailureRate(configuration.share, configuration.window, configuration.calls),
            open_for=configuration.open_for,
            successes=configuration.successes,
            probe_timeout=configuration.probe_timeout,
            listeners=(lambda change: self.seen.append((change.before.value, change.after.value)),),
            clock=self.clock,
        )
        self.under_way: list[tuple[Any, Call]] = []

    @precondition(lambda self: len(self.under_way) < 5)
    @rule()
    def start(self) -> None:
        expected = self.model.start(self.clock())
        call = self.call_class(self.breaker)
        assert call.begin() == (expected is not None)
        if expected is not None:
            self.under_way.append((call, expected))

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 5), outcome=st.sampled_from(sorted(OUTCOMES)))
    def finish(self, which: int, outcome: str) -> None:
        call, expected = self.under_way.pop(which % len(self.under_way))
        told, error, retry_after = OUTCOMES[outcome]
        kinds = self.model.settings.kinds
        if told in kinds and kinds[told] is None:  # a kind that is never counted
            told = "nothing"
        self.model.finish(expected, told, self.clock(), retry_after)
        call.end(error)

    @rule(outcome=st.sampled_from(sorted(OUTCOMES)), times=st.integers(1, 4))
    def calls_in_a_row(self, outcome: str, times: int) -> None:
        for _ in range(times):
            before = len(self.under_way)
            self.start()
            if len(self.under_way) > before:
                self.finish(before, outcome)

    @rule(quarters=st.integers(1, 140))
    def wait(self, quarters: int) -> None:
        self.clock.advance(quarters / 4)

    @rule()
    def trip(self) -> None:
        self.model.trip(self.clock())
        self.breaker.trip("by hand")

    @rule()
    def reset(self) -> None:
        self.model.reset()
        self.breaker.reset()

    @invariant()
    def agrees(self) -> None:
        diagnosis = self.breaker.diagnosis()
        assert diagnosis.state.value == self.breaker.state.value == self.model.state
        left = max(0.0, self.model.until - self.clock()) if self.model.state == "open" else 0.0
        assert diagnosis.seconds_left == left
        assert {kind.value: n for kind, n in diagnosis.failures.items()} == self.model.streak
        assert (diagnosis.probe_out_for is not None) == (self.model.probe is not None)
        assert self.seen == self.model.transitions
        assert str(diagnosis).startswith(f"tested: {self.model.state} for ")

    def teardown(self) -> None:
        for call, _ in getattr(self, "under_way", []):
            call.end(None)


class ThreadedMachine(BreakerMachine):
    call_class = ThreadCall


class AsyncioMachine(BreakerMachine):
    call_class = TaskCall

    def __init__(self) -> None:
        super().__init__()
        TaskCall.loop = asyncio.new_event_loop()

    def teardown(self) -> None:
        super().teardown()
        TaskCall.loop.close()


class StreamMachine(BreakerMachine):
    call_class = StreamCall


class AsyncStreamMachine(BreakerMachine):
    call_class = AsyncStreamCall

    def __init__(self) -> None:
        super().__init__()
        AsyncStreamCall.loop = asyncio.new_event_loop()

    def teardown(self) -> None:
        super().teardown()
        AsyncStreamCall.loop.close()


SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much]

TestOneThread = pytest.mark.slow(BreakerMachine.TestCase)
TestOneThread.settings = settings(
    max_examples=500, stateful_step_count=40, deadline=None, suppress_health_check=SLOW_IS_FINE
)
TestThreads = pytest.mark.slow(ThreadedMachine.TestCase)
TestThreads.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=SLOW_IS_FINE
)
TestStreams = StreamMachine.TestCase
TestStreams.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=SLOW_IS_FINE
)
TestAsyncStreams = AsyncStreamMachine.TestCase
TestAsyncStreams.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=SLOW_IS_FINE
)
TestAsyncio = AsyncioMachine.TestCase
TestAsyncio.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=SLOW_IS_FINE
)
