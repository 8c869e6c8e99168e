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
    names = rng.sample(["clara", "ben", "hanna", "eve", "fritz"], 3)
    for number, name in enumerate([*names, names[0]]):
        _one_run(graph, sent, name, f"run {number}", f"yes, {rng.randrange(1000)}")


def _one_run(graph: Any, sent: list[str], name: str, thread: str, answer: str) -> None:
    config: dict[str, Any] = {"configurable": {"thread_id": thread}}
    sent.clear()
    state = graph.invoke({"to": name}, config)
    asked = state.get("__interrupt__")
    expect(asked, "asks-nobody", f"The run for {name} went through without a question.")
    expect(
        "12.90" in str(asked[0].value),
        "asks-something-else",
        f'The question is {asked[0].value!r} instead of "Refund 12.90 euros?".',
    )
    expect(
        sent,
        "notifies-too-late",
        f"The question for {name} waits, and no notice has been sent in this run. Send it before"
        " you ask, once for each run, even if the same customer has written before.",
    )
    state = graph.invoke(Command(resume=answer), config)
    expect(
        sent == [name],
        "sends-twice",
        f"After the answer these notices have been sent for {name}: {sent!r}. The interrupted node"
        " starts again from its top, so send in a node of its own.",
    )
    expect(
        state.get("decision") == answer,
        "loses-the-answer",
        f"The answer was {answer!r}, and `decision` holds {state.get('decision')!r}. Return what"
        " `interrupt` returns.",
    )
