"""Check: Translate both ways."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import START, StateGraph
from langgraph.pregel import Pregel
from langgraph.types import Command

from courseware.exercises import chance, expect
from courseware.lessons.subgraphs.exercises.common import draw_library, research_over


class _Mail(TypedDict, total=False):
    mail: str
    sources: list[str]
    reply: str


def check(make_node: Callable[[Any], Callable[[Any], Any]]) -> None:
    """Put the node into an e-mail responder over a library that is drawn anew."""
    draw = chance()
    for _ in range(3):
        library, asked = draw_library(draw), list[str]()
        node = make_node(research_over(library, asked))
        expect(
            callable(node) or (isinstance(node, Runnable) and not isinstance(node, Pregel)),
            "returns-no-node",
            f"`make_node` returned {node!r}. A node is a function of the state: define it inside"
            " `make_node`, and return it without calling it.",
        )
        for word in draw.sample(sorted(library), 2):
            _check_one_mail(node, library, asked, word, draw.choice(["Clara", "Ben", "Ines"]))


def _check_one_mail(
    node: Any, library: Mapping[str, Any], asked: list[str], word: str, name: str
) -> None:
    asked.clear()
    question = f"What about {word}?"
    mail = f"Hello,\nI am {name}, and I like wool.\n{question}"
    given = {"mail": mail, "reply": "not yet"}
    if not isinstance(node, Runnable) and "config" in inspect.signature(node).parameters:
        node = RunnableLambda(node)
    update = node.invoke(dict(given)) if isinstance(node, Runnable) else node(dict(given))
    if isinstance(update, Command) and not update.goto and update.graph is None:
        update = update.update  # an update with nothing else says the same
    expect(
        asked,
        "never-asks",
        f"The mail asked {question!r}, and the subgraph was never called. Call"
        " `research.invoke(…)` inside the node.",
    )
    expect(
        asked == [question],
        "sends-the-wrong-thing",
        f"The mail's last line is {question!r}, and the subgraph was asked {asked!r}.",
    )
    expect(
        isinstance(update, Mapping),
        "returns-no-update",
        f"The node returned {update!r}. It returns what changes in the parent's state, as a"
        " dictionary.",
    )
    strange = sorted(set(update) - set(_Mail.__annotations__))
    expect(
        not strange,
        "leaks-private-keys",
        f"The node returned {strange}, which the e-mail responder does not know. LangGraph drops"
        " such keys without a word, so this is how answers get lost. Return `sources`.",
    )
    expect(
        set(update) == {"sources"},
        "returns-the-whole-state" if len(update) > 1 else "returns-no-sources",
        f"The node returned the keys {sorted(update)}. It returns only what it has changed, which"
        " is `sources`: another node may be changing the rest at the same moment.",
    )
    sources = [found["source"] for found in library[word]]
    _check_names(word, sources, update["sources"])
    builder: Any = StateGraph(_Mail).add_node("research", node)
    graph = builder.add_edge(START, "research").compile()
    expect(
        graph.invoke(given) == {**given, "sources": sources},
        "loses-state",
        "In a real graph the mail or the reply was lost.",
    )


def _check_names(word: str, sources: list[str], got: Any) -> None:
    told = f"The library has {sources} on {word}, and `sources` became {got!r}."
    names = isinstance(got, list) and all(isinstance(name, str) for name in got)
    expect(
        names,
        "returns-findings-for-names",
        f"{told} The parent wants a list of the names alone.",
    )
    expect(
        got == sources,
        "changes-the-names",
        f"{told} Keep every finding's `source`, once and in the order of the findings.",
    )
