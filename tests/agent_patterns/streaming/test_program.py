"""The lesson's program, as processes: stopped by a real signal, resumed by another process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.runtime.paths import CODE

PROGRAM = str(CODE / "14_streaming_and_async.py")


def run(database: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, PROGRAM, "--database", str(database), "--delay", "0.001", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_stopped_letter_is_sent_once_by_another_process(tmp_path: Path) -> None:
    database = tmp_path / "letters.sqlite"
    stopped = run(database, "--stop-after", "4")
    assert "SENT" not in stopped
    assert "stopped; " in stopped
    assert "Next: write. Continue with --resume." in stopped
    assert "Reading 1 of" in stopped
    resumed = run(database, "--resume")
    assert resumed.count("SENT") == 1
    assert "Reading" not in resumed  # a step that had ended does not run again
    assert "There is nothing to resume." in run(database, "--resume")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C cannot be sent to one process there")
def test_control_c_stops_the_run_in_the_middle_of_a_silence(tmp_path: Path) -> None:
    database = tmp_path / "letters.sqlite"
    process = subprocess.Popen(
        [sys.executable, PROGRAM, "--database", str(database), "--delay", "600"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "Reading" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    shown = process.stdout.read()
    assert process.wait(30) == 0
    assert "stopped; " in shown
    assert run(database, "--resume").count("SENT") == 1
