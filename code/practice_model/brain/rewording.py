"""The same words in another register: more formal, more polite, or spelt right."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.chores import given

_PLAIN = {
    "u": "you", "ur": "your", "r": "are", "asap": "as soon as possible", "thx": "thank you",
    "thanks": "thank you", "pls": "please", "plz": "please", "gonna": "going to",
    "wanna": "want to", "gotta": "have to", "gimme": "give me", "lemme": "let me",
    "hey": "hello", "hi": "hello", "yo": "hello", "btw": "by the way", "fyi": "for your information",
    "info": "information", "kids": "children", "guys": "colleagues", "cuz": "because",
    "coz": "because", "ok": "in order", "okay": "in order", "yeah": "yes", "yep": "yes",
    "nope": "no", "stuff": "things", "lots of": "many", "a lot of": "much", "tmrw": "tomorrow",
    "msg": "message", "doc": "document", "docs": "documents", "can't": "cannot",
    "won't": "will not", "don't": "do not", "doesn't": "does not", "didn't": "did not",
    "isn't": "is not", "aren't": "are not", "wasn't": "was not", "couldn't": "could not",
    "shouldn't": "should not", "wouldn't": "would not", "haven't": "have not",
    "hasn't": "has not", "i'm": "I am", "i've": "I have", "i'll": "I will", "i'd": "I would",
    "it's": "it is", "that's": "that is", "we're": "we are", "we've": "we have",
    "we'll": "we will", "you're": "you are", "they're": "they are", "there's": "there is",
    "what's": "what is", "let's": "let us", "dunno": "do not know", "tho": "though", "bc": "because",
}  # fmt: skip
_SPELLING = {
    "recieve": "receive", "recieved": "received", "teh": "the", "yestarday": "yesterday",
    "adress": "address", "seperate": "separate", "definately": "definitely",
    "occured": "occurred", "untill": "until", "wich": "which", "becuase": "because",
    "thier": "their", "freind": "friend", "wierd": "weird", "tommorow": "tomorrow",
    "tomorow": "tomorrow", "beleive": "believe", "accomodate": "accommodate", "alot": "a lot",
    "wont": "won't", "dont": "don't", "cant": "can't", "didnt": "didn't", "doesnt": "doesn't",
    "isnt": "isn't", "im": "I'm", "i": "I", "neccessary": "necessary", "begining": "beginning",
    "goverment": "government", "publically": "publicly", "calender": "calendar",
    "succesful": "successful", "writting": "writing", "comming": "coming", "allready": "already",
    "arived": "arrived", "brocken": "broken", "custumer": "customer", "becouse": "because",
}  # fmt: skip
_ASKED = re.compile(
    r"\b(?:re-?write|re-?phrase|re-?word|make|say|put|turn|write|change)\b[^:\n]{0,60}?"
    r"\b(?P<how>formal(?:ly)?|polite(?:ly|r)?|professional(?:ly)?|business[- ]like|kind(?:ly|er)|"
    r"respectful(?:ly)?|courteous(?:ly)?)\b",
    re.I,
)
_SPELL = re.compile(
    r"\b(?:fix|correct|check|mend|improve)\b[^:\n]{0,30}\b(?:spelling|grammar|typos?|mistakes|errors)\b",
    re.I,
)  # fmt: skip


def _finished(text: str) -> str:
    text = " ".join(text.split())
    text = re.sub(r"\bi\b", "I", text)
    parts = re.split(r"(?<=[.!?])\s+", text)
    said = " ".join(part[:1].upper() + part[1:] for part in parts if part)
    return said if said[-1:] in ".!?" else said + "."


def _swap(text: str, table: dict[str, str]) -> str:
    def change(found: re.Match[str]) -> str:
        word = found[0].replace("’", "'")
        new = table.get(word.lower())
        if new is None:
            return found[0]
        return new[:1].upper() + new[1:] if word[:1].isupper() and word.lower() != "i" else new

    return re.sub(r"[A-Za-z]+(?:['’][a-z]+)?", change, text)


_IMPERATIVE = re.compile(
    r"^(?:please )?(send|give|bring|call|tell|show|help|fix|write|answer|reply|let|return|refund|"
    r"check|stop|pay|replace|explain|open|close|come|wait|deliver|cancel|change|update)\b(.*)$",
    re.I | re.S,
)


def formal(text: str) -> str:
    """A text in polite, formal words: short forms written out, orders put as requests."""
    text = _swap(text, _PLAIN)
    text = re.sub(r"!+", ".", text)
    made = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        greeting = re.match(r"(hello|dear \w+)\b[ ,]*", sentence, re.I)
        lead = ""
        if greeting:
            lead, sentence = "Hello, ", sentence[greeting.end() :]
        bare = sentence.strip().rstrip(".?! ")
        if asked := re.match(r"(?:can|could|will|would) you (?:please )?(.+)$", bare, re.I | re.S):
            sentence = f"could you please {asked[1]}?"
        elif order := _IMPERATIVE.match(bare):
            rest = re.sub(r",?\s*\b(?:right )?now$|,?\s*\bplease$", "", order[2])
            sentence = f"could you please {order[1].lower()}{rest}?"
        elif wanted := re.match(r"i (?:want|need) (?!to\b)(.+)$", bare, re.I | re.S):
            sentence = f"I would like to have {wanted[1]}."
        elif wanted := re.match(r"i want to (.+)$", bare, re.I | re.S):
            sentence = f"I would like to {wanted[1]}."
        else:
            sentence = sentence.strip()
        sentence = sentence[:1].upper() + sentence[1:] if not lead else sentence
        made.append(_finished(f"{lead}{sentence}") if sentence else lead.strip(" ,") + ".")
    return " ".join(made)


def answer(request: str) -> str | None:
    """Reword the short text that a request gives; None when it asks for nothing of the kind."""
    text, around = given(request)
    if not text or len(text.split()) > 60 or "\n\n" in text:
        return None
    if _SPELL.search(around):
        return _finished(_swap(text, _SPELLING))
    if _ASKED.search(around) and not re.search(r"\be-?mail\b|\bletter\b|\bdraft\b", around, re.I):
        return formal(text)
    return None
