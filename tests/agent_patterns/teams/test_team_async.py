"""Every team runs under ainvoke and astream: nothing blocks the loop, async-only parts work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt
from tests.agent_patterns.teams.members import Scripted, breaks, hard, in_order, passing, says

from agent_patterns.teams import (
    Agent,
    as_agent,
    backup_team,
    chat_agent,
    handoff_team,
    manager,
    network,
    pipeline,
    supervisor,
)
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.backup import with_backup
from agent_patterns.teams.errors import AgentFailed, StageFailed, TeamError
from agent_patterns.teams.handoff import handoff_tool
from agent_patterns.teams.manager import Classified
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.pipeline import aresume, astart
from agent_patterns.teams.structured import structured_classifier, structured_router
from agent_patterns.teams.supervisor import FINISH, Progress, Route

Team = CompiledStateGraph[Any, Any, Any, Any]


async def aroute(progress: Progress) -> Route:
    return Route(next="worker" if progress.rounds == 0 else FINISH)


async def aclassify(task: str) -> Classified:
    return Classified("simple", "worker")


async def aoffer(question: str) -> Offer:
    return Offer(True)


TEAMS: dict[str, Callable[[Agent], Team]] = {
    "supervisor": lambda worker: supervisor([worker], aroute),
    "manager": lambda worker: manager([worker], aclassify, ["worker"]),
    "network": lambda worker: network([Peer(worker, aoffer)]),
    "pipeline": lambda worker: pipeline([worker]),
    "backup": lambda worker: backup_team([worker]),
    "nested": lambda worker: pipeline([as_agent("desk", "", pipeline([worker]))]),
    "with backup": lambda worker: pipeline([with_backup(worker, says("other", "never"))]),
}
every_team = pytest.mark.parametrize("build", TEAMS.values(), ids=TEAMS.keys())


@tool
async def look_up(topic: str) -> str:
    """Look a topic up; a tool that has a coroutine only."""
    await asyncio.sleep(0)
    return f"all about {topic}"


def calling(*messages: AIMessage) -> Scripted:
    return Scripted(messages=iter(messages))


def call(name: str, **arguments: str) -> AIMessage:
    calls = [{"name": name, "args": arguments, "id": "1", "type": "tool_call"}]
    return AIMessage("", tool_calls=calls)


def reader() -> Agent:
    """An agent whose only tool is async."""
    model = calling(call("look_up", topic="ink"), AIMessage("ink dries"))
    return chat_agent("worker", "", create_agent(model, [look_up]))


@every_team
async def test_async_only_tools_work(build: Callable[[Agent], Team]) -> None:
    state = await build(reader()).ainvoke({"task": "ink"})
    assert (state["result"], state["status"]) == ("ink dries", "done")
    streamed = [one async for one in build(reader()).astream({"task": "ink"}, stream_mode="values")]
    assert streamed[-1]["result"] == "ink dries"


def test_without_async_an_async_tool_says_what_to_do() -> None:
    with pytest.raises(AgentFailed, match="run with ainvoke or astream"):
        supervisor([reader()], in_order("worker")).invoke({"task": "ink"})


@pytest.mark.parametrize("kind", ["supervisor", "manager"])
def test_async_parts_are_refused_by_invoke_with_advice(kind: str) -> None:
    with pytest.raises(TeamError, match="run the team with ainvoke"):
        TEAMS[kind](says("worker", "x")).invoke({"task": "go"})


@every_team
async def test_agents_may_be_coroutine_functions_and_share_the_loop(
    build: Callable[[Agent], Team],
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(assignment: Assignment) -> Answer:
        started.set()
        await go_on.wait()
        return Answer("done in the loop")

    run = asyncio.create_task(build(Agent("worker", "", work)).ainvoke({"task": "go"}))
    await asyncio.wait_for(started.wait(), 20)
    assert not run.done()
    go_on.set()
    assert (await run)["result"] == "done in the loop"


@every_team
async def test_a_plain_function_does_not_block_the_loop(build: Callable[[Agent], Team]) -> None:
    beat = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work(assignment: Assignment) -> str:
        assert threading.current_thread() is not threading.main_thread()
        asyncio.run_coroutine_threadsafe(beat.wait(), loop).result(20)
        return "done in a thread"

    loop.call_soon(beat.set)
    state = await build(Agent("worker", "", work)).ainvoke({"task": "go"})
    assert state["result"] == "done in a thread"


async def test_agents_of_a_group_work_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    def worker(name: str) -> Agent:
        async def work(assignment: Assignment) -> str:
            await asyncio.wait_for(both.wait(), 20)
            return name

        return Agent(name, "", work)

    graph = manager([worker("a"), worker("b")], hard, [("a", "b")])
    assert (await graph.ainvoke({"task": "go"}))["status"] == "done"


async def test_structured_decisions_are_awaited() -> None:
    class Model(GenericFakeChatModel):
        def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
            return self

        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            assert threading.current_thread() is not threading.main_thread(), "it blocks the loop"
            return super()._generate(*args, **kwargs)

    agents = [says("worker", "x")]
    replies = [call("Route", next="worker"), call("Route", next=FINISH)]
    router = structured_router(Model(messages=iter(replies)), agents, "rules")
    assert (await supervisor(agents, router).ainvoke({"task": "go"}))["status"] == "done"
    verdict = call("Classification", kind="simple", specialist="worker")
    classifier = structured_classifier(Model(messages=iter([verdict])), agents, "rules")
    assert (await manager(agents, classifier, []).ainvoke({"task": "go"}))["result"] == "x"


async def test_a_handoff_team() -> None:
    front = create_agent(
        calling(passing("billing", "refund")), [handoff_tool("billing", "x", sender="front")]
    )
    billing = create_agent(calling(call("look_up", topic="refunds"), AIMessage("done")), [look_up])
    team = handoff_team({"front": front, "billing": billing}, first="front")
    state = await team.ainvoke({"task": "money back"})
    assert (state["result"], state["status"]) == ("done", "done")
    assert [entry["kind"] for entry in state["turns"]] == ["handoff", "answer"]


async def test_a_pipeline_of_coroutine_functions_is_resumed() -> None:
    tries = iter([False, True])

    async def fetch(text: str) -> int:
        return len(text)

    async def shown(number: int) -> str:
        if not next(tries):
            raise TimeoutError("no answer")
        return f"{number} letters"

    graph = pipeline([fetch, shown], checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "t"}}
    report = await astart(graph, "ink", config)
    assert (report.status, report.failed_stage) == ("failed", "shown")
    assert (await aresume(graph, config)).result == "3 letters"


async def test_failures_have_their_names() -> None:
    with pytest.raises(AgentFailed, match="Agent 'a' failed: ConnectionError"):
        await supervisor([breaks("a")], in_order("a")).ainvoke({"task": "go"})
    with pytest.raises(StageFailed, match="Stage 'a' failed"):
        await pipeline([breaks("a")]).ainvoke({"task": "go"})
    state = await backup_team([breaks("a"), says("b", "saved")]).ainvoke({"task": "go"})
    assert [entry["kind"] for entry in state["turns"]] == ["task", "failure", "task", "answer"]


def in_a_group(error: Exception) -> Exception:
    return ExceptionGroup("from a TaskGroup", [ExceptionGroup("inner", [error])])


@pytest.mark.parametrize("how", ["async", "plain", "grouped"])
@pytest.mark.parametrize("kind", ["supervisor", "manager", "network", "pipeline", "backup"])
async def test_an_interrupt_waits_for_its_answer(kind: str, how: str) -> None:
    def work(assignment: Assignment) -> str:
        try:
            return f"the human says {interrupt('may I?')}"
        except Exception as pause:
            if how == "grouped":
                raise in_a_group(pause) from None
            raise

    async def awork(assignment: Assignment) -> str:
        return work(assignment)

    team = TEAMS[kind](Agent("worker", "", work if how == "plain" else awork))
    team.checkpointer = InMemorySaver()
    config: Any = {"configurable": {"thread_id": "t"}}
    waiting = await team.ainvoke({"task": "go"}, config)
    assert [one.value for one in waiting["__interrupt__"]] == ["may I?"]
    state = await team.ainvoke(Command(resume="yes"), config)
    assert state["result"] == "the human says yes"


def names(turns: Sequence[Any]) -> list[str]:
    return [entry["sender"] for entry in turns]


async def test_both_colours_write_the_same_transcript() -> None:
    def build() -> Team:
        inner = supervisor([says("a", "one"), breaks("b", times=1)], in_order("a"))
        return supervisor([as_agent("desk", "", inner), says("c", "two")], in_order("desk", "c"))

    plain, awaited = build().invoke({"task": "go"}), await build().ainvoke({"task": "go"})
    for state in (plain, awaited):
        for entry in state["turns"]:
            entry["started"] = entry["ended"] = 0.0
    assert plain == awaited
    assert "desk/a" in names(plain["turns"])
