"""The taught library, lifted out of the course, works with its own few dependencies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.courseware.commands.test_commands import asked_by

from courseware.runtime.paths import CODE, ROOT

pytestmark = pytest.mark.slow

IMPORT_ALL = """
import importlib, pkgutil, sys
import agent_patterns
names = [m.name for m in pkgutil.walk_packages(agent_patterns.__path__, "agent_patterns.")]
for name in names:
    importlib.import_module(name)
for stranger in ("courseware", "practice_model", "IPython", "ipywidgets"):
    assert stranger not in sys.modules, stranger
print(len(names))
"""


def test_agent_patterns_installs_alone_and_every_package_imports(tmp_path: Path) -> None:
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", str(tmp_path / "venv")], check=True, timeout=120)
    wanted = [*uv, "pip", "install", "-q", "--python", str(python)]
    wanted += ["-c", str(ROOT / "requirements.txt"), *sorted(asked_by("patterns"))]
    # The course was installed with these versions, so the cache has them; else the network does.
    if subprocess.run([*wanted, "--offline"], capture_output=True, timeout=300).returncode:
        subprocess.run(wanted, check=True, timeout=300)
    shutil.copytree(CODE / "agent_patterns", tmp_path / "lifted" / "agent_patterns")
    done = subprocess.run(
        [str(python), "-c", IMPORT_ALL],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "lifted")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20
