"""Sums told in words or signs, one step after another, for tools that can do them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from practice_model.lexicon import table
from practice_model.mind.parameters import Tool, name_words
from practice_model.mind.reading.model import Reading, Span
from practice_model.mind.reply import ToolCall
from practice_model.mind.sources import fact_value

_SIGNS = {"+": "add", "-": "subtract", "−": "subtract", "*": "multiply", "×": "multiply",
          "x": "multiply", "/": "divide", "÷": "divide", "^": "power", "**": "power"}
_RANK = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "power": 3}
_BACK = re.compile(r"\b(?:it|that|this|the (?:result|output|sum|product|quotient|difference|answer|total)|"
                   r"result|output)\b", re.I)
_REVERSED = re.compile(r"\b(?:subtract|take|deduct)\b.*\bfrom\b|\bdivide\b.*\binto\b|\bless than\b", re.I)


@dataclass(frozen=True)
class Step:
    """One operation: its operands are numbers, or indices of earlier steps."""

    operation: str
    left: float | int | None
    right: float | int | None
    left_step: int = -1
    right_step: int = -1


def _operations() -> dict[str, set[str]]:
    return {name: set(words.split()) for name, words in table("families")["arithmetic"].items()}


def operation_of(tool: Tool) -> str:
    """Return the operation that a tool of two numbers does; "" for another tool."""
    numbers = [p for p in tool.params if p.kind in ("number", "integer", "any")]
    if len(numbers) != 2 or len(tool.required) > 2:
        return ""
    words = {*name_words(tool.name), *name_words(tool.description)[:4]}
    return next((name for name, known in _operations().items() if words & known), "")


def steps(reading: Reading) -> list[Step]:
    """Read the operations that a request asks for, in the order told."""
    passage = reading.request
    found: list[Step] = []
    for clause in passage.clauses:
        numbers = [s for s in passage.spans if clause.start <= s.start < clause.end and not s.quoted
                   and s.kind in ("number", "money", "quantity") and not s.corrected]
        if clause.prohibited:
            continue
        infix = _infix(passage.text, numbers)
        if infix:
            found += _ordered(infix, numbers, len(found))
        else:
            found += _told(clause.text, numbers, len(found))
    return found


def _infix(text: str, numbers: Sequence[Span]) -> list[str]:
    """Return the operations between numbers: "3 + 4", "12 times 5"."""
    known = _operations()
    found = []
    for first, second in zip(numbers, numbers[1:], strict=False):
        between = text[first.end : second.start].strip().lower()
        name = _SIGNS.get(between) or next(
            (n for n, words in known.items() if between.removesuffix(" by") in words
             or (between == "to the power of" and n == "power")), "")
        if not name and second.text[:1] in "-−+" and not between:
            name = "add"
        if not name:
            return []
        found.append(name)
    return found


def _ordered(names: list[str], numbers: Sequence[Span], offset: int) -> list[Step]:
    """Turn an expression into steps, the stronger operations first."""
    values: list[tuple[float | int | None, int]] = [(n.value, -1) for n in numbers]
    names, found = list(names), []
    while names:
        at = max(range(len(names)), key=lambda i: (_RANK[names[i]], -i))
        (left, left_step), (right, right_step) = values[at], values[at + 1]
        found.append(Step(names[at], left, right, left_step, right_step))
        values[at : at + 2] = [(None, offset + len(found) - 1)]
        del names[at]
    return found


def _told(text: str, numbers: Sequence[Span], offset: int) -> list[Step]:
    """Read "divide it by 4", "the sum of 3 and 5", "subtract 3 from 10"."""
    words = re.findall(r"[a-z]+", text.lower())
    name = next((n for w in words for n, known in _operations().items() if w in known), "")
    if not name or not numbers:
        return []
    values = [n.value for n in numbers]
    if len(values) == 1:
        if not _BACK.search(text) or offset < 0:
            half = {"halve": ("divide", 2), "double": ("multiply", 2), "triple": ("multiply", 3),
                    "square": ("power", 2)}
            extra = next((half[w] for w in words if w in half), None)
            return [Step(extra[0], values[0], extra[1])] if extra else []
        if _REVERSED.search(text) and text.lower().find("from") < text.find(numbers[0].text):
            return [Step(name, values[0], None, right_step=offset - 1)]
        return [Step(name, None, values[0], left_step=offset - 1)]
    if _REVERSED.search(text):
        values[:2] = [values[1], values[0]]
    found = [Step(name, values[0], values[1])]
    for value in values[2:]:
        found.append(Step(name, None, value, left_step=offset + len(found) - 1))
    return found


def decide(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    """Return the calls whose operands are there; None where no sum is asked for."""
    able = {operation_of(tool): tool for tool in reversed(tools) if operation_of(tool)}
    asked = steps(reading) if able else []
    if not asked or any(step.operation not in able for step in asked):
        return None
    made = [c for c in reading.since if c.name in {t.name for t in able.values()} and c.result is not None]
    earlier = [f.value for f in reading.facts if f.age > 0 and isinstance(f.value, int | float)]
    known: dict[int, float | int] = {-1: earlier[0]} if earlier else {}
    calls = []
    for index, step in enumerate(asked):
        left = step.left if step.left is not None else known.get(step.left_step)
        right = step.right if step.right is not None else known.get(step.right_step)
        if left is None or right is None:
            continue
        tool = able[step.operation]
        a, b = [p for p in tool.params if p.kind in ("number", "integer", "any")]
        arguments = {a.name: left, b.name: right}
        done = next((c for c in made if c.name == tool.name and c.arguments == arguments), None)
        if done is None:
            calls.append(ToolCall(tool.name, arguments))
            continue
        made.remove(done)
        value = _result(done.data, a)
        if value is not None:
            known[index] = value
    return calls


def _result(data: object, like: object) -> float | int | None:
    from practice_model.mind.reading.model import Fact

    while isinstance(data, dict | list) and data:
        data = next(iter(data.values())) if isinstance(data, dict) else data[0]
    value = fact_value(like, Fact("", data, ""))  # type: ignore[arg-type]
    return value if isinstance(value, int | float) else None
