"""The transcript shows who said what to whom, safely, and through whose eyes one likes."""

from __future__ import annotations

import pytest

from agent_patterns.teams import Usage, turn
from courseware.widgets.transcript import TranscriptView, sequence_diagram

TURNS = [
    turn("supervisor", "writer", "", "decision", usage=Usage(1, 200, 5)),
    turn("supervisor", "writer", "Task: write", "task"),
    turn("writer", "supervisor", "<script>alert(1)</script>", usage=Usage(1, 90, 10)),
    turn("researcher", "supervisor", "Failed: down", "failure"),
]


def test_everybody_sees_all_and_each_agent_its_part() -> None:
    view = TranscriptView(TURNS, title="Team")
    assert view.text().splitlines()[0] == "Team, seen by everybody"
    assert view.summary == "4 messages, 2 model calls, 305 tokens"
    view.choice.value = "writer"
    assert "Failed" not in view.text()
    assert view.summary == "3 messages, 2 model calls, 305 tokens"
    assert "Failed" not in view._table.value
    assert view.choice.options == ("everybody", "supervisor", "writer", "researcher")
    with pytest.raises(ValueError, match="Nobody is called 'ghost'"):
        TranscriptView(TURNS, seen_by="ghost")


def test_what_was_said_is_text_and_never_markup() -> None:
    assert "<script>" not in TranscriptView(TURNS)._table.value
    assert "&lt;script&gt;" in TranscriptView(TURNS)._table.value


def test_the_plain_text_is_the_same_every_time() -> None:
    assert repr(TranscriptView(TURNS)) == repr(TranscriptView(TURNS))


def test_unattended_it_is_text_and_attended_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    assert set(TranscriptView(TURNS)._repr_mimebundle_()) == {"text/plain"}
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    assert any("widget" in kind for kind in TranscriptView(TURNS)._repr_mimebundle_())


def test_the_sequence_diagram_names_everybody_once_and_escapes_what_mermaid_reads() -> None:
    drawn = str(sequence_diagram(TURNS).data)
    assert drawn.count("participant") == 3
    assert "P0-->>P1: decision (205 tokens)" in drawn
    assert "P2-xP0: Failed down" in drawn
    assert "<script>" not in drawn
    assert "2 more messages" in str(sequence_diagram(TURNS, most=2).data)
