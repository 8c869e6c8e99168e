"""Parameters of a tool or fields of a schema, and what their descriptions say about values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from practice_model.lexicon import table
from practice_model.mind.reading.measures import unit_of
from practice_model.mind.reading.tokens import function_word, stem

Schema = dict[str, Any]
_WORDS = re.compile(r"[A-Z]?[a-z]+(?:['’-][a-z]+)*|[A-Z]+(?![a-z])|\d+|[^\W\d_]+")
_EXAMPLE = re.compile(
    r"(?:e\.g\.|for example|such as|like|example:)\s*:?\s*"
    r"[`'\"“]?([^,;)`'\"”]{1,40}?)(?=[`'\"”,;)]|\.?$|\. )",
    re.I,
)
_OF = re.compile(r"\b(?:number|count|amount|name|id) of\b", re.I)
MAX_DEPTH = 6


def name_words(name: str) -> list[str]:
    """Split "fromCurrency" and "from_currency" into lower-case words."""
    return [w.lower() for w in _WORDS.findall(name.replace("_", " ").replace("-", " "))]


@dataclass(frozen=True)
class Param:
    """One leaf to fill: where it stands, which values it takes, which words lead to it."""

    path: tuple[str, ...]
    schema: Schema
    required: bool
    kind: str  # string number integer boolean array object null any
    words: frozenset[str]
    about: frozenset[str]
    sense: str
    unit: str = ""
    options: tuple[Any, ...] = ()
    examples: tuple[str, ...] = ()
    order: int = 0

    @property
    def name(self) -> str:
        """Return the last name of the path."""
        return self.path[-1] if self.path else ""

    @property
    def description(self) -> str:
        """Return the description."""
        return str(self.schema.get("description") or "")

    @property
    def label(self) -> str:
        """Name the parameter for people: "order number"."""
        return " ".join(w for part in self.path for w in name_words(part))


@dataclass(frozen=True)
class Tool:
    """A tool as offered: its name, description, and its parameters flattened to leaves."""

    name: str
    description: str
    schema: Schema
    params: tuple[Param, ...] = ()
    words: frozenset[str] = field(default=frozenset())
    required: tuple[Param, ...] = ()

    @property
    def verbs(self) -> list[str]:
        """Return the words that may be the tool's verb: the first of name and description."""
        heads = name_words(self.name)[:1]
        first = re.findall(r"[A-Za-z-]+", self.description)[:1]
        return heads + [
            w.lower().removesuffix("s") if w.lower() not in ("process", "address") else w.lower()
            for w in first
        ]


