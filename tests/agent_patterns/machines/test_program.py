"""The lesson's program, as processes: killed in the middle of a question, and started again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from courseware.runtime.paths import CODE

PROGRAM = str(CODE / "15_state_machines.py")


def run(database: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, PROGRAM, "--database", str(database), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(*lines: str) -> list[str]:
    return [part for line in lines for part in ("--say", line)]


def test_a_conversation_goes_on_in_the_next_process(tmp_path: Path) -> None:
    database = tmp_path / "care.sqlite"
    shown = run(database, *said("complain My pen leaks.", "answer repair"))
    assert shown.rstrip().endswith("possible: answer, correct, start_over, cancel")
    shown = run(database, "--outage", *said("answer this week", "approve", "retry"))
    assert shown.index("Which timeline") < shown.index("[error] ") < shown.index("[waiting]")
    assert "'approve' is not possible in 'error'. Possible: retry, reset." in shown
    shown = run(database, *said("correct {'approach': 'refund'}", "approve", "{'", "nonsense"))
    assert shown.count("SENT: a letter") == 1
    assert "There is no event 'nonsense'." in shown
    assert "SENT" not in run(database)


def test_threads_in_one_file_do_not_meet(tmp_path: Path) -> None:
    database = tmp_path / "care.sqlite"
    run(database, *said("complain My pen leaks."))
    assert "[idle]" in run(database, "--thread", "ben")


def test_the_proof_needs_no_model(tmp_path: Path) -> None:
    shown = run(tmp_path / "none.sqlite", "--prove")
    assert shown.startswith("No way leads around approval: 5 states, ")
    assert not (tmp_path / "none.sqlite").exists()
