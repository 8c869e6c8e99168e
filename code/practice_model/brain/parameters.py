"""What a tool's parameter wants, read from its name, type, format and description."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from practice_model.brain import schema as schemas
from practice_model.brain.words import STOP, name_parts, phrase_stems, stem

_GENERIC_WORDS = """
name number value the string text id list of who what whether how many which optional required
default format iso code first second e g eg example etc user input field type given new
"""
_GENERIC = frozenset(stem(word) for word in _GENERIC_WORDS.split()) | STOP


@dataclass(frozen=True)
class Parameter:
    """A leaf of a schema: where it is, what it wants, and the words that point at it."""

    path: tuple[str, ...]
    schema: dict[str, Any]
    required: bool
    nullable: bool
    kind: str
    role: str
    direction: str
    cues: frozenset[str]
    hints: frozenset[str]

    @property
    def name(self) -> str:
        """The property's own name."""
        return self.path[-1] if self.path else ""

    @property
    def exclusive(self) -> bool:
        """Whether another parameter may not take the same span."""
        return self.role not in ("query", "body", "title", "reason", "text", "flag")


_BY_NAME: tuple[tuple[str, str], ...] = (
    (r"(.*_)?(e_?mails?|mail)(_address(es)?)?|mail_address", "email"),
    (r"urls?|uri|link|website|webpage|homepage", "url"),
    (r"paths?|file|filename|file_path|filepath|directory|folder", "path"),
    (r"domain|hostname_?fqdn", "domain"),
    (r"(.*_)?(language|lang|locale)", "language"),
    (r"(.*_)?currency(_code)?", "currency"),
    (r"(.*_)?(datetime|timestamp)|start(_time)?|end(_time)?|deadline|due", "datetime"),
    (r"(.*_)?(date|day|birthday|dob)|check_?(in|out)(_date)?", "date"),
    (r"(.*_)?(time|hour)", "time"),
    (r"when|remind_at", "when"),
    (r"(.*_)?(sku|isbn|iban|vin|ean|code|reference|ref|identifier|uuid|key|zip|zip_?code|"
     r"postcode|postal_code|phone|phone_number|ticket|account)", "id"),
    (r"(.*_)?(id|ids|number|no|nr)", "id"),
    (r"city|town|location|place|country|region|state|destination|origin|station|airport|address|"
     r"source_city|from_city|to_city|departure|arrival|from|venue|(.*_)(city|airport|station|"
     r"location|country|place)", "place"),
    (r"street|street_address|address_line.*", "street"),
    (r"(.*_)?(person|employee|patient|doctor|customer|client|user|author|assignee|recipient|"
     r"sender|owner|guest|passenger|contact|buyer|member|student|colleague|manager|attendee|"
     r"username|artist|director|performer|driver|tenant)s?(_name)?|(full|first|last|given)_?name|"
     r"surname|by|who|to", "person"),
    (r"body|message|content|contents|msg|text_?body|email_body|email_content", "body"),
    (r"(.*_)?(reason|justification|cause|why|rationale|explanation)", "reason"),
    (r"subject|title|headline|heading|subject_line|summary|short_description", "title"),
    (r"query|q|question|search|search_(query|term|terms|text|string)|keywords?|terms?|topic|"
     r"prompt|request|task|about|input|instructions?|goal|objective|(task_)?description|theme|"
     r"issue|problem|what|research_topic|research_question|subject_matter|task_description",
     "query"),
    (r"sql|code|command|cmd|script|expression|expr|formula|equation|regex|snippet|statement",
     "code"),
    (r"text|note|notes|comment|comments|remark|remarks|details|feedback|draft|document|answer|"
     r"response|reply|paragraph|sentence|statement|passage|article|review|caption", "text"),
    (r"restaurant|hotel|company|organisation|organization|brand|product|product_name|shop|store|"
     r"book|movie|film|song|(.*_)?name|team|project|event|item|model", "name"),
)  # fmt: skip
_BY_TEXT: tuple[tuple[str, str], ...] = (
    (r"e-?mail address|\be-?mail\b", "email"),
    (r"\burl\b|web address|\blink\b", "url"),
    (r"yyyy-mm-dd ?(t|hh|and time)|date and time|iso 8601 datetime", "datetime"),
    (r"yyyy-mm-dd|\bdate\b|\bday\b", "date"),
    (r"hh:mm|time of day", "time"),
    (r"\blanguage\b", "language"),
    (r"currency", "currency"),
    (r"\bfile\b|\bpath\b", "path"),
    (r"\bcity\b|\btown\b|\blocation\b|\bplace\b|\bcountry\b|\bstation\b|\bairport\b", "place"),
    (
        r"\bnumber of the\b|\bidentifier\b|"
        r"\b(order|invoice|ticket|account|article|item|part|product|"
        r"customer|case|booking|tracking|serial|reference|parcel|loan|member) (number|id|code)\b",
        "id",
    ),
    (r"\b(?:last|first|final)? ?(?:\w+ )?digits\b", "id"),
    (
        r"(full )?name of (the |a )?(person|customer|employee|client|patient)|\bwho\b|full name",
        "person",
    ),
    (r"\bsql\b|\bcode\b|\bexpression\b|\bcommand\b", "code"),
    (r"search|\bquery\b|\bquestion\b|\btopic\b|keywords", "query"),
    (r"\bbody\b|\bmessage\b|\bcontents?\b", "body"),
    (r"one sentence|short description|headline|\bheading\b|\bsubject\b", "title"),
    (r"\bwhy\b|\breason\b", "reason"),
)
_NUMBERED = re.compile(
    r"^\W*(?:the )?(?:\w+ )?(?:id|identifier)\W*$|^\W*(?:the )?(?!first|second|third|other|random|"
    r"whole|total|large|small|natural|any|input|positive|lower|upper|max|min|given|an?\b)\w+"
    r" number\W*$|\bnumber of (?:the|an?) \w+(?: \w+)?\W*$|\b(?:id|identifier) of (?:the|an?)\b",
    re.I,
)
_WORKS = re.compile(r"\b(?:book|film|movie|song|album|novel|play|show|series|game|track)\b", re.I)
_FROM = re.compile(
    r"(^|_)(from|origin|source|src|departure|start|first|begin|since|check_?in|min|sender|giver|"
    r"payer|old)(_|$)"
)
_TO = re.compile(
    r"(^|_)(to|destination|dest|target|arrival|end|last|until|till|check_?out|max|receiver|"
    r"recipient|payee|return|new|due|by)(_|$)"
)


