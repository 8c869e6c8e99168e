"""The lesson's program: the disaster's amount is refused, whoever asks for it."""

from __future__ import annotations

import subprocess
import sys

from courseware.lessons import lesson


def said(*script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(lesson("05").program), *(["--script", *script] if script else [])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


def test_more_than_was_paid_is_refused_and_the_question_stays() -> None:
    lines = said("approve", "perhaps", "edit: 999999999", "edit: 12.91", "edit: 12.90")
    assert sum("is more than the 12.90 that was paid" in line for line in lines) == 3
    assert any("'perhaps' is no answer" in line for line in lines)
    assert lines[-1] == "12.90 euros paid for MF-1042"


def test_nobody_there_pays_nothing() -> None:
    assert said()[-1] == "nothing paid: nobody was there"
    assert said("reject: no receipt")[-1] == "nothing paid: no receipt"
