"""LangGraph's own suite for checkpointers passes: all capabilities, on every backend."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import ALL_CAPABILITIES

from agent_patterns.checkpoints import open_checkpointer


@pytest.mark.parametrize("key", [None, b"secret"], ids=["checksum", "key"])
async def test_all_capabilities_conform(url: str, key: bytes | None) -> None:
    """The suite calls the asynchronous methods, which call the synchronous ones in threads."""

    @checkpointer_test(name=url.partition(":")[0])
    async def opened() -> AsyncGenerator[Any, None]:
        with open_checkpointer(url, key=key) as checkpointer:
            yield checkpointer

    report = await validate(opened)
    failures = {name: result.failures for name, result in report.results.items() if result.failures}
    assert failures == {}
    assert {name for name, result in report.results.items() if result.passed} == {
        capability.value for capability in ALL_CAPABILITIES
    }
