"""Structured output: a schema filled from a request, by the same assignment as tools."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from practice_model.lexicon import words as word_list
from practice_model.mind import bounds, forms, items, patches
from practice_model.mind.assign import Binding, assign
from practice_model.mind.evidence.fields import asks_what, supported, told
from practice_model.mind.evidence.flags import flag, likely
from practice_model.mind.options import chosen, mentions
from practice_model.mind.parameters import (
    MAX_DEPTH,
    Param,
    Schema,
    Tool,
    kind_of,
    name_words,
    nullable,
    read_tool,
    resolve,
)
from practice_model.mind.reading import passage as read_passage
from practice_model.mind.reading.model import Passage, Reading
from practice_model.mind.reading.phrases import CLASSES
from practice_model.mind.reading.sentences import mood
from practice_model.mind.reading.tokens import stem, tokens
from practice_model.mind.reading.values import of_kind
from practice_model.mind.sources import best_fact, fact_value
from practice_model.mind.values import in_bounds, length_fits

_WRITTEN = re.compile(r"\bas (?:written|told|given|it stands|they stand|said|stated)\b", re.I)
PROSE = ("text", "title", "reason")
_PROSE_WORDS = word_list("words", "prose_words")


def fill(schema: Schema, reading: Reading, about: str = "") -> Any:
    """Return a value that a schema describes, filled from a reading.

    Raises `bounds.SchemaTooLarge` for a schema that cannot be filled within bounds.
    """
    bounds.check(schema)
    request = reading.request
    if len(request.sections) == 1 and request.sections[0].markup == "tag":
        said = [s for s in request.prose if s.mood == "statement"]
        request = (
            request
            if said and request.prose[0].mood != "command"
            else read_passage(request.sections[0].body)
        )
    from practice_model.mind.writing import material

    if request is reading.request and not request.sections:
        told = material.handed(reading)
        head = request.text.partition(told)[0].strip() if told else ""
        if head and "." not in head and mood(head) == "command" and not of_kind(head, "name"):
            request = read_passage(told)
    return Filler(reading, schema, about).value(schema, request, "answer", 0)


class Filler:
    """Fill the parts of one schema from one reading."""

    def __init__(self, reading: Reading, root: Schema, about: str = "") -> None:
        self.reading = reading
        self.root = root
        self.about = about

    def value(self, schema: Any, passage: Passage, name: str, depth: int) -> Any:
        """Fill any schema from a passage."""
        node = resolve(schema, self.root)
        if depth > MAX_DEPTH * 2:
            return None
        branches = [
            b
            for key in ("anyOf", "oneOf")
            for b in node.get(key) or []
            if isinstance(b, dict) and b.get("type") != "null"
        ]
        if branches:
            return self.value(self._branch(branches, passage), passage, name, depth + 1)
        if kind_of(node) == "object":
            return self._object(node, passage, name, depth)
        wrapped = {"type": "object", "properties": {name: node}, "required": [name]}
        tool = self.tool(wrapped, name)
        return self._leaves(tool, passage, depth).get((name,))

    def tool(self, node: Schema, name: str) -> Tool:
        """Return an object schema as a tool whose parameters are its leaves."""
        shared: Schema = {k: self.root[k] for k in ("$defs", "definitions") if k in self.root}
        merged = {**node, **shared}
        return read_tool(
            str(node.get("title") or name), str(node.get("description") or self.about), merged
        )

    def _object(self, node: Schema, passage: Passage, name: str, depth: int) -> dict[str, Any]:
        tool = self.tool(node, name)
        found = self._leaves(tool, passage, depth)
        value: dict[str, Any] = {}
        for param in tool.params:
            if param.path not in found:
                continue
            place = value
            for part in param.path[:-1]:
                place = place.setdefault(part, {})
            place[param.path[-1]] = found[param.path]
        return value

    def _branch(self, branches: Sequence[Any], passage: Passage) -> Any:
        from practice_model.mind.vectors import similarity

        def suits(branch: Any) -> float:
            node = resolve(branch, self.root)
            words = f"{node.get('title') or ''} {node.get('description') or ''} "
            for name, one in (node.get("properties") or {}).items():
                field = resolve(one, self.root)
                values = field.get("enum") or [field.get("const", "")]
                words += " ".join([name, *map(str, values), ""])
            tool = self.tool(node, "branch")
            bound = assign(tool.params, passage.spans, tool)
            share = len([b for b in bound if b.param.required]) / max(1, len(tool.required))
            return similarity(passage.text[:1000], json.dumps(node)[:600]) + 0.4 * share

        return max(branches, key=suits)

    def _leaves(self, tool: Tool, passage: Passage, depth: int) -> dict[tuple[str, ...], Any]:
        bound = forms.bound(tool, passage, self.reading)
        optioned: dict[tuple[str, ...], list[Binding]] = {}
        for binding in chosen(tool, passage.text, passage.spans):
            optioned.setdefault(binding.param.path, []).append(binding)
        found: dict[tuple[str, ...], Any] = {}
        for param in tool.params:
            value = self._leaf(
                param, tool, passage, bound.get(param.path), optioned.get(param.path, []), depth
            )
            if value is None and not param.required and not nullable(_raw(tool, param)):
                continue
            if value is None and not nullable(_raw(tool, param)):
                value = self._empty(param, passage)
            found[param.path] = value
        return found

    def _leaf(
        self,
        param: Param,
        tool: Tool,
        passage: Passage,
        bound: Binding | None,
        options: list[Binding],
        depth: int,
    ) -> Any:
        if "const" in param.schema:
            return param.schema["const"]
        if "feedback" in param.label:
            from practice_model.mind.writing import verdicts

            if verdicts.stated("approved", self.reading):
                return None
        if self.reading.answered and param.kind in ("string", "number", "integer", "boolean"):
            fact = best_fact(param, [f for f in self.reading.facts if f.age == 0], tool)
            if fact is not None:
                return fact_value(param, fact)
        if param.kind == "array" and patches.asks_for(param, self.root):
            return patches.fill(self)
        if {"doc", "id"} <= set(name_words(param.name)) and patches.document_id(self):
            return patches.document_id(self)
        if param.kind == "array":
            return items.fill(self, param, tool, passage, depth)
        if param.options:
            return self._option(param, tool, passage, options)
        if param.kind == "boolean":
            return self._flag(param, tool, passage)
        if param.kind in ("object", "any") and (
            param.schema.get("properties") or param.schema.get("anyOf") or param.schema.get("oneOf")
        ):
            return self.value(param.schema, passage, param.name, depth + 1)
        return self._told(param, tool, passage, bound)

    def _told(self, param: Param, tool: Tool, passage: Passage, bound: Binding | None) -> Any:
        label = forms.labelled(param, passage.text) if param.kind == "string" else ""
        if label and (bound is None or param.sense in ("", "name", *PROSE)):
            return label
        if {"colour", "color"} & set(name_words(param.name)):
            hues = [t for t in tokens(passage.text) if t.low in CLASSES["colours"]]
            return hues[0].text if hues else None
        dated = bound and bound.span and bound.span.kind in ("date", "time", "moment")
        if bound and bound.span and dated and _WRITTEN.search(param.description):
            return bound.span.text.strip(" .")
        if bound is not None and bound.span and nullable(_raw(tool, param)):
            source = next(
                (p.text for p in self.reading.passages if bound.span in forms.spans_of(p)),
                passage.text,
            )
            if not supported(bound.param, tool, bound.span, source):
                bound = None
        if (
            asks_what(param)
            and param.kind == "string"
            and not self._writes()
            and (bound is None or bound.score < 1.0)
        ):
            least = 0.35 if nullable(_raw(tool, param)) else 0.0
            if found := told(param, passage.text, least):
                return found
        judged = set(name_words(param.name)) & CLASSES["writing_judged"]
        weak = bound is None or (bound.score < 0.95 and param.sense != "title")
        if bound is not None and not (
            judged or (self._is_prose(param) and (weak or self._writes()))
        ):
            guessed = nullable(_raw(tool, param)) and bound.span and bound.span.kind == "noun"
            return None if guessed and bound.score < 0.9 and not param.sense else bound.value
        if param.kind in ("number", "integer"):
            return self._number(param)
        return self._text(param, passage) if param.kind == "string" else None

    def _writes(self) -> bool:
        """Tell that the request asks for a text rather than for what one says."""
        from practice_model.mind.writing import intent, wants

        told = (self.reading.wish.text, self.reading.system.text)
        kind = intent(self.reading)
        return kind in ("draft", "revise", "summarise") and wants(kind, *told)

    def _is_prose(self, param: Param) -> bool:
        return bool(set(name_words(param.name)) & _PROSE_WORDS) or (
            param.sense in PROSE and not param.examples
        )

    def _option(self, param: Param, tool: Tool, passage: Passage, named: list[Binding]) -> Any:
        from practice_model.mind.writing import choose

        texts = [str(o) for o in param.options]
        ruled = [o for o in texts if mentions(o, self.reading.system.text)]
        team = {"finish", "end", "done", "__end__"} & {t.lower() for t in texts}
        sure = {str(b.value) for b in named if b.score >= 0.85}
        if named and not team and len(ruled) < 2 and len(sure) < 2:
            return named[0].value
        if (
            nullable(_raw(tool, param))
            and not named
            and not ruled
            and not self._near(texts, passage)
        ):
            return None
        described = _described(param, texts)
        picked = choose(texts, self.reading, described)
        return next(o for o in param.options if str(o) == picked)

    def _near(self, options: Sequence[str], passage: Passage) -> bool:
        from practice_model.mind.vectors import similarity

        return max((similarity(o, passage.text[:600]) for o in options), default=0) > 0.3

    def _flag(self, param: Param, tool: Tool, passage: Passage) -> bool | None:
        from practice_model.mind.writing import feels, verdict, verdicts

        words = set(name_words(param.name))
        ruled = verdicts.stated(param.name, self.reading)
        if ruled is not None:
            return ruled
        if words & word_list("words", "schema_flag"):
            return bool(verdict(self.reading).approved)
        said = flag(param, passage.text)
        for word in words if said is None else ():
            felt = feels(word, passage.text)
            if felt is not None:
                return felt
        said = likely(param, passage.text) if said is None else said
        return None if said is None and nullable(_raw(tool, param)) else bool(said)

    def _number(self, param: Param) -> float | int | None:
        words = set(name_words(param.name))
        if (
            words & {"confidence", "probability", "certainty", "relevance"}
            and param.kind == "number"
        ):
            high = param.schema.get("maximum", 1)
            return 0.9 if isinstance(high, int | float) and high <= 1 else 90
        if words & {"score", "points"}:
            from practice_model.mind.writing import verdicts

            return verdicts.points(self.reading)
        return None

    def _text(self, param: Param, passage: Passage) -> str | None:
        from practice_model.mind.writing import prose

        if not self._is_prose(param):
            return None
        limit = param.schema.get("maxLength")
        most = limit if isinstance(limit, int) else 2000
        text = prose(self.reading, f"{param.label} {param.description}", most)
        if text.startswith("I don't know") and len(passage.text) < 300:
            return passage.text.strip()
        return text or None

    def _empty(self, param: Param, passage: Passage) -> Any:
        schema = param.schema
        if param.kind in ("number", "integer"):
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            value = low if isinstance(low, int | float) and low > 0 else 0
            if not in_bounds(value, schema):
                value = value + 1 if in_bounds(value + 1, schema) else schema.get("maximum", value)
            return int(value) if param.kind == "integer" else value
        if param.kind == "boolean":
            return False
        if param.kind == "array":
            return []
        if param.kind == "object":
            return {}
        if param.kind == "string":
            least = schema.get("minLength")
            if not isinstance(least, int) or least <= 0:
                return ""
            text = " ".join(passage.text.split()) or "unknown"
            text = text if len(text) >= least else (text + " ") * (least // (len(text) + 1) + 1)
            most = schema.get("maxLength")
            text = text[: most if isinstance(most, int) else max(least, 200)].strip()
            return text if length_fits(text, schema) else text.ljust(least, ".")
        return None


def _raw(tool: Tool, param: Param) -> Schema:
    """Return a field's schema as written, where null is still among its types."""
    node: Any = tool.schema
    for part in param.path:
        node = resolve(node, tool.schema).get("properties", {}).get(part, {})
    return node if isinstance(node, dict) else {}


