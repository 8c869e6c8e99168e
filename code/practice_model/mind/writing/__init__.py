"""Everything that the model answers in text. See `operations` for what it obeys.

`answer` writes a text, `choose` picks a name, `verdict` approves or rejects, `prose` fills a
field of a form that is prose, `card` lists what is obeyed and what is declined.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from practice_model.mind import records, results, schema
from practice_model.mind.evidence import talk as conversation
from practice_model.mind.reading import passage
from practice_model.mind.reading.model import Reading, Wish
from practice_model.mind.reading.phrases import CLASSES, LEXICON, clauses, find
from practice_model.mind.reading.text import capital, ended, sentences, words
from practice_model.mind.reading.values import kind_of, of_kind
from practice_model.mind.writing import (
    answering,
    conditions,
    drafting,
    extracting,
    material,
    revising,
    talk,
    verdicts,
)
from practice_model.mind.writing.demand import Demand, Desk
from practice_model.mind.writing.formats import is_json
from practice_model.mind.writing.intents import intent, options_of, wants
from practice_model.mind.writing.operations import card, check, declined, obey, of_text, tidy
from practice_model.mind.writing.options import named_options
from practice_model.mind.writing.piece import parse
from practice_model.mind.writing.routing import choose
from practice_model.mind.writing.verdicts import Verdict, is_judgement, verdict
from practice_model.mind.writing.voice import from_user, is_clause

__all__ = [
    "Verdict",
    "answer",
    "card",
    "choose",
    "feels",
    "intent",
    "prose",
    "verdict",
    "verdicts",
    "wants",
]


def answer(reading: Reading, tool_names: Sequence[str] = ()) -> str:
    """Answer a request in text, as its instructions say."""
    rest, impossible = _possible(reading)
    if rest is not None:
        return f"{answer(rest, tool_names)}\n\n{' '.join(impossible)}"
    ready = extracting.transcript(reading) or (records.answered(reading) if tool_names else "")
    if ready := ready or _version(reading):
        return ready
    kind = intent(reading)
    if kind == "draft":
        return drafting.draft(reading)
    if kind == "revise":
        return revising.revise(reading)
    if kind == "summarise":
        return drafting.summarise(reading)
    if kind == "notes":
        return drafting.notes(reading)
    if kind == "choose":
        return _chosen(reading)
    orders = material.instructions(reading)
    if kind == "question":  # what a question asks about is no order
        orders = "\n".join(line for line in orders.split("\n") if not line.endswith("?"))
    demands = of_text(orders, reading.request.text)
    done = declined(". ".join(call.name.replace("_", " ") for call in reading.since))
    asked = [] if kind in ("talk", "total") else declined(material.instructions(reading))
    refused = [one for one in asked if one not in done]  # a tool has done it
    if kind == "review":
        formal = [d for d in demands if d.operation.name in ("upper", "lower", "json", "one_word")]
        return tidy(verdict(reading).said(reading.system.text), formal)
    text = _said(kind, reading, demands, tool_names)
    asks = find(LEXICON["polite"], material.asked(reading)) is not None
    if tool_names and asks and text.startswith("I don't know"):
        return "I can't do that: none of the tools I have here does it."
    if refused and kind in ("statement", "question") and not _grounded(text):
        return " ".join(refused)
    return obey(parse(text), _forms(demands, text), Desk(material.facts(reading)), refused)


def _possible(reading: Reading) -> tuple[Reading | None, list[str]]:
    """Part a request of which some is impossible; None if it is not of two kinds."""
    if reading.request.sections or reading.answered:
        return None, []
    parts = [c for s in sentences(reading.wish.text) for c in clauses(s)]
    refused = [(part, declined(part)) for part in parts]
    rest = ". ".join(part for part, told in refused if not told)
    impossible = [one for part, told in refused for one in told if _whole(part)]
    if (
        not impossible
        or len(words(rest)) < 4
        or not (talk.total(rest) or any(wants(k, rest) for k in ("draft", "summarise", "extract")))
    ):
        return None, []
    return replace(reading, wish=Wish(rest), request=passage(rest)), impossible


def _version(reading: Reading) -> str:
    """Choose among versions handed over ("Version A: …") by what the instructions look for."""
    told = reading.system.text or material.asked(reading)
    match = next(
        (
            m
            for s in sentences(told)
            if (m := find(["choose|pick|select the {w} that|which {x} $"], s))
        ),
        None,
    )
    versions = [s for s in reading.request.sections if len(s.label.split()[-1]) == 1]
    heads = {s.label.rsplit(" ", 1)[0] for s in versions}
    if match is None or len(versions) < 2 or len(heads) > 1:
        return ""
    rule = match["x"]
    good = [s for s in versions if conditions.holds(rule, s.body, check)]
    kind = kind_of(rule)
    if not good and kind:
        good = [s for s in versions if of_kind(s.body, kind)]
    return good[0].label[-1].upper() if len(good) == 1 else ""


def _whole(part: str) -> bool:
    return (words(part) or [""])[0] in CLASSES["instructing"]


def _grounded(text: str) -> bool:
    return not (text.startswith(("I don't know", "I can't")) or text.endswith(talk.UNASKED))


def _said(kind: str, reading: Reading, demands: list[Demand], tool_names: Sequence[str]) -> str:
    names = {demand.operation.name for demand in demands}
    bare = bool(names & {"bare", "one_word", "json"})
    asked = material.asked(reading)
    if kind == "talk":
        return talk.small_talk(asked, tool_names) or ""
    if kind == "total":
        return talk.total(asked) or ""
    if kind == "recall" and find(["i gave|told|sent|mentioned|named [to] [you]"], asked):
        return " ".join(capital(ended(from_user(one))) for one in material.said_before(reading))
    if kind == "recall":
        return answering.recall(reading)
    if kind == "repeat":
        last = [turn.text for turn in reading.earlier("user")][:1]
        return conversation.said(reading, asked) or talk.said_last(last)
    if "json" in names:
        keyed = schema.free_object(reading, answering.answer)
        return json.dumps(keyed, ensure_ascii=False)
    if kind == "repeated":
        return material.handed(reading)
    if kind == "echo":
        return talk.echoed(asked)
    if kind == "count":
        return talk.counted(asked, material.draft_of(reading))
    if kind == "extract":
        return extracting.extract(reading)
    if kind == "results" and not (bare or "yes_no" in names):
        return results.stated(reading) or "The tool gave no result."
    if kind == "results" and (value := answering.single(reading)):
        return value
    if kind in ("question", "results"):
        told = answering.answer(reading, bare or "yes_no" in names, "sources" in names)
        most = min(
            (
                d.number
                for d in demands
                if d.operation.name == "limit" and d.value == "word" and d.other == "max"
            ),
            default=999,
        )
        if len(told.split()) > most:
            told = answering.answer(reading, bare=True)
        return told
    spoken = [s.text for s in reading.wish.sentences if s.mood == "statement"]
    facts = [from_user(text) for text in spoken if is_clause(text)]
    if not facts:
        return _unknown_wish(asked)
    return talk.acknowledged(asked, " ".join(capital(ended(fact)) for fact in facts))


def _unknown_wish(asked: str) -> str:
    if not words(asked):
        return "Your message is empty. What can I do for you?"
    return (
        f'I don\'t know how to do this: "{asked[:120].strip()}". I can draft, revise, review, '
        "summarise, choose, and answer from text you give me."
    )


def _forms(demands: list[Demand], text: str) -> list[Demand]:
    gone = LEXICON["no_answer_form"].split()
    gone += ["json", "bullets", "numbered"] if is_json(text) else []
    return [
        d
        for d in demands
        if d.operation.name not in gone and not (d.operation.name == "limit" and d.other != "max")
    ]


def _chosen(reading: Reading) -> str:
    options = options_of(reading) or named_options(reading.system.text)
    picked = choose(options, reading)
    told = material.instructions(reading)
    demands = of_text(told, reading.request.text)
    names = {demand.operation.name for demand in demands}
    if is_judgement(options) and find(LEXICON["routing"]["why"], told):
        return verdict(reading).said(told)
    if "json" in names:
        return json.dumps({(extracting.keys_of(told) or ["answer"])[0]: picked})
    if LEXICON["phrases"]["talks"] in reading.system.text.lower() and not names & {
        "one_word",
        "bare",
    }:
        return f"The {picked} should work next." if picked.islower() else f"{picked}."
    return picked


def prose(reading: Reading, purpose: str, max_length: int = 2000) -> str:
    """Fill a field of a form that is prose: "draft", "summary", "reason" or "feedback"."""
    low = set(words(purpose.replace("_", " ")))
    if low & CLASSES["writing_judged"]:
        judged = verdict(reading)
        text = "\n".join(judged.reasons) if judged.reasons else "No changes needed."
    elif low & CLASSES["writing_prose_2"]:
        text = _reason(reading)
    elif low & {"summary", "abstract", "gist", "overview"}:
        text = drafting.summarise(reading)
    elif low & {"title", "headline", "subject"}:
        text = extracting.headline_of(reading)
    elif low & CLASSES["writing_prose"]:
        kind = intent(reading)
        text = answer(reading) if kind in ("revise", "summarise") else drafting.draft(reading)
    else:
        text = answering.answer(reading, bare=bool(low & {"value", "name"}))
    return text if len(text) <= max_length else _within(text, max_length)


def feels(mood: str, text: str) -> bool | None:
    """Tell that a text shows a mood such as "angry" or "urgent"; None for other words."""
    known = next((m for m in LEXICON["moods"] if mood in m["asks"].split()), None)
    return None if known is None else conditions.in_mood(known, text)


def _within(text: str, most: int) -> str:
    cut = text[:most]
    end = max(cut.rfind(". "), cut.rfind("\n"))
    return cut[: end + 1].strip() if end > most // 3 else cut[: cut.rfind(" ") + 1].strip() or cut


def _reason(reading: Reading) -> str:
    """Give the rule or the words that a decision rests on."""
    judged = verdict(reading)
    if judged.reasons:
        return " ".join(judged.reasons)
    facts = [s for s in reading.request.sentences if s.mood != "question"] or list(
        reading.request.sentences
    )
    return f'The request says: "{facts[0].text.strip()}"' if facts else "The request is empty."
