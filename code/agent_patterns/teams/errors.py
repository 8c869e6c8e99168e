"""The errors that this package itself raises.

PatternError
└── TeamError
    ├── RoutingError    somebody was chosen who is not in the team
    ├── AgentFailed     an agent raised; `agent`, `cause` and its `turns`
    ├── StageFailed     a stage of a pipeline failed; the stages before it are kept
    ├── StageMismatch   a value between two stages is of another type, or a type is missing
    ├── NoAgentLeft     the agent and all its backups failed
    └── WorkFailed      within an agent: the graph behind it raised, and what it had spent
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent_patterns.errors import PatternError
from agent_patterns.teams.turns import NOTHING, Turn, Usage, usage_of


class TeamError(PatternError):
    """Base of all errors of `agent_patterns.teams`."""


class RoutingError(TeamError):
    """A router, or an agent that hands work over, chose somebody who is not in the team."""

    def __init__(
        self,
        chosen: str,
        known: Iterable[str],
        *,
        who: str = "The router",
        advice: str = "Route by structured output with these names as the only values.",
    ) -> None:
        self.chosen = chosen
        self.known = tuple(known)
        super().__init__(
            f"{who} chose {chosen!r}, which is none of {', '.join(self.known)}. {advice}"
        )


class AgentFailed(TeamError):
    """An agent raised; `agent` names it, `cause` is what it raised.

    `turns` is its part of the transcript: the assignment, what went on inside it, and the failure.
    """

    def __init__(self, agent: str, cause: BaseException, turns: Iterable[Turn] = ()) -> None:
        self.agent = agent
        self.cause = cause
        self.turns = list(turns)
        self.reason = f"Agent {agent!r} failed: {said_by(cause)}"
        super().__init__(f"{self.reason}. Fix the cause and run again, or give the agent a backup.")

    @property
    def usage(self) -> Usage:
        """Return what the agent, and everybody inside it, had spent."""
        return usage_of(self.turns)


class WorkFailed(TeamError):
    """The graph of an agent raised `cause`, after it had spent `usage`.

    `turns` is what a team inside the agent had said until then; it counts for itself.
    """

    def __init__(
        self, cause: BaseException, usage: Usage = NOTHING, turns: Iterable[Turn] = ()
    ) -> None:
        self.cause = cause
        self.usage = usage
        self.turns = list(turns)
        super().__init__(f"{type(cause).__name__}: {cause}")


class NoAgentLeft(TeamError):
    """The agent and all its backups failed; `failures` holds one line for each."""

    def __init__(self, failures: Iterable[str]) -> None:
        self.failures = tuple(failures)
        super().__init__("Every agent failed: " + "; ".join(self.failures))


class StageFailed(TeamError):
    """A stage of a pipeline failed; the stages before it are done and kept.

    `turns` is the transcript up to the failure, which is its last turn; `outputs` holds what the
    finished stages gave.
    """

    def __init__(
        self,
        stage: str,
        cause: BaseException,
        turns: Iterable[Turn] = (),
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        self.stage = stage
        self.cause = cause
        self.turns = list(turns)
        self.outputs = dict(outputs or {})
        self.reason = f"Stage {stage!r} failed: {said_by(cause)}"
        super().__init__(
            f"{self.reason}. Fix the cause, then resume: finished stages are not repeated."
        )


class StageMismatch(TeamError):
    """A value is not what the stage that gives it promises, or the next one takes."""


def said_by(error: BaseException) -> str:
    """Return what an error says; of a failure inside a team its reason, without the advice."""
    if isinstance(error, AgentFailed | StageFailed):
        return error.reason
    return f"{type(error).__name__}: {error}"


def caused_by(
    error: AgentFailed | StageFailed, kinds: type[Exception] | tuple[type[Exception], ...]
) -> bool:
    """Return True if a failure, or one inside it, was caused by an error of these kinds."""
    cause = error.cause
    while not isinstance(cause, kinds) and isinstance(cause, AgentFailed | StageFailed):
        cause = cause.cause
    return isinstance(cause, kinds)
