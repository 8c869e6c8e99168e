"""Simulated crowds and breakers, and the pictures drawn from them."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_patterns.resilience import CircuitBreaker, FailureRate, FullJitter, Retry
from agent_patterns.resilience.backoff import Constant, Exponential
from agent_patterns.resilience.diagnosis import State
from agent_patterns.testing import FakeClock
from courseware.lessons.circuit_breakers_and_fallbacks.simulation import breaker_run
from courseware.lessons.errors_and_retries.simulation import recovery
from courseware.widgets.resilience import (
    PROBE,
    RULE,
    breaker_picture,
    breaker_text,
    load_picture,
    load_text,
)


def crowd(refusal_cost: float = 0.1, outage: float = 10) -> dict:
    policies = {
        "no backoff": Retry(backoff=Constant(1)),
        "backoff": Retry(backoff=Exponential(1, cap=16)),
        "full jitter": Retry(backoff=FullJitter(1, cap=16, uniform=random.Random(7).uniform)),
    }
    return {
        name: recovery(policy, outage=outage, refusal_cost=refusal_cost)
        for name, policy in policies.items()
    }


def test_only_jitter_gets_through_where_refusals_cost() -> None:
    runs = crowd()
    assert runs["no backoff"].all_served_after is None
    assert runs["backoff"].all_served_after is None
    assert runs["full jitter"].all_served_after is not None
    assert runs["full jitter"].peak < runs["backoff"].peak / 3


@pytest.mark.parametrize("outage", [2, 10, 30])
def test_ten_percent_is_the_edge_for_those_who_come_back_every_second(outage: int) -> None:
    served_after = []
    for cost in (0, 0.05, 0.08, 0.09):
        run = crowd(refusal_cost=cost, outage=outage)["no backoff"]
        assert run.all_served_after is not None
        served_after.append(run.all_served_after)
    assert served_after == sorted(set(served_after)), "the faster the further below"
    for cost in (0.1, 0.11, 0.3):
        run = crowd(refusal_cost=cost, outage=outage)["no backoff"]
        assert sum(run.served) == 0
        assert set(run.requests) == {1000}


@pytest.mark.parametrize("cost", [0, 0.1, 0.3])
def test_jitter_serves_everybody_in_half_a_minute_whatever_a_refusal_costs(cost: float) -> None:
    runs = crowd(refusal_cost=cost)
    assert 25 <= (runs["full jitter"].all_served_after or 0) <= 35
    waves = [served for served in runs["backoff"].served if served]
    assert max(waves) <= 100, "each wave finds room for a hundred"


def test_hammering_wins_where_refusals_are_free() -> None:
    runs = crowd(refusal_cost=0)
    hammering, jitter = runs["no backoff"], runs["full jitter"]
    assert hammering.all_served_after < jitter.all_served_after
    assert hammering.total > 2 * jitter.total


@settings(max_examples=30, deadline=None)
@given(
    outage=st.integers(0, 20),
    capacity=st.integers(1, 300),
    cost=st.floats(0, 0.5),
    base=st.floats(0.1, 3),
)
def test_nobody_is_served_twice_nor_by_a_service_that_is_down(
    outage: int, capacity: int, cost: float, base: float
) -> None:
    policy = Retry(backoff=FullJitter(base, cap=8, uniform=random.Random(1).uniform))
    run = recovery(
        policy, clients=200, outage=outage, capacity=capacity, refusal_cost=cost, seconds=40
    )
    assert sum(run.served) <= 200
    assert not any(run.served[:outage])
    assert all(served <= capacity for served in run.served)
    assert all(served <= asked for served, asked in zip(run.served, run.requests, strict=True))
    assert (run.all_served_after is None) == (sum(run.served) < 200)


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(0, 1), open_for=st.integers(1, 30))
def test_a_breakers_time_adds_up(rate: float, open_for: int) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(failures=5, open_for=open_for, clock=clock)
    run = breaker_run(breaker, clock, rate, seconds=60)
    assert sum(run.answered) + sum(run.failed) + sum(run.refused) == 600
    assert sum(run.share(state) for state in State) == pytest.approx(1, abs=0.01)
    assert (run.opened == 0) == (run.share(State.OPEN) == 0)
    assert all(change.reason for change in run.openings)
    words = " ".join(ElementTree.fromstring(breaker_picture({"<count>": run})).itertext())
    assert words.count(RULE) - 1 == run.opened - run.reopened
    assert words.count(PROBE) - 1 == run.reopened
    told = {0: "never opened", 1: "opened once"}.get(run.opened, f"opened {run.opened} times")
    assert told in words
    assert told in breaker_text({"<count>": run})


def two_rules(share: float) -> dict[str, int]:
    opened = {}
    for name, options in (
        ("count", {"failures": 5}),
        ("rate", {"failures": None, "rate": FailureRate(0.5, seconds=10, calls=20)}),
    ):
        clock = FakeClock()
        breaker = CircuitBreaker(open_for=10, clock=clock, **options)
        run = breaker_run(breaker, clock, share, spread="evenly")
        opened[name] = run.opened
    return opened


def test_regular_failures_escape_a_count_but_not_a_rate() -> None:
    assert two_rules(0.45) == {"count": 0, "rate": 0}
    for share in (0.5, 0.6, 0.8):
        opened = two_rules(share)
        assert opened["count"] == 0
        assert opened["rate"] > 0
    assert min(two_rules(0.85).values()) > 0


def test_an_outage_in_the_middle() -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(failures=5, open_for=10, clock=clock)
    rates = [0.0] * 20 + [1.0] * 20 + [0.0] * 20
    run = breaker_run(breaker, clock, rates, seconds=60)
    states = [state for _, _, state in run.spans() if state is not State.HALF_OPEN]
    assert states[0] is states[-1] is State.CLOSED
    assert sum(run.failed) == 5 + run.opened - 1  # five to open it, then one per failed probe


def test_the_load_picture_is_safe_svg_and_says_it_in_words() -> None:
    runs = crowd()
    runs["<script>"] = runs["backoff"]
    svg = load_picture(runs)
    assert "<script>" not in svg
    drawing = ElementTree.fromstring(svg)
    y = {text.text: float(text.get("y", 0)) for text in drawing.findall(".//{*}text")}
    assert y["down"] < y["1,588"] - 8, "above the tallest bar, whose number stands beside its top"
    words = " ".join(drawing.itertext())
    assert "not all served in 120 s" in words
    assert "never" in load_text(runs)
