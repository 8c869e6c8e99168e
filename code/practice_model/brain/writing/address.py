"""Turns what a request says of somebody into what a message says to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLURALS = re.compile(
    r"\b(?:customers|suppliers|colleagues|everyone|everybody|team|staff|guests|members|readers|"
    r"people|all|them|friends|neighbours|students|parents|tenants|partners|visitors|employees)\b",
    re.I,
)
_SINGULARS = re.compile(
    r"\b(?:an?|the|our|my) (?:\w+ ){0,2}?(?:customer|client|guest|buyer|user|supplier|reader|"
    r"member|colleague|tenant|landlord|candidate|applicant|patient|friend|neighbour|person)\b"
    r"(?!['’]s)",
    re.I,
)
_NO_NOUN = (
    r"(?:that|if|whether|when|where|how|why|what|to|and|or|but|for|with|at|on|in|by|from|about|"
    r"of|an?|the|this|these|our|my|another|some|any|is|are|was|were|will|can|\d[\w.,]*)\b|"
    r"[.,;:!?]|$"
)
_THIRD = {
    "is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't",
    "wasn't": "weren't", "hasn't": "haven't", "doesn't": "don't", "goes": "go",
}  # fmt: skip
_STEADY = frozenset(("needs", "wants", "gets", "likes", "pays", "owes", "orders", "asks", "knows"))


@dataclass(frozen=True)
class Addressee:
    """Which pronouns of a request stand for whom the message is to."""

    he: bool = True
    she: bool = True
    they: bool = False
    names: tuple[str, ...] = ()


def addressee(request: str, name: str | None = None) -> Addressee:
    """Who a message is to, as far as pronouns go."""
    title = re.match(r"(Mr|Mrs|Ms|Miss)\b", name or "")
    if not title:
        title = re.search(r"\b(Mr|Mrs|Ms|Miss)\b\.? (?=[A-Z])", request)
    man = bool(title and title[1] == "Mr")
    woman = bool(title and title[1] != "Mr")
    names = tuple(dict.fromkeys([name, name.split()[-1], name.split()[0]])) if name else ()
    several = bool(_PLURALS.search(request)) or bool(_SINGULARS.search(request))
    return Addressee(
        not woman, not man, several and not title, tuple(n for n in names if len(n) > 3)
    )


def _verb(word: str) -> str:
    lower = word.lower()
    if lower in _THIRD:
        return _THIRD[lower]
    if lower in _STEADY or (len(lower) > 4 and lower.endswith(("oses", "ases", "eeds", "ants"))):
        return word[:-1]
    return word


def to_you(text: str, who: Addressee) -> str:
    """Say to somebody what is said of them: "his order" becomes "your order"."""
    subjects = [w for w, on in (("he", who.he), ("she", who.she), ("they", who.they)) if on]
    owners = [w for w, on in (("his", who.he), ("their", who.they)) if on]
    objects = [w for w, on in (("him", who.he), ("them", who.they)) if on]
    for name in who.names:
        text = re.sub(rf"\b{re.escape(name)}['’]s\b", "your", text)
    text = re.sub(
        r"\b[Tt]he (?:customer|client|guest|buyer|supplier|patient|recipient)['’]s\b", "your", text
    )
    if subjects:
        text = re.sub(
            rf"\b(?:{'|'.join(subjects)})\b(\s+(?:also |still |now |already )?)([\w'’]+)",
            lambda m: f"you{m[1]}{_verb(m[2])}",
            text,
            flags=re.I,
        )
        text = re.sub(rf"\b(?:{'|'.join(subjects)})\b", "you", text, flags=re.I)
        text = re.sub(rf"\b(?:{'|'.join(subjects)})['’]s\b", "you are", text, flags=re.I)
    if owners:
        text = re.sub(rf"\b(?:{'|'.join(owners)})\b", "your", text, flags=re.I)
    if objects:
        text = re.sub(rf"\b(?:{'|'.join(objects)})\b", "you", text, flags=re.I)
    if who.she:
        text = re.sub(rf"\bher(?=\s*(?:{_NO_NOUN}))", "you", text, flags=re.I)
        text = re.sub(r"\bher\b", "your", text, flags=re.I)
    return text


_SHOP = (
    (r"\bI['’]m\b|\bI am\b", "you are"),
    (r"\bI was\b", "you were"),
    (r"\bI['’]ve\b", "you have"),
    (r"\bI['’]d\b", "you would"),
    (r"\bI['’]ll\b", "you will"),
    (r"\b(?:am|was) I\b", "are you"),
)


def from_writer(text: str) -> str:
    """Say to somebody what they wrote of themselves: "my lamp" becomes "your lamp"."""
    text = re.sub(r"\b(?:you are|you['’]re)\b", "\0we are", text, flags=re.I)
    text = re.sub(r"\byours?\b", "\0our", text, flags=re.I)
    text = re.sub(r"\b(to|for|from|with|by|at) you\b", "\\1 \0us", text, flags=re.I)
    text = re.sub(r"\byou\b", "\0we", text, flags=re.I)
    for pattern, word in _SHOP:
        text = re.sub(pattern, word, text)
    swaps = {"i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself"}
    text = re.sub(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b", lambda m: swaps[m[0].lower()], text)
    return text.replace("\0", "")


_AUXILIARY = re.compile(
    r"^(?P<wh>(?:when|where|why|how(?: much| many| long)?|what|which [\w-]+)\s+)?"
    r"(?P<aux>can|could|will|would|should|may|is|are|was|were|has|have|do)\s+"
    r"(?P<who>I|we|you|it|they|this|that|there|"
    r"(?:my|the|your|our|a|an) [\w-]+(?: [\w-]*\d[\w-]*)?)\b"
    r"\s*(?P<rest>.*?)\?*$",
    re.I | re.S,
)


def indirect(question: str) -> str | None:
    """A question of the writer's as a clause: "whether you can get a replacement"; None if odd."""
    found = _AUXILIARY.match(question.strip())
    if not found or "?" in found["rest"] or len(question.split()) > 25:
        return None
    aux = "" if found["aux"].lower() == "do" else f" {found['aux'].lower()}"
    lead = (found["wh"] or "whether ").strip().lower()
    clause = " ".join(f"{found['who']}{aux} {found['rest']}".split())
    said = from_writer(clause[:1].lower() + clause[1:] if not clause.startswith("I ") else clause)
    said = re.sub(r"\byou (?:am|is)\b", "you are", said)
    return f"{lead} {said}".strip(" ,.")
