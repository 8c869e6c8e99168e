"""Check: Beat one agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from agent_patterns.teams.sources import cites
from courseware.exercises import Wrong, chance, expect
from courseware.lessons.shop import library, search
from courseware.lessons.shop.documents import is_shop
from courseware.lessons.team_shapes.crew import task
from courseware.lessons.team_shapes.exercises.common import _times
from courseware.lessons.team_shapes.lab import Run, parts, quality, run

_POOL = (
    "drying times of inks",
    "when customer service answers",
    "delivery times within the country",
    "the price of gift wrapping",
    "how to rinse a fountain pen",
    "returning unused goods",
    "the best humidity for paper",
    "when a parcel counts as lost",
    "the alarm of the on-call desk",
    "notebooks of 80 grams",
)
"""Points from ten documents of the shop, of which each check draws."""
_TIMES = 3
"""The team may use this many times the tokens of the one agent, over all pages together."""
_FULL = 0.99
"""A page from here on has nothing left to beat."""


class _Meter(BaseCallbackHandler):
    """Counts what a model was asked, whoever asks and in whatever thread."""

    def __init__(self) -> None:
        self.spent: dict[UUID, int] = {}

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_about: Any) -> None:
        for listed in response.generations:
            for one in listed:
                message = one.message if isinstance(one, ChatGeneration) else None
                usage = message.usage_metadata if isinstance(message, AIMessage) else None
                self.spent[run_id] = usage["total_tokens"] if usage else 0


def check(
    my_team: Callable[[BaseChatModel, Sequence[str]], Any],
    my_points: Sequence[str],
    llm: BaseChatModel,
) -> None:
    """Let the team and one agent write the learner's page, and then two with drawn points."""
    _are_points(my_points)
    jobs = [tuple(my_points), *_drawn(chance())]
    pages: list[str] = []
    spent = allowed = 0
    for points in jobs:
        one = run("one agent", llm, points, told=True)
        expect(
            points != jobs[0] or one.quality < _FULL,
            "task-too-easy",
            f"On your points one agent writes a page without a fault ({one.tally.tokens:,} tokens),"
            " so there is nothing to beat. One agent loses when its findings don't fit into 90"
            " words: add a sixth point, or choose points that the library says more about.",
        )
        page, tokens = _written(my_team, llm, points)
        expect(
            page not in pages,
            "same-page-again",
            f"For the points {', '.join(points)} the team wrote the same page as for other points:"
            f" {page!r:.400}",
        )
        _beats(page, points, one)
        pages.append(page)
        spent, allowed = spent + tokens, allowed + _TIMES * one.tally.tokens
    expect(
        spent <= allowed,
        "costs-too-much",
        f"Your pages are better, but the {len(jobs)} of them cost {spent:,} tokens. One agent needs"
        f" {allowed // _TIMES:,}, and the team may use {_TIMES} times as many. Who reads or writes"
        " more than the job needs?",
    )


def _are_points(points: Any) -> None:
    expect(
        isinstance(points, list | tuple) and all(isinstance(one, str) for one in points),
        "points-are-no-list",
        f"`my_points` is {points!r}. It is a list of texts of a few words each.",
    )
    different = {one.strip().lower() for one in points}
    expect(
        len(points) in (5, 6) and len(different) == len(points),
        "not-five-or-six-points",
        f"`my_points` holds {len(points)} points, {len(different)} of them different. The task is a"
        " page with five or six different points: with fewer, one agent is hard to beat.",
    )
    for one in points:
        expect(
            search(one),
            "unknown-point",
            f"The library has nothing about {one!r}, so no honest page can cover it. Its subjects:"
            f" {', '.join(document.title for document in library().values())}.",
        )


def _drawn(draw: Random) -> list[tuple[str, ...]]:
    """Return points for two pages that share none; a library of one's own gives its titles."""
    titles = dict.fromkeys(document.title for document in library().values())
    pool = list(_POOL if is_shop() else titles)
    draw.shuffle(pool)
    half = min(5, -(-len(pool) // 2))
    return [tuple(part) for part in (pool[:half], pool[half : 2 * half]) if part]


def _written(my_team: Any, llm: BaseChatModel, points: tuple[str, ...]) -> tuple[str, int]:
    """Return the team's page and the tokens that it cost."""
    meter = _Meter()
    team = my_team(llm.model_copy(update={"callbacks": [meter]}), list(points))
    if team is None:
        raise Wrong("returns-nothing", "`my_team` returned None: end it with `return`.")
    expect(
        hasattr(team, "invoke"),
        "returns-no-graph",
        f"`my_team` returned {type(team).__name__}, not a compiled graph.",
    )
    state = team.invoke({"task": task(points)})
    page = state.get("result") if isinstance(state, dict) else None
    if not isinstance(page, str) or not page.strip():
        raise Wrong(
            "no-page", f"`invoke` gave {state!r:.200}. The page belongs under the key `result`."
        )
    expect(
        len(meter.spent) >= 2,
        "asks-no-model",
        f"With the points {', '.join(points)} the team called the `llm` that `my_team` was given"
        f" {_times(len(meter.spent))}, which is no team. Ask it at least twice, for the points that"
        " the team is given.",
    )
    return page, sum(meter.spent.values())


def _beats(page: str, points: tuple[str, ...], one: Run) -> None:
    listed = f"With the points {', '.join(points)}"
    expect(
        not cites(library())(page),
        "page-without-sources",
        f"{listed} the page cites no source, or one that isn't in the library: {page!r:.400}",
    )
    said = ", ".join(f"{name} {share:.0%}" for name, share in parts(page, points).items())
    scored = quality(page, points)
    expect(
        scored > one.quality or min(scored, one.quality) >= _FULL,
        "one-agent-is-better",
        f"{listed} your page scores {scored:.0%} ({said}), and the page of one agent that knows the"
        f" rules of the house scores {one.quality:.0%}. Your page: {page!r:.700}",
    )
