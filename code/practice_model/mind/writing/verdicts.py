"""Approving and rejecting by rules that the instructions state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from practice_model.mind.evidence.ranking import best
from practice_model.mind.evidence.statements import Statement
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import LEXICON, clauses, find, tokens, unquoted
from practice_model.mind.reading.text import CITATION, capital, content, cover, sentences, words
from practice_model.mind.writing import conditions, material
from practice_model.mind.writing.demand import Demand
from practice_model.mind.writing.frames import unsourced
from practice_model.mind.writing.limits import LIMIT, count
from practice_model.mind.writing.material import draft_of, facts, labelled
from practice_model.mind.writing.operations import check, of_clause, settled

_WORDS = LEXICON["judging"]


@dataclass(frozen=True)
class Verdict:
    """Approved or not, and why: the changes a text needs, or the rule that decided."""

    approved: bool
    reasons: tuple[str, ...] = ()

    def said(self, instructions: str) -> str:
        """Return the verdict in the words that instructions give for it, or in its own."""
        told = [unquoted(t.text) for t in tokens(instructions) if t.quoted or t.text.isupper()]
        labels = {_side(word): word for word in told}
        form = _FORM.search(instructions)
        if form:
            word = form[2] if (_side(form[2]) == "yes") == self.approved else form[3]
            return (
                f"{form[1]}: {word}\n{form[4]}: {' '.join(self.reasons) or 'All rules are kept.'}"
            )
        if {"yes", "no"} <= set(labels):
            why = " ".join(self.reasons)
            return f"{labels['yes' if self.approved else 'no']}: {why}".rstrip(": ")
        return self.text

    @property
    def text(self) -> str:
        """Return the verdict as a reviewer writes it."""
        if self.approved:
            return f"Approved: {' '.join(self.reasons) or 'it keeps all the rules I was given.'}"
        return "\n".join(["Changes needed:", *(f"- {reason}" for reason in self.reasons)])


_FORM = re.compile(r"^(\w+): (\w+) or (\w+)\.?\n(\w+): ", re.M)


def is_judgement(options: Sequence[str]) -> str:
    """Return "yes" or "no" for options that all approve or all reject, "both" for a mixture."""
    kinds = {_side(option) for option in options}
    if "" in kinds:
        return ""
    return kinds.pop() if len(kinds) == 1 else "both"


def _side(option: str) -> str:
    low = option.lower().replace("_", " ")
    return next((side for side in ("no", "yes") if low in _WORDS[side].split(", ")), "")


def verdict(reading: Reading) -> Verdict:
    """Judge the text, or the case, that a request hands over by the rules it states."""
    subject = draft_of(reading) or reading.request.text
    problems: list[str] = []
    told = material.instructions(reading, task=False)
    question = labelled(reading, "task")
    if question and find(_WORDS["grading"], told):
        given = [Statement(one) for one in facts(reading, incoming=True)]
        answers = best(question, given) is not None
        return Verdict(answers, () if answers else ("Nothing in it answers the question.",))
    granted: list[str] = []
    decided = False
    every = [
        c
        for s in sentences(conditions.spelled_out(told))
        for c in ([s] if conditions.split(s)[0] else clauses(s))
    ]
    for sentence in every:
        if find(LEXICON["routing"]["by_rules"], conditions.split(sentence)[0]):
            continue
        effect, condition = _rule(sentence)
        if effect == "reject" and condition:
            decided = True
            halves = [half for half in condition.split(" or ") if _case(half, subject)]
            problems += [_named(half) for half in halves if _case(condition, subject)]
        elif effect == "approve" and condition:
            decided = True
            if not conditions.holds(condition, subject, check):
                unmet = [d.change for d in _asked(condition) if not d.met(subject)]
                problems += unmet or [f"It must be so: {condition}."]
            else:
                granted.append(f"{capital(condition)}.")
        else:
            problems += broken(sentence, subject)
    problems += unsupported(reading, subject)
    if problems:
        return Verdict(False, tuple(dict.fromkeys(problems)))
    return Verdict(True, tuple(granted) if decided else ())


_SUBJECT = re.compile(r"^(?:an?|the|any|every) \w+ (?:that|which|if it) (?:is |are )?", re.I)


_NONE = re.compile(r"\b(?:no|not|without|lacks?|never|nothing)\b|n't\b", re.I)


def _rule(sentence: str) -> tuple[str, str]:
    condition, rest, negated = conditions.split(sentence)
    if words(rest)[:1] in (["you"], ["your"]):
        return "", ""
    label = next(
        (t for t in tokens(rest) if t.quoted or (t.text.isupper() and len(t.text) > 2)), None
    )
    if condition and label is not None and " " not in label.text:
        side = _side(unquoted(label.text)) or ("no" if _NONE.search(condition) else "yes")
        return ("approve" if (side == "yes") != negated else "reject"), condition
    for effect in ("reject", "approve"):
        if condition and find(_WORDS[f"{effect}s"], rest):
            opposite = {"reject": "approve", "approve": "reject"}
            return opposite[effect] if negated else effect, condition
        match = find(_WORDS[effect], rest)
        if match is None:
            continue
        told = match["x"]
        loose = set(words(told)[:3]) & {"other", "others", "else"}
        loose |= set(words(told)[:1]) & {"or", "and", "it", "all", "the"}
        return effect, "" if loose else _SUBJECT.sub("", told)
    return "", ""


def _case(condition: str, subject: str) -> bool:
    return conditions.holds(condition, subject, check)


def _asked(condition: str) -> list[Demand]:
    return [demand for demand in of_clause(condition, acts=False) if demand.change]


def _named(condition: str) -> str:
    asked = _asked(condition)
    if asked and asked[0].operation.name == "mention":
        return f"Remove what mentions {asked[0].value}."
    if asked and asked[0].operation is LIMIT:
        bound = asked[0]
        return f"Shorten it: at most {bound.number - 1} {bound.value}s are allowed."
    return f"{capital(condition.strip())}: that is not allowed."


def broken(sentence: str, subject: str) -> list[str]:
    """Return the changes that a text needs to keep the rules of a sentence."""
    found: list[str] = []
    for demand in settled([d for clause in clauses(sentence) for d in of_clause(clause)]):
        if demand.operation.name in _WORDS["checked"] and not demand.met(subject):
            found.append(_change(demand, subject))
    return found


def _change(demand: Demand, subject: str) -> str:
    if demand.operation is LIMIT:
        there = count(subject, demand.value)
        unit, number = demand.value, demand.number
        if there > number:
            return f"Shorten it to at most {number} {unit}s: it has {there}."
        return f"Lengthen it to at least {number} {unit}s: it has {there}."
    if demand.operation.name == "sources":
        bare = unsourced(subject)
        return f"Cite a source as [id] for: {bare[0]}" if bare else demand.change
    return demand.change


def unsupported(reading: Reading, subject: str) -> list[str]:
    """Return the changes that claims need which the notes at hand do not bear out."""
    notes = [f for f in facts(reading) if CITATION.search(f)] if labelled(reading, "notes") else []
    found = []
    for claim in sentences(subject):
        cited = CITATION.findall(claim)
        if not cited or not notes:
            continue
        borne = [note for note in notes if any(source in note for source in cited)]
        if not borne:
            found.append(f"Remove {cited[0]}: the notes have no such source.")
        elif max(cover(content(CITATION.sub("", claim)), note) for note in borne) < 0.5:
            found.append(f"The source {cited[0]} does not say: {claim}")
    return found


_TRUE = (
    r"\b{}\W{{0,6}}(?:is )?(true|false) (?:if|when) ([^.\n]+?)"
    r"(?:,? (?:else|otherwise|and)?,? ?(?:true|false)[^.\n]*)?(?:[.\n]|$)"
)


def stated(name: str, reading: Reading) -> bool | None:
    """Return what the instructions' own rule makes of a flag; None without a rule for it."""
    rule = re.search(_TRUE.format(re.escape(name)), reading.system.text[:20_000])
    if rule is None:
        return None
    subject = draft_of(reading) or reading.request.text
    return conditions.holds(rule[2], subject, check) == (rule[1] == "true")


def points(reading: Reading) -> int | None:
    """Count the stated points that a text earns; None where no point is given for each."""
    told = reading.system.text
    if not find(["one|a|1 point for each|every"], told):
        return None
    subject = draft_of(reading) or reading.request.text
    earned = [s.text for s in reading.system.sentences if s.bullet]
    return sum(conditions.holds(one, subject, check) for one in earned)
