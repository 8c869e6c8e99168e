"""What a schema says is checked; what says nothing is refused."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, Optional, Required, TypedDict

import pytest
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from pydantic import BaseModel, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from tests.agent_patterns.durable.graphs import thread

from agent_patterns.checkpoints import StateInvalid, open_checkpointer
from agent_patterns.checkpoints.integrity.validation import StateValidator


class Line(TypedDict):
    item: str
    size: NotRequired[tuple[int, int]]
    parts: NotRequired[list[Line]]


class Typed(TypedDict):
    number: Required[int]
    total: NotRequired[int]
    noted: Annotated[NotRequired[int], operator.add]
    lines: list[Line]
    pair: tuple[int, str]
    pairs: dict[str, list[tuple[int, str]]] | None
    any_tuple: tuple
    either: Optional[tuple[int, ...]]  # noqa: UP045
    wake: Callable[[], None]


class Modelled(BaseModel):
    number: int = Field(gt=0)
    pair: tuple[int, str] = (1, "a")


@pydantic_dataclass
class Both:
    number: int = Field(gt=0)


@dataclass
class Plain:
    number: int


@pytest.mark.parametrize(
    ("schema", "key", "good", "bad"),
    [
        (Typed, "number", 1, "1"),
        (Typed, "total", 1, "1"),
        (Typed, "noted", 1, "1"),
        (Typed, "lines", [{"item": "ink", "parts": [{"item": "lid"}]}], [{"item": 1}]),
        (Typed, "lines", [{"item": "ink", "size": (1, 2)}], [{"item": "ink", "size": [1, 2]}]),
        (Typed, "lines", [], [{}]),
        (Typed, "pair", (1, "a"), ("1", "a")),
        (Typed, "pair", (2, ""), [1, "a"]),
        (Typed, "pairs", {"a": [(1, "a"), (1, "b")]}, {"a": [(1, "a"), [1, "b"]]}),
        (Typed, "pairs", None, 1),
        (Typed, "any_tuple", (1,), [1]),
        (Typed, "either", (1, 2), ("a",)),
        (Modelled, "number", 1, -1),
        (Modelled, "pair", (1, "a"), (1, 1)),
        (Both, "number", 1, -1),
        (Plain, "number", 1, "1"),
        (MessagesState, "messages", [AIMessage("hello")], ["hello"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(schema: type, key: str, good: Any, bad: Any) -> None:
    validator = StateValidator(schema)
    validator.check({key: good}, when="save")
    validator.check({key: good, "a channel of LangGraph's own": bad}, when="load")
    with pytest.raises(StateInvalid, match=key):
        validator.check({key: bad}, when="save")


class Empty(TypedDict):
    pass


@pytest.mark.parametrize("schema", [dict, int, Empty])
def test_a_schema_that_could_check_nothing_is_refused(schema: type) -> None:
    with pytest.raises(TypeError, match="names no keys"):
        open_checkpointer("memory://", schema=schema)


def test_a_schema_that_cannot_be_read_is_named() -> None:
    class Hidden:
        pass

    class Local(TypedDict):
        hidden: Hidden

    with pytest.raises(TypeError, match=r"Local cannot be read here.*top of a module"):
        StateValidator(Local)


def test_a_tuple_is_loaded_as_one_and_saved_again(url: str) -> None:
    failing = True

    def second(state: Typed) -> dict[str, Any]:
        if failing:
            raise ConnectionError
        return {"number": state["number"] + 1}

    def build(opened: Any) -> Any:
        builder = StateGraph(Typed)
        builder.add_node("first", lambda state: {"pair": (1, "a")})
        builder.add_node("second", second)
        builder.add_edge(START, "first")
        builder.add_edge("first", "second")
        return builder.compile(checkpointer=opened)

    with open_checkpointer(url, schema=Typed) as checkpointer:
        graph = build(checkpointer)
        with pytest.raises(ConnectionError):
            graph.invoke({"number": 1}, thread("order"), durability="sync")
        failing = False
        final = graph.invoke(None, thread("order"))
        assert final == {"number": 2, "noted": 0, "pair": (1, "a")}
        graph.update_state(thread("order"), {"pair": (2, "b")})
