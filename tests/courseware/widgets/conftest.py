from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _unattended(monkeypatch):
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
