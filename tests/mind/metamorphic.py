"""Changes to a case that leave the right decision the same, and the share of cases that keep it.

`share(change, seed)` is for the tests and the bench: the part of the cases answered rightly as
written whose decision survives the change.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.mind.cases import HERE, Case, load, wrong

from practice_model.mind import respond

SETS = (
    "everyday",
    "office",
    "technical",
    "fresh",
    "workshop",
    "round_three",
    "round_five",
    "round_six",
)
Change = Callable[[Case, random.Random], Case]
ASIDES = (
    "The sky over the harbour is grey this morning.",
    "My sister sends her regards, by the way.",
    "It has been a long week.",
    "I hope that you are well.",
)
STRANGERS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {
                "type": "object",
                "properties": {key: {"type": "string", "description": told}},
                "required": [key],
            },
        },
    }
    for name, about, key, told in (
        ("decode_barcode", "Decode the picture of a barcode.", "image", "Picture, base64"),
        ("tune_piano", "Ask a tuner to tune a piano.", "piano", "Which piano"),
        ("roll_dice", "Roll dice of a role-playing game.", "dice", "For example 2d6"),
    )
]
NAMES = {
    "Priya Raman": "Lena Sorg",
    "Hanna Berg": "Ruben Falk",
    "Luis Ortega": "Ines Prado",
    "Lisbon": "Bologna",
    "Oslo": "Turku",
    "Porto": "Leipzig",
    "Ghent": "Basel",
    "Norway": "Chile",
    "Lyon": "Trieste",
    "Maya Lindqvist": "Selma Holt",
    "Biscuit": "Waffle",
    "Graz": "Parma",
    "Tomasz Kowal": "Andrej Novak",
    "Petra Novak": "Carla Mendes",
    "Spain": "Latvia",
}
NUMBERS = {
    "30": "35",
    "80": "85",
    "250": "270",
    "350": "390",
    "45": "55",
    "18.90": "16.90",
    "18.9": "16.9",
    "50": "60",
    "20": "25",
    "12": "14",
    "2.4": "2.7",
    "3.5": "4.5",
    "100": "90",
}


@cache
def right() -> tuple[Case, ...]:
    """Return the cases without earlier turns that are answered rightly as written."""
    found = [
        case
        for name in SETS
        for case in load(HERE / f"{name}.yaml")
        if len(case.messages) == 1 and not case.options
    ]
    return tuple(case for case in found if not wrong(case, case.ask()))


def changed(case: Case, **parts: Any) -> Case:
    """Return a copy of a case with other parts."""
    values = {
        "name": case.name,
        "messages": case.messages,
        "tools": case.tools,
        "expect": case.expect,
        "options": case.options,
        **parts,
    }
    return Case(**copy.deepcopy(values))


def reorder(case: Case, dice: random.Random) -> Case:
    """Shuffle the tools and each tool's parameters."""
    new = changed(case)
    dice.shuffle(new.tools)
    for tool in new.tools:
        schema = tool["function"]["parameters"]
        keys = list(schema.get("properties") or {})
        dice.shuffle(keys)
        schema["properties"] = {key: schema["properties"][key] for key in keys}
    return new


def add_tool(case: Case, dice: random.Random) -> Case:
    """Add a tool of another trade."""
    new = changed(case)
    new.tools.insert(dice.randrange(len(new.tools) + 1), dice.choice(STRANGERS))
    return new


def add_sentence(case: Case, dice: random.Random) -> Case:
    """Put an unrelated sentence in front of the request."""
    new = changed(case)
    new.messages[0]["content"] = f"{dice.choice(ASIDES)} {new.messages[0]['content']}"
    return new


def rename_tools(case: Case, dice: random.Random) -> Case:
    """Give the tools names that say nothing; their descriptions stay."""
    new = changed(case)
    names = {
        tool["function"]["name"]: f"tool_{dice.randrange(100, 999)}_{i}"
        for i, tool in enumerate(new.tools)
    }
    for tool in new.tools:
        about = tool["function"]
        words = about["name"].replace("_", " ")
        if len(about["description"].split()) < 3:
            about["description"] = f"{words}. {about['description']}"
        about["name"] = names[about["name"]]
    for call in new.expect.get("calls") or []:
        call["name"] = names[call["name"]]
    return new


def rename_parameters(case: Case, dice: random.Random) -> Case:
    """Give described parameters other names: their old ones become part of the description."""
    new = changed(case)
    for tool in new.tools:
        schema = tool["function"]["parameters"]
        names = {
            key: f"p{dice.randrange(10, 99)}_{i}" for i, key in enumerate(schema["properties"])
        }
        for key, field in schema["properties"].items():
            told = key.replace("_", " ")
            field["description"] = (
                f"{told[:1].upper()}{told[1:]}. {field.get('description') or ''}".strip()
            )
        schema["properties"] = {names[k]: v for k, v in schema["properties"].items()}
        schema["required"] = [names[k] for k in schema.get("required") or []]
        for call in new.expect.get("calls") or []:
            if call["name"] == tool["function"]["name"]:
                call["arguments"] = {names.get(k, k): v for k, v in call["arguments"].items()}
    return new


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w]|\.\d)", new, value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        number = float(new) if re.fullmatch(r"[\d.]+", new) else value
        return number if str(value) == old else value
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return {key: _replaced(item, old, new) for key, item in value.items()}


def other_values(case: Case, dice: random.Random) -> Case:
    """Put other names and numbers into the request and the expectation."""
    new = changed(case)
    for old, other in [*NAMES.items(), *dice.sample(sorted(NUMBERS.items()), 6)]:
        if re.search(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\d)", new.messages[0]["content"]):
            new.messages[0]["content"] = _replaced(new.messages[0]["content"], old, other)
            new = changed(new, expect=_replaced(new.expect, old, other))
    return new


CHANGES: dict[str, Change] = {
    "reorder": reorder,
    "add a tool": add_tool,
    "add a sentence": add_sentence,
    "rename tools": rename_tools,
    "rename parameters": rename_parameters,
    "other values": other_values,
}


def broken(change: Change, seed: int) -> list[str]:
    """Return the misses of the cases that a change breaks."""
    found = []
    for case in right():
        new = change(case, random.Random(seed))
        said = wrong(new, respond(new.messages, tools=new.tools))
        if said:
            found.append(f"{case.name}: {said}")
    return found


def share(change: Change, seed: int) -> float:
    """Return the share of decisions that survive a change."""
    return 1 - len(broken(change, seed)) / len(right())