def resolve(schema: Any, root: Schema, depth: int = 0) -> Schema:
    """Follow `$ref`, and take the one real branch of an optional field."""
    if not isinstance(schema, dict) or depth > 20:
        return {}
    ref = schema.get("$ref")
    if isinstance(ref, str) and ref.startswith("#"):
        target: Any = root
        for part in ref[1:].strip("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, dict) else None
            if not part:
                target = root
        rest = {k: v for k, v in schema.items() if k != "$ref"}
        return resolve({**target, **rest}, root, depth + 1) if isinstance(target, dict) else {}
    for key in ("anyOf", "oneOf", "allOf"):
        branches = schema.get(key)
        if isinstance(branches, list):
            real = [b for b in branches if isinstance(b, dict) and b.get("type") != "null"]
            if len(real) == 1 or key == "allOf":
                merged: Schema = {k: v for k, v in schema.items() if k != key}
                for branch in real:
                    found = resolve(branch, root, depth + 1)
                    both = {**found.get("properties", {}), **merged.get("properties", {})}
                    merged = {**found, **merged, **({"properties": both} if both else {})}
                return merged
    return schema


def nullable(schema: Schema) -> bool:
    """Tell that null is a value of a schema."""
    if schema.get("type") == "null" or (
        isinstance(schema.get("type"), list) and "null" in schema["type"]
    ):
        return True
    branches = schema.get("anyOf") or schema.get("oneOf") or []
    return any(isinstance(b, dict) and b.get("type") == "null" for b in branches)


def kind_of(schema: Schema) -> str:
    """Return a schema's type; "any" where it tells none."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    options = schema.get("enum")
    if "const" in schema or options:
        first = schema.get("const", options[0] if options else "")
        return {bool: "boolean", int: "integer", float: "number"}.get(type(first), "string")
    return "any"


def leaves(
    schema: Schema,
    root: Schema,
    path: tuple[str, ...] = (),
    required: bool = True,
    context: frozenset[str] = frozenset(),
    depth: int = 0,
) -> Iterator[Param]:
    """Flatten an object's schema into its leaves."""
    needed = schema.get("required") or []
    for name, raw in (schema.get("properties") or {}).items():
        field_schema = resolve(raw, root)
        must = required and name in needed
        about = frozenset(stem(w) for w in name_words(name)) | context
        if (
            kind_of(field_schema) == "object"
            and field_schema.get("properties")
            and depth < MAX_DEPTH
        ):
            more = frozenset(_content(str(field_schema.get("description") or "")))
            yield from leaves(field_schema, root, (*path, name), must, about | more, depth + 1)
        else:
            yield _param((*path, name), field_schema, must, context)


def _content(text: str) -> list[str]:
    return [stem(w) for w in name_words(text) if not function_word(w) and len(w) > 1]


_OWNER = re.compile(r"\b(?:the |a )?\w{1,30}['’]s\b")


def _param(path: tuple[str, ...], schema: Schema, required: bool, context: frozenset[str]) -> Param:
    words = name_words(path[-1])
    kind = kind_of(schema)
    items = resolve(schema.get("items"), schema) if kind == "array" else schema
    options = tuple(items.get("enum") or (() if "const" not in items else (items["const"],)))
    description = str(schema.get("description") or "")
    if items is not schema and items.get("description"):
        description = f"{description} {items['description']}".strip()
    plain = _EXAMPLE.sub(" ", description)
    examples = tuple(m[1].strip(" .") for m in _EXAMPLE.finditer(description))
    tail = name_words(plain)[-1:]
    context |= frozenset(tail) & {"from", "into", "to", "with", "at", "by", "for", "whom"}
    return Param(
        path,
        schema,
        required,
        kind,
        frozenset(stem(w) for w in words),
        frozenset(_content(plain)) | context,
        _sense(
            tuple(words),
            tuple(name_words(_OF.sub("", _OWNER.sub("", plain)))),
            str(items.get("format") or ""),
            description,
            str(items.get("pattern") or ""),
        ),
        _unit(words, plain.lower().split()),
        options,
        examples,
    )


@cache
def _senses() -> dict[str, tuple[frozenset[str], int]]:
    found = {}
    for index, (sense, words) in enumerate(table("senses")["senses"].items()):
        found[sense] = (frozenset(stem(w) for w in words.split()), index)
    return found


_FORMATS = {"email": "email", "idn-email": "email", "uri": "url", "uuid": "id"}
_FORMATS |= {"date": "date", "time": "time", "date-time": "datetime"}


@cache
def _sense(
    names: tuple[str, ...], about: tuple[str, ...], format_: str, description: str, pattern: str
) -> str:
    if format_ in _FORMATS:
        return _FORMATS[format_]
    low = description.lower()
    if re.search(r"yyyy-mm-dd[t ]+hh", low):
        return "datetime"
    if "yyyy" in low or "iso date" in low:
        return "date"
    if re.search(r"hh:mm|24[- ]hour", low):
        return "time"
    if pattern in ("^[A-Z]{3}$",) or "iso 4217" in low or "iso code" in low:
        return "currency"
    if "e-mail address" in low or "email address" in low:
        return "email"
    scores: dict[str, float] = {}
    for sense, (members, index) in _senses().items():
        score = sum(
            3.0 if i == len(names) - 1 else 1.5 for i, w in enumerate(names) if stem(w) in members
        )
        score += sum(1.0 if i < 3 else 0.6 for i, w in enumerate(about) if stem(w) in members)
        if score:
            scores[sense] = score - index * 0.01
    last = "bound" if names and names[-1] in ("start", "end", "begin", "from", "until") else ""
    return max(scores, key=lambda sense: scores[sense]) if scores else last


_SHORT_UNITS = ("kg", "km", "cm", "mm", "ml", "ms", "mb", "gb", "lb")


def _unit(names: list[str], about: list[str]) -> str:
    names = names[: names.index("per")] if "per" in names else names
    for word in [*reversed(names), *about]:
        word = word.strip("().,;:")
        found = unit_of(word)
        short = len(word) < 3 and word not in _SHORT_UNITS
        if found and not short and (word in names or (found[1] != "in" and word != "second")):
            return found[1]
    return ""


def read_tools(offered: Any) -> list[Tool]:
    """Read the tools of a request."""
    found = []
    for entry in offered or []:
        function = entry.get("function") if isinstance(entry, dict) else None
        if isinstance(function, dict) and function.get("name"):
            schema = function.get("parameters")
            name, about = str(function["name"]), str(function.get("description") or "")
            found.append(read_tool(name, about, schema if isinstance(schema, dict) else {}))
    return found


def read_tool(name: str, description: str, schema: Schema) -> Tool:
    """Flatten one tool."""
    import dataclasses

    root = resolve(schema, schema)
    params = tuple(dataclasses.replace(p, order=i) for i, p in enumerate(leaves(root, root)))
    words = frozenset(_content(name.replace("_", " "))) | frozenset(_content(description[:600]))
    return Tool(name, description, root, params, words, tuple(p for p in params if p.required))
