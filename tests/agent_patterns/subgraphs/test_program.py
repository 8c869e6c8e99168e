"""The lesson's program, as a process."""

from __future__ import annotations

import subprocess
import sys

from courseware.runtime.paths import CODE


def run(*arguments: str, answers: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(CODE / "12_subgraphs.py"), *arguments],
        capture_output=True,
        text=True,
        input=answers,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_three_parents_approve_and_reject() -> None:
    code, shown = run("--decisions", "y,n,y")
    assert code == 0, shown
    assert [line.strip() for line in shown.splitlines() if ": " in line and "  " in line[:2]] == [
        "sources: ink-02, ink-01, cs-02",
        "notes: 3",
        "sources: ship-01, ret-01",
        "sources: 0",
        "sources: ship-03, ship-01",
        "rows: 2",
    ]


def test_it_asks_in_the_terminal() -> None:
    code, shown = run(answers="n\nn\ny\n")
    assert code == 0, shown
    assert "use them? [y/n]" in shown
    assert "notes: 0" in shown


def test_a_new_version_is_refused_with_the_parents_name() -> None:
    code, shown = run("--new-version")
    assert code == 1
    assert "e-mail responder: reads 'mail' from 'summary', which the subgraph does not" in shown
