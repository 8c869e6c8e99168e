"""Research the same question twice: two teams' copies, each changed a little."""

from collections.abc import Callable
from typing import Any, TypedDict

from langgraph.graph import START, StateGraph


class Post(TypedDict, total=False):
    """The blog writer's state."""

    topic: str
    facts: list[str]
    post: str


class Letter(TypedDict, total=False):
    """The e-mail responder's state."""

    mail: str
    sources: list[str]
    reply: str


def write_post(state: Post) -> Post:
    """Write the post from its facts."""
    return {"post": f"{state['topic']}: {len(state['facts'])} facts"}


def write_reply(state: Letter) -> Letter:
    """Write the reply from its sources."""
    return {"reply": "See " + ", ".join(state["sources"])}


def copied_blog(search: Callable[[str], list[dict[str, str]]]) -> Any:
    """Return the blog writer with a research of its own."""

    def research(state: Post) -> Post:
        return {"facts": [found["text"] for found in search(state["topic"])]}

    builder: Any = StateGraph(Post).add_sequence([research, write_post])
    return builder.add_edge(START, "research").compile()


def copied_mail(search: Callable[[str], list[dict[str, str]]]) -> Any:
    """Return the e-mail responder with a research of its own."""

    def research(state: Letter) -> Letter:
        found = search(state["mail"].splitlines()[-1])
        return {"sources": [each["source"] for each in found]}

    builder: Any = StateGraph(Letter).add_sequence([research, write_reply])
    return builder.add_edge(START, "research").compile()
