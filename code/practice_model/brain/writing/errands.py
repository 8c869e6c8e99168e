"""What a message is to say, read from the request for it, as sentences to its reader."""

# ruff: noqa: E501  (patterns are kept on one line each)

from __future__ import annotations

import re
from dataclasses import dataclass

from practice_model.brain.writing.address import Addressee, addressee, to_you
from practice_model.brain.writing.general import is_clause
from practice_model.brain.writing.limits import read_limits
from practice_model.brain.writing.model import Limits
from practice_model.brain.writing.text import capital, finish, sentences

_WHO = r"(?:\S+@[\w.-]+\w|him|her|them|us|everyone|everybody|you|(?:the|our|my|a|all) (?:\w+ )?\w+|(?:Mr|Mrs|Ms|Dr)\.? [A-Z][\w'-]+|[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
_HEAD = re.compile(
    r"^\W*(?:please |kindly |(?:can|could|would) you (?:please )?|i (?:want|need) you to |i['’]d like you to |let['’]s )*"
    r"(?:write|draft|compose|send|prepare|create|word|e-?mail|mail|message|text|reply|answer|respond|tell|inform|notify|remind|thank|invite|ask|let|apologi[sz]e)\b",
    re.I,
)
_OPENING = re.compile(
    r"^(?:and |then |also |please |but |to |by )*"
    r"(?P<verb>offer|ask|tell|inform|notify|let|say|stat|explain|mention|announc|apologi[sz]|thank|invit|remind|promis|congratulat|wish|confirm|warn|assur|add|not|declin|includ|request|suggest|propos|giv)(?:e|es|ing|ting)?\b\s*",
    re.I,
)
_SEAM = re.compile(
    r"(?<!\d):(?!//)\s+|"
    r"\s+(?=(?:saying|stating|announcing|explaining|telling|informing|notifying|declining|thanking|inviting|apologi[sz]ing|offering|asking|reminding|confirming|congratulating|warning|promising|mentioning|letting)\b)|"
    r"\s+(?=whose\b)|,?\s+(?=that\b)|\s+(?=(?:who|which) (?:has|have|is|are|was|were|had)\b)|"
    r"\s+(?=because\b)|(?<=reminder)\s+(?=(?:of|about)\b)|\s+and (?=(?:tell|ask|offer|say|explain|thank|invite|remind|inform|apologi[sz]e|let|promise|mention)\b)|"
    r"(?<=apology)\s+(?=for\b)",
    re.I,
)
_STYLE = re.compile(
    r"^(?:please |and )*(?:keep|make|be|use|sign(?:ed)?|start|end|begin|do not|don['’]t|avoid|no\b|in (?:at most|under|a |about|\d)|at most|not more|maximum|max\b|short|mention (?:the |its )?(?:id|source)|cite|write|include (?:a|the) (?:greeting|subject)|the (?:tone|e-?mail|mail|letter|message|text|subject)\b|a (?:friendly|formal|short|warm|polite)|(?:friendly|formal|polite|brief|warm)\b|with(?:out)?\b|return|respond|reply only|output|should|must)\b",
    re.I,
)
_IMPERATIVE = re.compile(
    r"^(?:please )?(?:bring|come|call|send|reply|answer|pay|pick|check|let|join|read|return|confirm|choose|wait|contact|visit|take|tell|fill|update|review|close|open|remember|register|book|sign up|meet|stop|start|try|help|prepare|look)\b",
    re.I,
)
_BAD = re.compile(
    r"\b(?:late|delay\w*|broken|damaged|sold out|out of stock|lost|wrong|missing|cancel\w*|torn|defect\w*|not (?:available|arrive|possible)|cannot|can['’]t|leak\w*|mistake|error|overcharged|unavailable)\b",
    re.I,
)


@dataclass(frozen=True)
class Errand:
    """What a message is to say: sentences to its reader, and whether the news is bad."""

    says: tuple[str, ...] = ()
    bad_news: bool = False
    subject: str = ""


def read_errand(request: str, recipient: str | None = None) -> Errand:
    """Read what the message must say; empty when the request names a mere topic."""
    request = re.sub(
        r"\s+(?:by|via|in an?) (?:e-?mail|mail|letter|message|text)\b", "", request, flags=re.I
    )
    who = addressee(request, recipient)
    said: list[str] = []
    statements: list[str] = []
    for number, sentence in enumerate(sentences(request)):
        sentence = sentence.strip()
        if not sentence or _is_format(sentence):
            continue
        pieces = _after_head(sentence) if number == 0 or _HEAD.match(sentence) else [sentence]
        for piece in pieces:
            for segment in _segments(piece):
                made = _sentence(segment, who)
                if made and made not in said:
                    said.append(made)
                    if not re.match(r"(?:Please|We would|I would|Thank|Could)\b", made):
                        statements.append(made)
    first = statements[0] if statements else ""
    subject = subject_line(first) if first else ""
    return Errand(tuple(said), any(map(is_bad, statements)), subject)


