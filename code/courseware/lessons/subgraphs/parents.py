"""Build what the page only uses: a third parent's contract, a help desk, calls that count."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent_patterns.subgraphs import Contract
from agent_patterns.subgraphs.research import Finding, Findings, Question

Graph = CompiledStateGraph[Any, Any, Any, Any]


class MonthlyReport(TypedDict, total=False):
    """Hold the report generator's state."""

    month: str
    rows: dict[str, str]


def lost_parcels(state: MonthlyReport) -> str:
    """Return the report's question."""
    return f"What happens to a parcel that is lost in {state['month']}?"


def table(result: Findings) -> dict[str, str]:
    """Return a row for each source."""
    return {finding["source"]: finding["text"] for finding in result["findings"]}


REPORT = Contract(
    "report generator",
    MonthlyReport,
    sends={"question": lost_parcels},
    reads={"rows": table},
    examples=[{"month": "May"}],
)


def counted(work: Callable[[Any], Any], calls: list[Any]) -> Callable[[Any], Any]:
    """Return a function that notes what it is called with."""

    @functools.wraps(work)
    def noted(given: Any) -> Any:
        calls.append(given)
        return work(given)

    return noted


class Knowledge(TypedDict, total=False):
    """Hold what a library of one node knows."""

    question: str
    findings: list[Finding]
    summary: str


def library_with(find: Callable[[Any], Any]) -> Graph:
    """Return a research subgraph of one node."""
    builder: Any = StateGraph(Knowledge, input_schema=Question, output_schema=Findings)
    return builder.add_node("find", find).add_edge(START, "find").compile(name="research")  # type: ignore[no-any-return]


def help_desk(state: type, research: Any) -> Graph:
    """Return a parent with the nodes `research` and `human`."""
    builder: Any = StateGraph(state).add_node("research", research)
    builder.add_node("human", lambda seen: {"reply": seen["reply"] + " (in Anna's inbox)"})
    return builder.add_edge(START, "research").compile()  # type: ignore[no-any-return]


def show_log() -> None:
    """Print what LangGraph logs into the cell."""
    logging.basicConfig(stream=sys.stdout, format="LangGraph's log: %(message)s")
