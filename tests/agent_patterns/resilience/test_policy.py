from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import (
    CircuitBreaker,
    FallbackChain,
    Kind,
    Link,
    NoAnswerError,
    Policy,
    Retry,
    remaining,
)
from agent_patterns.resilience.backoff import Constant
from agent_patterns.resilience.classification import classifier
from agent_patterns.resilience.deadline import Deadline
from agent_patterns.resilience.diagnosis import State
from agent_patterns.resilience.errors import (
    AllLinksFailedError,
    CircuitOpenError,
    DeadlineExceededError,
)
from agent_patterns.resilience.fallback import Answer
from agent_patterns.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def raises(error: BaseException) -> Any:
    def call(*_: Any) -> Any:
        raise error

    return call


def araises(error: BaseException) -> Any:
    async def call(*_: Any) -> Any:
        raise error

    return call


def fast_retry(clock: FakeClock, attempts: int = 3, **options: Any) -> Retry:
    return Retry(
        attempts,
        backoff=Constant(1),
        clock=clock,
        sleep=clock.sleep,
        async_sleep=clock.async_sleep,
        **options,
    )


# --- the order ----------------------------------------------------------------------------------


async def test_the_breaker_counts_one_failure_for_all_the_retries(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=2, clock=clock)
    policy = Policy(retry=fast_retry(clock), breaker=breaker)
    calls = 0

    def service() -> None:
        nonlocal calls
        calls += 1
        raise status_error(500)

    async def aservice() -> None:
        service()

    with pytest.raises(openai.InternalServerError):
        policy.call(service)
    assert (calls, breaker.state) == (3, State.CLOSED)
    with pytest.raises(openai.InternalServerError):
        await policy.acall(aservice)
    assert (calls, breaker.state) == (6, State.OPEN)
    slept = len(clock.slept)
    for _ in range(5):
        with pytest.raises(CircuitOpenError):
            policy.call(service)
        with pytest.raises(CircuitOpenError):
            await policy.acall(aservice)
    assert calls == 6, "an open breaker must not be retried"
    assert len(clock.slept) == slept


async def test_an_open_breaker_leads_to_the_fallback_at_once(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)
    policy = Policy(
        "main", retry=fast_retry(clock), breaker=breaker, fallbacks=[Link("cache", str.upper)]
    )
    answer = policy.answer(raises(timeout_error()), "hello")
    assert (answer.value, answer.link, answer.degraded) == ("HELLO", "cache", True)
    assert [failure.verdict.kind for failure in answer.failures] == [Kind.TIMEOUT]
    answer = await policy.aanswer(araises(timeout_error()), "hello")
    assert [failure.verdict.kind for failure in answer.failures] == [Kind.CIRCUIT_OPEN]
    assert answer.notice.startswith("This answer comes from a substitute")
    assert policy.call(raises(timeout_error()), "again") == "AGAIN"
    assert await policy.acall(araises(timeout_error()), "again") == "AGAIN"


def test_the_user_is_told_which_kind_of_answer_it_is() -> None:
    def refused(_: str) -> str:
        raise timeout_error()

    def none(_: str) -> str:
        raise NoAnswerError("nothing kept")

    first = Link("main", str.upper)
    down = Link("main", refused)
    kept = Link("kept", str.lower, notice="This answer is from yesterday.")
    sorry = Link("sorry", lambda _: "Please write to us.", declines=True)
    assert FallbackChain(first, kept).call("Hello").notice == ""
    assert FallbackChain(down, kept).call("Hello").notice == "This answer is from yesterday."
    told = FallbackChain(down, Link("kept", none), sorry).call("Hello").notice
    assert told.startswith("The assistant cannot be reached right now")
    wrong_key = Link("small", raises(status_error(401)))
    assert FallbackChain(down, wrong_key, sorry).call("Hello").notice == told, "the first failure"


def test_who_had_nothing_to_say_has_not_failed() -> None:
    empty = Link("cache", raises(NoAnswerError("a miss")))
    answer = FallbackChain(empty, Link("model", str.upper)).call("Hello")
    assert (answer.value, answer.degraded, answer.notice) == ("HELLO", False, "")
    kept = Link("kept", str.lower, notice="This answer is from yesterday.")
    assert FallbackChain(empty, kept).call("Hello").notice == "This answer is from yesterday."
    sorry = Link("sorry", lambda _: "Please write to us.", declines=True)
    assert FallbackChain(empty, sorry).call("Hello").notice.startswith("We have no answer")


