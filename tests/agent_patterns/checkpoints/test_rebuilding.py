"""What would come back as something else is refused on save, with its key, on every backend."""

from __future__ import annotations

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, NamedTuple, TypedDict
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import START, StateGraph, add_messages
from langgraph.types import Interrupt, Send
from pydantic import BaseModel, PrivateAttr
from tests.agent_patterns.checkpoints.stored import inspect
from tests.agent_patterns.durable.graphs import thread

from agent_patterns.checkpoints import StateInvalid, open_checkpointer
from agent_patterns.checkpoints.integrity.sealing import Sealer


class Text(str):
    __slots__ = ()


class Point(NamedTuple):
    x: int
    y: int


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass
class Parcel:
    size: tuple[int, int]
    weight: float = dataclasses.field(default=0.0, init=False)


class Secretive(BaseModel):
    name: str
    _seen: int = PrivateAttr(0)


def secretive() -> Secretive:
    made = Secretive(name="a")
    made._seen = 1
    return made


class Thing(TypedDict, total=False):
    thing: Any
    text: str
    raw: bytes


def graph_of(checkpointer: Any, **update: Any) -> Any:
    builder = StateGraph(Thing)
    builder.add_node("make", lambda state: update)
    builder.add_edge(START, "make")
    return builder.compile(checkpointer=checkpointer)


REFUSED = {
    "Counter": (Counter("abca"), "Counter would come back as plain dict"),
    "defaultdict": (defaultdict(int, a=1), "defaultdict would come back as plain dict"),
    "OrderedDict": (OrderedDict(a=1), "OrderedDict would come back as plain dict"),
    "deque": (deque([1, 2], maxlen=2), "maxlen=2"),
    "bytearray": ([bytearray(b"ab")], "bytearray would come back as bytes"),
    "str subclass": (Text("ab"), "Text would come back as str"),
    "int subclass": (type("Cents", (int,), {})(450), "Cents would come back as int"),
    "named tuple": (Point(1, 2), "Point would come back as plain data.*allow="),
    "enum": (Colour.RED, "Colour would come back as plain data"),
    "dataclass": (Parcel((1, 2)), "Parcel would come back as plain data"),
    "exception": (ValueError("no"), "ValueError would come back as plain data"),
    "half a character": ("half \ud83d", "would come back as"),
    "fraction": (Fraction(1, 3), "Fraction cannot be stored"),
    "deep": ([{"a": (1, Counter("a"))}], "Counter would come back"),
    "in a key": ({Text("a"): 1}, "Text would come back as str"),
    "in a message": (
        [AIMessage("a", additional_kwargs={"parsed": Secretive(name="b")})],
        "Secretive would come back",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_rebuilt_equal_is_refused(name: str) -> None:
    value, says = REFUSED[name]
    with open_checkpointer("memory://") as checkpointer:
        with pytest.raises(StateInvalid, match=says) as caught:
            graph_of(checkpointer, thing=value).invoke({}, thread("t"), durability="sync")
        assert set(caught.value.problems) == {"thing"}


@pytest.mark.parametrize("value", [Parcel((1, 2)), secretive()])
def test_a_class_that_loses_a_part_is_refused_though_it_is_allowed(value: Any) -> None:
    with pytest.raises(StateInvalid, match="would come back"):
        Sealer(allow=[type(value)]).seal(value)


@pytest.mark.parametrize("update", [{"text": Text("ab")}, {"raw": bytearray(b"ab")}])
def test_a_value_that_a_schema_would_refuse_on_load_is_refused_on_save(
    update: dict[str, Any], url: str
) -> None:
    with open_checkpointer(url, schema=Thing) as checkpointer:
        graph = graph_of(checkpointer)
        with pytest.raises(StateInvalid) as caught:
            graph.update_state(thread("t"), update, as_node="make")
        assert set(caught.value.problems) == set(update)
        assert graph.get_state(thread("t")).values == {}


KEPT = (
    float("nan"),
    float("-inf"),
    1e16,
    -0.0,
    2**63,
    "nul \x00",
    b"\x00\xff",
    bytearray(b"ab"),
    None,
    True,
    {1: "a", "1": "b", None: {2.5: [True, 1]}},
    {1, 2},
    frozenset((1, 2)),
    deque([1, 2]),
    Decimal("1.10"),
    datetime(2026, 12, 1, tzinfo=UTC),
    date(2026, 12, 1),
    timedelta(seconds=1),
    UUID(int=5),
    [HumanMessage("a", id="1"), AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": "1"}])],
    ToolMessage("done", tool_call_id="1", artifact={"rows": [1]}),
    Send("make", {"pair": (1, 2)}),
    Interrupt({"pair": (1, 2)}, id="1"),
    (),
    (1, [("a",)], {"b": ({2},)}),
    {"set": {(1, 2)}, "deque": deque([(1,)])},
    AIMessage("a", additional_kwargs={"pair": (1, 2)}),
)


@pytest.mark.parametrize("value", KEPT, ids=[type(value).__name__ for value in KEPT])
def test_what_comes_back_equal_is_kept(value: Any, url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = graph_of(checkpointer, thing=value)
        graph.invoke({}, thread("t"))
        back = graph.get_state(thread("t")).values["thing"]
        assert type(back) is type(value)
        assert repr(back) == repr(value)
        assert inspect(checkpointer, "t") == ()


def test_a_value_that_changes_while_it_is_saved_is_no_reason_to_refuse() -> None:
    """`add_messages` gives a message its id while another thread saves the input."""
    message = HumanMessage("pay")
    sealer = Sealer()

    encoded = sealer._serializer.dumps_typed

    def slow(value: Any) -> tuple[str, bytes]:
        done = encoded(value)
        message.id = "1"
        return done

    sealer._serializer.dumps_typed = slow  # type: ignore[method-assign]
    assert sealer.unseal(sealer.seal([message])) == [HumanMessage("pay", id="1")]


@dataclasses.dataclass
class Box:
    size: tuple[int, int]


@pytest.mark.parametrize("value", [Box((1, 2)), Point(1, 2), {"a": [Box((1, 2))]}])
def test_a_tuple_in_a_class_that_is_allowed_comes_back_as_one(value: Any) -> None:
    sealer = Sealer(allow=[Box, Point])
    assert repr(sealer.unseal(sealer.seal(value))) == repr(value)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.binary()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=plain)
def test_plain_data_is_never_refused(value: Any) -> None:
    sealer = Sealer()
    assert repr(sealer.unseal(sealer.seal(value))) == repr(value)


class Chat(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


def test_an_error_of_a_node_is_kept_as_its_text(url: str) -> None:
    """LangGraph stores what a failed task raised, and an exception comes back as its text."""

    def fail(state: Chat) -> Chat:
        raise ConnectionError("the bank is away")

    with open_checkpointer(url) as checkpointer:
        graph = StateGraph(Chat).add_node(fail).add_edge(START, "fail")
        compiled = graph.compile(checkpointer=checkpointer)
        with pytest.raises(ConnectionError):
            compiled.invoke({"messages": [HumanMessage("pay")]}, thread("t"), durability="sync")
        (task,) = compiled.get_state(thread("t")).tasks
        assert "the bank is away" in str(task.error)
