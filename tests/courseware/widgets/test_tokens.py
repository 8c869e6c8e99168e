"""The token view, without a browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph

from agent_patterns.streaming import Progress, RunStream
from courseware.widgets import TokenView, show_tokens
from courseware.widgets import tokens as module

WORDS = "Dear <b>Clara</b> your order has left Bristol"


def graph(*, hangs: bool = False, fails: bool = False) -> Any:
    model = GenericFakeChatModel(messages=iter([AIMessage(WORDS)]))

    async def write(state: MessagesState) -> dict[str, Any]:
        with Progress("Writing", total=2) as progress:
            progress.advance("begun")
            answer = await model.ainvoke("go")
            if hangs:
                await asyncio.Event().wait()
            if fails:
                raise ConnectionError("down")
        return {"messages": [answer]}

    return StateGraph(MessagesState).add_node("write", write).add_edge(START, "write").compile()


async def test_tokens_and_progress_are_shown_and_escaped() -> None:
    view = TokenView(RunStream(graph(), {"messages": []}), title="Letter")
    stream = await view.run()
    assert stream.ended == "finished"
    assert "&lt;b&gt;Clara&lt;/b&gt;" in view._text.value
    assert view.stop_button.disabled
    assert "tokens, the first after" in view._line.value
    assert 'max="2" value="1"' in view._bars.value
    assert view.text() == "Letter: Finished\n  Writing: 1 of 2, done"


async def test_the_button_stops_the_run_while_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "unattended", lambda: False)
    monkeypatch.setattr(module, "show", lambda *_, **__: None)
    view = TokenView(RunStream(graph(hangs=True), {"messages": []}))
    running = asyncio.ensure_future(view.run())
    while view.stream.text != WORDS:
        await asyncio.sleep(0.01)
    assert view._state().startswith("Running in node write: ")
    view.stop_button.click()
    view.stop_button.click()
    stream = await asyncio.wait_for(running, 5)
    assert stream.ended == "stopped"
    assert stream.text == WORDS  # what was seen is kept
    assert "Writing: 1 of 2, stopped" in view.text()


async def test_a_run_without_a_model_shows_its_progress_and_no_tokens() -> None:
    async def read(state: MessagesState) -> dict[str, Any]:
        with Progress("Reading", total=1) as progress:
            progress.advance()
        return {}

    reader = StateGraph(MessagesState).add_node("read", read).add_edge(START, "read").compile()
    view = TokenView(RunStream(reader, {"messages": []}))
    await view.run()
    assert view._text.value == ""
    assert "token" not in view._line.value


async def test_unattended_the_button_is_pressed_by_script() -> None:
    stream = RunStream(graph(hangs=True), {"messages": []})
    view = TokenView(stream, stop_after=3)
    assert (await view.run()).ended == "stopped"
    assert "Scripted press of the stop button after 3 tokens" in view.text()
    assert view.tokens == 3


async def test_an_error_is_shown_and_raised() -> None:
    stream = RunStream(graph(fails=True), {"messages": []})
    with pytest.raises(ConnectionError, match="down"):
        await show_tokens(stream)
    assert stream.ended == "failed"
