"""Whatever is typed: an answer comes, nothing is computed unasked, work grows with the text."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice_model.mind.reading import phrases, read
from practice_model.mind.writing import answer

PARTS = st.sampled_from(
    [
        "Write an e-mail to Clara",
        "that her order",
        "MF-1042",
        "costs 45,50 EUR",
        "3-5 days",
        "9-17",
        "on 2026-05-17",
        "Draft:",
        "Notes:\n- a",
        "Feedback: shorter",
        "If she is angry, apologise",
        "in German",
        "at most 12 words",
        '"quoted"',
        "don't mention",
        "[ship-01]",
        "?",
        ".",
        "\n\n",
        "first",
        "then",
        "and",
        "020 7946 0958",
        "12 * 7",
        "Reply with one of: a, b or c",
        "\u2026",
        "'",
        "{}",
    ]
)


def told(text: str) -> str:
    system = {"role": "system", "content": "You help."}
    return answer(read([system, {"role": "user", "content": text}]))


@settings(max_examples=120, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=9))
def test_any_mixture_is_answered(parts: list[str]) -> None:
    assert told(" ".join(parts)).strip()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from(["days", "pieces", "EUR"]))
def test_a_range_is_never_a_sum(low: int, high: int, unit: str) -> None:
    said = told(f"Tell her that it takes {low}-{high} {unit}.")
    assert f"{low}-{high} {unit}" in said


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert told(text).strip()


def steps(text: str) -> int:
    """Count how many pattern parts are tried for an answer."""
    phrases.tokens.cache_clear()
    count = 0
    real = phrases._match

    def counted(*args: object) -> object:
        nonlocal count
        count += 1
        return real(*args)  # type: ignore[arg-type]

    with patch.object(phrases, "_match", counted):
        told(text)
    return count


@pytest.mark.parametrize(
    "piece", ["is ", "mention x, ", "if ", "red or ", "The cat sat here. ", "- a 3 [b1]\n"]
)
def test_work_grows_no_faster_than_the_text(piece: str) -> None:
    small, large = steps(piece * 200), steps(piece * 800)
    assert large <= 5 * small + 2000
