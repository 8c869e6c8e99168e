"""Solve: An approval inside a subgraph."""

from .given import START, Refund, StateGraph, interrupt


def build_refund(pay):
    """Return a subgraph that asks a human above 50 euros, and pays at most once."""

    def review(state: Refund):
        if state["amount"] <= 50:
            return {"paid": True}
        return {"paid": interrupt({"order": state["order"], "amount": state["amount"]})}

    def execute(state: Refund):
        if state["paid"]:
            pay(state["order"], state["amount"])

    builder = StateGraph(Refund).add_sequence([review, execute]).add_edge(START, "review")
    return builder.compile()
