"""A list of names to choose from a menu: which tools, experts or topics suit a request."""

from typing import Any

from practice_model.mind.parameters import Schema, read_tool
from practice_model.mind.reading.model import Passage
from practice_model.mind.tools import deed_of, rank

NEAR = 0.6
"""The share of the best score that another choice needs."""


def described(items: Schema) -> dict[Any, str]:
    """Return what each name of a menu stands for; empty if the items are no menu.

    A menu is a union of constants, each with a description.
    """
    branches = [b for key in ("anyOf", "oneOf") for b in items.get(key) or []]
    if not all(isinstance(b, dict) and "const" in b for b in branches):
        return {}
    return {b["const"]: str(b.get("description") or "") for b in branches}


def fill(menu: dict[Any, str], passage: Passage) -> list[Any]:
    """Return the names that suit a passage, the best first."""
    tools = [read_tool(str(name), about, {}) for name, about in menu.items()]
    names = {str(name): name for name in menu}
    scores: dict[Any, float] = {}
    for clause in passage.clauses:
        for choice in rank(deed_of(passage, clause), tools):
            name = names[choice.tool.name]
            scores[name] = max(scores.get(name, 0.0), choice.score)
    best = max(scores.values(), default=0.0)
    ranked = sorted(scores, key=lambda name: -scores[name])
    return [name for name in ranked if scores[name] > 0 and scores[name] >= NEAR * best]
