"""Numbers as people write them: digits with either decimal mark, and words."""

import re

from practice_model.lexicon import table

_SIGN = r"(?:(?<![\w)])[-−–+](?=\d))?"
DIGITS = re.compile(
    _SIGN
    + r"\d{1,3}(?:(?P<sep>[,.'’\u202f\u00a0 ])\d{3}(?!\d))+(?:[.,]\d{1,2})?(?!\d)"
    + "|"
    + _SIGN
    + r"\d+(?:[.,]\d+)?"
)
MAX_DIGITS = 18  # a longer run of digits is a name, not a quantity
_ONES = {word: n for n, word in enumerate(table("numbers")["ones"].split())}
_ONES |= {word: 10 * n for n, word in enumerate(table("numbers")["tens"].split(), 2)}
_SCALES: dict[str, int] = table("numbers")["scales"]
FRACTIONS = {"a half": 0.5, "a quarter": 0.25, "three quarters": 0.75}
ORDINALS = {word: n for n, word in enumerate(table("numbers")["ordinals"].split(), 1)}
ORDINALS["last"] = -1


def whole(value: float) -> float | int:
    """Return an int where the value is one."""
    return int(value) if float(value).is_integer() else value


def from_digits(text: str) -> float | int | None:
    """Read digits with thousands separators and a decimal point or comma."""
    sign = -1 if text[:1] in "-−–" else 1
    body = text.lstrip("-−–+").replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    body = body.replace("'", "").replace("’", "")
    if sum(c.isdigit() for c in body) > MAX_DIGITS:
        return None
    marks = [c for c in body if c in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        body = body.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif marks:
        tail = body.rsplit(marks[0], 1)[1]
        thousands = len(marks) > 1 or (
            len(tail) == 3 and body[0] != "0" and (marks[0] == "," or tail == "000")
        )
        body = body.replace(marks[0], "" if thousands else ".")
    try:
        return whole(sign * float(body)) if "." in body else sign * int(body)
    except ValueError:
        return None


def is_number_word(word: str) -> bool:
    """Tell that a lower-case word can open a number."""
    parts = word.split("-")
    return all(part in _ONES or part in _SCALES for part in parts if part)


_AFTER_A = ("hundred", "thousand", "million", "dozen", "couple")


def from_words(words: list[str]) -> tuple[float | int, int] | None:
    """Read the longest number at the head of lower-case words; return it and the words used.

    "two hundred and fifty", "half a dozen", "a couple of", "one and a half".
    """
    total, current, used = 0.0, 0.0, 0
    for index, word in enumerate(words):
        after = words[index + 1 : index + 3]
        parts = [part for part in word.split("-") if part]
        if parts and all(part in _ONES for part in parts):
            value = sum(_ONES[part] for part in parts)
            joins = value < 10 and current % 10 == 0 and current >= 20
            if used and current % 100 and not joins:
                break
            current += value
        elif word in _SCALES and word != "score":
            current = (current or 1) * _SCALES[word]
            if word not in ("hundred", "dozen", "dozens"):
                total, current = total + current, 0.0
        elif not used and [word, *after] == ["half", "a", "dozen"]:
            return 6, 3
        elif not used and word in ("couple", "pair") and after[:1] == ["of"]:
            return 2, index + 2
        elif used and word == "and" and (part := FRACTIONS.get(" ".join(after))):
            return whole(total + current + part), index + 3
        elif used and word == "and" and after and after[0].split("-")[0] in _ONES:
            if not current or current % 100:
                break
            continue
        elif index == 0 and word == "a" and after and after[0] in _AFTER_A:
            continue
        else:
            break
        used = index + 1
    return (whole(total + current), used) if used else None
