"""The checkpoint explorer, without a browser."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from agent_patterns.checkpoints import open_checkpointer
from courseware.widgets import CheckpointExplorer, PanelError

CONFIG = {"configurable": {"thread_id": "t"}}


class State(TypedDict, total=False):
    log: Annotated[list[str], operator.add]
    total: int


def build(checkpointer: Any) -> Any:
    builder = StateGraph(State)
    builder.add_node("price", lambda state: {"log": ["price"], "total": 10})
    builder.add_node("left", lambda state: {"log": ["left"]})
    builder.add_node("right", lambda state: {"log": ["right"]})
    builder.add_node("sum", lambda state: {"log": ["sum"], "total": state["total"] * 2})
    builder.add_edge(START, "price")
    builder.add_edge("price", "left")
    builder.add_edge("price", "right")
    builder.add_edge(["left", "right"], "sum")
    builder.add_edge("sum", END)
    return builder.compile(checkpointer=checkpointer)


def explored(**options: Any) -> CheckpointExplorer:
    graph = build(InMemorySaver())
    graph.invoke({"log": []}, CONFIG)
    return CheckpointExplorer(graph, CONFIG, **options)


def test_it_tells_the_history_and_the_changes() -> None:
    explorer = explored(at=3)
    assert [step.what for step in explorer.steps] == [
        "input arrives", "input taken in", "after price", "after left, right", "after sum",
    ]  # fmt: skip
    assert explorer.step.changes == {"log": "added 2 items"}
    assert explorer.go(4).step.changes == {"log": "added sum", "total": "was 10"}
    assert explorer.go(2).step.changes["total"] == "new"
    assert "next: left, right" in repr(explorer)
    assert explorer.go(99).at == 4
    assert explorer.go(-1).at == 0


def test_a_structure_is_one_line_that_opens() -> None:
    graph = build(InMemorySaver())
    found = [{"text": "Ink " * 40, "source": f"ink-{number}"} for number in (1, 2)]
    graph.update_state(CONFIG, {"log": found}, as_node="price")
    html = CheckpointExplorer(graph, CONFIG)._state.value
    assert "<details><summary>(text: Ink Ink" in html
    assert '<span class="ap-value">ink-2</span>' in html


def test_the_text_is_the_same_every_run() -> None:
    assert repr(explored()) == repr(explored())
    assert explored().svg == explored().svg


def test_the_scrubber_moves_the_state() -> None:
    explorer = explored()
    explorer.slider.value = 2
    assert explorer.at == 2
    assert "after price" in explorer._state.value
    explorer.forth.click()
    assert explorer.slider.value == 3
    explorer.back.click()
    assert explorer.at == 2


def test_a_fork_is_a_new_branch_and_the_old_one_stays() -> None:
    explorer = explored(at=2)
    explorer.changes.value = '{"total": 50}'
    explorer.button.click()
    assert explorer.step.values["total"] == 100
    assert explorer.step.lane == 1
    assert "Run on from checkpoint 2; the new branch 1" in explorer._message.value
    assert "Nodes that ran: left, right, sum." in explorer._message.value
    assert explorer.steps[4].values["total"] == 20
    assert "1 fork" in explorer.title
    assert explorer.changes.value == ""


def test_a_fork_where_several_nodes_wrote() -> None:
    explorer = explored()
    assert explorer.fork({"total": 7}, at=3)["total"] == 14


def test_a_replay_without_changes() -> None:
    explorer = explored()
    assert explorer.fork(at=1)["total"] == 20
    assert explorer.step.lane == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "must be an object"),
        ('{"nothing": 1}', "no key &#x27;nothing&#x27;"),
        ("", "Nothing comes"),
    ],
)
def test_a_fork_that_cannot_be_says_why(text: str, says: str) -> None:
    explorer = explored()
    explorer.changes.value = text
    explorer.button.click()
    assert says in explorer._message.value
    assert len(explorer.steps) == 5
    assert "PanelError" not in explorer._message.value
    assert not explorer.button.disabled


def test_a_waiting_thread_and_an_empty_one() -> None:
    builder = StateGraph(State)
    builder.add_node("ask", lambda state: {"log": [interrupt("sure?")]})
    builder.add_edge(START, "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    empty = CheckpointExplorer(graph, CONFIG)
    assert repr(empty) == "Thread t: 0 checkpoints"
    with pytest.raises(PanelError, match="no checkpoint"):
        empty.fork()
    graph.invoke({"log": []}, CONFIG)
    empty.refresh()
    assert "waits for a human in ask" in repr(empty.go(1))


def test_markup_in_a_state_is_text() -> None:
    graph = build(InMemorySaver())
    graph.invoke({"log": ["<script>alert(1)</script>"]}, CONFIG)
    explorer = CheckpointExplorer(graph, {"configurable": {"thread_id": "t"}})
    assert "<script>" not in explorer._state.value + explorer.svg


def test_a_double_click_forks_once() -> None:
    now = [10.0]
    explorer = explored(at=2, clock=lambda: now[0])
    for seconds in (0.0, 0.2):  # the second press of a double click is handled after the first
        now[0] += seconds
        explorer.button.click()
    assert "Run on from checkpoint 2" in explorer._message.value
    assert "1 fork" in explorer.title
    now[0] += 1
    explorer.go(2)
    explorer.button.click()
    assert "2 forks" in explorer.title


def test_a_change_of_the_present_runs_nothing() -> None:
    explorer = explored()
    explorer.changes.value = '{"total": 1}'
    explorer.button.click()
    assert "Changed at checkpoint 4" in explorer._message.value


async def test_an_asynchronous_graph(tmp_path: Any) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "s.db")) as checkpointer:
        graph = build(checkpointer)
        await graph.ainvoke({"log": []}, CONFIG)
        explorer = await CheckpointExplorer(graph, CONFIG).load()
        assert explorer.step.values["total"] == 20
        with pytest.raises(PanelError, match="afork"):
            explorer.fork()
        assert (await explorer.afork({"total": 3}, at=2))["total"] == 6


def test_a_replay_from_the_very_first_checkpoint() -> None:
    now = [10.0]
    explorer = explored(at=0, clock=lambda: now[0])
    assert "Next: __start__." in explorer._state.value
    explorer.button.click()
    assert "Nodes that ran: price, left, right, sum." in explorer._message.value
    assert explorer.step.lane == 1
    now[0] += 1
    explorer.go(0)
    explorer.changes.value = '{"total": 1}'
    explorer.button.click()
    assert "change it at the next checkpoint" in explorer._message.value


def test_an_explorer_that_only_looks() -> None:
    explorer = explored(read_only=True)
    assert explorer.button not in explorer.widget.children
    assert explorer.slider.value == 4
    with pytest.raises(PanelError, match="only looks"):
        explorer.fork(at=2)


def test_a_closed_checkpointer_is_said_in_plain_words(tmp_path: Any) -> None:
    with open_checkpointer(f"sqlite:///{tmp_path.as_posix()}/s.db") as checkpointer:
        graph = build(checkpointer)
        graph.invoke({"log": []}, CONFIG)
        explorer = CheckpointExplorer(graph, CONFIG, at=2)
    explorer.button.click()
    assert "The checkpointer is closed" in explorer._message.value
    assert "Error" not in explorer._message.value


class Order(TypedDict, total=False):
    total: int
    note: str


def parent_with_subgraph(saver: Any) -> Any:
    inner = StateGraph(Order).add_node("look", lambda state: {"note": "looked"})
    inner = inner.add_node("ask", lambda state: {"note": interrupt("May I?")})
    compiled = inner.add_edge(START, "look").add_edge("look", "ask").compile()
    return (
        StateGraph(Order)
        .add_node("research", compiled)
        .add_edge(START, "research")
        .compile(checkpointer=saver)
    )


def test_the_checkpoints_of_a_subgraph_are_found_by_its_name_and_only_looked_at() -> None:
    graph = parent_with_subgraph(InMemorySaver())
    config: Any = {"configurable": {"thread_id": "MF-1"}}
    for answer in ("yes", "no"):
        graph.invoke({"total": 1}, config)
        graph.invoke(Command(resume=answer), config)
    explorer = CheckpointExplorer(graph, config)
    assert list(explorer.namespaces) == ["the graph itself", "research, call 1", "research, call 2"]
    assert explorer.where.layout.display == ""
    explorer.look_into("research")
    assert "inside research, call 2" in explorer.title
    assert explorer.step.values["note"] == "no"
    assert explorer.where.value == "research, call 2"
    explorer.where.value = "research, call 1"  # as the browser sets it
    assert explorer.step.values["note"] == "yes"
    with pytest.raises(PanelError, match="forked from its parent"):
        explorer.fork(at=1)
    with pytest.raises(PanelError, match="nothing is stored under 'writing'"):
        explorer.look_into("writing")
    assert "inside" not in explorer.look_into().title


async def test_a_subgraph_is_looked_into_with_an_asynchronous_checkpointer(tmp_path: Any) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "runs.sqlite")) as saver:
        graph = parent_with_subgraph(saver)
        config: Any = {"configurable": {"thread_id": "MF-1"}}
        await graph.ainvoke({"total": 1}, config)
        explorer = await CheckpointExplorer(graph, config).load()
        explorer.where.value = "research, call 1"
        await explorer._loading
        assert "waits for a human in ask" in explorer.text()


def test_a_thread_without_subgraphs_offers_no_choice() -> None:
    graph = parent_with_subgraph(InMemorySaver())
    explorer = CheckpointExplorer(graph, {"configurable": {"thread_id": "none yet"}})
    assert list(explorer.namespaces) == ["the graph itself"]
    assert explorer.where.layout.display == "none"
