"""Small talk, what the model says of itself, sums that somebody asks for."""

import ast
import operator
from collections.abc import Callable, Sequence

from practice_model.mind.reading.phrases import LEXICON, find, tokens, unquoted
from practice_model.mind.reading.text import capital, listed, sentences
from practice_model.mind.writing.limits import count, unit_of
from practice_model.mind.writing.operations import DECLINED, OPERATIONS

_TALK = LEXICON["talk"]
_SUMS = LEXICON["sums"]
_DO: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Mod: operator.mod,
}  # fmt: skip
_LARGEST = 1e15


def small_talk(text: str, tool_names: Sequence[str] = ()) -> str | None:
    """Answer greetings, thanks and questions about the model; None for anything else."""
    if len(text) > 160:
        return None
    for name, entry in _TALK.items():
        if not entry["says"] or name == "echo":
            continue
        if name in ("thanks", "praise", "bye") and len(text.split()) > 9:
            continue
        if find(entry["patterns"], text):
            said = str(entry["says"])
            return abilities(tool_names) if said == "{abilities}" else said
    return None


def abilities(tool_names: Sequence[str] = ()) -> str:
    """Say what the model can do, from the table of operations and the tools offered."""
    tools = [name.replace("_", " ") for name in tool_names]
    with_tools = f" With the tools I have here I can {listed(tools)}." if tools else ""
    obeys = [op.says for op in OPERATIONS if op.name in _TALK["abilities"]["shown"]]
    cannot = [entry.says for entry in DECLINED]
    return (
        "I call tools, fill in forms, choose a route, and draft, revise, review, summarise and "
        f"answer from the text you give me.{with_tools} A text of mine {listed(obeys)}. There are "
        f"limits: I'm a program that {listed(cannot)}."
    )


UNASKED = "What would you like me to do with that?"


def acknowledged(text: str, statement: str) -> str:
    """Answer a statement that asks for nothing."""
    if find(_TALK["memory"]["patterns"], text):
        return f"I'll remember that. {statement}".strip()
    return f"{statement} {UNASKED}"


def echoed(text: str) -> str:
    """Return the words that a request asks to say, if that is all it asks for."""
    match = find(_TALK["echo"]["patterns"], text)
    short = match is not None and (len(match["x"].split()) <= 4 or "repeat" in text.lower())
    return unquoted(match["x"]) if match and short and len(sentences(text)) == 1 else ""


def total(text: str) -> str | None:
    """Compute the sums that a text asks for; None if a sentence is none."""
    found = [_total(sentence) for sentence in sentences(text)]
    return ", ".join(one for one in found if one) or None


def _total(text: str) -> str | None:
    match = find(_SUMS["asks"], text)
    if match is None:
        return None
    if find(["sum|add|total"], text):
        low = match["x"]
        match.slots["x"] = "".join(
            " + " if c == "," and low[i + 1 : i + 3].strip()[:1].isdigit() else c
            for i, c in enumerate(low)
        )
    expression = _expression(match["x"])
    if expression is None:
        return None
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except ZeroDivisionError:
        return "I can't divide by zero."
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return f"{_shown(value)}"


def _expression(text: str) -> str | None:
    """Turn words and signs into an expression; None if anything else is in it."""
    low = text.lower().replace("%", " percent ")
    for words, sign in _SUMS["phrases"]:
        low = f" {' '.join(low.split())} ".replace(f" {words} ", f" {sign} ").strip()
    made: list[str] = []
    operators = 0
    for token in tokens(low[:200].replace("/", " / ").replace("-", " - ")):
        word = token.low
        number = LEXICON["numbers"].get(word)
        bare = word.replace(",", "")
        if bare.replace(".", "", 1).isdigit() and len(bare) < 16:
            made.append(bare.lstrip("0") or "0")
        elif number is not None and word not in ("a", "single"):
            made.append(str(number))
        elif word in _SUMS["signs"]:
            made.append(_SUMS["signs"][word])
            operators += 1
        elif word not in _SUMS["silent"]:
            return None
    return " ".join(made) if operators and len(made) > 2 else None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _DO:
        value = _DO[type(node.op)](_value(node.left), _value(node.right))
        if abs(value) > _LARGEST:
            raise OverflowError
        return value
    raise ValueError("no sum")


def _shown(value: float) -> str:
    rounded = round(value, 6)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def counted(text: str, counts: str) -> str:
    """Count the units of a text when that is asked for; nothing otherwise."""
    match = find(_SUMS["counts"], text)
    unit = unit_of(match["unit"].lower()) if match else ""
    return f"{count(counts, unit)}" if unit and counts else ""


def said_last(texts: Sequence[str]) -> str:
    """Repeat what the user said last."""
    return f'You said: "{capital(texts[-1].strip())}"' if texts else "You said nothing before."
