"""Parents and subgraphs that the tests share."""

from __future__ import annotations

from typing import Any, TypedDict

from langchain_core.runnables import Runnable
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from agent_patterns.approval import edit
from agent_patterns.subgraphs import Contract, adapt
from agent_patterns.subgraphs.research import Finding, Findings, research_subgraph

LIBRARY = {
    "ink": [Finding(text="Iron gall ink darkens.", source="ink-01")],
    "paper": [
        Finding(text="Cotton paper lasts.", source="paper-01"),
        Finding(text="Coated paper smears.", source="paper-02"),
    ],
}


def search(question: str) -> list[Finding]:
    return [found for word, all_ in LIBRARY.items() if word in question for found in all_]


def write(question: str, findings: Any) -> str:
    return f"{question}: {len(findings)}"


class BlogState(TypedDict, total=False):
    topic: str
    notes: list[Finding]
    post: str


class MailState(TypedDict, total=False):
    mail: str
    sources: list[str]
    draft: str


def source_names(result: Findings) -> list[str]:
    return [finding["source"] for finding in result["findings"]]


def asked_in(state: MailState) -> str:
    return state["mail"].rsplit("\n", 1)[-1]


BLOG = Contract(
    "blog writer",
    BlogState,
    sends={"question": "topic"},
    reads={"notes": "findings", "post": "summary"},
    examples=[{"topic": "ink"}, {"topic": "nothing on this"}],
)
MAIL = Contract(
    "e-mail responder",
    MailState,
    sends={"question": asked_in},
    reads={"sources": source_names, "draft": "summary"},
    examples=[{"mail": "Hello,\nwhich paper?"}],
)


def research(**options: Any) -> Any:
    return research_subgraph(search, write, **options)


def use(sources: list[str]) -> Any:
    """The decision of a human who keeps these sources."""
    return edit("use_sources", {"sources": sources})


def parent(node: Runnable[Any, Any] | Any, state: type = BlogState, saver: Any = None) -> Any:
    builder = StateGraph(state).add_node("research", node).add_edge(START, "research")
    return builder.compile(checkpointer=saver or InMemorySaver())


def blog(**options: Any) -> Any:
    return parent(adapt(research(**options), BLOG))
