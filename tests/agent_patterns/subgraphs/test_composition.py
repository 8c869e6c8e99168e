"""Interrupts, checkpoints, streams and memory through a subgraph; public reports, by number."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from pydantic import ValidationError
from tests.agent_patterns.subgraphs.graphs import BLOG, BlogState, blog, parent, research, use

from agent_patterns.subgraphs import adapt

CONFIG = {"configurable": {"thread_id": "1"}}


def test_an_interrupt_inside_is_answered_from_the_parent() -> None:
    graph = blog(ask=True)
    waiting = graph.invoke({"topic": "paper"}, CONFIG)["__interrupt__"]
    assert [one.value["args"]["sources"] for one in waiting] == [["paper-01", "paper-02"]]
    result = graph.invoke(Command(resume=use(["paper-02"])), CONFIG)
    assert [note["source"] for note in result["notes"]] == ["paper-02"]


@pytest.mark.parametrize("answer", [use(["wool-09"]), True, {"type": "maybe"}])
def test_an_answer_that_the_question_does_not_allow_is_refused_and_can_be_given_again(
    answer: Any,
) -> None:
    graph = blog(ask=True)
    graph.invoke({"topic": "ink"}, CONFIG)
    with pytest.raises(ValidationError):
        graph.invoke(Command(resume=answer), CONFIG)
    assert graph.get_state(CONFIG).next == ("research",)
    result = graph.invoke(Command(resume={"type": "reject"}), CONFIG)
    assert (result["notes"], result["post"]) == ([], "")


def test_the_inner_state_is_seen_while_it_waits() -> None:
    graph = blog(ask=True)
    graph.invoke({"topic": "ink"}, CONFIG)
    inner = graph.get_state(CONFIG, subgraphs=True).tasks[0].state
    assert inner.next == ("review",)
    assert inner.values["question"] == "ink"
    assert [name for name, _ in graph.get_subgraphs()] == ["research"]
    assert "research\\3areview" in graph.get_graph(xray=True).draw_mermaid()


def test_streams_and_checkpoints_carry_the_namespace() -> None:
    graph = blog()
    parts = list(
        graph.stream({"topic": "ink"}, CONFIG, stream_mode="updates", subgraphs=True, version="v2")
    )
    where = [(part["ns"][0].split(":")[0] if part["ns"] else "", *part["data"]) for part in parts]
    assert where == [("research", "find"), ("research", "sum_up"), ("", "research")]
    spaces = {
        one.config["configurable"]["checkpoint_ns"].split(":")[0]
        for one in graph.checkpointer.list(CONFIG)
    }
    assert spaces == {"", "research"}


@pytest.mark.parametrize(
    ("memory", "remembered"), [(None, ["pens"]), (True, ["ink", "pens"]), (False, ["pens"])]
)
def test_memory_of_a_subgraph_per_call_per_thread_or_none(
    memory: bool | None, remembered: list[str]
) -> None:
    graph = parent(counting(memory), dict)
    graph.invoke({"asked": "ink"}, CONFIG)
    assert graph.invoke({"asked": "pens"}, CONFIG)["all"] == remembered


class Inner(TypedDict, total=False):
    asked: Annotated[list[str], operator.add]


def counting(memory: bool | None) -> Any:
    inner = StateGraph(Inner).add_node("note", lambda state: {}).add_edge(START, "note")
    compiled = inner.compile(checkpointer=memory)

    def node(state: dict[str, Any]) -> dict[str, Any]:
        return {**state, "all": compiled.invoke({"asked": [state["asked"]]})["asked"]}

    return node


@pytest.mark.parametrize(
    ("memory", "last"), [(True, [["ink", "paper"], ["paper", "ink"]]), (None, [["paper"], ["ink"]])]
)
def test_calls_in_one_node_find_their_memory_by_their_place(memory: Any, last: Any) -> None:
    inner = StateGraph(Inner).add_node("note", lambda state: {}).add_edge(START, "note")
    compiled = inner.compile(checkpointer=memory)

    def each(state: dict[str, Any]) -> dict[str, Any]:
        return {**state, "all": [compiled.invoke({"asked": [one]})["asked"] for one in state["q"]]}

    graph = parent(each, dict)
    graph.invoke({"q": ["ink", "paper"]}, CONFIG)
    assert graph.invoke({"q": ["paper", "ink"]}, CONFIG)["all"] == last


# https://github.com/langchain-ai/langgraph/issues/2870
def test_report_2870_every_interrupt_of_a_subgraph_gets_its_own_answer() -> None:
    answers: list[str] = []

    def ask(name: str) -> Any:
        def node(state: BlogState) -> dict[str, Any]:
            answers.append(f"{name}={interrupt(name)}")
            return {}

        return node

    inner = StateGraph(BlogState).add_node("one", ask("one")).add_node("two", ask("two"))
    compiled = inner.add_edge(START, "one").add_edge("one", "two").compile()
    graph = parent(lambda state: {"post": str(compiled.invoke(state))})
    graph.invoke({"topic": "ink"}, CONFIG)
    graph.invoke(Command(resume="first"), CONFIG)
    graph.invoke(Command(resume="second"), CONFIG)
    assert answers == ["one=first", "two=second"]


# https://github.com/langchain-ai/langgraph/issues/4796
def test_report_4796_a_resumed_subgraph_goes_on_where_it_stopped() -> None:
    searched: list[str] = []
    from tests.agent_patterns.subgraphs.graphs import search, write

    from agent_patterns.subgraphs.research import research_subgraph

    def counted(question: str) -> Any:
        searched.append(question)
        return search(question)

    graph = parent(adapt(research_subgraph(counted, write, ask=True), BLOG))
    graph.invoke({"topic": "ink"}, CONFIG)
    graph.invoke(Command(resume=use(["ink-01"])), CONFIG)
    assert searched == ["ink"]


# https://github.com/langchain-ai/langgraph/issues/2004
def test_report_2004_two_calls_in_one_node_keep_their_interrupts_apart() -> None:
    inner = research(ask=True)

    def both(state: BlogState) -> dict[str, Any]:
        first = inner.invoke({"question": "ink"})
        second = inner.invoke({"question": "paper"})
        return {"notes": [*first["findings"], *second["findings"]]}

    graph = parent(both)
    graph.invoke({"topic": ""}, CONFIG)
    graph.invoke(Command(resume=use(["ink-01"])), CONFIG)
    result = graph.invoke(Command(resume=use(["paper-01"])), CONFIG)
    assert [note["source"] for note in result["notes"]] == ["ink-01", "paper-01"]


# https://github.com/langchain-ai/langgraph/issues/5639
def test_report_5639_a_subgraph_called_in_a_function_starts_fresh_each_time() -> None:
    graph = blog()
    for topic, sources in (("ink", ["ink-01"]), ("nothing", []), ("ink", ["ink-01"])):
        notes = graph.invoke({"topic": topic}, CONFIG)["notes"]
        assert [note["source"] for note in notes] == sources


# https://github.com/langchain-ai/langgraph/pull/3686
def test_report_3686_a_jump_to_the_parent_carries_only_its_update() -> None:
    def up(state: BlogState) -> Command[Any]:
        return Command(graph=Command.PARENT, goto="after", update={"post": "from inside"})

    inner = StateGraph(BlogState).add_node("set", lambda state: {"topic": "changed inside"})
    compiled = inner.add_node("up", up).add_edge(START, "set").add_edge("set", "up").compile()
    builder = StateGraph(BlogState).add_node("research", compiled)
    graph = builder.add_node("after", lambda state: {}).add_edge(START, "research").compile()
    assert graph.invoke({"topic": "outside"}) == {"topic": "outside", "post": "from inside"}


# https://github.com/langchain-ai/langgraph/issues/6924
def test_report_6924_nodes_with_a_common_prefix_are_told_apart() -> None:
    builder = StateGraph(BlogState).add_node("research", adapt(research(ask=True), BLOG))
    builder.add_node("research_more", adapt(research(), BLOG))
    builder.add_edge(START, "research").add_edge("research", "research_more")
    graph = builder.compile(checkpointer=InMemorySaver())
    graph.invoke({"topic": "ink"}, CONFIG)
    assert graph.get_state(CONFIG, subgraphs=True).tasks[0].state.next == ("review",)
    updates = [
        part["ns"][0].split(":")[0]
        for part in graph.stream(
            Command(resume=use(["ink-01"])),
            CONFIG,
            stream_mode="updates",
            subgraphs=True,
            version="v2",
        )
        if part["ns"]
    ]
    assert set(updates) == {"research", "research_more"}


# https://github.com/langchain-ai/docs/issues/2847
def test_report_docs_2847_two_subgraphs_on_one_thread_do_not_share_checkpoints() -> None:
    builder = StateGraph(BlogState).add_node("first", adapt(research(checkpointer=True), BLOG))
    builder.add_node("second", adapt(research(checkpointer=True), BLOG))
    builder.add_edge(START, "first").add_edge("first", "second")
    graph = builder.compile(checkpointer=InMemorySaver())
    graph.invoke({"topic": "ink"}, CONFIG)
    spaces = {
        one.config["configurable"]["checkpoint_ns"] for one in graph.checkpointer.list(CONFIG)
    }
    assert spaces == {"", "first", "second"}
