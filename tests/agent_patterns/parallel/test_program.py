"""The lesson's program, as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from courseware.runtime.paths import CODE


def run(*arguments: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, str(CODE / "13_parallel_work_and_caching.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


def test_a_failing_station_is_named_and_tried_twice() -> None:
    code, shown = run("--down", "Oslo,Turin")
    assert code == 0, shown
    assert [line.split()[0] for line in shown[:3]] == ["Lisbon", "Bristol", "Vienna"]
    assert shown[3:] == [
        "3 of 5 succeeded",
        "failed: Oslo (StationDown: no answer from the station of Oslo)",
        "failed: Turin (StationDown: no answer from the station of Turin)",
        "calls: 7",
    ]


def test_a_second_run_asks_only_what_is_missing(tmp_path: Path) -> None:
    file = str(tmp_path / "today.sqlite")
    assert run("--cache", file)[1][-1] == "calls: 6"
    assert run("--cache", file, "--down", "nowhere")[1][-2:] == ["5 of 5 succeeded", "calls: 1"]


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "thesis.txt"
    file.write_text("the only copy")
    code, shown = run("--cache", str(file))
    assert code == 1
    assert "no cache file" in shown[0]
    assert file.read_text() == "the only copy"
