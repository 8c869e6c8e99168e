"""Any composition of conditions and waits does what its parts say together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tenacity
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agent_patterns.resilience.support import connection_error, status_error, timeout_error

from agent_patterns.resilience import Kind, Retry, classify
from agent_patterns.resilience.backoff import Constant, Exponential
from agent_patterns.resilience.retry import if_kind, if_retryable
from agent_patterns.testing import FakeClock

ERRORS: list[Callable[[], Exception]] = [
    timeout_error,
    connection_error,
    RuntimeError,
    ValueError,
    lambda: status_error(401),
    lambda: status_error(409),
    lambda: status_error(429, {"retry-after": "3"}),
    lambda: ExceptionGroup("both", [timeout_error(), RuntimeError()]),
]

Condition = tuple[tenacity.retry_base, Callable[[Exception], bool]]
"""A condition, and what it means for an error."""


def of_kind(kind: Kind) -> Condition:
    return if_kind(kind), lambda error: classify(error).kind is kind


def of_class(cls: type[Exception]) -> Condition:
    return tenacity.retry_if_exception_type(cls), lambda error: isinstance(error, cls)


atoms: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from([Kind.TIMEOUT, Kind.CONFLICT, Kind.UNKNOWN, Kind.CALLER]).map(of_kind),
    st.sampled_from([ValueError, RuntimeError]).map(of_class),
    st.just((if_retryable(), lambda error: classify(error).retryable)),
)


def both(pair: tuple[Condition, Condition]) -> Condition:
    (one, means), (other, means_too) = pair
    return one & other, lambda error: means(error) and means_too(error)


def either(pair: tuple[Condition, Condition]) -> Condition:
    (one, means), (other, means_too) = pair
    return one | other, lambda error: means(error) or means_too(error)


conditions = st.recursive(
    atoms,
    lambda inner: st.tuples(inner, inner).map(both) | st.tuples(inner, inner).map(either),
    max_leaves=8,
)


@given(condition=conditions, make=st.sampled_from(ERRORS), attempts=st.integers(1, 5))
@settings(deadline=None)
async def test_any_condition(
    condition: Condition, make: Callable[[], Exception], attempts: int
) -> None:
    on, means = condition
    clock = FakeClock()
    retry = Retry(
        attempts,
        on=on,
        backoff=Constant(1),
        clock=clock,
        sleep=clock.sleep,
        async_sleep=clock.async_sleep,
    )
    calls = 0

    def service() -> None:
        nonlocal calls
        calls += 1
        raise make()

    async def aservice() -> None:
        service()

    expected = attempts if means(make()) else 1
    for run in ("sync", "async"):
        calls = 0
        raised: Exception | None = None
        try:
            retry.call(service) if run == "sync" else await retry.acall(aservice)
        except Exception as error:
            raised = error
        assert type(raised) is type(make())
        assert calls == expected
    assert len(clock.slept) == 2 * (expected - 1)


Wait = tuple[Any, Callable[[int], float]]
"""A wait, and its seconds after an attempt."""

seconds = st.integers(0, 20).map(float)
waits: st.SearchStrategy[Wait] = st.one_of(
    seconds.map(lambda s: (Constant(s), lambda attempt: s)),
    seconds.map(
        lambda s: (Exponential(s, cap=50), lambda attempt: min(50.0, s * 2 ** (attempt - 1)))
    ),
    seconds.map(lambda s: (tenacity.wait_fixed(s), lambda attempt: s)),
)


def added(pair: tuple[Wait, Wait]) -> Wait:
    (one, means), (other, means_too) = pair
    return one + other, lambda attempt: means(attempt) + means_too(attempt)


@given(
    wait=st.recursive(waits, lambda inner: st.tuples(inner, inner).map(added), max_leaves=5),
    attempts=st.integers(2, 6),
    asked=st.sampled_from([None, "2", "7"]),
)
@settings(deadline=None)
def test_any_sum_of_waits(wait: Wait, attempts: int, asked: str | None) -> None:
    backoff, means = wait
    clock = FakeClock()

    def service() -> None:
        raise status_error(503, {"retry-after": asked} if asked else {})

    with pytest.raises(type(status_error(503))):
        Retry(attempts, backoff=backoff, clock=clock, sleep=clock.sleep).call(service)
    assert clock.slept == [means(attempt) + float(asked or 0) for attempt in range(1, attempts)]