async def test_a_service_that_hangs_until_the_deadline_opens_the_breaker() -> None:
    breaker = CircuitBreaker(failures=1)
    policy = Policy(breaker=breaker, deadline=0.01, fallbacks=[Link("cache", lambda: "kept")])

    async def hangs() -> str:
        await asyncio.Event().wait()
        return "never"

    answer = await policy.aanswer(hangs)
    assert answer.value == "kept"
    assert "DeadlineExceededError" in str(answer.failures[0])
    assert breaker.state is State.OPEN


async def test_an_outer_deadline_does_not_blame_the_service() -> None:
    breaker = CircuitBreaker(failures=1)
    policy = Policy(breaker=breaker, deadline=60)

    async def hangs() -> str:
        await asyncio.Event().wait()
        return "never"

    async def ask() -> str:
        return await policy.acall(hangs)

    chain = FallbackChain(
        Link("main", ask), Link("other", ask), Link("refusal", lambda: "sorry", True), deadline=0.02
    )
    answer = await chain.acall()
    assert (answer.value, answer.link) == ("sorry", "refusal")
    assert [failure.link for failure in answer.failures] == ["main", "other"]
    assert breaker.state is State.CLOSED


def out_of_time(clock: FakeClock) -> Any:
    """A service whose client is told to give up after the time that is left, and does."""

    def service() -> str:
        clock.advance(remaining(30) or 0)
        raise timeout_error()

    return service


@pytest.mark.parametrize("deadline", [60, None])
def test_an_outer_deadline_does_not_blame_the_service_in_sync_code_either(
    clock: FakeClock, deadline: float | None
) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)
    policy = Policy(retry=fast_retry(clock), breaker=breaker, deadline=deadline, clock=clock)
    ask = policy(out_of_time(clock))
    with Deadline(5, clock=clock), pytest.raises(openai.APITimeoutError):
        ask()
    assert breaker.state is State.CLOSED
    refusal = Link("refusal", lambda: "sorry", instant=True)
    chain = FallbackChain(Link("main", ask), Link("other", ask), refusal, deadline=5, clock=clock)
    answer = chain.call()
    assert (answer.value, answer.link) == ("sorry", "refusal")
    assert [failure.link for failure in answer.failures] == ["main", "other"]
    assert breaker.state is State.CLOSED


def test_its_own_deadline_blames_the_service_in_sync_code_too(clock: FakeClock) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)
    policy = Policy(breaker=breaker, deadline=5, clock=clock)
    with Deadline(20, clock=clock), pytest.raises(openai.APITimeoutError):
        policy.call(out_of_time(clock))
    assert breaker.state is State.OPEN


async def test_nothing_begins_after_an_outer_deadline_but_what_is_instant(
    clock: FakeClock,
) -> None:
    breaker = CircuitBreaker(failures=1, clock=clock)
    asked = []

    async def service() -> None:
        asked.append("async")

    cache = Link("cache", Policy(deadline=1, clock=clock)(lambda: "kept"), instant=True)
    for deadline in (60, None):
        policy = Policy(breaker=breaker, deadline=deadline, clock=clock)
        with Deadline(5, clock=clock):
            clock.advance(5)
            with pytest.raises(DeadlineExceededError) as error:
                policy.call(asked.append, "sync")
            assert error.value.inherited
            with pytest.raises(DeadlineExceededError):
                await policy.acall(service)
            late = Link("late", lambda: asked.append("link"))
            assert FallbackChain(late, cache).call().value == "kept"
            assert (await FallbackChain(late, cache).acall()).value == "kept"
    assert asked == []
    assert breaker.state is State.CLOSED


def test_the_deadline_covers_all_retries(clock: FakeClock) -> None:
    policy = Policy(retry=fast_retry(clock, 99), deadline=4.5, clock=clock)
    with pytest.raises(openai.APITimeoutError) as error:
        policy.call(raises(timeout_error()))
    assert clock.slept == [1, 1, 1, 1]
    assert "would start after the deadline of 4.5 s" in error.value.__notes__[0]


