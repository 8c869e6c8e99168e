"""Check: A summary you can trust."""

from collections.abc import Callable
from typing import Any

from agent_patterns.memory import missing_details
from courseware.exercises import chance, expect, expecting

SENTENCES = (
    "The customer is called {}.",
    "We talked about order {}.",
    "She paid {} euros.",
    "Please call {} back.",
    "It goes to {}.",
)
ONCE = "Each call costs; once with the text is enough, since the check needs no model."


def check(trusted_summary: Callable[..., Any]) -> None:
    """Let a model forget a drawn part of drawn details: all, some, none."""
    draw = chance()
    for share in ("all", "some", "none", "some"):
        details = [
            draw.choice(["Clara Weiss", "Ben Okafor", "Ines Marlow", "Jonas Finch"]),
            f"MF-{draw.randint(1000, 9999)}",
            f"{draw.randint(3, 99)}.{draw.randint(10, 99)}",
            f"0664-{draw.randint(100000, 999999)}",
            draw.choice(["Graz", "Linz", "Bergen", "Porto"]),
        ]
        forgotten = {"all": 5, "none": 0}.get(share, draw.randint(1, 4))
        kept = draw.sample(details, 5 - forgotten)
        _judge(trusted_summary, details, kept, f"summary {draw.randint(100, 999)}x")


def _judge(
    trusted_summary: Callable[..., Any], details: list[str], kept: list[str], mark: str
) -> None:
    text = " ".join(line.format(each) for line, each in zip(SENTENCES, details, strict=True))
    asked: list[str] = []

    def summarize(given: str) -> str:
        asked.append(given)
        expect(len(asked) < 4, "asks-again", f"{said} You ask the same model again. {ONCE}")
        return f"This is a {mark} about {' and '.join(kept) or 'an order'}."

    lost = [detail for detail in details if detail not in kept]
    said = f"The text holds {details}; the model's summary forgot {lost or 'nothing'}."
    with expecting(f"{said} A text comes back."):
        found = trusted_summary(text, summarize)
    expect(
        isinstance(found, str),
        "returns-no-text",
        f"{said} You returned a {type(found).__name__}; a summary is a text.",
    )
    expect(
        asked == [text],
        "asks-again",
        f"{said} `summarize` was called {len(asked)} times. {ONCE}",
    )
    expect(
        mark in found,
        "drops-the-summary",
        f"{said} Your text {found!r} no longer contains what the model wrote.",
    )
    missing = missing_details(text, found)
    expect(not missing, "loses-details", f"{said} Your text still lacks {missing}: {found!r}.")
    twice = [detail for detail in details if found.count(detail) > 1]
    expect(
        not twice,
        "repeats-details",
        f"{said} Your text repeats {twice}, which the summary had already: {found!r}. Add only"
        " what is missing.",
    )
    expect(
        len(found) < len(text) + 120,
        "keeps-everything",
        f"{said} Your text has {len(found)} characters, the original {len(text)}. A copy of the"
        " conversation is no summary.",
    )
    if not lost:
        expect(
            found.strip() == summarize(text).strip(),
            "changes-a-good-summary",
            f"{said} Then there is nothing to add, and you returned {found!r}.",
        )
