"""Taking values out of a text: all dates, the e-mail address, named fields as JSON."""

import html
import re

from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, unquoted
from practice_model.mind.reading.text import capital, content, ended, sentences, stem, words
from practice_model.mind.reading.values import of_kind
from practice_model.mind.writing import answering, drafting, material
from practice_model.mind.writing.contents import enumerated
from practice_model.mind.writing.frames import headline
from practice_model.mind.writing.operations import of_text

_KEYS_END = re.compile(
    r"[.:](?:\s|$)|\s(?:for|from|of)\b|,? and (?:output|nothing|no|write|answer)\b"
)
_MESSAGE = re.compile(r'<message type="(\w{1,20})">([^<]*)</message>')
MOST = 3
"""Sentences of a summary that no limit is given for."""
_NO_TOPIC = CLASSES["sentence"] | CLASSES["word"] | CLASSES["paragraph"] | {"these", "this", "it"}
"""Words that name a piece of a text, or all of it, rather than what it tells."""


def kinds_asked(text: str) -> list[str]:
    """Return the kinds of value that a request wants taken out ("list all dates")."""
    for sentence in sentences(text):
        match = find(LEXICON["intents"]["extract"], sentence)
        if match is None:
            continue
        head = match["x"]
        for end in (":", " from ", " in ", " of ", " that ", " out"):
            head = head.split(end)[0]
        found = []
        for one in enumerated(head):
            low = [stem(word) for word in words(one)]
            names = LEXICON["extracted"].items()
            fits = [kind for kind, each in names if set(low[-2:]) & {stem(n) for n in each}]
            found += sorted(fits, key=lambda kind: kind == "number")[:1]
        if found:
            return found
    return []


def topics_asked(text: str) -> list[str]:
    """Return what "pull out", "extract" or "list" names, if it is no kind of value."""
    match = find(LEXICON["extracting"], text)
    low = set(words(match["x"])) if match else set()
    if match is None or kinds_asked(text) or low & _NO_TOPIC:
        return []
    return [one for one in enumerated(match["x"]) if words(one)][:3]


def extract(reading: Reading) -> str:
    """List the values that a request asks for, one a line if there are several."""
    source = _source(reading)
    found: list[str] = []
    asked = content(reading.wish.text.split(":")[0])
    for kind in kinds_asked(reading.wish.text):
        spans = of_kind(source, kind)
        near = [s for s in spans if asked & content(source[max(0, s.start - 14) : s.start])]
        found += [span.text.strip(" .") for span in near or spans]
    for topic in topics_asked(reading.wish.text):
        first = stem(words(topic.removeprefix("the "))[0])
        found += [one.split(": ", 1)[-1] for one in sentences(source) if first in content(one)]
    found = list(dict.fromkeys(found))
    if not found:
        return "There is none in the text."
    return found[0] if len(found) == 1 else "\n".join(f"- {one}" for one in found)


def _source(reading: Reading) -> str:
    handed = material.labelled(reading, "text") or material.labelled(reading, "incoming")
    return handed or material.draft_of(reading) or "\n".join(material.facts(reading, False, True))


def keys_of(text: str) -> list[str]:
    """Return the keys that instructions name for a JSON answer."""
    match = find(LEXICON["json_keys"], text)
    if match is None:
        return []
    told = _KEYS_END.split(match["x"])[0]
    listed = told.replace("`", "").replace(" and ", ", ").split(",")
    keys = [unquoted(one.strip(" .{}[]\"'").split(":")[0].split(" (")[0]) for one in listed]
    keys = [key.split("\n")[0].removeprefix("the ").strip("\"' .") for key in keys]
    return [key for key in keys if 0 < len(key.split()) <= 3 and "key" not in words(key)]


def headline_of(reading: Reading) -> str:
    """Return a title: the topic, or the first statement cut short."""
    topic = drafting.topic_of(reading)
    if topic:
        return topic[:1].upper() + topic[1:]
    facts = material.facts(reading, False, True)
    return headline(facts[0]) if facts else headline(reading.request.text)


def transcript(reading: Reading) -> str:
    """Return the most telling things the user said in a transcript; empty without one.

    Tool results and answers are left out: they can be looked up again.
    """
    text = reading.request.text
    said = [html.unescape(body) for kind, body in _MESSAGE.findall(text) if kind == "human"]
    if not said:
        return ""
    told = [one for body in said for one in sentences(body)]
    facts = list(dict.fromkeys(capital(ended(one)) for one in told if material.is_fact(one)))
    demands = of_text(text[: text.index("<message ")], "")
    limit = next((d.number for d in demands if d.value == "sentence" and d.number), MOST)
    return " ".join(answering.summary(facts or told, "", limit))
