"""Choices among a few values: options of an enum, and yes or no."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from practice_model.lexicon import table, words
from practice_model.mind.assign import Binding
from practice_model.mind.parameters import Param, Tool, name_words
from practice_model.mind.reading.model import Span
from practice_model.mind.reading.tokens import function_word, singular, stem, tokens


def mentions(option: Any, text: str) -> tuple[int, int, float] | None:
    """Find where a text names an option: (start, end, how surely)."""
    name = str(option)
    low = text.lower()
    toks = list(tokens(text))
    wanted = list(name_words(name)) or [name.lower()]
    if len(name) < 2 or function_word(name.lower()):
        low, wanted = text, []  # "A" is a kind of record, "a" is an article
    for phrase, sure in ((name if low is text else name.lower(), 1.0), (" ".join(wanted), 1.0)):
        at = low.find(phrase) if phrase else -1
        while at >= 0:
            end = at + len(phrase)
            if not low[max(0, at - 1) : at].isalnum() and not low[end : end + 1].isalnum():
                return at, end, sure
            at = low.find(phrase, at + 1)
    stems = [stem(w) for w in wanted if not function_word(w)]
    if not stems:
        return None
    hits = [t for t in toks if t.is_word and stem(t.low) in stems]
    if len({stem(t.low) for t in hits}) == len(set(stems)):
        return hits[0].start, hits[-1].end if len(stems) > 1 else hits[0].end, 0.85
    if len(stems) == 1:
        for token in toks:
            for synonyms in table("families")["options"].values():
                group = synonyms.split()
                if singular(token.low) in group and (wanted[0] in group):
                    return token.start, token.end, 0.7
    return None


def named(options: Sequence[Any], text: str) -> list[Any]:
    """Return the options that a text names and does not deny, in its order."""
    hits = [(mentions(option, text), option) for option in options]
    kept = [(hit[0], option) for hit, option in hits if hit and not negated(text, hit[0])]
    return [option for _, option in sorted(kept, key=lambda pair: pair[0])]


def negated(text: str, start: int) -> bool:
    """Tell that a mention is denied: "not in colour", "no projector"."""
    before = [t.low for t in tokens(text[max(0, start - 40) : start])][-3:]
    for index, word in enumerate(before):
        if word in words("words", "negators") and "," not in before[index:]:
            return True
    after = re.match(r"[^\s,;.!?:]+:? ([^\s,;.!?:]+)(?: ([^\s,;.!?:]+))?", text[start:])
    near = [w.lower() for w in after.groups("")] if after else []
    return any(w in ("not", "no") or w.endswith(("n't", "n’t")) for w in near)


def _covers(one: tuple[int, int, float], other: tuple[int, int, float]) -> bool:
    """Tell that a mention lies over another one, and is longer or surer."""
    longer = one[1] - one[0] > other[1] - other[0] or one[2] > other[2]
    return one[0] <= other[0] and other[1] <= one[1] and longer


def chosen(tool: Tool, text: str, spans: Sequence[Span], offset: int = 0) -> list[Binding]:
    """Bind the options that a text names; several in a row come as several bindings."""
    found: list[Binding] = []
    for param in tool.params:
        if not param.options or param.kind == "array" or param.kind == "boolean":
            continue
        hits = [
            (hit, option)
            for option in param.options
            if (hit := mentions(option, text))
            and not negated(text, hit[0])
            and (hit[2] == 1 or text[: hit[0]].strip())
        ]
        hits = [h for h in hits if not any(_covers(o[0], h[0]) for o in hits if o is not h)]
        hits.sort(key=lambda h: (-h[0][2], h[0][0]))
        paid = next((s for s in spans if s.kind == "money" and s.unit in param.options), None)
        if not hits and paid is not None and param.sense == "currency":
            found.append(Binding(param, paid.unit, None, 1.0))
        for (start, end, sure), option in hits[:8]:
            if sure < hits[0][0][2]:
                continue
            span = Span(start + offset, end + offset, "option", text[start:end], option)
            span = replace(span, group=0) if len(hits) > 1 else span
            found.append(Binding(param, option, span, sure))
    return found


def booleans(tool: Tool, text: str, verb: str) -> list[Binding]:
    """Bind the yes-or-no parameters that a text decides."""
    found = []
    for param in [p for p in tool.params if p.kind == "boolean"]:
        value = polarity(param, text, tool)
        if value is not None:
            found.append(Binding(param, value, None, 0.8))
    return found


def polarity(param: Param, text: str, tool: Tool | None = None) -> bool | None:
    """Decide a yes-or-no parameter from a text; None where it says nothing about it."""
    toks = [t for t in tokens(text) if t.is_word or t.text in ",.;"]
    own = {stem(w) for w in name_words(param.name) if not function_word(w)} - {"is", "can", "has"}
    described = param.description.lower()
    names = own | (
        {stem(w) for w in name_words(param.description) if not function_word(w)}
        - (tool.words if tool else frozenset())
        - {"whether", "only", "true", "false", "show", "hav", "want", "take", "mak", "use"}
    )
    plus, minus = _poles(param, described)
    for token in toks:
        root = stem(token.low)
        if root in minus and root not in own and token.low not in own:
            return negated(text, token.start)
        if root in plus or (root in own and root not in minus):
            return not negated(text, token.start)
    for token in toks:
        if stem(token.low) in names and len(token.low) > 3 and not param.required:
            return not negated(text, token.start)
    return None


def _poles(param: Param, described: str) -> tuple[set[str], set[str]]:
    """Return the words that mean yes and no for a parameter, by pairs of opposites."""
    named = {stem(w) for w in name_words(param.name)}
    told = {stem(w) for w in name_words(described)[:8]}
    plus: set[str] = set()
    minus: set[str] = set()
    for first, second in table("senses")["polarity"]["pairs"]:
        yes, no = {stem(w) for w in first.split()}, {stem(w) for w in second.split()}
        if yes & named or (yes & told and not no & named):
            plus |= yes
            minus |= no
        elif no & named or no & told:
            plus |= no
            minus |= yes
    return plus, minus - plus
