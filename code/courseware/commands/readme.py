"""Keep README's table of lessons as `LESSONS` has it."""

from __future__ import annotations

import re

from courseware.lessons import LESSONS
from courseware.runtime.paths import ROOT

BEGIN, END = "<!-- lessons: written by course.py build -->", "<!-- /lessons -->"


def table() -> str:
    """Return the lessons as a markdown table: title, what one is able to do, minutes."""
    rows = [
        f"| [{each.number} {each.title}](modules/{each.key}.md)"
        f" | {each.able} | {each.minutes} min |"
        for each in LESSONS.values()
    ]
    return "\n".join(["| Lesson | You will be able to | Time |", "| --- | --- | --- |", *rows])


def with_table(text: str) -> str:
    """Return README's text with the table between its two marks made anew."""
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", text)


def write() -> None:
    """Write the table into README.

    Raises:
        OSError: README cannot be written.
    """
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if (made := with_table(text)) != text:
        readme.write_text(made, encoding="utf-8", newline="\n")
