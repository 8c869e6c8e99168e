"""The options that instructions list: bullets, quotations, "A, B or C", "name: description"."""

import re

from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, tokens, unquoted
from practice_model.mind.reading.text import COMMON, sentences
from practice_model.mind.reading.tokens import Token
from practice_model.mind.writing import conditions

_WORDS = LEXICON["routing"]
_MARK = r"[ \t]{0,8}(?:(?:[-*•]|\d{1,2}[.)])[ \t]{0,8})?"
_ENTRY = re.compile(
    _MARK + r"[`\"'*]{0,3}([A-Za-z][\w /-]{0,40}?)[`\"'*]{0,3}"
    r"(?::[ \t]{1,8}|[ \t]{1,8}[-–—=][ \t]{1,8})(\S.*)"
)
_BARE = re.compile(_MARK + r"[`\"']?([A-Za-z][\w-]{1,40})[`\"']?[,;]?[ \t]{0,8}")
_BRACED = re.compile(r"\b([A-Za-z][\w-]{1,40}) \(([^()\n]{3,200})\)")
_LABELS = frozenset(word for each in LEXICON["labels"].values() for word in each)
_NO_OPTION = _LABELS | {"from", "to", "date", "options", "example", "note", "important"}
_JOINTS = frozenset([",", "or", "and", "/", "|", "→", "then", "a", "an", "the"])


def menu(text: str) -> dict[str, str]:
    """Return the options that a text lays out as a list, each with what it says of it.

    A list is two lines running or more, "name: what it is", "name - …" or a bare name each; or
    names with brackets: "billing (invoices), technical (faults)".
    """
    best: dict[str, str] = {}
    run: dict[str, str] = {}
    for line in [*text.splitlines(), ""]:
        match = _ENTRY.fullmatch(line) or _BARE.fullmatch(line)
        head = match[1] if match else ""
        label = head != head.lower() and set(head.lower().split()) & _NO_OPTION
        if match and len(head.split()) <= 3 and not label and not _orders(head):
            run[head] = match[2].strip() if match.re is _ENTRY else ""
            continue
        if len(run) > max(1, len(best)):
            best = run
        run = {}
    braced = dict(_BRACED.findall(text))
    return braced if len(braced) > max(1, len(best)) else best


def entry(line: str) -> list[str]:
    """Return the name that a line describes ("billing: invoices"), if it describes one."""
    match = _ENTRY.fullmatch(line)
    return [match[1]] if match else []


def _orders(head: str) -> bool:
    """Tell that the head of a line begins an order or a rule ("If so", "Answer")."""
    first = head.split()[0].lower()
    return first in CLASSES["instructing"] or first in COMMON


def named_options(text: str) -> list[str]:
    """Return the options that instructions ask to choose from; empty if they list none."""
    formed = find(["key|keys|field|fields|heading|headings|section|sections|column|columns"], text)
    quoted = [
        unquoted(t.text)
        for t in tokens(text)
        if not formed
        and t.quoted
        and len(t.text.split()) < 4
        and text[t.start - 1 : t.start] != "="
    ]
    if len(set(quoted)) >= 2 and find([*_WORDS["choosing"], *_WORDS["naming"]], text):
        return list(dict.fromkeys(quoted))
    loud = [t.text for t in tokens(text) if t.text.isupper() and t.text.isalpha() and t.text[3:]]
    if len(set(loud) - {"JSON", "FINISH"}) >= 2:
        return list(dict.fromkeys(loud))
    if find(LEXICON["judging"]["grading"], text) and find(["yes {x} no"], text):
        return ["yes", "no"]
    if not find([*_WORDS["choosing"], *_WORDS["asks_name"]], text):
        return []
    laid_out, told = list(menu(text)), _told_options(text)
    if not laid_out or set(laid_out) < set(told):
        return told
    return laid_out + [w for w in ("FINISH", "END", "DONE") if w in text and w not in laid_out]


