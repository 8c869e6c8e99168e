"""Keep README's table of lessons, and its card of the practice model, as the code has them."""

from __future__ import annotations

import re

from courseware.lessons import LESSONS
from courseware.runtime.paths import ROOT
from practice_model.mind.writing.operations import card

NOTE = "written by course.py build"


def table() -> str:
    """Return the lessons as a markdown table: title, what one is able to do, minutes."""
    rows = [
        f"| [{each.number} {each.title}](modules/{each.key}.md)"
        f" | {each.able} | {each.minutes} min |"
        for each in LESSONS.values()
    ]
    return "\n".join(["| Lesson | You will be able to | Time |", "| --- | --- | --- |", *rows])


def with_table(text: str) -> str:
    """Return README's text with what stands between its marks written again."""
    for name, made in (("lessons", table()), ("card", card())):
        begin, end = f"<!-- {name}: {NOTE} -->", f"<!-- /{name} -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        text = between.sub(lambda _, new=f"{begin}\n{made}\n{end}": new, text)  # type: ignore[misc]
    return text


def write() -> None:
    """Write both into README.

    Raises:
        OSError: README cannot be written.
    """
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if (made := with_table(text)) != text:
        readme.write_text(made, encoding="utf-8", newline="\n")
