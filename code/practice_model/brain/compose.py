"""Sentences out of tools' results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from practice_model.brain.conversation import Conversation, PastCall, is_notice
from practice_model.brain.words import name_parts

_MOST = 12


def answer(conv: Conversation) -> str:
    """The answer to a request whose tools have answered."""
    calls = [call for call in conv.since if call.result is not None and not is_notice(call.result)]
    if not calls:
        return "The tool gave no result."
    failed = [call for call in calls if call.failed]
    good = [call for call in calls if not call.failed]
    parts = [sentences(good)] if good else []
    for call in failed:
        later = [c for c in good if c.name == call.name]
        if not later:
            parts.append(_failure(call))
    return "\n".join(part for part in parts if part)


def _failure(call: PastCall) -> str:
    data = call.data
    reason = str(call.result).strip()
    if isinstance(data, dict):
        for key in ("error", "message", "detail", "reason", "errors"):
            if data.get(key) and data[key] is not True:
                reason = _shown(data[key])
                break
    reason = re.sub(r"^\W*(?:error|exception)\W+", "", reason, flags=re.I)
    reason = reason.split("\n")[0][:400].rstrip(".")
    deed = " ".join(name_parts(call.name))
    if re.search(r"\breject|\bdeclin|\bdenied", reason, re.I):
        return f"I did not {deed}: {reason}."
    return f"I could not {deed}: {reason}."


def sentences(calls: Sequence[PastCall]) -> str:
    """What several results say, each named by its call where there are several."""
    texts: list[str] = []
    for call in calls:
        said = result(call)
        if len(calls) > 1:
            about = _about(call)
            if about and about.lower() not in said.lower():
                said = f"{about}: {said}"
        elif (about := _about(call)) and len(said) < 60 and about.lower() not in said.lower():
            said = f"{about}: {said}"
        if said not in texts:
            texts.append(said)
    return "\n".join(texts)


def _about(call: PastCall) -> str:
    values = [
        str(v) for v in call.arguments.values() if isinstance(v, str | int | float) and str(v)
    ]
    short = [v for v in values if len(v) <= 40]
    return ", ".join(short[:2])


def result(call: PastCall) -> str:
    """One result as text: data as sentences, text as it stands."""
    data = call.data
    if isinstance(data, str):
        text = data.strip()
        return text or f"{' '.join(name_parts(call.name)).capitalize()} is done."
    if isinstance(data, bool | int | float):
        return f"The result is {_shown(data)}."
    if data is None:
        return f"{' '.join(name_parts(call.name)).capitalize()} found nothing."
    if isinstance(data, list) and not data:
        return f"{' '.join(name_parts(call.name)).capitalize()} found nothing."
    return described(data)


def described(data: Any) -> str:
    """JSON data as readable text."""
    if isinstance(data, dict):
        for key in ("result", "answer", "output"):
            if len(data) == 1 and key in data:
                return described(data[key])
        parts = [
            f"{_label(k)}: {_shown(v)}" for k, v in data.items() if v not in (None, "", [], {})
        ]
        return "; ".join(parts) + "." if parts else "The result is empty."
    if isinstance(data, list):
        if all(not isinstance(item, dict | list) for item in data):
            shown = [_shown(item) for item in data]
            return (
                ", ".join(shown[:-1]) + f" and {shown[-1]}." if len(shown) > 1 else f"{shown[0]}."
            )
        return "\n".join(f"- {described(item)}" for item in data[:_MOST])
    return _shown(data)


def _label(key: str) -> str:
    return " ".join(name_parts(str(key)))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value[:_MOST])
    if isinstance(value, dict):
        return ", ".join(f"{_label(k)} {_shown(v)}" for k, v in value.items())
    return str(value)