async def test_any_part_may_be_missing(clock: FakeClock) -> None:
    async def service(x: int) -> int:
        return x + 1

    for retry in (None, fast_retry(clock)):
        for breaker in (None, CircuitBreaker()):
            for deadline in (None, 5.0):
                for fallbacks in ([], [Link("other", lambda x: -1)]):
                    policy = Policy(
                        retry=retry, breaker=breaker, deadline=deadline, fallbacks=fallbacks
                    )
                    assert policy.call(lambda x: x + 1, 1) == 2
                    assert await policy.acall(service, 1) == 2
                    assert policy.answer(lambda x: x + 1, 1) == Answer(2, "primary")
                    assert await policy.aanswer(service, 1) == Answer(2, "primary")


async def test_decorates(clock: FakeClock) -> None:
    policy = Policy(retry=fast_retry(clock))
    errors: list[Exception] = [timeout_error(), connection_error()]

    @policy
    def ask(x: int) -> int:
        """Asks."""
        if errors:
            raise errors.pop()
        return x

    @policy
    async def aask(x: int) -> int:
        return x

    assert (ask(3), ask.__doc__, await aask(4)) == (3, "Asks.", 4)
    with pytest.raises(ValueError, match="set one of the two"):
        Policy(retry=Retry(deadline=3), deadline=3)


def test_what_would_only_pretend_to_be_guarded_is_refused() -> None:
    async def service() -> None: ...

    parts: list[dict[str, Any]] = [
        {},
        {"deadline": 5},
        {"retry": Retry(3)},
        {"breaker": CircuitBreaker()},
        {"fallbacks": [Link("other", lambda: None)]},
    ]
    for part in parts:
        with pytest.raises(TypeError, match=r"await acall\(\)"):
            Policy(**part).call(service)
    for instant in (False, True):
        with pytest.raises(TypeError, match=r"await acall\(\)"):
            FallbackChain(Link("model", service, instant), Link("cache", lambda: None)).call()


async def test_an_object_that_is_called_as_a_coroutine_function_is_one(clock: FakeClock) -> None:
    errors = [connection_error()]

    class Tool:
        async def __call__(self) -> str:
            if errors:
                raise errors.pop()
            return "answer"

    assert await Policy(retry=fast_retry(clock))(Tool())() == "answer"


async def test_a_classification_of_ones_own_decides_about_fallbacks() -> None:
    class ShopDown(ValueError): ...

    policy = Policy(
        fallbacks=[Link("cache", lambda: "kept")], classify=classifier({ShopDown: Kind.SERVER})
    )
    assert policy.call(raises(ShopDown())) == "kept"
    assert await policy.acall(araises(ShopDown())) == "kept"


@pytest.mark.parametrize("seconds", [0, -1])
def test_deadlines_lie_in_the_future(seconds: float) -> None:
    with pytest.raises(ValueError, match="positive or None"):
        Policy(deadline=seconds)
    with pytest.raises(ValueError, match="positive or None"):
        FallbackChain(Link("model", str), deadline=seconds)


# --- the chain ----------------------------------------------------------------------------------


def test_the_first_that_can_answers() -> None:
    chain = FallbackChain(
        Link("model", raises(status_error(503))),
        Link("small model", raises(timeout_error())),
        Link("cache", raises(NoAnswerError("nothing kept"))),
        Link("refusal", lambda question: f"I cannot answer {question!r} now.", instant=True),
        Link("never asked", raises(AssertionError())),
    )
    answer = chain.call("why?")
    assert (answer.link, answer.value) == ("refusal", "I cannot answer 'why?' now.")
    assert [(one.link, one.verdict.kind) for one in answer.failures] == [
        ("model", Kind.SERVER),
        ("small model", Kind.TIMEOUT),
    ]


@pytest.mark.parametrize("error", [status_error(400), ValueError("bug"), TypeError("bug")])
async def test_a_broken_request_is_not_passed_on(error: Exception) -> None:
    chain = FallbackChain(Link("model", raises(error)), Link("cache", lambda: "hides the bug"))
    with pytest.raises(type(error)):
        chain.call()
    with pytest.raises(type(error)):
        await chain.acall()


def test_a_wrong_key_is_served_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    chain = FallbackChain(Link("model", raises(status_error(401))), Link("cache", lambda: "kept"))
    assert chain.call().value == "kept"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "model needs repair: the key or its rights are wrong" in caplog.text


async def test_all_failed() -> None:
    chain = FallbackChain(
        Link("model", raises(timeout_error())), Link("cache", raises(NoAnswerError()))
    )
    with pytest.raises(AllLinksFailedError, match=r"model: time-out .* honest refusal") as error:
        chain.call()
    assert len(error.value.failures) == 1
    with pytest.raises(AllLinksFailedError):
        await chain.acall()


