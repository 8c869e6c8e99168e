"""LangGraph's own time-out of a node, under a `RetryPolicy` that asks `is_retryable`."""

from __future__ import annotations

import asyncio
from typing import TypedDict

import pytest
from langgraph.errors import NodeTimeoutError
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from agent_patterns.resilience import Kind, classify
from agent_patterns.resilience.classification import is_retryable


class Ticket(TypedDict):
    answer: str


async def test_a_node_that_hangs_is_a_time_out_and_retried() -> None:
    attempts: list[int] = []

    async def hangs(ticket: Ticket) -> Ticket:
        attempts.append(1)
        await asyncio.Event().wait()
        return ticket

    builder = StateGraph(Ticket)
    policy = RetryPolicy(max_attempts=2, initial_interval=0, jitter=False, retry_on=is_retryable)
    builder.add_node("hangs", hangs, timeout=0.01, retry_policy=policy)
    builder.add_edge(START, "hangs")
    builder.add_edge("hangs", END)
    with pytest.raises(NodeTimeoutError) as raised:
        await builder.compile().ainvoke({"answer": ""})
    assert classify(raised.value).kind is Kind.TIMEOUT
    assert len(attempts) == 2
