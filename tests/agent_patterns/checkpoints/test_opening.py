"""One function opens any checkpointer, and what it opens behaves like LangGraph's own."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import END, START, StateGraph, add_messages
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel
from tests.agent_patterns.checkpoints.stored import inspect
from tests.agent_patterns.durable.graphs import (
    NODES,
    START_METHOD,
    OrderState,
    order_graph,
    thread,
)

from agent_patterns.checkpoints import StateInvalid, open_checkpointer
from agent_patterns.durable.database import parse_url
from agent_patterns.durable.errors import UnknownBackend


def open_at_once(url: str, barrier: Any) -> None:
    barrier.wait(30)
    with open_checkpointer(url) as checkpointer:
        order_graph(checkpointer).invoke({"order": "x", "log": []}, thread(str(id(checkpointer))))


@pytest.mark.parametrize(
    ("url", "backend", "place"),
    [
        ("memory://", "memory", ""),
        ("sqlite:///shop.db", "sqlite", "shop.db"),
        ("sqlite:////var/shop.db", "sqlite", "/var/shop.db"),
        ("sqlite:///C:/shop/a%20b.db", "sqlite", "C:/shop/a b.db"),
        ("postgres://u:p@h/db", "postgresql", "postgresql://u:p@h/db"),
        ("postgresql+psycopg://h/db", "postgresql", "postgresql://h/db"),
    ],
)
def test_urls(url: str, backend: str, place: str) -> None:
    assert parse_url(url) == (backend, place)


@pytest.mark.parametrize("url", ["", "shop.db", "redis://h", "sqlite://", "mysql://u:hush@h/db"])
def test_an_unknown_url_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(UnknownBackend, match="use memory://") as caught:
        open_checkpointer(url)
    assert "hush" not in str(caught.value)


def test_a_postgresql_that_does_not_answer_is_said_at_once() -> None:
    with pytest.raises(UnknownBackend, match="does not answer"):
        open_checkpointer("postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("kind", ["folder", "text", "options"])
def test_what_is_no_sqlite_database_is_said_plainly(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "shop.db"
    url = f"sqlite:///{place.as_posix()}"
    if kind == "folder":
        place.mkdir()
    elif kind == "text":
        place.write_text("no database at all " * 100, encoding="utf-8")
    else:
        url += "?mode=ro"
    before = list(tmp_path.iterdir())
    with pytest.raises(UnknownBackend, match=r"sqlite|SQLite"):
        open_checkpointer(url)
    assert list(tmp_path.iterdir()) == before


def test_run_history_fork_and_resume(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        final = graph.invoke({"order": "order", "log": []}, thread("order"))
        assert sorted(final["log"]) == sorted(NODES)
        history = list(graph.get_state_history(thread("order")))
        assert [snapshot.metadata["step"] for snapshot in history] == [5, 4, 3, 2, 1, 0, -1]
        assert "seal" not in history[0].metadata
        past = next(snapshot for snapshot in history if snapshot.next == ("charge",))
        fork = graph.update_state(past.config, {"total": 1})
        assert graph.invoke(None, fork)["note"] == "order closed at 1"
        assert inspect(checkpointer, "order") == ()
    if not url.startswith("memory"):
        with open_checkpointer(url) as again:
            assert order_graph(again).get_state(thread("order")).values["total"] == 1


async def test_async_drivers_and_async_use_of_the_plain_ones(url: str) -> None:
    async with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        final = await graph.ainvoke({"order": "order", "log": []}, thread("order"))
        assert sorted(final["log"]) == sorted(NODES)
        steps = [item async for item in graph.aget_state_history(thread("order"))]
        assert len(steps) == 7
        with pytest.raises(StateInvalid, match="total"):
            await graph.aupdate_state(thread("order"), {"total": "much"})
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        final = await graph.ainvoke({"order": "other", "log": []}, thread("other"))
        assert final["note"] == "other closed at 4200"
        assert len([item async for item in graph.aget_state_history(thread("other"))]) == 7


class Chat(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    approved: bool


def test_messages_interrupts_sends_and_subgraphs_come_back_whole(url: str) -> None:
    def ask(state: Chat) -> dict[str, Any]:
        return {"approved": interrupt({"question": "send it?"})}

    inner = StateGraph(Chat)
    inner.add_node("ask", ask)
    inner.add_edge(START, "ask")

    def answer(state: Chat) -> dict[str, Any]:
        return {"messages": [AIMessage("done" if state["approved"] else "left")]}

    builder = StateGraph(Chat)
    builder.add_node("inner", inner.compile())
    builder.add_node("answer", answer)
    builder.add_conditional_edges(START, lambda state: [Send("inner", state)], ["inner"])
    builder.add_edge("inner", "answer")
    builder.add_edge("answer", END)
    config = thread("chat")
    with open_checkpointer(url, schema=Chat) as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
        waiting = graph.invoke({"messages": [HumanMessage("hello")]}, config)
        assert waiting["__interrupt__"][0].value == {"question": "send it?"}
        assert inspect(checkpointer, "chat") == ()
    if url.startswith("memory"):
        return
    with open_checkpointer(url, schema=Chat) as checkpointer:
        graph = builder.compile(checkpointer=checkpointer)
        final = graph.invoke(Command(resume=True), config)
        assert [message.content for message in final["messages"]] == ["hello", "done"]
        assert isinstance(final["messages"][0], HumanMessage)


class Address(BaseModel):
    street: str


@dataclass
class Client:
    lock: Any


class Loose(TypedDict, total=False):
    thing: Any
    order: str


def loose_graph(checkpointer: Any, thing: Any) -> Any:
    builder = StateGraph(Loose)
    builder.add_node("make", lambda state: {"thing": thing})
    builder.add_edge(START, "make")
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (threading.Lock(), "thing: _thread.lock cannot be stored"),
        ({"deep": threading.Lock()}, "thing: .*cannot be stored"),
        (Address(street="Quay 1"), r"thing: .*Address would come back as plain data.*allow="),
        ([{"a": Address(street="Quay 1")}], "thing: .*Address would come back as plain data"),
    ],
)
def test_what_could_not_be_loaded_is_refused_on_save(thing: Any, says: str, url: str) -> None:
    with open_checkpointer(url) as checkpointer:
        graph = loose_graph(checkpointer, thing)
        with pytest.raises(StateInvalid, match=says):
            graph.invoke({"order": "order"}, thread("order"), durability="sync")


def test_allowed_classes_come_back_as_themselves(url: str) -> None:
    with open_checkpointer(url, allow=[Address]) as checkpointer:
        graph = loose_graph(checkpointer, Address(street="Quay 1"))
        graph.invoke({"order": "order"}, thread("order"))
        assert graph.get_state(thread("order")).values["thing"] == Address(street="Quay 1")


def test_state_is_validated_on_save_and_on_load(url: str) -> None:
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)
        graph.invoke({"order": "order", "log": []}, thread("order"))
        with pytest.raises(StateInvalid) as caught:
            graph.update_state(thread("order"), {"total": "4200", "note": 5})
        assert set(caught.value.problems) == {"total", "note"}
        assert graph.get_state(thread("order")).values["total"] == 4200
    if url.startswith("memory"):
        return

    class Renamed(TypedDict):
        total: str

    with open_checkpointer(url, schema=Renamed) as checkpointer:
        with pytest.raises(StateInvalid, match="on load: total"):
            order_graph(checkpointer).get_state(thread("order"))
        assert checkpointer.rows.aside() == []


def test_odd_texts_and_numbers_keep_their_seals(url: str) -> None:
    odd = {"big": 2**60, "float": 1e16, "tiny": 1.5e-9, "text": "Tomás \u2028 🖊", "none": None}
    with open_checkpointer(url) as checkpointer:
        graph = loose_graph(checkpointer, odd)
        for value in (odd, "plain \U0001f58a", 1e16, 10**15, True, None, b"\x00\xff", -0.0):
            graph.update_state(thread("order"), {"thing": value}, as_node="make")
            assert graph.get_state(thread("order")).values["thing"] == value
        assert inspect(checkpointer, "order") == ()
        config = {**thread("order"), "metadata": {"who": "Inés", "share": 2.0, "n": 1e17}}
        graph.invoke({"order": "again"}, config)
        assert inspect(checkpointer, "order") == ()


def test_sqlite_is_configured_for_several_processes(fresh_url: Callable[[str], str]) -> None:
    url = fresh_url("sqlite")
    with open_checkpointer(url) as checkpointer:
        connection = checkpointer.inner.conn
        assert isinstance(connection, sqlite3.Connection)
        pragmas = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000}


def test_many_workers_open_a_new_database_at_once(shared_url: str) -> None:
    context = multiprocessing.get_context(START_METHOD)
    context.set_forkserver_preload(["tests.agent_patterns.checkpoints.test_opening"])
    barrier = context.Barrier(4)
    workers = [
        context.Process(target=open_at_once, args=(shared_url, barrier), daemon=True)
        for _ in range(4)
    ]
    for process in workers:
        process.start()
    for process in workers:
        process.join(60)
    assert [process.exitcode for process in workers] == [0, 0, 0, 0]


def test_threads_share_one_checkpointer(url: str) -> None:
    errors: list[BaseException] = []
    with open_checkpointer(url, schema=OrderState) as checkpointer:
        graph = order_graph(checkpointer)

        def run(name: str) -> None:
            try:
                graph.invoke({"order": name, "log": []}, thread(name), durability="sync")
            except BaseException as error:
                errors.append(error)

        running = [threading.Thread(target=run, args=(f"t{n}",)) for n in range(6)]
        for each in running:
            each.start()
        for each in running:
            each.join(60)
        assert errors == []
        for n in range(6):
            assert graph.get_state(thread(f"t{n}")).values["note"] == f"t{n} closed at 4200"


def test_closing_twice_is_fine_and_folders_are_made(tmp_path: Path) -> None:
    checkpointer = open_checkpointer(f"sqlite:///{tmp_path.as_posix()}/new/folder/store.db")
    checkpointer.close()
    checkpointer.close()

    async def twice() -> None:
        async with open_checkpointer(f"sqlite:///{tmp_path.as_posix()}/new/other.db") as opened:
            opened.close()

    asyncio.run(twice())
