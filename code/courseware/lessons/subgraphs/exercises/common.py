"""Draw a library and build a research subgraph over it."""

from __future__ import annotations

import random
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph

WORDS = ("ink", "paper", "pens", "wax", "twine", "maps", "cards", "stamps")


class Finding(TypedDict):
    """Hold one thing that was found, and where."""

    text: str
    source: str


def draw_library(chance: random.Random, least: int = 1, most: int = 3) -> dict[str, list[Finding]]:
    """Return so many findings for each of some words."""
    return {
        word: [
            Finding(text=f"fact {chance.randrange(1000)} on {word}", source=f"{word}-{number:02}")
            for number in range(1, chance.randint(least, most) + 1)
        ]
        for word in chance.sample(WORDS, 4)
    }


class _Question(TypedDict):
    question: str


class _Findings(TypedDict):
    findings: list[Finding]
    summary: str


class _Private(TypedDict, total=False):
    question: str
    findings: list[Finding]
    summary: str
    visited_shelves: int


def research_over(library: dict[str, list[Finding]], asked: list[str]) -> Any:
    """Return a subgraph: `question` in, findings and summary out; it notes what it was asked."""

    def find(state: _Private) -> dict[str, Any]:
        asked.append(state["question"])
        words = state["question"].rstrip("?").split()
        return {
            "findings": [found for word in words for found in library.get(word, ())],
            "summary": f"All about {words[-1]}",
            "visited_shelves": len(library),
        }

    builder = StateGraph(_Private, input_schema=_Question, output_schema=_Findings)
    return builder.add_node("find", find).add_edge(START, "find").compile(name="research")
