"""What a conversation has told so far: results of tools, facts of the user, plain sums."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator
from typing import Any

from practice_model.brain import arguments, classify, entities, phrases
from practice_model.brain.conversation import Conversation, PastCall
from practice_model.brain.parameters import Parameter, snake
from practice_model.brain.phrases import Clause
from practice_model.brain.schema import MISSING
from practice_model.brain.tools import Tool
from practice_model.brain.words import kinship, name_parts, stem

_POINTS = re.compile(
    r"\b(?:it|that|this|them|these|those|the (?:results?|answer|summary|report|findings|draft|text|"
    r"total|sum|outcome|forecast|status|translation|information|details|same|price))\b",
    re.I,
)
_POINTED = frozenset(("id", "email", "url", "path", "thing", "domain", "idnumber", "person", "name",
                      "place", "date", "currency", "language"))  # fmt: skip


def supply(parameter: Parameter, clause: Clause, conv: Conversation, tool: Tool) -> Any:
    """A value for what a clause leaves open, or `MISSING`."""
    for call in reversed(conv.since):
        if not call.failed:
            value = from_result(parameter, call)
            if value is not MISSING:
                return value
    if parameter.role in ("body", "text"):
        return _text_found(parameter, clause, conv)
    if parameter.role in ("title", "query", "reason", "code"):
        return MISSING
    if parameter.role == "place":
        home = _home(conv)
        if home:
            return arguments.fit(home, parameter)
    if clause.text != conv.request and parameter.role in arguments._FIT:
        value = _from_text(parameter, conv.request, clause, strict=True)
        if value is not MISSING:
            return value
    if parameter.role not in _POINTED:
        return MISSING
    for call in reversed([*conv.before, *conv.since]):
        value = _from_arguments(parameter, call)
        if value is not MISSING:
            return value
    for text in conv.earlier_user_texts():
        value = _from_text(parameter, text, clause, strict=True)
        if value is not MISSING:
            return value
    for call in reversed(conv.before):
        if not call.failed and parameter.role in ("id", "email", "url", "path"):
            value = from_result(parameter, call)
            if value is not MISSING:
                return value
    return MISSING


def _home(conv: Conversation) -> str:
    """Where the user lives, when the request points there."""
    if not re.search(
        r"\b(?:where i live|my (?:city|town|place|home|area)|here|at home|home)\b",
        conv.request,
        re.I,
    ):
        return ""
    from practice_model.brain import answers

    known = answers.facts(conv)
    return known.get("live") or known.get("from") or ""


def _from_text(parameter: Parameter, text: str, clause: Clause, strict: bool) -> Any:
    other = Clause(text, clause.today)
    found = arguments.assign([parameter], other).get(parameter.path)
    if found is None:
        return MISSING
    value, score = found
    exact = parameter.role in ("email", "url", "path", "date", "domain", "currency")
    return value if score >= (3.0 if exact else 3.9 if strict else 2.0) else MISSING


def _from_arguments(parameter: Parameter, call: PastCall) -> Any:
    own = snake(parameter.name)
    for name, value in call.arguments.items():
        if isinstance(value, dict | list):
            continue
        other = snake(name)
        same = own == other or (
            parameter.role == "id"
            and other.endswith(("_id", "number"))
            and bool({stem(p) for p in name_parts(name)} & parameter.cues)
        )
        if same and parameter.role in ("id", "thing", "path", "url", "place", "name", "person"):
            fitted = arguments.fit(value, parameter)
            if fitted is not MISSING:
                return fitted
    return MISSING


def walk(data: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """All leaves of JSON data with the name they stand under."""
    if depth > 8:
        return
    if isinstance(data, dict):
        for name, value in data.items():
            yield from walk(value, str(name), depth + 1)
    elif isinstance(data, list):
        for value in data:
            yield from walk(value, key, depth + 1)
    else:
        yield key, data


def from_result(parameter: Parameter, call: PastCall) -> Any:
    """A value for a parameter out of a tool's result."""
    data = call.data
    own = snake(parameter.name)
    if isinstance(data, dict | list):
        leaves = list(walk(data))
        for name, value in leaves:
            if snake(name) == own and value is not None:
                fitted = arguments.fit(value, parameter)
                if fitted is not MISSING:
                    return fitted
        for name, value in leaves:
            parts = [stem(p) for p in name_parts(name)]
            near = any(kinship(cue, part) >= 1.0 for cue in parameter.cues for part in parts)
            if near and value is not None and parameter.role not in ("body", "text"):
                fitted = arguments.fit(value, parameter)
                if fitted is not MISSING and not isinstance(value, bool):
                    return fitted
        if parameter.role in ("id", "idnumber") and parameter.role != "date":
            for name, value in leaves:
                if snake(name) in ("id", "identifier", "key", "doc_id", "document_id"):
                    fitted = arguments.fit(value, parameter)
                    if fitted is not MISSING:
                        return fitted
        if parameter.role not in ("email", "url", "path"):
            return MISSING
        text = " ".join(str(value) for _, value in leaves)
    else:
        text = str(data)
    wanted = {"email": "email", "url": "url", "path": "path", "domain": "domain"}.get(
        parameter.role
    )
    for entity in entities.find(text[:4000]):
        if entity.kind == wanted:
            fitted = arguments.fit(entity.value, parameter)
            if fitted is not MISSING:
                return fitted
    if parameter.role in ("number", "amount", "count"):
        numbers = [e.value for e in entities.find(text[:400]) if e.kind in ("number", "money")]
        if len(numbers) == 1:
            return arguments.fit(numbers[0], parameter)
    if parameter.role in ("id", "idnumber", "thing"):
        clause = Clause(text[:2000])
        found = arguments.assign([parameter], clause).get(parameter.path)
        if found and found[1] >= 4.5:
            return found[0]
    return MISSING


