"""The terminal program of lesson 09, as a learner runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "code" / "09_circuit_breakers_and_fallbacks.py"


def run(*arguments: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env=None,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_the_scripted_night() -> None:
    told = run()
    links = re.findall(r"^    \[(\S+)\]", told, re.MULTILINE)
    small = ["gpt-4.1-nano"] * 4
    assert links == ["gpt-4.1-mini", *small, "cache", "refusal", "gpt-4.1-mini"]
    counts = [int(count) for count in re.findall(r"requests: (\d+)", told)]
    assert counts == [3, 4, 4, 4, 1, 1, 1, 1]
    states = re.findall(r"breaker: (\S+) -> (\S+) ", told)
    assert states == [("closed", "open"), ("open", "half-open"), ("half-open", "closed")]
    assert "gpt-4.1-mini: open for 20 s\n      because 3 failures in a row" in told
    assert "the next call in 10 s is the probe" in told
    stamps = [
        int(minute) * 60 + int(second)
        for minute, second in re.findall(r"^02:(\d\d):(\d\d), ", told, re.MULTILINE)
    ]
    opened, asked, back = stamps[1], stamps[-2], stamps[-1]
    assert asked - opened == 20
    assert back - opened >= 30, "the breaker lets the probe through"
    opening = told.index("breaker: closed -> open")
    assert told.rindex("What does gift wrapping cost?", 0, opening) < opening
    assert told.count("notice: Our smaller model wrote this.") == 4
    assert told.count("notice: This is from yesterday.") == 1


@pytest.mark.slow
def test_own_questions() -> None:
    asked = "Are returns free?\n"
    typed = f"{asked}!down\n{3 * asked}!upp\n!up\n{2 * asked}!down please\n\n"
    told = run("--ask", "--open-for", "3600", typed=typed)
    links = re.findall(r"^    \[(\S+)\]", told, re.MULTILINE)
    assert links == ["gpt-4.1-mini", *["cache"] * 3, *["gpt-4.1-nano"] * 2]
    assert ">   down\n" in told
    assert ">   up, the breaker is open\n" in told
    assert "unknown command !upp; there are !down and !up" in told
    assert "unknown command !down please" in told
    assert re.search(r"\[gpt-4.1-nano\] .*[Rr]eturns are free", told)
    assert "[cache] Returns are free within 30 days.\n    notice: This is from yesterday." in told


@pytest.mark.slow
def test_time_passes_for_the_breaker_of_own_questions() -> None:
    asked = "Are returns free?\n"
    told = run("--ask", "--open-for", "0.001", typed=f"!down\n{3 * asked}!up\n{asked}\n")
    assert told.rindex("half-open -> closed") > told.index("closed -> open")
    assert re.findall(r"^    \[(\S+)\]", told, re.MULTILINE)[-1] == "gpt-4.1-mini"


@pytest.mark.slow
def test_a_terminal_without_a_sign_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1251")
    assert "(3 failures in a row: 3 ? server error)" in run()
