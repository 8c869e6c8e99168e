"""The framework guide."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_patterns.state import Needs, recommend

NAMES = [field.name for field in fields(Needs)]
ORDER = ["chain", "agent", "graph"]


@pytest.mark.parametrize(
    ("needs", "framework"),
    [
        (Needs(), "chain"),
        (Needs(tools=True), "agent"),
        (Needs(tools=True, human_approval=True), "agent"),
        (Needs(survives_restart=True), "agent"),
        (Needs(loops=True), "graph"),
        (Needs(tools=True, several_agents=True), "graph"),
    ],
)
def test_known_cases(needs: Needs, framework: str) -> None:
    advice = recommend(needs)
    assert advice.framework == framework
    assert str(advice).startswith(f"{framework}: ")


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_another_need_never_makes_it_smaller(needs: set[str], more: str) -> None:
    less_asked = recommend(Needs(**dict.fromkeys(needs, True)))
    more_asked = recommend(Needs(**dict.fromkeys(needs | {more}, True)))
    assert ORDER.index(more_asked.framework) >= ORDER.index(less_asked.framework)
    assert less_asked.reasons


@pytest.mark.parametrize("name", NAMES)
def test_each_need_alone_brings_a_reason_of_its_own(name: str) -> None:
    alone = recommend(Needs(**{name: True}))
    assert alone.framework != "chain"
    assert len(alone.reasons) == 1
    others = [recommend(Needs(**{other: True})).reasons for other in NAMES if other != name]
    assert alone.reasons not in others
