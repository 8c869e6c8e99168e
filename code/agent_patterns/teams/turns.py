"""The transcript of a team: who said what to whom, and what it cost.

A turn is a plain dictionary, so that any checkpointer stores it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

TurnKind = Literal["task", "answer", "decision", "handoff", "failure", "offer"]


class Turn(TypedDict):
    """A message between two members of a team."""

    sender: str
    to: str
    kind: TurnKind
    text: str
    calls: int
    """Model calls that the sender made for this message."""
    input_tokens: int
    output_tokens: int
    started: float
    """Seconds on a monotonic clock; 0.0 when the turn took no time of its own."""
    ended: float


def turn(
    sender: str,
    to: str,
    text: str,
    kind: TurnKind = "answer",
    *,
    usage: Usage | None = None,
    started: float = 0.0,
    ended: float = 0.0,
) -> Turn:
    """Make a turn; without usage it cost nothing."""
    usage = usage or Usage()
    return Turn(
        sender=sender,
        to=to,
        kind=kind,
        text=text,
        calls=usage.calls,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        started=started,
        ended=ended,
    )


@dataclass(frozen=True)
class Usage:
    """Model calls and tokens; usages add up."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Return the tokens in both directions."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
        )


NOTHING = Usage()
"""No calls, no tokens."""


def usage_of(turns: Iterable[Turn]) -> Usage:
    """Add up the usage of all turns together."""
    total = Usage()
    for entry in turns:
        total += Usage(entry["calls"], entry["input_tokens"], entry["output_tokens"])
    return total


def part_of(turns: Sequence[Turn], agent: str) -> list[Turn]:
    """Return an agent's part of a transcript: what it sent and what it was sent."""
    return [entry for entry in turns if agent in (entry["sender"], entry["to"])]


@dataclass(frozen=True)
class Tally:
    """A transcript in figures."""

    turns: int
    calls: int
    input_tokens: int
    output_tokens: int
    handoffs: int
    """The times that work passed from one agent to another."""
    failures: int
    peak: int
    """Most agents at work at the same time."""
    in_a_row: int
    """Model calls that had to wait for each other: what decides how long the run takes."""
    busy: float
    """Seconds of work, summed over all agents."""

    @property
    def tokens(self) -> int:
        """Return the tokens in both directions."""
        return self.input_tokens + self.output_tokens


def tally(turns: Sequence[Turn]) -> Tally:
    """Count what happened in a transcript.

    A handoff is a change of the agent who answers, and every turn of the kind ``handoff``. A team
    inside is at work through its members; as the agent that it is outside it does not count again.
    """
    usage = usage_of(turns)
    teams = {entry["sender"].rpartition("/")[0] for entry in turns}
    workers = [
        entry
        for entry in turns
        if entry["kind"] in ("answer", "failure") and entry["sender"] not in teams
    ]
    senders = [entry["sender"] for entry in workers]
    changes = sum(one != other for one, other in itertools.pairwise(senders))
    explicit = sum(entry["kind"] == "handoff" for entry in turns)
    return Tally(
        turns=len(turns),
        calls=usage.calls,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        handoffs=max(changes, explicit),
        failures=sum(entry["kind"] == "failure" for entry in workers),
        peak=_peak(workers),
        in_a_row=_longest_chain(turns),
        busy=sum(entry["ended"] - entry["started"] for entry in workers),
    )


def _peak(turns: Iterable[Turn]) -> int:
    moments: list[tuple[float, int]] = []
    for entry in turns:
        if entry["ended"] > entry["started"]:
            moments += [(entry["started"], 1), (entry["ended"], -1)]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def _longest_chain(turns: Sequence[Turn]) -> int:
    """Return the most calls on a path of turns, each begun after the one before had ended."""
    timed = sorted((entry for entry in turns if entry["calls"]), key=lambda entry: entry["ended"])
    ends: list[tuple[float, int]] = []
    for entry in timed:
        before = max((calls for end, calls in ends if end <= entry["started"]), default=0)
        ends.append((entry["ended"], before + entry["calls"]))
    return max((calls for _, calls in ends), default=0)
