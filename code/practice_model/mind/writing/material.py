"""What a request hands over: facts, a draft, feedback, a message to answer."""

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from practice_model.lexicon import words as word_list
from practice_model.mind.reading.model import Passage, PastCall, Reading, Section, Sentence
from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, tokens
from practice_model.mind.reading.text import COMMON, capital, ended, sentences, sources, words
from practice_model.mind.results import told
from practice_model.mind.writing import conditions
from practice_model.mind.writing.operations import of_clause
from practice_model.mind.writing.voice import is_clause, plainly, spelled

_LABELS: dict[str, list[str]] = LEXICON["labels"]
_NO_FACT = LEXICON["no_fact"]
_HANDING = word_list("evidence", "handing")
_RULING = word_list("evidence", "ruling")
_COLON = re.compile(r":(?=\s)")
_NO_DATA = ("rules", "task", "topic", "draft", "feedback", "incoming")


def _has(section: Section, kind: str) -> bool:
    if kind == "rules" and len(words(section.label)) > 2:
        return False  # "events of order 7719" gives no order
    return bool(set(words(section.label)) & set(_LABELS[kind]))


def labelled(reading: Reading, kind: str) -> str:
    """Return the last section of a kind: "draft", "feedback", "incoming", "notes"."""
    answered = any(section.label == "a" for section in reading.request.sections)
    for section in reversed(reading.request.sections):
        if _has(section, kind) and not (answered and section.label == "q"):
            return section.body
    return ""


def _sends(section: Section) -> bool:
    """Tell that a section's label sends its text to somebody ("Answer Ruth: …")."""
    low = [word for word in words(section.label) if word not in CLASSES["filling"]]
    orders = CLASSES["sending"] | CLASSES["revising"] | CLASSES["drafting"]
    return section.markup == "colon" and len(low) > 1 and low[0] in orders


def _head(reading: Reading, section: Section) -> str:
    return reading.request.text[section.start :].split(":", 1)[0].strip()


def data(reading: Reading) -> bool:
    """Tell that a request hands over facts in a section."""
    return any(
        not any(_has(s, k) for k in _NO_DATA) and not _orders_label(s)
        for s in reading.request.sections
    )


def _orders_label(section: Section) -> bool:
    """Tell that a section's label is an instruction ("Include:", "Tone:")."""
    return (words(section.label) or [""])[0] in CLASSES["ordering"]


def commissioned(reading: Reading) -> bool:
    """Tell that the system orders a text and the request is nothing but what it is made of."""
    ordered = any(find(LEXICON["intents"]["writer"], one) for one in sentences(reading.system.text))
    judges = any(
        find(LEXICON["intents"]["reviewer"], one) for one in sentences(reading.system.text)
    )
    before = any(turn.text.strip() for turn in reading.earlier("assistant"))
    told = [s.text for s in reading.request.prose] or [""]
    if not ordered or judges or before or reading.answered or len(words(reading.request.text)) < 5:
        return False
    if labelled(reading, "task") or labelled(reading, "draft") or labelled(reading, "feedback"):
        return False
    if labelled(reading, "notes"):
        return not any(s.mood == "command" and not s.bullet for s in reading.request.prose)
    heads = [(words(one) or [""])[0] for one in told]
    orders = CLASSES["instructing"] | CLASSES["drafting"] | CLASSES["revising"] | CLASSES["asking"]
    return not any(
        head in orders or one.endswith(("?", ":")) or find(_ORDERED, one)
        for head, one in zip(heads, told, strict=True)
    )


_ORDERED = [*LEXICON["intents"]["draft"], *LEXICON["intents"]["revise"], *LEXICON["polite"]]


def items(reading: Reading) -> list[str]:
    """Return what a text is to be made of, one statement each, in whatever layout it came."""
    noted = reading.request.section("notes", "facts", "findings", "points")
    text = spelled(noted.body if noted else reading.request.text)
    found: list[str] = []
    for line in text.splitlines():
        for one in sentences(line):
            found += [part.strip(" .-*•") for part in one.split("; ")]
    return [one for one in found if words(one)]


