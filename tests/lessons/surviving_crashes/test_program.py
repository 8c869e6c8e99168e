"""Lesson 06: its terminal program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from courseware.runtime.postgres import postgres_url

PROGRAM = Path(__file__).resolve().parents[3] / "code" / "06_surviving_crashes.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "kill_at", "again"),
    [
        ("sqlite", "charge", ["charge", "pack", "confirm"]),
        ("sqlite", "price", ["price", "reserve", "charge", "pack", "confirm"]),
        ("postgresql", "confirm", ["confirm"]),
    ],
)
def test_the_second_worker_finishes_what_the_first_began(
    backend: str, kill_at: str, again: list[str], tmp_path: Path
) -> None:
    file = f"sqlite:///{tmp_path.as_posix()}/shop.db"
    url = file if backend == "sqlite" else postgres_url()
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--url", url, "--kill-at", kill_at],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("Second worker:")
    assert f"killed in {kill_at}" in first
    nodes = {"price", "reserve", "charge", "pack", "confirm"}
    assert [line.strip() for line in second.splitlines() if line.strip() in nodes] == again
    assert "done: price, reserve, charge, pack, confirm" in second
    assert "went on from the last good checkpoint" in second
    assert done.stdout.count("the bank takes 13.50") == 1
    assert done.stdout.count("knows the key") == (1 if kill_at == "charge" else 0)
    assert "The card was charged once." in second


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("memory://", "memory dies with its worker"),
        ("postgresql://nobody@127.0.0.1:1/none", "The first worker failed"),
    ],
)
def test_a_place_that_cannot_serve_is_no_success(url: str, says: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--url", url, "--kill-at", "charge"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
    )
    assert done.returncode != 0
    assert says in done.stderr