def _told_options(text: str) -> list[str]:
    """Return the options that instructions name in their sentences."""
    tagged = re.findall(r"<\w+ (?:name|id)=[\"'](\w+)[\"']", text)
    led = [conditions.split(s.replace(": ", ", "))[:2] for s in sentences(text)]
    ruled = [rest.strip() for condition, rest in led if condition and len(rest.split()) == 1]
    for found in (tagged, ruled):
        if len(set(found)) >= 2:
            return list(dict.fromkeys(found))
    team = _team(text)
    if team:
        return team
    sent = [m["x"] for clause in segments(text) if (m := find(_WORDS["sent"], clause))]
    sent = [unquoted(one) for one in sent if len(one.split()) == 1]
    if len(set(sent)) >= 2:
        return list(dict.fromkeys(sent))
    heads, runs = _headed(text), sorted(_runs(text), key=len)
    if len(heads) >= 2 and not (runs and set(heads) < set(runs[-1])):
        return heads
    if runs:
        return runs[-1] + [w for w in ("FINISH", "END") if w in text and w not in runs[-1]]
    if find(["yes or no"], text):
        return ["yes", "no"] if "?" in text or find(["whether"], text) else []
    return []


def _team(text: str) -> list[str]:
    for sentence in sentences(text):
        head, cut, rest = sentence.partition(": ")
        if cut and find(_WORDS["asks_name"], text) and find([_WORDS["listed"]], head):
            names = _enumerated(rest)
            if len(names) >= 2:
                return names + [w for w in ("FINISH", "END") if w in text and w not in names]
    return []


def _runs(text: str) -> list[list[str]]:
    """Find enumerations of single words with "or", or of three and more: "red, blue or green"."""
    found: list[list[str]] = []
    for sentence in [part for line in text.splitlines() for part in sentences(line)]:
        every = tokens(sentence)
        place = 0
        while place < len(every):
            run, joints, at = [every[place].text], [], place + 1
            while at + 1 < len(every):
                joint = at
                while joint < len(every) and every[joint].low in _JOINTS:
                    joint += 1
                between = [t.low for t in every[at:joint]]
                joined = {*between} - {"a", "an", "the"}  # "with a writer" lists nothing
                if not joined or joint >= len(every) or not _optional(every[joint]):
                    break
                joints += between
                run.append(every[joint].text)
                at = joint + 1
            ended_well = at >= len(every) or every[at].low in ".?;:)" or not every[at].low.isalpha()
            pair = {"or", "/", "|"} & set(joints) or find(LEXICON["managing"], sentence)
            if len(run) > 1 and _optional(every[place]) and ended_well and (len(run) > 2 or pair):
                found.append([unquoted(word) for word in run])
            place = at
    return found


def _optional(token: Token) -> bool:
    if token.low in COMMON or token.low in _WORDS["silent"].split() or token.low.isdigit():
        return False
    return token.quoted or token.low.replace("_", "").replace("-", "").isalnum()


def _enumerated(text: str) -> list[str]:
    text = text.split(". ", 1)[0].replace(" or ", ", ").replace(" and ", ", ").replace("/", ", ")
    parts = [part.strip(" .`\"'()[]{}:|") for part in text.replace("|", ",").split(",")]
    made = []
    for part in parts:
        part = part.rpartition(":")[2].strip(" `\"'")
        bare = [w for w in part.split() if w.lower() not in _WORDS["silent"].split()]
        if not bare:
            continue
        if len(bare) > 2:
            break
        made.append(" ".join(bare))
    return made


def _headed(text: str) -> list[str]:
    """Return single words that stand before a colon and a description; the rest's name too."""
    found: list[str] = []
    for line in text.splitlines():
        for joint in _WORDS["joints"]:
            head, cut, told = line.strip(" -*•\t").partition(joint)
            bare = head.strip("`'\"*").removeprefix("the ").removeprefix("The ")
            if cut and bare.replace("_", "").isalpha() and bare.islower() and " " in told.strip():
                found.append(bare)
                break
    if len(set(found)) >= 2:
        return list(dict.fromkeys([*found, *(w for w in ("FINISH", "END") if w in text)]))
    found = []
    for sentence in [part for one in sentences(text) for part in one.split(". ")]:
        head, colon, told = sentence.partition(": ")
        if colon and find(_WORDS["otherwise"], head) and len(told.split()) == 1:
            found.append(told.strip(" ."))
        elif colon and len(head.split()) == 1 and head.islower() and len(told.split()) > 1:
            found.append(head.strip("`'\""))
    return found


def segments(text: str) -> list[str]:
    """Split sentences at commas, semicolons and "and", so that each part names one option."""
    parts = [s.replace(";", ",").replace(" and ", ", ").split(",") for s in sentences(text)]
    return [part.strip() for each in parts for part in each if part.strip()]
