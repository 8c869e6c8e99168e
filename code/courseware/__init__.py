"""What runs the course: lessons, exercises, widgets, notebooks, commands.

A notebook begins with ``from courseware import connect, exercise``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from courseware.runtime.tracing import stop_tracing

if TYPE_CHECKING:
    from courseware.lessons import exercise
    from courseware.lessons.progress_view import show_progress
    from courseware.runtime.connect import ConnectError, Session, connect

__all__ = ["ConnectError", "Session", "connect", "exercise", "show_progress"]

# A tracing variable found in the environment is never used, whatever a lesson imports first.
stop_tracing()

_HOME = {"exercise": "lessons", "show_progress": "lessons.progress_view"}


def __getattr__(name: str) -> Any:
    # Loaded on demand: the command line and the checks start without a server's imports.
    if name in __all__:
        home = _HOME.get(name, "runtime.connect")
        return getattr(importlib.import_module(f"courseware.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