def is_bad(statement: str) -> bool:
    """Whether a statement is bad news for its reader."""
    return bool(_BAD.search(statement))


def uncapital(statement: str) -> str:
    """A statement for mid-sentence: its first word small unless it is a name or "I"."""
    return re.sub(
        r"^(?:The|Your|Our|A|An|You|We|It|This|That|There|They|My|His|Her|Their|All|Some)\b",
        lambda found: found[0].lower(),
        statement,
    )


def _is_format(sentence: str) -> bool:
    if _HEAD.match(sentence):
        return False
    if read_limits(sentence) != Limits() and not is_clause(sentence):
        return True
    return bool(_STYLE.match(sentence))


def _after_head(sentence: str) -> list[str]:
    """What follows "write an e-mail to Ada": the part that tells what to say."""
    if opening := re.match(
        rf"^\W*(?:please )?(?:(?:tell|inform|notify|remind|thank|invite|ask|let)\b(?= {_WHO})|apologi[sz]e to\b)",
        sentence,
        re.I,
    ):
        return [sentence[opening.start() :].strip()]
    if not _HEAD.match(sentence):
        return [sentence]
    seam = _SEAM.search(sentence)
    return [sentence[seam.end() :]] if seam else []


_NEXT = re.compile(
    r",\s*(?:and |then |but )?(?=(?:offer|ask|tell|inform|say|explain|mention|apologi[sz]e|thank|invite|remind|promise|bring|please|let|we|i|you|he|she|they|it|his|her|their|your|our|the|there)\b)|"
    r"\s+and (?=(?:offer|ask|tell|inform|say|explain|mention|apologi[sz]|thank|invit|remind|promis|congratulat|wish|let|that)(?:e|es|ing)?\b)|;\s*",
    re.I,
)


def _segments(piece: str) -> list[str]:
    found: list[str] = []
    for part in _NEXT.split(piece):
        part = part.strip(" ,;")
        if not part:
            continue
        if (
            found
            and re.match(
                r"(?:we|i|you|he|she|they|it|his|her|their|your|our|the|there)\b", part, re.I
            )
            and not is_clause(part)
        ):
            found[-1] = f"{found[-1]}, {part}"
        else:
            found.append(part)
    return found


def _sentence(segment: str, who: Addressee) -> str:
    """One thing to say, as a sentence to the reader; empty when it is none."""
    segment = segment.strip(' .,;"“”')
    if not segment or _STYLE.match(segment):
        return ""
    if found := re.match(r"whose (.+)$", segment, re.I | re.S):
        return _said(f"your {found[1]}", who)
    if found := re.match(
        r"(?:who|which) (has|have|is|are|was|were|had) (.+)$", segment, re.I | re.S
    ):
        verb = {"has": "have", "is": "are", "was": "were"}.get(found[1].lower(), found[1].lower())
        return _said(f"you {verb} {found[2]}", who)
    if found := re.match(r"(?:that|because|since) (.+)$", segment, re.I | re.S):
        return _said(found[1], who) if is_clause(found[1]) or len(found[1].split()) > 2 else ""
    if opening := _OPENING.match(segment):
        rest = segment[opening.end() :].strip()
        made = _deed(opening["verb"].lower(), rest, who)
        if made is not None:
            return made
    if found := re.match(r"(?:of|about|for) (.+)$", segment, re.I | re.S):
        return ""
    if _IMPERATIVE.match(segment):
        plain = re.sub(r"^please ", "", segment, flags=re.I)
        return finish(f"Please {to_you(plain[:1].lower() + plain[1:], who)}")
    return _said(segment, who) if is_clause(segment) or _finite(segment) else ""


def _finite(segment: str) -> bool:
    return bool(
        re.match(
            r"(?:we|i|you|he|she|they|it|there|(?:his|her|their|your|our|the|my|this) [\w' -]{2,50}?|[A-Z][\w'-]+) "
            r"(?:is|are|was|were|will|has|have|had|can|cannot|may|must|should|did|[a-z]{2,}(?:s|ed)|sent|sold|lost|got|made|close|open|need|want|send|hope|move|offer|plan)\b",
            segment,
            re.I,
        )
    )


