"""Lesson 01: generated code, its tests, the plot, and the program."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent_patterns.state import append, unique
from courseware.lessons.graphs_and_state.growth import growth_plot, kept
from courseware.lessons.graphs_and_state.rules import INVOICES, NOTES, run_tests
from courseware.runtime.paths import CODE

RIGHT = "def shipping(total):\n    return 0.0 if total >= 50 else 5.9\n"


def test_code_is_really_run() -> None:
    assert run_tests(RIGHT) == "passed"
    wrong = RIGHT.replace("50", "60")
    assert run_tests(wrong) == "an order of 50.00 paid 0.00, the code says 5.90"
    assert run_tests(wrong, {20.0: 5.9}) == "passed"
    assert len(INVOICES) > len(NOTES) > 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def shipping(:", "SyntaxError"),
        ("pass", "NameError"),
        ("import sys; sys.exit(3)", "without a word"),
        ("while True: pass", "did not finish within 0.5 seconds"),
        ("raise SystemExit('no')", "no"),
    ],
)
def test_code_that_fails_otherwise_has_its_reason_in_one_line(source: str, said: str) -> None:
    report = run_tests(source + "\n", seconds=0.5 if "while" in source else 10)
    assert said in report
    assert "\n" not in report


def test_the_plot_shows_what_is_kept() -> None:
    assert (kept(append, 6), kept(unique(5), 6), kept(None, 6)) == (18, 3, 3)
    plot = growth_plot((1, 12, 6))
    assert "append: 18" in plot.svg
    plot.sliders["visits"].value = 12
    assert "append: 36" in plot.svg
    assert "append: 36" in plot.text()


def run(*notes: str) -> subprocess.CompletedProcess[str]:
    program = str(CODE / "01_graphs_and_state.py")
    return subprocess.run(
        [sys.executable, program, *notes],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_program_finds_the_note_that_agrees() -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    attempts = [line for line in done.stdout.splitlines() if line.startswith("attempt")]
    assert [line.rpartition("-> ")[2].strip() == "passed" for line in attempts] == [
        False,
        False,
        True,
    ]


@pytest.mark.slow
def test_the_program_says_when_no_note_agrees() -> None:
    done = run("Shipping costs 6.20 euros. Orders from 80 euros on ship free.")
    assert done.returncode == 1
    assert "No note agrees" in done.stdout
