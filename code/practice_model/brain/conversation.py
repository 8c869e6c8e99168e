"""A conversation as the brain reads it: who said what, what was called, what came back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


def text_of(content: Any) -> str:
    """Return the text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = []
        for part in content:
            if isinstance(part, str):
                parts.append(part)
            elif isinstance(part, dict):
                found = part.get("text") or part.get("refusal")
                if isinstance(found, str):
                    parts.append(found)
        return "\n".join(parts)
    if content is None:
        return ""
    return str(content)


@dataclass(frozen=True)
class PastCall:
    """A tool call of an earlier turn; `result` is None while it has not been answered."""

    name: str
    arguments: dict[str, Any]
    result: str | None

    @property
    def failed(self) -> bool:
        """Whether the result reads like an error or a refusal."""
        return self.result is not None and looks_failed(self.result)

    @property
    def data(self) -> Any:
        """The result as JSON where it is JSON, else as text."""
        return parsed(self.result or "")


_FAILED = re.compile(
    r"^\W*(error|exception|failed|failure|traceback|invalid|unauthori[sz]ed|forbidden|"
    r"denied|rejected|timeout|timed out|user rejected|tool call rejected|refused)\b|"
    r"\b(error|exception)\s*(:|executing|invoking)|validation error|was rejected|"
    r"(has|have|was|were) (been )?(rejected|denied|refused|declined)|"
    r"\b(rejected|declined|denied) (by|the tool call)\b|is not a valid tool",
    re.I,
)


def looks_failed(result: str) -> bool:
    """Whether a tool's result reads like an error or a refusal."""
    data = parsed(result)
    if isinstance(data, dict):
        if data.get("error") or data.get("errors"):
            return True
        if data.get("ok") is False or data.get("success") is False:
            return True
        return str(data.get("status", "")).lower() in {"error", "failed", "rejected"}
    return isinstance(data, str) and bool(_FAILED.search(data[:300]))


def parsed(text: str) -> Any:
    """Read a text as JSON or as a Python literal of plain data where it is one."""
    stripped = text.strip()
    if stripped[:1] in '[{"' or stripped in ("true", "false", "null"):
        try:
            return json.loads(stripped)
        except ValueError:
            pass
        if stripped[:1] in "[{":
            import ast

            try:
                return ast.literal_eval(stripped)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return text
    return text


_NOTICE = re.compile(
    r"^\W*(?:successfully )?(?:transferr(?:ed|ing)|hand(?:ed|ing) (?:over|off|back)|rout(?:ed|ing))"
    r"(?: (?:control|over|back|the conversation|you))*(?: to (?:the )?[\w -]{1,40})?\W*$",
    re.I,
)


def is_notice(text: str) -> bool:
    """Whether a message only tells that the work went from one agent to another."""
    return bool(_NOTICE.match(text))


@dataclass(frozen=True)
class Turn:
    """One message: its role, its text, its speaker's name where it has one."""

    role: str
    text: str
    name: str | None = None
    calls: tuple[PastCall, ...] = ()


@dataclass
class Conversation:
    """What a request tells: instructions, turns, the request itself, calls and results."""

    system: str
    turns: list[Turn]
    request: str
    request_index: int
    since: list[PastCall] = field(default_factory=list)
    before: list[PastCall] = field(default_factory=list)

    @property
    def last(self) -> Turn | None:
        """The newest message that is no instruction."""
        return self.turns[-1] if self.turns else None

    @property
    def answered(self) -> bool:
        """Whether the newest message is a tool's result; that of a handoff is none."""
        return (
            bool(self.turns)
            and self.turns[-1].role == "tool"
            and not is_notice(self.turns[-1].text)
        )

    def earlier_user_texts(self) -> list[str]:
        """What the user said before the request, newest first."""
        return [t.text for t in reversed(self.turns[: self.request_index]) if t.role == "user"]

    def earlier_assistant_text(self) -> str:
        """What the assistant said last before the request."""
        for turn in reversed(self.turns[: self.request_index]):
            if turn.role == "assistant" and turn.text:
                return turn.text
        return ""


READ = 12_000  # characters of a text that are searched for what to call


def shortened(conv: Conversation) -> Conversation:
    """The conversation with only the head and the tail of huge texts, where a wish stands."""
    turns = [replace(turn, text=_ends(turn.text)) for turn in conv.turns]
    return replace(conv, turns=turns, request=_ends(conv.request), system=_ends(conv.system))


def _ends(text: str) -> str:
    if len(text) <= READ:
        return text
    head, tail = text[: READ // 2], text[-READ // 2 :]
    return f"{head.rpartition(' ')[0]}\n{tail.partition(' ')[2]}"


def _arguments(raw: Any) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    try:
        value = json.loads(raw or "{}")
    except (ValueError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def _raw_calls(message: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for call in message.get("tool_calls") or []:
        if not isinstance(call, dict):
            continue
        function = call.get("function") or {}
        if isinstance(function, dict) and function.get("name"):
            arguments = _arguments(function.get("arguments"))
            found.append((str(call.get("id") or ""), str(function["name"]), arguments))
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and legacy.get("name"):
        found.append(("", str(legacy["name"]), _arguments(legacy.get("arguments"))))
    return found


def read(messages: Sequence[dict[str, Any]]) -> Conversation:
    """Read a list of chat messages."""
    system: list[str] = []
    turns: list[Turn] = []
    results: dict[str, list[str]] = {}
    for message in messages:
        if message.get("role") in ("tool", "function"):
            key = str(message.get("tool_call_id") or message.get("name") or "")
            results.setdefault(key, []).append(text_of(message.get("content")))
    for message in messages:
        role = str(message.get("role") or "user")
        text = text_of(message.get("content"))
        name = message.get("name")
        if role in ("system", "developer"):
            if text:
                system.append(text)
            continue
        calls = []
        for id_, tool_name, arguments in _raw_calls(message):
            waiting = results.get(id_) or results.get(tool_name) or []
            calls.append(PastCall(tool_name, arguments, waiting.pop(0) if waiting else None))
        role = "tool" if role == "function" else role
        turns.append(Turn(role, text, str(name) if name else None, tuple(calls)))
    index = next((i for i in range(len(turns) - 1, -1, -1) if turns[i].role == "user"), -1)
    request = turns[index].text if index >= 0 else ""
    since = [call for turn in turns[index + 1 :] for call in turn.calls]
    before = [call for turn in turns[: max(index, 0)] for call in turn.calls]
    return Conversation("\n".join(system), turns, request, index, since, before)
