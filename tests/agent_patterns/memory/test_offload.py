"""Large tool results in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.memory import ContextManager, ContextMiddleware, Offload, TokenCounter
from agent_patterns.memory.errors import BudgetTooSmallError, ContextError

LOG = "\r\n".join(f"line {n}: all is well" for n in range(20_000)) + "\nERROR in order MF-1042\n"


class Model(GenericFakeChatModel):
    """Answers from a script."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


def _calls(tool_name: str, **args: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool_name, "args": args, "id": "call"}])


def _name(message: ToolMessage) -> str:
    return message.text.partition("saved as ")[2].partition(":")[0]


def test_an_agent_reads_back_what_it_needs(tmp_path: Path) -> None:
    @tool
    def read_log() -> str:
        """Read the log."""
        return LOG

    offload = Offload(tmp_path)
    first = create_agent(
        Model(messages=iter([_calls("read_log"), AIMessage("Large.")])),
        [read_log],
        middleware=[offload],
    ).invoke({"messages": [("user", "What is wrong?")]})
    shortened = first["messages"][2]
    assert len(shortened.text) < 800
    assert f"The first 500 of {len(LOG)} characters" in shortened.text

    reading = _calls("read_result", name=_name(shortened), find="error")
    again = create_agent(
        Model(messages=iter([reading, AIMessage("MF-1042 failed.")])),
        [read_log],
        middleware=[offload],
    ).invoke({"messages": [("user", "What is wrong?")]})
    assert "ERROR in order MF-1042" in again["messages"][2].text


async def test_the_same_asynchronously(tmp_path: Path) -> None:
    @tool
    async def read_log() -> str:
        """Read the log."""
        return LOG

    agent = create_agent(
        Model(messages=iter([_calls("read_log"), AIMessage("Large.")])),
        [read_log],
        middleware=[Offload(tmp_path)],
    )
    out = await agent.ainvoke({"messages": [("user", "What is wrong?")]})
    assert "saved as result-" in out["messages"][2].text


def _message(text: str, name: str = "read_log") -> ToolMessage:
    return ToolMessage(text, tool_call_id="a", name=name)


@given(text=st.text(min_size=1, max_size=300), above=st.integers(1, 100))
def test_reading_piece_by_piece_gives_the_whole(
    tmp_path_factory: pytest.TempPathFactory, text: str, above: int
) -> None:
    offload = Offload(tmp_path_factory.getbasetemp() / "pieces", above=above, preview=1)
    saved = offload.save(_message(text))
    if len(text) <= above:
        assert saved.text == text
        return
    read = ""
    while len(read) < len(text):
        read += offload.read(_name(saved), offset=len(read)).partition("\n")[2]
    assert read == text


def test_ten_megabytes(tmp_path: Path) -> None:
    saved = Offload(tmp_path).save(_message("x" * 10_000_000))
    assert len(saved.text) < 800
    assert (tmp_path / _name(saved)).stat().st_size == 10_000_000


def test_an_agent_whose_tool_returns_ten_megabytes(tmp_path: Path) -> None:
    large = "line: all is well\n" * 600_000

    @tool
    def read_log() -> str:
        """Read the log."""
        return large

    def agent(*middleware: Any, answers: int = 2) -> Any:
        said = [_calls("read_log"), AIMessage("Large.")][:answers]
        return create_agent(
            Model(messages=iter(said)), [read_log], middleware=middleware,
            checkpointer=InMemorySaver(),
        )  # fmt: skip

    ask: Any = {"messages": [("user", "What is wrong?")]}
    config: Any = {"configurable": {"thread_id": "clara"}}
    budget = ContextMiddleware(ContextManager(2_000, count=TokenCounter(len)))
    bare = agent(budget, answers=1)
    with pytest.raises(BudgetTooSmallError, match="offload large tool results"):
        bare.invoke(ask, config)
    assert bare.get_state(config).values["messages"][-1].text == large  # refused, and not lost

    out = agent(Offload(tmp_path), budget).invoke(ask, config)
    assert out["messages"][-1].text == "Large."
    assert (tmp_path / _name(out["messages"][2])).read_text() == large


def test_the_same_result_is_one_file_and_small_ones_are_none(tmp_path: Path) -> None:
    offload = Offload(tmp_path / "new", above=10, preview=5)
    small = _message("0123456789")
    assert offload.save(small) is small
    assert not (tmp_path / "new").exists()
    assert offload.save(_message("x" * 11)) == offload.save(_message("x" * 11))
    assert len(list((tmp_path / "new").iterdir())) == 1
    piece = _message("y" * 11, name="read_result")
    assert offload.save(piece) is piece


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/passwd", "result-../../secret.txt", "", "result-.txt", "x"]
)
def test_no_way_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    offload = Offload(tmp_path / "results")
    offload.save(_message(LOG))
    assert offload.read(name).startswith("There is no result")


def test_readings_that_miss_say_so(tmp_path: Path) -> None:
    offload = Offload(tmp_path, above=10, preview=5)
    name = _name(offload.save(_message("x" * 30)))
    assert "offset from 0 to 29" in offload.read(name, offset=30)
    assert "offset from 0 to 29" in offload.read(name, offset=-1)
    assert "does not occur" in offload.read(name, find="y")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ContextError, match="could not be saved"):
        Offload(tmp_path / "file").save(_message(LOG))
    with pytest.raises(ContextError, match="must lie between"):
        Offload(tmp_path, above=10, preview=11)
