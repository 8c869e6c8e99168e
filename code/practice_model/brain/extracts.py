"""Longer and softer values: free text, subjects, reasons, flags, choices, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from practice_model.brain import classify
from practice_model.brain.entities import WEEKDAYS, Entity
from practice_model.brain.parameters import Parameter
from practice_model.brain.phrases import Clause, strip_determiners
from practice_model.brain.words import is_common, kinship, name_parts, stem, stems

Made = dict[tuple[str, ...], tuple[Any, float]]
_LABEL = re.compile(r"^[ \t>*#-]*([A-Za-z][\w /-]{0,30}?)\*{0,2}[ \t]*[:=][ \t]*(\S.*)$", re.M)
POLITE = re.compile(
    r"^(?:(?:please|kindly|hey|hi|hello|ok|okay|so|now|then|and|also|great|thanks|well|actually)"
    r"\b[,.! ]*|(?:can|could|would|will) you (?:please |kindly |also )?|"
    r"i(?:['’]d| would) (?:like|love|want) (?:you )?to |i (?:want|need) (?:you )?to |"
    r"i want you to |(?:don['’]?t|do not) forget to |help me (?:to )?|"
    r"let['’]?s |we need to |you should )+",
    re.I,
)
_SEARCH_LEAD = re.compile(
    r"^(?:search(?: (?:the|our|my))?(?: (?:web|internet|library|documents?|docs|knowledge base|"
    r"files|notes|archive|database|catalogue|catalog))?(?: online)?(?: (?:for|about|on))?|"
    r"google|look(?: it)? up|look for|look into|find(?: out| me)?(?: (?:some |more )?"
    r"(?:information|info|facts|sources|material|out|documents|articles))?"
    r"(?: (?:about|on|for|regarding))?|"
    r"research|investigate|check(?: online)?|(?:do|have) (?:you|we) (?:have |got |sell |stock )?"
    r"(?:anything|something|any)(?: (?:on|about|for))?|(?:i am|i['’]m|we are|we['’]re) "
    r"(?:looking|searching) for|(?:is|are) there (?:any(?:thing)?|some)(?: (?:on|about|for))?|"
    r"show(?: me| us)?(?: (?:some|all|the))?|tell me (?:more )?(?:about|something about)?|"
    r"give me (?:information|facts|an overview) (?:on|about|of)|"
    r"gather (?:facts|information|sources) (?:on|about)|"
    r"(?:do|run|make) (?:a )?(?:web )?(?:search|research) (?:for|on|about)|"
    r"what (?:do|does) (?:we|our \w+|the \w+) (?:know|say) (?:about|on)|"
    r"(?:what|who|where|when)(?: is| are| was| were|['’]s)(?: the)?|explain|describe|"
    r"write (?:an?|the) .{0,40}?\b(?:about|on)|prepare .{0,30}?\b(?:about|on)|"
    r"i need (?:information|facts|sources) (?:about|on))\s+",
    re.I,
)


@lru_cache(maxsize=1024)
def _labels(text: str) -> tuple[tuple[str, str, int, int], ...]:
    return tuple(
        (" ".join(stem(p) for p in name_parts(m[1])), m[2].strip(), m.start(2), m.end(2))
        for m in _LABEL.finditer(text)
        if not m[2].startswith("//")
    )


def labels(text: str) -> dict[str, tuple[str, int, int]]:
    """Lines such as "Topic: bees": the label's stems to its value and span."""
    return {label: (value, a, b) for label, value, a, b in _labels(text) if label}


def strip_polite(text: str) -> str:
    """Drop "could you please" and its kin from a request's start."""
    return POLITE.sub("", text.strip())


def moment(entity: Entity, clause: Clause, parameter: Parameter) -> Any:
    """A date joined with the time that stands near it."""
    if entity.kind == "time":
        if any(e.kind in ("date", "when") for e in clause.entities):
            return None
        return entity.value
    times = [e for e in clause.entities if e.kind == "time"]
    if not times:
        return entity.value
    time = min(times, key=lambda e: abs(e.start - entity.start)).value
    joined = (
        f"{entity.value}T{time}"
        if parameter.schema.get("format") == "date-time"
        else (f"{entity.value} {time}")
    )
    return joined


