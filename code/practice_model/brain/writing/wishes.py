"""What people ask of a letter: whom it addresses, how it apologises, thanks and offers."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.writing.address import Addressee, to_you
from practice_model.brain.writing.text import Block, capital

_WHO = r"(?:her|him|them|the (?:customer|reader|recipient|client|person))"
_NAME = r"[\"“']?(?P<name>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)[\"”']?"
_VERBS = (
    r"(?:offer|apologi[sz]e|say|mention|thank|sign|address|greet|call|tell|ask|make|add|remove|drop|"
    r"delete|start|begin|end|use|write|be|replace|change|do not|don't|include|keep)"
)
_NO_APOLOGY = re.compile(
    r"\b(?:do not|don't|never|no need to|stop|without|drop|remove|no|less)\b[^.]*"
    r"\b(?:sorry|apolog\w+|apologi[sz]\w*|regrets?)\b",
    re.IGNORECASE,
)
_APOLOGY = re.compile(r"\b(?:apologi[sz]\w*|apolog(?:y|ies|etic)|say sorry|be sorry)\b", re.I)
_SORRY = r"(?:we|i) (?:am|are|'m|'re) (?:very |so |truly )?(?:sorry|afraid) (?:to (?:say|tell you|hear) )?that "
_NOTE = re.compile(r"\n*^\[Not done, .*\]\s*\Z", re.MULTILINE)


def clauses(feedback: str) -> list[str]:
    """The single wishes of a piece of feedback."""
    found = []
    for sentence in re.split(r"(?<=[.!?;])\s+", feedback.strip()):
        found += re.split(rf"(?:,\s*|,?\s+(?:and|but|then)\s+)(?={_VERBS}\b)", sentence, flags=re.I)
    return [clause.strip(" ,;") for clause in found if clause.strip(" ,;.")]


def without_note(text: str) -> str:
    """The text without what an earlier revision said about wishes it could not follow."""
    return _NOTE.sub("", text)


def is_errand(wish: str) -> bool:
    """Whether it only says that the text is to be revised, and not how."""
    return bool(
        re.match(
            r"(?:please |now )?(?:revise|rewrite|re-write|improve|polish|edit|correct|proofread|update|redo|rework|fix)\b[^.]{0,60}$",
            wish.rstrip(".! :"),
            re.IGNORECASE,
        )
    )


def note(missed: list[str]) -> str:
    """Says which wishes were not understood."""
    wishes = ", ".join(f'"{wish.rstrip(".! ")}"' for wish in missed)
    return f"[Not done, since the writer did not understand it: {wishes}]"


def is_letter(parts: list[Block]) -> bool:
    """Whether a text greets somebody or is signed."""
    if any(part.kind in ("greeting", "signoff") for part in parts):
        return True
    first = next((part.sentences[0] for part in parts if part.sentences), "")
    return bool(re.match(r"(?:Dear|Hello|Hi|Hey) (?:\w+\.? ){0,2}[A-ZÀ-Þ][\w’'-]*,", first))


def name_to_greet(wish: str) -> str | None:
    """How the reader shall be addressed, if that is the wish."""
    match = re.search(
        rf"\b(?i:address|greet|call)\s+(?i:{_WHO})\s+(?i:(?:as|by|with)\s+)?(?i:(?:her|his|their) "
        rf"(?:first )?name,?\s+)?{_NAME}|\b(?i:write|say|start with|begin with)\s+[\"“']?"
        r"(?:Dear|Hello|Hi) (?P<other>[A-Z][\w’'-]*)",
        wish,
    )
    return (match["name"] or match["other"]) if match else None


def signer(wish: str) -> str | None:
    """Whose name shall stand below, if that is the wish."""
    match = re.search(
        rf"\b(?i:sign)(?i:\s+(?:it|off|the (?:e-?mail|letter|mail)))*\s+(?i:as|with|by)\s+{_NAME}",
        wish,
    )
    return match["name"] if match else None


def greet(parts: list[Block], name: str) -> None:
    """Address the reader by name."""
    for part in parts:
        if part.kind == "greeting":
            word = part.sentences[0].split(" ")[0].strip(" ,!")
            part.sentences = [f"{word if word in ('Dear', 'Hi') else 'Hello'} {name},"]
            return
    at = sum(part.kind in ("heading", "subject") for part in parts)
    parts.insert(at, Block("greeting", [f"Hello {name},"]))


def sign(parts: list[Block], name: str) -> None:
    """Put a name below the letter."""
    for part in parts:
        if part.kind == "signoff":
            part.sentences = [part.sentences[0].rstrip(", ") + ",", name]
            return
    parts.append(Block("signoff", ["Best regards,", name]))


def no_apology(wish: str) -> bool:
    """Whether the letter shall not apologise."""
    return bool(_NO_APOLOGY.search(wish))


def without_apology(sentence: str) -> str | None:
    """A sentence that no longer says sorry; None when nothing else is in it."""
    plain = re.sub(
        rf"^{_SORRY}|^(?:unfortunately|regrettably|sadly|sorry),?\s+", "", sentence, flags=re.I
    )
    if re.search(r"\b(?:apologi\w+|sorry)\b", plain, re.I):
        return None
    return capital(plain) if plain != sentence else sentence


def apology(wish: str) -> bool:
    """Whether the letter shall apologise (more)."""
    return bool(_APOLOGY.search(wish)) and not no_apology(wish)


def stronger(sentence: str) -> str:
    """A sentence whose regret is said with more weight."""
    return re.sub(
        r"\b((?:I|we) (?:am|are)|I'm|we're) sorry\b", r"\1 very sorry", sentence, flags=re.I
    )


def colder_or_stiffer(wish: str) -> bool:
    """Whether somebody finds the letter cold or stiff."""
    return bool(
        re.search(
            r"\btoo (?:cold|formal|stiff|dry|harsh|distant|impersonal)\b|\b(?:nicer|kinder|softer|gentler)\b",
            wish,
            re.IGNORECASE,
        )
    )


def sentence_for(wish: str, *, letter: bool) -> tuple[str, bool] | None:
    """The sentence that a wish asks for, and whether it opens the letter."""
    thanks = re.match(rf"(?:please )?thank (?:{_WHO}|you) for (.+)$", wish.rstrip(".! "), re.I)
    if thanks:
        return f"Thank you for {_yours(thanks[1])}.", False
    if re.match(r"(?:start|begin|open) with (?:a )?(?:thanks?|thank[- ]you)", wish, re.I):
        return "Thank you for your message.", True
    asked = re.match(rf"ask (?:{_WHO} )?(whether|if) (.+)$", wish.rstrip(".!? "), re.I)
    if asked:
        return f"Please tell us {asked[1].lower()} {to_you(asked[2], Addressee())}.", False
    offered = re.match(rf"offer (?:{_WHO} )?(?:to )?(.+)$", wish.rstrip(".! "), re.I)
    if offered and letter:
        return f"We can offer you {_yours(offered[1])}.", False
    return None


def topic_to_tell(wish: str) -> str | None:
    """What somebody shall be told about."""
    told = re.match(rf"(?:tell|inform) {_WHO} (?:about|of)\s+(.+)$", wish.rstrip(".! "), re.I)
    return told[1] if told else None


def word_to_avoid(wish: str) -> str | None:
    """A word that shall not be used."""
    match = re.match(
        r"(?:do not|don't|never|please don't|avoid)\s+(?:use|using|say|saying|write)?\s*the words?\s+[\"“']?([\w’' -]+?)[\"”']?$",
        wish.rstrip(".! "),
        re.IGNORECASE,
    )
    return match[1] if match else None


def _yours(text: str) -> str:
    return re.sub(r"\b(?:her|his|their)\b(?= \w)", "your", text, flags=re.IGNORECASE)
