"""Load an exercise from its folder, check an answer, and say what came of it."""

import gc
import importlib
import inspect
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from courseware.exercises import guard, progress, reading, shown
from courseware.exercises.shown import Result
from courseware.exercises.verdict import Outcome, StoppedByYou, Unattempted, Wrong
from courseware.runtime.paths import CODE

_GIVEN = re.compile(r"^from \.given import \([^)]*\)\n+|^from \.given import .*\n+", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """An exercise; the package's docstring says what its folder holds."""

    id: str
    """Lesson and number: ``05.1``."""
    name: str
    """The folder's name without its number: ``move_the_effect``."""
    title: str
    difficulty: Literal["easy", "medium", "hard"]
    minutes: int
    hints: tuple[str, ...]
    notes: tuple[str, ...]
    """What to notice in the reference solution."""
    now: str
    """What the learner can do after passing, and what comes next."""
    solution_code: str
    given: str
    """What earlier cells of the page define; the tests run it before an answer."""
    checker: Callable[..., Any]
    time_limit: float = 20.0
    """Seconds for the whole check on the practice model; tenfold when live."""

    @property
    def lesson(self) -> str:
        """The lesson's number, two digits."""
        return self.id.partition(".")[0]

    @property
    def answers(self) -> tuple[str, ...]:
        """Names, in the learner's cell, of the objects that the check receives."""
        return tuple(inspect.signature(self.checker).parameters)

    def check(self, *answers: object) -> Result:
        """Check the learner's objects, record the outcome, and say what helps.

        Never raises because of the learner's code. Under a running event loop too: call it, don't
        await it.

        Raises:
            TypeError: the call has not as many answers as the exercise.
            StoppedByYou: the stop button, a KeyboardInterrupt: a run of all cells ends there.
        """
        if len(answers) != len(self.answers):
            raise TypeError(f"write exercise({self.id!r}).check({', '.join(self.answers)})")
        try:
            result = self.outcome_of(*answers)
        except KeyboardInterrupt:
            raise StoppedByYou from None
        remark = progress.record_safely(self.id, str(result.outcome), result.misconception)
        return replace(result, remark=remark)

    def outcome_of(self, *answers: object) -> Result:
        """Check without recording anything."""
        for name, answer in zip(self.answers, answers, strict=True):
            if reading.is_placeholder(answer):
                return Result(self, Outcome.UNATTEMPTED, f"`{name}` is still the starter's.")
        limit = self.time_limit * (10 if os.environ.get("AGENT_PATTERNS_LIVE") in _ON else 1)
        with guard.never_awaited(reading.is_learners) as never:
            report = guard.run(self.checker, *answers, seconds=limit)
            outcome, message, misconception = _judge(report, limit)
            printed, in_time = report.printed, not report.timed_out
            del report
            if outcome in (Outcome.FAILED, Outcome.RAISED):
                gc.collect()  # the traceback holds what the check got from the learner's code
        if never and in_time:
            said = reading.explain_never_awaited(never)
            if outcome == Outcome.FAILED:
                message, misconception = said, "async-where-plain"
            elif outcome == Outcome.RAISED:
                message += f"\n{said}"
        return Result(self, outcome, message, misconception, printed)

    def hint(self) -> shown.Panel | None:
        """Return the hints so far and the next one; each call goes a step further.

        A notebook shows them at once; elsewhere they are returned.
        """
        given = min(_HINTS_GIVEN.get(self.id, 0) + 1, len(self.hints))
        _HINTS_GIVEN[self.id] = given
        progress.record_safely(self.id, "hint", str(given))
        return shown.displayed(shown.hint_panel(self, given))

    def solution(self) -> shown.Panel | None:
        """Return the reference solution and what to notice in it; shown like a hint."""
        progress.record_safely(self.id, "solution", None)
        return shown.displayed(shown.solution_panel(self))

    def __repr__(self) -> str:
        return f'exercise("{self.id}")  {self.title} ({self.difficulty}, {self.minutes} min)'


_ON = {"1", "true", "yes", "on"}
_HINTS_GIVEN: dict[str, int] = {}


def _judge(report: guard.Report, limit: float) -> tuple[Outcome, str, str | None]:
    """Outcome, message and misconception of a guarded run."""
    error = report.error
    if report.tampered:
        names = ", ".join(f"`builtins.{name}`" for name in sorted(report.tampered))
        return (
            Outcome.RAISED,
            f"Your code took away or replaced {names}, which everything in Python uses. It has been"
            " put back. Use a name of your own instead.",
            "tampers-with-builtins",
        )
    if report.timed_out:
        left = (
            ""
            if report.stopped
            else " It blocks in a call that cannot be interrupted and was left behind;"
            " restart the kernel when you have mended it."
        )
        return (
            Outcome.RAISED,
            f"Your code did not come back within {limit:g} seconds, and was stopped. Look for a"
            f" loop without a way out, or a wait for something that never comes.{left}",
            "endless",
        )
    match error:
        case None:
            return Outcome.PASSED, "", None
        case Wrong():
            return Outcome.FAILED, error.message, error.misconception
        case Unattempted():
            return Outcome.UNATTEMPTED, str(error) or "The starter is still as it was.", None
        case NotImplementedError():
            return (
                Outcome.UNATTEMPTED,
                "A part of the starter still says `raise NotImplementedError`.",
                None,
            )
    return Outcome.RAISED, reading.explain(error, report.text), None


def load(folder: Path, lesson: str) -> Exercise:
    """Return the exercise of a folder named ``e1_move_the_effect``.

    Args:
        folder: inside the package of its lesson.
        lesson: the lesson's number, two digits.

    Raises:
        ValueError: the folder's name has no number, or `exercise.toml` lacks a field.
    """
    named = re.fullmatch(r"e(\d+)_(\w+)", folder.name)
    if named is None:
        raise ValueError(f"{folder.name}: an exercise's folder is named e1_what_to_do")
    told = tomllib.loads((folder / "exercise.toml").read_text(encoding="utf-8"))
    package = ".".join(folder.relative_to(CODE).parts)
    given = folder / "given.py"
    try:
        return Exercise(
            id=f"{lesson}.{named.group(1)}",
            name=named.group(2),
            title=told["title"],
            difficulty=told["difficulty"],
            minutes=told["minutes"],
            hints=tuple(told["hints"]),
            notes=tuple(told["notes"]),
            now=told.get("now", ""),
            solution_code=_body(folder / "solution.py"),
            given=_body(given) if given.exists() else "",
            checker=importlib.import_module(f"{package}.check").check,
            time_limit=told.get("time_limit", 20.0),
        )
    except KeyError as error:
        raise ValueError(f"{folder.name}/exercise.toml has no {error}") from error


def _body(file: Path) -> str:
    """Return a file as a learner's cell would have it: no docstring, nothing taken as given."""
    text = re.sub(r'\A"""(?:.|\n)*?"""\n+', "", file.read_text(encoding="utf-8"))
    return _GIVEN.sub("", text).strip() + "\n"
