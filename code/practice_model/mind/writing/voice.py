"""Who speaks to whom: statements turned from "tell her that she …" to "you …"."""

import re

from practice_model.mind.reading.phrases import CLASSES, LEXICON, find, tokens
from practice_model.mind.reading.text import capital, ended, sentences, words
from practice_model.mind.reading.tokens import singular
from practice_model.mind.reading.values import spans

_TO_YOU: dict[str, str] = LEXICON["voice"]["to_you"]
_FROM_ME: dict[str, str] = LEXICON["voice"]["from_me"]
_AUX: dict[str, str] = LEXICON["voice"]["auxiliaries"]
_SHE = frozenset(["she", "her", "hers", "herself"])
_HE = frozenset(["he", "him", "his", "himself"])
_THEY = frozenset(["they", "them", "their", "theirs", "themselves"])


def _swapped(text: str, table: dict[str, str], allowed: frozenset[str] | None = None) -> str:
    """Swap pronouns by a table and make the verb behind a new "you" agree."""
    every = tokens(text)
    made: list[str] = []
    end = 0
    agree = False
    for place, token in enumerate(every):
        new = token.text
        if token.low in table and (allowed is None or token.low in allowed):
            after = every[place + 1].low if place + 1 < len(every) else ""
            new = table[token.low]
            if token.low == "her" and (not after or after in CLASSES["after_object"]):
                new = "you"
            agree = new == "you" and token.low in ("she", "he", "i", "they", "we")
            if token.text[0].isupper() and (token.low != "i" or place == 0):
                new = capital(new)
        elif agree:
            if token.low in CLASSES["adverb"]:
                pass
            elif token.low in _AUX:
                new, agree = _AUX[token.low], False
            elif every[place - 1].low in ("she", "he") or token.low.endswith("s"):
                new, agree = singular(token.text), False
            else:
                agree = False
        made.append(text[end : token.start] + new)
        end = token.end
    return "".join(made) + text[end:]


def to_reader(text: str, who: str = "") -> str:
    """Say to the reader what a text says of them.

    Pronouns of one gender are the reader's. With two genders those that fit `who`, a pronoun of
    the request, are; without one nothing changes.
    """
    for name in ("the customer's", "the client's", "the reader's", "the user's"):
        text = text.replace(name, "your").replace(capital(name), "Your")
    for name in ("the customer", "the client", "the user"):
        text = _nouns(text, name)
    low = {token.low for token in tokens(text)}
    she, he = bool(low & _SHE), bool(low & _HE)
    if she and he:
        allowed = _SHE if who in _SHE else _HE if who in _HE else frozenset[str]()
    else:
        allowed = _SHE | _HE
        if not (she or he) and who not in ("", *_SHE, *_HE):
            allowed |= _THEY
    return _swapped(text, _TO_YOU, allowed)


def _nouns(text: str, name: str) -> str:
    for form in (name, capital(name)):
        at = text.find(form + " ")
        if at >= 0:
            rest = text[at + len(form) + 1 :]
            text = text[:at] + _swapped("she " + rest, {"she": "you"}, frozenset({"she"}))
    return text


def from_user(text: str) -> str:
    """Say back to the user what they said of themselves ("my name is …": "Your name is …")."""
    swapped = _swapped(text, _FROM_ME)
    for name in ("the user's ", "user's "):
        if swapped.lower().startswith(name):
            return f"Your {swapped[len(name) :]}"
    for name in ("the user ", "user ", "the customer "):
        if swapped.lower().startswith(name):
            return capital(_swapped("she " + swapped[len(name) :], {"she": "you"}))
    return swapped


def statement(text: str) -> str:
    """Make a sentence of a clause; of a noun with its value, too ("order number MF-1042")."""
    text = text.strip(" .,;:")
    last = text.split()[-1] if text.split() else ""
    valued = any(c.isdigit() for c in last) or last[:1] in "\"'“"
    ending = [
        s
        for s in spans(text)
        if s.kind in ("date", "time", "money", "quantity", "duration")
        and s.end >= len(text) - 1
        and s.start > 3
    ]
    if ending and not is_clause(text):
        last, valued = text[ending[0].start :], True
    if valued and 1 < len(text.split()) <= 7 and find(LEXICON["verb_like"], text) is None:
        head = text[: -len(last)].rstrip(" :")
        lead = "" if head.split()[0].lower() in CLASSES["determiner"] else "the "
        return capital(f"{lead}{head} is {last}.")
    return capital(ended(text))


def is_clause(text: str) -> bool:
    """Tell that words are a statement with a verb rather than a noun phrase."""
    if find(LEXICON["verb_like"], text):
        return True
    every = words(text)
    return any(
        word.endswith("ed") and len(word) > 4 and every[i - 1] not in CLASSES["determiner"]
        for i, word in enumerate(every)
        if i and i + 1 < len(every)
    )


def person(text: str) -> str:
    """Return "I" when the sender speaks of themselves alone, else "we"."""
    low = {token.low for token in tokens(text)}
    return "I" if low & {"i", "my", "me", "i'm", "i've", "i'll"} else "we"


def spoken(template: str, sender: str, **slots: str) -> str:
    """Fill a template of an act: {W} {w} {are} {us} {our} are the sender's words."""
    one = sender == "I"
    words = {"W": "I" if one else "We", "w": "I" if one else "we", "us": "me" if one else "us"}
    words |= {"are": "am" if one else "are", "our": "my" if one else "our"}
    return capital(template.format(**words, **slots))


def questions(text: str) -> list[str]:
    """Return the questions of a text, each by itself ("What is X and when does Y?": two)."""
    found: list[str] = []
    for one in sentences(text):
        every = tokens(one)
        cuts = [0]
        for place, token in enumerate(every[:-1]):
            follow = every[place + 1].low
            if token.low in ("and", ",") and follow in CLASSES["asking"] and place > 1:
                cuts.append(place + 1)
        for start, stop in zip(cuts, [*cuts[1:], len(every)], strict=True):
            last = every[stop - 1]
            end = last.start if last.low in ("and", ",") else last.end
            piece = one[every[start].start : end]
            if piece.strip():
                found.append(piece.strip(" ,"))
    return found


def is_question(text: str) -> bool:
    """Tell a question, with or without its mark."""
    return text.endswith("?") or (words(text)[:1] != [] and words(text)[0] in CLASSES["asking"])


_SPELLING = {w: right for right, told in LEXICON["spelling"].items() for w in told.split()}
_SPELT = re.compile(rf"\b({'|'.join(_SPELLING)})\b", re.I)


def spelled(text: str) -> str:
    """Spell out what people type in a hurry ("pls dont": "please don't")."""
    text = _SPELT.sub(lambda match: _SPELLING[match[1].lower()], text)
    return _RUN_ON.sub(lambda match: capital(match[0]), text)


_RUN_ON = re.compile(rf"(?<=[a-z][.!?] )(?:{'|'.join(sorted(CLASSES['instructing']))})\b")


def plainly(sentence: str) -> str:
    """Take the politeness off an order ("Could you tell …?": "Tell …")."""
    reminded = find(["^ [please|so|and] remind|tell me [again] [,] {x} $"], sentence)
    if (
        reminded
        and sentence.endswith("?")
        and (words(reminded["x"]) or [""])[0] in CLASSES["wh"] | {"who"}
    ):
        return capital(reminded["x"]) + "?"
    match = find(LEXICON["polite"], sentence)
    if match is None or words(match["x"])[0] not in CLASSES["instructing"] | CLASSES["drafting"]:
        return sentence
    return capital(sentence[sentence.index(match["x"][:12]) :].rstrip("?. ")) + "."
