"""Cases in YAML: requests, and what a right answer to each is.

A file holds `toolsets` and `cases`; `python tests/mind/cases.py FILE…` prints each file's score and
its misses (`--quiet` only the score). The format: messages in OpenAI's terms with the shorthands
`user`, `system`, `assistant`, `calls` and `result`; `expect` with `calls`, `text` and `json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from practice_model.mind import Reply, respond

Respond = Callable[..., Reply]
HERE = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One request and what is expected of the answer."""

    name: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    expect: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)

    def ask(self, mind: Respond = respond) -> Reply:
        """Ask a mind for its answer."""
        return mind(self.messages, tools=self.tools, **self.options)


def load(path: Path) -> list[Case]:
    """Read the cases of a file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    toolsets = data.get("toolsets") or {}
    return [_case(raw, toolsets) for raw in data["cases"]]


def _case(raw: dict[str, Any], toolsets: dict[str, Any]) -> Case:
    offered = raw.get("tools") or []
    if isinstance(offered, str):
        offered = toolsets[offered]
    tools = []
    for tool in offered:
        for one in toolsets[tool] if isinstance(tool, str) else [tool]:
            tools.append(one if "function" in one else {"type": "function", "function": one})
    options = dict(raw.get("options") or {})
    if raw.get("schema"):
        schema = raw["schema"]
        spec = {"name": str(schema.get("title") or "answer"), "schema": schema}
        options["response_format"] = {"type": "json_schema", "json_schema": spec}
    return Case(
        str(raw["name"]), list(_messages(raw["messages"])), tools, raw.get("expect") or {}, options
    )


def _messages(turns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    waiting: list[str] = []
    number = 0
    for turn in turns:
        if "role" in turn:
            yield turn
        elif "calls" in turn:
            calls = []
            for call in turn["calls"]:
                number += 1
                calls.append(
                    {
                        "id": f"call_{number}",
                        "type": "function",
                        "function": {
                            "name": call["name"],
                            "arguments": json.dumps(call.get("arguments") or {}),
                        },
                    }
                )
            waiting = [call["id"] for call in calls]
            yield {"role": "assistant", "content": turn.get("assistant"), "tool_calls": calls}
        elif "result" in turn:
            body = turn["result"]
            yield {
                "role": "tool",
                "tool_call_id": waiting.pop(0),
                "content": body if isinstance(body, str) else json.dumps(body),
            }
        else:
            role = next(r for r in ("user", "system", "assistant", "developer") if r in turn)
            yield {"role": role, "content": turn[role]}


def fits(expected: Any, given: Any) -> bool:
    """Compare a value with a matcher of the format."""
    if expected == "?":
        return True
    if isinstance(expected, dict) and len(expected) == 1:
        ((kind, value),) = expected.items()
        if kind == "any_of":
            return any(fits(one, given) for one in value)
        if kind == "contains":
            return isinstance(given, str) and not _missing(value, given)
        if kind == "optional":
            return fits(value, given)
        if kind == "absent":
            return False
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, str) and isinstance(given, str):
        return expected.strip(" .").lower() == given.strip(" .").lower()
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(map(fits, expected, given))
    if isinstance(expected, dict) and isinstance(given, dict):
        return fields_fit(expected, given)
    return bool(expected == given)


def fields_fit(expected: dict[str, Any], given: dict[str, Any], more: bool = False) -> bool:
    """Compare objects field by field; with `more`, further fields are welcome."""
    for key, value in expected.items():
        may = value == "?" or (
            isinstance(value, dict) and set(value) & {"optional", "absent"} and len(value) == 1
        )
        if key not in given and not may:
            return False
        if key in given and not fits(value, given[key]):
            return False
    return more or set(given) <= set(expected)


def _missing(options: list[Any], text: str) -> Any:
    low = text.lower()
    for words in options:
        choices = words if isinstance(words, list) else [words]
        if not any(str(word).lower() in low for word in choices):
            return words
    return None


def wrong(case: Case, reply: Reply) -> str:
    """Say what is wrong with an answer; "" for a right one."""
    expect, text = case.expect, reply.content or ""
    left = list(reply.tool_calls)
    for call in expect.get("calls") or []:
        arguments = call.get("arguments") or {}
        found = next(
            (
                c
                for c in left
                if c.name == call["name"]
                and (arguments == "?" or fields_fit(arguments, c.arguments))
            ),
            None,
        )
        if found is None:
            return f"no call {call} among {reply.tool_calls} / {text!r}"
        left.remove(found)
    if left:
        return f"calls that were not expected: {left}"
    if not expect.get("calls") and not text:
        return "neither calls nor text"
    if "json" in expect:
        try:
            given = json.loads(text)
        except ValueError:
            return f"no JSON: {text!r}"
        whole = isinstance(expect["json"], dict) and isinstance(given, dict)
        right = (
            fields_fit(expect["json"], given, more=True) if whole else fits(expect["json"], given)
        )
        if not right:
            return f"{given} is not {expect['json']}"
    return _wrong_text(expect.get("text") or {}, text)


def _wrong_text(checks: dict[str, Any], text: str) -> str:
    counts = {
        "words": len(text.split()),
        "sentences": len([s for s in re.split(r"[.!?]+(?:\s|$)", text) if s.strip()]),
    }
    problems: list[tuple[str, bool]] = []
    for kind, value in checks.items():
        if kind == "contains":
            missing = _missing(value if isinstance(value, list) else [value], text)
            problems.append((f"does not say {missing!r}", missing is not None))
        elif kind == "excludes":
            said = [
                w
                for w in (value if isinstance(value, list) else [value])
                if str(w).lower() in text.lower()
            ]
            problems.append((f"says {said}", bool(said)))
        elif kind == "equals":
            bare = text.strip(" \n.\"'“”‘’").lower()
            problems.append((f"is not {value!r}", bare != str(value).strip(" .").lower()))
        elif kind.startswith(("max_", "min_")):
            many = counts[kind[4:]]
            bad = many > value if kind.startswith("max_") else many < value
            problems.append((f"{kind} {value}: has {many}", bad))
        elif kind == "lines_starting_with":
            for head, number in value.items():
                many = sum(line.startswith(head) for line in text.splitlines())
                problems.append((f"{many} lines start with {head!r}, not {number}", many != number))
        elif kind == "is_json":
            problems.append(("is no JSON", _is_json(text) is not bool(value)))
        elif kind == "matches":
            problems.append((f"does not match {value!r}", not re.search(value, text, re.I)))
        else:
            raise ValueError(f"no such check: {kind}")
    return next((f"{said}: {text!r}" for said, bad in problems if bad), "")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def score(path: Path, mind: Respond = respond) -> tuple[int, int, list[str]]:
    """Ask a file's cases; return how many were right, how many there are, and the misses."""
    misses = []
    cases = load(path)
    for case in cases:
        try:
            said = wrong(case, case.ask(mind))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        if said:
            misses.append(f"{case.name}: {said}")
    return len(cases) - len(misses), len(cases), misses


if __name__ == "__main__":
    quiet = "--quiet" in sys.argv
    for name in [a for a in sys.argv[1:] if not a.startswith("-")]:
        right, all_, missed = score(Path(name))
        print(f"{Path(name).name}: {right} of {all_}")
        for line in [] if quiet else missed:
            print("   ", line[:600])
