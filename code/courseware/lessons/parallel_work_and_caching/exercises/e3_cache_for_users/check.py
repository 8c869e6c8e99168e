"""Check: A cache that respects its users."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from courseware.exercises import chance, expect


class _Busy(ConnectionError):
    """The model is busy."""


class _Desk:
    """A model that counts what it is asked, and can be busy."""

    def __init__(self, salt: int) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.salt, self.busy = salt, 0

    async def __call__(self, question: str, user: str, model: str) -> str:
        self.asked.append((question, user, model))
        for _ in range(20):
            await asyncio.sleep(0)
        if self.busy:
            self.busy -= 1
            raise _Busy("try again later")
        return self.answer(question, user, model)

    def answer(self, question: str, user: str, model: str) -> str:
        return f"{self.salt}: {model} tells {user} about {question}"


async def check(make_cached: Callable[[Any, Callable[[], float]], Any]) -> None:
    """Ask as several users, at once, again, later, and while the model is busy."""
    draw = chance()
    now = [float(draw.randint(1000, 9000))]
    desk = _Desk(draw.randint(100, 999))
    cached = make_cached(desk, lambda: now[0])
    ann, ben = draw.sample(["ann", "ben", "clara", "dora"], 2)
    question = f"Where is order MF-{draw.randint(1000, 9999)}?"
    await _check_keys(cached, desk, question, ann, ben)
    await _check_flight(cached, desk, draw.randint(3, 9))
    await _check_errors(cached, desk)
    await _check_age(cached, desk, now)


async def _ask(cached: Any, desk: _Desk, *call: str) -> int:
    """Ask, compare the answer, and return how often the model was asked for it."""
    question, user, model = call
    before = len(desk.asked)
    found = await cached(question, user=user, model=model)
    expect(
        found == desk.answer(*call),
        "another-users-answer" if user not in str(found) else "another-answer",
        f"{user!r} asked {model!r} {question!r} and was told {found!r}. All that the answer depends"
        " on belongs in the key: question, user, model.",
    )
    return len(desk.asked) - before


async def _check_keys(cached: Any, desk: _Desk, question: str, ann: str, ben: str) -> None:
    await _ask(cached, desk, question, ann, "small")
    again = await _ask(cached, desk, question, ann, "small")
    expect(
        again == 0,
        "keeps-nothing",
        f"{ann!r} asked {question!r} twice, and the model was asked twice.",
    )
    await _ask(cached, desk, question, ben, "small")
    await _ask(cached, desk, question, ann, "large")
    await _ask(cached, desk, question, "ab", "c")
    await _ask(cached, desk, question, "a", "bc")
    expect(
        await _ask(cached, desk, question, ann, "small") == 0,
        "forgets-too-early",
        f"After three other questions, {ann!r}'s answer was gone. Keep more than one answer.",
    )


async def _check_flight(cached: Any, desk: _Desk, callers: int) -> None:
    others = [(f"What does ink {number} cost?", "all", "small") for number in range(callers)]
    waiting = [asyncio.ensure_future(cached(q, user=u, model=m)) for q, u, m in others]
    for _ in range(10):
        await asyncio.sleep(0)
    begun = len({each for each in desk.asked if each in others})
    await asyncio.gather(*waiting)
    expect(
        begun == callers,
        "one-queue-for-all",
        f"{callers} callers asked different questions at once, and only {begun} of them reached the"
        " model: the others wait in line. A lock for all keys makes everybody wait for anybody.",
    )
    before = len(desk.asked)
    call = ("How do I return ink?", "all", "small")
    calls = [cached(call[0], user=call[1], model=call[2]) for _ in range(callers)]
    found = await asyncio.gather(*calls)
    expect(
        set(found) == {desk.answer(*call)},
        "another-answer",
        f"{callers} callers asked the same at once and were told {set(found)}.",
    )
    expect(
        len(desk.asked) - before == 1,
        "causes-a-stampede",
        f"{callers} callers asked the same at once, and the model was asked"
        f" {len(desk.asked) - before} times. The first miss computes; the others wait for it.",
    )


async def _check_errors(cached: Any, desk: _Desk) -> None:
    desk.busy = 1
    call = ("What does wax cost?", "all", "small")
    try:
        await cached(call[0], user=call[1], model=call[2])
    except _Busy:
        pass
    else:
        expect(
            False,
            "hides-an-error",
            "The model was busy and raised, and the caller heard nothing of it. Let errors out.",
        )
    try:
        await _ask(cached, desk, *call)
    except _Busy:
        expect(
            False,
            "keeps-errors",
            "The model was busy once. Asked again, your cache still raised that error.",
        )


async def _check_age(cached: Any, desk: _Desk, now: list[float]) -> None:
    call = ("Are you open today?", "all", "small")
    await _ask(cached, desk, *call)
    now[0] += 59
    expect(
        await _ask(cached, desk, *call) == 0,
        "expires-too-early",
        "An answer of 59 seconds ago was asked for again. Answers are good for 60 seconds.",
    )
    now[0] += 1.5
    expect(
        await _ask(cached, desk, *call) == 1,
        "never-expires",
        "An answer of 60.5 seconds ago was given out once more. Answers are good for 60 seconds.",
    )
