"""The environment in which notebooks are built and compared: nobody there, nothing live."""

from __future__ import annotations

import os

_UNSET = ("AGENT_PATTERNS_LIVE", "AGENT_PATTERNS_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL")


def kernel_environment() -> dict[str, str]:
    """Return the variables of a kernel that runs without a human."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {
        **environment,
        "AGENT_PATTERNS_UNATTENDED": "1",
        "LANGSMITH_TRACING": "false",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
