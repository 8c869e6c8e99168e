"""The framework guide: from what a task needs to the smallest thing that gives it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Framework = Literal["chain", "agent", "graph"]

_ORDER: tuple[Framework, ...] = ("chain", "agent", "graph")

_NEEDS: dict[str, tuple[Framework, str]] = {
    "tools": ("agent", "the model chooses tools, and how often: that is `create_agent`'s loop"),
    "survives_restart": (
        "agent", "a run must survive a restart: that takes a checkpointer, which a chain has not"
    ),
    "human_approval": (
        "agent", "a human approves: that takes an interrupt and a checkpointer"
    ),
    "loops": ("graph", "your code decides when to try again: a chain has no way back"),
    "shared_state": ("graph", "steps share more than the messages: that takes a state schema"),
    "parallel_steps": ("graph", "steps run side by side and meet again: that takes reducers"),
    "several_agents": ("graph", "several agents work together: each is a node"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Say what a task asks of the code around the model; everything is off until you say so.

    Args:
        tools: the model picks tools, as often as it likes, and decides when it is finished.
        loops: your own code sends the work back: generate, test, repair.
        shared_state: steps exchange more than the conversation.
        parallel_steps: steps run side by side.
        several_agents: more than one agent takes part.
        human_approval: a human decides in the middle of a run.
        survives_restart: a run continues after the process has died.
    """

    tools: bool = False
    loops: bool = False
    shared_state: bool = False
    parallel_steps: bool = False
    several_agents: bool = False
    human_approval: bool = False
    survives_restart: bool = False


@dataclass(frozen=True)
class Advice:
    """The smallest framework that meets all needs, with one reason for each need."""

    framework: Framework
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.framework}: {'; '.join(self.reasons)}"


def recommend(needs: Needs) -> Advice:
    """Return the smallest framework that meets every need, and say why.

    Only the reasons that rule out the smaller ones are given: what a chain could do as well is no
    reason for a graph.
    """
    asked = [_NEEDS[field.name] for field in fields(needs) if getattr(needs, field.name)]
    if not asked:
        return Advice("chain", ("the steps always run once, from first to last",))
    framework = max((need for need, _ in asked), key=_ORDER.index)
    return Advice(framework, tuple(why for need, why in asked if need == framework))
