"""Where the parts of the course lie, and where it keeps what it writes."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The course's folder."""

MODULES = ROOT / "modules"
NOTEBOOKS = ROOT / "notebooks"
CODE = ROOT / "code"
TESTS = ROOT / "tests"
STATE = ROOT / ".course"
"""What the course writes while it is used; git ignores it."""
