"""The state that all teams share, so that any team drops into another graph.

In goes a ``task``; out come ``result``, ``status``, ``work`` and the transcript ``turns``.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, TypedDict

from agent_patterns.teams.errors import TeamError
from agent_patterns.teams.turns import Turn


def merge_work(
    one: Mapping[str, Mapping[str, str]], other: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Replace older work by newer work of the same agent and kind; a reducer."""
    merged = {kind: dict(texts) for kind, texts in one.items()}
    for kind, texts in other.items():
        merged.setdefault(kind, {}).update(texts)
    return merged


class TeamInput(TypedDict):
    """The input of a team."""

    task: str


class TeamOutput(TypedDict):
    """The output of a team."""

    result: str
    status: str
    """``done``, or why it ended early: ``rounds``, ``calls``, ``tokens``, ``failed``, ``handoffs``,
    ``nobody``, or what a supervisor's `accept` says."""
    work: Annotated[dict[str, dict[str, str]], merge_work]
    turns: Annotated[list[Turn], operator.add]


class TeamState(TeamInput, TeamOutput):
    """The state that the members of a team pass on."""


def latest(work: Mapping[str, Mapping[str, str]], kind: str) -> str:
    """Return all texts of one kind of work, one after the other; empty when there is none."""
    return "\n\n".join(text for text in work.get(kind, {}).values() if text)


def check_names(names: Iterable[str], *reserved: str) -> None:
    """Raise `TeamError` unless every member has a name of its own that the team does not use.

    ``user`` is whoever gives the task, and a ``/`` parts a team's name from its members'.
    """
    counts = Counter(list(names))
    if not counts:
        raise TeamError("A team needs at least one member.")
    for name, count in counts.items():
        if count > 1:
            raise TeamError(f"{count} members are called {name!r}. Give each a name of its own.")
        if name in ("user", *reserved) or not name or "/" in name:
            raise TeamError(
                f"No member can be called {name!r}: names have no '/', and "
                f"{', '.join(('user', *reserved))} mean something else in this team."
            )