def when(clause: Clause) -> str:
    """The words that tell when, as they were said."""
    spans = [e for e in clause.entities if e.kind in ("when", "date", "time")]
    if not spans:
        return ""
    start, end = spans[0].start, spans[0].end
    for entity in spans[1:]:
        if entity.start - end <= 6:
            end = entity.end
    return clause.text[start:end].strip()


def choices(parameter: Parameter, clause: Clause) -> list[tuple[float, Any, int, int]]:
    """Options of an enum that the clause names, or hints at."""
    text = clause.text
    found: list[tuple[float, Any, int, int]] = []
    options = parameter.schema.get("enum") or [parameter.schema.get("const")]
    lower = text.lower()
    for option in options:
        if option is None:
            continue
        plain = str(option).lower().replace("_", " ").replace("-", " ")
        for shape in {plain, str(option).lower()}:
            where = re.search(rf"(?<!\w){_shape(shape)}(?:s|ly)?(?!\w)", lower)
            if where and (len(shape) > 1 or _alone(parameter, clause, where.start(), option)):
                bonus = 0.5 * len(plain.split())
                before = clause.before(where.start(), 3) + clause.after(where.end(), 1)
                if any(kinship(cue, word) >= 0.6 for cue in parameter.cues for word in before):
                    bonus += 1.5
                found.append((3 + bonus, option, where.start(), where.end()))
                break
    if not found:
        for option in options:
            parts = [stem(p) for p in name_parts(str(option))]
            for word in re.finditer(r"[^\W\d_]{3,}", lower):
                one = stem(word.group())
                if len(parts) == 1 and parts[0] == one:
                    found.append((2.5, option, word.start(), word.end()))
    return found


_EVERY = {
    "hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year",
    "annually": "year", "quarterly": "quarter",
}  # fmt: skip
_DAYS = {day[:3]: day for day in WEEKDAYS}


def _shape(option: str) -> str:
    """An option as it may be said: `weekly` as "every week", `mon` as "Monday"."""
    if option in _EVERY:
        return rf"(?:{option}|(?:every|each|per|a|once a) {_EVERY[option]})"
    if option in _DAYS:
        return rf"(?:{_DAYS[option]}|{option})"
    return re.escape(option)


def _alone(parameter: Parameter, clause: Clause, start: int, option: Any) -> bool:
    if clause.text[start : start + 1] != str(option)[:1]:
        return False
    near = clause.before(start, 2) + clause.after(start + 1, 2)
    return any(kinship(cue, word) >= 0.6 for cue in parameter.cues for word in near)


def free_text(
    parameters: Sequence[Parameter], clause: Clause, taken: list[tuple[int, int]], made: Made
) -> None:
    """Fill the parameters that take sentences: bodies, subjects, reasons, queries, notes."""
    quotes = [
        e
        for e in clause.entities
        if e.kind in ("quoted", "code") and not any(a < e.end and e.start < b for a, b in taken)
    ]
    wanting = [p for p in parameters if p.role in _FREE and p.path not in made]
    _quoted(wanting, quotes, clause, made)
    for parameter in wanting:
        if parameter.path in made:
            continue
        finder = _FREE[parameter.role]
        value = finder(parameter, clause, taken)
        if parameter.role == "query":
            value = _before_taken(trimmed(value, parameters, made), clause, taken)
        if value:
            made[parameter.path] = (value, 2.0)
    body = next((made[p.path][0] for p in parameters if p.role == "body" and p.path in made), "")
    for parameter in wanting:
        if parameter.role == "title" and parameter.path not in made and parameter.required:
            value = heading(body) if body else ""
            if value:
                made[parameter.path] = (value, 1.6)


