"""A summary that keeps names and numbers, because somebody checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    get_buffer_string,
)
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # as LangGraph's own state classes

from agent_patterns.memory.context import CountMessages, exchanges
from agent_patterns.memory.errors import ContextError

PROMPT = (
    "Summarize the conversation below in at most 80 words, for whoever continues it. "
    "Keep every name, number, date and identifier exactly as written."
)

_AROUND = "\"'()[]{}<>*_`«»“”‘’.,;:!?"


def missing_details(text: str, summary: str) -> list[str]:
    """Return the names, numbers and identifiers of a text that its summary does not contain.

    A name is one or more capitalized words inside a sentence; this fits English, and finds too
    much in German.  Numbers must be written alike: "twelve" does not stand for 12.
    """
    said = f" {' '.join(_bare(word) for word in summary.split())} "
    return [detail for detail in dict.fromkeys(_details(text)) if f" {detail} " not in said]


def _details(text: str) -> Iterator[str]:
    name: list[str] = []
    begins = True
    for word in text.split():
        bare = _bare(word)
        is_name = not begins and bare[:1].isupper() and len(bare) > 1 and not _is_exact(bare)
        if is_name:
            name.append(bare)
        ends = word[-1] in ".!?,;:"
        if name and (not is_name or ends):
            yield " ".join(name)
            name = []
        if _is_exact(bare):
            yield bare
        begins = word.rstrip("\"'”)").endswith((".", "!", "?"))
    if name:
        yield " ".join(name)


def _is_exact(word: str) -> bool:
    """Return True for what only makes sense as it is written: numbers, ids, addresses."""
    return "@" in word or any(character.isdigit() for character in word)


def _bare(word: str) -> str:
    return word.strip(_AROUND).removesuffix("'s").removesuffix("’s")


class Summarized(TypedDict):
    """State of a graph with a `SummaryMemory`."""

    messages: Annotated[list[Any], add_messages]
    summary: str


class SummaryMemory:
    """Replace old exchanges by a summary that has every name and number in it.

    Args:
        model: writes the summary.
        max_tokens: the conversation's size from which on it is summarized.
        count: counts the tokens of messages.
        keep: the newest exchanges, which stay as they are.
        prompt: what the model is told to do.

    Raises:
        ContextError: if `keep` is below one; the last exchange is never summarized.
    """

    def __init__(
        self,
        model: BaseChatModel,
        *,
        max_tokens: int,
        count: CountMessages,
        keep: int = 2,
        prompt: str = PROMPT,
    ) -> None:
        if keep < 1:
            raise ContextError(f"keep={keep} would summarize the question itself. Keep one.")
        self._model, self._max_tokens, self._count = model, max_tokens, count
        self._keep, self._prompt = keep, prompt

    def update(self, state: Summarized) -> dict[str, Any]:
        """Return the new summary, and the removal of what it replaces; nothing while all fits.

        A node of a graph.  What the model leaves out of its summary is added to it word by word,
        so no detail of the old summary or of the messages is lost.  If the model fails, nothing
        is removed.
        """
        messages, summary = state["messages"], state.get("summary", "")
        old = [message for each in exchanges(messages)[: -self._keep] for message in each]
        if not old or self._count(messages) <= self._max_tokens:
            return {}
        written = self._write(summary, old)
        source = " ".join(
            [summary, *(m.text for m in old if isinstance(m, HumanMessage | AIMessage))]
        )
        if missing := missing_details(source, written):
            written = f"{written} Also mentioned: {', '.join(missing)}."
        return {
            "summary": written.strip(),
            "messages": [RemoveMessage(id=str(message.id)) for message in old],
        }

    def request(
        self, state: Summarized, system: str = "You are a helpful assistant."
    ) -> list[BaseMessage]:
        """Return what to send: the system prompt with the summary, and the messages left."""
        if state.get("summary"):
            system = f"{system}\n\nThe conversation so far:\n{state['summary']}"
        return [SystemMessage(system), *state["messages"]]

    def _write(self, summary: str, old: Sequence[BaseMessage]) -> str:
        earlier = f"Summary of what came before:\n{summary}\n\n" if summary else ""
        asked = f"{self._prompt}\n\n{earlier}Conversation:\n{get_buffer_string(_said(old))}"
        return str(self._model.invoke([HumanMessage(asked)]).text).strip()


def _said(messages: Iterable[BaseMessage]) -> list[BaseMessage]:
    """Return what people would read of a conversation: no calls, no empty messages."""
    return [m for m in messages if isinstance(m, HumanMessage | AIMessage) and m.text]
