"""Choose what of a conversation the model gets to see, under a budget of tokens.

A model remembers nothing: each request carries all that it shall know.  So somebody has to choose,
and four things must survive every choice:

1. the system prompt,
2. the last exchange, whole: the user's message and everything after it,
3. the pairs: a tool call is never parted from its results, or the provider answers 400,
4. the beginning of an exchange: a history that starts with an answer is refused by some providers.

All four follow from cutting between *exchanges* only.  An exchange begins with a user's message
and ends before the next one.  Old exchanges go first, and the choice never changes what is stored:
the thread keeps everything, the request gets what fits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent_patterns.memory.errors import BudgetTooSmallError, ContextError

CountMessages = Callable[[Sequence[BaseMessage]], int]
"""Anything that counts the tokens of some messages, as `trim_messages` takes it too."""


class TokenCounter:
    """Count the tokens of messages and tools, given a function that counts those of a text.

    A chat format frames every message, so ten short messages cost more than one long one.  The
    defaults fit OpenAI's format.  What the provider bills is the truth: compare with
    ``answer.usage_metadata["input_tokens"]`` now and then.

    Args:
        text: the tokens of a text; see `llama_tokens` for one that works offline.
        per_message: tokens that frame a message.
        per_call: tokens that frame a tool call.
        per_request: tokens that frame the whole.
        per_attachment: tokens of a picture or a file, roughly.
    """

    def __init__(
        self,
        text: Callable[[str], int],
        *,
        per_message: int = 3,
        per_call: int = 3,
        per_request: int = 3,
        per_attachment: int = 85,
    ) -> None:
        self._text, self._per_message, self._per_call = text, per_message, per_call
        self._per_request, self._per_attachment = per_request, per_attachment

    def __call__(self, messages: Sequence[BaseMessage], tools: Iterable[Any] = ()) -> int:
        """Return the tokens of a request with these messages and tools."""
        total = self._per_request + sum(map(self._message, messages))
        for tool in tools:
            total += self._text(json.dumps(convert_to_openai_tool(tool), ensure_ascii=False))
        return total

    def _message(self, message: BaseMessage) -> int:
        total = self._per_message + self._content(message.content)
        if message.name and not isinstance(message, ToolMessage):
            total += 1 + self._text(message.name)
        for call in getattr(message, "tool_calls", ()):
            arguments = json.dumps(call["args"], ensure_ascii=False)
            total += self._per_call + self._text(call["name"]) + self._text(arguments)
        return total

    def _content(self, content: str | list[Any]) -> int:
        if isinstance(content, str):
            return self._text(content)
        total = 0
        for part in content:
            text = part if isinstance(part, str) else part.get("text")
            total += self._text(text) if isinstance(text, str) else self._per_attachment
        return total


class ContextManager:
    """Choose the newest exchanges that fit, behind the system prompt.

    Args:
        max_tokens: what a request may hold; leave room for the answer.  None is no limit.
        count: counts tokens; called with one message at a time.
        max_exchanges: at most so many exchanges, however short: a window.  None is no limit.

    Raises:
        ContextError: if a limit is below one, or there is none.
    """

    def __init__(
        self,
        max_tokens: int | None,
        *,
        count: CountMessages,
        max_exchanges: int | None = None,
    ) -> None:
        for name, limit in (("max_tokens", max_tokens), ("max_exchanges", max_exchanges)):
            if limit is not None and limit < 1:
                raise ContextError(f"{name}={limit} leaves room for nothing. Give one or more.")
        if max_tokens is None and max_exchanges is None:
            raise ContextError("Without a limit nothing needs choosing. Give one of the two.")
        self.max_tokens, self.max_exchanges = max_tokens, max_exchanges
        self._count = count
        self._frame = count([])

    def fit(self, messages: Sequence[BaseMessage], *, extra: int = 0) -> list[BaseMessage]:
        """Return the system prompt and the newest exchanges that fit; change nothing.

        Looks only at what it keeps, and at one exchange more.

        Args:
            messages: the conversation, the system prompt first if there is one.
            extra: tokens that the request holds besides, such as those of its tools.

        Raises:
            BudgetTooSmallError: if the system prompt and the last exchange alone are too large.
            ContextError: if what would be sent parts a tool call from its result.
        """
        start = next(
            (at for at, m in enumerate(messages) if not isinstance(m, SystemMessage)),
            len(messages),
        )
        system = self._frame + extra + self._tokens(messages[:start])
        first, used = len(messages), system
        for number, at in enumerate(_starts(messages, start), start=1):
            if self.max_exchanges is not None and number > self.max_exchanges:
                break
            cost = self._tokens(messages[at:first])
            if self.max_tokens is not None and used + cost > self.max_tokens:
                if number == 1:
                    raise BudgetTooSmallError(self.max_tokens, system, cost)
                break
            first, used = at, used + cost
        if self.max_tokens is not None and system > self.max_tokens:
            raise BudgetTooSmallError(self.max_tokens, system, 0)
        kept = [*messages[:start], *messages[first:]]
        _check_pairs(kept)
        return kept

    def _tokens(self, messages: Sequence[BaseMessage]) -> int:
        if self.max_tokens is None:
            return 0
        return sum(self._count([message]) - self._frame for message in messages)


def exchanges(messages: Sequence[BaseMessage]) -> list[list[BaseMessage]]:
    """Return the exchanges in order, without the system prompt that stands before them.

    What stands before the first user's message is an exchange of its own.
    """
    start = sum(1 for _ in _leading_system(messages))
    bounds = [len(messages), *_starts(messages, start)][::-1]
    return [list(messages[begin:end]) for begin, end in pairwise(bounds)]


def _leading_system(messages: Sequence[BaseMessage]) -> Iterator[BaseMessage]:
    for message in messages:
        if not isinstance(message, SystemMessage):
            return
        yield message


def _starts(messages: Sequence[BaseMessage], start: int) -> Iterator[int]:
    """Yield where exchanges begin, the newest first."""
    at = len(messages)
    for at in range(len(messages) - 1, start - 1, -1):
        if isinstance(messages[at], HumanMessage):
            yield at
    if at == start < len(messages) and not isinstance(messages[start], HumanMessage):
        yield start


def _check_pairs(messages: Sequence[BaseMessage]) -> None:
    """Raise `ContextError` unless every call has its result behind it, and no result is alone."""
    waiting: set[str | None] = set()
    for place, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in waiting:
                raise ContextError(
                    _BROKEN.format(place, f"answers no call: {message.tool_call_id}")
                )
            waiting.discard(message.tool_call_id)
            continue
        if waiting:
            raise ContextError(_BROKEN.format(place, f"comes before the results of {waiting}"))
        if isinstance(message, AIMessage):
            waiting = {call["id"] for call in message.tool_calls}
    if waiting:
        raise ContextError(_BROKEN.format(len(messages), f"is missing: the results of {waiting}"))


_BROKEN = (
    "A provider would refuse this conversation: message {} {}. "
    "Mend it first, for example with agent_patterns.loops.repair_transcript"
)
