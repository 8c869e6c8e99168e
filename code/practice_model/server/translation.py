"""From a request of the Responses API to the chat request that asks the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from practice_model.server.checks import unsupported
from practice_model.server.errors import ApiError, bad_request
from practice_model.server.explain import parse
from practice_model.server.responses_schema import ResponsesRequest
from practice_model.server.store import Item, ResponseStore

_UNSUPPORTED = {
    "background": "It answers at once.",
    "context_management": "It does not compact a context.",
    "conversation": "Use 'previous_response_id' instead.",
    "image": "It reads and writes text.",
    "moderation": "It does not moderate.",
    "prompt": "It stores no prompts.",
}

_SAME = ("model", "temperature", "top_p", "parallel_tool_calls", "metadata", "user")


def read(body: object) -> ResponsesRequest:
    """Return a request of the right shape; an `ApiError` 400 says what is wrong with it."""
    if isinstance(body, dict):
        if body.get("model") is None:
            raise bad_request(
                "Missing required parameter: 'model'.",
                param="model",
                code="missing_required_parameter",
            )
        _refuse_built_in_tools(body.get("tools"))
    request = parse(ResponsesRequest, body)
    for name, advice in _UNSUPPORTED.items():
        if getattr(request, name):
            raise unsupported(name, advice)
    if request.top_logprobs:
        raise unsupported("top_logprobs", "It chooses by rules, not by probabilities.")
    if request.stream_options is not None and not request.stream:
        raise bad_request(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    return request


def _refuse_built_in_tools(tools: object) -> None:
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        kind = tool.get("type") if isinstance(tool, dict) else None
        if isinstance(kind, str) and kind != "function":
            raise bad_request(
                f"Tool type '{kind[:60]}' is not supported with this model. The practice model "
                "calls functions; it searches no web and runs no code.",
                param=f"tools[{index}].type",
                code="unsupported_parameter",
            )


def items(body: dict[str, Any], store: ResponseStore[Any]) -> list[Item]:
    """Return the items of a request's own input, references resolved."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    found = []
    for item in given or ():
        by_reference = item.get("type") == "item_reference" or set(item) == {"id"}
        found.append(store.item(item["id"]) if by_reference else item)
    return found


def chat_body(
    request: ResponsesRequest, body: dict[str, Any], conversation: Sequence[Item]
) -> dict[str, Any]:
    """Return the chat request that asks what a request asks after a conversation."""
    chat: dict[str, Any] = {name: body[name] for name in _SAME if body.get(name) is not None}
    chat["messages"] = messages(conversation)
    if request.instructions:
        chat["messages"].insert(0, {"role": "system", "content": request.instructions})
    if not chat["messages"]:
        raise bad_request(
            "One of 'input' or 'previous_response_id' must be provided.", param="input"
        )
    if request.max_output_tokens is not None:
        chat["max_completion_tokens"] = request.max_output_tokens
    if request.tools:
        chat["tools"] = [_tool(tool) for tool in body["tools"]]
        if request.tool_choice is not None:
            chat["tool_choice"] = _choice(body["tool_choice"])
    else:
        chat.pop("parallel_tool_calls", None)
        if request.tool_choice not in (None, "auto", "none"):
            raise bad_request(
                "'tool_choice' is only allowed when 'tools' are specified.", param="tool_choice"
            )
    text = body.get("text") or {}
    if text.get("format"):
        chat["response_format"] = _format(text["format"])
    return chat


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "description", "parameters", "strict")
    return {
        "type": "function",
        "function": {name: tool[name] for name in names if tool.get(name) is not None},
    }


def _choice(choice: str | dict[str, Any]) -> str | dict[str, Any]:
    if isinstance(choice, str):
        return choice
    if choice["type"] == "allowed_tools":
        tools = [_choice(tool) for tool in choice["tools"]]
        return {
            "type": "allowed_tools",
            "allowed_tools": {"mode": choice["mode"], "tools": tools},
        }
    return {"type": "function", "function": {"name": choice["name"]}}


