"""`course.py test`: everything that CI checks, in two lanes side by side, and a summary."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from courseware.runtime.paths import ROOT, TESTS

QUICK = ("architecture", "docs", "courseware/commands", "notebooks")
"""Folders of tests that `--fast` runs: the shape of the code, the pages, the commands."""
ROOM = Path(tempfile.gettempdir()) / f"agent-patterns-tests-{os.getpid()}"
"""Where the unit tests write.  Every other pytest that starts closes the folder it shares by
default, for a moment, to PostgreSQL's own user."""


@dataclass(frozen=True)
class Step:
    """A command of the test run."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    fast: bool = True
    """Part of `--fast`."""
    lane: int = 0
    """Steps of one lane run one after another, the lanes side by side."""
    left_out: str = ""
    """Why this machine cannot run it, and how it could; empty when it can."""


def find_chromium() -> str | None:
    """Return the Chromium-based browser on this machine, or None.

    `AGENT_PATTERNS_BROWSER` names one that is not in a usual place.
    """
    named = os.environ.get("AGENT_PATTERNS_BROWSER")
    places = [
        *([named] if named else []),
        *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge"),
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        *(
            os.path.join(os.environ.get(root, ""), relative)
            for root in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
            for relative in (
                r"Google\Chrome\Application\chrome.exe",
                r"Microsoft\Edge\Application\msedge.exe",
            )
        ),
    ]
    return next((found for place in places if (found := shutil.which(place))), None)


def steps(*, fast: bool, in_ci: bool) -> list[Step]:
    """Return what is checked, in order; the quick checks come first."""
    from courseware.notebooks import nbval_command

    python = sys.executable
    pytest = [
        *(python, "-m", "pytest", "-q", "--durations=10", "--durations-min=1"),
        "--color=yes" if sys.stdout.isatty() else "--color=no",
    ]
    workers = str(min(4, max(2, os.cpu_count() or 2)))
    no_browser = no_node = ""
    if not in_ci and find_chromium() is None:
        no_browser = (
            "no Chromium, Chrome or Edge found; install one, or name it in AGENT_PATTERNS_BROWSER"
        )
    if not in_ci and shutil.which("npm") is None:
        no_node = "no Node.js found; install it from nodejs.org"
    some = [f"tests/{name}" for name in QUICK]
    chosen = some if fast else ["tests", "--ignore=tests/browser"]
    unit = [*chosen, "-n", workers, "--dist", "loadscope", f"--basetemp={ROOM}"]
    node = [*pytest, "tests/practice_model", "-m", "node"]
    return [
        Step("style", [python, "-m", "ruff", "check", "."]),
        Step("format", [python, "-m", "ruff", "format", "--check", "."]),
        Step("types", [python, "-m", "mypy"]),
        Step("lessons agree", [python, "-m", "courseware.notebooks", "check"]),
        Step("links", [python, "-m", "courseware.commands.docs"]),
        Step("notebooks", nbval_command(), fast=False),
        Step("browser", [*pytest, "tests/browser"], fast=False, left_out=no_browser),
        Step(
            "unit tests",
            [*pytest, *unit, "-m", "not slow and not node" if fast else "not node"],
            lane=1,
        ),
        Step("Node client", node, fast=False, lane=1, left_out=no_node),
    ]


class _Children:
    """The processes of the steps that run; Ctrl-C ends them all."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._ended = False

    @contextmanager
    def started(self, step: Step) -> Iterator[subprocess.Popen[str] | None]:
        """Start a step in a group of its own; yield None once everything is to end."""
        with self._lock:
            if self._ended:
                yield None
                return
            process = subprocess.Popen(
                step.command,
                cwd=ROOT,
                env={**os.environ, **step.environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=os.name == "posix",
            )
            self._running.add(process)
        try:
            yield process
        finally:
            with self._lock:
                self._running.discard(process)

    def end(self) -> None:
        """End every process, with those it has started."""
        with self._lock:
            self._ended = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    if os.name == "posix":
                        os.killpg(process.pid, signal.SIGTERM)
                    else:
                        process.terminate()


def run(chosen: Sequence[Step]) -> list[tuple[Step, int | None, float]]:
    """Run the steps; return for each its exit code (None when left out) and its seconds."""
    children = _Children()
    say = threading.Lock()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    clock = Progress(*columns, transient=True, disable=not sys.stdout.isatty())
    done: dict[str, tuple[Step, int | None, float]] = {}

    def finish(step: Step, code: int | None, seconds: float, output: str) -> None:
        with say:
            done[step.name] = (step, code, seconds)
            print(f"\n[{len(done)}/{len(chosen)}] {step.name}\n{output.strip()}", flush=True)

    def lane(steps: Sequence[Step]) -> None:
        for step in steps:
            if step.left_out:
                finish(step, None, 0.0, f"left out: {step.left_out}")
                continue
            start = time.monotonic()
            with say:
                print(f"      {step.name} ...", flush=True)
            with children.started(step) as process:
                if process is None:
                    return
                running = clock.add_task(step.name, total=None)
                output = process.communicate()[0]
                clock.remove_task(running)
            finish(step, process.returncode, time.monotonic() - start, output)

    lanes = sorted({step.lane for step in chosen})
    with clock, ThreadPoolExecutor(max(1, len(lanes))) as pool:
        running = [pool.submit(lane, [s for s in chosen if s.lane == each]) for each in lanes]
        try:
            for each in running:
                each.result()
        except BaseException:
            children.end()
            raise
    return [done[step.name] for step in chosen]


def main(arguments: Sequence[str]) -> int:
    """Run the checks; the exit code is 1 when one failed."""
    parser = argparse.ArgumentParser(
        prog="course.py test",
        description="Run what CI checks: style, types, unit tests, notebooks, links, browser.",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="only what takes under a minute: style, types, pages, shape",
    )
    options = parser.parse_args(arguments)
    if not TESTS.is_dir():
        sys.exit(f"course.py test: {TESTS} is missing. Clone the course again, whole.")
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    chosen = [
        step for step in steps(fast=options.fast, in_ci=in_ci) if step.fast or not options.fast
    ]
    try:
        results = run(chosen)
    finally:
        shutil.rmtree(ROOM, ignore_errors=True)
    print("\nSummary")
    for step, code, seconds in results:
        outcome = "left out" if code is None else "passed" if code == 0 else "FAILED"
        print(f"  {step.name:<16}{outcome:<10}{step.left_out or f'{seconds:.0f} s'}")
    failed = sum(1 for _, code, _ in results if code)
    passed = sum(1 for _, code, _ in results if code == 0)
    print(f"checks: {passed} passed, {failed} failed")
    return 1 if failed else 0