def _before_taken(value: str, clause: Clause, taken: Sequence[tuple[int, int]]) -> str:
    """A search's words without a last phrase with a number that another parameter took."""
    at = clause.text.find(value)
    for phrase in clause.phrases:
        numbers = [
            e.start for e in clause.entities
            if e.kind in ("number", "money", "percent") and (e.start, e.end) in taken
        ]  # fmt: skip
        inside = any(phrase.start <= start < phrase.end for start in numbers)
        if phrase.lead and inside and at < phrase.start - len(phrase.lead) < at + len(value):
            return value[: phrase.start - at].rstrip().removesuffix(phrase.lead).rstrip(" ,")
    return value


def _quoted(wanting: list[Parameter], quotes: list[Entity], clause: Clause, made: Made) -> None:
    for quote in quotes:
        near = clause.before(quote.start, 4)
        best, top = None, -1.0
        for rank, parameter in enumerate(wanting):
            if parameter.path in made:
                continue
            score = 0.4 if parameter.required else 0.0
            for cue in parameter.cues:
                for distance, word in enumerate(near):
                    score = max(score, kinship(cue, word) * (2 - 0.3 * distance))
            if parameter.role == "title" and near[:1] and near[0] in _TITLED:
                score += 1.0
            if parameter.role in ("body", "text") and near[:1] and near[0] in _SAID:
                score += 1.0
            if parameter.role == "reason":
                score -= 0.5
            score -= rank * 0.01
            if score > top:
                best, top = parameter, score
        if best is not None:
            made[best.path] = (quote.value, 4.0)


_TITLED = frozenset(stem(w) for w in ("titled", "called", "named", "title", "subject", "about"))
_SAID = frozenset(
    stem(w)
    for w in ("saying", "says", "say", "body", "message", "text", "content", "write", "that")
)


def _clean(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,;:-\"'“”")
    return text.strip()


