"""Any JSON schema filled from a conversation: extraction, labels, verdicts, routes, texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from practice_model.brain import (
    answers,
    arguments,
    chores,
    classify,
    compose,
    extracts,
    knowledge,
    matter,
    planner,
    reasons,
    routing,
    writing,
)
from practice_model.brain import schema as schemas
from practice_model.brain.conversation import Conversation
from practice_model.brain.parameters import Parameter, leaves, make, snake
from practice_model.brain.phrases import Clause
from practice_model.brain.schema import MISSING
from practice_model.brain.words import name_parts

_APPROVING = frozenset(("approve", "approved", "accept", "accepted", "pass", "passed", "ok", "good",
                        "publish", "yes", "finish", "done"))  # fmt: skip
_REFUSING = frozenset(
    (
        "revise",
        "reject",
        "rejected",
        "fail",
        "failed",
        "needs_revision",
        "rework",
        "changes_requested",
        "request_changes",
        "no",
        "needs_work",
        "rewrite",
    )
)
_TEXTS: tuple[tuple[str, Any], ...] = (
    (r"(.*_)?(draft|article|post|email|report|story|essay|letter|content|body|document|copy|page|"
     r"new_(text|draft)|revision|revised(_.*)?|output|text)", "draft"),
    (r"(.*_)?(summary|tldr|abstract|synopsis|overview)", "summary"),
    (r"(.*_)?(title|headline|subject|subject_line|heading)", "titles"),
    (r"(.*_)?(notes|findings|research)", "notes"),
    (r"(.*_)?(reply|response|message)", "reply"),
)  # fmt: skip
_LISTS: tuple[tuple[str, Any], ...] = (
    (r"(.*_)?(steps|plan|tasks|subtasks|sub_tasks|actions|todos?|stages|parts|sections)",
     "plan"),
    (r"(.*_)?(points|key_points|takeaways|highlights|bullets|facts|claims|main_points)", "points"),
    (r"(.*_)?(titles|headlines|subjects|ideas|names_for.*)", "titles"),
)  # fmt: skip
_WHY = re.compile(r"(.*_)?(reason|reasoning|rationale|explanation|justification|why|thoughts?|"
                  r"thinking|analysis|comment)")  # fmt: skip
_FEEDBACK = re.compile(r"(.*_)?(feedback|critique|comments?|review|suggestions?|changes|issues|"
                       r"problems|improvements|remarks|notes)")  # fmt: skip


class Filler:
    """Finds the value of each leaf of one schema in one conversation."""

    def __init__(
        self,
        schema: dict[str, Any],
        messages: Sequence[dict[str, Any]],
        conv: Conversation,
        about: str = "",
    ) -> None:
        self.schema = schema
        self.messages = messages
        self.conv = conv
        self.about = about
        self.parameters = {p.path: p for p in leaves(schema)}
        today = planner.today_of(conv)
        self.clause = Clause(routing.subject_text(conv) or conv.request, today)
        if len(self.clause.text) > 6000:
            self.clause = Clause(self.clause.text[:6000], today)
        whole = Clause(conv.request[:6000], today)
        self.values = arguments.assign(list(self.parameters.values()), self.clause)
        if whole.text != self.clause.text:
            for path, found in arguments.assign(list(self.parameters.values()), whole).items():
                self.values.setdefault(path, found)
        self._review: dict[str, Any] | bool | None = False
        self._cache: dict[tuple[str, ...], Any] = {}

    @property
    def review(self) -> dict[str, Any] | None:
        """The verdict, when the request asks for a review."""
        if self._review is False:
            self._review = writing.review_values(self.messages)
        return self._review if isinstance(self._review, dict) else None

    @property
    def writes(self) -> str | None:
        """The kind of writing that is asked for."""
        return writing.kind(self.messages)

    def __call__(self, path: tuple[str, ...], leaf: dict[str, Any]) -> Any:
        """Give the value for a leaf, or `MISSING`."""
        if path and path[-1] == "?":
            return self._branch(leaf.get("options") or [])
        if path and path[-1] == "*":
            return (
                True
                if any(known[: len(path) - 1] == path[:-1] for known in self.values)
                or (
                    len(path) > 1
                    and schemas.kind_of(leaf) == "array"
                    and self._list_here(path[:-1], leaf)
                )
                else MISSING
            )
        key = (*path, str(leaf.get("type")))
        if key not in self._cache:
            self._cache[key] = self._find(path, leaf)
        return self._cache[key]

    def _list_here(self, path: tuple[str, ...], leaf: dict[str, Any]) -> bool:
        found = self._list(self._parameter(path, leaf))
        return isinstance(found, list) and bool(found)

    def _parameter(self, path: tuple[str, ...], leaf: dict[str, Any]) -> Parameter:
        known = self.parameters.get(path)
        if known is not None and known.kind == schemas.kind_of(leaf):
            return known
        return make(path, leaf, self.schema, True)

    def _branch(self, options: list[Any]) -> Any:
        """Which alternative of a union suits the request: by its title, fields and words."""
        best, top = 0, -1.0
        for number, option in enumerate(options):
            if not isinstance(option, dict):
                continue
            inner = schemas.resolve(option, self.schema)
            names = " ".join(map(str, inner.get("properties", {})))
            kinds = inner.get("properties", {})
            told = f"{inner.get('description', '')} {names}"
            score = classify.affinity(str(inner.get("title") or ""), told, self.clause.text)
            inner_leaves = leaves(inner)
            found = arguments.assign(inner_leaves, self.clause)
            needed = [p for p in inner_leaves if p.required]
            score += 0.6 * sum(p.path in found for p in needed) - 0.3 * sum(
                p.path not in found for p in needed
            )
            if "response" in kinds or "answer" in kinds:
                score -= 0.4
            if score > top:
                best, top = number, score
        return best

    def _find(self, path: tuple[str, ...], leaf: dict[str, Any]) -> Any:
        parameter = self._parameter(path, leaf)
        name = snake(parameter.name)
        if parameter.kind == "array":
            return self._list(parameter)
        if parameter.role == "choice":
            return self._choice(parameter)
        if parameter.kind == "boolean":
            return self._flag(parameter, name)
        if parameter.kind in ("integer", "number"):
            return self._number(parameter, name)
        if parameter.kind != "string":
            return MISSING
        return self._text(parameter, name)

    def _choice(self, parameter: Parameter) -> Any:
        options = [o for o in parameter.schema.get("enum", []) if o is not None]
        if not options:
            return parameter.schema.get("const", MISSING)
        texts = [str(o) for o in options]
        back = dict(zip(texts, options, strict=True))
        lower = {t.lower() for t in texts}
        if self.review is not None and lower & _APPROVING and lower & _REFUSING:
            wanted = _APPROVING if self.review["approved"] else _REFUSING
            return back[next(t for t in texts if t.lower() in wanted)]
        told = str(parameter.schema.get("description") or "")
        if routing.is_dispatch(texts, self.conv.system + told) or self._routes(parameter, texts):
            return back[
                routing.next_worker(
                    routing.explained(texts, told, self.conv.system, self.about),
                    self.conv,
                    f"{told}\n{self.about}",
                )
            ]
        if classify.is_yes_no(texts):
            yes = answers.judged(
                self.conv, f"{' '.join(name_parts(parameter.name))} {told}".lower()
            )
            return back[classify.yes_of(texts) if yes else classify.no_of(texts)]
        named = self.values.get(parameter.path)
        if named is not None and matter.refuses(self.conv.request, str(named[0])):
            named = None
        explained = routing.explained(texts, told, self.conv.system, self.about)
        if named is not None and sum(map(bool, explained.values())) >= 2:
            suited = classify.suited(explained, self.clause.text)
            if max(suited.values()) > suited.get(str(named[0]), 0.0) + 0.2:
                named = None
        if named is not None and (named[1] >= 4 or not classify.scaled(texts, "")):
            return named[0]
        if not parameter.required and not self._asked_for(parameter):
            return MISSING
        return back[classify.choose(explained, self.clause.text)[0]]

    def _asked_for(self, parameter: Parameter) -> bool:
        return len(self.parameters) <= 4

    def _routes(self, parameter: Parameter, texts: list[str]) -> bool:
        return (
            bool(
                parameter.cues & {"next", "rout", "work", "agent", "act", "goto", "destin", "deleg"}
            )
            and len({routing.stage(t) for t in texts} - {None}) >= 2
            and not routing.is_labelling(self.conv.system)
        )

    def _flag(self, parameter: Parameter, name: str) -> Any:
        told = str(parameter.schema.get("description") or "")
        if self.review is not None and re.search(
            r"approv|accept|pass|ok\b|ready|good|publish|satisf", name
        ):
            return bool(self.review["approved"])
        if self.review is not None and re.search(r"revis|change|reject|fail|improv", name):
            return not self.review["approved"]
        if parameter.path in self.values:
            return self.values[parameter.path][0]
        if not parameter.required:
            return MISSING
        return answers.judged(self.conv, f"{' '.join(name_parts(name))} {told}".lower())

    def _number(self, parameter: Parameter, name: str) -> Any:
        low, high = parameter.schema.get("minimum"), parameter.schema.get("maximum")
        top = high if isinstance(high, int | float) else None
        bottom = low if isinstance(low, int | float) else 0
        if re.search(r"score|rating|quality|grade", name) and self.review is not None:
            told = str(parameter.schema.get("description") or "")
            found = re.search(r"\b(?:0|1)\s*(?:to|-|–|and)\s*(\d+)", told)
            span = top if top is not None else float(found[1]) if found else 1
            value = bottom + (span - bottom) * float(self.review["score"])
            return round(value) if parameter.kind == "integer" else round(value, 2)
        if "confidence" in name or "certainty" in name or "probability" in name:
            return (0.9 * top) if top is not None and top > 1 else 0.9
        if parameter.path in self.values:
            return self.values[parameter.path][0]
        if re.search(r"score|rating|sentiment", name):
            share = (classify.mood(self.clause.text) + 1) / 2
            if re.search(r"urgen|priorit|sever", name):
                share = classify.urgency(self.clause.text)
            if re.search(r"relevan|ground|correct|faithful|support|match", name + self.conv.system):
                share = 1.0 if answers.judged(self.conv, name) else 0.0
            value = bottom + ((top if top is not None else 1) - bottom) * share
            return round(value) if parameter.kind == "integer" else round(value, 2)
        if re.search(r"urgen|priorit|sever", name) and top is not None:
            value = bottom + (top - bottom) * classify.urgency(self.clause.text)
            return round(value)
        for call in self.conv.since:
            if not call.failed:
                value = knowledge.from_result(parameter, call)
                if value is not MISSING:
                    return value
        if re.search(r"result|answer|total|sum|value", name):
            total = knowledge.arithmetic(self.conv.request)
            if total is not None:
                return float(total)
        return MISSING

    def _text(self, parameter: Parameter, name: str) -> Any:
        if self.review is not None and _FEEDBACK.fullmatch(name):
            return self.review["feedback"]
        known = self.values.get(parameter.path)
        if known is not None and known[1] >= 4 and parameter.role not in ("query",):
            return known[0]
        for call in reversed(self.conv.since):
            if not call.failed and parameter.role not in ("body", "text", "title", "query"):
                value = knowledge.from_result(parameter, call)
                if value is not MISSING:
                    return value
        if _WHY.fullmatch(name):
            stated = re.search(r"\b(?:because|since|due to|reason)\b", self.clause.text, re.I)
            chooses = any(p.role == "choice" for p in self.parameters.values())
            if (
                known is not None
                and known[1] >= 2.0
                and parameter.role == "reason"
                and (stated or not chooses)
            ):
                return known[0]
            if not parameter.required:
                return MISSING
            return self._why()
        kind = next((k for pattern, k in _TEXTS if re.fullmatch(pattern, name)), None)
        if (
            re.fullmatch(
                r"(.*_)?(answer|result|output|final_answer|final_response|response|reply)", name
            )
            and self.writes is None
        ):
            return answers.text(self.messages, self.conv)
        if kind is not None and (self.writes is not None or kind in ("summary",)):
            wanted: Any = kind if kind in ("summary", "titles") else (self.writes or kind)
            written = writing.write_as(self.messages, wanted)
            if wanted == "titles" and written:
                written = re.sub(r"^\W*(?:\d+[.)])?\s*", "", written.strip().split("\n")[0])
            if written:
                return written
        told = str(parameter.schema.get("description") or "")
        asks = re.search(r"\bquestion\b|\bset ?up\b", f"{name} {told}".lower())
        if known is not None and not (asks and parameter.role == "thing"):
            return known[0]
        if parameter.role == "query" or re.search(r"topic|subject|task|question|goal", name):
            return extracts.query(self.conv.request) if parameter.required else MISSING
        if not parameter.required:
            return MISSING
        if self.conv.since and not self.conv.since[-1].failed:
            return compose.answer(self.conv)
        if parameter.role in (
            "date",
            "time",
            "datetime",
            "email",
            "url",
            "id",
            "place",
            "person",
            "language",
            "currency",
            "street",
            "path",
            "domain",
            "name",
        ):
            return self._fallback_entity(parameter)
        topic = extracts.query(self.conv.request)
        if asks:
            return f"What is there to say about {_subject(topic)}?"
        if re.search(r"punchline|answer", f"{name} {told}".lower()):
            return f"More about {_subject(topic)} than fits in one line."
        return topic

    def _why(self) -> str:
        """The reason for the choice that the same schema asks for."""
        if self.review is not None:
            changes = list(self.review["changes"])
            return " ".join(changes) if changes else "Nothing in it needs to be changed."
        for path, parameter in self.parameters.items():
            if parameter.role != "choice":
                continue
            chosen = self(path, parameter.schema)
            if chosen is MISSING:
                continue
            options = [str(o) for o in parameter.schema.get("enum", []) if o is not None]
            told = str(parameter.schema.get("description") or "")
            if routing.is_dispatch(options, self.conv.system + told) or self._routes(
                parameter, options
            ):
                return reasons.of_route(str(chosen), options, self.conv)
            return reasons.of_choice(str(chosen), options, self.clause.text)
        return f"The request speaks of {extracts.query(self.conv.request)[:120]}."

    def _fallback_entity(self, parameter: Parameter) -> Any:
        for entity in self.clause.entities:
            fits = arguments._FIT.get(parameter.role, {})
            if entity.kind in fits and entity.value not in [v for v, _ in self.values.values()]:
                fitted = arguments.fit(entity.value, parameter)
                if fitted is not MISSING:
                    return fitted
        return MISSING

    def _list(self, parameter: Parameter) -> Any:
        if parameter.path in self.values:
            return self.values[parameter.path][0]
        name = snake(parameter.name)
        items, _ = schemas.settle(parameter.schema.get("items", {}), self.schema)
        kind = schemas.kind_of(items)
        if kind == "object":
            return self._records(parameter, items)
        if self.review is not None and _FEEDBACK.fullmatch(name):
            return list(self.review["changes"])
        if self.review is not None and re.search(r"strength", name):
            return list(self.review.get("strengths") or [])
        item = make((*parameter.path, "0"), items, self.schema, True)
        if item.role == "choice":
            options = [str(o) for o in items.get("enum", []) if o is not None]
            found = extracts.listed(parameter, item, self.clause)
            if found:
                return found
            if self.conv.system and parameter.required and options:
                best, score = classify.choose(
                    routing.explained(options, self.conv.system, self.about), self.clause.text
                )
                return [best] if score else []
            return []
        wanted = next((k for pattern, k in _LISTS if re.fullmatch(pattern, name)), None)
        if kind == "string" and re.search(r"quer|question|search|keyword|topics", name):
            topic = extracts.query(self.conv.request)
            parts = [p for p in re.split(r"\s*,\s*(?:and )?|\s+and\s+", topic) if p]
            return parts if 1 < len(parts) <= 6 else [topic]
        if kind == "string" and wanted is not None:
            named = (
                extracts.listed(parameter, item, self.clause)
                if re.search(
                    r"\b(?:steps|tasks|plan|parts|sections)\b[^:]*:", self.clause.text, re.I
                )
                else []
            )
            if named:
                return named
            written = writing.write_as(self.messages, wanted)
            lines = [
                re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip()
                for line in written.split("\n")
            ]
            lines = [line for line in lines if line]
            if lines:
                return lines
        if not parameter.required and not planner._mentions(parameter, self.clause):
            return MISSING
        return extracts.listed(parameter, item, self.clause)

    def _records(self, parameter: Parameter, items: dict[str, Any]) -> list[Any]:
        """One record for each sentence, line or member that fills the record's needs."""
        properties = items.get("properties")
        if not isinstance(properties, dict):
            return []
        found = planner.extracts_records(items, self.schema, self.clause)
        required = items.get("required")
        required = required if isinstance(required, list) else list(properties)
        own = [make((n,), inner, self.schema, n in required) for n, inner in properties.items()]
        strong = [p for p in own if p.role in arguments._FIT]
        if found and not (len(found) == 1 and not strong):
            return [self._whole(items, record) for record in found]
        records: list[Any] = []
        text = self.clause.text
        for part in re.split(r"(?<=[.!?])\s+|\n+|;\s*", text):
            clause = Clause(part.strip(), self.clause.today)
            values = arguments.assign(own, clause)
            if any(p.path in values and values[p.path][1] >= 3 for p in strong):
                records.append(self._whole(items, {p[0]: v for p, (v, _) in values.items()}))
        if records:
            return records
        wanted = next(
            (k for pattern, k in _LISTS if re.fullmatch(pattern, snake(parameter.name))), None
        )
        strings = [p for p in own if p.kind == "string" and p.role != "choice"]
        if wanted and strings:
            lines = [
                re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip()
                for line in writing.write_as(self.messages, wanted).split("\n")
            ]
            return [self._whole(items, {strings[0].name: line}) for line in lines if line]
        return []

    def _whole(self, items: dict[str, Any], record: dict[str, Any]) -> Any:
        def find(path: tuple[str, ...], leaf: dict[str, Any]) -> Any:
            if path and path[0] in record and len(path) == 1:
                return record[path[0]]
            if path and leaf.get("enum"):
                texts = [str(o) for o in leaf["enum"] if o is not None]
                words = " ".join(str(v) for v in record.values())
                best = classify.choose(routing.explained(texts, self.conv.system), words)[0]
                return next(o for o in leaf["enum"] if str(o) == best)
            return MISSING

        definitions = {k: self.schema[k] for k in ("$defs", "definitions") if k in self.schema}
        return schemas.build({**definitions, **items}, find)