def asked(reading: Reading) -> str:
    """Return what a request asks for, without what it hands over."""
    if commissioned(reading):
        return ""
    task = labelled(reading, "task")
    text = "" if reading.request.sections and not reading.request.prose else reading.wish.text
    orders = [
        f"{_head(reading, s)}. {capital(s.body) if s.body.endswith('?') else ''}"
        for s in reading.request.sections
        if _sends(s)
    ]
    text = " ".join([text, *orders, *trailing(reading)]).strip()
    told = handed(reading)
    if told:
        rest = reading.request.text.partition(told)[2].strip()
        lead = reading.request.text.partition(told)[0].rpartition(":")[2].strip()
        rest = f"{lead if lead.endswith('?') else ''}\n{rest}".strip()
        whole = text if told[:40] in text else reading.request.text
        text = _COLON.split(whole.partition(told[:40])[0])[0]
        rest = rest.lstrip("\"'”’. ")
        text = f"{text.strip().rstrip(':')}\n{rest}"
    text = "\n".join(plainly(one) for one in sentences(spelled(text.strip().rstrip(":"))))
    return text if task in text else f"{task}\n{text}".strip()


def trailing(reading: Reading) -> list[str]:
    """Return the instructions that follow the facts of a request in the same paragraph."""
    last = reading.request.sections[-1:]
    alone = not any(s.mood != "statement" for s in reading.request.prose) and not labelled(
        reading, "task"
    )
    if not last or last[0].markup != "colon" or not (alone or _has(last[0], "notes")):
        return []
    found: list[str] = []
    for one in reversed(sentences(last[0].body)):
        orders = (words(one) or [""])[0] in CLASSES["instructing"] and of_clause(one)
        if not orders and not (one.endswith("?") and not _has(last[0], "incoming")):
            break
        found.insert(0, one)
    return found if len(found) < len(sentences(last[0].body)) else []


def _orders(section: Section) -> list[str]:
    return [one for one in sentences(section.body) if find(LEXICON["orders"], one)]


def handed(reading: Reading) -> str:
    """Return a text that stands without a label behind "…:" in a request."""
    parted = [s for s in reading.request.sections if not _sends(s)]
    if any(not _has(s, "task") or s.start > 0 for s in parted):
        return ""
    parts = reading.request.text.strip().split("\n\n")
    last = words(parts[-1])
    ordered = [word for word in last[:2] if word in CLASSES["instructing"] | CLASSES["drafting"]]
    if (
        len(parts) > 1
        and ordered
        and ":" not in parts[0]
        and not find(LEXICON["intents"]["draft"], parts[-1])
    ):
        return "\n\n".join(parts[:-1])
    head, rest = (*_COLON.split(reading.request.text, maxsplit=1), "")[:2]
    if len(rest.split()) < 3:
        return ""
    last = words(head)[-1:]
    given = (
        (bool(last) and last[0] in _LABELS["handed"])
        or rest[:1] == "\n"
        or find([f"{p} $" for p in LEXICON["handing"]], head)
    )
    a_task = {*words(head)} <= {*_LABELS["task"]} and find(LEXICON["intents"]["draft"], rest)
    if a_task or (not given and find(LEXICON["intents"]["draft"], head)):
        return ""
    first = tokens(rest[:2000])[:1]
    if first and first[0].quoted and len(first[0].text.split()) > 4:
        return first[0].text[1:-1].strip()
    kept = sentences(rest)
    if not kept:
        return ""
    if len(kept) > 1 and kept[0].endswith("?"):
        rest = rest.partition(kept[0])[2]
        kept = kept[1:]
    while len(kept) > 1 and (kept[-1].endswith("?") or find(LEXICON["orders"], kept[-1])):
        kept.pop()
    end = rest.rfind(kept[-1][-20:]) + len(kept[-1][-20:])
    return rest[:end].strip()


