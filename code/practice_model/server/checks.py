"""Whether a chat request can be answered, beyond the shape of its parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from practice_model.server.errors import ApiError, bad_request, too_much
from practice_model.server.explain import parse
from practice_model.server.jsonschemas import check_function, check_response
from practice_model.server.models import find_model
from practice_model.server.schema import (
    AllowedToolsChoice,
    ChatRequest,
    JsonObjectFormat,
    JsonSchemaFormat,
    NamedToolChoice,
)
from practice_model.server.transcript import check_transcript

MAX_DIGITS = 1_000
"""Digits that a number in a request may have."""

_DIGITS = re.compile(r"[0-9]+")

_UNSUPPORTED = {
    "functions": "Use 'tools' instead.",
    "function_call": "Use 'tool_choice' instead.",
    "audio": "It answers in text.",
    "moderation": "It does not moderate.",
    "prediction": "It does not take predicted outputs.",
    "web_search_options": "It does not search the web.",
}


def read_request(body: object, *, responses: bool = False) -> ChatRequest:
    """Return a request that can be answered; an `ApiError` (400 or 404) says why one cannot.

    `responses` tells that it came by way of the Responses API, which serves more models.
    """
    if isinstance(body, dict) and body.get("model") is None:
        raise bad_request("you must provide a model parameter")
    request = parse(ChatRequest, body)
    _check_model(request.model, responses)
    _check_options(request)
    _check_format(request)
    _check_tools(request)
    check_transcript(request.messages)
    _check_numbers(request)
    return request


def _check_model(name: str, responses: bool) -> None:
    card = find_model(name)
    if card.embeds:
        where = "v1/responses" if responses else "v1/chat/completions"
        message = f"This is not a chat model and thus not supported in the {where} endpoint."
        raise ApiError(404, message, param="model")
    if card.responses_only and not responses:
        message = (
            "This model is only supported in v1/responses and not in v1/chat/completions. "
            "With ChatOpenAI, pass use_responses_api=True."
        )
        raise ApiError(404, message, param="model")


def _check_options(request: ChatRequest) -> None:
    for name, advice in _UNSUPPORTED.items():
        if getattr(request, name) is not None:
            raise unsupported(name, advice)
    if request.logprobs or request.top_logprobs:
        raise unsupported("logprobs", "It chooses by rules, not by probabilities.")
    if request.modalities and "audio" in request.modalities:
        raise unsupported("modalities", "It answers in text.")
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


def _check_format(request: ChatRequest) -> None:
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


def unsupported(name: str, advice: str) -> ApiError:
    """Make the 400 for a parameter that the practice model does not take."""
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
    for name in chosen_tools(request):
        if name not in names:
            raise bad_request(
                f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice"
            )


def _check_numbers(request: ChatRequest) -> None:
    for index, message in enumerate(request.messages):
        for text in _texts(message.model_dump(exclude_none=True)):
            longest = max((len(run) for run in _DIGITS.findall(text)), default=0)
            if longest > MAX_DIGITS:
                raise too_much(
                    f"A number of {longest} digits is more than can be read; {MAX_DIGITS} is the "
                    "limit.",
                    param=f"messages[{index}]",
                )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def chosen_tools(request: ChatRequest) -> list[str]:
    """Return the names of the tools to which `tool_choice` narrows the choice."""
    choice = request.tool_choice
    if isinstance(choice, NamedToolChoice):
        return [choice.function.name]
    if isinstance(choice, AllowedToolsChoice):
        return [tool.function.name for tool in choice.allowed_tools.tools]
    return []
