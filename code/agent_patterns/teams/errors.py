"""What can go wrong in a team, as one small tree."""

from __future__ import annotations

from collections.abc import Iterable

from agent_patterns.errors import PatternError
from agent_patterns.teams.turns import NOTHING, Turn, Usage


class TeamError(PatternError):
    """Base of all errors of `agent_patterns.teams`."""


class RoutingError(TeamError):
    """A router chose somebody who is not in the team."""

    def __init__(self, chosen: str, known: Iterable[str]) -> None:
        self.chosen = chosen
        self.known = tuple(known)
        super().__init__(
            f"The router chose {chosen!r}, which is none of {', '.join(self.known)}. "
            "Route by structured output with these names as the only values."
        )


class AgentFailed(TeamError):
    """An agent raised; `agent` names it, `cause` is what it raised, `usage` what it had spent.

    `started` and `ended` are seconds on the team's clock.
    """

    def __init__(
        self,
        agent: str,
        cause: BaseException,
        usage: Usage = NOTHING,
        *,
        started: float = 0.0,
        ended: float = 0.0,
    ) -> None:
        self.usage = usage
        self.started = started
        self.ended = ended
        self.agent = agent
        self.cause = cause
        super().__init__(
            f"Agent {agent!r} failed: {type(cause).__name__}: {cause}. "
            "Mend the cause and run again, or give the agent a backup."
        )


class WorkFailed(TeamError):
    """The graph of an agent raised `cause`, after it had spent `usage`."""

    def __init__(self, cause: BaseException, usage: Usage) -> None:
        self.cause = cause
        self.usage = usage
        super().__init__(f"{type(cause).__name__}: {cause}")


class NoAgentLeft(TeamError):
    """The agent and all its backups failed; `failures` holds one line for each."""

    def __init__(self, failures: Iterable[str]) -> None:
        self.failures = tuple(failures)
        super().__init__("Every agent failed: " + "; ".join(self.failures))


class StageFailed(TeamError):
    """A stage of a pipeline failed; the stages before it are done and kept.

    `turns` is the transcript up to the failure, which is its last turn.
    """

    def __init__(self, stage: str, cause: BaseException, turns: Iterable[Turn] = ()) -> None:
        self.turns = list(turns)
        self.stage = stage
        self.cause = cause
        super().__init__(
            f"Stage {stage!r} failed: {type(cause).__name__}: {cause}. "
            "Mend the cause, then resume: finished stages are not repeated."
        )


class StageMismatch(TeamError):
    """Two neighbouring stages do not fit: what one returns, the next does not take."""
