from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[3] / "code" / "07_approvals_in_production.py"


ASK_AND_DIE = """
import builtins, os, runpy, sys
sys.stdin.isatty = lambda: True
builtins.input = lambda prompt: os._exit(1)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs the program with somebody at the terminal, and dies when it asks."""


def start(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-W", "default::ResourceWarning", str(PROGRAM), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done


def program(*arguments: str | Path) -> list[str]:
    return start(*arguments).stdout.splitlines()[-4:]


def payments(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "bank.sqlite")) as bank:
        return bank.execute("SELECT key, amount FROM payments ORDER BY key").fetchall()


@pytest.mark.slow
def test_scripted_answers(tmp_path: Path) -> None:
    outcomes = program(
        "--folder", tmp_path, "--script", "approve", "reject: no receipt", "edit: 12.90"
    )
    assert outcomes == [
        "MF-1042: 12.90 euros paid for MF-1042",
        "MF-1061: 129.00 euros paid for MF-1061",
        "MF-1077: not paid: no receipt",
        "MF-1090: 12.90 euros paid for MF-1090",
    ]
    paid = payments(tmp_path)
    assert program("--folder", tmp_path) == outcomes
    assert payments(tmp_path) == paid


def test_nobody_there_pays_only_what_needs_nobody() -> None:
    outcomes = program()
    assert [line for line in outcomes if "euros paid" in line] == [
        "MF-1042: 12.90 euros paid for MF-1042"
    ]


@pytest.mark.slow
def test_what_is_no_answer_or_no_amount_is_asked_for_again(tmp_path: Path) -> None:
    script = ("perhaps", "edit: a lot", "edit:", "edit: -5", "e: 9.50", "r", "a")
    done = start("--folder", tmp_path, "--script", *script)
    assert "'perhaps' is no answer. Type a (approve)" in done.stdout
    assert "'edit:' is no answer. Type a (approve)" in done.stdout
    assert done.stdout.count("is not a positive amount such as 12.90") == 2
    assert "  approved with the amount 9.50" in done.stdout
    assert "  rejected: no reason given" in done.stdout
    assert payments(tmp_path) == [
        ("A-1", "9.50"),
        ("A-3", "1290"),
        ("MF-1042", "12.90"),
    ]


@pytest.mark.slow
def test_a_finished_folder_says_so(tmp_path: Path) -> None:
    start("--folder", tmp_path, "--script", "a", "a", "a")
    assert "Nothing waits for a decision." in start("--folder", tmp_path).stdout


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    file = tmp_path / "shop"
    file.write_text("", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--folder", str(file)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert f"{file} cannot be a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_python_without_the_packages_says_how_to_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "python3 course.py run 07" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_stopped_while_asking_and_started_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-c", ASK_AND_DIE, str(PROGRAM), "--folder", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    ) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline().startswith("A-1")
    assert asking.returncode == 1
    outcomes = program("--folder", tmp_path, "--script", "approve", "approve", "approve")
    assert all("euros paid" in line for line in outcomes)
    assert len(payments(tmp_path)) == 4
