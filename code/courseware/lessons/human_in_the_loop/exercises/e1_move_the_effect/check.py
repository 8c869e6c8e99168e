"""Check: Move the effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.types import Command

from courseware.exercises import Wrong, chance, expect


def check(build_notice: Callable[..., Any]) -> None:
    """Count the notices of several runs, two of them for the same customer."""
    rng = chance()
    sent: list[str] = []
    graph = build_notice(sent.append)
    if graph is None:
        raise Wrong("returns-nothing", "`build_notice` returned None: end it with `return`.")
    expect(
        getattr(graph, "checkpointer", None),
        "no-checkpointer",
        "The graph has no checkpointer, so it can stop but never resume. Use `compiled(...)`.",
    )
    names = rng.sample(["clara", "ben", "hanna", "eve", "fritz"], 4)
    # The last group waits for two answers at the same time.
    for number, group in enumerate([names[:1], names[1:2], names[:1], names[2:]]):
        sent.clear()
        for place, name in enumerate(group):
            _ask(graph, sent, group[: place + 1], f"run {number} for {name}")
        for name in group:
            answer = f"yes, {rng.randrange(1000)}"
            _answer(graph, sent, group, f"run {number} for {name}", answer)


def _ask(graph: Any, sent: list[str], told: list[str], thread: str) -> None:
    name = told[-1]
    state = graph.invoke({"to": name}, {"configurable": {"thread_id": thread}})
    asked = state.get("__interrupt__")
    expect(asked, "asks-nobody", f"The run for {name} went through without a question.")
    expect(
        "12.90" in str(asked[0].value),
        "asks-something-else",
        f'The question is {asked[0].value!r} instead of "Refund 12.90 euros?".',
    )
    expect(
        len(sent) >= len(told),
        "notifies-too-late",
        f"The question for {name} waits, and no notice has been sent in this run. Send it before"
        " you ask, once for each run, whatever happened in other runs.",
    )


def _answer(graph: Any, sent: list[str], told: list[str], thread: str, answer: str) -> None:
    state = graph.invoke(Command(resume=answer), {"configurable": {"thread_id": thread}})
    expect(
        sent == told,
        "sends-twice",
        f"The runs for {told!r} have sent these notices: {sent!r}. On resume the interrupted node"
        " starts again from its top, so send in a node of its own.",
    )
    expect(
        state.get("decision") == answer,
        "loses-the-answer",
        f"The answer was {answer!r}, and `decision` holds {state.get('decision')!r}. Return what"
        " `interrupt` returns.",
    )
