"""The terminal program of lesson 08, as a learner runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "code" / "08_errors_and_retries.py"


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_every_fault_costs_the_careful_desk_less() -> None:
    code, told = run()
    assert code == 0, told
    counts = re.findall(r"(careless|careful) +requests: +(\d+)", told)
    careless = [int(count) for desk, count in counts if desk == "careless"]
    careful = [int(count) for desk, count in counts if desk == "careful"]
    assert careless == [3, 27, 9, 2]
    assert careful == [3, 3, 1, 2], "hiccup, outage, key, limit"
    assert told.count("Returns are free") == 4, "both desks survive the hiccup and the limit"
    assert "RetryError" in told
    assert "set up wrong on our side" in told


@pytest.mark.slow
def test_one_fault_by_name() -> None:
    code, told = run("key")
    assert code == 0, told
    assert told.splitlines()[1] == "key"
    assert "outage" not in told


@pytest.mark.slow
def test_an_unknown_fault_is_named() -> None:
    code, told = run("earthquake")
    assert code == 2
    assert "hiccup" in told
