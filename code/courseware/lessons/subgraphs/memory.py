"""What a subgraph remembers, from real runs: per call, per thread, or nothing to pause with."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from courseware.widgets._svg import PALETTE, Svg

Graph = CompiledStateGraph[Any, Any, Any, Any]

MODES: dict[str, bool | None] = {
    "checkpointer=None": None,
    "checkpointer=True": True,
    "checkpointer=False": False,
}


class Asked(TypedDict, total=False):
    """The questions that a subgraph has been asked, as far as it knows."""

    asked: Annotated[list[str], operator.add]


class Parent(TypedDict, total=False):
    """A parent that hands on a question and keeps what the subgraph knows."""

    question: str
    known: list[str]


def _listening(memory: bool | None) -> Graph:
    inner = StateGraph(Asked).add_node("listen", lambda state: {}).add_edge(START, "listen")
    return inner.compile(checkpointer=memory)


def remembering(memory: bool | None) -> Graph:
    """Return a parent whose subgraph tells every question that it remembers."""
    compiled = _listening(memory)

    def ask(state: Parent) -> Parent:
        return {"known": compiled.invoke({"asked": [state["question"]]})["asked"]}

    builder = StateGraph(Parent).add_node("ask", ask).add_edge(START, "ask")
    return builder.compile(checkpointer=InMemorySaver())


class Topics(TypedDict, total=False):
    """A parent that hands on several topics, and keeps what the subgraph knows at each."""

    topics: list[str]
    known: list[list[str]]


def asking_each(checkpointer: bool | None) -> Graph:
    """Return a parent whose only node calls one subgraph for each topic."""
    compiled = _listening(checkpointer)

    def ask(state: Topics) -> Topics:
        return {"known": [compiled.invoke({"asked": [one]})["asked"] for one in state["topics"]]}

    builder = StateGraph(Topics).add_node("ask", ask).add_edge(START, "ask")
    return builder.compile(checkpointer=InMemorySaver())


def known_after(memory: bool | None, threads: list[str]) -> list[list[int]]:
    """Run one question per thread name; return which questions the subgraph knew each time."""
    graph = remembering(memory)
    known = []
    for number, thread in enumerate(threads, 1):
        result = graph.invoke({"question": str(number)}, {"configurable": {"thread_id": thread}})
        known.append([int(question) for question in result["known"]])
    return known


def memory_picture(questions: int, threads: int) -> str:
    """Return a picture: for each mode and question, the questions that the subgraph knew."""
    names = [f"thread {number % threads + 1}" for number in range(questions)]
    svg = Svg(720, 34 + 74 * len(MODES), "What a subgraph remembers at each question")
    for column, name in enumerate(names):
        svg.text(190 + 84 * column, 18, f"{column + 1}: {name}", size=11, fill=PALETTE["muted"])
    for row, (label, memory) in enumerate(MODES.items()):
        top = 30 + 74 * row
        svg.text(8, top + 34, label, anchor="start", mono=True)
        for column, known in enumerate(known_after(memory, names)):
            left = 154 + 84 * column
            svg.rect(left, top, 76, 62, radius=6)
            for place, number in enumerate(known):
                x, y = left + 14 + 24 * (place % 3), top + 20 + 26 * (place // 3)
                own = number == column + 1
                colour = PALETTE["blue"] if own else PALETTE["amber"]
                svg.rect(x - 9, y - 12, 19, 18, radius=4, fill=PALETTE["panel"], stroke=colour)
                svg.text(x, y + 2, number, size=11, weight=600 if own else 400)
    return str(svg)


def memory_text(questions: int, threads: int) -> str:
    """Return the picture in words."""
    names = [f"thread {number % threads + 1}" for number in range(questions)]
    lines = [f"{'':<20}" + "".join(f"{name:<14}" for name in names).rstrip()]
    for label, memory in MODES.items():
        cells = [", ".join(map(str, known)) for known in known_after(memory, names)]
        lines.append(f"{label:<20}" + "".join(f"knows {cell:<8}" for cell in cells).rstrip())
    return "\n".join(lines)
