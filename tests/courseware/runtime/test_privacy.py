"""Nothing leaves this computer without --live, whatever the learner's shell says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.notebooks.source import cells
from courseware.runtime.paths import CODE, MODULES, ROOT
from courseware.runtime.watching import watched_environment, went_out

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PROGRAMS = sorted(CODE.glob("[0-9][0-9]_*.py"))
TRACED = """
from langgraph.graph import START, StateGraph
graph = StateGraph(dict).add_node("node", lambda state: state).add_edge(START, "node").compile()
graph.invoke({})
from langsmith import Client
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""


def watched(folder: Path, *command: str, fails: bool = False) -> list[str]:
    """Run a command in a watched environment with nobody there; return what went out."""
    environment = {**watched_environment(folder), "AGENT_PATTERNS_UNATTENDED": "1"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert fails or done.returncode == 0, done.stdout + done.stderr
    return went_out(folder)


def test_the_watch_sees_a_trace_and_a_call(tmp_path: Path) -> None:
    """The control: what the course keeps from happening does happen without it."""
    seen = watched(tmp_path, "-c", TRACED)
    assert any("nobody.invalid" in line for line in seen)
    environment = {"OPENAI_BASE_URL": "http://nobody.invalid/v1"}
    call = f"import os; os.environ.update({environment})\n"
    call += "import urllib.request as u; u.urlopen(os.environ['OPENAI_BASE_URL'], timeout=1)"
    seen = watched(tmp_path, "-c", call, fails=True)
    assert any("-c" in line and "nobody.invalid" in line for line in seen)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_program_sends_nothing(program: Path, tmp_path: Path) -> None:
    before = set(ROOT.iterdir())
    assert watched(tmp_path, str(program)) == []
    assert set(ROOT.iterdir()) == before, "a program leaves files in the course's folder"


@pytest.mark.parametrize(
    "command",
    [["doctor"], ["progress"], ["run", "05"], ["reset", "--help"], ["model", "--help"]],
    ids=" ".join,
)
def test_a_command_sends_nothing(command: list[str], tmp_path: Path) -> None:
    assert watched(tmp_path, "-m", "courseware", *command) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to end a server with")
def test_jupyterlab_sends_nothing(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "courseware", "lab", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=watched_environment(tmp_path),
    )
    assert server.stdout is not None
    for line in server.stdout:
        if "?token=" in line:
            break
    server.terminate()
    server.communicate(timeout=60)
    assert went_out(tmp_path) == []


def first_cells() -> dict[str, str]:
    """The first cells of the notebooks that do not connect to the model, and of one that does."""
    first = {
        page.stem: next(c.source for c in cells(page.read_text(encoding="utf-8")) if c.is_code)
        for page in sorted(MODULES.glob("[0-9]*.md"))
    }
    assert all("courseware" in source for source in first.values())
    *others, _last = [page for page in first if "connect()" in first[page]]
    return {page: source for page, source in first.items() if page not in others}


@pytest.mark.parametrize("source", first_cells().values(), ids=first_cells())
def test_a_notebook_stops_traces_before_it_runs_anything(source: str, tmp_path: Path) -> None:
    """Its first cell stops the traces; the whole notebook is watched when it is compared."""
    assert watched(tmp_path, "-c", f"{source}\n{TRACED}") == []
