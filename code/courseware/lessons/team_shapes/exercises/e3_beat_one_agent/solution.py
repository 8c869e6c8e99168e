"""Beat one agent: the reference solution."""

import operator
from typing import Annotated, TypedDict

from .given import START, StateGraph, create_agent, search_library

my_points = [
    "the price of gift wrapping",
    "how to rinse a fountain pen",
    "returning unused goods",
    "the best humidity for paper",
    "when a parcel counts as lost",
]


class Page(TypedDict, total=False):
    task: str
    lines: Annotated[list[str], operator.add]
    result: str


def my_team(llm, points):
    clerk = create_agent(
        llm,
        [search_library],
        system_prompt="You answer in one sentence. Search the library for each point of the task. "
        "Claim nothing that it does not say. Every claim cites a source as [id].",
    )

    def about(point):
        asked = f"Write one sentence about {point}."
        said = clerk.invoke({"messages": [("user", asked)]})
        return {"lines": [said["messages"][-1].text]}

    def join(state):
        return {"result": " ".join([*state["lines"], "Please contact us with any questions."])}

    builder = StateGraph(Page).add_node("join", join)
    for number, point in enumerate(points):
        builder.add_node(f"desk_{number}", lambda state, point=point: about(point))
        builder.add_edge(START, f"desk_{number}").add_edge(f"desk_{number}", "join")
    return builder.compile()
