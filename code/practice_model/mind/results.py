"""What results of tools say, told in sentences."""

import json
from typing import Any

from practice_model.mind.parameters import name_words
from practice_model.mind.reading.facts import is_notice
from practice_model.mind.reading.model import PastCall, Reading

MAX_ITEMS = 12


def stated(reading: Reading) -> str:
    """State the facts of the results that answer the request; "" where there is none."""
    calls = [c for c in reading.since if c.result is not None and not is_notice(c.result)]
    if not calls:
        return ""
    several = len({json.dumps(c.arguments, sort_keys=True) for c in calls}) > 1
    lines = []
    for call in calls:
        said = _call(call, several)
        if said and said not in lines:
            lines.append(said)
    return "\n".join(lines)


def _call(call: PastCall, several: bool) -> str:
    about = _about(call)
    if call.failed:
        return f"That did not work{f' for {about}' if about else ''}: {_error(call)}"
    text = told(call.data)
    if isinstance(call.data, str):
        lead = f"{about}: " if several and about and about.lower() not in text.lower() else ""
        return f"{lead}{text}"
    missing = about and all(p.lower() not in text.lower() for p in about.split(", "))
    return f"{about}: {text}" if missing else text[:1].upper() + text[1:]


def _about(call: PastCall) -> str:
    values = [
        str(v)
        for v in call.arguments.values()
        if isinstance(v, str | int | float) and not isinstance(v, bool) and len(str(v)) <= 40
    ]
    return ", ".join(values[:2])


def _error(call: PastCall) -> str:
    data: Any = call.data
    if isinstance(data, dict):
        data = data.get("error") or data.get("message") or data.get("reason") or data
        data = data.get("message", data) if isinstance(data, dict) else data
    text = data if isinstance(data, str) else told(data)
    return text.removeprefix("Error: ").strip() or "it failed without a reason."


def told(data: Any, depth: int = 0) -> str:
    """Tell some data as a phrase."""
    if isinstance(data, dict):
        found = []
        for key, value in list(data.items())[:30]:
            if value is None or value == "" or value == []:
                continue
            name = " ".join(name_words(str(key)))
            if isinstance(value, bool):
                found.append(f"{name}: {'yes' if value else 'no'}")
            elif isinstance(value, (dict, list)):
                found.append(f"{name}: {told(value, depth + 1)}")
            else:
                found.append(f"{name}: {value}")
        body = ", ".join(found) if found else "nothing"
        return body if depth else body + "."
    if isinstance(data, list):
        if not data:
            return "nothing found" if depth else "I found nothing."
        shown = [told(item, depth + 1) for item in data[:MAX_ITEMS]]
        rest = f" and {len(data) - MAX_ITEMS} more" if len(data) > MAX_ITEMS else ""
        return "; ".join(shown) + rest if any("," in s for s in shown) else ", ".join(shown) + rest
    if data is None:
        return "nothing"
    return str(data).strip()
