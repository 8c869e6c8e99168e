"""A learner goes back up and runs a cell again, or begins with an exercise: every name is right."""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Iterator
from types import CodeType

import pytest
from tests.lessons.test_exercises import starter_of

from courseware.exercises import Exercise
from courseware.lessons import LESSONS, exercises_of
from courseware.notebooks import cells


def compiled(source: str) -> CodeType:
    code: CodeType = compile(source, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


def made(code: CodeType) -> set[str]:
    """The names that a cell makes, imports apart: an import of the same again is the same."""
    found, before = set(), ""
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME" and not before.startswith("IMPORT"):
            found.add(step.argval)
        before = step.opname
    return found


def taken(code: CodeType) -> Iterator[str]:
    """The names that a cell, its functions and its classes look up outside of themselves."""
    steps = list(dis.get_instructions(code))
    own = {step.argval for step in steps if step.opname == "STORE_NAME"}
    for step in steps:
        if step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in own:
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from taken(constant)


@pytest.mark.parametrize("number", LESSONS)
def test_no_later_cell_makes_anew_what_an_earlier_one_takes_from_above(number: str) -> None:
    page = LESSONS[number].page
    codes = [
        compiled(cell.source) for cell in cells(page.read_text(encoding="utf-8")) if cell.is_code
    ]
    makes = [made(code) for code in codes]
    broken = [
        (name, at)
        for at, code in enumerate(codes)
        for name in set(taken(code)) - makes[at]
        if any(name in earlier for earlier in makes[:at])
        and any(name in later for later in makes[at + 1 :])
    ]
    assert broken == []


@pytest.mark.parametrize(
    "exercise",
    [each for number in ("00", "04", "05", "07", "08") for each in exercises_of(number)],
    ids=lambda each: each.id,
)
def test_an_exercise_can_be_checked_in_a_kernel_that_has_just_started(exercise: Exercise) -> None:
    code = compiled(starter_of(exercise))
    own = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"}
    assert set(taken(code)) <= {*dir(builtins), "__annotations__", *own}
