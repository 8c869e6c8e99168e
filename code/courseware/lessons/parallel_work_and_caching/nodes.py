"""Build a graph of one node whose result LangGraph caches."""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import CachePolicy


class Question(TypedDict, total=False):
    """Hold a question and its answer."""

    text: str
    answer: str


class Answerer:
    """Answer every question with one's own name, as a model would with its own words."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, state: Question) -> Question:
        """Return the name as the answer."""
        return {"answer": self.name}


def cached_node(name: str, cache: Any, **policy: Any) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Return a graph of one node; `policy` are the arguments of its `CachePolicy`."""
    builder: Any = StateGraph(Question)
    builder.add_node("answer", Answerer(name), cache_policy=CachePolicy(**policy))
    return builder.add_edge(START, "answer").compile(cache=cache)  # type: ignore[no-any-return]
