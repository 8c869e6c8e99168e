from __future__ import annotations

import pytest

from courseware.runtime.unattended import unattended


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("YES", True), ("0", False), ("off", False), (" 1 ", True)],
)
def test_the_environment_decides(value, expected):
    assert unattended({"AGENT_PATTERNS_UNATTENDED": value}) is expected


def test_outside_jupyter_nobody_is_there():
    assert unattended({}) is True
    assert unattended({"AGENT_PATTERNS_UNATTENDED": ""}) is True


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="set it to 1 or 0"):
        unattended({"AGENT_PATTERNS_UNATTENDED": "maybe"})


class Shell:
    class kernel:
        _allow_stdin = False


@pytest.mark.parametrize(("answers", "expected"), [(False, True), (True, False)])
def test_a_kernel_whose_client_cannot_answer_is_unattended(monkeypatch, answers, expected):
    monkeypatch.setattr(Shell.kernel, "_allow_stdin", answers)
    monkeypatch.setattr("IPython.core.getipython.get_ipython", Shell)
    assert unattended({}) is expected
