"""Decisions survive what does not matter: order, names, numbers, neighbours."""

import pytest
from tests.mind.metamorphic import CHANGES, broken, right

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


@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("name", list(CHANGES))
def test_most_decisions_survive(name: str, seed: int) -> None:
    missed = broken(CHANGES[name], seed)
    assert 1 - len(missed) / len(right()) >= LEAST[name], "\n".join(missed)
