"""Statements join to the same memory in any order, any number of times."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_patterns.longterm.errors import InvalidMemory
from agent_patterns.longterm.memory import Memory, Statement, digest, loaded, made, normal

STATEMENTS = st.builds(
    Statement,
    text=st.sampled_from(["In Porto.", "in porto", "In Lisbon", "In Braga"]),
    said_at=st.sampled_from([1.0, 2.0, 3.0]),
    sources=st.sampled_from([(), ("t1",), ("t2",)]),
    expires_at=st.sampled_from([None, 5.0, 9.0]),
)
MEMORIES = st.builds(lambda said: Memory("home", (said,), "home"), STATEMENTS)


def joined(memories: list[Memory]) -> Memory:
    return reduce(Memory.joined, memories)


@given(st.lists(MEMORIES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_does_not_matter(memories: list[Memory], random: object) -> None:
    shuffled = list(memories)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert joined(shuffled) == joined(memories)


@given(st.lists(MEMORIES, min_size=1, max_size=6), st.integers(0, 5))
def test_repetition_does_not_matter(memories: list[Memory], again: int) -> None:
    whole = joined(memories)
    assert whole.joined(memories[again % len(memories)]) == whole
    assert whole.joined(whole) == whole


@given(st.lists(MEMORIES, min_size=3, max_size=6))
def test_grouping_does_not_matter(memories: list[Memory]) -> None:
    first, rest = joined(memories[:2]), joined(memories[2:])
    assert first.joined(rest) == joined(memories)


@given(st.lists(MEMORIES, min_size=1, max_size=6))
def test_nothing_that_was_said_is_lost(memories: list[Memory]) -> None:
    whole = joined(memories)
    for each in memories:
        (same,) = [s for s in whole.statements if normal(s.text) == normal(each.text)]
        assert set(each.sources) <= set(same.sources)
        assert same.said_at >= each.said_at
    assert whole.said_at == max(each.said_at for each in memories)


@given(st.lists(MEMORIES, min_size=1, max_size=4))
def test_a_store_gives_back_what_it_was_given(memories: list[Memory]) -> None:
    whole = joined(memories)
    assert loaded(whole.key, whole.stored()) == whole


@given(st.text(min_size=1))
def test_a_key_depends_on_nothing_but_the_text(text: str) -> None:
    assert digest(text) == digest(f" {text}\n")
    if text.strip() and "\0" not in text:
        assert made(1.0, text).key == made(2.0, text).key


@pytest.mark.parametrize(
    "value", [{}, {"text": "a"}, {"statements": [], "topic": ""}, {"statements": 7}]
)
def test_what_somebody_else_wrote_is_no_memory(value: object) -> None:
    with pytest.raises(InvalidMemory, match="not written by this library"):
        loaded("k", value)
