"""Check: Five cities, one of them down."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from courseware.exercises import chance, expect
from courseware.lessons.parallel_work_and_caching.exercises.common import Down, Together

_CITIES = ("Lisbon", "Oslo", "Bristol", "Vienna", "Turin", "Ghent", "Lyon", "Riga", "Porto")


async def check(report: Callable[[Any, list[str]], Awaitable[Any]]) -> None:
    """Ask for the weather of cities that are drawn; none, one or two stations are down."""
    draw = chance()
    for failing in (0, 1, 2, 1):
        cities = draw.sample(_CITIES, 5)
        down = draw.sample(cities, failing)
        await _check_one(report, cities, down, Together(cities, down, draw))


async def _check_one(report: Any, cities: list[str], down: list[str], weather: Together) -> None:
    before = asyncio.all_tasks()
    told = f"Cities {cities}, down: {down or 'none'}."
    made = report(weather, list(cities))
    expect(
        inspect.isawaitable(made),
        "plain-where-async",
        "`report` is written with `def`, and the check awaits it. Write `async def report(…)`.",
    )
    try:
        found = await made
    except (Down, ExceptionGroup):
        expect(
            not down,
            "one-failure-loses-all",
            f"{told} `report` raised, and the answers of the other cities are lost. A failure of"
            " one branch has to become a value, in the branch itself.",
        )
        raise
    expect(
        isinstance(found, tuple) and len(found) == 2 and isinstance(found[0], Mapping),
        "returns-something-else",
        f"`report` returned {found!r}. Return two things: a dictionary of answers, and a list of"
        " the cities that failed.",
    )
    _check_answers(found[0], found[1], cities, down, weather)
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    expect(
        not left,
        "leaves-work-running",
        f"{told} {len(left)} tasks were still running when `report` had returned.",
    )


def _check_answers(
    answers: Mapping[str, Any], failed: Any, cities: list[str], down: list[str], weather: Together
) -> None:
    told = f"Cities {cities}, down: {down or 'none'}."
    expect(
        sorted(weather.begun) == sorted(cities),
        "asks-some-not-once",
        f"{told} These were asked: {weather.begun}. Each city is asked exactly once.",
    )
    expect(
        weather.at_once,
        "one-after-another",
        f"{told} They were not all asked at once: some waited until another had answered. An"
        " `await` in a loop waits each time; start all of them first.",
    )
    good = {city: weather.value(city) for city in cities if city not in down}
    expect(
        not any(isinstance(value, BaseException) for value in answers.values()),
        "errors-among-the-answers",
        f"{told} The answers hold an exception: {dict(answers)!r}. This report shows an error as"
        " weather.",
    )
    expect(
        all(good.get(city) == value for city, value in answers.items()),
        "answers-of-another-city",
        f"{told} The stations answered in the order {weather.ended}, and the report says"
        f" {dict(answers)!r}; right is {good!r}. Keep each answer with its city.",
    )
    lost = "".join([city for city in good if city not in answers][:1])
    expect(
        not lost,
        "loses-answers",
        f"{told} {lost} said {good.get(lost)}, and the report has no answer from there. (0 is an"
        " answer too: ask for an exception, not for a value that counts as false.)",
    )
    expect(
        list(answers) == list(good),
        "order-of-arrival",
        f"{told} The report lists {list(answers)}. It should list {list(good)}: in the order of the"
        " question, whichever station is the quickest.",
    )
    expect(
        list(failed) == [city for city in cities if city in down],
        "failures-not-named",
        f"{told} As failed you named {list(failed)!r}, in that order.",
    )