_LINE = (
    r"(?:^|[\n;,.(])[ \t]{0,4}[-*'\"`]?[ \t]{0,4}%s['\"`]?[ \t]{0,4}(?::|=|-|–|means|if|for|when)"
    r"[ \t]{0,4}([^\n;]{1,200})"
)


def _described(param: Param, options: Sequence[str]) -> dict[str, str]:
    found = {}
    for option in options:
        match = re.search(_LINE % re.escape(option), param.description[:5_000], re.I)
        if match:
            found[option] = match[1].strip()[:200]
    return found


def free_object(reading: Reading, answer: Callable[[Reading], str]) -> dict[str, Any]:
    """Return the JSON object that a request in words describes: keys named in the instructions.

    What none of the keys takes is answered by `answer`.
    """
    from practice_model.mind.writing import material

    keys = _keys(f"{reading.system.text}\n{reading.wish.text or reading.request.text}")
    if not keys:
        return {"answer": answer(reading)}
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in keys.items()},
        "required": list(keys),
    }
    handed = material.handed(reading)
    passage = read_passage(handed) if handed else reading.request
    filled = Filler(reading, schema).value(schema, passage, "answer", 0)
    value = {k: "" if v in keys or v == "JSON" else v for k, v in filled.items()}
    if not any(value.values()):
        value[next(iter(keys))] = answer(reading)
    return value


_COUNTS = word_list("words", "counts")


def _keys(text: str) -> dict[str, str]:
    """Find the keys that instructions name: 'with the keys "name" and "city"', {"name": …}."""
    from practice_model.mind.writing.extracting import keys_of

    names = re.findall(r"[\"'`](\w{1,40})[\"'`]\s*:", text)
    if not names and (at := text.lower().find("json")) >= 0:
        names = re.findall(r"[\"'`](\w{1,40})[\"'`]", text[max(0, at - 80) : at + 200])
    stems = {stem(w) for w in _COUNTS}
    return {
        n: "number" if {stem(w) for w in name_words(n)} & stems else "string"
        for n in dict.fromkeys(names or keys_of(text))
    }
