"""The commands behind the door: lab, doctor, test, bench, and what is pinned."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from importlib.metadata import requires
from pathlib import Path

import psutil
import pytest
from benchmarks import Measurement, interleaved
from packaging.requirements import Requirement

from courseware.commands import cli, doctor, lab
from courseware.commands import run as program
from courseware.commands import test as testing
from courseware.runtime.paths import CODE, ROOT


@pytest.mark.slow
def test_every_command_explains_itself() -> None:
    for name in cli.COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "courseware", name, "--help"],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert done.returncode == 0, (name, done.stderr)
        assert "usage" in done.stdout


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} is taken"):
            lab.main(["--no-browser", "--port", str(port)])


def test_a_port_out_of_range_is_refused() -> None:
    with pytest.raises(SystemExit, match="70000 is no port"):
        lab.main(["--no-browser", "--port", "70000"])


def test_live_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SystemExit, match="--live needs OPENAI_API_KEY"):
        lab.main(["--no-browser", "--live"])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to end a server with")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_lab_serves_and_one_signal_ends_it_with_its_kernels(ending: signal.Signals) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "courseware", "lab", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    try:
        assert server.stdout is not None
        found = None
        for line in server.stdout:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/\S+\?token=([0-9a-f]{48})", line)
            if found:
                break
        assert found, "the server ended without a URL"
        base, token = found.groups()

        def ask(path: str, data: bytes | None = None) -> bytes:
            request = urllib.request.Request(
                base + path, data=data, headers={"Authorization": f"token {token}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read()

        names = [file["name"] for file in json.loads(ask("/api/contents/notebooks"))["content"]]
        assert "00_start_here.ipynb" in names
        json.loads(ask("/api/kernels", data=b"{}"))
        kernels = []
        for child in psutil.Process(server.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # a helper that has just ended
                if "ipykernel_launcher" in " ".join(child.cmdline()):
                    kernels.append(child)
        assert kernels
        server.send_signal(ending)
        assert server.wait(timeout=60) == 0
        _, alive = psutil.wait_procs(kernels, timeout=30)
        assert not alive
    finally:
        if server.poll() is None:
            server.kill()
        assert server.stdout is not None
        server.stdout.close()


def test_doctor_gives_every_failure_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[str, str]:
        raise ImportError("no module named x")

    monkeypatch.setattr(doctor, "CHECKS", (("fine", lambda: ("is fine", "")), ("broken", broken)))
    text = doctor.as_text(doctor.run())
    assert "ok    fine" in text
    assert "FAIL  broken  ImportError: no module named x" in text
    assert "-> Delete the folder .venv" in text
    assert doctor.main([]) == 1


def test_doctor_tells_this_machines_facts_in_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (("Python", lambda: ("3.11 or newer", "")),))
    doctor.main([])
    doctor.show()
    exact, stored = capsys.readouterr().out.splitlines()
    assert exact == f"{stored} ({platform.python_version()})"
    assert stored == "ok    Python  3.11 or newer"


@pytest.mark.slow
def test_run_starts_a_modules_program_with_its_own_arguments() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "courseware", "run", "5", "--script", "edit:12.90"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "scripted: edit:12.90" in done.stdout
    assert "12.90 euros paid for MF-1042" in done.stdout


@pytest.mark.parametrize("given", [["--down", "a -- b"], ["--", "--down", "a -- b"]])
def test_two_dashes_before_a_programs_arguments_are_none_of_them(
    given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "42_says.py"
    file.write_text("import sys\nsys.exit('|'.join(sys.argv[1:]))", encoding="utf-8")
    monkeypatch.setattr(program, "programs", lambda: {"42": file})
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit) as ended:
        program.main(["42", *given])
    assert ended.value.code == "--down|a -- b"


def test_run_says_which_programs_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["99"]) == 2
    said = capsys.readouterr().err
    assert "there is no program 99" in said
    assert "05   human_in_the_loop" in said
    assert program.main([]) == 2
    every = {file.stem[:2] for file in CODE.glob("[0-9][0-9]_*.py")}
    assert set(program.programs()) == every


def test_the_summary_counts_and_the_exit_code_tells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [
        testing.Step("good", [sys.executable, "-c", ""]),
        testing.Step("bad", [sys.executable, "-c", "raise SystemExit(3)"]),
        testing.Step("absent", ["never started"], left_out="no browser found"),
        testing.Step("long", ["never started"], fast=False),
    ]
    monkeypatch.setattr(testing, "steps", lambda **_: chosen)
    assert testing.main(["--fast"]) == 1
    printed = capsys.readouterr().out
    assert printed.endswith("checks: 1 passed, 1 failed\n")
    assert re.search(r"absent\s+left out\s+no browser found", printed)
    assert "long" not in printed


def test_nothing_is_left_out_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "find_chromium", lambda: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert [step.name for step in testing.steps(fast=False, in_ci=True) if step.left_out] == []
    assert [step.name for step in testing.steps(fast=False, in_ci=False) if step.left_out] == [
        "browser",
        "Node client",
    ]


def asked_by(extra: str) -> set[str]:
    """What the project asks for with an extra; extras that it names are taken in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked, todo = set(project["dependencies"] if extra != "dev" else ()), [extra]
    while todo:
        for line in project["optional-dependencies"][todo.pop()]:
            requirement = Requirement(line)
            if requirement.name == project["name"]:
                todo += requirement.extras
            else:
                asked.add(line)
    return asked


def test_the_pins_satisfy_what_the_project_asks_for() -> None:
    for file, asked in (
        ("requirements.txt", asked_by("course")),
        ("requirements-dev.txt", asked_by("dev")),
    ):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        pinned = [Requirement(line) for line in lines if line and line[0] not in " #"]
        assert all(re.fullmatch(r"==[\w.+!]+", str(pin.specifier)) for pin in pinned)
        for requirement in map(Requirement, asked):
            versions = [
                str(pin.specifier)[2:]
                for pin in pinned
                if pin.name.replace("_", "-").lower() == requirement.name.lower()
            ]
            assert versions, f"{requirement.name} is not in {file}: run course.py lock"
            assert all(requirement.specifier.contains(version) for version in versions)


def test_learners_do_not_install_what_only_maintainers_need() -> None:
    learner = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"^(playwright|mypy|ruff|jupytext|hypothesis)==", learner, re.MULTILINE)
    assert requires("agent-patterns")


def test_interleaved_takes_the_median_of_each_variant() -> None:
    now = 0.0

    def clock() -> float:
        return now

    def takes(seconds: float) -> None:
        nonlocal now
        now += seconds

    medians = interleaved(
        {"short": lambda: takes(1), "long": lambda: takes(3)}, rounds=3, clock=clock
    )
    assert medians == {"short": 1, "long": 3}
    assert Measurement("long/short", medians["long"] / medians["short"]).unit == "ratio"
