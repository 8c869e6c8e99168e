"""What results of tools and JSON in messages say: flat facts, and signs of failure."""

import ast
import json
import re
from typing import Any

from practice_model.mind.reading.model import Fact

MAX_FACTS = 2_000
_FAILED = re.compile(
    r"^\W*(?:error|exception|failed|failure|traceback|invalid|unauthori[sz]ed|forbidden|denied|"
    r"rejected|timeout|timed out|user rejected|tool call rejected|refused|unable to|could not|"
    r"cannot|not found)\b|\b(?:error|exception)\s*(?::|executing|invoking)|validation error|"
    r"\b(?:has|have|was|were) (?:been )?(?:rejected|denied|refused|declined)|"
    r"\b(?:rejected|declined|denied) (?:by|the tool call)\b|is not a valid tool",
    re.I,
)
_NOTICE = re.compile(
    r"^\W*(?:successfully )?(?:transferr(?:ed|ing)|hand(?:ed|ing) (?:over|off|back)"
    r"|rout(?:ed|ing))\b"
    r"[\w -]{0,80}\W*$",
    re.I,
)


def parsed(text: str) -> Any:
    """Read a text as JSON or as a Python literal of plain data, where it is one."""
    stripped = text.strip()
    if stripped[:1] in '[{"' or stripped in ("true", "false", "null"):
        try:
            return json.loads(stripped)
        except (ValueError, RecursionError):
            pass
        if stripped[:1] in "[{" and len(stripped) < 100_000:
            try:
                return ast.literal_eval(stripped)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return text
    return text


def failed(data: Any) -> bool:
    """Tell that a tool's result reads like an error or a refusal."""
    if isinstance(data, dict):
        if data.get("error") or data.get("errors"):
            return True
        if data.get("ok") is False or data.get("success") is False:
            return True
        return str(data.get("status", "")).lower() in {"error", "failed", "rejected"}
    return isinstance(data, str) and bool(_FAILED.search(data[:300]))


def is_notice(text: str) -> bool:
    """Tell that a message only says the work went from one agent to another."""
    return len(text) < 160 and bool(_NOTICE.match(text))


def flatten(data: Any, source: str, age: int, record: int = 0) -> list[Fact]:
    """Return every plain value in some data as a fact with its path."""
    found: list[Fact] = []
    counter = [record]

    def walk(value: Any, path: str, number: int, depth: int) -> None:
        if len(found) >= MAX_FACTS or depth > 12:
            return
        if isinstance(value, dict):
            counter[0] += 1
            own = counter[0]
            for key, item in value.items():
                walk(item, f"{path}.{key}" if path else str(key), own, depth + 1)
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                walk(item, f"{path}.{index}" if path else str(index), number, depth + 1)
        else:
            found.append(Fact(path, value, source, age, number))

    walk(data, "", record, 0)
    return found


_PAIR = re.compile(r"(?:^|[\n,;{(]|\. )\s{0,4}([A-Za-z][\w -]{0,30}?)\s*[:=]\s*([^\n,;]{1,120})")


def told(text: str, source: str, age: int, record: int) -> list[Fact]:
    """Read "key: value" pairs out of a result in prose."""
    return [
        Fact("_".join(m[1].lower().split()), m[2].strip(" .\"'"), source, age, record + 1)
        for m in _PAIR.finditer(text[:20_000])
    ]
