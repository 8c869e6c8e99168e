"""The shop's library as the research subgraph needs it, and a new version of that subgraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent_patterns.subgraphs.research import Finding, Question
from courseware.lessons.shop import search

Write = Callable[[str, Sequence[Finding]], str]


def look_up(question: str) -> list[Finding]:
    """Return what the shop's library says about a question, best first."""
    return [Finding(text=found.text, source=found.id) for found in search(question)]


def writer(model: BaseChatModel) -> Write:
    """Return a function that sums findings up with a model."""

    def write(question: str, findings: Sequence[Finding]) -> str:
        known = "\n".join(f"[{finding['source']}] {finding['text']}" for finding in findings)
        answer = model.invoke(
            f"Answer in one sentence, from these texts alone.\n{known}\n{question}"
        )
        return str(answer.text)

    return write


class Report(TypedDict):
    """The output of version 2: `summary` is called `abstract` now."""

    findings: list[Finding]
    abstract: str


class _Private(TypedDict, total=False):
    question: str
    limit: int
    findings: list[Finding]
    abstract: str


def version_two(write: Write) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build a research subgraph whose author has found a better name for a key."""

    def find(state: _Private) -> dict[str, Any]:
        return {"findings": look_up(state["question"])}

    def sum_up(state: _Private) -> dict[str, Any]:
        return {"abstract": write(state["question"], state["findings"])}

    builder = StateGraph(_Private, input_schema=Question, output_schema=Report)
    builder.add_sequence([find, sum_up]).add_edge(START, "find")
    return builder.compile(name="research")
