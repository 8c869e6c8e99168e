"""The order of work that instructions tell: "First A, then B. If B objects, A again"."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practice_model.brain import verdicts
from practice_model.brain.words import name_parts, stem, stems

_IF = r"(?:if|when(?:ever)?|once|as soon as|in case|unless|until)"
_CONDITIONAL = re.compile(
    rf"^\W*(?:but |and |then )?(?P<word>{_IF})\b(?P<case>.+?)(?:,|\bthen\b)\s*(?P<what>.+)$",
    re.I | re.S,
)
_BACKWARDS = re.compile(rf"^(?P<what>.+?),?\s+(?P<word>{_IF})\b(?P<case>.+)$", re.I | re.S)
_ORDERED = re.compile(
    r"\b(?:first|then|next|after(?:wards)?|before|finally|last(?:ly)?|at the end|starts?|begins?|opens?|follow(?:s|ed)?|order|sequence|turn)\b|->|→",
    re.I,
)
_AFTER = re.compile(r"\b(?:after|follows)\b", re.I)
_MORE_THAN_DONE = re.compile(
    r"\b(?:is|are|has|have|was|be|been|being|it|they|the|a|an|its|their|his|her|work|answered|spoken|done|finished|ready|completed?|finish(?:es)?|reported|delivered|ends?|through|turn|any|all)\b",
    re.I,
)
_OBJECTING = re.compile(
    r"\b(?:changes?|object\w*|complain\w*|reject\w*|disapprov\w*|disagree\w*|dissatisf\w*|unhappy|bugs?|defects?|errors?|mistakes?|faults?|"
    r"problems?|issues?|fail\w*|wrong|revis\w*|corrections?|improve\w*|refus\w*|declin\w*|denie[sd]|unsupported|missing|criticism|criticis\w*)\b",
    re.I,
)
_AGREEING = re.compile(
    r"\b(?:approv\w*|accept\w*|agree\w*|content|happy|satisfied|pleased|pass(?:es|ed)?|fine|good|right|correct|ok|okay|convinced|clears?|confirm\w*)\b",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:no|not|nothing|never|without|isn['’]t|aren['’]t|doesn['’]t|don['’]t|hasn['’]t|none)\b",
    re.I,
)
_REPLACED = re.compile(r"^\W*(?:replaced later|see below|\.{3})\W*$", re.I)


@dataclass(frozen=True)
class Rule:
    """What comes next in a certain case: after whom, when what is said, and who then works."""

    whose: tuple[str, ...]
    case: str
    then: tuple[str, ...]
    unless: bool = False

    def holds(self, speaker: str, said: str, last: str) -> bool:
        """Whether the case is given after somebody's words; `last` is the last in the order."""
        if speaker not in (self.whose or (last,)):
            return False
        return self._given(said) is not self.unless

    def _given(self, said: str) -> bool:
        denied = bool(_DENIED.search(self.case))
        if _OBJECTING.search(self.case):
            return verdicts.objects(said) is not denied
        if _AGREEING.search(self.case):
            return verdicts.objects(said) is denied
        wanted = set(stems(_MORE_THAN_DONE.sub(" ", self.case))) - {
            stem(part) for name in self.whose for part in name_parts(name)
        }
        if not wanted:
            return True
        return (bool(wanted & set(stems(said))) and not _DENIED.search(said)) is not denied


