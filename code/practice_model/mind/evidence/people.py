"""Who speaks in a text and who is spoken to: introductions, signatures, salutations."""

import re

from practice_model.lexicon import table, words
from practice_model.mind.reading.moments import DAYS, MONTHS
from practice_model.mind.reading.tokens import function_word
from practice_model.mind.vectors import is_word

_TITLE = r"(?:(?:mr|mrs|ms|miss|dr|prof)\.? )?"
_WORD = r"[^\W\d_][\w'’-]{0,30}"
_LAST = "from|and|of|at|in|on|with|for|who|but|or|here|the|a|my"
_NAME = rf"{_TITLE}{_WORD}(?: (?!(?:{_LAST})\b){_WORD}){{0,3}}"
_INTRO = re.compile(
    rf"\b(?:(?:my |the |full )?names?(?:'s|’s| is|:)?|call me|this is|it['’]?s|i['’]?m|i am) "
    rf"(?:called )?(?P<name>{_NAME})",
    re.I,
)
_OTHERS = re.compile(r"(?:\b(?:his|her|its|their|your|the)|['’]s) $", re.I)
_CLOSE = frozenset(table("evidence")["closing"].split())
_SIGNED = re.compile(
    rf"(?:^|[\n,.!?]\s{{0,3}}|\s?[-–—]\s{{0,2}})({_NAME})(?: x{{1,3}})?[ .!]*$", re.I
)
_SALUTE = re.compile(
    rf"^(?:dear|hello|hi|hey|good \w+),? (?:team at |people at )?({_NAME})\s*[,!:\n]", re.I
)
_PLAIN = words("words", "interjections") | words("words", "polite")


def speakers(text: str) -> list[tuple[int, int]]:
    """Return where the one who speaks is named, the surest place first."""
    found = [s for s in [signature(text)] if s]
    for match in _INTRO.finditer(text[:20_000]):
        start, end = match.span("name")
        if _OTHERS.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        sure = bool(re.search(r"name|call", match[0][:9], re.I))
        named = _named(text[start:end], sure) if sure or start < 24 or text[start].isupper() else ""
        if named:
            found.append((start, start + len(named)))
    return found


def _named(text: str, sure: bool) -> str:
    """Return the words of a stretch that name a person: capitalised, or told as a name."""
    parts = text.split(" ")
    if parts[0][0].isupper():
        kept = [p for i, p in enumerate(parts) if all(q[:1].isupper() for q in parts[: i + 1])]
    else:
        low = parts[:2] if sure else parts[:1]
        kept = [p for i, p in enumerate(low) if not any(function_word(q) for q in low[: i + 1])]
        if not sure and (
            not kept or is_word(kept[0]) or len(kept[0]) < 3 or kept[0].endswith("ing")
        ):
            return ""
    low = [p.lower().strip(".'’") for p in kept]
    if (
        not kept
        or low[0] in (*_PLAIN, *MONTHS, *DAYS)
        or function_word(low[0])
        or not any(c.isalpha() for c in kept[-1])
    ):
        return ""
    return " ".join(kept)


def signature(text: str) -> tuple[int, int] | None:
    """Return where a letter is signed: its last line, or what follows a dash or "Regards,"."""
    body = text.rstrip(" .!\n")
    match = _SIGNED.search(body[-120:])
    if match is None:
        return None
    start = max(0, len(body) - 120) + match.start(1)
    end = max(0, len(body) - 120) + match.end(1)
    name = re.sub(r" x{1,3}$", "", body[start:end])
    end = start + len(name)
    before = body[:start].rstrip(" \n,.!")
    closes = bool(_CLOSE & set(re.findall(r"[a-z]+", before[-30:].lower())[-3:]))
    own_line = body[:start].endswith("\n") or "\n" in body[len(before) : start]
    dashed = bool(re.search(r"(?:^|\s)[-–—]\s{0,2}$", body[:start][-4:]))
    capital = all(part[:1].isupper() for part in name.split())
    alone = bool(re.search(r"[.!?]\s{1,3}$", body[:start])) and not is_word(
        name.split()[-1].lower()
    )
    own_line |= alone and len(name.split()) < 4
    good = (closes and len(name.split()) < 4) or (capital and (own_line or dashed))
    low = name.split()[0].lower()
    if not good or low in _CLOSE or function_word(low) or low in _PLAIN:
        return None
    return start, end


def addressed(text: str) -> tuple[int, int] | None:
    """Return where a letter names the one it is for."""
    match = _SALUTE.match(text.lstrip())
    shift = len(text) - len(text.lstrip())
    return (match.start(1) + shift, match.end(1) + shift) if match else None