def draft_of(reading: Reading) -> str:
    """Return the text to revise or review: a section, a quotation, or an earlier answer."""
    told = labelled(reading, "draft") or labelled(reading, "graded")
    if told:
        return told
    quotes = [str(s.value) for s in reading.request.of("quote") if len(str(s.value).split()) > 5]
    if quotes:
        return quotes[-1]
    if handed(reading) or labelled(reading, "text"):
        return handed(reading) or labelled(reading, "text")
    since = [t.text for t in reading.turns[reading.request_index + 1 :] if t.role == "assistant"]
    earlier = [t.text for t in reading.earlier("assistant") if t.text.strip()]
    every = [text for text in reversed(since) if text.strip()] + earlier
    return every[0] if every else ""


def instructions(reading: Reading, task: bool = True) -> str:
    """Return the instructions of a request: the system's, standing ones, the wish's own."""
    standing = [
        sentence.text
        for turn, passage in zip(reading.turns, reading.passages, strict=False)
        if turn.role == "user"
        for sentence in passage.sentences
        if turn is not reading.turns[reading.request_index]
        and find(LEXICON["standing"], sentence.text)
    ]
    ruled = [
        f"{section.label} {section.body}" if _orders_label(section) else section.body
        for passage in (reading.system, reading.request)
        for section in passage.sections
        if _has(section, "rules") or _orders_label(section)
    ]
    led = led_in(reading.system)
    system = [sentence.text for sentence in reading.system.prose if sentence not in led]
    system += [one for s in reading.system.sections[-1:] for one in _orders(s)]
    wish = asked(reading)
    if not task:
        wish = wish.removeprefix(labelled(reading, "task"))
    return "\n".join([*system, *standing, *ruled, wish])


def is_fact(text: str) -> bool:
    """Tell a statement about the world from an instruction, a question or small talk."""
    heads = [words(part)[:1] for part in (text, conditions.split(text)[1])]
    orders = CLASSES["ordering"] | CLASSES["instructing"] | CLASSES["revising"]
    ordered = any(head and head[0] in orders for head in heads)
    if ordered or text.rstrip().endswith(("?", ":")) or find(_NO_FACT, text):
        return False
    return not any(d.operation.name not in ("act", "mention", "order") for d in of_clause(text))


def led_in(passage: Passage) -> list[Sentence]:
    """Return what stands behind a line such as "Answer from this page only:", up to its end."""
    for place, sentence in enumerate(passage.prose):
        low = set(words(sentence.text))
        if sentence.text.endswith(":") and low & _HANDING and not low & _RULING:
            rest = list(passage.prose[place + 1 :])
            if rest and rest[0].bullet:
                rest = list(takewhile(lambda s: s.bullet, rest))
            orders = [s for s in rest if s.mood == "command" and of_clause(s.text, acts=False)]
            return [s for s in rest if s not in orders and not conditions.split(s.text)[0]]
    return []


def facts(reading: Reading, cite: bool = False, incoming: bool = False) -> list[str]:
    """Return what a request tells as fact: system, earlier turns, then what was handed over."""
    led = led_in(reading.system)
    found = [_of_the_user(s.text) if s.bullet else s.text for s in led if s.mood != "question"]
    found += [
        s.text
        for s in reading.system.prose
        if s not in led and s.mood == "statement" and is_fact(s.text)
    ]
    found += [
        part
        for s in reading.system.prose
        if find(["^ you"], s.text) and ": " in s.text
        for part in s.text.split(": ", 1)[1].split(", ")
    ]
    found += _unruled(reading.system)
    for call in (*reading.before, *reading.since):
        found += of_result(call, cite)
    found += _of_passage(reading.request, reading, incoming)
    return list(dict.fromkeys(capital(ended(s.strip().lstrip("-*• "))) for s in found if words(s)))


def _names(section: Section) -> bool:
    """Tell that a section's label says more than what sort of text it is."""
    known = {word for each in _LABELS.values() for word in each} | set(LEXICON["generic_labels"])
    return not set(words(section.label)) & known


def _of_the_user(text: str) -> str:
    """Give a memory such as "Works as a pilot" its subject."""
    first = text.split(" ")[0]
    bare = first.lower().endswith("s") and ":" not in first and first.lower() not in COMMON
    return f"The user {text[0].lower()}{text[1:]}" if bare else text


