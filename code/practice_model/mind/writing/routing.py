"""Choosing by name: the next worker, a route, a category. Instructions first, then meaning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from practice_model.mind import vectors
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import LEXICON, clauses, find
from practice_model.mind.reading.text import capital, content, cover, sentences, words
from practice_model.mind.writing import conditions, material
from practice_model.mind.writing.operations import check
from practice_model.mind.writing.options import entry, menu, segments
from practice_model.mind.writing.progress import (
    Progress,
    is_finish,
    names_in,
    plain,
    progress_of,
    stage,
)
from practice_model.mind.writing.verdicts import is_judgement, verdict

_WORDS = LEXICON["routing"]
_DENIES = frozenset(["no", "nobody", "none", "without", "nothing", "not"])
_DOINGS = content(f"yet {_WORDS['worked']}")


@dataclass(frozen=True)
class Rule:
    """An instruction that names an option: choose it, or never, when a condition holds."""

    option: str
    condition: str = ""
    negated: bool = False
    forbids: bool = False
    fallback: bool = False
    follow: tuple[str, ...] = ()
    about: bool = False  # says what the option is for, not when it must be chosen


_JOINTS = (
    " - ", " – ", " — ", " (", " for ", " if ", " when ", " handles ", " means ", " = ", " is ",
)  # fmt: skip


def choose(
    options: Sequence[str], reading: Reading, described: Mapping[str, str] | None = None
) -> str:
    """Return the option that the instructions and the request's meaning lead to."""
    told = reading.system.text
    own = len(names_in(reading.request.text, options)) >= 2 and not names_in(told, options)
    if own:
        told = reading.request.text
        told = told[: reading.request.sections[-1].start] if menu(told) else told
    told = conditions.spelled_out(told, options)
    if is_judgement(options) and find(LEXICON["judging"]["grading"], told):
        return _judged(options, reading)
    rules, about, lines = _ruled(options, reading, told, described)
    banned = {rule.option for rule in rules if rule.forbids and not rule.condition}
    allowed = [o for o in options if o not in banned] or list(options)
    progress = progress_of(options, reading)
    if own:
        progress = Progress(_case(reading, reading.request.text))
    elif not progress.done:
        progress = replace(progress, task=_case(reading, progress.task))
    makes = _makers(rules, options)
    forced = [r.option for r in rules if not (r.condition or r.forbids or r.fallback)]
    if forced and forced[-1] in allowed:
        return forced[-1]
    banned |= {
        r.option for r in rules if r.forbids and r.condition and _holds(r, progress, options, makes)
    }
    allowed = [o for o in options if o not in banned] or allowed
    for rule in sorted(rules, key=lambda rule: rule.about):
        usable = rule.option in allowed and rule.condition and not rule.forbids
        if usable and _holds(rule, progress, options, makes):
            return rule.option
    ends = any(is_finish(o) for o in options)
    one_job = all(lines.get(o) for o in options) and not (
        progress.done or told_order(options, told)
    )
    if (progress.team and not one_job) or ends:
        return _next(allowed, options, about, told, progress)
    fallback = next((r.option for r in rules if r.fallback and r.option in allowed), "")
    if is_judgement(options):
        ruled = fallback and any(r.condition and r.option != fallback for r in rules)
        return fallback if ruled else _judged(allowed, reading)
    return _meant(allowed, about, progress.task, rules)


def _ruled(
    options: Sequence[str], reading: Reading, told: str, described: Mapping[str, str] | None
) -> tuple[list[Rule], dict[str, str], dict[str, str]]:
    rules = [
        r
        for r in rules_of(options, told if menu(told) else f"{told}\n{material.asked(reading)}")
        if not r.condition or content(r.condition) - content(plain(r.option)) or r.negated
    ]
    lines = descriptions(options, told)
    about = {
        o: " ".join(
            [
                (described or {}).get(o, ""),
                lines.get(o, ""),
                *(r.condition for r in rules if r.option == o and not r.forbids),
            ]
        )
        for o in options
    }
    rules += [Rule(o, fallback=True) for o in options if find(_WORDS["otherwise"], about[o])]
    return rules, about, lines


