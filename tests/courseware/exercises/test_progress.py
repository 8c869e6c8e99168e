"""Progress: kept across crashes, written from several processes, shown and forgotten."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from courseware import show_progress
from courseware.commands.progress import main
from courseware.exercises import progress
from courseware.lessons import exercise
from courseware.lessons.progress import as_text, table
from courseware.lessons.progress_view import ProgressView

WRITER = """
import sys
from courseware.exercises import progress
for number in range(int(sys.argv[2])):
    progress.record(sys.argv[1], "failed", f"try {number}")
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "deep" / "progress.sqlite"
    monkeypatch.setenv("AGENT_PATTERNS_PROGRESS", str(place))
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    return place


def writer(number: str, times: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, number, str(times)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def right(state: dict[str, float]) -> dict[str, float]:
    return {"total": state["quantity"] * state["price"]}


def test_a_check_is_recorded_with_tries_and_hints() -> None:
    one = exercise("00.1")
    one.check(None)
    one.check(lambda state: 5)
    one.hint()
    one.check(right)
    one.check(lambda state: 5)
    standing = progress.standings()["00.1"]
    assert (standing.state, standing.tries, standing.hints) == ("passed", 2, 1)


def test_unattempted_leaves_no_trace() -> None:
    exercise("00.1").check(...)
    assert progress.standings() == {}


def test_nothing_is_recorded_when_nobody_is_there(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    exercise("00.1").check(right)
    exercise("00.1").solution()
    assert not file.exists()


def test_a_solution_seen_first_is_told_apart() -> None:
    exercise("00.1").solution()
    exercise("00.1").check(right)
    assert "solution seen first" in as_text(table())


def test_several_processes_write_at_once() -> None:
    writers = [writer("00.1", 20) for _ in range(3)]
    for each in writers:
        each.communicate()
        assert each.returncode == 0
    assert progress.standings()["00.1"].tries == 60


def test_a_killed_process_loses_nothing_it_had_recorded() -> None:
    killed = writer("00.1", 100_000)
    assert killed.stdout is not None
    written = 0
    for line in killed.stdout:
        written = int(line) + 1
        if written >= 10:
            break
    killed.kill()
    killed.communicate()
    assert progress.standings()["00.1"].tries >= written
    progress.record("00.1", "passed")
    assert progress.standings()["00.1"].passed


def test_a_damaged_file_is_set_aside_and_work_goes_on(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database, and long enough to be looked at" * 40)
    result = exercise("00.1").check(right)
    assert result.remark == ""
    assert progress.standings()["00.1"].passed
    assert len(list(file.parent.glob("progress-damaged-*"))) == 1


def test_a_damaged_page_behind_an_intact_header_is_set_aside_too(file: Path) -> None:
    for number in range(200):
        progress.record("00.1", "failed", f"try {number} {'x' * 50}")
    data = bytearray(file.read_bytes())
    data[4096 : 4096 + 3000] = b"\xff" * 3000
    file.write_bytes(data)
    assert progress.standings() == {}
    progress.record("00.1", "passed")
    assert progress.standings()["00.1"].passed
    assert len(list(file.parent.glob("progress-damaged-*"))) == 1


def test_a_file_that_cannot_be_written_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("AGENT_PATTERNS_PROGRESS", str(tmp_path / "blocked" / "progress.sqlite"))
    result = exercise("00.1").check(right)
    assert result.outcome == "passed"
    assert "could not be saved" in repr(result)
    assert "doctor" in repr(result)


def test_clearing_forgets_one_module_only() -> None:
    progress.record("00.1", "passed")
    progress.record("05.1", "passed")
    assert progress.clear("05") == 1
    assert list(progress.standings()) == ["00.1"]


def test_the_command_prints_and_clears(capsys: pytest.CaptureFixture[str]) -> None:
    progress.record("00.1", "passed")
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert "00  Start here: 1 of 1 passed" in shown
    assert "00.1  A node that adds the total" in shown
    assert main(["--clear"]) == 0
    assert "1 exercise" in capsys.readouterr().out
    assert progress.standings() == {}


def test_the_command_says_why_it_cannot_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_PROGRESS", str(tmp_path))
    assert main([]) == 1
    assert "cannot be used" in capsys.readouterr().out


def test_the_widget_reads_again_when_its_button_is_pressed() -> None:
    view = ProgressView()
    assert "✓ passed" not in view._table.value
    progress.record("00.1", "passed")
    view._again.click()
    assert "✓ passed" in view._table.value


def test_without_a_notebook_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show_progress()
    assert "00.1" in capsys.readouterr().out


def test_only_events_are_stored(file: Path) -> None:
    exercise("00.1").check(lambda state: {"secret": "in the learner's code"})
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT exercise, event, detail FROM events").fetchall()
    assert rows == [("00.1", "failed", "writes-another-key")]


@pytest.mark.slow
def test_the_command_shows_what_is_recorded() -> None:
    """As in a terminal: without a kernel, and without the variable that says who is there."""
    progress.record("00.1", "passed")
    environment = {**os.environ}
    environment.pop("AGENT_PATTERNS_UNATTENDED")
    done = subprocess.run(
        [sys.executable, "-m", "courseware", "progress"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert "00  Start here: 1 of 1 passed" in done.stdout
    assert "passed (1 try)" in done.stdout


@pytest.mark.slow
def test_a_reader_who_stops_reading_gets_no_traceback() -> None:
    """As in `course.py progress | head`."""
    command = [sys.executable, "-m", "courseware", "progress"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shown:
        assert shown.stdout is not None
        assert shown.stderr is not None
        shown.stdout.close()
        assert shown.stderr.read() == b""
    assert shown.returncode == 1
