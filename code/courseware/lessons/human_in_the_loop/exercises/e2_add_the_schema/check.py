"""Check: Add the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.types import Command
from pydantic import ValidationError

from courseware.exercises import Wrong, chance, expect


def check(build_order: Callable[..., Any]) -> None:
    """Answer on both sides of two limits that are drawn anew."""
    rng = chance()
    for limit in (rng.randrange(5, 40), rng.randrange(50, 400)):
        for right in (1, limit, rng.randrange(2, limit)):
            wrong = [0, limit + 1, "a lot", right + 0.5, -rng.randrange(1, 99)]
            rng.shuffle(wrong)
            _one_run(build_order, limit, wrong, right)


def _one_run(build: Callable[..., Any], limit: int, wrong: list[Any], right: int) -> None:
    placed: list[Any] = []
    graph = build(limit, placed.append)
    if graph is None:
        raise Wrong("returns-nothing", "`build_order` returned None: end it with `return`.")
    expect(
        getattr(graph, "checkpointer", None),
        "no-checkpointer",
        "The graph has no checkpointer, so it can stop but never resume. Use `compiled(...)`.",
    )
    config: dict[str, Any] = {"configurable": {"thread_id": "check"}}
    state = graph.invoke({}, config)
    expect(
        state.get("__interrupt__"),
        "asks-nobody",
        "The run ended without a question. Call `interrupt` first.",
    )
    for answer in wrong:
        try:
            graph.invoke(Command(resume=answer), config)
        except ValueError:  # pydantic's ValidationError is one
            pass
        else:
            raise Wrong(
                "accepts-anything",
                f"The limit is {limit}, and the answer {answer!r} was accepted. Give `interrupt` a"
                " `response_schema` that takes whole numbers and has both limits.",
            )
    try:
        graph.invoke(Command(resume=right), config)
    except ValueError as error:
        raise Wrong(
            "checks-too-late",
            f"The limit is {limit}. The answers {wrong!r} were refused, and then {right} was"
            f" refused as well: {_first_line(error)}. Either the schema is too narrow (1 and"
            f" {limit} are allowed), or the node raised after a wrong answer had been saved. Use"
            " `response_schema`.",
        ) from error
    expect(
        placed == [right],
        "places-something-else",
        f"After the answers {wrong!r} (refused) and {right}, `place` was called with {placed!r}"
        f" instead of once with {right}.",
    )


def _first_line(error: ValueError) -> str:
    said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
    return said.partition("\n")[0].rstrip(".")
