"""The bar of a cell that takes a while."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.widgets import waiting


def test_unattended_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "display", lambda _: pytest.fail("shown"))
    assert list(waiting.watched("abc", "Counting")) == ["a", "b", "c"]


def test_a_bar_tells_how_far_it_is_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    shown: list[Any] = []
    closed: list[Any] = []
    monkeypatch.setattr(waiting, "get_ipython", object)
    monkeypatch.setattr(waiting, "display", shown.append)
    monkeypatch.setattr(waiting.ipywidgets.IntProgress, "close", lambda bar: closed.append(bar))
    told = [(item, shown[0].description, shown[0].value) for item in waiting.watched("ab", "Runs")]
    assert told == [("a", "Runs: 1 of 2", 0), ("b", "Runs: 2 of 2", 1)]
    assert closed == shown
