"""Solve: A pipeline that resumes."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class Order(TypedDict, total=False):
    """Hold what the stages pass on."""

    value: str
    result: str


def build_pipeline(stages, checkpointer):
    """Return a compiled graph that runs the stages in order."""

    def node(name, function):
        def run(state):
            try:
                value = function(state["value"])
            except Exception as error:
                raise RuntimeError(f"Stage {name!r} failed: {error}") from error
            return {"value": value, "result": value}

        return run

    builder = StateGraph(Order)
    previous = START
    for name, function in stages:
        builder.add_node(name, node(name, function))
        builder.add_edge(previous, name)
        previous = name
    builder.add_edge(previous, END)
    return builder.compile(checkpointer=checkpointer)