def rules_of(options: Sequence[str], text: str) -> list[Rule]:
    """Read the rules that name an option, in their order."""
    found: list[Rule] = []
    for sentence in sentences(text):
        if _describes(sentence, options):
            continue
        parts = [p for p in sentence.split(", ") if names_in(p, options)]
        if len(parts) > 1 and all(
            conditions.split(p)[0] or find(_WORDS["otherwise"], p) for p in parts
        ):
            found += rules_of(options, ". ".join(capital(p) for p in parts))
            continue
        condition, rest, negated = conditions.split(sentence)
        relative = _RELATIVE.match(sentence)
        if relative and names_in(relative[2], options) and not names_in(relative[1], options):
            condition, rest, negated = relative[1], relative[2], False
        named = names_in(rest, options)
        if not named:
            continue
        if not condition:
            parted = [(one, names_in(one, options)) for one in segments(sentence)]
            sent = [
                (one, own[0], find(_WORDS["matter"], one))
                for one, own in parted
                if len(own) == 1 and not _forbidden(one, own[0])
            ]
            made = [
                Rule(o, fallback=True)
                if m is None or find(_WORDS["otherwise"], one)
                else Rule(o, m["x"], about=True)
                for one, o, m in sent
                if m or find(_WORDS["otherwise"], one)
            ]
            if made:
                found += made
                continue
        if condition:
            forbids = _forbidden(rest, named[0])
            found.append(Rule(named[0], condition, negated, forbids, follow=tuple(named[1:])))
        else:
            found += _plain_rules(rest, options)
    return found


_RELATIVE = re.compile(
    r"^(?:please )?(?:send |route |give )?(?:any|every|all|each) \w+ (?:that|which|who) "
    r"(.{3,120}?),? "
    r"((?:goes?|belongs?|is|are|must|should|to|gets?) .*)$",
    re.I,
)


def _plain_rules(sentence: str, options: Sequence[str]) -> list[Rule]:
    found = []
    for clause in clauses(sentence):
        named = names_in(clause, options)
        if _forbidden(clause, named[0]) if named else False:
            found += [Rule(option, forbids=True) for option in named]
        elif len(named) == 1 and len(names_in(sentence, options)) == 1:
            alone = is_finish(named[0]) and words(clause)[:1] == [named[0].lower()]
            late = find([f"or {plain(named[0])}"], clause)
            if alone or (
                find(_WORDS["forces"], clause) and not late and not find(_WORDS["order"], sentence)
            ):
                found.append(Rule(named[0]))
    return found


def _forbidden(clause: str, option: str) -> bool:
    clause = re.sub("^no, ", "", clause, flags=re.I)  # "No, black ink." prefers black ink
    place = clause.lower().find(plain(option)[:5])
    match = find(_WORDS["forbids"], clause)
    late = find(_WORDS["late"], clause)
    return bool(match and match.start <= max(place, 0)) or bool(late)


def _describes(sentence: str, options: Sequence[str]) -> bool:
    if any(f"{option} (" in sentence for option in options):
        return True
    return any(plain(head) in map(plain, options) for head in entry(sentence))


def descriptions(options: Sequence[str], text: str) -> dict[str, str]:
    """Return what a text says of each option ("- billing: invoices", "billing for invoices")."""
    found: dict[str, str] = {}
    for name, told in re.findall(r"<\w+ (?:name|id)=[\"'](\w+)[\"']>([^<]+)<", text):
        found.update({option: told for option in options if option == name})
    named_so = {plain(head): told for head, told in menu(text).items() if told}
    found.update({o: named_so[plain(o)] for o in options if plain(o) in named_so})
    for line in text.splitlines():
        listed = line.replace(";", ".").replace("), ", ". ").replace(") and ", ". ")
        for part in [line, *listed.split(". ")]:
            head, colon, rest = part.strip().partition(":")
            if not colon:
                for joint in _JOINTS:
                    head, colon, rest = part.strip().partition(joint)
                    if colon and len(names_in(head, options)) == 1:
                        break
            named = names_in(head, options)
            if (
                colon
                and len(named) == 1
                and len(head.split()) <= 6
                and set(names_in(rest, options)) <= {named[0]}
            ):
                found.setdefault(named[0], rest.strip(" )"))
    return found


def _case(reading: Reading, text: str) -> str:
    """Return what is to be sorted: the last message of a transcript, or of the request's parts."""
    parts = reading.request.sections
    speakers = [part.label for part in parts]
    if len(set(speakers)) == 2 and len(parts) > 2:
        return next(p.body for p in reversed(parts) if p.label == speakers[0])
    if parts and menu(reading.request.text) and not menu(parts[-1].body):
        return parts[-1].body
    return text


def _makers(rules: Sequence[Rule], options: Sequence[str]) -> dict[str, str]:
    """Return who makes what: whom the rules choose while there is none of it yet."""
    found = {one: option for option in options for one in content(plain(option))}
    for rule in rules:
        denied = (set(words(half)) & _DENIES for half in rule.condition.split(" but "))
        for half, denies in zip(rule.condition.split(" but "), denied, strict=True):
            if denies and not is_finish(rule.option):
                for one in content(half) - _DOINGS:
                    found.setdefault(one, rule.option)
    return found


def _holds(
    rule: Rule, progress: Progress, options: Sequence[str], makes: Mapping[str, str]
) -> bool:
    condition = rule.condition
    known = progress.holds(condition, options, makes if progress.team else None)
    if known is None:
        if progress.team and content(condition) & content("approved changes reject notes draft"):
            return False
        known = conditions.holds(condition, progress.task, check)
    return known != rule.negated


