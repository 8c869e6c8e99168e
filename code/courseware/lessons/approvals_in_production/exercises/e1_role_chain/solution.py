"""Solve: Role-based approval."""

from typing import TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class Release(TypedDict, total=False):
    kind: str
    step: int
    outcome: str


def build_role_chain(chains):
    def ask(state: Release) -> Release:
        step = state.get("step", 0)
        roles = chains[state["kind"]]
        answer = interrupt({"waits_for": roles[step], "kind": state["kind"]})
        if answer["role"] != roles[step]:
            return {"step": step}
        if answer["type"] == "reject":
            return {"outcome": "rejected"}
        if step + 1 == len(roles):
            return {"outcome": "released"}
        return {"step": step + 1}

    def what_next(state: Release) -> str:
        return END if "outcome" in state else "ask"

    builder = StateGraph(Release).add_node(ask).add_edge(START, "ask")
    builder.add_conditional_edges("ask", what_next, ["ask", END])
    return builder.compile(checkpointer=InMemorySaver())
