"""One call of the plan."""

from __future__ import annotations

from dataclasses import dataclass

from practice_model.mind.tools import Choice, Deed


@dataclass(frozen=True)
class Planned:
    """One call of the plan, perhaps still without some arguments."""

    choice: Choice
    deed: Deed

    @property
    def name(self) -> str:
        """Return the tool's name."""
        return self.choice.tool.name
