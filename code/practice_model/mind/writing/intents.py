"""What kind of text a request asks for: a draft, a revision, a review, a choice, an answer."""

from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find
from practice_model.mind.reading.text import sentences, words
from practice_model.mind.writing import extracting, material, revising, talk
from practice_model.mind.writing.operations import declined, of_text
from practice_model.mind.writing.options import menu, named_options
from practice_model.mind.writing.piece import parse
from practice_model.mind.writing.voice import is_question

_INTENTS = LEXICON["intents"]
_EDITS = ("replace", "shorten", "lengthen", "move", "omit", "formal", "friendly", "greet", "sign",
          "limit", "act", "mention", "order", "headings", "end", "begin", "step", "subject",
          "title", "upper", "lower", "bullets", "numbered", "one_paragraph", "plain",
          "reverse", "only", "second_person", "sort", "comma")  # fmt: skip


def wants(intent: str, *texts: str) -> bool:
    """Tell that a sentence of some texts asks for a kind of text."""
    return any(
        find(_INTENTS[intent], one.replace("You're", "You are"))
        for text in texts
        for one in sentences(text)
    )


def intent(reading: Reading) -> str:
    """Return what kind of text a request asks for."""
    asked, system = material.asked(reading), reading.system.text
    if reading.answered:
        sent = any(
            set(words(call.name.replace("_", " "))) & CLASSES["instructing"]
            | {"email"} & set(words(call.name.replace("_", " ")))
            for call in reading.since
        )
        if wants("draft", asked) and not wants("notes", system) and not sent:
            return "draft"
        return "notes" if wants("notes", system, asked) else "results"
    if talk.small_talk(asked, ()) is not None and not named_options(system):
        return "talk"
    handed = bool(
        material.labelled(reading, "draft")
        or material.labelled(reading, "text")
        or material.handed(reading)
    )
    role = next((r for r in ("reviewer", "writer", "researcher") if wants(r, system)), "")
    tasked = asked == material.labelled(reading, "task") or not asked
    given = asked and not asked.endswith("?") and not _orders(asked)
    if role == "reviewer" and bool(material.draft_of(reading) if tasked else given):
        brief = {d.operation.name for d in of_text(system)} & {"one_word", "bare", "yes_no"}
        return "choose" if brief and named_options(system) else "review"
    if material.labelled(reading, "feedback") and material.draft_of(reading):
        return "revise"
    if named_options(system) or (menu(reading.request.text) and options_of(reading)):
        return "choose"
    if talk.total(asked) is not None:
        return "total"
    if find(["^ [please] repeat"], asked) and material.handed(reading):
        return "repeated"
    if talk.echoed(asked) and not reading.since and "?" not in reading.request.text:
        return "echo"
    if talk.counted(asked, material.draft_of(reading)):
        return "count"
    return _wished(reading, asked, role, tasked, handed)


def _wished(reading: Reading, asked: str, role: str, tasked: bool, handed: bool) -> str:
    system = reading.system.text
    earlier = any(turn.text.strip() for turn in reading.earlier("assistant"))
    if role == "writer" and tasked and not asked.endswith("?"):
        formed = {(d.operation.name, d.value) for d in of_text(system)}
        pointed = formed & {("bullets", ""), ("numbered", ""), ("limit", "point")}
        return "summarise" if pointed and material.commissioned(reading) else "draft"
    acts = [
        d
        for one in sentences(asked)
        if (words(one) or [""])[0] in CLASSES["instructing"] and not one.endswith("?")
        for d in of_text(one)
        if d.operation.name == "act"
    ]
    letter = next((parse(turn.text) for turn in reading.earlier("assistant") if turn.text), None)
    goes_on = letter is not None and letter.form != "text" and not handed
    writes = wants("draft", asked) or (not goes_on and bool(acts))
    edits = wants("revise", asked) or (goes_on and bool(acts))
    if goes_on and find(["write|put|make|say it|this|that"], asked):
        writes, edits = False, True
    if extracting.topics_asked(asked) and not writes and (handed or reading.request.sections):
        return "extract"
    if edits and not writes and (handed or earlier or material.draft_of(reading)):
        return "revise"
    if wants("review", asked) and (material.draft_of(reading) or handed) and not writes:
        return "review"
    if options_of(reading) and not writes:
        return "choose"
    if earlier and _written(reading) and any(_edit(one) for one in sentences(asked)):
        return "revise"
    for kind in ("recall", "summarise", "repeat"):
        if wants(kind, asked):
            return kind
    if writes:
        return "draft"
    if extracting.kinds_asked(asked):
        return "extract"
    if not asked.endswith("?") and (earlier or handed) and _edit(asked):
        return "revise"
    if any(is_question(one) for one in sentences(asked)):
        return "question"
    if goes_on and letter and revising.corrects(letter, asked):
        return "revise"
    for kind in ("review", "notes", "summarise"):
        if wants(kind, system):
            return kind
    ordered = (words(asked) or [""])[0] in CLASSES["instructing"] | CLASSES["drafting"]
    told = material.data(reading) or material.handed(reading)
    if (ordered or role == "writer") and told:
        return "draft"
    return "summarise" if told and not asked.strip() else "statement"


def _written(reading: Reading) -> bool:
    """Tell that the assistant's last answer was a text that an earlier message had ordered."""
    return any(wants("draft", turn.text) for turn in reading.earlier("user"))


def _orders(asked: str) -> bool:
    return (words(asked) or [""])[0] in CLASSES["instructing"] and not wants("review", asked)


def options_of(reading: Reading) -> list[str]:
    """Return the options that the request itself lists."""
    asked = material.asked(reading)
    found = named_options(asked)
    last = reading.request.sections[-1:]
    apart = last and not menu(last[0].body) and menu(reading.request.text)
    if apart and named_options(reading.request.text):
        return list(menu(reading.request.text))
    whole = not found and find(LEXICON["routing"]["choosing"], asked)
    found = named_options(reading.request.text) if whole and material.handed(reading) else found
    return [] if found == ["yes", "no"] else found


def _edit(text: str) -> bool:
    found = of_text(text, text)
    return bool(declined(text)) or any(d.operation.name in _EDITS for d in found)
