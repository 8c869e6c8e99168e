"""`course.py doctor`: checks what the course needs on this machine, and names the cure."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.runtime.connect import in_the_way
from courseware.runtime.paths import ROOT, STATE
from courseware.runtime.unattended import unattended

TESTED_PYTHONS = ((3, 11), (3, 14))
DIRECT = (
    "jupyterlab",
    "langgraph",
    "langchain",
    "langchain-openai",
    "langgraph-checkpoint-sqlite",
    "tenacity",
    "ipywidgets",
    "ipykernel",
)


@dataclass(frozen=True)
class Check:
    """The finding of one check."""

    name: str
    ok: bool
    detail: str
    fix: str = ""
    """What to do when it failed; empty otherwise."""


def _python() -> tuple[str, str]:
    version = sys.version_info[:2]
    oldest, newest = TESTED_PYTHONS
    if version < oldest:
        return "", "Install Python 3.11 or newer, delete .venv and call course.py with it."
    if version > newest:
        return (
            "newer than the course is tested on",
            "Where a package fails to install, use Python {}.{}.".format(*newest),
        )
    return "3.11 or newer", ""


def _packages() -> tuple[str, str]:
    pinned = dict(
        line.split(";")[0].strip().split("==")
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if re.match(r"[A-Za-z0-9][^ ]*==", line)
    )
    wrong = []
    for name in DIRECT:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} missing")
            continue
        if found != pinned.get(name):
            wrong.append(f"{name} {found} instead of {pinned.get(name)}")
    if wrong:
        return (
            ", ".join(wrong),
            "Delete the folder .venv, then call 'course.py lab': it installs the pinned versions.",
        )
    return "installed as pinned in requirements.txt", ""


def _kernel() -> tuple[str, str]:
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        return (
            "this Python is not the course's",
            "In JupyterLab choose the kernel 'Python 3 (ipykernel)'; outside it, call course.py.",
        )
    return "runs in the course's environment", ""


def _widgets() -> tuple[str, str]:
    manifest = Path(sys.prefix, "share/jupyter/labextensions/@jupyter-widgets/jupyterlab-manager")
    if not (manifest / "package.json").is_file():
        return (
            "JupyterLab's widget extension is missing",
            "Delete the folder .venv and call 'course.py lab' again.",
        )
    version = json.loads((manifest / "package.json").read_text(encoding="utf-8"))["version"]
    major = int(version.split(".")[0])
    if major < 5:
        return f"widget extension {version}", "Delete .venv and call 'course.py lab' again."
    return "buttons and sliders are installed", ""


def _loopback() -> str:
    """Return why this computer cannot be reached by itself; empty if it can."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _model() -> tuple[str, str]:
    from practice_model import PracticeServer

    if refused := _loopback():
        return (
            f"no connection to 127.0.0.1, this computer itself ({refused})",
            "Let Python use the loopback interface: allow it in the firewall or security software;"
            " in a container or sandbox, 'ip link set lo up' as root.",
        )
    with PracticeServer() as server:
        request = urllib.request.Request(
            server.base_url + "/chat/completions",
            data=json.dumps(
                {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hello"}]}
            ).encode(),
            headers={
                "Authorization": f"Bearer {server.api_key}",
                "Content-Type": "application/json",
            },
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as answer:
            json.load(answer)["choices"][0]["message"]["content"]
    return "the practice model answers on this machine", ""


def _which_model() -> tuple[str, str]:
    if os.environ.get("AGENT_PATTERNS_LIVE") != "1":
        return "practice: no key, no network", ""
    if not os.environ.get("OPENAI_API_KEY"):
        return "live, but without a key", "Set OPENAI_API_KEY, or start without --live."
    return "live: notebooks spend the key in OPENAI_API_KEY", ""


def _shell() -> tuple[str, str]:
    found = in_the_way()
    said = "; ".join(f"{name}: {why}" for name, why in found.items())
    if not found or os.environ.get("AGENT_PATTERNS_LIVE") != "1":
        return said and f"set aside for the practice model: {said}", ""
    return said, f"Unset {', '.join(found)}, or correct it: a live model cannot be reached with it."


def _writing() -> tuple[str, str]:
    for folder in (STATE, ROOT / "notebooks"):
        try:
            folder.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder):
                pass
        except OSError as error:
            return (
                f"{folder.name} cannot be written ({error.strerror})",
                "Copy the course to a folder you own.",
            )
    return "notebooks and progress can be saved", ""


def _disk() -> tuple[str, str]:
    free = shutil.disk_usage(ROOT).free
    if free < 200_000_000:
        return f"{free / 1e6:.0f} MB free", "Free at least 200 MB."
    return "enough is free", ""


CHECKS: tuple[tuple[str, Callable[[], tuple[str, str]]], ...] = (
    ("Python", _python),
    ("packages", _packages),
    ("kernel", _kernel),
    ("widgets", _widgets),
    ("practice model", _model),
    ("model in use", _which_model),
    ("shell", _shell),
    ("write access", _writing),
    ("disk", _disk),
)


EXACTLY: dict[str, Callable[[], str]] = {
    "Python": platform.python_version,
    "disk": lambda: f"{shutil.disk_usage(ROOT).free / 1e9:.0f} GB",
}
"""What was found, where it differs from machine to machine."""


def run(exactly: bool = False) -> list[Check]:
    """Make every check; one that breaks is one that failed.

    Args:
        exactly: say too what was found where that differs from machine to machine.
    """
    results = []
    for name, check in CHECKS:
        try:
            detail, fix = check()
        except Exception as error:  # whatever broke is the finding
            detail = f"{type(error).__name__}: {error}"
            fix = "Delete the folder .venv and call 'course.py lab' again."
        if exactly and not fix and name in EXACTLY:
            detail += f" ({EXACTLY[name]()})"
        if detail or fix:
            results.append(Check(name, not fix, detail, fix))
    return results


def as_text(results: Sequence[Check]) -> str:
    """Return the checks as a plain table, each failed one with its cure on a line of its own."""
    width = max(len(check.name) for check in results)
    lines = []
    for check in results:
        lines.append(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<{width}}  {check.detail}")
        if not check.ok:
            lines.append(f"      {'':<{width}}  -> {check.fix}")
    return "\n".join(lines)


def show() -> None:
    """Print the checks; a notebook that nobody looks at holds nothing of this machine."""
    print(as_text(run(exactly=not unattended())))


def main(arguments: Sequence[str]) -> int:
    """Print the checks; the exit code is 1 when one failed."""
    argparse.ArgumentParser(
        prog="course.py doctor", description="Check this machine, with the cure for what fails."
    ).parse_args(arguments)
    results = run(exactly=True)
    print(as_text(results))
    return 0 if all(check.ok for check in results) else 1
