"""Make fifty tools of a support desk, more than a model should be offered at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_openai import OpenAIEmbeddings

VERBS = {
    "look_up": "Look up",
    "cancel": "Cancel",
    "change": "Change",
    "print": "Print",
    "archive": "Archive",
}
THINGS = (
    "order", "invoice", "refund", "address", "newsletter",
    "gift card", "subscription", "complaint", "appointment", "discount",
)  # fmt: skip


def fifty_tools() -> list[BaseTool]:
    """Return a tool for every verb and thing."""

    def make(verb: str, words: str, thing: str) -> BaseTool:
        def act(number: str) -> str:
            return f"{words} {thing} {number}: done."

        return StructuredTool.from_function(
            act,
            name=f"{verb}_{thing.replace(' ', '_')}",
            description=f"{words} the customer's {thing} by its number.",
        )

    return [make(verb, words, thing) for thing in THINGS for verb, words in VERBS.items()]


def tool_index(tools: Sequence[BaseTool], model: str) -> Callable[..., list[BaseTool]]:
    """Embed the descriptions once; return a function that finds the `k` nearest to a question."""
    embeddings = OpenAIEmbeddings(model=model, check_embedding_ctx_length=False)
    index = InMemoryVectorStore(embeddings)
    index.add_texts([tool.description for tool in tools], [{"name": tool.name} for tool in tools])
    by_name = {tool.name: tool for tool in tools}

    def nearest(question: str, *, k: int) -> list[BaseTool]:
        return [by_name[each.metadata["name"]] for each in index.similarity_search(question, k=k)]

    return nearest
