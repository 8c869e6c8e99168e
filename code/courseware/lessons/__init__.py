"""Hold the lessons: one folder each, and one table of them, `LESSONS`.

A lesson's key is its folder's name, `human_in_the_loop`. `lesson.toml` in the folder gives its
number; everything else follows: the page `modules/05_human_in_the_loop.md`, the notebook, the
program `code/05_human_in_the_loop.py` and the exercises in the folder `exercises`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from courseware.runtime.paths import CODE, MODULES, NOTEBOOKS

if TYPE_CHECKING:
    from courseware.exercises import Exercise

HERE = Path(__file__).parent


class UnknownLesson(LookupError):
    """There is no such lesson. The text lists those there are."""


class UnknownExercise(LookupError):
    """There is no exercise of that number. The text lists those there are."""


@dataclass(frozen=True)
class Lesson:
    """A lesson: what its `lesson.toml` says, and where its files lie."""

    number: str
    """Two digits."""
    name: str
    """The folder's name, and the rest of every file's name."""
    minutes: int
    """An honest time for the page with its exercises."""
    able: str
    """What the learner is able to do afterwards."""
    patterns: tuple[str, ...]
    """The packages of `agent_patterns` that it teaches."""
    builds_on: tuple[str, ...]
    """Names of the lessons that it takes as known."""

    @property
    def key(self) -> str:
        """The name of its files: ``05_human_in_the_loop``."""
        return f"{self.number}_{self.name}"

    @property
    def page(self) -> Path:
        """The source of the lesson."""
        return MODULES / f"{self.key}.md"

    @property
    def notebook(self) -> Path:
        """The page, executed."""
        return NOTEBOOKS / f"{self.key}.ipynb"

    @property
    def program(self) -> Path:
        """The finished pattern for the terminal."""
        return CODE / f"{self.key}.py"

    @property
    def folder(self) -> Path:
        """Return the folder with what the page shows besides the library, and the exercises."""
        return HERE / self.name

    @property
    def title(self) -> str:
        """The page's title without its number; the name where there is no page."""
        try:
            with self.page.open(encoding="utf-8") as page:
                return re.sub(r"^#\s*\d\d\W*", "", page.readline()).strip()
        except OSError:
            return self.name.replace("_", " ").capitalize()


def _read(file: Path) -> Lesson:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        return Lesson(
            number=f"{told['number']:02}",
            name=file.parent.name,
            minutes=told["minutes"],
            able=told["able"],
            patterns=tuple(told.get("patterns", ())),
            builds_on=tuple(told.get("builds_on", ())),
        )
    except KeyError as error:
        raise ValueError(f"{file.parent.name}/lesson.toml has no {error}") from error


LESSONS: dict[str, Lesson] = {
    each.number: each
    for each in sorted(map(_read, HERE.glob("*/lesson.toml")), key=lambda each: each.number)
}
"""The lessons by number, in order."""


def lesson(named: str) -> Lesson:
    """Return a lesson by its number (``05``, ``5``), its name, or the name of one of its files.

    Raises:
        UnknownLesson: there is none.
    """
    stem = Path(named).stem
    for each in LESSONS.values():
        if stem in (each.name, each.key) or stem.zfill(2) == each.number:
            return each
    raise UnknownLesson(f"there is no lesson {named}; there are {', '.join(LESSONS)}")


def chosen(named: Sequence[str]) -> list[Lesson]:
    """Return the named lessons, or all of them.

    Raises:
        UnknownLesson: one of them is none.
    """
    return [lesson(each) for each in named] if named else list(LESSONS.values())


@cache
def exercises_of(number: str) -> tuple[Exercise, ...]:
    """Return a lesson's exercises, in order.

    Raises:
        UnknownLesson: there is no lesson of that number.
    """
    from courseware.exercises import load

    folders = (lesson(number).folder / "exercises").glob("e[0-9]*_*")
    found = [load(folder, number) for folder in folders]
    return tuple(sorted(found, key=lambda each: int(each.id.partition(".")[2])))


def all_exercises() -> tuple[Exercise, ...]:
    """Return every exercise of the course, in order."""
    return tuple(each for number in LESSONS for each in exercises_of(number))


def exercise(number: str) -> Exercise:
    """Return an exercise: ``exercise("05.1").check(my_agent)``, ``.hint()``, ``.solution()``.

    Args:
        number: lesson and exercise, ``"05.1"``.

    Raises:
        UnknownExercise: there is none; the message lists the lesson's, or all.
    """
    known = exercises_of(number[:2]) if number[:2] in LESSONS else ()
    for each in known:
        if each.id == number:
            return each
    ids = ", ".join(each.id for each in known or all_exercises())
    raise UnknownExercise(f"There is no exercise {number!r}. There are: {ids}.")
