"""Chat Completions: an answer as that API words it, whole or as the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from practice_model.server import tokens
from practice_model.server.answering import Answer, Choice, FinishReason, complete, digest
from practice_model.server.checks import read_request

FINGERPRINT = "fp_practice"


@dataclass(frozen=True)
class Completion:
    """The answer to one chat request, as it goes over the wire."""

    answer: Answer
    stream: bool = False
    include_usage: bool = False
    ending: bytes = b"data: [DONE]\n\n"

    def usage(self) -> dict[str, Any]:
        """Return the usage object of the API."""
        read, written = self.answer.prompt_tokens, self.answer.completion_tokens
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
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
            "id": f"chatcmpl-{digest(self.answer.salt)[:29]}",
            "object": kind,
            "created": self.answer.created,
            "model": self.answer.model,
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the whole answer in one object."""
        choices = [
            {
                "index": index,
                "message": _message(choice),
                "logprobs": None,
                "finish_reason": choice.finish_reason,
            }
            for index, choice in enumerate(self.answer.choices)
        ]
        return {**self._common("chat.completion"), "choices": choices, "usage": self.usage()}

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of a stream, a token at a time; usage comes last if asked for."""
        common = self._common("chat.completion.chunk")
        extra: dict[str, Any] = {"usage": None} if self.include_usage else {}
        for index, choice in enumerate(self.answer.choices):
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


def _message(choice: Choice) -> dict[str, Any]:
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
    return message


def pieces(text: str) -> Iterator[str]:
    """Yield the pieces in which a text is streamed: what its tokens bring, one by one."""
    return filter(None, tokens.tokenize(text))


def _deltas(choice: Choice) -> Iterator[tuple[dict[str, Any], FinishReason | None]]:
    opening: dict[str, Any] = {"role": "assistant", "refusal": None}
    opening["content"] = None if choice.content is None else ""
    yield opening, None
    for piece in pieces(choice.content or ""):
        yield {"content": piece}, None
    for number, call in enumerate(choice.calls):
        start = {
            "index": number,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield {"tool_calls": [start]}, None
        for piece in pieces(call.arguments):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}, None
    yield {}, choice.finish_reason


def answer(body: Any, *, salt: str, created: int) -> Completion:
    """Check a request body and answer it; raises what `read_request` and `complete` raise."""
    request = read_request(body)
    return Completion(
        complete(request, body, salt=salt, created=created),
        stream=bool(request.stream),
        include_usage=bool(request.stream_options and request.stream_options.include_usage),
    )
