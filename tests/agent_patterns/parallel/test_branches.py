"""Branches of a graph: partial failure, order, interrupts; public reports, by number."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt

from agent_patterns.parallel import Outcome, Outcomes, branch, fan_out, merge, send_each

CONFIG = {"configurable": {"thread_id": "1"}}


class State(TypedDict, total=False):
    items: list[str]
    outcomes: Annotated[list[Outcome[Any]], merge]
    report: str


def graph(work: Any, saver: Any = None, **options: Any) -> Any:
    def each(state: State) -> Any:
        return send_each("work", state["items"])

    def gather(state: State) -> dict[str, Any]:
        return {"report": Outcomes(state["outcomes"]).report()}

    builder = StateGraph(State).add_node("work", branch(work, **options))
    builder.add_node("gather", gather, defer=True)
    builder.add_conditional_edges(START, each, ["work"]).add_edge("work", "gather")
    return builder.compile(checkpointer=saver)


async def city(name: str) -> str:
    if name == "Oslo":
        raise ConnectionError("station down")
    return name.upper()


async def test_one_branch_fails_and_the_others_are_kept() -> None:
    result = await graph(city).ainvoke({"items": ["Lima", "Oslo", "Pune"]})
    assert [one.value for one in result["outcomes"]] == ["LIMA", None, "PUNE"]
    assert result["report"] == "2 of 3 succeeded\nfailed: Oslo (ConnectionError: station down)"


async def test_outcomes_survive_a_checkpoint(tmp_path: Any) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "runs.sqlite")) as saver:
        await graph(city, saver).ainvoke({"items": ["Lima", "Oslo"]}, CONFIG)
        held = (await graph(city, saver).aget_state(CONFIG)).values["outcomes"]
    assert Outcomes(held).report().startswith("1 of 2 succeeded")


async def test_an_interrupt_in_a_branch_is_no_failure() -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    async def ask(item: str) -> str:
        return str(interrupt(f"may {item} go?"))

    app = graph(ask, InMemorySaver())
    waiting = (await app.ainvoke({"items": ["a", "b"]}, CONFIG))["__interrupt__"]
    answers = {one.id: f"yes to {one.value}" for one in waiting}
    result = await app.ainvoke(Command(resume=answers), CONFIG)
    assert [one.value for one in result["outcomes"]] == [
        "yes to may a go?",
        "yes to may b go?",
    ]


outcomes_ = st.lists(
    st.builds(
        Outcome,
        index=st.integers(0, 5),
        name=st.just("x"),
        value=st.integers(),
        error=st.sampled_from(["", "E: no"]),
    ),
    max_size=12,
)


@given(outcomes_, st.randoms())
def test_merging_is_the_same_in_any_grouping(all_: list[Outcome[int]], chance: Any) -> None:
    cut = chance.randint(0, len(all_))
    at_once = merge([], all_)
    in_two = merge(merge(None, all_[:cut]), all_[cut:])
    assert at_once == in_two
    assert [one.index for one in at_once] == sorted({one.index for one in all_})
    assert merge(at_once, at_once) == at_once  # a branch that reports twice


@given(outcomes_)
def test_a_success_is_never_replaced(all_: list[Outcome[int]]) -> None:
    merged = {one.index: one for one in merge(None, all_)}
    for index, kept in merged.items():
        assert kept.ok is any(one.ok for one in all_ if one.index == index)


# https://github.com/langchain-ai/langgraph/issues/8277
# https://github.com/langchain-ai/langgraph/issues/8608
async def test_reports_8277_and_8608_a_handled_failure_beside_others_is_not_raised() -> None:
    result = await graph(city).ainvoke({"items": ["Oslo", "Lima", "Oslo"]})
    assert result["report"].startswith("1 of 3 succeeded")


class Peak:
    """A worker that says how many of it ran at once, without looking at a clock."""

    def __init__(self, together: int) -> None:
        self.running = self.most = 0
        self._together, self._full = together, asyncio.Event()

    async def __call__(self, item: Any) -> Any:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running >= self._together:
            self._full.set()
        await asyncio.wait_for(self._full.wait(), 5)
        for _ in range(5):
            await asyncio.sleep(0)
        self.running -= 1
        return item


# https://github.com/langchain-ai/langgraph/issues/8920
@pytest.mark.parametrize(
    ("config", "most"),
    [({"max_concurrency": 2}, 2), ({"configurable": {"max_concurrency": 2}}, 6)],
)
async def test_report_8920_the_limit_counts_only_at_the_top_of_the_config(
    config: dict[str, Any], most: int
) -> None:
    peak = Peak(most)
    result = await graph(peak).ainvoke({"items": list("abcdef")}, config)
    assert peak.most == most
    assert result["report"] == "6 of 6 succeeded"


# https://github.com/langchain-ai/langgraph/issues/3329
async def test_report_3329_more_branches_than_threads_run_at_once_when_async() -> None:
    peak = Peak(64)
    assert len((await fan_out(peak, range(64), limit=64)).values) == 64
    assert peak.most == 64


# https://github.com/langchain-ai/langgraph/issues/8517
async def test_report_8517_a_tool_node_does_not_bound_its_tools_and_fan_out_does() -> None:
    peak = Peak(4)

    @tool
    async def look_up(word: str) -> str:
        """Look a word up."""
        return str(await peak(word))

    calls = [
        {"name": "look_up", "args": {"word": letter}, "id": letter, "type": "tool_call"}
        for letter in "abcd"
    ]

    class Messages(TypedDict):
        messages: Annotated[list[Any], operator.add]

    builder = StateGraph(Messages).add_node("tools", ToolNode([look_up])).add_edge(START, "tools")
    message = AIMessage("", tool_calls=calls)
    await builder.compile().ainvoke({"messages": [message]}, {"max_concurrency": 2})
    assert peak.most == 4  # the limit of the config is not kept
    peak = bounded = Peak(2)
    answers = await fan_out(look_up.ainvoke, calls, limit=2)
    assert bounded.most == 2
    assert [answer.tool_call_id for answer in answers.values] == list("abcd")


# https://github.com/langchain-ai/langgraph/issues/3617
async def test_report_3617_a_slow_branch_does_not_hold_the_next_step_of_a_quick_one() -> None:
    slow = asyncio.Event()
    ended: list[str] = []

    async def two_steps(item: str) -> str:
        if item == "slow":
            await slow.wait()
        ended.append(f"{item} 1")
        await asyncio.sleep(0)
        ended.append(f"{item} 2")
        if item == "quick":
            slow.set()
        return item

    result = await graph(two_steps).ainvoke({"items": ["slow", "quick"]})
    assert ended == ["quick 1", "quick 2", "slow 1", "slow 2"]
    assert [one.value for one in result["outcomes"]] == ["slow", "quick"]


# https://github.com/langchain-ai/langchain-academy/issues/27
async def test_report_academy_27_branches_do_run_at_the_same_time() -> None:
    peak: Callable[..., Any] = Peak(3)
    await graph(peak).ainvoke({"items": list("abc")})
    assert peak.most == 3  # type: ignore[attr-defined]