@dataclass(frozen=True)
class Procedure:
    """An order of work with its cases."""

    order: tuple[str, ...]
    rules: tuple[Rule, ...]
    last: str
    """The last worker of the order, of whose words a case is that names nobody."""

    def next(self, done: Sequence[tuple[str, str]]) -> str | None:
        """Who works next after what was said, None when the order is at its end."""
        left = list(self.order)
        for place, (speaker, said) in enumerate(done):
            after = done[place + 1][0] if place + 1 < len(done) else None
            left = self._after(speaker, said, left, after)
        return left[0] if left else None

    def _after(self, speaker: str, said: str, left: list[str], after: str | None) -> list[str]:
        plain = left[left.index(speaker) + 1 :] if speaker in left else self._from(speaker)
        cases = [[*rule.then, *self._from(rule.then[-1])] for rule in self._rules(speaker)]
        if re.match(r"failed\b", said, re.I):
            return plain
        if _REPLACED.match(said):
            return next((way for way in (plain, *cases) if way and way[0] == after), plain)
        for rule in self._rules(speaker):
            if rule.holds(speaker, said, self.last):
                return [*rule.then, *self._from(rule.then[-1])]
        if verdicts.objects(said) and self._would_agree(speaker):
            back = self.order[max(0, self.order.index(speaker) - 1)]
            return [back, *self._from(back)]
        return plain

    def _rules(self, speaker: str) -> list[Rule]:
        return [rule for rule in self.rules if speaker in (rule.whose or (self.last,))]

    def _would_agree(self, speaker: str) -> bool:
        """Whether the only case told of somebody is that they agree."""
        told = self._rules(speaker)
        return (
            bool(told)
            and speaker in self.order
            and all(_AGREEING.search(rule.case) and not _DENIED.search(rule.case) for rule in told)
        )

    def _from(self, name: str) -> list[str]:
        return list(self.order[self.order.index(name) + 1 :]) if name in self.order else []


def read(text: str, workers: Sequence[str], finish: str | None) -> Procedure | None:
    """The order that instructions tell for these workers; None when they tell none."""
    names = [*workers, *([finish] if finish else [])]
    order: list[str] = []
    rules: list[Rule] = []
    for sentence in _sentences(text, workers):
        case = _CONDITIONAL.match(sentence)
        back = None if case else _BACKWARDS.match(sentence)
        here = _named(sentence, names)
        if case and (then := _named(case["what"], names)):
            rules.append(_rule(case, then, workers))
            continue
        if back and (then := _named(back["what"], names)):
            rules.append(_rule(back, then[-1:], workers))
            here = then[:-1]
        if not set(here) & set(workers) or not _ORDERED.search(sentence):
            continue
        if len(here) == 2 and _follows(sentence, here):
            here.reverse()
        order += [name for name in here if name not in order]
    first = [name for name in order if name != finish]
    if not first or (len(first) < 2 and not rules):
        return None
    if len({*first, *(name for rule in rules for name in rule.then)} - {finish}) < 2:
        return None
    return Procedure(tuple(order), tuple(rules), first[-1])


def _rule(case: re.Match[str], then: Sequence[str], workers: Sequence[str]) -> Rule:
    whose = _named(case["case"], workers)
    return Rule(
        tuple(name for name in whose if name != then[0]) or tuple(whose),
        case["case"],
        tuple(then),
        case["word"].lower() in ("unless", "until"),
    )


def _follows(sentence: str, here: Sequence[str]) -> bool:
    """Whether it says the later one first: "the editor comes after the translator"."""
    spans = _spans(sentence, here)
    return bool(_AFTER.search(sentence[spans[here[0]] : spans[here[1]]]))


def _sentences(text: str, workers: Sequence[str]) -> list[str]:
    """The sentences of instructions, without the list that says who is in the team."""
    told = "|".join(map(_shape, workers))
    plain = re.sub(
        rf"^\s*(?:[-*•]|\d+[.)])?\s*[\"'`*]*(?:{told})[\"'`*]*\s*[:(–—-].*$",
        "",
        text,
        flags=re.I | re.M,
    )
    return [piece.strip() for piece in re.split(r"(?<=[.!?;])\s+|\n+", plain) if piece.strip()]


def _shape(name: str) -> str:
    return r"[\s_-]?".join(map(re.escape, name_parts(name)))


def _spans(text: str, names: Sequence[str]) -> Mapping[str, int]:
    found = {}
    for name in names:
        shape = rf"(?<![\w-]){_shape(name)}(?:s|['’]s)?(?![\w-])"
        match = re.search(shape, text, 0 if name.isupper() else re.I)
        if match:
            found[name] = match.start()
    return found


def _named(text: str, names: Sequence[str]) -> list[str]:
    """The names that a text has, in its order."""
    found = _spans(text, names)
    return sorted(found, key=lambda name: found[name])