def _subject(topic: str) -> str:
    found = re.search(r"\babout\s+(.+)$", topic, re.I)
    words = (found[1] if found else topic).rstrip(".?!").split()
    return " ".join(words[:8]) or "that"


def fill(
    schema: dict[str, Any],
    messages: Sequence[dict[str, Any]],
    conv: Conversation,
    about: str = "",
) -> Any:
    """Make a valid value of a schema from a conversation."""
    return schemas.build(schema, Filler(schema, messages, conv, about))


_QUOTED_KEYS = re.compile(
    r"((?:[\"'`]\w+[\"'`](?:,? and |, ?|,? or )?)+)\s*"
    r"(?:as (?:the )?)?(?:keys?|fields?|properties)\b",
    re.I,
)
_KEYS = re.compile(
    r"(?:keys?|fields?|properties)\b(?: are| should be| named| called)?:?\s*"
    r"((?:[\"'`]?\w+[\"'`]?(?:\s*\([^)]*\))?"
    r"(?:\s*,\s*|\s+and\s+|,\s*and\s+)?){1,12})",
    re.I,
)


def free_object(messages: Sequence[dict[str, Any]], conv: Conversation) -> dict[str, Any]:
    """A JSON object for a request that says "JSON" but gives no schema."""
    text = f"{conv.system}\n{conv.request}"
    names: list[str] = []
    if found := re.search(r"\{[^{}]*\"\w+\"\s*:[^{}]*\}", text):
        names = re.findall(r"\"(\w+)\"\s*:", found[0])
    elif found := _QUOTED_KEYS.search(text):
        names = re.findall(r"[\"'`](\w+)[\"'`]", found[1])
    elif found := _KEYS.search(text):
        quoted = re.findall(r"[\"'`](\w+)[\"'`]", found[1])
        names = quoted or [
            w for w in re.findall(r"\w+", re.sub(r"\([^)]*\)", "", found[1])) if w.lower() != "and"
        ]
    if not names and (found_here := chores.extracted(conv.request)):
        return {name.replace(" ", "_"): values for name, values in found_here.items()}
    if not names:
        return {"answer": answers.text(messages, conv)}
    properties: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        numeric = re.search(
            r"(^|_)(age|count|amount|price|total|number|quantity|score|year)(_|$)", name.lower()
        )
        if re.match(r"(is|has|needs)_", name.lower()):
            properties[name] = {"type": "boolean"}
        elif numeric:
            properties[name] = {"type": ["number", "null"]}
        else:
            properties[name] = {"type": "string"}
    value = fill(
        {"type": "object", "properties": properties, "required": list(properties)}, messages, conv
    )
    return value if isinstance(value, dict) else {"answer": value}
