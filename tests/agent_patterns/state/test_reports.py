"""Public reports about state and edges, each with the right value."""

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.errors import InvalidUpdateError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send

from agent_patterns.state import append, maximum, unique


class Plain(TypedDict, total=False):
    a: int
    b: int


def test_langgraph_2336_parallel_nodes_that_return_the_whole_state() -> None:
    def whole_a(state: Plain) -> Plain:
        return {**state, "a": state["a"] + 1}

    def whole_b(state: Plain) -> Plain:
        return {**state, "b": state["b"] + 1}

    def graph(*nodes: Any) -> Any:
        builder = StateGraph(Plain)
        for node in nodes:
            builder.add_node(node.__name__, node)
            builder.add_edge(START, node.__name__)
            builder.add_edge(node.__name__, END)
        return builder.compile()

    with pytest.raises(InvalidUpdateError, match="one value per step"):
        graph(whole_a, whole_b).invoke({"a": 1, "b": 10})

    def only_a(state: Plain) -> Plain:
        return {"a": state["a"] + 1}

    def only_b(state: Plain) -> Plain:
        return {"b": state["b"] + 1}

    assert graph(only_a, only_b).invoke({"a": 1, "b": 10}) == {"a": 2, "b": 11}


@pytest.mark.parametrize(
    ("reducer", "expected"),
    [
        (operator.add, ["parent", "parent", "child"]),
        (append, ["parent", "parent", "child"]),
        (unique(), ["parent", "child"]),
    ],
)
def test_langgraph_4007_and_3648_a_subgraph_doubles_an_appended_list(
    reducer: Any, expected: list[str]
) -> None:
    class Shared(TypedDict):
        notes: Annotated[list[str], reducer]

    child = StateGraph(Shared)
    child.add_node("work", lambda _: {"notes": ["child"]})
    child.add_edge(START, "work")
    parent = StateGraph(Shared)
    parent.add_node("before", lambda _: {"notes": ["parent"]})
    parent.add_node("child", child.compile())
    parent.add_edge(START, "before")
    parent.add_edge("before", "child")
    assert parent.compile().invoke({"notes": []}) == {"notes": expected}


def test_langgraph_6290_a_subgraph_reruns_the_reducer_of_a_key_that_it_never_wrote() -> None:
    class Counts(TypedDict):
        added: Annotated[int, operator.add]
        highest: Annotated[int | None, maximum]
        other: str

    child = StateGraph(Counts)
    child.add_node("work", lambda _: {"other": "touched"})
    child.add_edge(START, "work")
    parent = StateGraph(Counts)
    parent.add_node("child", child.compile())
    parent.add_edge(START, "child")
    out = parent.compile().invoke({"added": 1, "highest": 1, "other": ""})
    assert out == {"added": 2, "highest": 1, "other": "touched"}


class Visited(TypedDict):
    visited: Annotated[list[str], append]


def test_langgraph_5829_a_goto_does_not_cancel_the_edge() -> None:
    def jump(_: Visited) -> Command[str]:
        return Command(goto="by_goto", update={"visited": ["jump"]})

    def graph(with_edge: bool) -> Any:
        builder = StateGraph(Visited)
        builder.add_node("jump", jump, destinations=("by_goto",))
        for name in ("by_goto", "by_edge"):
            builder.add_node(name, lambda _, name=name: {"visited": [name]})
        builder.add_edge(START, "jump")
        if with_edge:
            builder.add_edge("jump", "by_edge")
        return builder.compile()

    both = graph(with_edge=True).invoke({"visited": []})["visited"]
    assert sorted(both) == ["by_edge", "by_goto", "jump"]
    assert graph(with_edge=False).invoke({"visited": []})["visited"] == ["jump", "by_goto"]


def test_a_route_to_no_node_ends_silently_and_a_path_map_speaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def graph(path_map: list[str] | None) -> Any:
        builder = StateGraph(Visited)
        builder.add_node("triage", lambda _: {"visited": ["triage"]})
        builder.add_node("billing", lambda _: {"visited": ["billing"]})
        builder.add_edge(START, "triage")
        builder.add_conditional_edges("triage", lambda _: "biling", path_map)
        return builder.compile()

    assert graph(None).invoke({"visited": []}) == {"visited": ["triage"]}
    with pytest.raises(KeyError, match="biling"):
        graph(["billing", END]).invoke({"visited": []})


def test_langgraph_1406_branches_of_a_map_need_a_reducer() -> None:
    def graph(annotation: Any) -> Any:
        class Lines(TypedDict):
            lines: annotation

        builder = StateGraph(Lines)
        builder.add_node("price", lambda item: {"lines": [item["name"]]})
        builder.add_conditional_edges(
            START, lambda _: [Send("price", {"name": name}) for name in ("pen", "ink")], ["price"]
        )
        return builder.compile()

    with pytest.raises(InvalidUpdateError):
        graph(list[str]).invoke({"lines": []})
    merged = graph(Annotated[list[str], append]).invoke({"lines": []})
    assert merged == {"lines": ["pen", "ink"]}
