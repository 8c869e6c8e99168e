"""One held-out request: tools, a conversation, and the calls that a right answer makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from practice_model.brain import Reply, respond

Schema = dict[str, Any]
Turn = tuple[Any, ...]


def text(description: str = "", **more: Any) -> Schema:
    """Describe a string."""
    return {"type": "string", "description": description, **more}


def whole(description: str = "", **more: Any) -> Schema:
    """Describe an integer."""
    return {"type": "integer", "description": description, **more}


def number(description: str = "", **more: Any) -> Schema:
    """Describe a number."""
    return {"type": "number", "description": description, **more}


def flag(description: str = "", **more: Any) -> Schema:
    """Describe a boolean."""
    return {"type": "boolean", "description": description, **more}


def choice(*options: str, description: str = "") -> Schema:
    """Describe a string out of a few."""
    return {"type": "string", "enum": list(options), "description": description}


def many(items: Schema, description: str = "") -> Schema:
    """Describe an array."""
    return {"type": "array", "items": items, "description": description}


def record(description: str = "", /, **fields: Schema) -> Schema:
    """Describe an object whose fields are all required but those that end in `_`."""
    return {
        "type": "object",
        "description": description,
        "properties": {name.rstrip("_"): schema for name, schema in fields.items()},
        "required": [name for name in fields if not name.endswith("_")],
    }


def tool(name: str, description: str, /, **fields: Schema) -> Schema:
    """Describe a tool; a parameter that ends in `_` is optional."""
    parameters = record(**fields)
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


@dataclass(frozen=True)
class Any_:
    """Accept any of these values; with `has`, any text that contains all of those words."""

    values: tuple[Any, ...] = ()
    has: tuple[str, ...] = ()


def one_of(*values: Any) -> Any_:
    """Accept any of these values."""
    return Any_(values=values)


def has(*words: str) -> Any_:
    """Accept a text that contains all of these words."""
    return Any_(has=words)


Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A request and what a right answer to it is.

    `calls` are the expected calls in any order; none means that the answer is text. `says`
    are words of which the text must contain every one (a tuple among them: any of those).
    """

    name: str
    tools: Sequence[Schema]
    asked: str | Sequence[Turn]
    calls: Sequence[Call] = ()
    says: Sequence[str | tuple[str, ...]] = ()
    request: dict[str, Any] = field(default_factory=dict)

    def messages(self) -> list[dict[str, Any]]:
        """Return the conversation in the terms of the Chat Completions API."""
        if isinstance(self.asked, str):
            return [{"role": "user", "content": self.asked}]
        found: list[dict[str, Any]] = []
        waiting: list[str] = []
        for turn in self.asked:
            if turn[0] == "calls":
                waiting = [f"call_{len(found)}_{index}" for index in range(len(turn) - 1)]
                calls = [
                    {
                        "id": id_,
                        "type": "function",
                        "function": {"name": name, "arguments": json.dumps(arguments)},
                    }
                    for id_, (name, arguments) in zip(waiting, turn[1:], strict=True)
                ]
                found.append({"role": "assistant", "content": None, "tool_calls": calls})
            elif turn[0] == "result":
                body = turn[1] if isinstance(turn[1], str) else json.dumps(turn[1])
                found.append({"role": "tool", "tool_call_id": waiting.pop(0), "content": body})
            else:
                found.append({"role": turn[0], "content": turn[1]})
        return found


@dataclass(frozen=True)
class Outcome:
    """How one case went: `wrong` is empty for a right answer."""

    case: Case
    reply: Reply
    wrong: str

    @property
    def right(self) -> bool:
        """Whether the answer was right."""
        return not self.wrong


def _fits(expected: Any, given: Any) -> bool:
    if isinstance(expected, Any_):
        if expected.values:
            return any(_fits(value, given) for value in expected.values)
        return isinstance(given, str) and all(w.lower() in given.lower() for w in expected.has)
    if isinstance(expected, str) and isinstance(given, str):
        return expected.strip(" .").lower() == given.strip(" .").lower()
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(map(_fits, expected, given))
    if isinstance(expected, dict) and isinstance(given, dict):
        return expected.keys() == given.keys() and all(_fits(expected[k], given[k]) for k in given)
    return bool(expected == given)


def check(case: Case) -> Outcome:
    """Ask the brain and hold its answer against the case."""
    reply = respond(case.messages(), tools=list(case.tools), **case.request)
    return Outcome(case, reply, _wrong(case, reply))


def _wrong(case: Case, reply: Reply) -> str:
    left = list(reply.tool_calls)
    for name, arguments in case.calls:
        found = next((c for c in left if c.name == name and _fits(arguments, c.arguments)), None)
        if found is None:
            return f"no call {name}({arguments}) among {reply.tool_calls} / {reply.content!r}"
        left.remove(found)
    if left:
        return f"more calls than asked for: {left}"
    said = (reply.content or "").lower()
    for words in case.says:
        options = (words,) if isinstance(words, str) else words
        if not any(word.lower() in said for word in options):
            return f"does not say {words!r}: {reply.content!r}"
    if not case.calls and not said:
        return "neither calls nor text"
    return ""
