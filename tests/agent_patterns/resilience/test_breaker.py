"""What the reference model does not cover: true concurrency, listeners, messages, misuse."""

from __future__ import annotations

import asyncio
import functools
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from langgraph.errors import GraphInterrupt
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.errors import PatternError
from agent_patterns.resilience import CircuitBreaker, FailureRate, Kind, NoAnswerError
from agent_patterns.resilience.deadline import Deadline
from agent_patterns.resilience.diagnosis import State, Transition
from agent_patterns.resilience.errors import CircuitOpenError
from agent_patterns.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def fails(error: BaseException) -> None:
    raise error


def fail(breaker: CircuitBreaker, error: BaseException, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            breaker.call(fails, error)


def test_a_success_ends_the_streak(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=3, clock=clock)
    for _ in range(50):
        fail(breaker, status_error(500), times=2)
        assert breaker.call(lambda: "fine") == "fine"
    assert breaker.state is State.CLOSED


def test_the_callers_mistakes_never_open_it(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)
    for error in (ValueError(), TypeError(), status_error(400), status_error(401), KeyError("x")):
        fail(breaker, error, times=5)
    fail(breaker, GraphInterrupt(), times=5)
    assert breaker.state is State.CLOSED


def test_one_probe_among_many_threads(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    asked = 0
    answer: Future[str] = Future()
    gate = threading.Barrier(20)

    def service() -> str:
        nonlocal asked
        asked += 1
        return answer.result()

    refused: list[CircuitOpenError] = []
    all_but_one_refused = threading.Semaphore(0)

    def client() -> str | None:
        gate.wait()
        try:
            return breaker.call(service)
        except CircuitOpenError as error:
            refused.append(error)
            all_but_one_refused.release()
            return None

    with ThreadPoolExecutor(20) as pool:
        clients = [pool.submit(client) for _ in range(20)]
        for _ in range(19):
            all_but_one_refused.acquire()
        assert asked == 1
        assert breaker.diagnosis().probe_out_for == 0
        answer.set_result("back")
        assert [one.result() for one in clients].count("back") == 1
    assert breaker.state is State.CLOSED
    assert all(error.seconds_left == 0 for error in refused)


def test_one_probe_even_if_the_threads_change_while_it_is_let_through(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second thread comes at the worst moment: half-open, and the probe not noted yet."""
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock, listeners=(lambda _: None,))
    fail(breaker, timeout_error())
    clock.advance(10)
    asks_for_the_lock_or_is_through = threading.Event()
    outcome: list[str] = []

    class Lock:
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def __enter__(self) -> None:
            if threading.current_thread() is second:
                asks_for_the_lock_or_is_through.set()
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    def come_second() -> None:
        try:
            outcome.append(breaker.call(lambda: "asked the service"))
        except CircuitOpenError:
            outcome.append("refused")
        asks_for_the_lock_or_is_through.set()

    def interrupted(*arguments: Any) -> Transition:
        if arguments[2] is State.HALF_OPEN:
            second.start()
            asks_for_the_lock_or_is_through.wait()
        return Transition(*arguments)

    second = threading.Thread(target=come_second)
    breaker._lock = Lock()
    monkeypatch.setattr("agent_patterns.resilience.breaker.Transition", interrupted)

    def service() -> str:
        second.join()
        return "asked the service"

    assert breaker.call(service) == "asked the service"
    assert outcome == ["refused"]


def test_no_call_passes_unseen_while_it_opens(clock: FakeClock) -> None:
    """A call that begins while the breaker's number changes must not close it as its probe."""

    class Watched(CircuitBreaker):
        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if name == "_number" and value == 1:
                call = self.guard()
                try:
                    call.__enter__()
                except CircuitOpenError:
                    stragglers.append(None)
                else:
                    stragglers.append(call)

    stragglers: list[Any] = []
    breaker = Watched(failures=1, open_for=10, clock=clock)
    fail(breaker, timeout_error())
    for straggler in filter(None, stragglers):
        straggler.__exit__(None, None, None)
    assert breaker.state is State.OPEN
    assert stragglers == [None]


async def test_one_probe_among_many_tasks(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    asked = 0
    back = asyncio.Event()

    async def service() -> str:
        nonlocal asked
        asked += 1
        await back.wait()
        return "back"

    async def client() -> str:
        try:
            return await breaker.acall(service)
        except CircuitOpenError:
            back.set()
            return "refused"

    results = await asyncio.gather(*(client() for _ in range(20)))
    assert asked == 1
    assert sorted(results) == ["back"] + ["refused"] * 19
    assert breaker.state is State.CLOSED


def test_threads_that_fail_together_open_it_once(clock: FakeClock) -> None:
    changes: list[Transition] = []
    breaker = CircuitBreaker(failures=8, clock=clock, listeners=(changes.append,))
    gate = threading.Barrier(8)

    def client() -> None:
        def service() -> None:
            gate.wait()
            raise connection_error()

        with pytest.raises(type(connection_error())):
            breaker.call(service)

    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(client) for _ in range(8)]:
            one.result()
    assert [(change.before, change.after) for change in changes] == [(State.CLOSED, State.OPEN)]
    assert breaker.diagnosis().failures == {Kind.CONNECTION: 8}


def test_a_cancelled_probe_leaves_the_next_call_a_probe(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    fail(breaker, asyncio.CancelledError())
    assert breaker.state is State.HALF_OPEN
    assert breaker.call(lambda: 1) == 1
    assert breaker.state is State.CLOSED


def test_failed_probes_begin_anew_with_counting_successes(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, successes=2, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    breaker.call(int)
    fail(breaker, timeout_error())
    clock.advance(10)
    breaker.call(int)
    assert breaker.state is State.HALF_OPEN
    breaker.call(int)
    assert breaker.state is State.CLOSED


def test_a_probe_that_never_comes_back_is_given_up(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, probe_timeout=60, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    hanging = breaker.guard()
    hanging.__enter__()
    clock.advance(59)
    with pytest.raises(CircuitOpenError):
        breaker.call(int)
    clock.advance(1)
    assert breaker.call(int) == 0
    assert breaker.state is State.CLOSED
    late = timeout_error()
    assert not hanging.__exit__(type(late), late, None)  # means nothing any more
    assert breaker.state is State.CLOSED


def test_a_probe_that_was_given_up_means_nothing_to_the_next(clock: FakeClock) -> None:
    for error in (None, timeout_error(), asyncio.CancelledError()):
        breaker = CircuitBreaker(failures=1, open_for=10, probe_timeout=60, clock=clock)
        fail(breaker, timeout_error())
        clock.advance(10)
        given_up, probe = breaker.guard(), breaker.guard()
        given_up.__enter__()
        clock.advance(60)
        probe.__enter__()
        assert not given_up.__exit__(error and type(error), error, None)
        assert breaker.state is State.HALF_OPEN
        with pytest.raises(CircuitOpenError):
            breaker.call(int)
        probe.__exit__(None, None, None)
        assert breaker.state is State.CLOSED


def test_probes_that_never_come_back_are_in_vain_too(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, probe_timeout=60, clock=clock)
    fail(breaker, timeout_error())
    clock.advance(10)
    hanging = [breaker.guard() for _ in range(4)]
    for probe in hanging:
        assert not breaker.diagnosis().stuck
        probe.__enter__()
        clock.advance(60)
    assert breaker.diagnosis().stuck
    for probe in hanging:
        probe.__exit__(None, None, None)
    assert breaker.state is State.CLOSED


def test_closing_forgets_refusals_and_failed_probes(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    for _ in range(2):
        fail(breaker, status_error(500))
        with pytest.raises(CircuitOpenError):
            breaker.call(int)
        for _ in range(2):
            clock.advance(10)
            fail(breaker, status_error(500))
        diagnosis = breaker.diagnosis()
        assert (diagnosis.refused, diagnosis.failed_probes) == (1, 2)
        clock.advance(10)
        breaker.call(int)
        diagnosis = breaker.diagnosis()
        assert (diagnosis.refused, diagnosis.failed_probes) == (0, 0)


def test_the_failure_rate_opens_it_between_successes(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=99, rate=FailureRate(0.5, seconds=60, calls=10), clock=clock)
    for _ in range(5):
        breaker.call(int)
        assert breaker.state is State.CLOSED
        fail(breaker, status_error(500))
    assert breaker.state is State.OPEN
    assert breaker.diagnosis().reason == "5 of 10 calls within 60 s failed"


def test_diagnosis_says_why_and_until_when(clock: FakeClock) -> None:
    breaker = CircuitBreaker("chat", failures=2, open_for=30, clock=clock)
    fail(breaker, timeout_error())
    fail(breaker, status_error(500))
    clock.advance(12)
    for _ in range(3):
        with pytest.raises(CircuitOpenError) as refusal:
            breaker.call(int)
    assert str(breaker.diagnosis()) == (
        "chat: open for 12 s\n"
        "  because 2 failures in a row: 1 × time-out, 1 × server error\n"
        "  the next call in 18 s is the probe\n"
        "  3 calls refused\n"
        "  last failure: InternalServerError: status 500"
    )
    assert str(refusal.value) == (
        "circuit breaker 'chat' is open (2 failures in a row: 1 × time-out, 1 × server error); "
        "the next try is let through in 18 s"
    )
    assert isinstance(refusal.value, PatternError)
    assert refusal.value.breaker == "chat"


def test_diagnosis_notices_when_it_is_stuck(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, status_error(500))
    for _ in range(3):
        assert not breaker.diagnosis().stuck
        clock.advance(10)
        fail(breaker, status_error(500))
    diagnosis = breaker.diagnosis()
    assert diagnosis.stuck
    assert "3 probes have failed in a row, so look at the service" in str(diagnosis)


def test_a_refused_key_closes_it_and_does_not_look_like_an_outage(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, status_error(500))
    clock.advance(10)
    fail(breaker, status_error(401))
    assert breaker.state is State.CLOSED


def test_nothing_to_say_is_a_sign_of_life(clock: FakeClock) -> None:
    breaker = CircuitBreaker("cache", failures=1, open_for=10, clock=clock)
    fail(breaker, NoAnswerError("a miss"), times=5)
    assert breaker.state is State.CLOSED
    fail(breaker, connection_error())
    clock.advance(10)
    fail(breaker, NoAnswerError("a miss"))
    assert breaker.state is State.CLOSED


def test_a_kind_that_never_counts_proves_nothing(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=3, kinds={Kind.SERVER: None}, open_for=10, clock=clock)
    for _ in range(3):
        fail(breaker, status_error(503))
        fail(breaker, timeout_error())
    assert breaker.state is State.OPEN, "no success between the time-outs"
    clock.advance(10)
    fail(breaker, status_error(503))
    assert breaker.state is State.HALF_OPEN


def test_a_kind_with_a_number_of_its_own_is_left_out_of_the_rate(clock: FakeClock) -> None:
    rate = FailureRate(0.5, calls=4)
    breaker = CircuitBreaker(failures=None, kinds={Kind.TIMEOUT: 10}, rate=rate, clock=clock)
    fail(breaker, timeout_error(), times=9)
    fail(breaker, status_error(500), times=3)
    assert breaker.state is State.CLOSED
    fail(breaker, timeout_error())
    assert breaker.diagnosis().reason == "10 × time-out in a row"

    rate = FailureRate(0.5, seconds=10, calls=2)
    breaker = CircuitBreaker(failures=None, kinds={Kind.TIMEOUT: 10}, rate=rate, clock=clock)
    for _ in range(3):
        breaker.call(int)
    clock.advance(5)
    fail(breaker, status_error(500), times=2)
    clock.advance(6)  # now the window holds the two failures alone
    fail(breaker, timeout_error())
    assert breaker.state is State.CLOSED
    fail(breaker, status_error(500))
    assert breaker.state is State.OPEN


@pytest.mark.parametrize("error", [timeout_error(), status_error(500), connection_error()])
def test_after_an_outer_deadline_nothing_is_proved(clock: FakeClock, error: Exception) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    with Deadline(5, clock=clock):
        clock.advance(5)
        fail(breaker, error, times=5)
        assert breaker.state is State.CLOSED

    def slow() -> None:
        with Deadline(5, clock=clock):
            clock.advance(5)
            raise error

    with Deadline(20, clock=clock), pytest.raises(type(error)):
        breaker.call(slow)
    assert breaker.state is State.OPEN, "the deadline within the call is the service's own"


def test_it_may_open_by_the_rate_alone_but_not_by_nothing(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=None, rate=FailureRate(0.5, calls=20), clock=clock)
    for _ in range(19):
        fail(breaker, status_error(500))
        assert breaker.state is State.CLOSED
    fail(breaker, status_error(500))
    assert breaker.state is State.OPEN
    with pytest.raises(ValueError, match="never open"):
        CircuitBreaker(failures=None)


def test_retry_after_keeps_it_open_longer(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, clock=clock)
    fail(breaker, status_error(503, {"retry-after": "120"}))
    clock.advance(119)
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.call(int)
    assert refusal.value.seconds_left == 1
    clock.advance(1)
    assert breaker.call(int) == 0


def test_retry_after_is_obeyed_up_to_a_limit(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, open_for=10, longest_open=300, clock=clock)
    fail(breaker, status_error(503, {"retry-after": "999999999"}))
    assert breaker.diagnosis().seconds_left == 300
    breaker = CircuitBreaker(failures=1, open_for=900, longest_open=300, clock=clock)
    fail(breaker, status_error(503))
    assert breaker.diagnosis().seconds_left == 900


def test_listeners_hear_everything_in_order_even_from_each_other(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[str, str]] = []

    def broken(_: Transition) -> None:
        raise RuntimeError("a listener's own bug")

    def meddles(change: Transition) -> None:
        if change.after is State.OPEN:
            breaker.reset()

    def notes(change: Transition) -> None:
        heard.append((change.before.value, change.after.value))

    breaker = CircuitBreaker(failures=1, clock=clock, listeners=(broken, meddles, notes))
    fail(breaker, status_error(500))
    assert heard == [("closed", "open"), ("open", "closed")]
    assert "a listener of breaker service failed" in caplog.text
    remove = breaker.add_listener(lambda change: heard.append(("late", change.reason)))
    remove()
    breaker.trip("maintenance")
    assert ("late", "maintenance") not in heard


def test_a_listener_that_was_added_twice_is_taken_off_once(clock: FakeClock) -> None:
    heard: list[Transition] = []
    breaker = CircuitBreaker(clock=clock)
    remove, remove_the_other = (breaker.add_listener(heard.append) for _ in range(2))
    breaker.trip("test")
    remove()
    remove()
    breaker.reset()
    remove_the_other()
    breaker.trip("test")
    assert [change.after for change in heard] == [State.OPEN, State.OPEN, State.CLOSED]


async def test_decorates_functions_and_coroutine_functions(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)

    @breaker
    def add(a: int, b: int) -> int:
        """Adds."""
        return a + b

    @breaker
    async def aadd(a: int, b: int) -> int:
        return a + b

    assert add(1, b=2) == 3
    assert await aadd(1, b=2) == 3
    assert (add.__name__, add.__doc__) == ("add", "Adds.")
    breaker.trip("test")
    with pytest.raises(CircuitOpenError):
        add(1, 2)
    with pytest.raises(CircuitOpenError):
        await aadd(1, 2)
    async with CircuitBreaker().guard():
        pass


async def test_async_failures_count(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=4, clock=clock)

    async def down() -> None:
        raise connection_error()

    wrapped = breaker(down)
    for _ in range(2):
        with pytest.raises(type(connection_error())):
            await breaker.acall(down)
        with pytest.raises(type(connection_error())):
            await wrapped()
    assert breaker.state is State.OPEN


async def test_an_object_that_is_called_as_a_coroutine_function_is_one() -> None:
    breaker = CircuitBreaker(failures=1)

    class Tool:
        async def __call__(self) -> None:
            raise connection_error()

    with pytest.raises(type(connection_error())):
        await breaker(Tool())()
    assert breaker.state is State.OPEN


def test_a_coroutine_function_in_the_sync_call_is_refused() -> None:
    breaker = CircuitBreaker(failures=1)

    async def service() -> None: ...

    with pytest.raises(TypeError, match=r"await acall\(\)"):
        breaker.call(service)
    with pytest.raises(TypeError, match=r"await acall\(\)"):
        breaker(lambda: service())()
    assert breaker.state is State.CLOSED


def test_a_block_may_be_guarded_by_hand(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)

    def stream() -> Iterator[int]:
        with breaker.guard():
            yield 1
            raise connection_error()

    with pytest.raises(type(connection_error())):
        list(stream())
    assert breaker.state is State.OPEN


def test_refusals_can_be_pickled() -> None:
    refusal = pickle.loads(pickle.dumps(CircuitOpenError("chat", "why", 2.5)))
    assert (refusal.breaker, refusal.reason, refusal.seconds_left) == ("chat", "why", 2.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"failures": 0},
        {"successes": 0},
        {"open_for": 0},
        {"longest_open": 0},
        {"probe_timeout": -1},
        {"kinds": {Kind.TIMEOUT: 0}},
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        functools.partial(CircuitBreaker, **wrong)()
    with pytest.raises(ValueError, match="share"):
        FailureRate(50)
