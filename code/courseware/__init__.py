"""What runs the course: practice model, widgets, exercises, notebooks, command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courseware.runtime.connect import ConnectError, Session, connect

__all__ = ["ConnectError", "Session", "connect"]


def __getattr__(name: str) -> Any:
    # Loaded on demand: the command line and the checks start without a server's imports.
    if name in __all__:
        from courseware.runtime import connect as session

        return getattr(session, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
