"""Chat completions: from a validated request to the answer, whole or as stream events."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from practice_model import brain
from practice_model.server import tokens
from practice_model.server.errors import ApiError, bad_request
from practice_model.server.jsonschemas import check_function, check_response
from practice_model.server.models import ModelCard, find_model
from practice_model.server.schema import (
    AllowedToolsChoice,
    ChatRequest,
    JsonObjectFormat,
    JsonSchemaFormat,
    NamedToolChoice,
    parse,
)
from practice_model.server.transcript import check_transcript

logger = logging.getLogger("practice_model")

FINGERPRINT = "fp_practice"
APOLOGY = "I am the course's practice model, and I could not work out an answer to this."

FinishReason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True)
class Call:
    """One tool call as it goes over the wire: `arguments` is JSON text, perhaps cut short."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Choice:
    """One of the `n` answers, with the number of tokens it took."""

    content: str | None
    calls: Sequence[Call]
    finish_reason: FinishReason
    tokens: int


@dataclass(frozen=True)
class Completion:
    """The answer to one chat request."""

    id: str
    created: int
    model: str
    choices: Sequence[Choice]
    prompt_tokens: int
    brain_error: str | None = None
    stream: bool = False
    include_usage: bool = False
    service_tier: str = field(default="default")

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

    def usage(self) -> dict[str, Any]:
        """The usage object of the API."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _common(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": self.service_tier,
            "system_fingerprint": FINGERPRINT,
        }

    def as_json(self) -> dict[str, Any]:
        """The whole answer in one object."""
        choices = []
        for index, choice in enumerate(self.choices):
            message: dict[str, Any] = {
                "role": "assistant",
                "content": choice.content,
                "refusal": None,
                "annotations": [],
            }
            if choice.calls:
                message["tool_calls"] = [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {"name": call.name, "arguments": call.arguments},
                    }
                    for call in choice.calls
                ]
            choices.append(
                {
                    "index": index,
                    "message": message,
                    "logprobs": None,
                    "finish_reason": choice.finish_reason,
                }
            )
        return {**self._common("chat.completion"), "choices": choices, "usage": self.usage()}

    def events(self) -> Iterator[dict[str, Any]]:
        """The answer as the objects of a stream, a token at a time; usage comes last if asked."""
        common = self._common("chat.completion.chunk")
        extra: dict[str, Any] = {"usage": None} if self.include_usage else {}
        for index, choice in enumerate(self.choices):
            for delta, reason in _deltas(choice):
                one = {
                    "index": index,
                    "delta": delta,
                    "logprobs": None,
                    "finish_reason": reason,
                }
                yield {**common, "choices": [one], **extra}
        if self.include_usage:
            yield {**common, "choices": [], "usage": self.usage()}


def _deltas(choice: Choice) -> Iterator[tuple[dict[str, Any], FinishReason | None]]:
    opening: dict[str, Any] = {"role": "assistant", "refusal": None}
    opening["content"] = None if choice.content is None else ""
    yield opening, None
    for piece in tokens.tokenize(choice.content or ""):
        yield {"content": piece}, None
    for number, call in enumerate(choice.calls):
        start = {
            "index": number,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield {"tool_calls": [start]}, None
        for piece in tokens.tokenize(call.arguments):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}, None
    yield {}, choice.finish_reason


_UNSUPPORTED = {
    "functions": "Use 'tools' instead.",
    "function_call": "Use 'tool_choice' instead.",
    "audio": "It answers in text.",
    "moderation": "It does not moderate.",
    "prediction": "It does not take predicted outputs.",
    "web_search_options": "It does not search the web.",
}


def read_request(body: object) -> ChatRequest:
    """A request that can be answered; an `ApiError` (400 or 404) that says why it cannot."""
    if isinstance(body, dict) and body.get("model") is None:
        raise bad_request("you must provide a model parameter")
    request = parse(ChatRequest, body)
    card = find_model(request.model)
    if card.embeds:
        raise ApiError(
            404,
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
            param="model",
        )
    _check_options(request)
    _check_tools(request)
    check_transcript(request.messages)
    return request


def _check_options(request: ChatRequest) -> None:
    for name, advice in _UNSUPPORTED.items():
        if getattr(request, name) is not None:
            raise _unsupported(name, advice)
    if request.logprobs or request.top_logprobs:
        raise _unsupported("logprobs", "It chooses by rules, not by probabilities.")
    if request.modalities and "audio" in request.modalities:
        raise _unsupported("modalities", "It answers in text.")
    if request.stream_options is not None and not request.stream:
        raise bad_request(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        raise bad_request(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
            code="invalid_parameter_combination",
        )
    form = request.response_format
    if isinstance(form, JsonSchemaFormat):
        check_response(
            form.json_schema.name,
            form.json_schema.schema_,
            strict=bool(form.json_schema.strict),
        )
    elif isinstance(form, JsonObjectFormat):
        said = json.dumps([message.model_dump() for message in request.messages])
        if "json" not in said.lower():
            raise bad_request(
                "'messages' must contain the word 'json' in some form, to use 'response_format' "
                "of type 'json_object'.",
                param="messages",
            )


def _unsupported(name: str, advice: str) -> ApiError:
    return bad_request(
        f"Unsupported parameter: '{name}' is not supported with this model. {advice}",
        param=name,
        code="unsupported_parameter",
    )


def _check_tools(request: ChatRequest) -> None:
    if not request.tools:
        for name in ("tool_choice", "parallel_tool_calls"):
            value = getattr(request, name)
            if value is not None and value != "none":
                raise bad_request(
                    f"'{name}' is only allowed when 'tools' are specified.", param=name
                )
        return
    names: set[str] = set()
    for index, tool in enumerate(request.tools):
        function = tool.function
        if function.name in names:
            raise bad_request(
                f"Tool names must be unique; '{function.name}' is there twice.",
                param=f"tools[{index}].function.name",
            )
        names.add(function.name)
        check_function(
            function.name,
            function.parameters,
            strict=bool(function.strict),
            param=f"tools[{index}].function.parameters",
        )
    for name in _chosen(request):
        if name not in names:
            raise bad_request(
                f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice"
            )


def _chosen(request: ChatRequest) -> list[str]:
    choice = request.tool_choice
    if isinstance(choice, NamedToolChoice):
        return [choice.function.name]
    if isinstance(choice, AllowedToolsChoice):
        return [tool.function.name for tool in choice.allowed_tools.tools]
    return []


def answer(body: Any, *, salt: str, created: int) -> Completion:
    """Checks a request body and answers it; raises what `read_request` raises."""
    return complete(read_request(body), body, salt=salt, created=created)


def complete(request: ChatRequest, body: dict[str, Any], *, salt: str, created: int) -> Completion:
    """Answers a checked request.

    `body` is the request as it came, which is what the brain reads. `salt` makes the ids: the same
    salt, the same ids. `created` is the time stamp of the answer, in seconds since 1970.
    """
    messages: list[dict[str, Any]] = body["messages"]
    tools: list[dict[str, Any]] = body.get("tools") or []
    response_format: dict[str, Any] | None = body.get("response_format")
    prompt_tokens = tokens.count_prompt(messages, tools, response_format)
    limit = request.max_completion_tokens or request.max_tokens
    _check_context(find_model(request.model), prompt_tokens)

    tool_choice: str | dict[str, Any] | None = body.get("tool_choice")
    if isinstance(request.tool_choice, AllowedToolsChoice):
        allowed = set(_chosen(request))
        tools = [tool for tool in tools if tool["function"]["name"] in allowed]
        tool_choice = request.tool_choice.allowed_tools.mode

    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    named = isinstance(request.tool_choice, NamedToolChoice)
    choices: list[Choice] = []
    brain_error: str | None = None
    for variant in range(request.n or 1):
        try:
            reply = brain.respond(
                messages,
                tools=tools,
                tool_choice=tool_choice,
                response_format=response_format,
                parallel_tool_calls=request.parallel_tool_calls is not False,
                seed=request.seed or 0,
                variant=variant,
            )
        except Exception as error:
            # An answer that says so beats a 500 that nobody asked for; the record keeps the cause.
            logger.exception("The practice model could not answer a request")
            brain_error = f"{type(error).__name__}: {error}"
            reply = brain.Reply(APOLOGY, [])
        calls = [
            Call(
                id=f"call_{_digest(f'{salt}/{variant}/{number}')[:24]}",
                name=call.name,
                arguments=json.dumps(call.arguments, ensure_ascii=False),
            )
            for number, call in enumerate(reply.tool_calls)
        ]
        choices.append(_fit(reply.content, calls, stops, limit, named))
    return Completion(
        id=f"chatcmpl-{_digest(salt)[:29]}",
        created=created,
        model=request.model,
        choices=choices,
        prompt_tokens=prompt_tokens,
        brain_error=brain_error,
        stream=bool(request.stream),
        include_usage=bool(request.stream_options and request.stream_options.include_usage),
    )


def _digest(text: str) -> str:
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
    """Applies the stop sequences and the token limit to one answer."""
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
