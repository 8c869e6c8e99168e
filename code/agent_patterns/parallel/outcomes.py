"""What a fan-out returns: one outcome per item, in the order of the items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from agent_patterns.errors import PatternError

Value = TypeVar("Value")


class BranchesFailed(PatternError, ExceptionGroup[Exception]):
    """Branches failed, and the caller needed all of them."""

    def derive(self, excs: Sequence[Exception]) -> BranchesFailed:  # type: ignore[override]
        """Return a group of the same kind; Python calls this for `except*`."""
        return BranchesFailed(self.message, excs)


@dataclass(frozen=True)
class Outcome(Generic[Value]):
    """Hold what became of one branch.

    Attributes:
        index: its place among the items.
        name: its item, as text, for reports and pictures.
        value: its result; None if it failed.
        error: why it failed, as ``TypeName: message``; empty if it succeeded.
        attempts: how often it was started; 0 if the deadline came first.
        started: seconds from the start of the whole fan-out to its first attempt.
        ended: seconds from the start of the whole fan-out to its end.
        cause: the exception; not kept in a checkpoint.
    """

    index: int
    name: str
    value: Value | None = None
    error: str = ""
    attempts: int = 1
    started: float = 0.0
    ended: float = 0.0
    cause: Exception | None = field(default=None, compare=False, repr=False)

    @property
    def ok(self) -> bool:
        """True if the branch succeeded."""
        return not self.error


class Outcomes(tuple[Outcome[Value], ...]):
    """The outcomes of a fan-out, in the order of its items."""

    def __new__(cls, outcomes: Iterable[Outcome[Value]]) -> Outcomes[Value]:
        """Sort the outcomes by their index."""
        return super().__new__(cls, sorted(outcomes, key=lambda outcome: outcome.index))

    @property
    def values(self) -> list[Value]:
        """The results of the branches that succeeded, in the order of the items."""
        return [outcome.value for outcome in self if outcome.ok]  # type: ignore[misc]

    @property
    def failed(self) -> list[Outcome[Value]]:
        """The outcomes that are failures, in the order of the items."""
        return [outcome for outcome in self if not outcome.ok]

    def report(self) -> str:
        """Return how many succeeded and the name and error of each that did not."""
        lines = [f"{len(self) - len(self.failed)} of {len(self)} succeeded"]
        lines += [f"failed: {one.name} ({one.error})" for one in self.failed]
        return "\n".join(lines)

    def require_all(self) -> list[Value]:
        """Return all results.

        Raises:
            BranchesFailed: at least one branch failed; it holds the errors and names them.
        """
        if not self.failed:
            return self.values
        errors = [one.cause or RuntimeError(one.error) for one in self.failed]
        raise BranchesFailed(self.report(), errors)
