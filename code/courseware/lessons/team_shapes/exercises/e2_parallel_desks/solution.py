"""Solve: Make a team parallel."""

import operator
from typing import Annotated, TypedDict

from langgraph.graph import START, StateGraph


class Desks(TypedDict, total=False):
    """Hold the task and what the desks made of it."""

    task: str
    answers: Annotated[dict, operator.or_]
    failed: Annotated[dict, operator.or_]


def build_desks(desks):
    """Return a compiled graph: {"task": …} in, "answers" and "failed" out."""

    def node(name, function):
        def work(state):
            try:
                return {"answers": {name: function(state["task"])}}
            except Exception as error:
                return {"failed": {name: str(error)}}

        return work

    builder = StateGraph(Desks)
    for name, function in desks:
        builder.add_node(name, node(name, function))
        builder.add_edge(START, name)
    return builder.compile()
