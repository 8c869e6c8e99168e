"""What was said in a conversation: who asked or proposed what, and the list that is kept."""

import re

from practice_model.lexicon import table
from practice_model.mind.evidence.lists import bare, listings
from practice_model.mind.evidence.nearness import support, telling
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import find
from practice_model.mind.reading.text import capital, ended, listed, stem, words

_EVIDENCE = table("evidence")
_ORDER = {"first": 0, "second": 1, "third": 2, "last": -1, "just": -1, "before": -1}
_ADDS = frozenset(stem(w) for w in _EVIDENCE["adding"].split())
_TAKES = frozenset(stem(w) for w in _EVIDENCE["removing"].split())
_VERBS = "|".join([*_EVIDENCE["adding"].split(), *_EVIDENCE["removing"].split()])
_STEP = re.compile(rf"[.;!?\n]\s|[.;!?\n]$|(?:,? and|,) (?=(?:{_VERBS})\b)", re.I)
_UNTIL = re.compile(rf"^.*?\b(?:{_VERBS})\b(?: (?:off|down|out))?\s", re.I)
_END = re.compile(
    r"\s(?:(?:to|on|onto|from|off|in|into) (?:my|the|our|it|that|this)\b|off\b|again\b|too\b"
    r"|please\b|as well\b|instead\b).*$|,\s(?:i|my|we|they|he|she|mum|dad|it)\b.*$",
    re.I,
)


def answered(reading: Reading, question: str) -> str:
    """Answer what only the conversation itself tells; "" for any other question."""
    if find(_EVIDENCE["lists"], question) and (kept := kept_list(reading)):
        return capital(ended(listed(kept)))
    return said(reading, question)


def said(reading: Reading, question: str) -> str:
    """Answer a question about the conversation itself; "" for any other."""
    who = next((who for who, told in _EVIDENCE["talked"].items() if find(told, question)), "")
    if not who:
        return ""
    role = "assistant" if who == "assistant" else "user"
    every: list[str] = []
    for turn, passage in zip(
        reading.turns[: reading.request_index], reading.passages, strict=False
    ):
        if turn.role == role:
            every += [s.text for s in passage.sentences if who != "asked" or s.mood == "question"]
    if not every:
        return ""
    order = next((_ORDER[w] for w in words(question) if w in _ORDER), None)
    if who == "assistant" and order is not None:
        every = [t.text for t in reading.turns[: reading.request_index] if t.role == role]
    if order is None:
        about = [(w, 1.0) for w in telling(question)]
        every = [max(every, key=lambda one: support(about, one))]
        order = 0
    picked = every[order] if -len(every) <= order < len(every) else every[-1]
    return (
        picked
        if who == "assistant"
        else f'You {"asked" if who == "asked" else "said"}: "{capital(picked)}"'
    )


def kept_list(reading: Reading) -> list[str]:
    """Return what is on the list that the user keeps: added and not taken off again."""
    items: dict[str, str] = {}
    for turn in reading.turns[: reading.request_index + 1]:
        if turn.role == "user":
            adding = True
            before = ""
            head, colon, rest = turn.text[:2_000].partition(": ")
            if colon and "list" in words(head):
                items |= {
                    stem(words(m)[-1]): bare(m) for m in re.split(r",|;|\n| and ", rest) if words(m)
                }
                continue
            for step in _STEP.split(turn.text[:2_000]):
                adding = _step(step, adding, items, before)
                before = step
    return list(items.values())


def _step(step: str, adding: bool, items: dict[str, str], before: str) -> bool:
    low = words(step)
    verb = next((place for place, w in enumerate(low[:8]) if stem(w) in _ADDS | _TAKES), -1)
    if verb < 0 and not (items and low[:1] in (["and"], ["also"], ["plus"], ["oh"])):
        return adding
    adds = stem(low[verb]) in _ADDS if verb >= 0 else adding
    body = _UNTIL.sub("", step, count=1)
    body = re.sub(r"^(?:and|also|plus|oh|[ ,])+", "", _END.sub("", f"{body} ").strip(), flags=re.I)
    found = [bare(m) for one in listings(body)[:1] for m in one.members] or [bare(body)]
    if found[0].lower() in ("that", "it", "this", "them"):
        found = [w for w in words(f"{before} {step}") if stem(w) in items]
    for one in found:
        key = stem((words(one) or [""])[-1])
        if adds and one and len(one.split()) < 6:
            items[key] = one
        else:
            items.pop(key, None)
    return adds
