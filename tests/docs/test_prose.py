"""The prose check: translated English is found, plain English passes, and the debt only shrinks."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from courseware.commands import prose

DEBT: dict[str, int] = tomllib.loads(
    (Path(__file__).parent / "prose_debt.toml").read_text(encoding="utf-8")
)
"""Files that still hold sentences to rewrite, and how many."""

TRANSLATED = [
    "That a checkpointer saves a run after every step is enough to know here.",
    "Three agents shall do it.",
    "Nothing held the executed amount against the approved one.",
    "The mend is a ledger.",
    "Of a refused call the gauge hears nothing. Of the time it hears nothing.",
    "So it looks when all is well.",
    "If all is confused, restart.",
    "What is approved is executed.",
    "Whoever searches is asked for the same.",
    "This is simply a graph.",
]
PLAIN = [
    "For now, all you need to know is that a checkpointer saves the run after every step.",
    "The ledger does. Its key is unique, so if ten workers present the same key, one executes.",
    "What happens if two workers start at once?",
    "*Predict: what leaves? That one.* The bank saw one payment.",
    "## What you will learn",
    "```python\nshall = mend\n```",
    "Call `mend()` and read on.",
    "So far nothing has been sent.",
]


@pytest.mark.parametrize("text", TRANSLATED)
def test_translated_english_is_found(text: str) -> None:
    (fault, *_) = prose.page_faults("page.md", f"Some words.\n\n{text}\n")
    assert fault.line == 3
    assert fault.instead


@pytest.mark.parametrize("text", PLAIN)
def test_plain_english_passes(text: str) -> None:
    assert list(prose.page_faults("page.md", text)) == []


def test_a_docstring_opens_with_a_verb() -> None:
    source = 'def offers():\n    """{} the decisions that a request allows."""\n'
    assert list(prose.docstring_faults("x.py", source.format("What are"))) != []
    assert list(prose.docstring_faults("x.py", source.format("Return"))) == []


def test_what_is_left_to_rewrite_only_shrinks() -> None:
    found = Counter(fault.file for fault in prose.faults())
    grown = {name: count for name, count in found.items() if count > DEBT.get(name, 0)}
    assert grown == {}, [str(fault) for fault in prose.faults() if fault.file in grown]
    paid = {name: found[name] for name, count in DEBT.items() if found[name] < count}
    assert paid == {}, "fewer now: write the smaller number, or take the file off the list"
