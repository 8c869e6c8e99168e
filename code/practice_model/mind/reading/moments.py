"""Dates, times of day and durations, as people write them."""

import re
from datetime import date, timedelta

from practice_model.lexicon import table

MONTHS = {name: i for i, name in enumerate(table("words")["moments_months"].split(), 1)}
MONTHS |= {name[:3]: i for name, i in MONTHS.items()} | {"sept": 9}
_M = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_D = "(?:" + "|".join(DAYS) + ")"
ISO = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)(?!\d|-\d)")
NUMERIC = re.compile(r"(?<![\d./-])(\d\d?)([./])(\d\d?)\2(\d{4}|\d\d)(?![\d./]\d)")
DAY_MONTH = re.compile(rf"\b(\d\d?)(?:st|nd|rd|th)?(?: of)? ({_M})\b\.?(?:,? (\d{{4}})\b)?", re.I)
MONTH_DAY = re.compile(rf"\b({_M})\.? (\d\d?)(?:st|nd|rd|th)?\b(?![:.]\d)(?:,? (\d{{4}})\b)?", re.I)
RELATIVE = re.compile(
    rf"\b(?:(day after tomorrow|day before yesterday|today|tonight|tomorrow|yesterday)"
    rf"|(?:(next|this|coming|last) )?({_D})|in (\w+) (days?|weeks?)(?: time)?\b"
    rf"|(\w+) (days?|weeks?) (ago|from now))\b(?! service)",
    re.I,
)
CLOCK = re.compile(
    r"(?<![\d:.])(\d\d?)[:h](\d\d)(?::\d\d)?(?! ?%)\b(?: ?([ap]\.?m)\b\.?)?(?![:\d])"
    r"|(?<![\d:.,])(\d\d?) ?([ap]\.?m\b\.?|o'clock|o’clock)",
    re.I,
)
_H = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d\\d?"
SPOKEN = re.compile(
    rf"\b(?:(half|quarter|twenty|ten|five) (past|to) ({_H})|({_H}) (?:in the (?:morning|evening)|"
    rf"thirty|forty-five|o'clock|o’clock)|(noon|midday|midnight))\b",
    re.I,
)
_HOURS = {w: i for i, w in enumerate(table("words")["moments_hours"].split(), 1)}
_PAST = {"half": 30, "quarter": 15, "twenty": 20, "ten": 10, "five": 5}
_THEN = {"thirty": 30, "forty-five": 45}


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _upcoming(month: int, day: int, today: str) -> str | None:
    if not today:
        return None
    base = date.fromisoformat(today)
    found = _iso(base.year, month, day)
    if found and found < today:
        found = _iso(base.year + 1, month, day)
    return found


def numeric_date(match: re.Match[str]) -> str | None:
    """Read 14.05.2027 and 03/06/2026 (the day first, unless that is no date)."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    year += 2000 if year < 100 else 0
    return _iso(year, second, first) or _iso(year, first, second)


def written_date(month: str, day: str, year: str | None, today: str) -> str | None:
    """Read a date with the month's name; without a year it is the next one after today."""
    number = MONTHS[month.lower()]
    return _iso(int(year), number, int(day)) if year else _upcoming(number, int(day), today)


_FIXED = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_FIXED |= {"day after tomorrow": 2, "day before yesterday": -2}


def relative_date(match: re.Match[str], today: str, amount: float | None) -> str | None:
    """Resolve "tomorrow", "next Friday" and "in two weeks"; None without a known today."""
    if not today:
        return None
    base = date.fromisoformat(today)
    if match[1]:
        return (base + timedelta(days=_FIXED[match[1].lower()])).isoformat()
    if match[3]:
        ahead = (DAYS.index(match[3].lower()) - base.weekday()) % 7
        if (match[2] or "").lower() == "last":
            return (base - timedelta(days=(7 - ahead) % 7 or 7)).isoformat()
        return (base + timedelta(days=ahead or 7)).isoformat()
    if amount is None or abs(amount) > 3650:
        return None
    step = int(amount * (7 if (match[5] or match[7]).lower().startswith("week") else 1))
    return (base + timedelta(days=-step if (match[8] or "").lower() == "ago" else step)).isoformat()


def clock_time(match: re.Match[str], evening: bool) -> str | None:
    """Read 19:30, 7.45 pm, 8am as HH:MM."""
    hour, minute = int(match[1] or match[4]), int(match[2] or 0)
    half = (match[3] or match[5] or "").replace(".", "").lower()
    return _hhmm(hour, minute, half, evening)


def spoken_time(match: re.Match[str], evening: bool) -> str | None:
    """Read "half past seven", "quarter to six", "six in the morning", "noon"."""
    if match[5]:
        return "00:00" if match[5].lower() == "midnight" else "12:00"
    word = (match[3] or match[4]).lower()
    hour = _HOURS.get(word) or int(word)
    half = "pm" if "evening" in match[0].lower() else ""
    if match[1]:
        minutes = _PAST[match[1].lower()]
        if match[2].lower() == "to":
            hour, minutes = (hour - 1) or 12, 60 - minutes
        return _hhmm(hour, minutes, half, evening)
    tail = match[0].lower().split()[-1]
    return _hhmm(hour, _THEN.get(tail, 0), half, evening)


def _hhmm(hour: int, minute: int, half: str, evening: bool) -> str | None:
    if half == "pm" or (evening and half == "" and 1 <= hour <= 11):
        hour = hour % 12 + 12
    elif half == "am":
        hour %= 12
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None
