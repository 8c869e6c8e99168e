"""Keep traces on this computer."""

from __future__ import annotations

import os
import sys

_TRACING = (
    "LANGSMITH_TRACING_V2",
    "LANGSMITH_TRACING",
    "LANGCHAIN_TRACING_V2",
    "LANGCHAIN_TRACING",
)


def stop_tracing() -> None:
    """Keep LangChain from sending traces away, whatever the environment says.

    Importing `courseware` does it, so no lesson, program or worker can forget to.
    """
    for name in _TRACING:
        os.environ[name] = "false"
    if utils := sys.modules.get("langsmith.utils"):
        utils.get_env_var.cache_clear()  # what it has looked up before
