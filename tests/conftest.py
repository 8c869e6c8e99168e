"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples and draws in every CI run: what is new is found on a maintainer's machine, where
# it can be looked at, and not in an unrelated change.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
    os.environ.setdefault("AGENT_PATTERNS_SEED", "ci")
