"""The Responses API: answers as it words them, whole or as the events of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from practice_model.server import tokens, translation
from practice_model.server.answering import Answer, Call, complete, count_prompt, digest
from practice_model.server.chat import pieces
from practice_model.server.checks import read_request
from practice_model.server.models import find_model
from practice_model.server.responses_schema import ResponsesRequest
from practice_model.server.store import Item, ResponseStore, Stored

Event = dict[str, Any]

_LASTING = ("system", "developer")


_DEFAULTS: dict[str, Any] = {
    "background": False,
    "completed_at": None,
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""What a response object says about its request where that says nothing itself."""

_ECHOED = {*_DEFAULTS, "reasoning", "text", "tools"} - {"background", "service_tier"}


@dataclass(frozen=True)
class Response:
    """The answer to one request of the Responses API, as it goes over the wire.

    `asked` is what the response object repeats of the request's body.
    """

    answer: Answer
    asked: dict[str, Any]
    stream: bool = False
    ending: bytes = b""

    @property
    def id(self) -> str:
        """The name under which the response is stored."""
        return f"resp_{digest(self.answer.salt)[:48]}"

    @property
    def _cut(self) -> bool:
        return self.answer.choices[0].finish_reason == "length"

    def output(self) -> list[Item]:
        """Return the items of the answer: a message, function calls, or both."""
        choice = self.answer.choices[0]
        found: list[Item] = []
        if choice.content or not choice.calls:
            found.append(self._text(choice.content or "", cut=self._cut and not choice.calls))
        for number, call in enumerate(choice.calls, start=1):
            cut = self._cut and number == len(choice.calls)
            found.append(self._call(call, cut=cut))
        return found

    def _text(self, text: str, *, cut: bool) -> Item:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
        return {
            "id": f"msg_{digest(self.answer.salt)[:48]}",
            "type": "message",
            "status": "incomplete" if cut else "completed",
            "content": [part],
            "role": "assistant",
        }

    def _call(self, call: Call, *, cut: bool) -> Item:
        return {
            "id": f"fc_{digest(call.id)[:48]}",
            "type": "function_call",
            "status": "incomplete" if cut else "completed",
            "arguments": call.arguments,
            "call_id": call.id,
            "name": call.name,
        }

    def usage(self) -> dict[str, Any]:
        """Return the usage object of the API."""
        read, written = self.answer.prompt_tokens, self.answer.completion_tokens
        return {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole response in one object."""
        return {
            **self._open("incomplete" if self._cut else "completed"),
            "incomplete_details": {"reason": "max_output_tokens"} if self._cut else None,
            "completed_at": self.answer.created,
            "output": self.output(),
            "usage": self.usage(),
        }

    def _open(self, status: str) -> dict[str, Any]:
        """Return the response object before there is anything in it."""
        asked = self.asked
        return {
            **_DEFAULTS,
            **asked,
            "id": self.id,
            "object": "response",
            "created_at": self.answer.created,
            "status": status,
            "model": self.answer.model,
            "output": [],
            "reasoning": {"effort": None, "summary": None, **asked.get("reasoning", {})},
            "text": {"format": {"type": "text"}, "verbosity": "medium", **asked.get("text", {})},
            "tools": [
                {"description": None, "parameters": None, "strict": False, **tool}
                for tool in asked.get("tools", ())
            ],
            "usage": None,
        }

    def events(self) -> Iterator[Event]:
        """Yield the events of a stream: the response opens, its items grow, it is complete."""
        for number, event in enumerate(self._events()):
            yield {**event, "sequence_number": number}

    def _events(self) -> Iterator[Event]:
        for kind in ("created", "in_progress"):
            yield {"type": f"response.{kind}", "response": self._open("in_progress")}
        for index, item in enumerate(self.output()):
            grow = _text_events if item["type"] == "message" else _call_events
            for event in grow(item):
                yield {**event, "output_index": index}
        whole = self.as_json()
        yield {"type": f"response.{whole['status']}", "response": whole}


def _text_events(item: Item) -> Iterator[Event]:
    part = item["content"][0]
    at = {"item_id": item["id"], "content_index": 0}
    empty = {**item, "status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "item": empty}
    yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
    for piece in pieces(part["text"]):
        yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": part}
    yield {"type": "response.output_item.done", "item": item}


def _call_events(item: Item) -> Iterator[Event]:
    at = {"item_id": item["id"]}
    empty = {**item, "status": "in_progress", "arguments": ""}
    kind = "response.function_call_arguments"
    yield {"type": "response.output_item.added", "item": empty}
    for piece in pieces(item["arguments"]):
        yield {"type": f"{kind}.delta", **at, "delta": piece}
    yield {"type": f"{kind}.done", **at, "arguments": item["arguments"], "name": item["name"]}
    yield {"type": "response.output_item.done", "item": item}


def answer(body: Any, store: ResponseStore[Response], *, salt: str, created: int) -> Response:
    """Check a request body, answer it and store the response unless told not to.

    Raises an `ApiError` (400 or 404) for a request that cannot be answered.
    """
    request = translation.read(body)
    given, chat = _translated(request, body, store)
    with translation.own_terms():
        checked = read_request(chat, responses=True)
        if request.truncation == "auto":
            _truncate(chat, find_model(request.model).context)
        made = complete(checked, chat, salt=salt, created=created)
    asked = {name: body[name] for name in _ECHOED if body.get(name) is not None}
    response = Response(made, asked, stream=bool(request.stream))
    if request.store is not False:
        store.add(response, given, request.previous_response_id)
    return response


def _truncate(chat: dict[str, Any], limit: int) -> None:
    """Drop the oldest messages, but no instructions, until the rest fits."""
    kept: list[dict[str, Any]] = chat["messages"]
    over = count_prompt(chat) - limit
    while over > 0:
        first = next((i for i, one in enumerate(kept) if one["role"] not in _LASTING), len(kept))
        last = first + 1
        while last < len(kept) and kept[last]["role"] == "tool":
            last += 1
        if last >= len(kept):
            return
        over -= tokens.count_prompt(kept[first:last]) - tokens.MESSAGE_OVERHEAD
        del kept[first:last]


def count(body: Any, store: ResponseStore[Response]) -> dict[str, Any]:
    """Return how many tokens a request would be billed as, without answering it."""
    request = translation.read(body)
    _, chat = _translated(request, body, store)
    with translation.own_terms():
        read_request(chat, responses=True)
    return {"object": "response.input_tokens", "input_tokens": count_prompt(chat)}


def _translated(
    request: ResponsesRequest, body: dict[str, Any], store: ResponseStore[Response]
) -> tuple[list[Item], dict[str, Any]]:
    """Return the request's own items, and the chat request for the whole conversation."""
    given = translation.items(body, store)
    earlier = store.history(request.previous_response_id)
    return given, translation.chat_body(request, body, [*earlier, *given])


def listed(stored: Stored[Response]) -> dict[str, Any]:
    """Return the items that a stored response answered, latest first, as a list of the API."""
    data: list[Item] = []
    for number, item in enumerate(stored.given):
        named = {"id": f"item_{digest(f'{stored.response.id}/{number}')[:48]}", **item}
        named.update(type=item.get("type") or "message", status="completed")
        if named["type"] == "message" and isinstance(item["content"], str):
            kind = "output_text" if item["role"] == "assistant" else "input_text"
            named["content"] = [{"type": kind, "text": item["content"]}]
        data.insert(0, named)
    first, last = (data[0]["id"], data[-1]["id"]) if data else ("", "")
    return {
        "object": "list",
        "data": data,
        "first_id": first,
        "last_id": last,
        "has_more": False,
    }
