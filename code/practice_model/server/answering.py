"""The answer to a checked request, whichever API it came by: asked of the mind, cut, billed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from practice_model.server import tokens
from practice_model.server.checks import chosen_tools
from practice_model.server.errors import bad_request, too_much
from practice_model.server.models import ModelCard, find_model
from practice_model.server.schema import AllowedToolsChoice, ChatRequest, NamedToolChoice

if TYPE_CHECKING:
    from practice_model.mind import Reply

logger = logging.getLogger("practice_model")

APOLOGY = "I am the course's practice model, and I could not work out an answer to this."
MAX_ANSWER = 1_000_000
"""Characters that one answer may have."""

FinishReason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True)
class Call:
    """A tool call as it goes over the wire: `arguments` is JSON text, perhaps cut short."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Choice:
    """An answer of `n`, with the number of tokens it took."""

    content: str | None
    calls: Sequence[Call]
    finish_reason: FinishReason
    tokens: int


@dataclass(frozen=True)
class Answer:
    """The answer to one request. `salt` makes its ids; `created` is in seconds since 1970."""

    salt: str
    created: int
    model: str
    choices: Sequence[Choice]
    prompt_tokens: int
    mind_error: str | None = None

    @property
    def completion_tokens(self) -> int:
        """The tokens of all choices together."""
        return sum(choice.tokens for choice in self.choices)

    @property
    def head(self) -> str:
        """The first answer in one short text, for the list of requests."""
        choice = self.choices[0]
        calls = [f"{call.name}({call.arguments})" for call in choice.calls]
        return " ".join([*([choice.content] if choice.content else []), *calls])


def complete(request: ChatRequest, body: dict[str, Any], *, salt: str, created: int) -> Answer:
    """Answer a checked request.

    `body` is the request as it came, which is what the mind reads. `salt` makes the ids: the same
    salt, the same ids. Raises an `ApiError` 400 when there is too much to read or to write.
    """
    prompt_tokens = count_prompt(body)
    _check_context(find_model(request.model), prompt_tokens)
    limit = request.max_completion_tokens or request.max_tokens
    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    named = isinstance(request.tool_choice, NamedToolChoice)
    choices: list[Choice] = []
    mind_error: str | None = None
    for variant in range(request.n or 1):
        reply, failure = _ask(request, body, variant)
        mind_error = failure or mind_error
        calls = [
            Call(
                id=f"call_{digest(f'{salt}/{variant}/{number}')[:24]}",
                name=call.name,
                arguments=json.dumps(call.arguments, ensure_ascii=False),
            )
            for number, call in enumerate(reply.tool_calls)
        ]
        size = len(reply.content or "") + sum(len(call.arguments) for call in calls)
        if size > MAX_ANSWER:
            raise too_much(f"The answer would be longer than {MAX_ANSWER} characters.")
        choices.append(_fit(reply.content, calls, stops, limit, named))
    return Answer(salt, created, request.model, choices, prompt_tokens, mind_error)


def count_prompt(body: dict[str, Any]) -> int:
    """Return the number of tokens that the body of a chat request is billed as."""
    return tokens.count_prompt(
        body["messages"], body.get("tools") or (), body.get("response_format")
    )


def _ask(request: ChatRequest, body: dict[str, Any], variant: int) -> tuple[Reply, str | None]:
    """Return what the mind says, and the exception it covered with an apology."""
    # Here, so that the server starts before its mind is read.
    from practice_model import mind
    from practice_model.mind.errors import TooMuch

    tools: list[dict[str, Any]] = body.get("tools") or []
    tool_choice: str | dict[str, Any] | None = body.get("tool_choice")
    if isinstance(request.tool_choice, AllowedToolsChoice):
        allowed = set(chosen_tools(request))
        tools = [tool for tool in tools if tool["function"]["name"] in allowed]
        tool_choice = request.tool_choice.allowed_tools.mode
    try:
        reply = mind.respond(
            body["messages"],
            tools=tools,
            tool_choice=tool_choice,
            response_format=body.get("response_format"),
            parallel_tool_calls=request.parallel_tool_calls is not False,
            seed=request.seed or 0,
            variant=variant,
        )
    except TooMuch as error:
        raise too_much(str(error)) from error
    except Exception as error:
        # An answer that says so beats a 500 that nobody asked for; the record keeps the cause.
        logger.exception("The practice model could not answer a request")
        return mind.Reply(APOLOGY, []), f"{type(error).__name__}: {error}"
    return reply, None


def digest(text: str) -> str:
    """Return the hexadecimal digest from which ids are cut."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check_context(card: ModelCard, prompt_tokens: int) -> None:
    if prompt_tokens > card.context:
        raise bad_request(
            f"This model's maximum context length is {card.context} tokens. However, your "
            f"messages resulted in {prompt_tokens} tokens. Please reduce the length of the "
            "messages.",
            param="messages",
            code="context_length_exceeded",
        )


def _fit(
    content: str | None,
    calls: Sequence[Call],
    stops: Sequence[str],
    limit: int | None,
    named: bool,
) -> Choice:
    """Apply the stop sequences and the token limit to one answer."""
    if content is not None:
        cuts = [content.index(stop) for stop in stops if stop and stop in content]
        content = content[: min(cuts)] if cuts else content
    pieces = tokens.tokenize(content or "")
    if limit is not None and len(pieces) > limit:
        return Choice("".join(pieces[:limit]), [], "length", limit)
    used = len(pieces)
    kept: list[Call] = []
    for call in calls:
        name = tokens.count(call.name)
        arguments = tokens.tokenize(call.arguments)
        left = None if limit is None else limit - used
        if left is not None and name + len(arguments) > left:
            if name <= left:
                cut = "".join(arguments[: left - name])
                kept.append(Call(call.id, call.name, cut))
            assert limit is not None
            return Choice(content, kept, "length", limit)
        used += name + len(arguments)
        kept.append(call)
    return Choice(content, kept, "tool_calls" if kept and not named else "stop", used)