def _format(form: dict[str, Any]) -> dict[str, Any]:
    if form["type"] != "json_schema":
        return {"type": form["type"]}
    inner = {name: value for name, value in form.items() if name != "type" and value is not None}
    return {"type": "json_schema", "json_schema": inner}


def messages(conversation: Sequence[Item]) -> list[dict[str, Any]]:
    """Return the chat messages that say what items say.

    Calls that follow one another become one assistant message, and the outputs come right after
    it, wherever they stood. Raises an `ApiError` 400 for a call without its output, and for an
    output without its call.
    """
    outputs = _outputs(conversation)
    found: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    for item in conversation:
        kind = item.get("type") or "message"
        if kind == "function_call":
            function = {"name": item["name"], "arguments": item["arguments"]}
            call = {"id": item["call_id"], "type": "function", "function": function}
            if waiting or (found and found[-1]["role"] == "assistant"):
                found[-1].setdefault("tool_calls", []).append(call)
            else:
                found.append({"role": "assistant", "content": None, "tool_calls": [call]})
            waiting.append(outputs[item["call_id"]])
        elif kind != "reasoning":
            found += waiting
            waiting = []
        if kind == "message":
            found.append({"role": item["role"], "content": _content(item)})
    return found + waiting


def _outputs(conversation: Sequence[Item]) -> dict[str, dict[str, Any]]:
    called = {item["call_id"] for item in conversation if item.get("type") == "function_call"}
    outputs: dict[str, dict[str, Any]] = {}
    for item in conversation:
        if item.get("type") == "function_call_output":
            identity = item["call_id"]
            if identity not in called:
                raise bad_request(
                    f"No tool call found for function call output with call_id {identity}.",
                    param="input",
                )
            outputs[identity] = {
                "role": "tool",
                "tool_call_id": identity,
                "content": _output(item["output"]),
            }
    for identity in called:
        if identity not in outputs:
            raise bad_request(f"No tool output found for function call {identity}.", param="input")
    return outputs


def _content(item: Item) -> str | list[dict[str, Any]] | None:
    content: str | list[dict[str, Any]] = item["content"]
    if isinstance(content, str):
        return content
    parts = [_part(part) for part in content]
    if item["role"] != "user":
        parts = [part for part in parts if part["type"] in ("text", "refusal")]
    if item["role"] in ("system", "developer"):
        parts = [part for part in parts if part["type"] == "text"]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    if len(texts) == len(parts):
        return "\n".join(texts)
    return parts


def _part(part: dict[str, Any]) -> dict[str, Any]:
    kind = part["type"]
    if kind == "refusal":
        return {"type": "refusal", "refusal": part["refusal"]}
    if kind == "input_image":
        url = part.get("image_url") or part.get("file_id") or ""
        return {"type": "image_url", "image_url": {"url": url}}
    if kind == "input_file":
        names = ("file_data", "file_id", "filename")
        return {"type": "file", "file": {name: part[name] for name in names if part.get(name)}}
    return {"type": "text", "text": part["text"]}


def _output(output: str | list[dict[str, Any]]) -> str:
    if isinstance(output, str):
        return output
    return "\n".join(part["text"] if "text" in part else f"({part['type']})" for part in output)


_PARAMS = (
    ("messages", "input"),
    ("response_format", "text.format"),
    ("max_completion_tokens", "max_output_tokens"),
    ("max_tokens", "max_output_tokens"),
)


@contextmanager
def own_terms() -> Iterator[None]:
    """Let errors about the chat request come out with the names of the Responses API."""
    try:
        yield
    except ApiError as error:
        param, message = error.param, error.message
        for theirs, ours in _PARAMS:
            message = message.replace(f"'{theirs}'", f"'{ours}'")
            if param is not None and param.startswith(theirs):
                param = ours
        if param is not None:
            param = param.replace(".function.", ".")
        raise ApiError(
            error.status, message, kind=error.kind, param=param, code=error.code
        ) from error
