"""The one reading of a request: `read` turns messages into a `Reading`, see `model`."""

import json
import re
from collections.abc import Sequence
from typing import Any

from practice_model.mind.reading import facts as results
from practice_model.mind.reading.chunks import chunk
from practice_model.mind.reading.clauses import clauses
from practice_model.mind.reading.model import (
    Clause,
    Fact,
    Passage,
    PastCall,
    Reading,
    Section,
    Sentence,
    Span,
    Turn,
    Wish,
)
from practice_model.mind.reading.scanner import MAX_TEXT
from practice_model.mind.reading.sentences import sections, sentences
from practice_model.mind.reading.spans import scan
from practice_model.mind.reading.tokens import OFFERED

__all__ = [
    "Clause", "Fact", "Passage", "PastCall", "Reading", "Section", "Sentence", "Span",
    "Turn", "Wish", "passage", "read", "text_of",
]  # fmt: skip
_ASKS = ("task", "question", "request", "query", "instructions", "instruction")


def text_of(content: Any) -> str:
    """Return the text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [
            p if isinstance(p, str) else p.get("text") or p.get("refusal")
            for p in content
            if isinstance(p, str | dict)
        ]
        return "\n".join(part for part in parts if isinstance(part, str))
    return "" if content is None else str(content)


def passage(text: str, today: str = "") -> Passage:
    """Read one text: its sentences, sections and spans."""
    head = text
    if len(text) > MAX_TEXT:  # a wish stands at one of the ends
        head = f"{text[: MAX_TEXT // 2].rpartition(' ')[0]}\n\n{text[-MAX_TEXT // 2 :]}"
    parts = sections(head)
    found: list[Sentence] = []
    prose: list[Sentence] = []
    at = 0
    for part in [*parts, None]:
        outside = sentences(head, at, part.start if part else len(head))
        prose += outside
        found += outside
        if part:
            found += sentences(head, part.start, part.end)
            at = part.end
    spans, tagger = chunk(scan(head, today), found)
    tags = [(m.start(), m.end()) for m in re.finditer(r"</?[A-Za-z][\w -]{0,40}>", head)]
    spans = [s for s in spans if not any(a < s.start and s.end < b for a, b in tags)]
    told = tuple(clauses(head, prose or found, tagger, spans))
    return Passage(head, tuple(found), tuple(spans), tuple(parts), tuple(prose), told)


def _arguments(raw: Any) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    try:
        value = json.loads(raw or "{}")
    except (ValueError, TypeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _raw_calls(message: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    calls = [call for call in message.get("tool_calls") or [] if isinstance(call, dict)]
    functions = [(call.get("id"), call.get("function")) for call in calls]
    return [
        (str(id_ or ""), str(function["name"]), _arguments(function.get("arguments")))
        for id_, function in [*functions, ("", message.get("function_call"))]
        if isinstance(function, dict) and function.get("name")
    ]


def _turns(messages: Sequence[dict[str, Any]]) -> tuple[list[str], list[Turn]]:
    system: list[str] = []
    turns: list[Turn] = []
    waiting: dict[str, list[str]] = {}
    for message in messages:
        if message.get("role") in ("tool", "function"):
            key = str(message.get("tool_call_id") or message.get("name") or "")
            waiting.setdefault(key, []).append(text_of(message.get("content")))
    for message in messages:
        role = str(message.get("role") or "user")
        text = text_of(message.get("content"))
        if role in ("system", "developer"):
            system += [text] if text else []
            continue
        calls = []
        for id_, name, arguments in _raw_calls(message):
            results_ = waiting.get(id_) or waiting.get(name) or []
            result = results_.pop(0) if results_ else None
            data = results.parsed(result) if result is not None else None
            failed = result is not None and results.failed(data)
            calls.append(PastCall(name, arguments, result, data, failed))
        role = "tool" if role == "function" else role
        turns.append(Turn(role, text, str(message.get("name") or ""), tuple(calls)))
    return system, turns


_TODAY = re.compile(r"\b(?:(today)|now|current date)\b", re.I)


def _today(texts: Sequence[str]) -> str:
    for text in reversed(texts):
        for match in _TODAY.finditer(text[:20_000]):
            near = scan(text[match.end() : match.end() + 70])
            days = [s for s in near.spans if s.kind == "date" and _ISO.fullmatch(str(s.value))]
            told = min(days, key=lambda s: s.start, default=None)
            between = near.text[: told.start] if told else "."
            if (
                told
                and not re.search(r"[?!]|\.\s", between)
                and (match[1] or re.search(r":|\bis\b", between))
            ):
                return str(told.value)
    return ""


_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def _facts(turns: Sequence[Turn], request_index: int, texts: Sequence[str]) -> list[Fact]:
    found: list[Fact] = []
    record, age = 0, 0
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        if turn.role == "user":
            age += 1 if index <= request_index else 0
        for call in reversed(turn.calls):
            if call.result is None or call.failed:
                continue
            more = results.flatten(call.data, call.name, age, record)
            if isinstance(call.data, str):
                more = results.told(call.data, call.name, age, record) + more
            record = max([record, *(fact.record for fact in more)])
            found += more
    for text in texts:
        data = results.parsed(text)
        if isinstance(data, dict | list):
            more = results.flatten(data, "user", 0, record)
            record = max([record, *(fact.record for fact in more)])
            found += more
    return found[: results.MAX_FACTS]


def _wish(request: Passage) -> Wish:
    asked = list(request.prose)
    if not any(s.mood != "statement" for s in asked):
        section = next((p for p in request.sections if set(p.label.split()) & set(_ASKS)), None)
        if section is not None:
            asked = sentences(section.body) + asked
        elif not asked:
            asked = list(request.sentences)
    return Wish(" ".join(sentence.text for sentence in asked), tuple(asked))


def read(messages: Sequence[dict[str, Any]], verbs: frozenset[str] = frozenset()) -> Reading:
    """Read chat messages once; `verbs` are those of the tools offered."""
    token = OFFERED.set(verbs)
    try:
        return _read(messages)
    finally:
        OFFERED.reset(token)


def _read(messages: Sequence[dict[str, Any]]) -> Reading:
    system_texts, turns = _turns(messages)
    today = _today([*system_texts, *(t.text for t in turns if t.role == "user")])
    system = passage("\n".join(system_texts), today)
    passages = tuple(passage(turn.text, today) for turn in turns)
    index = next((i for i in range(len(turns) - 1, -1, -1) if turns[i].role == "user"), -1)
    request = passages[index] if index >= 0 else passage("")
    return Reading(
        system=system,
        request=request,
        wish=_wish(request),
        turns=tuple(turns),
        passages=passages,
        request_index=index,
        facts=tuple(_facts(turns, index, [request.text])),
        since=tuple(c for t in turns[index + 1 :] for c in t.calls),
        before=tuple(c for t in turns[: max(index, 0)] for c in t.calls),
        today=today,
    )