def _body(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    text = clause.text
    patterns = (
        r"\b(?:saying|says|stating|which says|that says|reading|"
        r"telling (?:him|her|them|us|everyone)|"
        r"with the (?:message|text|body|content))\b[: ]+(?:that )?(.+)$",
        r"\b(?:tell|telling|inform|informing|let|remind|warn|notify|ask)\w* .{0,60}?"
        r"\b(?:that|know)\b"
        r"(?: that)?[: ]+(.+)$",
        r"\b(?:tell|inform|notify|warn|e-?mail|mail|message|write|remind)\w* (?:to )?\S+@\S+\w,? "
        r"((?!about|with|that|to\b|for\b|and\b|the (?:result|summary)).+)$",
        r"\bthat\b (?!(?:has|have|is|was|are|were|can|will)\b)(.+)$",
        r"\bask\w*\b .{0,40}?\b((?:to|whether|if|for|when|how|why|where|what)\b .+)$",
        r"(?<!https)(?<!http)(?<!\d):\s+(.+)$",
        r"\b(?:about|regarding|concerning)\b (.+)$",
    )
    for pattern in patterns:
        if found := re.search(pattern, text, re.I | re.S):
            value = _clean(found[1])
            if value and not anaphoric(value):
                return _sentence(value)
    return ""


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in ".!?" else f"{text}."


_ANAPHORA = re.compile(
    r"^(?:it|this|that|them|those|these|the (?:result|results|answer|summary|report|findings|draft|"
    r"text|content|total|output|information|details|outcome|translation|same)|what you found|"
    r"(?:its|their|the) (?:status|statuses|totals?|prices?|details|state|results?)|"
    r"everything|a summary|the above)(?: (?:of|from|to|above|there|then) ?.{0,40})?\.?$",
    re.I,
)


def anaphoric(text: str) -> bool:
    """Whether a phrase only points at something said or found elsewhere."""
    return bool(_ANAPHORA.match(text.strip(" .,")))


def _reason(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    found = re.search(
        r"\b(?:because(?: of)?|since|due to|on account of|"
        r"as(?= (?:i|we|it|the|they|he|she|his|her|their|my|our)\b)|"
        r"reason(?: is|:)?|(?:on the )?grounds that)\s+(.+)$",
        clause.text,
        re.I | re.S,
    )
    if found:
        return _clean(found[1]).rstrip(".?!")
    told = str(parameter.schema.get("description") or "")
    if re.match(r"\W*(?:what (?:it|this) is for|what for|purpose)\b", told, re.I) and (
        found := re.search(r"\bfor ((?:a|an|the|my|our|his|her|their|this)\b [^,.;]+)", clause.text)
    ):
        return _clean(strip_determiners(found[1]))
    if found := re.search(
        r"[,–-]\s+((?:he|she|they|it|we|i)(?:['’]\w+)?\s(?!(?:can|could|should|may|will|want)\b)"
        r"[^,;.!?]+)[.!]?$",
        clause.text,
        re.I,
    ):
        return _clean(found[1])
    if parameter.required and (found := re.search(r"(?<=\w)[:,–-]\s+([^:,]+)$", clause.text)):
        return _clean(found[1]).rstrip(".")
    if parameter.required and (
        found := re.search(r"\bfor (?:a |an |the )?((?!order|\d)[a-z].+)$", clause.text)
    ):
        return _clean(found[1]).rstrip(".")
    return ""


def _title(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    text = clause.text
    patterns = (
        r"\b(?:titled|called|named|entitled|headed)\s+(.+?)"
        r"(?=,| (?:with|on|at|for|to|and)\b|[.!?]?$)",
        r"\b(?:subject|title)\b(?: line)?[: ]+(?:is )?(.+?)(?=,| and | with |[.!?]?$)",
    )
    for pattern in patterns:
        if found := re.search(pattern, text, re.I):
            return _clean(found[1])
    if found := re.search(r"(?<!https)(?<!http)(?<!\d):\s+(.+)$", text, re.S):
        return _clean(found[1]).rstrip(".")
    if found := re.search(
        r"\b(?:remind \w+(?: \w+)?|remember|don['’]t (?:let me )?forget) "
        r"(?:to|about|of|that) (.+)$",
        text,
        re.I,
    ):
        value = re.sub(r"[ ,]*\b(?:due|by|on|until)?$", "", _without_time(clause, found.start(1)))
        return re.sub(r",[^,]*\b(?:priority|urgent|important|tagged|labelled)\b.*$", "", value)
    if found := re.search(
        r"\b(?:task|todo|to-do|reminder|note|item|entry)\b(?: list)?,? "
        r"(?:to|for|about|that)\s+(.+)$",
        text,
        re.I,
    ):
        value = _without_time(clause, found.start(1))
        return re.sub(r"[ ,]*\b(?:due|by|on|until)?$", "", value)
    told = re.search(r"\b(?:that|saying|says|tell\w*)\b", text, re.I)
    about = re.search(r"\b(?:about|regarding|concerning|on)\s+(?!\d)(.+)$", text, re.I)
    if about and not (told and told.start() < about.start()):
        value = _clean(about[1])
        if not any(text.find(value) <= a < text.find(value) + 3 for a, _ in taken):
            return value[:1].upper() + value[1:].rstrip(".?!")
    if not parameter.required:
        return ""
    if value := _object(clause, parameter):
        return value
    if re.search(r"\b(summary|problem|describe|issue)\b", str(parameter.schema), re.I):
        return _sentence(strip_polite(_clean(text)))
    return ""


_MAKING = frozenset(
    stem(w)
    for w in ("create", "schedule", "plan", "add", "arrange", "book", "put", "open", "set", "make",
              "organise", "organize", "start", "enter", "file", "note", "draft", "write")
)  # fmt: skip


def _object(clause: Clause, parameter: Parameter) -> str:
    """What is to be made, where a request names it and nothing else: "schedule a fire drill".

    The bare word for such things ("add a task") names none of them.
    """
    bare = strip_polite(clause.text)
    found = re.match(
        r"(\w+)(?: up| in| down)? (?:an?|the|my|our|some) "
        r"([^,.;:!?\d]+?)"
        r"(?= (?:on|at|for|with|in|from|to|by|every|next|this|tomorrow|today|into)\b|"
        r"[,.;:!?]|\s\d|$)",
        bare,
        re.I,
    )
    if not found or stem(found[1]) not in _MAKING:
        return ""
    value = _clean(found[2])
    bare_words = _CONTAINERS | parameter.cues | parameter.hints
    words = [w for w in value.split() if stem(w) not in bare_words]
    return value[:1].upper() + value[1:] if words and len(value.split()) <= 6 else ""


_CONTAINERS = frozenset(
    stem(w)
    for w in ("event", "task", "ticket", "issue", "note", "appointment", "entry", "item", "new",
              "calendar", "page", "document", "file", "playlist", "reminder", "urgent", "draft",
              "pull", "request", "card", "meeting", "post", "record", "report", "critical", "high",
              "low", "priority", "support", "bug", "minor", "major", "quick", "email", "message",
              "letter", "mail", "summary", "list")
)  # fmt: skip


def heading(text: str, words: int = 8) -> str:
    """A short heading out of a text's first sentence."""
    body = re.sub(r"^(?:hello|hi|dear|good \w+)\b[^.!?\n]*\n+", "", text.strip(), flags=re.I)
    first = re.split(r"(?<=[.!?])\s|\n", body)[0].rstrip(".!?")
    parts = first.split()
    cut = parts[:words]
    while len(cut) > 1 and cut[-1].lower() in ("the", "a", "an", "of", "to", "and", "in", "for"):
        cut.pop()
    title = " ".join(cut)
    return title[:1].upper() + title[1:]


_FORMAT = re.compile(
    r"(?<=[.!?])\s+(?:please )?(?:return|respond|reply|answer|output|format|use|write)\b[^.!?\n]*"
    r"\b(?:json|xml|yaml|format|only|keys?|fields?|nothing other|schema|words?|sentences?)\b.*",
    re.I | re.S,
)


def query(text: str) -> str:
    """What a request is about, without the words that ask for it."""
    label = next(
        (
            value
            for key, (value, _, _) in labels(text).items()
            if key in ("topic", "query", "question", "task", "subject", "research", "request")
        ),
        "",
    )
    if label:
        return _clean(label).rstrip(".?!")
    body = _FORMAT.sub("", strip_polite(text)) or text
    body = re.split(r"(?<=[.!?])\s+(?=[A-Z])", body)[0] if len(body) > 200 else body
    for _ in range(3):
        shorter = strip_polite(_SEARCH_LEAD.sub("", body))
        if shorter == body or not shorter:
            break
        body = shorter
    body = _clean(body).rstrip("?!. ")
    return strip_determiners(body) or _clean(text)


_LIMITS = re.compile(
    r"(?:,|\s)+"
    r"(?:(?:that (?:is|are)|which (?:is|are)|and|but|with|for|at|only|please|if possible)\s+)*"
    r"(?:under|below|over|above|up to|less than|cheaper than|more than|at most|no more than|within|"
    r"costing|sorted|ordered|ranked|newest|cheapest|only|what['’]s|in stock|max|maximum|"
    r"between [\d$€£])\b.*$",
    re.I | re.S,
)


def trimmed(value: str, parameters: Sequence[Parameter], made: Made) -> str:
    """A search's words without the limits that other parameters took: prices, order, stock."""
    if not any(p.path in made and p.role != "query" for p in parameters):
        return value
    shorter = _LIMITS.sub("", value).strip(" ,")
    return shorter or value


_TOLD = ("about", "what", "task", "description", "topic", "instructions")


def _query(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    text = clause.text
    told = re.search(
        r"\b(?:remind|tell|ask)\w*\b (?:me|us|\w+) (?:to|about|of|that) (.+)$", text, re.I
    )
    if told and parameter.name in _TOLD:
        return _clean(_without_time(clause, told.start(1)))
    if found := re.search(r"\b(?:about|regarding|concerning)\s+(.+)$", text, re.I):
        value = _clean(found[1]).rstrip("?.!")
        return "" if anaphoric(value) else value
    value = query(text)
    if anaphoric(value):
        return ""
    return value


def _without_time(clause: Clause, start: int) -> str:
    text = clause.text
    for entity in reversed(clause.entities):
        if entity.kind in ("when", "date", "time") and entity.start >= start:
            head = re.sub(r"\b(?:on|at|in|by|every)\s*$", "", text[: entity.start])
            text = head + text[entity.end :]
    return re.sub(r"\s+", " ", text[start:]).strip(" .,")


def _text(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    if found := re.search(r"(?<!https)(?<!http)(?<!\d):\s+(.+)$", clause.text, re.S):
        return _clean(found[1])
    value = _body(parameter, clause, taken)
    if value or not parameter.required:
        return value
    shape = r"^\W*\w+\s+(?:the (?:text|sentence|phrase|word|note)\s+)?(.+?)"
    shape += r"(?:\s+(?:into|to|in)\s+\w+)?\W*$"
    found = re.match(shape, strip_polite(clause.text), re.S)
    return _clean(found[1]) if found and not anaphoric(found[1]) else ""


def _code(parameter: Parameter, clause: Clause, taken: list[tuple[int, int]]) -> str:
    sql = re.search(r"\b(?:select|insert|update|delete|create)\b .+$", clause.text, re.I | re.S)
    if sql and re.search(r"\b(from|into|set|table)\b", sql[0], re.I):
        return sql[0].strip()
    if found := re.search(r"[-(]?\d[\d.,]*(?:\s*[-+*/^%×÷]\s*[(]*-?\d[\d.,]*[)]*)+", clause.text):
        return found[0].strip().rstrip(".,").replace("×", "*").replace("÷", "/").replace("^", "**")
    worded = classify.spoken_sum(clause.text)
    if worded:
        return worded
    if found := re.search(r":\s+(.+)$", clause.text, re.S):
        return found[1].strip()
    return ""


_FREE = {
    "body": _body,
    "text": _text,
    "reason": _reason,
    "title": _title,
    "query": _query,
    "code": _code,
}


_MEMBER = r"(?:[^\W_][\w'’/&-]*|\"[^\"]+\")(?: (?!(?:and|or)\b)[^\W_][\w'’-]*)?"


def _announced(parameter: Parameter, clause: Clause) -> list[str]:
    """The members right behind the list's own name: "labels red, blue and green"."""
    for word in re.finditer(r"[^\W\d_]+", clause.text):
        if not any(kinship(cue, stem(word.group())) >= 1.0 for cue in parameter.cues):
            continue
        run = re.match(
            rf"(?:ged|ed|led)?(?: (?:it|them))?(?: (?:with|as))?\s*:?\s+"
            rf"({_MEMBER}(?:, {_MEMBER})*(?:,? (?:and|or|&) {_MEMBER})?)",
            clause.text[word.end() :],
        )
        if run and not run[1].split()[0].lower().startswith(_NO_MEMBERS):
            parts = re.split(r",? (?:and|or|&) |, ", run[1])
            members = [strip_determiners(_tail(part)).strip('"') for part in parts]
            members = [m for m in members if m and not is_verb(m)]
            if members:
                return members
    return []


_NO_MEMBERS = ("of ", "for ", "to ", "on ", "in ", "is ", "are ")


def is_verb(words: str) -> bool:
    """Whether words open another deed: "tags red and close it"."""
    return bool(re.match(r"(?:then|also|please|close|send|tell|assign|set|make)\b", words, re.I))


def listed(
    parameter: Parameter, item: Parameter, clause: Clause, taken: Sequence[Any] = ()
) -> list[Any]:
    """The members of a coordination ("leeks, potatoes and cream") as a list's items.

    What is in `taken` went to other parameters.
    """
    text = clause.text
    if item.role in ("choice",):
        found = choices(item, clause)
        return [value for _, value, _, _ in sorted(found, key=lambda f: f[2])]
    if item.kind in ("integer", "number"):
        return [
            e.value
            for e in clause.entities
            if e.kind in ("number", "money", "percent")
            and (item.kind == "number" or isinstance(e.value, int))
        ]
    told = parameter_role(parameter)
    role = told if told in ("email", "url") or item.role not in _LIST_KINDS else item.role
    kinds = _LIST_KINDS.get(role)
    if kinds:
        return [e.value for e in clause.entities if e.kind in kinds]
    announced = _announced(parameter, clause)
    if announced:
        return announced
    quotes = [e.value for e in clause.entities if e.kind == "quoted" and e.value not in taken]
    if quotes:
        return quotes
    bullets = re.findall(r"^[ \t]*(?:[-*•]|\d+[.)])[ \t]+(.+)$", text, re.M)
    if bullets:
        return [_clean(b) for b in bullets]
    chunk = r"[^\W_][\w'’-]*(?: [^\W_][\w'’-]*){0,2}"
    runs = re.findall(rf"({chunk}(?:, {chunk})*,? (?:and|or|&) {chunk})", text)
    if runs:
        members = re.split(r",? (?:and|or|&) |, ", max(runs, key=len))
        members[0] = _last_noun(members[0])
        return [strip_determiners(_tail(m)) for m in members if m.strip()]
    single = re.search(r"\b(?:with|using|from|of|for|about|tags?|:)\s+([\w'’-]+)\W*$", text, re.I)
    if single:
        return [single[1]]
    names = [e.value for e in clause.entities if e.kind in ("name", "id", "host", "language")]
    return names


_LIST_KINDS = {
    "email": ("email",),
    "url": ("url",),
    "path": ("path",),
    "date": ("date",),
    "id": ("id", "number"),
    "place": ("name",),
    "person": ("name",),
    "language": ("language",),
    "currency": ("currency",),
}


def parameter_role(parameter: Parameter) -> str:
    """The role that a list's name and description give its items."""
    told = f"{parameter.name} {parameter.schema.get('description') or ''}".lower()
    told += (
        str((parameter.schema.get("items") or {}).get("description") or "").lower()
        if isinstance(parameter.schema.get("items"), dict)
        else ""
    )
    for role, pattern in (
        ("email", r"e-?mail"),
        ("url", r"\burls?\b|\blinks?\b"),
        ("path", r"\bfiles?\b|\bpaths?\b"),
        ("date", r"\bdates?\b"),
        ("place", r"\bcities\b|\bcity\b|\bplaces\b|\blocations?\b|\bcountries\b"),
        ("person", r"\bpeople\b|\bpersons?\b|\bnames\b|\bguests\b|\battendees\b|\bparticipants\b"),
        ("language", r"\blanguages?\b"),
        ("id", r"\bids\b|\bnumbers of\b|_ids\b"),
    ):
        if re.search(pattern, told):
            return role
    return ""


def _last_noun(text: str) -> str:
    words = text.split()
    for position in range(len(words) - 1, -1, -1):
        low = words[position].lower()
        if low in _CUT or (is_common(low) and position == 0 and len(words) > 1):
            return " ".join(words[position + 1 :])
    return text


def _tail(text: str) -> str:
    words = text.split()
    for position, word in enumerate(words):
        if position and word.lower() in _CUT:
            return " ".join(words[:position])
    return text


_CUT = frozenset(
    (
        "with",
        "using",
        "from",
        "of",
        "for",
        "about",
        "cook",
        "use",
        "have",
        "to",
        "it",
        "label",
        "tags",
        "tag",
        "on",
        "in",
        "at",
        "as",
        "by",
        "buy",
        "add",
        "contains",
        "is",
        "are",
        "please",
    )
)


def topic_stems(text: str) -> frozenset[str]:
    """What a text is about, as stems."""
    return frozenset(stems(query(text)))
