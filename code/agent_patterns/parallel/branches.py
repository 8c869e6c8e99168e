"""The same guards for the branches of a graph: a worker node, a reducer, and the map step."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from langgraph.types import Send

from agent_patterns.parallel.fan_out import fan_out
from agent_patterns.parallel.outcomes import Outcome, Outcomes


def send_each(node: str, items: Iterable[Any]) -> list[Send]:
    """Return one `Send` per item, with its place; return this from a conditional edge."""
    return [Send(node, {"index": index, "item": item}) for index, item in enumerate(items)]


def branch(
    work: Callable[[Any], Awaitable[Any]],
    key: str = "outcomes",
    *,
    timeout: float | None = None,
    attempts: int = 1,
    name: Callable[[Any], str] = str,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[Any], Awaitable[dict[str, list[Outcome[Any]]]]]:
    """Return a node for `send_each` that ends in an outcome, whatever becomes of its work.

    One branch's failure then neither cancels the others nor hides what they have found.

    Args:
        work: an async function of one item.
        key: the state key that `merge` reduces.
        timeout: seconds for one attempt.
        attempts: how often a failing branch is started.
        name: how an item is called in reports.
        clock: monotonic seconds; outcomes count from its zero, so that branches compare.
    """

    async def run(state: Any) -> dict[str, list[Outcome[Any]]]:
        began = clock()
        (one,) = await fan_out(
            work, [state["item"]], timeout=timeout, attempts=attempts, name=name, clock=clock
        )
        placed = Outcome(
            state["index"],
            one.name,
            one.value,
            one.error,
            one.attempts,
            began + one.started,
            began + one.ended,
        )
        return {key: [placed]}

    return run


def merge(old: Sequence[Outcome[Any]] | None, new: Sequence[Outcome[Any]]) -> list[Outcome[Any]]:
    """Reduce branches' outcomes: in the order of the items, one per item, success before failure.

    A branch that reports twice counts once; a later success replaces a failure, and nothing
    replaces a success.
    """
    kept: dict[int, Outcome[Any]] = {}
    for outcome in (*(old or ()), *new):
        held = kept.get(outcome.index)
        if held is None or not held.ok:
            kept[outcome.index] = outcome
    return list(Outcomes(kept.values()))
