"""Build the support desk's graph of one node, and count what reaches the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy
from pydantic import SecretStr

from practice_model import Fault, PracticeServer
from practice_model.server.records import RequestRecord


class Ticket(TypedDict, total=False):
    """A customer's question and what the desk answers."""

    question: str
    answer: str


def one_node(answer: Callable[[Ticket], Ticket], **node_options: Any) -> Any:
    """Return a graph of one node, which is added with these options."""
    builder: Any = StateGraph(Ticket)
    builder.add_node("answer", answer, **node_options)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile()


def counter(server: PracticeServer) -> Callable[[Callable[[], Any]], str]:
    """Return a function that runs an action and says what it cost and what came of it."""

    def requests_for(action: Callable[[], Any]) -> str:
        before = len(server.requests)
        try:
            result = f"answered: {action()}"
        except Exception as error:
            result = f"raised {type(error).__name__}"
        return f"requests: {len(server.requests) - before}, {result}"

    return requests_for


def storm(
    server: PracticeServer, client_tries: int, chain_tries: int, node_tries: int
) -> list[RequestRecord]:
    """Ask a desk with three layers of retries one question in an outage; return the requests."""
    llm = ChatOpenAI(
        model="gpt-4.1-mini",
        max_retries=client_tries - 1,
        timeout=5,
        base_url=server.base_url,
        api_key=SecretStr(server.api_key),
    )
    chain = llm.with_retry(stop_after_attempt=chain_tries, wait_exponential_jitter=False)
    graph = one_node(
        lambda ticket: {"answer": chain.invoke(ticket["question"]).text},
        retry_policy=RetryPolicy(max_attempts=node_tries, initial_interval=0.001, jitter=False),
    )
    before = server.requests[-1].number if server.requests else 0
    with server.inject(Fault.unavailable(retry_after=0.001), rate=1.0):
        counter(server)(lambda: graph.invoke({"question": "Are returns free?"}))
    return [record for record in server.requests if record.number > before]


async def heart_during(waiting: Callable[[], Awaitable[Any]]) -> str:
    """Say if another task of the same event loop goes on while `waiting` runs."""
    beats = 0

    async def heartbeat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    heart = asyncio.create_task(heartbeat())
    await asyncio.sleep(0)
    await waiting()
    heart.cancel()
    return "beats on" if beats > 3 else "stands still"
