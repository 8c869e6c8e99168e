"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


def compiled(*nodes, state):
    graph = StateGraph(state).add_sequence(nodes).add_edge(START, nodes[0].__name__)
    return graph.compile(checkpointer=InMemorySaver())


class Notice(TypedDict, total=False):
    to: str
    decision: str
