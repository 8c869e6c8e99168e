"""`course.py test`: everything that CI checks, one step after another, and a summary."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from courseware.runtime.paths import ROOT, TESTS


@dataclass(frozen=True)
class Step:
    """One command of the test run."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    fast: bool = True
    """Part of `--fast`."""
    left_out: str = ""
    """Why this machine cannot run it, and how it could; empty when it can."""


def find_chromium() -> str | None:
    """The Chromium-based browser on this machine, or None.

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
    """What is checked, in order; the quick checks come first."""
    from courseware.notebooks import nbval_command

    python = sys.executable
    pytest = [python, "-m", "pytest", "-q", "--color=yes" if sys.stdout.isatty() else "--color=no"]
    workers = str(min(4, max(2, os.cpu_count() or 2)))
    no_browser = no_node = ""
    if not in_ci and find_chromium() is None:
        no_browser = (
            "no Chromium, Chrome or Edge found; install one, or name it in AGENT_PATTERNS_BROWSER"
        )
    if not in_ci and shutil.which("npm") is None:
        no_node = "no Node.js found; install it from nodejs.org"
    return [
        Step("style", [python, "-m", "ruff", "check", "."]),
        Step("format", [python, "-m", "ruff", "format", "--check", "."]),
        Step("types", [python, "-m", "mypy"]),
        Step("lessons agree", [python, "-m", "courseware.notebooks", "check"]),
        Step("links", [python, "-m", "courseware.commands.docs"]),
        Step(
            "unit tests",
            [
                *pytest,
                *("tests", "--ignore=tests/browser", "-n", workers, "--dist", "loadscope"),
                *("-m", "not slow and not node" if fast else "not node"),
            ],
        ),
        Step(
            "Node client",
            [*pytest, "tests/practice_model", "-m", "node"],
            fast=False,
            left_out=no_node,
        ),
        Step("notebooks", nbval_command(), fast=False),
        Step("browser", [*pytest, "tests/browser"], fast=False, left_out=no_browser),
    ]


def run(chosen: Sequence[Step]) -> list[tuple[Step, int | None, float]]:
    """Runs the steps; yields for each its exit code (None when left out) and its seconds."""
    results: list[tuple[Step, int | None, float]] = []
    for number, step in enumerate(chosen, 1):
        print(f"\n[{number}/{len(chosen)}] {step.name}", flush=True)
        if step.left_out:
            print(f"left out: {step.left_out}")
            results.append((step, None, 0.0))
            continue
        start = time.monotonic()
        code = subprocess.run(
            step.command, cwd=ROOT, env={**os.environ, **step.environment}
        ).returncode
        results.append((step, code, time.monotonic() - start))
    return results


def main(arguments: Sequence[str]) -> int:
    """Runs the checks; the exit code is 1 when one failed."""
    parser = argparse.ArgumentParser(
        prog="course.py test",
        description="Run what CI checks: style, types, unit tests, notebooks, links, browser.",
    )
    parser.add_argument("--fast", action="store_true", help="only what takes under a minute")
    options = parser.parse_args(arguments)
    if not TESTS.is_dir():
        sys.exit(f"course.py test: {TESTS} is missing. Clone the course again, whole.")
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    chosen = [
        step for step in steps(fast=options.fast, in_ci=in_ci) if step.fast or not options.fast
    ]
    results = run(chosen)
    print("\nSummary")
    for step, code, seconds in results:
        outcome = "left out" if code is None else "passed" if code == 0 else "FAILED"
        print(f"  {step.name:<16}{outcome:<10}{step.left_out or f'{seconds:.0f} s'}")
    failed = sum(1 for _, code, _ in results if code)
    passed = sum(1 for _, code, _ in results if code == 0)
    print(f"checks: {passed} passed, {failed} failed")
    return 1 if failed else 0
