"""What an exercise is, how an answer is checked, and what can come of it."""

import gc
import importlib
import os
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from courseware.exercises import guard, progress, reading, shown


class Outcome(StrEnum):
    """The four things that can come of a check."""

    PASSED = "passed"
    FAILED = "failed"
    RAISED = "raised"
    UNATTEMPTED = "unattempted"


class Wrong(Exception):
    """An answer is wrong in a way that has a name.

    Args:
        misconception: its name in kebab-case, e.g. ``sends-before-approval``.
        message: what happened, and what to think about next. Shown to the learner.
    """

    def __init__(self, misconception: str, message: str) -> None:
        super().__init__(message)
        self.misconception = misconception
        self.message = message


class Unattempted(Exception):
    """The starter has not been worked on yet. The text says what is still to do."""


class StoppedByYou(KeyboardInterrupt):
    """The stop button was pressed during a check; a notebook shows this sentence alone."""

    def __init__(self) -> None:
        super().__init__("Stopped by you: the check was not finished, and nothing was recorded.")

    def _render_traceback_(self) -> list[str]:  # what IPython shows in place of the traceback
        return [str(self)]


class UnknownExercise(LookupError):
    """There is no exercise of that number. The text lists those there are."""


def expect(condition: object, misconception: str, message: str) -> None:
    """Raise :class:`Wrong` unless the condition holds."""
    if not condition:
        raise Wrong(misconception, message)


@dataclass(frozen=True)
class Result:
    """The outcome of one check; the last line of a cell shows it."""

    exercise: "Exercise" = field(repr=False)
    outcome: Outcome
    message: str
    """What helps: the misconception explained, the exception and its line, what is still to do."""
    misconception: str | None = None
    printed: str = ""
    """What the learner's code printed while it was checked."""
    remark: str = ""
    """What else there is to say, e.g. that progress could not be recorded."""

    def __repr__(self) -> str:
        return shown.result_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": shown.result_html(self)}


@dataclass(frozen=True)
class Exercise:
    """One exercise; see the package's docstring for what each field must hold."""

    id: str
    """Module and number: ``05.1``."""
    title: str
    difficulty: Literal["easy", "medium", "hard"]
    minutes: int
    why: str
    """Why it matters, in a sentence."""
    answers: tuple[str, ...]
    """Names, in the starter's cell, of the objects that the check receives."""
    starter: str
    solution_code: str
    checker: Callable[..., Any]
    hints: tuple[str, ...]
    notes: tuple[str, ...]
    """What to notice in the reference solution."""
    setup: str = ""
    time_limit: float = 20.0
    """Seconds for the whole check on the practice model."""

    @property
    def module(self) -> str:
        """The module's number, two digits."""
        return self.id.partition(".")[0]

    @property
    def cell(self) -> str:
        """The exercise's cell as it stands in the module: the starter and the check."""
        return f'{self.starter.strip()}\n\nexercise("{self.id}").check({", ".join(self.answers)})'

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
        return Result(
            result.exercise,
            result.outcome,
            result.message,
            result.misconception,
            result.printed,
            remark,
        )

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

    def hint(self) -> "shown.Panel | None":
        """The hints so far and the next one; each call goes a step further.

        A notebook shows them at once; elsewhere they are returned.
        """
        given = min(_HINTS_GIVEN.get(self.id, 0) + 1, len(self.hints))
        _HINTS_GIVEN[self.id] = given
        progress.record_safely(self.id, "hint", str(given))
        return shown.displayed(shown.hint_panel(self, given))

    def solution(self) -> "shown.Panel | None":
        """The reference solution and what to notice in it; shown like a hint."""
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


def exercises_of(module: str) -> tuple[Exercise, ...]:
    """The exercises of a module, e.g. ``exercises_of("05")``; empty if it has none."""
    name = f"courseware.exercises.module_{module}"
    try:
        found = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return ()
    exercises: tuple[Exercise, ...] = found.EXERCISES
    return exercises


def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise of the course, in order."""
    package = importlib.import_module("courseware.exercises")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [name.removeprefix("module_") for name in names if re.fullmatch(r"module_\d\d", name)]
    return tuple(each for module in modules for each in exercises_of(module))


def exercise(number: str) -> Exercise:
    """The exercise of that number.

    Args:
        number: module and exercise, ``"05.1"``.

    Raises:
        UnknownExercise: there is none; the message lists the module's, or all.
    """
    module = number.partition(".")[0]
    known = exercises_of(module) if re.fullmatch(r"\d\d", module) else ()
    for each in known:
        if each.id == number:
            return each
    ids = ", ".join(each.id for each in known or all_exercises())
    raise UnknownExercise(f"There is no exercise {number!r}. There are: {ids}.")