def _text_found(parameter: Parameter, clause: Clause, conv: Conversation) -> Any:
    """A body that points at what was found or said: "mail it to her"."""
    good = [call for call in conv.since if not call.failed and call.result]
    if good and not _POINTS.search(clause.text) and not parameter.required:
        return MISSING
    if good:
        from practice_model.brain import compose

        text = compose.sentences(good)
        return arguments.fit(text, parameter)
    if _POINTS.search(clause.text):
        said = conv.earlier_assistant_text()
        if said and conv.request_index > 0:
            return arguments.fit(said, parameter)
    return MISSING


_COMPARED = (
    (re.compile(r"\b(?:below|under|less than|fewer than|lower than|cheaper than|<)\s*(?:[€$£]\s*)?"
                r"([\d.,]+)", re.I), operator.lt),
    (re.compile(r"\b(?:above|over|more than|greater than|higher than|exceeds|>)\s*(?:[€$£]\s*)?"
                r"([\d.,]+)", re.I), operator.gt),
    (re.compile(r"\b(?:at least|no less than)\s*([\d.,]+)", re.I), operator.ge),
    (re.compile(r"\b(?:at most|no more than|up to)\s*([\d.,]+)", re.I), operator.le),
)  # fmt: skip
_NEGATION = re.compile(r"\b(?:not|n['’]t|no|never|un(?=\w))|n['’]t\b", re.I)


def holds(condition: str, conv: Conversation) -> bool:
    """Whether the results so far make a condition true."""
    good = [call for call in conv.since if not call.failed] or [
        call for call in conv.before if not call.failed
    ]
    if not good:
        return True
    leaves = [leaf for call in good for leaf in walk(call.data)]
    words = [stem(w) for w in phrases.content_stems(condition)]
    for pattern, compare in _COMPARED:
        if found := pattern.search(condition):
            bound = float(found[1].rstrip(".,").replace(",", ""))
            numbers = [
                (k, v) for k, v in leaves if isinstance(v, int | float) and not isinstance(v, bool)
            ]
            for _, value in leaves:
                if isinstance(value, str):
                    numbers += [
                        ("", e.value)
                        for e in entities.find(value)
                        if e.kind in ("number", "money", "percent")
                    ]
            if not numbers:
                return False
            named = [
                v
                for k, v in numbers
                if any(kinship(stem(p), w) >= 0.6 for p in name_parts(k) for w in words)
            ]
            value = named[0] if named else numbers[0][1]
            return bool(compare(value, bound))
    negated = bool(_NEGATION.search(condition))
    if re.search(r"\bout of stock|\bnone (?:is|are)? ?left|\bsold out\b", condition, re.I):
        numbers = [("", v) for _, v in leaves if isinstance(v, int) and not isinstance(v, bool)]
        if numbers:
            return (numbers[0][1] <= 0) != negated
    for key, value in leaves:
        if isinstance(value, bool):
            parts = [stem(p) for p in name_parts(key)]
            if any(kinship(part, word) >= 0.6 for part in parts for word in words):
                return value != negated
    if re.search(r"\b(?:in stock|available|left)\b", condition, re.I):
        counts = [v for _, v in leaves if isinstance(v, int | float) and not isinstance(v, bool)]
        if counts:
            return (counts[0] > 0) != negated
    for _, value in leaves:
        if isinstance(value, str):
            for word in phrases.content_stems(value):
                if any(kinship(stem(word), w) >= 0.6 for w in words if w not in ("order", "it")):
                    plain = re.search(
                        rf"\b(?:not|never|no)\b[^.]*\b{re.escape(word[:4])}", value, re.I
                    )
                    return (not plain) != negated
    return negated


_OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _evaluate(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _evaluate(node.left), _evaluate(node.right)
        if isinstance(node.op, ast.Pow) and (abs(left) > 1e6 or abs(right) > 64):
            raise ValueError("too large")
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.operand))
    raise ValueError("no sum")


def arithmetic(text: str) -> str | None:
    """The value of a sum that a text asks for; None when it asks for none."""
    expression = ""
    if found := re.search(
        r"(?<![\w.-])[-(]*\d[\d.,]*\)*(?:\s*(?:\*\*|[-+*/^%×÷x])\s*[-(]*\d[\d.,]*\)*)+(?![\w-])",
        text,
    ):
        raw = found[0].rstrip(".,")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", raw) and not re.fullmatch(r"[\d/]+/[\d/]+", raw):
            expression = raw.replace("×", "*").replace("x", "*").replace("÷", "/")
            expression = expression.replace("^", "**").replace(",", "")
    if not expression:
        expression = classify.spoken_sum(text)
    if not expression or (len(text) > 200 and not re.search(r"\bhow much|\bwhat is\b", text)):
        return None
    try:
        value = _evaluate(ast.parse(expression, mode="eval").body)
    except (ValueError, SyntaxError, ZeroDivisionError, OverflowError, RecursionError, TypeError):
        return None
    return plain_number(value)


def plain_number(value: float) -> str:
    """A number without needless digits."""
    if isinstance(value, float):
        value = round(value, 10)
        if value.is_integer() and abs(value) < 1e15:
            value = int(value)
    return str(value)
