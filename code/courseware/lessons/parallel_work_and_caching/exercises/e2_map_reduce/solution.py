"""Solve: A map-reduce over documents."""

from .given import (
    START,
    Annotated,
    Outcome,
    Outcomes,
    StateGraph,
    TypedDict,
    branch,
    merge,
    send_each,
)


class Reading(TypedDict, total=False):
    """Documents on their way to results."""

    documents: list[str]
    outcomes: Annotated[list[Outcome], merge]
    results: list[str]
    failed: list[str]


def build(work):
    """Return a graph: documents in, results and the names of failures out, in their order."""

    def gather(state: Reading) -> Reading:
        outcomes = Outcomes(state["outcomes"])
        return {"results": outcomes.values, "failed": [one.name for one in outcomes.failed]}

    builder = StateGraph(Reading).add_node("work", branch(work)).add_node("gather", gather)
    builder.add_conditional_edges(
        START, lambda state: send_each("work", state["documents"]), ["work"]
    )
    return builder.add_edge("work", "gather").compile()