def itemised(text: str) -> list[str]:
    """Split "apples 3, pears 5" into its items."""
    parts = text.split(", ")
    listed = len(parts) > 2 and all(0 < len(part.split()) <= 6 for part in parts)
    return parts if listed and not is_clause(text) else [text]


def _unruled(passage: Passage) -> list[str]:
    kept = []
    for section in passage.sections:
        if not _has(section, "rules") and not _has(section, "task"):
            orders = _orders(section)
            told = [s for s in sentences(section.body) if is_fact(s) and s not in orders]
            person = set(words(section.label)) & {"user", "customer", "client", "me"}
            if person:
                told = sorted(told, key=lambda one: one[:10] if one[:4].isdigit() else "")
                told = [
                    _of_the_user(
                        one[10:].lstrip(" :") if one[:4].isdigit() and one[4:5] == "-" else one
                    )
                    for one in told
                ]
            kept += (
                told
                if person or not _names(section)
                else [f"{capital(section.label)}: {' '.join(told)}"]
            )
    return kept


def _of_passage(passage: Passage, reading: Reading, incoming: bool) -> list[str]:
    found: list[str] = []
    asked = {s.text for s in reading.wish.sentences if s.mood != "statement"}
    told = handed(reading)
    found += [one for part in sentences(told) for one in itemised(part)]
    found += (
        []
        if told
        else [
            s.text
            for s in passage.prose
            if s.text not in asked and s.mood == "statement" and is_fact(s.text)
        ]
    )
    for section in passage.sections:
        if _orders_label(section) or (_sends(section) and (told or section.body.endswith("?"))):
            continue
        gone: tuple[str, ...] = _NO_DATA[:3] if incoming else _NO_DATA
        if section.label == "q" and labelled(reading, "task") != section.body:
            found.append(section.body.split("\n")[0])
        if any(char.isdigit() for char in section.label) and section.markup == "colon":
            found.append(capital(section.label))
        lines = section.body.strip().count("\n")
        if section.markup == "colon" and _names(section) and not lines and words(section.body):
            found.append(f"{capital(section.label)}: {section.body.strip()}")
        elif not any(_has(section, kind) for kind in gone):
            found += [one for s in sentences(section.body) if words(s) for one in itemised(s)]
    orders = trailing(reading)
    return [one for one in found if one not in orders]


def said_before(reading: Reading, role: str = "user") -> list[str]:
    """Return the statements of earlier turns, oldest first."""
    found: list[str] = []
    for turn, passage in zip(reading.turns, reading.passages, strict=False):
        if turn is reading.turns[reading.request_index]:
            break
        if turn.role == role:
            found += [s.text for s in passage.sentences if s.mood != "question"]
    return found


# Results of tools as sentences.


def of_result(call: PastCall, cite: bool = False) -> list[str]:
    """Return what a tool's result says; documents as sentences with their id."""
    if call.result is None or call.failed:
        return []
    return list(_said(call.data if call.data is not None else call.result, cite))


def _said(data: Any, cite: bool, depth: int = 0) -> Iterable[str]:
    if isinstance(data, str):
        head = sources(data.split("\n", 1)[0]) if "\n" in data else []
        for one in sentences(data.split("\n", 1)[1] if head else data):
            yield f"{one} {head[0]}" if head and cite and not sources(one) else one
    elif isinstance(data, list):
        for item in data[:12]:
            yield from _said(item, cite, depth + 1)
    elif isinstance(data, dict):
        text = next(
            (
                data[k]
                for k in ("text", "content", "body", "snippet", "page_content")
                if isinstance(data.get(k), str)
            ),
            None,
        )
        name = data.get("id") or data.get("source") or data.get("document_id")
        if text:
            for one in sentences(text):
                yield f"{one} [{name}]" if cite and name and not sources(one) else one
        elif depth < 4:
            yield told(data, 1)
    elif data is not None:
        yield str(data)
