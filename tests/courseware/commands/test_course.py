"""`course.py`: what it says and does on machines that lack something."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import pytest

from courseware.runtime.paths import ROOT

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A copy of the course's door in an empty folder, as a module."""
    for name in ("course.py", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("course_under_test", tmp_path / "course.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tmp_path.resolve() == module.ROOT
    return module


def finish(course: ModuleType, *, dev: bool = False) -> None:
    course.venv_python().parent.mkdir(parents=True)
    course.venv_python().touch()
    course.MARKER.write_text(json.dumps(course.wanted(dev)), encoding="utf-8")


def test_an_old_python_gets_one_line() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0); "
        f"runpy.run_path({str(ROOT / 'course.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this is Python 3.9" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_finished_environment_is_left_alone(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(course)
    monkeypatch.setattr(course, "install", lambda _: pytest.fail("installed again"))
    course.prepare(dev=False)


@pytest.mark.parametrize("spoil", ["truncated", "elsewhere", "new pin", "no interpreter"])
def test_an_environment_that_does_not_fit_is_not_ready(course: ModuleType, spoil: str) -> None:
    finish(course)
    assert course.is_ready(dev=False)
    if spoil == "truncated":
        course.MARKER.write_text('{"root": ', encoding="utf-8")
    elif spoil == "elsewhere":
        marker = json.loads(course.MARKER.read_text(encoding="utf-8"))
        course.MARKER.write_text(json.dumps({**marker, "root": "/elsewhere"}), encoding="utf-8")
    elif spoil == "new pin":
        with (course.ROOT / "requirements.txt").open("a", encoding="utf-8") as file:
            file.write("new-package==1.0\n")
    else:
        course.venv_python().unlink()
    assert not course.is_ready(dev=False)


def test_a_learners_environment_is_not_enough_for_a_maintainer(course: ModuleType) -> None:
    finish(course, dev=False)
    assert not course.is_ready(dev=True)
    course.MARKER.write_text(json.dumps(course.wanted(True)), encoding="utf-8")
    assert course.is_ready(dev=True)
    assert course.is_ready(dev=False)


def test_a_full_disk_is_noticed_before_anything_is_written(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course.shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**8))
    with pytest.raises(SystemExit, match=r"only 0\.1 GB are free.*call the same command again"):
        course.prepare(dev=False)
    assert not course.VENV.exists()


def test_a_folder_that_cannot_be_written_is_named(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(course.Path, "mkdir", refuse)
    with pytest.raises(SystemExit, match=r"cannot write to .*folder you own"):
        course.prepare(dev=False)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("error: [Errno 28] No space left on device", "the disk is full"),
        ("Caused by: dns error: failed to lookup address", "no network"),
        ("NewConnectionError: Failed to establish", "no network"),
        ("ERROR: (from versions: none)", "no network"),
        ("one\ntwo\nthree\nfour", "two / three / four"),
    ],
)
def test_an_installers_failure_becomes_one_line(
    course: ModuleType, output: str, message: str
) -> None:
    with pytest.raises(SystemExit) as raised:
        course.explain(output)
    text = str(raised.value)
    assert message in text
    assert "all the same command again" in text
    assert len(text.splitlines()) == 1


def test_a_missing_file_of_the_course_is_named(course: ModuleType) -> None:
    (course.ROOT / "requirements.txt").unlink()
    with pytest.raises(SystemExit, match=r"requirements\.txt is missing"):
        course.prepare(dev=False)


def test_pip_steps_in_where_uv_does_not_work(
    course: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = []

    def run(*command: str, show: bool = False) -> tuple[int, str]:
        if "install" in command:
            commands.append(command)
        return (1, "no wheel") if "uv" in command or command[-1].startswith("uv==") else (0, "")

    monkeypatch.setattr(course, "run", run)
    course.install([course.LEARNER])
    assert [command[1:4] for command in commands] == [("-m", "pip", "install")] * 3
    assert "with pip" in capsys.readouterr().out


def test_an_installers_lines_hold_one_count_of_packages(
    course: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        "Using Python 3.12 environment at: .venv",
        "Resolved 188 packages in 2s",
        "Downloading jupyterlab (12.1MiB)",
        "Prepared 180 packages in 9s",
        "Installed 179 packages in 332ms",
        " + jupyterlab==4.6.0",
    ]
    code, output = course.run(sys.executable, "-c", f"print(*{lines}, sep='\\n')", show=True)
    assert (code, output.split("\n")) == (0, [*lines, ""])
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert shown == ["Downloading jupyterlab (12.1MiB)", "Installed 179 packages in 332ms"]


@pytest.mark.slow
def test_a_half_made_environment_is_made_anew(
    course: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    course.VENV.mkdir()
    (course.VENV / "pyvenv.cfg").write_text("home = nowhere\n", encoding="utf-8")
    assert not course.python_works()
    course.make_environment()
    assert "making it anew" in capsys.readouterr().out
    assert course.python_works()


@pytest.mark.slow
def test_a_second_call_waits_for_the_first(course: ModuleType) -> None:
    hold = "import course; from sys import stdin\nwith course.one_at_a_time(): "
    first = subprocess.Popen(
        [sys.executable, "-c", hold + "print('in', flush=True); stdin.read()"],
        cwd=course.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdin is not None
    assert first.stdout.readline() == "in\n"
    second = subprocess.Popen(
        [sys.executable, "-u", "-c", hold + "print('in')"],
        cwd=course.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert second.stdout is not None
    assert "waiting" in second.stdout.readline()
    assert second.poll() is None
    first.stdin.close()
    assert second.stdout.read() == "in\n"
    assert first.wait() == second.wait() == 0
    first.stdout.close()
    second.stdout.close()
