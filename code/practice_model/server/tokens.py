"""A tokenizer without tables: it counts close to what a real one counts, for most texts.

Tokens are pieces of text whose concatenation is the text, as with byte-pair encodings: a word with
the blank before it, up to three digits, a punctuation mark, one ideograph. Long words fall into
several tokens, and text in scripts without short common words takes more tokens a character than
English does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_TOKEN = re.compile(
    r" ?[A-Za-z]{1,9}"  # a common English word, or a piece of a long one
    r"|[0-9]{1,3}"
    r"|[぀-ヿ㐀-鿿豈-﫿가-힯]"  # kana, ideographs, hangul: one each
    r"| ?[^\W\d_A-Za-z]{1,3}"  # other letters
    r"|\n+"
    r"|[ \t]+(?= )"  # indentation, leaving one blank to the word that follows
    r"| ?[^\w\s]{1,2}"
    r"|.",
    re.DOTALL,
)

MESSAGE_OVERHEAD = 3
"""Tokens that frame every message, as in the chat format of real models."""

IMAGE_TOKENS = 85
"""Tokens charged for one picture."""


def tokenize(text: str) -> list[str]:
    """Cuts a text into tokens; joined together they give the text back."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """The number of tokens of a text."""
    return len(_TOKEN.findall(text))


def _count_content(content: object) -> int:
    if isinstance(content, str):
        return count(content)
    if not isinstance(content, list):
        return 0
    total = 0
    for part in content:
        text = part.get("text", part.get("refusal")) if isinstance(part, dict) else None
        total += count(text) if isinstance(text, str) else IMAGE_TOKENS
    return total


def count_prompt(
    messages: Iterable[Mapping[str, Any]],
    tools: Iterable[Mapping[str, Any]] = (),
    response_format: Mapping[str, Any] | None = None,
) -> int:
    """The number of tokens a model reads for a request: messages, tools and answer format."""
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
