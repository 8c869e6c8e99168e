"""The brackets of middleware, and requests side by side."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage

from courseware.widgets import MiddlewareOrder, Recorder, RequestsView


class Model(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


def _run(order: MiddlewareOrder, rounds: int = 1) -> None:
    model = Model(messages=iter([AIMessage("Hello.")] * rounds))
    agent = create_agent(model, [], middleware=order.middleware)
    for _ in range(rounds):
        agent.invoke({"messages": [("user", "Hi")]})


def test_brackets_nest() -> None:
    order = MiddlewareOrder("outer", "inner")
    assert "✗" not in order.svg
    _run(order, rounds=2)  # the second round starts the numbers again
    assert order.calls == [
        ("outer", "before_model"),
        ("inner", "before_model"),
        ("outer", "wrap in"),
        ("inner", "wrap in"),
        ("inner", "wrap out"),
        ("outer", "wrap out"),
        ("inner", "after_model"),
        ("outer", "after_model"),
    ]
    assert "✗" not in order.svg
    assert "outer: before_model 1, wrap in 3, wrap out 6, after_model 8" in order.text()


def test_what_a_jump_passes_by_is_marked() -> None:
    order = MiddlewareOrder("review", "shortcut", jumper="shortcut")
    _run(order)
    assert ("review", "after_model") not in order.calls
    assert "after_model ✗" in order.svg
    assert "review: before_model 1, wrap in 3, wrap out 6, after_model -" in order.text()


def _ask(*questions: str) -> Recorder:
    recorder = Recorder()
    usage: Any = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    model = Model(messages=iter([AIMessage("<b>", usage_metadata=usage)] * len(questions)))
    for question in questions:
        model.invoke([HumanMessage(question)], {"callbacks": [recorder]})
    return recorder


def test_what_is_the_same_is_said_once() -> None:
    view = RequestsView({"one": _ask("<i>Hi", "Bye"), "two": _ask("<i>Hi", "Bye now")})
    assert not view.same()
    told = view.text().splitlines()
    assert told[3:5] == ["  request 1, two:", "    the same"]
    assert "    user      Bye now" in told
    assert "<i>" not in view._html()
    assert RequestsView({"one": _ask("Hi"), "two": _ask("Hi")}).same()


def test_runs_of_different_length() -> None:
    view = RequestsView({"one": _ask("Hi"), "two": _ask("Hi", "More")})
    assert "More" in view.text()
    assert RequestsView({}).text() == "What was sent"


def test_tokens_are_kept() -> None:
    assert _ask("a", "b").tokens == [7, 7]


def test_a_jumper_that_is_not_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="'revew' is none of the middleware review, shortcut"):
        MiddlewareOrder("review", "shortcut", jumper="revew")
