"""Tell how far a learner has come, lesson by lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from courseware.exercises.progress import Standing, standings
from courseware.lessons import LESSONS, all_exercises, exercises_of
from courseware.runtime.unattended import unattended


@dataclass(frozen=True)
class Line:
    """An exercise in the table of progress."""

    exercise: str
    title: str
    minutes: int
    standing: Standing

    @property
    def remark(self) -> str:
        """In words: how it stands, after how many tries and hints."""
        standing = self.standing
        if standing.state == "open":
            return "open"
        parts = [counted(standing.tries, "try", "tries")] if standing.tries else []
        parts += [counted(standing.hints, "hint", "hints")] if standing.hints else []
        parts += ["solution seen first"] if standing.passed and standing.solution_seen else []
        parts += ["solution seen"] if standing.solution_seen and not standing.passed else []
        return f"{standing.state} ({', '.join(parts)})"


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 try`` or ``2 tries``."""
    return f"{number} {one if number == 1 else many}"


def table(
    module: str | None = None, known: Mapping[str, Standing] | None = None
) -> dict[str, list[Line]]:
    """Exercises by module number, each with its standing: the course's, or one module's.

    Args:
        module: only this module's exercises, e.g. ``"05"``.
        known: where they stand; None means as recorded, or all open in a notebook that nobody
            looks at, so that a stored notebook does not hold its builder's progress.
    """
    if known is None:
        known = {} if unattended() else standings()
    modules: dict[str, list[Line]] = {}
    for each in all_exercises() if module is None else exercises_of(module):
        standing = known.get(each.id, Standing(each.id))
        modules.setdefault(each.lesson, []).append(
            Line(each.id, each.title, each.minutes, standing)
        )
    return modules


def as_text(modules: dict[str, list[Line]]) -> str:
    """Return the table of progress as plain text."""
    lines: list[str] = []
    width = max((len(line.title) for each in modules.values() for line in each), default=0)
    for module, exercises in modules.items():
        done = sum(line.standing.passed for line in exercises)
        lines.append(f"{module}  {LESSONS[module].title}: {done} of {len(exercises)} passed")
        lines += [
            f"    {line.exercise}  {line.title:<{width}}  {line.remark}" for line in exercises
        ]
    if len(modules) > 1:
        every = [line for each in modules.values() for line in each]
        passed = sum(line.standing.passed for line in every)
        lines.append(f"All: {passed} of {len(every)} passed")
    return "\n".join(lines)
