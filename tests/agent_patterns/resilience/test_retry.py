from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, TypedDict

import openai
import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy, interrupt
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import FullJitter, Kind, Retry, Rule, remaining
from agent_patterns.resilience.backoff import Constant, DecorrelatedJitter, Exponential
from agent_patterns.resilience.classification import is_retryable
from agent_patterns.resilience.deadline import Deadline
from agent_patterns.resilience.errors import DeadlineExceededError
from agent_patterns.resilience.retry import Retried
from agent_patterns.testing import FakeClock


class Service:
    """Raises the errors it is given, one a call, and then answers."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return f"answer {self.calls}"

    async def acall(self) -> str:
        return self()


def retry(clock: FakeClock, attempts: int = 3, **options: Any) -> Retry:
    options.setdefault("backoff", Exponential(1, cap=60))
    return Retry(attempts, clock=clock, sleep=clock.sleep, async_sleep=clock.async_sleep, **options)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def both(policy: Retry, make: Callable[[], Service], clock: FakeClock) -> list[Any]:
    """Runs it sync and async; both must end alike, with the same waits."""
    ends: list[Any] = []
    for is_async in (False, True):
        service = make()
        clock.slept.clear()
        try:
            result = await policy.acall(service.acall) if is_async else policy.call(service)
        except Exception as error:
            ends.append(
                (type(error), getattr(error, "__notes__", []), service.calls, clock.slept[:])
            )
        else:
            ends.append((result, [], service.calls, clock.slept[:]))
    assert ends[0] == ends[1]
    return list(ends[0])


async def test_repeats_what_may_succeed_later(clock: FakeClock) -> None:
    end = await both(retry(clock), lambda: Service(timeout_error(), status_error(500)), clock)
    assert end == ["answer 3", [], 3, [1, 2]]


async def test_gives_up_with_the_last_error_and_says_so(clock: FakeClock) -> None:
    end = await both(retry(clock), lambda: Service(*[status_error(500) for _ in range(9)]), clock)
    assert end == [openai.InternalServerError, ["Gave up after 3 attempts."], 3, [1, 2]]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_never_repeats_what_cannot_succeed(clock: FakeClock, status: int) -> None:
    end = await both(retry(clock), lambda: Service(status_error(status)), clock)
    assert end[2:] == [1, []]


async def test_stops_when_the_error_changes_to_one_that_stays(clock: FakeClock) -> None:
    end = await both(retry(clock, 5), lambda: Service(timeout_error(), status_error(401)), clock)
    assert end[2] == 2
    assert end[1] == ["Not retried after attempt 2: the key or its rights are wrong."]


async def test_kinds_have_their_own_rules(clock: FakeClock) -> None:
    policy = retry(
        clock,
        2,
        kinds={Kind.RATE_LIMIT: Rule(5, Constant(7)), Kind.CONNECTION: Rule(1)},
    )
    end = await both(policy, lambda: Service(*[status_error(429) for _ in range(4)]), clock)
    assert end == ["answer 5", [], 5, [7, 7, 7, 7]]
    end = await both(policy, lambda: Service(connection_error()), clock)
    assert end == [openai.APIConnectionError, [], 1, []]
    end = await both(policy, lambda: Service(timeout_error(), timeout_error()), clock)
    assert end[2:] == [2, [1]]


async def test_a_rule_has_a_kind_retried_that_would_not_be(clock: FakeClock) -> None:
    policy = retry(clock, kinds={Kind.UNKNOWN: Rule(5, Constant(7))})
    end = await both(policy, lambda: Service(*[RuntimeError() for _ in range(4)]), clock)
    assert end == ["answer 5", [], 5, [7, 7, 7, 7]]
    end = await both(policy, lambda: Service(*[RuntimeError() for _ in range(5)]), clock)
    assert end[1:3] == [["Gave up after 5 attempts."], 5]
    end = await both(policy, lambda: Service(status_error(401)), clock)
    assert end[2] == 1
    repeats = policy.langgraph().retry_on
    assert callable(repeats)
    assert (repeats(RuntimeError()), repeats(status_error(401))) == (True, False)


async def test_waits_at_least_as_long_as_the_service_asks(clock: FakeClock) -> None:
    asked = {"retry-after": "12"}
    end = await both(retry(clock), lambda: Service(status_error(429, asked)), clock)
    assert end == ["answer 2", [], 2, [13]]  # 12 s asked for, and 1 s of backoff on top


async def test_does_not_wait_longer_than_it_is_willing_to(clock: FakeClock) -> None:
    asked = {"retry-after": "300"}
    end = await both(retry(clock), lambda: Service(status_error(429, asked)), clock)
    assert end[2:] == [1, []]
    assert "the service asks for 300 s, the longest wait is 60 s" in end[1][0]


async def test_does_not_begin_a_wait_that_ends_after_the_deadline(clock: FakeClock) -> None:
    policy = retry(clock, 10, deadline=6)
    end = await both(policy, lambda: Service(*[status_error(500) for _ in range(9)]), clock)
    assert end[2:] == [3, [1, 2]]  # a third wait of 4 s would end at 7 s
    assert end[1] == [
        "Gave up after attempt 3: the next one would start after the deadline of 6 s."
    ]


def test_an_outer_deadline_counts_too(clock: FakeClock) -> None:
    service = Service(*[status_error(500) for _ in range(9)])
    with Deadline(2, clock=clock), pytest.raises(openai.InternalServerError):
        retry(clock, deadline=100).call(service)
    assert clock.slept == [1]


async def test_nothing_begins_after_an_outer_deadline(clock: FakeClock) -> None:
    for policy in (retry(clock), retry(clock, deadline=100)):
        with Deadline(2, clock=clock):
            clock.advance(2)
            kind, _, calls, _ = await both(policy, Service, clock)
            assert (kind, calls) == (DeadlineExceededError, 0)
            with pytest.raises(DeadlineExceededError) as error:
                policy.call(Service())
            assert error.value.inherited


def test_remaining_time_is_there_for_the_clients_timeout(clock: FakeClock) -> None:
    assert remaining() is None
    assert remaining(10) == 10
    seen = []
    with Deadline(20, clock=clock):
        clock.advance(5)
        seen.append(remaining())
        with Deadline(100, clock=clock) as inner:
            seen.append(remaining())
            assert inner.inherited
        with Deadline(1, clock=clock) as inner:
            seen.append(remaining())
            clock.advance(2)
            seen.append(remaining())
            with pytest.raises(DeadlineExceededError, match="the deadline of 1 s has passed"):
                inner.check()
    assert seen == [15, 15, 1, 0]


async def test_a_hanging_attempt_is_cancelled_at_the_deadline() -> None:
    cancelled = asyncio.Event()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(DeadlineExceededError) as error:
        await Retry(deadline=0.01).acall(hangs)
    assert cancelled.is_set()
    assert not error.value.inherited


async def test_a_time_out_of_the_services_own_is_not_the_deadlines(clock: FakeClock) -> None:
    end = await both(retry(clock, 1, deadline=60), lambda: Service(TimeoutError()), clock)
    assert end[0] is TimeoutError


async def test_the_event_loop_goes_on_while_it_waits() -> None:
    ticks = 0
    stop = asyncio.Event()

    async def other_work() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            await asyncio.sleep(0)

    async def waits(seconds: float) -> None:
        before = ticks
        for _ in range(10):
            await asyncio.sleep(0)
        assert ticks > before

    worker = asyncio.create_task(other_work())
    service = Service(timeout_error())
    assert await Retry(async_sleep=waits).acall(service.acall) == "answer 2"
    stop.set()
    await worker


async def test_cancellation_and_interrupts_pass_through(clock: FakeClock) -> None:
    for error in (KeyboardInterrupt(), asyncio.CancelledError()):
        service = Service(error)
        with pytest.raises(type(error)):
            retry(clock).call(service)
        service = Service(timeout_error(), error)
        with pytest.raises(type(error)):
            await retry(clock).acall(service.acall)
    assert clock.slept == [1, 1]


def test_tells_of_every_retry(clock: FakeClock) -> None:
    told: list[Retried] = []
    retry(clock, on_retry=told.append).call(Service(timeout_error(), status_error(429)))
    assert [(one.attempt, one.wait, one.verdict.kind) for one in told] == [
        (1, 1, Kind.TIMEOUT),
        (2, 2, Kind.RATE_LIMIT),
    ]


async def test_decorates(clock: FakeClock) -> None:
    service = Service(timeout_error(), timeout_error())

    @retry(clock)
    def ask() -> str:
        """Asks."""
        return service()

    assert (ask(), ask.__doc__) == ("answer 3", "Asks.")

    @retry(clock)
    async def aask() -> str:
        return await Service(timeout_error()).acall() if not clock.slept[2:] else "fine"

    assert await aask() == "fine"


async def test_a_coroutine_function_is_never_called_in_vain(clock: FakeClock) -> None:
    class Tool:
        async def __call__(self) -> str:
            return await service.acall()

    service = Service(connection_error())
    assert await retry(clock)(Tool())() == "answer 2"
    for policy in (retry(clock), retry(clock, deadline=5)):
        with pytest.raises(TypeError, match=r"await acall\(\)"):
            policy.call(service.acall)
        with pytest.raises(TypeError, match=r"await acall\(\)"):
            policy(lambda: service.acall())()


def test_wrong_settings() -> None:
    with pytest.raises(ValueError, match=r"not 0"):
        Rule(0)
    with pytest.raises(ValueError, match="control flow"):
        Retry(kinds={Kind.CONTROL_FLOW: Rule(2)})
    for wrong in ({"attempts": 0}, {"deadline": 0}):
        with pytest.raises(ValueError, match=r"not 0"):
            Retry(**wrong)
    with pytest.raises(ValueError, match="negative"):
        FullJitter(-1)
    with pytest.raises(ValueError, match="shrink"):
        Exponential(1, factor=0.5)
    with pytest.raises(ValueError, match="below base"):
        DecorrelatedJitter(5, cap=1)
    with pytest.raises(ValueError, match="future"):
        Deadline(0)


# --- waits --------------------------------------------------------------------------------------

seconds = st.floats(0, 100)


@given(base=seconds, cap=seconds, attempt=st.integers(1, 5000))
def test_exponential_grows_up_to_its_cap(base: float, cap: float, attempt: int) -> None:
    wait = Exponential(base, cap=cap)
    assert wait.delay(attempt, 0) <= wait.delay(attempt + 1, 0) <= cap
    assert wait.delay(1, 0) == min(base, cap)


@given(base=seconds, cap=seconds, attempt=st.integers(1, 5000), share=st.floats(0, 1))
def test_full_jitter_stays_below_the_ceiling(
    base: float, cap: float, attempt: int, share: float
) -> None:
    wait = FullJitter(base, cap=cap, uniform=lambda low, high: low + share * (high - low))
    assert 0 <= wait.delay(attempt, 0) <= Exponential(base, cap=cap).delay(attempt, 0)


def test_full_jitter_uses_the_whole_interval() -> None:
    wait = FullJitter(8, cap=8, uniform=random.Random(7).uniform)
    quarters = Counter(int(wait.delay(1, 0) // 2) for _ in range(4000))
    assert set(quarters) == {0, 1, 2, 3}
    assert min(quarters.values()) > 850


@given(base=st.floats(0, 10), more=seconds, previous=seconds, share=st.floats(0, 1))
def test_decorrelated_jitter_between_base_and_thrice_the_last(
    base: float, more: float, previous: float, share: float
) -> None:
    wait = DecorrelatedJitter(
        base, cap=base + more, uniform=lambda low, high: low + share * (high - low)
    )
    delay = wait.delay(3, previous)
    assert min(base, wait.cap) <= delay <= wait.cap
    assert delay <= max(base, previous * 3) + 1e-9


def test_decorrelated_jitter_remembers_the_wait_before(clock: FakeClock) -> None:
    policy = retry(clock, 5, backoff=DecorrelatedJitter(1, cap=20, uniform=lambda _, high: high))
    with pytest.raises(openai.APITimeoutError):
        policy.call(Service(*[timeout_error() for _ in range(9)]))
    assert clock.slept == [1, 3, 9, 20]


def test_waits_are_tenacitys_too(clock: FakeClock) -> None:
    retrying = tenacity.Retrying(
        wait=Exponential(1, cap=60) + tenacity.wait_fixed(10),
        stop=tenacity.stop_after_attempt(3),
        retry=tenacity.retry_if_exception(is_retryable),
        sleep=clock.sleep,
    )
    assert retrying(Service(timeout_error(), timeout_error())) == "answer 3"
    assert clock.slept == [11, 12]


# --- LangGraph ----------------------------------------------------------------------------------


class Counting(TypedDict):
    answer: str


def graph_of(node: Callable[[Counting], Any], policy: RetryPolicy | None = None) -> Any:
    builder = StateGraph(Counting)
    builder.add_node("ask", node, retry_policy=policy)
    builder.add_edge(START, "ask")
    builder.add_edge("ask", END)
    return builder.compile()


def test_as_a_langgraph_policy() -> None:
    policy = Retry(4, backoff=FullJitter(0, cap=0)).langgraph()._replace(jitter=False)
    assert isinstance(policy, RetryPolicy)
    service = Service(timeout_error(), status_error(500), connection_error())
    graph = graph_of(lambda state: {"answer": service()}, policy)
    assert graph.invoke({"answer": ""}) == {"answer": "answer 4"}
    wrong_key = Service(status_error(401))
    with pytest.raises(openai.AuthenticationError):
        graph_of(lambda state: {"answer": wrong_key()}, policy).invoke({"answer": ""})
    assert wrong_key.calls == 1


def test_what_a_langgraph_policy_keeps() -> None:
    kept = Retry(5, backoff=FullJitter(0.5, cap=9, factor=3)).langgraph()
    assert kept[:5] == (0.5, 3, 9, 5, True)
    assert Retry(2, backoff=Exponential(1, cap=4)).langgraph()[:5] == (1, 2, 4, 2, False)
    assert Retry(2, backoff=Constant(3)).langgraph()[:5] == (3, 1, 3, 2, False)
    assert not Retry(2, backoff=Constant(0)).langgraph().jitter, "it retries at once"
    assert Retry(2, backoff=DecorrelatedJitter(1, cap=8)).langgraph()[:5] == (1, 1, 8, 2, True)


def test_an_interrupt_is_no_failure(clock: FakeClock) -> None:
    runs = 0

    @retry(clock)
    def node(state: Counting) -> Counting:
        nonlocal runs
        runs += 1
        return {"answer": interrupt("may I?")}

    result = graph_of(node).invoke({"answer": ""})
    assert result["__interrupt__"]
    assert runs == 1
