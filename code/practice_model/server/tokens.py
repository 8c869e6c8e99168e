"""Tokens: what the practice model counts, bills and streams by.

It counts with the tokenizer of the Llama models, which lies in the `wordllama` package: real
tokens, without the network. Other models have other tokenizers. Their counts differ by some
percent for English, and by more for code, numbers and other scripts.

A tokenizer cuts bytes. Where several tokens make up one character, the last of them brings it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from practice_model.tokenizer import encode

MESSAGE_OVERHEAD = 3
"""Tokens that frame every message, as in the chat format of real models."""

IMAGE_TOKENS = 85
"""Tokens charged for one picture."""


def tokenize(text: str) -> list[str]:
    """Cut a text into the pieces its tokens bring; joined together they give the text back."""
    ends = [end for _, end in encode(text).offsets]
    pieces: list[str] = []
    begin = 0
    for number, end in enumerate(ends, start=1):
        complete = number == len(ends) or ends[number] > end
        pieces.append(text[begin:end] if complete else "")
        begin = end if complete else begin
    return pieces


def count(text: str) -> int:
    """Return the number of tokens of a text."""
    return len(encode(text).ids)


def _texts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    found = [part.get("text", part.get("refusal")) for part in parts if isinstance(part, dict)]
    return [text for text in found if isinstance(text, str)]


def _count_content(content: object) -> int:
    texts = _texts(content)
    others = len(content) - len(texts) if isinstance(content, list) else 0
    return sum(map(count, texts)) + others * IMAGE_TOKENS


def count_prompt(
    messages: Iterable[Mapping[str, Any]],
    tools: Iterable[Mapping[str, Any]] = (),
    response_format: Mapping[str, Any] | None = None,
) -> int:
    """Return the number of tokens a model reads: messages, tools and answer format."""
    total = MESSAGE_OVERHEAD
    for message in messages:
        total += MESSAGE_OVERHEAD + _count_content(message.get("content"))
        if message.get("name"):
            total += 1 + count(message["name"])
        for call in message.get("tool_calls") or ():
            function = call.get("function", {})
            total += MESSAGE_OVERHEAD
            total += count(function.get("name", "")) + count(function.get("arguments", ""))
    for tool in tools:
        total += count(json.dumps(tool, ensure_ascii=False))
    if response_format:
        total += count(json.dumps(response_format, ensure_ascii=False))
    return total