def snake(name: str) -> str:
    """A name in snake_case."""
    return "_".join(name_parts(name))


def role_of(name: str, schema: dict[str, Any], kind: str) -> str:
    """The role a leaf plays: email, date, place, person, amount, query …"""
    if schema.get("enum") or "const" in schema:
        return "choice"
    if kind == "boolean":
        return "flag"
    key = snake(name)
    told = f"{schema.get('description') or ''} {schema.get('title') or ''}".lower()
    if kind in ("integer", "number"):
        if re.search(r"percent|pct|brightness|volume", key) or "percent" in told:
            return "percent"
        if re.search(r"(^|_)(amount|price|cost|total|sum|budget|fee|salary|value)(_|$)", key):
            return "amount"
        if re.search(r"(^|_)id$", key) or (kind == "integer" and _NUMBERED.search(told)):
            return "idnumber"
        return "count" if kind == "integer" else "number"
    if kind == "string" and re.search(r"(^|_)(amount|price|cost|budget|fee|salary)(_|$)", key):
        return "amount"
    form = str(schema.get("format") or "")
    by_format = {
        "email": "email", "uri": "url", "url": "url", "date": "date", "date-time": "datetime",
        "time": "time", "uuid": "id", "hostname": "domain",
    }  # fmt: skip
    if form in by_format:
        return by_format[form]
    if schema.get("pattern") == "^[A-Z]{3}$" and "currenc" in told + key:
        return "currency"
    found = next((role for pattern, role in _BY_NAME if re.fullmatch(pattern, key)), "")
    if found == "title" and _WORKS.search(told):
        found = "name"
    if found == "id" and re.match(r"\W*(?:what (?:it|this|for)|purpose|reason)\b", told):
        found = "reason"
    if found in ("", *_REFINES):
        for pattern, role in _BY_TEXT:
            if re.search(pattern, told):
                if key in _MOVES and role in ("date", "time", "datetime"):
                    return role  # "arrival" is a place but where a day or an hour is told
                if found and role not in _REFINES.get(found, ()):
                    continue
                return role
    return found or "thing"


_MOVES = ("arrival", "departure", "from")
_REFINES = {
    "datetime": ("datetime", "date", "time", "place"),
    "date": ("datetime",),
    "time": ("datetime",),
    "name": ("person",),
    "person": ("email", "id"),
    "id": (),
    "place": ("email", "url"),
    "text": ("id",),
    "query": ("reason",),
}


def make(path: tuple[str, ...], inner: Any, root: dict[str, Any], required: bool) -> Parameter:
    """Describe one leaf."""
    leaf, nullable = schemas.settle(inner, root)
    kind = schemas.kind_of(leaf)
    name = next((p for p in reversed(path) if not p.isdigit()), "")
    role = role_of(name, leaf, kind)
    if kind == "array":
        role = "list"
    parts = [stem(part) for part in name_parts(name)]
    told = str(leaf.get("description") or "")
    key = snake(name)
    if len(path) > 1 and not _FROM.search(key) and not _TO.search(key):
        key = "_".join(snake(part) for part in path if not part.isdigit())
    direction = "from" if _FROM.search(key) else "to" if _TO.search(key) else ""
    if not direction and len(told) < 60:
        low = told.lower()
        if re.search(r"\b(departure|starting|source|origin)\b", low):
            direction = "from"
        elif re.search(r"\b(arrival|destination|target|ending)\b", low):
            direction = "to"
        elif found := re.search(r"\b(from|into|onto)\W*$", low):
            direction = "from" if found[1] == "from" else "to"
    cues = frozenset(p for p in parts if p not in _GENERIC and len(p) > 1)
    hints = frozenset(w for w in phrase_stems(told) if w not in _GENERIC) - cues
    return Parameter(path, leaf, required, nullable, kind, role, direction, cues, hints)


def leaves(parameters: Any, limit: int = 60) -> tuple[Parameter, ...]:
    """All leaves of an object schema, through nested objects but not through arrays."""
    key = json.dumps(parameters, sort_keys=False, default=str)
    return _leaves(key, limit)


@lru_cache(maxsize=256)
def _leaves(key: str, limit: int) -> tuple[Parameter, ...]:
    root = json.loads(key)
    if not isinstance(root, dict):
        return ()
    found: list[Parameter] = []

    def walk(node: Any, path: tuple[str, ...], required: bool) -> None:
        if len(found) >= limit or len(path) > 5:
            return
        inner, _ = schemas.settle(node, root)
        properties = inner.get("properties")
        if schemas.kind_of(inner) == "object" and isinstance(properties, dict):
            names = inner.get("required")
            names = names if isinstance(names, list) else []
            for name, sub in properties.items():
                walk(sub, (*path, str(name)), required and name in names)
        elif path:
            found.append(make(path, node, root, required))

    walk(root, (), True)
    return tuple(found)