def test_after_the_deadline_only_instant_links(clock: FakeClock) -> None:
    def slow(*_: object) -> None:
        clock.advance(30)
        raise timeout_error()

    chain = FallbackChain(
        Link("model", slow),
        Link("small model", lambda: "too late"),
        Link("refusal", lambda: "sorry", instant=True),
        deadline=20,
        clock=clock,
    )
    answer = chain.call()
    assert answer.link == "refusal"
    assert "DeadlineExceededError" in answer.failures[1].verdict.error


async def test_a_plain_link_runs_in_a_thread_and_is_left_behind_at_the_deadline() -> None:
    done = threading.Event()

    def hangs(_: str) -> str:
        done.wait(10)
        return "late"

    places = []

    def instant(_: str) -> str:
        places.append(threading.current_thread())
        return "sorry"

    chain = FallbackChain(
        Link("model", hangs), Link("refusal", instant, instant=True), deadline=0.02
    )
    answer = await chain.acall("why?")
    done.set()
    assert (answer.value, answer.link) == ("sorry", "refusal")
    assert places == [threading.main_thread()]
    assert "the deadline of 0.02 s has passed" in answer.failures[0].verdict.error


async def test_a_plain_link_may_take_as_long_as_it_likes_without_a_deadline() -> None:
    beat = asyncio.Event()
    loop = asyncio.get_running_loop()

    def waits_for_the_loop() -> str:
        asyncio.run_coroutine_threadsafe(beat.wait(), loop).result()
        return "answer"

    loop.call_soon(beat.set)
    assert (await FallbackChain(Link("model", waits_for_the_loop)).acall()).value == "answer"


async def test_the_deadline_in_the_error_is_the_whole_budget(clock: FakeClock) -> None:
    async def nearly_all_of_it() -> None:
        clock.advance(19.99)
        raise timeout_error()

    async def hangs() -> None:
        await asyncio.Event().wait()

    links = Link("model", nearly_all_of_it), Link("small model", hangs)
    with pytest.raises(AllLinksFailedError, match=r"small model: .* deadline of 20 s has passed"):
        await FallbackChain(*links, deadline=20, clock=clock).acall()


async def test_a_link_may_even_raise_stop_iteration() -> None:
    chain = FallbackChain(Link("model", raises(StopIteration())), Link("cache", lambda: "kept"))
    assert (await chain.acall()).value == chain.call().value == "kept"


def test_links_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="different names"):
        FallbackChain(Link("model", str), Link("model", str))
    with pytest.raises(ValueError, match="different names"):
        Policy("model", fallbacks=[Link("model", str)])
    with pytest.raises(ValueError, match="at least one"):
        FallbackChain()


OUTCOMES = {
    "answers": None,
    "times out": timeout_error(),
    "is away": status_error(503),
    "refuses the key": status_error(401),
    "has nothing": NoAnswerError(),
    "refuses the request": status_error(400),
}


@given(st.lists(st.sampled_from(sorted(OUTCOMES)), min_size=1, max_size=5))
async def test_any_chain(outcomes: list[str]) -> None:
    """The first decisive link decides, and everything before it is accounted for."""
    asked: list[int] = []

    def link(place: int, outcome: str) -> Link[int]:
        def call() -> int:
            asked.append(place)
            error = OUTCOMES[outcome]
            if error is not None:
                raise error
            return place

        return Link(f"link {place}", call)

    chain = FallbackChain(*(link(place, outcome) for place, outcome in enumerate(outcomes)))
    decisive = ["answers", "refuses the request"]
    end = next((n for n, one in enumerate(outcomes) if one in decisive), None)
    for run in ("sync", "async"):
        asked.clear()
        try:
            answer = chain.call() if run == "sync" else await chain.acall()
        except openai.BadRequestError:
            assert end is not None
            assert outcomes[end] == "refuses the request"
        except AllLinksFailedError:
            assert end is None
        else:
            assert end is not None
            assert (answer.value, answer.link) == (end, f"link {end}")
            spoke = [f"link {n}" for n in range(end) if outcomes[n] != "has nothing"]
            assert [failure.link for failure in answer.failures] == spoke
        assert asked == list(range(len(outcomes) if end is None else end + 1))


def test_deadline_error_reads_well() -> None:
    assert "an outer operation's deadline of 3 s" in str(DeadlineExceededError(3, inherited=True))
