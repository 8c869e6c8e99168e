"""Every exercise of the course: its starter, its solution, other right answers and wrong ones."""

import importlib
import linecache
import re
from pathlib import Path
from typing import Any

import pytest
from tests.courseware.exercises.cases import Cases

from courseware.exercises import Exercise, Outcome, Result, all_exercises
from courseware.notebooks import cells
from courseware.runtime.paths import MODULES

EXERCISES = all_exercises()


def cases_of(exercise: Exercise) -> Cases:
    name = f"tests.courseware.exercises.cases_{exercise.module}"
    try:
        found: dict[str, Cases] = importlib.import_module(name).CASES
        return found[exercise.id]
    except (ModuleNotFoundError, KeyError):
        return Cases(right=[], wrong=[])


def answer(exercise: Exercise, source: str) -> Result:
    """What the check says of a cell with that source."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for part, text in (("setup", exercise.setup), ("answer", source)):
        filename = f"<{exercise.id} {part}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        exec(compile(text, filename, "exec"), names)
    missing = [name for name in exercise.answers if name not in names]
    assert not missing, f"the cell does not define {missing}"
    return exercise.outcome_of(*(names[name] for name in exercise.answers))


def pick(kind: str) -> list[Any]:
    return [
        pytest.param(exercise, case, id=f"{exercise.id}-{kind}-{number}")
        for exercise in EXERCISES
        for number, case in enumerate(getattr(cases_of(exercise), kind), 1)
    ]


each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.id)


@each_exercise
def test_is_completely_described(exercise: Exercise) -> None:
    assert re.fullmatch(r"\d\d\.\d+", exercise.id)
    assert 1 <= exercise.minutes <= 45
    for text in (exercise.title, exercise.why, *exercise.hints, *exercise.notes):
        assert text.strip(), "an empty text"
        assert text.count("`") % 2 == 0, f"an unpaired backtick in {text!r}"
    assert len(exercise.hints) >= 2, "hints go from a nudge to nearly the answer"
    assert exercise.notes, "say what to notice in the solution"
    assert exercise.answers


@each_exercise
def test_has_enough_cases(exercise: Exercise) -> None:
    cases = cases_of(exercise)
    assert cases.right, "at least one right answer that differs from the solution"
    assert all(other.strip() != exercise.solution_code.strip() for other in cases.right)
    assert len(cases.wrong) >= 3, "at least three likely wrong answers"
    for misconception, _ in cases.wrong:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|endless", misconception)


@each_exercise
def test_starter_is_unattempted(exercise: Exercise) -> None:
    result = answer(exercise, exercise.starter)
    assert result.outcome == Outcome.UNATTEMPTED, result
    assert result.message


@each_exercise
def test_starter_is_the_cell_of_the_module(exercise: Exercise) -> None:
    file = module_file(exercise)
    found = [cell.source for cell in cells(file.read_text(encoding="utf-8")) if cell.is_code]
    assert exercise.cell in found, f"{file.name} has no cell\n{exercise.cell}"
    offered = f'# exercise("{exercise.id}").hint()\n# exercise("{exercise.id}").solution()'
    assert offered in found, f"{file.name} has no cell\n{offered}"


def module_file(exercise: Exercise) -> Path:
    (file,) = MODULES.glob(f"{exercise.module}_*.md")
    return file


@each_exercise
def test_solution_passes(exercise: Exercise) -> None:
    result = answer(exercise, exercise.solution_code)
    assert result.outcome == Outcome.PASSED, result


@pytest.mark.parametrize(("exercise", "source"), pick("right"))
def test_different_right_answer_passes(exercise: Exercise, source: str) -> None:
    result = answer(exercise, source)
    assert result.outcome == Outcome.PASSED, result


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "case"), pick("wrong"))
def test_wrong_answer_is_told_its_misconception(exercise: Exercise, case: tuple[str, str]) -> None:
    misconception, source = case
    result = answer(exercise, source)
    assert result.outcome in (Outcome.FAILED, Outcome.RAISED), result
    assert result.misconception == misconception, result
    assert len(result.message) > 40, "a message that helps says more than that"


@each_exercise
def test_half_filled_starter_is_unattempted(exercise: Exercise) -> None:
    for source in cases_of(exercise).unattempted:
        result = answer(exercise, source)
        assert result.outcome == Outcome.UNATTEMPTED, (source, result)


@each_exercise
def test_exception_is_reported_with_its_reason(exercise: Exercise) -> None:
    for phrase, source in cases_of(exercise).raised:
        result = answer(exercise, source)
        assert result.outcome == Outcome.RAISED, (source, result)
        assert phrase in result.message
