"""A research subgraph: search, let a human choose the sources if asked to, write the findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer
from pydantic import create_model

from agent_patterns import approval
from agent_patterns.approval.protocol import ApprovalRequest


class Finding(TypedDict):
    """Hold one thing that was found, and where."""

    text: str
    source: str


class Question(TypedDict):
    """The input of the subgraph."""

    question: str
    limit: NotRequired[int]
    """How many findings at most; 3 by default."""


class Findings(TypedDict):
    """The output of the subgraph."""

    findings: list[Finding]
    summary: str


class ResearchState(TypedDict, total=False):
    """The private state; no parent sees `found`."""

    question: str
    limit: int
    found: list[Finding]
    findings: list[Finding]
    summary: str


def research_subgraph(
    search: Callable[[str], Sequence[Finding]],
    write: Callable[[str, Sequence[Finding]], str],
    *,
    ask: bool = False,
    checkpointer: Checkpointer = None,
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the research subgraph that blog writer, e-mail responder and report generator share.

    Args:
        search: finds what may answer a question, best first.
        write: sums findings up; not called when there are none.
        ask: stop before writing, and let a human approve, edit or reject the list of sources.
        checkpointer: None: memory per call, from the parent's checkpointer. True: one memory per
            thread. False: none, and no interrupts across a restart.
    """

    def find(state: ResearchState) -> dict[str, Any]:
        found = list(search(state["question"]))[: max(0, state.get("limit", 3))]
        return {"found": found, "findings": found}

    def review(state: ResearchState) -> dict[str, Any]:
        if not state["found"]:
            return {}
        sources = [finding["source"] for finding in state["found"]]
        request: ApprovalRequest = {
            "action": "use_sources",
            "args": {"sources": sources},
            "reason": f"Sources found for: {state['question']}",
            "allow": ["approve", "edit", "reject"],
        }
        one: Any = Literal[tuple(sources)]
        limits: Any = create_model("Sources", sources=(list[one], ...))
        decided = approval.ask(request, key="sources", args=limits)
        kept = decided["action"]["args"]["sources"] if decided["approved"] else []
        return {"findings": [one for one in state["found"] if one["source"] in kept]}

    def sum_up(state: ResearchState) -> dict[str, Any]:
        findings = state["findings"]
        return {"summary": write(state["question"], findings) if findings else ""}

    builder = StateGraph(ResearchState, input_schema=Question, output_schema=Findings)
    builder.add_node("find", find).add_node("sum_up", sum_up)
    builder.add_edge(START, "find").add_edge("sum_up", END)
    if ask:
        builder.add_node("review", review)
        builder.add_edge("find", "review").add_edge("review", "sum_up")
    else:
        builder.add_edge("find", "sum_up")
    return builder.compile(checkpointer=checkpointer, name="research")
