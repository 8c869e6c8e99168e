"""Sums told in words or signs, one step after another, for tools that can do them."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from practice_model.lexicon import table
from practice_model.mind.parameters import Tool, name_words
from practice_model.mind.reading.model import Reading, Span
from practice_model.mind.reading.numerals import whole
from practice_model.mind.reply import ToolCall

_SIGNS = {
    sign: name for name, signs in table("families")["signs"].items() for sign in signs.split()
}
_RANK = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "power": 3}
_BACK = re.compile(
    r"\b(?:it|that|this|the (?:result|output|sum|product|quotient|difference|answer|total)|"
    r"result|output)\b",
    re.I,
)
_GOT = re.compile(r"\bwhat (?:you|we|i|that|this) (?:get|gives|have|make|makes)\b")
_REVERSED = re.compile(
    r"\b(?:subtract|take|deduct)\b.*\bfrom\b|\bdivide\b.*\binto\b|\bless than\b", re.I
)


Operand = tuple[float | int | None, int]
"""A number, or None and the index of an earlier step."""


@dataclass(frozen=True)
class Step:
    """One operation and its operands."""

    operation: str
    left: Operand
    right: Operand


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
        if not clause.prohibited:
            numbers = [
                replace(s, start=s.start - clause.start, end=s.end - clause.start)
                for s in passage.of("number", "money", "quantity")
                if clause.start <= s.start < clause.end and not s.quoted
            ]
            found += _read(clause.text, numbers, len(found))
    return found


def _read(text: str, numbers: Sequence[Span], offset: int) -> list[Step]:
    """Read one clause: "3 + 4 * 2", "divide the sum of 10 and 20 by 5", "multiply it by 2"."""
    known = {w: name for name, words in _operations().items() for w in words}
    items: list[Any] = []  # operands (value, step) and names of operations, in order
    at = 0
    for span in [*numbers, None]:
        gap = _GOT.sub("it", text[at : span.start if span else len(text)].lower())
        for word in re.findall(r"[a-z]+(?: (?:result|output|answer))?|[-+*/×÷^−]+|and", gap):
            name = _SIGNS.get(word) or known.get(word, "")
            if name or word == "and" or word == "from":
                items.append(name or word)
            elif _BACK.fullmatch(word) and offset:
                items.append((None, offset - 1))
        if span:
            items.append((span.value, -1))
            at = span.end
    found: list[Step] = []

    def reduce(name: str, left: Any, right: Any) -> tuple[None, int]:
        found.append(Step(name, left, right))
        return None, offset + len(found) - 1

    nouns = {"sum": "add", "product": "multiply", "difference": "subtract", "quotient": "divide"}
    for noun in nouns:  # "the sum of A and B" is an operand itself
        place = text.lower().find(f"{noun} of ")
        index = sum(n.start < place for n in numbers) if place >= 0 else -1
        spots = [i for i, item in enumerate(items) if isinstance(item, tuple)]
        if 0 <= index < len(spots) - 1 and len(spots) > 2 and items[spots[index]][1] < 0:
            a, b = spots[index], spots[index + 1]
            head = next((i for i in range(a - 1, -1, -1) if items[i] == nouns[noun]), a)
            items[head : b + 1] = [reduce(nouns[noun], items[a], items[b])]
    operands = [i for i in items if isinstance(i, tuple)]
    names = [i for i in items if isinstance(i, str) and i not in ("and", "from")]
    if not names or not operands:
        return found
    infix = [
        isinstance(a, tuple) and isinstance(b, str) and b not in ("and", "from")
        for a, b in itertools.pairwise(items)
    ]
    if sum(infix) == len(names) == len(operands) - 1:
        while names:
            at = max(range(len(names)), key=lambda i: (_RANK[names[i]], -i))
            operands[at : at + 2] = [reduce(names.pop(at), operands[at], operands[at + 1])]
        return found
    if len(operands) == 1:
        if offset == 0 and _BACK.search(text):
            reduce(names[0], (None, -1), operands[0])
        return found
    if _REVERSED.search(text):
        operands[:2] = operands[1::-1]
    value = operands[0]
    for operand in operands[1:]:
        value = reduce(names[0], value, operand)
    return found


def decide(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    """Return the calls whose operands are there; None where no sum is asked for."""
    able = {operation_of(tool): tool for tool in reversed(tools) if operation_of(tool)}
    asked = steps(reading) if able else []
    if not asked or any(step.operation not in able for step in asked):
        return None
    made = [
        c
        for c in reading.since
        if c.name in {t.name for t in able.values()} and c.result is not None
    ]
    earlier = [v for c in reversed(reading.before) if (v := _result(c.data)) is not None]
    known: dict[int, float | int] = {-1: earlier[0]} if earlier else {}
    calls = []
    for index, step in enumerate(asked):
        left, right = (n if n is not None else known.get(at) for n, at in (step.left, step.right))
        if left is None or right is None:
            continue
        tool = able[step.operation]
        a, b = sorted(
            (p for p in tool.params if p.kind in ("number", "integer", "any")),
            key=lambda p: p.name if len(p.name) == 1 else "",
        )
        arguments = {a.name: left, b.name: right}
        turned = {a.name: right, b.name: left} if _RANK[step.operation] < 3 else arguments
        same = (arguments, turned if step.operation in ("add", "multiply") else arguments)
        done = next((c for c in made if c.name == tool.name and c.arguments in same), None)
        if done is None:
            calls.append(ToolCall(tool.name, arguments))
            continue
        made.remove(done)
        value = _result(done.data)
        if value is not None:
            known[index] = value
    return calls


def _result(data: object) -> float | int | None:
    """Return the number that a result is, perhaps as the first value of an object."""
    while isinstance(data, dict | list) and data:
        data = next(iter(data.values())) if isinstance(data, dict) else data[0]
    if isinstance(data, str) and re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", data):
        data = float(data)
    return whole(data) if isinstance(data, int | float) and not isinstance(data, bool) else None