def _whom(rest: str) -> str:
    return re.sub(
        rf"^{_WHO}\s+(?=that|to|if|whether|when|where|how|why|what|for|about|of|an?\b|the\b|on|our|my|\d|all|which|who)",
        "",
        rest,
        count=1,
    )


def _deed(verb: str, rest: str, who: Addressee) -> str | None:
    """The sentence for "offer him a voucher", "ask her when she comes", "apologise for …"."""
    body = _whom(rest)
    turned = to_you(body, who)
    if verb in (
        "tell",
        "inform",
        "notify",
        "say",
        "stat",
        "explain",
        "mention",
        "announc",
        "confirm",
        "warn",
        "assur",
        "add",
        "not",
        "let",
        "includ",
    ):
        body = re.sub(rf"^{_WHO}\s+know\s+", "", rest) if verb == "let" else body
        plain = re.sub(r"^(?:(?:also )?that|why|how)\s+", "", body, flags=re.I)
        if verb in ("mention", "includ", "explain", "confirm") and not re.match(r"that\b", body):
            return ""  # points to mention are read elsewhere
        return _said(plain, who) if is_clause(plain) or _finite(plain) else ""
    if verb in ("offer", "giv"):
        return finish(f"We would like to offer you {turned}") if turned else None
    if verb in ("ask", "request"):
        if re.match(r"(?:if|whether|when|where|how|why|what|which|who)\b", turned, re.I):
            return finish(f"Please let me know {turned}")
        if found := re.match(r"to (.+)$", turned, re.I | re.S):
            return finish(f"Please {found[1]}")
        if found := re.match(r"for (.+)$", turned, re.I | re.S):
            return finish(f"I would like to ask you for {found[1]}")
        return None
    if verb == "declin" and turned:
        found = re.match(r"(.+?),? (because .+)$", turned, re.I | re.S)
        why = f", {found[2]}" if found else ""
        return finish(f"I have to decline {found[1] if found else turned}{why}")
    if verb in ("suggest", "propos"):
        return finish(f"I would like to suggest {turned}") if turned else None
    if re.match(r"apologi", verb) and (
        found := re.match(r"(?:to .{1,40}? )?(for .+)$", turned, re.I | re.S)
    ):
        return finish(f"I apologise {found[1]}")
    if verb == "thank" and (found := re.match(r"(for .+)$", turned, re.I | re.S)):
        return finish(f"Thank you {found[1]}")
    if verb == "invit" and (found := re.match(r"((?:to|for) .+)$", turned, re.I | re.S)):
        return finish(f"I would like to invite you {found[1]}")
    if verb == "congratulat" and (found := re.match(r"(on .+)$", turned, re.I | re.S)):
        return finish(f"Congratulations {found[1]}")
    if verb == "remind":
        if found := re.match(r"that (.+)$", turned, re.I | re.S):
            return finish(f"Please remember that {found[1]}")
        if found := re.match(r"to (.+)$", turned, re.I | re.S):
            return finish(f"Please remember to {found[1]}")
        return ""
    if verb == "wish" and turned:
        return finish(f"I wish you {turned}")
    if verb == "promis" and turned:
        plain = re.sub(r"^that ", "", turned)
        return _said(plain, who) if is_clause(plain) else finish(f"I promise you {turned}")
    return None


def _said(text: str, who: Addressee) -> str:
    return finish(capital(to_you(text.strip(" ,.;"), who)))


_FINITE = re.compile(
    r"\s(?:is|are|was|were|will|has|have|had|can|cannot|leaves?|moves?|comes?|arrives?|must|should|may)\s"
)


def subject_line(statement: str, words: int = 8) -> str:
    """A short subject: the statement itself, or what it is about."""
    plain = statement.strip().rstrip(".!?")
    if len(plain.split()) <= words:
        return capital(plain)
    verb = _FINITE.search(plain)
    head = plain[: verb.start()] if verb else ""
    if 2 <= len(head.split()) <= words + 1:
        return capital(head)
    cut = plain.split()[:words]
    while len(cut) > 2 and re.fullmatch(
        r"(?:the|an?|of|to|and|in|for|on|at|is|are|was|your|our|my|that|with|by|over|from|will|has)",
        cut[-1],
        re.I,
    ):
        cut.pop()
    return capital(" ".join(cut).rstrip(","))
