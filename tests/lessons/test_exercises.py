"""Every exercise of the course: its starter, its solution, other right answers and wrong ones."""

import importlib
import linecache
import re
from typing import Any

import pytest
from tests.lessons.cases import Cases

from courseware.exercises import Exercise, Outcome, Result
from courseware.lessons import LESSONS, all_exercises
from courseware.notebooks import cells

EXERCISES = all_exercises()


def cases_of(exercise: Exercise) -> Cases:
    name = f"tests.lessons.{LESSONS[exercise.lesson].name}.cases"
    found: dict[str, Cases] = importlib.import_module(name).CASES
    return found[exercise.name]


def starter_of(exercise: Exercise) -> str:
    """The page's cell, which is the one place where the starter is stored."""
    call = f'exercise("{exercise.id}").check({", ".join(exercise.answers)})'
    page = LESSONS[exercise.lesson].page
    found = [cell.source for cell in cells(page.read_text(encoding="utf-8")) if cell.is_code]
    (cell,) = [source for source in found if source.rstrip().endswith(call)]
    offered = f'# exercise("{exercise.id}").hint()\n# exercise("{exercise.id}").solution()'
    assert offered in found, f"{page.name} has no cell\n{offered}"
    return cell.rstrip().removesuffix(call)


def answer(exercise: Exercise, source: str) -> Result:
    """What the check says of a cell with that source."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for part, text in (("given", exercise.given), ("answer", source)):
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
    assert 1 <= exercise.minutes <= 45
    assert exercise.difficulty in ("easy", "medium", "hard")
    for text in (exercise.title, *exercise.hints, *exercise.notes):
        assert text.strip(), "an empty text"
        assert text.count("`") % 2 == 0, f"an unpaired backtick in {text!r}"
    assert len(exercise.hints) >= 2, "hints go from a nudge to nearly the answer"
    assert exercise.notes, "say what to notice in the solution"
    assert exercise.answers


@each_exercise
def test_has_enough_cases(exercise: Exercise) -> None:
    cases = cases_of(exercise)
    assert len(cases.right) >= 2, "two right answers that differ from the solution"
    assert len(cases.wrong) >= 4, "four likely wrong answers"
    assert cases.cheats, "an answer that plays to the check"
    assert all(other.strip() != exercise.solution_code.strip() for other in cases.right)
    for misconception, _ in cases.wrong:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|endless", misconception)


@each_exercise
def test_starter_is_unattempted(exercise: Exercise) -> None:
    result = answer(exercise, starter_of(exercise))
    assert result.outcome == Outcome.UNATTEMPTED, result
    assert result.message


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


@pytest.mark.slow
@pytest.mark.parametrize(("exercise", "source"), pick("cheats"))
def test_an_answer_that_plays_to_the_check_fails(exercise: Exercise, source: str) -> None:
    assert answer(exercise, source).outcome in (Outcome.FAILED, Outcome.RAISED)


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
