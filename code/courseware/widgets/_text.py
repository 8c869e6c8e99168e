"""Turn any value into text that reads well, is safe, and is the same every run."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

LIMIT = 20_000
"""Characters of one value that are shown; the rest is counted."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)

_SURROGATE = re.compile("[\ud800-\udfff]")


def escape(text: object) -> str:
    """Text that is safe inside HTML and SVG, attributes included."""
    return html.escape(visible(str(text)), quote=True)


def visible(text: str) -> str:
    """Return the text with control and direction characters spelt out."""
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n"))
    return _INVISIBLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def shorten(text: str, limit: int = LIMIT) -> str:
    """Return the text, cut after `limit` characters, with the number of those left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def readable(value: Any, limit: int = LIMIT) -> str:
    """Any value as text: strings as they are, structures as indented JSON, the rest by `repr`.

    Memory addresses are left out, so the text is the same every run. Never raises.
    """
    if isinstance(value, str):
        return shorten(visible(value), limit)
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    try:
        text = json.dumps(_jsonable(value), ensure_ascii=False, indent=2, default=_fallback)
    except Exception:
        text = _fallback(value)
    return shorten(visible(text), limit)


def listed(value: Any) -> str | None:
    """Return a list of short texts one per line, or None for any other value."""
    if not isinstance(value, list | tuple) or not value:
        return None
    fits = all(isinstance(item, str) and item == item.strip() != "" for item in value)
    if not fits or any(len(item) > 100 or "\n" in item for item in value):
        return None
    return shorten("\n".join(map(visible, value)))


def one_line(value: Any, limit: int = 80) -> str:
    """Any value as a single short line: structures in words, never as JSON."""
    text = " ".join(visible(_words(value)).split())
    if len(text) <= limit:
        return text
    head, space, tail = text[:limit].rpartition(" ")
    return f"{head if space and len(tail) < limit // 2 else text[: limit - 1]}…"


def plain(value: Any) -> Any:
    """Any value as dictionaries, lists and plain values only. Never raises."""
    try:
        return _jsonable(value)
    except Exception:
        return _fallback(value)


def _words(value: Any) -> str:
    return readable(value) if isinstance(value, str) else _joined(plain(value))


def _joined(value: Any, inner: bool = False) -> str:
    if isinstance(value, Mapping):
        text = ", ".join(f"{name}: {_joined(item, True)}" for name, item in value.items())
        return f"({text})" if inner else text or "nothing"
    if isinstance(value, list):
        text = ", ".join(_joined(item, len(value) > 1) for item in value)
        return text or "nothing"
    return str(value)


def _jsonable(value: Any, depth: int = 0) -> Any:
    if depth > 30:
        return "…"
    if isinstance(value, Mapping):
        return {_key(key): _jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_jsonable(item, depth + 1) for item in value), key=str)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    kind, content = getattr(value, "type", None), getattr(value, "content", None)
    if isinstance(kind, str) and content is not None and hasattr(value, "additional_kwargs"):
        return _message(value, kind, content, depth)
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return _jsonable(dump(), depth + 1)
    return _fallback(value)


def _message(value: Any, kind: str, content: Any, depth: int) -> Any:
    """Return a LangChain message without its ids, which differ from run to run."""
    calls = getattr(value, "tool_calls", None) or []
    shown: dict[str, Any] = {kind: _jsonable(content, depth + 1)}
    if calls:
        shown["tool_calls"] = [
            {str(call.get("name")): _jsonable(call.get("args"), depth + 1)} for call in calls
        ]
    return shown


def _key(key: Any) -> str:
    return key if isinstance(key, str) else _fallback(key)


def _fallback(value: Any) -> str:
    try:
        return _ADDRESS.sub("", repr(value))
    except Exception:
        return f"<{type(value).__name__}>"


def text_table(rows: Iterable[tuple[str, Any]], indent: str = "  ") -> str:
    """Names and values as aligned plain text; lines after a value's first stay in its column."""
    pairs = [(visible(str(name)), listed(value) or readable(value)) for name, value in rows]
    width = max((len(name) for name, _ in pairs), default=0)
    lines: list[str] = []
    for name, value in pairs:
        first, *rest = value.split("\n")
        lines.append(f"{indent}{name:<{width}}  {first}".rstrip())
        lines += [f"{indent}{'':<{width}}  {line}".rstrip() for line in rest]
    return "\n".join(lines)
