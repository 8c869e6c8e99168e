"""Which tool a clause of a request asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from practice_model.brain import conversions, deeds
from practice_model.brain.parameters import Parameter, leaves
from practice_model.brain.phrases import Clause
from practice_model.brain.words import (
    STOP,
    kinship,
    name_parts,
    phrase_stems,
    stem,
)

ENOUGH = 2.0


@dataclass(frozen=True, eq=False)
class Tool:
    """A tool as offered, with the words that speak for it."""

    name: str
    description: str
    schema_key: str
    parameters: tuple[Parameter, ...]
    name_words: tuple[str, ...]
    told: frozenset[str]
    parameter_words: frozenset[str]
    options: frozenset[str]

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the tool's arguments."""
        value = json.loads(self.schema_key)
        return value if isinstance(value, dict) else {}

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters that a call must have."""
        return tuple(p for p in self.parameters if p.required and "default" not in p.schema)

    @property
    def acts(self) -> bool:
        """Whether the tool does something rather than tell something."""
        return deeds.acts(self.name, self.description)

    @property
    def converts(self) -> bool:
        """Whether the tool turns a quantity of one unit into another."""
        return conversions.takes_units(self.parameters, {*self.name_words, *self.told})

    @property
    def searches(self) -> bool:
        """Whether the tool looks for information on anything one asks."""
        need = self.required or self.parameters
        takes_query = len([p for p in need if p.required]) <= 1 and any(
            p.role == "query" and p.kind == "string" for p in need[:1]
        )
        if not takes_query:
            return False
        return bool(_SEARCHING & {*self.name_words, *self.told})

    @property
    def open_search(self) -> bool:
        """Whether it searches everything rather than one kind of thing."""
        return self.searches and (
            set(self.name_words) <= _OPEN
            or bool(re.search(
                r"\b(web|internet|online|wikipedia|knowledge base|documents?|docs|information|"
                r"librar|encyclop|articles?|sources?|notes)", self.description, re.I))
        )  # fmt: skip


_SEARCHING = frozenset(
    stem(w)
    for w in ("search", "find", "look", "lookup", "query", "retrieve", "retriever", "research",
              "browse", "google", "wikipedia", "ask", "knowledge", "look_up")
)  # fmt: skip
_OPEN = frozenset(
    stem(w)
    for w in ("search", "web", "internet", "google", "lookup", "find", "query", "retrieve", "docs",
              "knowledge", "base", "kb", "wikipedia", "documents", "library", "browse", "ask",
              "faq", "tavily", "information", "research", "online", "retriever", "sources",
              "document", "context", "tool", "results", "look", "up", "json", "notes", "the",
              "duckduckgo", "engine", "archive")
)  # fmt: skip


@lru_cache(maxsize=512)
def _read(key: str) -> Tool:
    function = json.loads(key)
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    name = str(function.get("name") or "")
    description = str(function.get("description") or "")
    parameters = leaves(schema)
    if {"email", "mail"} & set(name_parts(name)):
        parameters = tuple(
            replace(p, role="email") if p.role == "person" and p.name in _ADDRESSED else p
            for p in parameters
        )
    told = frozenset(phrase_stems(_head(description)))
    words: set[str] = set()
    options: set[str] = set()
    for parameter in parameters:
        words |= parameter.cues | parameter.hints
        items = parameter.schema.get("items")
        enum = parameter.schema.get("enum") or (
            items.get("enum") if isinstance(items, dict) else None
        )
        for option in enum or []:
            options |= {stem(part) for part in name_parts(str(option)) if len(part) > 1}
    return Tool(
        name,
        description,
        json.dumps(schema),
        parameters,
        tuple(stem(p) for p in name_parts(name)),
        told,
        frozenset(words),
        frozenset(options),
    )


_ADDRESSED = ("to", "recipient", "cc", "bcc", "address", "receiver", "customer")


def _head(description: str) -> str:
    """The description up to its list of arguments, without what it is not for."""
    head = re.split(r"\n\s*(?:Args|Arguments|Parameters|Returns|Raises)\s*:", description)[0]
    return re.sub(r"\b(?:do not|don't|never|not for)\b[^.]*", "", head)[:600]


def read(tools: Sequence[dict[str, Any]]) -> list[Tool]:
    """Read the tools of a request; those without a name are left out."""
    found = []
    for tool in tools:
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) and isinstance(tool, dict) and tool.get("name"):
            function = tool
        if isinstance(function, dict) and function.get("name"):
            found.append(_read(json.dumps(function, default=str)))
    return found


def scores(clause: Clause, tools: Sequence[Tool]) -> dict[str, float]:
    """How much a clause speaks for each tool; below `ENOUGH` it asks for none."""
    return dict(_scores(clause.text, clause.entities, tuple(tools)))


@lru_cache(maxsize=2048)
def _scores(
    text: str, entities: tuple[Any, ...], tools: tuple[Tool, ...]
) -> tuple[tuple[str, float], ...]:
    words = _words(text, entities)
    lower = text.lower()
    telling = tells(text) and any(takes_body(tool) for tool in tools)
    if telling and (seam := _TOLD.search(text) or _TELLS.match(text)):
        end = seam.start() or seam.end()
        head = _words(text[:end], tuple(e for e in entities if e.end <= end))
        words = {word: w if word in head else 0.3 * w for word, w in words.items()}
        lower = lower[:end]
    commonness: dict[str, int] = {}
    for tool in tools:
        for word in {*tool.name_words, *tool.told}:
            commonness[word] = commonness.get(word, 0) + 1
    kinds = {e.kind for e in entities}
    question = bool(_QUESTION.match(text.strip()))
    asks_after = bool(_ASKS_AFTER.match(text.strip()))
    opener = deeds.opening(text)
    made = []
    for tool in tools:
        score, strong = 0.0, 0.0
        named = [w for w in tool.name_words if w not in STOP]
        for word, weight_of_word in words.items():
            if opener is not None and word == opener.verb and word in _PLAIN_VERBS:
                weight_of_word *= 0.8  # "set a timer" speaks of a timer first
            best = 0.0
            for own in named:
                near = kinship(own, word)
                if near:
                    value = 2.6 * near / (1 + 0.35 * (commonness[own] - 1))
                    best = max(best, value)
            described = 0.0
            for own in tool.told:
                near = kinship(own, word)
                if near:
                    value = 1.5 * near / (1 + 0.35 * (commonness[own] - 1))
                    described = max(described, value)
            best = max(best, described) + 0.4 * min(best, described)
            strong += best * weight_of_word
            if not best:
                if any(kinship(own, word) >= 0.6 for own in tool.parameter_words):
                    best = 0.5
                if word in tool.options:
                    best = 0.9
            score += best * weight_of_word
        if re.search(rf"(?<!\w){re.escape(tool.name.lower())}(?!\w)", lower):
            score += 6
            strong += 6
        for parameter in tool.required:
            if parameter.role in kinds and parameter.role in _TELLING:
                score += 0.8
            elif parameter.role in _TELLING and parameter.role not in kinds and strong < 2:
                score -= 0.3
        if "email" in kinds and any(p.role == "email" for p in tool.required):
            score += 0.8
            strong += 0.8
        if telling and takes_body(tool):
            score += 2.0
            strong += 1.0
        deed = _same_deed(opener, tool)
        score += deed
        strong += deed
        if tool.converts and conversions.read(text) is not None:
            score += 3.0
            strong += 3.0
        sums = _arithmetic(text, tool)
        score += sums
        strong += sums
        told = sum(
            p.role in kinds and p.role in ("domain", "currency", "url", "email", "path")
            for p in tool.required
        )
        if (
            strong >= 0.8
            and kinds & {"id", "host"}
            and any(p.role in ("id", "thing") for p in tool.required)
        ):
            score += 0.5
        doing = question and tool.required and _ACTS & set(tool.name_words[:1])
        if not tool.searches and (doing or (asks_after and tool.acts)):
            score -= 1.4
        if tool.acts and _COUNTS.match(text.strip()):
            score -= 0.5
        if tool.acts and _MEANS.match(text.strip()):
            score = min(score, 1.0)
        if strong < 0.8 and not told and score < 4:
            score = min(score, 1.0)
        made.append((tool.name, score))
    if asks_after:
        informing = {tool.name for tool in tools if not tool.acts}
        if any(score >= 1.0 for name, score in made if name in informing):
            return tuple((n, s if n in informing else min(s, 1.0)) for n, s in made)
    return tuple(made)


def _same_deed(opener: deeds.Deed | None, tool: Tool) -> float:
    """What the opening verb adds for a tool that it does not name by itself or a synonym."""
    if opener is None:
        return 0.0
    own = deeds.of_tool(tool.name, tool.description)
    if opener.verb in own and opener.verb in STOP:
        return 1.6
    alike = any(deeds.same(opener.verb, verb) for verb in own)
    if opener.plain in tool.name_words[1:] and {*own} <= _PLAIN_VERBS and opener.plain not in STOP:
        return 1.0  # "ship a parcel" is about `create_shipment` before `hold_parcel`
    if any(kinship(word, opener.plain) for word in (*tool.name_words, *tool.told)):
        return 0.7 if alike and opener.verb not in own else 0.0
    return 1.6 if alike else 0.0


_PLAIN_VERBS = frozenset(
    stem(w) for w in ("set", "get", "create", "add", "make", "update", "start", "show", "check")
)
_TELLS = re.compile(
    r"^\W*(?:(?:and|then|also|please|kindly|finally)\W+)*"
    r"(?i:write|e-?mail|mail|message|tell|inform|notify|text|remind|ask|let|drop|send)\W+"
    r"(?i:to |(?:an? |the )?(?:\w+ )?(?:e-?mail|mail|message|line|note|text) to )?"
    r"(?:\S+@\S+|(?i:him|her|them|everyone|everybody|(?:the|our|my) \w+)\b|"
    r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][\w'-]+|(?!me\b|us\b|you\b)[a-z][\w.-]+(?= that\b))"
)
_TOLD = re.compile(
    r"\b(?:that|saying|says|telling|about|whether|know|because|asking|ask)\b|(?<!\d):\s", re.I
)


def tells(text: str) -> bool:
    """Whether a clause asks that somebody be told something."""
    return bool(_TELLS.match(text))


def takes_body(tool: Tool) -> bool:
    """Whether a tool delivers a text that somebody is to read."""
    return any(p.role == "body" for p in tool.parameters)


_TELLING = frozenset(("email", "url", "path", "date", "time", "currency", "amount", "domain"))
_ACTS = frozenset(
    stem(w)
    for w in ("cancel", "delete", "remove", "refund", "send", "create", "update", "reorder",
              "restart", "issue", "approve", "pay", "close", "block")
)  # fmt: skip
_QUESTION = re.compile(
    r"^(?:and |so |but )?(?:what|which|who|where|when|why|how|is|are|was|were|do|does|did|"
    r"has|have)\b(?! about)",
    re.I,
)


_ASKS_AFTER = re.compile(
    r"^(?:and |so |but )?(?:is|are|was|were|did|has|have|had|when|where|who|whose|why)\b"
    r"(?! (?:it (?:possible|ok|okay|fine|allowed)|there (?:a|any) (?:way|chance)|you able)\b)",
    re.I,
)


_COUNTS = re.compile(r"^(?:and |so |but )?how (?:many|much|far|long)\b(?! can you)", re.I)
_MEANS = re.compile(
    r"^(?:and |so |but )?what (?:does it mean|is (?:it|meant)|happens|would happen|is the point)\b"
    r"(?=.*\b(?:to|by|if|when|of)\b)|^explain (?:what it (?:means|is) to|what happens)\b",
    re.I,
)  # a question about a deed asks for no deed


def _words(text: str, entities: tuple[Any, ...]) -> dict[str, float]:
    """Stems of a clause with their weights; what stands in quotes or names counts little."""
    solid = [(e.start, e.end) for e in entities if e.kind in ("quoted", "code", "email", "url")]
    names = [(e.start, e.end) for e in entities if e.kind in ("name", "host", "id", "path")]
    plain = list(text)
    for a, b in solid:
        plain[a:b] = " " * (b - a)
    outside = "".join(plain)
    found = dict.fromkeys(phrase_stems(outside), 1.0)
    for a, b in names:
        for word in phrase_stems(text[a:b]):
            found[word] = 0.4 if a or " " in text[a:b] else 1.0
    if re.search(r"\bhow (?:much|many)\b", outside, re.I):
        found.setdefault("count", 0.5)
        if re.search(r"\b(?:have|left|remain\w*|got|still|there)\b", outside, re.I):
            found.setdefault("stock", 0.9)
    if re.search(r"\bwhere(?:['’]s| (?!i\b|we\b|you\b))", outside, re.I):
        found.setdefault("status", 0.7)
        found.setdefault("location", 0.4)
    if re.search(r"\bremind (?:me|us) to\b|\bdon['’]t let (?:me|us) forget\b", outside, re.I):
        found.setdefault("task", 0.8)
    if re.match(r"\W*(?:so |and )?who\b", outside, re.I):
        found.setdefault("person", 0.6)
    kinds = {e.kind for e in entities}
    if "currency" in kinds or sum(e.kind == "money" for e in entities) > 1:
        found.setdefault("currency", 0.8)
    if re.search(r"\b(what time|the time)\b", outside, re.I):
        found["time"] = 1.2
    return found


_SIGNS = (
    (re.compile(r"\d\s*\+\s*\d|\bplus\b|\bsum of\b|\badd(?:ed|ing)?\b.*\d"),
     ("add", "addition", "sum", "plus", "adder")),
    (re.compile(r"\d\s+[-−]\s*\d|\bminus\b|\bsubtract"), ("subtract", "minus", "difference")),
    (re.compile(r"\d\s*[*×x]\s*\d|\btimes\b|\bmultipl|\bproduct of\b"),
     ("multiply", "product", "times", "multiplication")),
    (re.compile(r"\d\s*[/÷]\s*\d|\bdivided? by\b|\bdivide\b"), ("divide", "division", "quotient")),
    (re.compile(r"\*\*|\^|\bto the power\b|\bsquared?\b|\bcubed?\b"),
     ("power", "exponent", "pow", "square")),
    (re.compile(r"\d\s*[-+*/^×÷]\s*\(?\d|\b(plus|minus|times|divided by|percent of)\b|\d ?% of"),
     ("calculator", "calculate", "calc", "evaluate", "math", "maths", "compute", "arithmetic")),
)  # fmt: skip


def _arithmetic(text: str, tool: Tool) -> float:
    lower = text.lower()
    if not re.search(r"\d", lower):
        return 0.0
    own = {*tool.name_words, *(w for w in tool.told)}
    for pattern, names in _SIGNS:
        if pattern.search(lower) and own & {stem(n) for n in names}:
            first = {*tool.name_words} & {stem(n) for n in names}
            return 3.0 if first else 2.0
    return 0.0
