"""Decisions survive what does not matter: order, names, numbers, neighbours."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mind.cases import wrong
from tests.mind.metamorphic import CHANGES, broken, reorder, right

from practice_model.mind import respond

LEAST = {
    "reorder": 0.97,
    "add a tool": 0.95,
    "add a sentence": 0.9,
    "rename tools": 0.85,
    "rename parameters": 0.8,
    "other values": 0.95,
}


def test_there_are_cases_to_change() -> None:
    assert len(right()) > 150


@pytest.mark.parametrize("name", list(CHANGES))
def test_most_decisions_survive(name: str) -> None:
    missed = broken(CHANGES[name], 7)
    assert 1 - len(missed) / len(right()) >= LEAST[name], "\n".join(missed)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 149))
def test_the_order_of_tools_hardly_ever_matters(seed: int, index: int) -> None:
    case = right()[index]
    outcomes = []
    for shift in range(3):
        new = reorder(case, random.Random(seed + shift))
        outcomes.append(not wrong(new, respond(new.messages, tools=new.tools)))
    assert sum(outcomes) >= 2
