"""Check: Out of processing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from courseware.exercises import chance, expect

Answer = Callable[[dict[str, Any], Callable[[str], str], str], str]


class _OutOfInk(Exception):
    """An exception that no list of known ones holds."""


def check(answer: Answer) -> None:
    """Let work succeed and fail, in an order that is drawn."""
    draw = chance()
    kinds = [ConnectionError, ValueError, _OutOfInk]
    draw.shuffle(kinds)
    desk = {"state": "idle", "error": ""}
    _succeed(answer, desk, f"question {draw.randrange(100)}")
    for number, kind in enumerate(kinds):
        why = f"fault {draw.randrange(1000)}"
        _fail(answer, desk, kind(why), why)
        if number:
            _fail(answer, desk, kind(f"{why} again"), f"{why} again")
        _succeed(answer, desk, f"question {draw.randrange(100)}")
    _busy(answer, f"question {draw.randrange(100)}")


def _succeed(answer: Answer, desk: dict[str, Any], text: str) -> None:
    before, seen = desk["state"], list[str]()

    def work(asked: str) -> str:
        seen.append(desk["state"])
        return f"reply to {asked}"

    got = answer(desk, work, text)
    expect(
        seen,
        "stuck-in-error" if before == "error" else "never-works",
        f"The state was {before!r}, and the work for {text!r} never began: `answer` returned"
        f' {got!r}. Only in "processing" is the desk busy.',
    )
    expect(
        seen == ["processing"],
        "works-in-another-state",
        f'While the work for {text!r} ran, the state was {seen}. It should be "processing", and'
        " the work should run once. Change the `desk` that you are given.",
    )
    expect(
        got == f"reply to {text}",
        "loses-the-reply",
        f"The work returned 'reply to {text}', and `answer` returned {got!r}.",
    )
    expect(
        desk["state"] == "idle",
        "never-leaves-processing" if desk["state"] == "processing" else "not-idle-afterwards",
        f'After a success the state is {desk["state"]!r}. It should be "idle".',
    )


def _fail(answer: Answer, desk: dict[str, Any], error: Exception, why: str) -> None:
    def work(asked: str) -> str:
        raise error

    name = type(error).__name__.lstrip("_")
    try:
        got = answer(desk, work, "Hello?")
    except Exception:
        got = None
        expect(
            False,
            "stuck-after-an-exception" if desk["state"] == "processing" else "lets-it-through",
            f"The work raised {name}({why!r}), and so did `answer`; the state is"
            f" {desk['state']!r}. Catch every `Exception`, and set the state there.",
        )
    expect(
        desk["state"] == "error",
        "hides-the-failure" if desk["state"] == "idle" else "stuck-after-an-exception",
        f"The work raised {name}({why!r}), and the state is {desk['state']!r}. It should be"
        ' "error", so that somebody sees it. A `finally` runs after every work, and can\'t tell.',
    )
    expect(
        why in str(desk["error"]),
        "says-not-why",
        f'The work raised {name}({why!r}), and desk["error"] is {desk["error"]!r}. Keep the'
        " exception's text.",
    )
    expect(
        got == "Sorry",
        "no-sorry",
        f"The work raised {name}, and `answer` returned {got!r} in place of 'Sorry'.",
    )


def _busy(answer: Answer, text: str) -> None:
    desk, worked = {"state": "processing", "error": ""}, list[str]()

    def work(asked: str) -> str:
        worked.append(asked)
        return "a second reply"

    got = answer(desk, work, text)
    expect(
        not worked and got == "busy" and desk["state"] == "processing",
        "not-busy",
        f'The state was "processing" when {text!r} came. `answer` returned {got!r}, worked'
        f" {len(worked)} times, and left the state {desk['state']!r}. It should return 'busy' and"
        " touch nothing.",
    )
