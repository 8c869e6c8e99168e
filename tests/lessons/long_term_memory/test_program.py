"""The lesson's program, as a process: what it remembers, for whom, and what it forgets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from courseware.runtime.paths import CODE


def run(folder: Path, *said: str, user: str = "u-4711") -> tuple[int, str]:
    options = [part for line in said for part in ("--say", line)]
    program = [sys.executable, str(CODE / "16_long_term_memory.py"), "--folder", str(folder)]
    done = subprocess.run(
        [*program, "--user", user, *options],
        capture_output=True, text=True, timeout=120, check=False, input="",
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_it_remembers_one_user_tells_no_other_and_forgets_without_a_trace(tmp_path: Path) -> None:
    code, _ = run(tmp_path, "My address is 4 Quay Street, Bristol. I prefer green ink.")
    assert code == 0
    _, shown = run(tmp_path, "Which ink do I prefer?", "/memories")
    assert 'recalled: ["I prefer green ink."]' in shown
    assert "address: My address is 4 Quay Street, Bristol." in shown
    assert "ink: I prefer green ink." in shown, "the question has replaced what it asked for"

    _, other = run(tmp_path, "Which ink do I prefer?", "I prefer violet ink.", user="u-5120")
    assert "green" not in other
    assert "recalled: nothing" in other

    code, shown = run(tmp_path, "/forget", "/memories")
    assert code == 0
    assert "2 forgotten" in shown
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"green" not in raw
    assert b"u-4711" not in raw
    assert b"violet" in raw


def test_it_knows_at_once_what_was_just_said_and_not_after_forgetting(tmp_path: Path) -> None:
    said = ["I prefer green ink.", "Which ink do I prefer?", "/forget", "Which ink do I prefer?"]
    code, shown = run(tmp_path, *said)
    assert code == 0
    _, before, after = shown.split("Which ink do I prefer?\n")
    assert "green" in before.partition("[recalled")[0]
    assert "green" not in after


def test_a_user_who_would_be_a_path_is_refused(tmp_path: Path) -> None:
    code, shown = run(tmp_path, "/memories", user="u-4711.orders")
    assert code == 1
    assert "Traceback" not in shown
    assert "u-4711.orders" in shown