def _next(
    allowed: Sequence[str],
    options: Sequence[str],
    about: Mapping[str, str],
    told: str,
    progress: Progress,
) -> str:
    workers = [o for o in options if not is_finish(o)]
    finish = next((o for o in allowed if is_finish(o)), "")
    order = told_order(workers, told) or _usual(workers, about, progress.task)
    order = [o for o in order if o in allowed]
    last = progress.last
    if last and progress.asks_changes and order:
        place = order.index(last) if last in order else len(order)
        makers = [o for o in order[:place] if (stage(o, about[o]) or 0) == 2] or order[:place]
        if makers:
            return makers[-1]
    if last in order and order.index(last) + 1 < len(order):
        return order[order.index(last) + 1]
    if last in order and finish:
        return finish
    undone = [o for o in order if o not in progress.names]
    if undone:
        return undone[0]
    return finish or (order[-1] if order else allowed[0])


def told_order(workers: Sequence[str], text: str) -> list[str]:
    """Return the order of work that instructions give."""
    best: list[str] = []
    for sentence in sentences(text):
        condition, rest, _ = conditions.split(sentence)
        named = names_in(rest, workers)
        if find(_WORDS["order"], rest) and len(named) > len(best) and not condition:
            before = find(["{x} before {y}"], rest)
            best = (
                named if before or not find(["{x} after|needs|requires {y}"], rest) else named[::-1]
            )
        if len(named) == 1 and find(["first"], rest) and not condition and len(best) < 2:
            best = [named[0], *(worker for worker in workers if worker != named[0])]
    return best if len(best) > 1 else []


def _usual(workers: Sequence[str], about: Mapping[str, str], task: str) -> list[str]:
    stages = {o: stage(o, about[o]) for o in workers}
    making = any(stages[o] == 2 for o in workers) and find(
        ["write|draft|compose|create|prepare|page|report|article|post|e-mail|letter"], task
    )
    if making and len({s for s in stages.values() if s is not None}) > 1:
        staged = [o for o in workers if stages[o] is not None]
        return sorted(staged, key=lambda o: stages[o] or 0)
    needed: list[str] = []
    for part in [c for s in sentences(task) for c in clauses(s)]:
        scores = {o: _score(o, about[o], part) for o in workers}
        best = max(workers, key=lambda o: scores[o])
        if scores[best] > 0.25 and best not in needed:
            needed.append(best)
    return needed or [max(workers, key=lambda o: _score(o, about[o], task))]


_REFERENCE = re.compile(
    r"(?<!\S)\S{1,80}@\S{1,80}"
    r"|\b(?:order|invoice|ticket|account) (?:no\.? |number )?#?[A-Z-]*\d[\w-]*",
    re.I,
)


def _score(option: str, told: str, text: str) -> float:
    """Score an option by what it is for: its nearest phrase, then the text as a whole."""
    text = _REFERENCE.sub("", text)
    name = " ".join(words(plain(option)))
    there = content(text)
    family = " ".join(LEXICON["families"].get(word, "") for word in name.split())
    cues = cover(there, family) if family else 0.0
    cues += sum(
        0.5
        for mood in LEXICON["moods"]
        if set(name.split()) & set(mood["asks"].split()) and conditions.in_mood(mood, text)
    )
    cues += (0.5 if "?" in text else -0.3) if {"question", "inquiry"} & set(name.split()) else 0.0
    phrases = [conditions.nearness(one, text) for one in _PHRASE.split(f"{name}, {told}")]
    best = sorted(phrases, reverse=True)[:3]
    shared = best[0] + 0.2 * sum(best[1:])
    return 0.6 * shared + 1.2 * cues + vectors.similarity(f"{name}. {told}", text)


_PHRASE = re.compile(r"[,;.:()]| and | or ")


def _meant(
    allowed: Sequence[str], about: Mapping[str, str], text: str, rules: Sequence[Rule]
) -> str:
    scores = {o: _score(o, about[o], text) for o in allowed}
    fallback = next((r.option for r in rules if r.fallback and r.option in allowed), "")
    vague = [
        o
        for o in allowed
        if plain(o)
        in ("other", "general", "unknown", "misc", "none", "others", "general inquiry", "chitchat")
    ]
    fallback = fallback or (vague[0] if vague else "")
    best = max(allowed, key=lambda o: scores[o] if o != fallback else 0.0)
    return fallback if fallback and scores[best] < 0.3 else best


def _judged(allowed: Sequence[str], reading: Reading) -> str:
    judged = verdict(reading)
    for option in allowed:
        if is_judgement([option, option]) == ("yes" if judged.approved else "no"):
            return option
    return allowed[0]
