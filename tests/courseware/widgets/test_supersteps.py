"""The picture of super-steps."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.errors import InvalidUpdateError
from langgraph.graph import END, START, StateGraph

from courseware.widgets import SuperSteps


class Plain(TypedDict):
    notes: list[str]


class Merged(TypedDict):
    notes: Annotated[list[str], operator.add]


def _graph(schema: Any) -> Any:
    builder = StateGraph(schema)
    for name in ("zebra", "ant"):
        builder.add_node(name, lambda _, name=name: {"notes": [f"<{name}>"]})
        builder.add_edge(START, name)
    builder.add_node("answer", lambda _: {})
    builder.add_edge(["zebra", "ant"], "answer")
    builder.add_edge("answer", END)
    return builder.compile()


def test_each_step_shows_who_worked_and_what_came_out() -> None:
    view = SuperSteps(_graph(Merged), "notes")
    assert view.run({"notes": ["old"]}) == {"notes": ["old", "<ant>", "<zebra>"]}
    assert [step.nodes for step in view.steps] == [["input"], ["ant", "zebra"], ["answer"]]
    assert [step.state for step in view.steps] == ["merged"] * 3
    assert view.steps[1].updates == {"ant": ["<ant>"], "zebra": ["<zebra>"]}
    assert view.steps[2].value == ["old", "<ant>", "<zebra>"]
    assert "super-step 1: ant | zebra -> notes = ['old', '<ant>', '<zebra>']" in view.text()
    assert "<ant>" not in view.svg
    assert "&lt;ant&gt;" in view.svg


def test_a_step_that_cannot_be_merged_is_marked_and_raised() -> None:
    view = SuperSteps(_graph(Plain), "notes")
    with pytest.raises(InvalidUpdateError):
        view.run({"notes": []})
    assert view.steps[-1].state == "failed"
    assert "cannot be merged" in view.svg
    assert "InvalidUpdateError" in view.text()


def test_it_can_run_again() -> None:
    view = SuperSteps(_graph(Merged), "notes")
    view.run({"notes": []})
    first = view.svg
    view.run({"notes": []})
    assert view.svg == first


def test_a_list_is_shown_item_by_item_and_a_long_one_is_cut() -> None:
    view = SuperSteps(_graph(Merged), "notes")
    view.run({"notes": ["one", "two"]})
    assert all(f">{item}<" in view.svg for item in ("one", "two", "&lt;ant&gt;", "&lt;zebra&gt;"))
    view.run({"notes": [f"note {number}" for number in range(9)]})
    assert "and 6 more" in view.svg
    assert "and 8 more" in view.svg


def test_a_key_that_the_state_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no key 'nots'. It has notes\."):
        SuperSteps(_graph(Merged), "nots")
