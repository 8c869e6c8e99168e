"""A lesson is as short as the curriculum promises: words, lines of code, cells, minutes."""

from __future__ import annotations

import re

import pytest

from courseware.lessons import LESSONS
from courseware.notebooks import cells

LIMITS = {"words": 2200, "lines": 300, "cells": 35, "minutes": 60}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


def sizes(number: str) -> dict[str, int]:
    """The page's words outside of fences, its non-empty lines of code, its code cells."""
    lesson = LESSONS[number]
    found = cells(lesson.page.read_text(encoding="utf-8"))
    prose = "\n".join(FENCE.sub("", cell.source) for cell in found if not cell.is_code)
    code = [cell.source for cell in found if cell.is_code]
    return {
        "words": len(WORD.findall(re.sub(r"\]\([^)]*\)", "]", prose))),
        "lines": sum(bool(line.strip()) for source in code for line in source.splitlines()),
        "cells": len(code),
        "minutes": lesson.minutes,
    }


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_keeps_its_size(number: str) -> None:
    too_much = {name: size for name, size in sizes(number).items() if size > LIMITS[name]}
    assert too_much == {}


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_builds_on_earlier_ones(number: str) -> None:
    names = {each.name: each.number for each in LESSONS.values()}
    for needed in LESSONS[number].builds_on:
        assert names[needed] < number
