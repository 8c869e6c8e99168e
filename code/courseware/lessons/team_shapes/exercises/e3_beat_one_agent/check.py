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
from courseware.lessons.team_shapes.crew import POINTS, task
from courseware.lessons.team_shapes.lab import Run, parts, quality, run

_TIMES = 2
"""The team may use this many times the tokens of the one agent."""
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
    """Let the team and one agent write the learner's page, and then a page with drawn points."""
    _are_points(my_points)
    drawn = _drawn(chance())
    for points, own in ((tuple(my_points), True), (drawn, False)):
        one = run("one agent", llm, points, told=True)
        expect(
            not own or one.quality < _FULL,
            "task-too-easy",
            f"On your points one agent writes a page without a fault ({one.tally.tokens:,} tokens),"
            " so there is nothing to beat. Choose points about more different subjects.",
        )
        _beats(my_team, llm, points, one)


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


def _drawn(draw: Random) -> tuple[str, ...]:
    """Return five points in a fixed order: of the course, or the titles of a library of one's own.

    A point of the course is left out at random, so that no page can be prepared.
    """
    if is_shop():
        gone = draw.choice(POINTS)
        return tuple(point for point in POINTS if point != gone)
    titles = list(dict.fromkeys(document.title for document in library().values()))
    return tuple(draw.sample(titles, min(5, len(titles))))


def _beats(my_team: Any, llm: BaseChatModel, points: tuple[str, ...], one: Run) -> None:
    meter = _Meter()
    metered = llm.model_copy(update={"callbacks": [meter]})
    team = my_team(metered, list(points))
    if team is None:
        raise Wrong("returns-nothing", "`my_team` returned None: end it with `return`.")
    expect(
        hasattr(team, "invoke"),
        "returns-no-graph",
        f"`my_team` returned {type(team).__name__}, not a compiled graph.",
    )
    state = team.invoke({"task": task(points)})
    page = state.get("result") if isinstance(state, dict) else None
    expect(
        isinstance(page, str) and page.strip(),
        "no-page",
        f"`invoke` gave {state!r:.200}. The page belongs under the key `result`.",
    )
    listed = f"With the points {', '.join(points)}"
    calls, tokens = len(meter.spent), sum(meter.spent.values())
    expect(
        calls >= 2,
        "asks-no-model",
        f"{listed}: {calls} model calls were made through the `llm` that `my_team` was given. A"
        " page that is written without agents, or before the points are known, beats nobody.",
    )
    refused = cites(library())(str(page))
    expect(
        not refused,
        "page-without-sources",
        f"{listed} the page cites no source, or one that isn't in the library: {page!r:.400}",
    )
    said = ", ".join(f"{name} {share:.0%}" for name, share in parts(str(page), points).items())
    scored = quality(str(page), points)
    expect(
        scored > one.quality or min(scored, one.quality) >= _FULL,
        "one-agent-is-better",
        f"{listed} your page scores {scored:.0%} ({said}), and the page of one agent that knows the"
        f" rules of the house scores {one.quality:.0%}. Your page: {page!r:.700}",
    )
    expect(
        tokens <= _TIMES * one.tally.tokens,
        "costs-too-much",
        f"{listed} your page is better ({scored:.0%} against {one.quality:.0%}), but it cost"
        f" {tokens:,} tokens in {calls} calls. One agent needs {one.tally.tokens:,}, and the team"
        f" may use {_TIMES} times as many. Who reads more than the job needs?",
    )
