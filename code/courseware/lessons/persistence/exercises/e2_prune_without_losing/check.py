"""Check: Prune without losing."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

from agent_patterns.checkpoints import open_checkpointer
from courseware.exercises import chance, expect
from courseware.lessons.persistence.exercises.common import short, thread
from courseware.lessons.persistence.releases import OLD, old_release


def check(tidy: Callable[..., Any]) -> None:
    """Run a night's job on orders that are finished, on their way, not listed, and never begun."""
    draw = chance()
    keeps = draw.sample([1, 2, 3], 2)
    for keep in keeps:
        with open_checkpointer("memory://") as checkpointer:
            _check_one_night(tidy, checkpointer, keep, draw)


def _check_one_night(
    tidy: Callable[..., Any], checkpointer: Any, keep: int, draw: random.Random
) -> None:
    numbers = draw.sample(range(1100, 9900), 8)
    finished, waiting, other, never = (
        [f"MF-{number}" for number in numbers[:3]],
        {f"MF-{number}": stop for number, stop in zip(numbers[3:6], OLD[1:], strict=True)},
        f"MF-{numbers[6]}",
        f"MF-{numbers[7]}",
    )
    for name in (*finished, *waiting, other):
        graph = old_release(checkpointer, stop_at=waiting.get(name))
        with contextlib.suppress(ConnectionError):
            order = {"lines": {"ink": draw.randint(1, 9)}, "done": []}
            graph.invoke(order, thread(name), durability="sync")
    stored = {name: len(checkpointer.rows.index(name)) for name in (*finished, *waiting, other)}
    before = {name: graph.get_state(thread(name)).values for name in stored}
    names = [*finished, *waiting, never]
    draw.shuffle(names)
    ran: list[str] = []
    graph = old_release(checkpointer, step=ran.append)
    answer = tidy(graph, list(names), keep)
    left = {name: len(checkpointer.rows.index(name)) for name in (*stored, never)}
    expect(not ran, "runs-an-order", f"The job ran {ran}. It only has to remove checkpoints.")
    expect(
        left[other] == stored[other],
        "touches-the-others",
        f"{other} was not among the names, and {stored[other] - left[other]} of its checkpoints"
        " are gone. `prune` without a name prunes the whole database.",
    )
    expect(not left[never], "begins-an-order", f"Nothing was stored for {never}, and now it is.")
    for name in finished:
        _check_finished(graph, name, left[name], before[name], stored[name])
    for name, stop in waiting.items():
        wanted = min(keep, stored[name])
        _check_waiting(graph, name, left[name], wanted, stop, before[name])
        rest = OLD[OLD.index(stop) :]
        ran.clear()
        graph.invoke(None, thread(name))
        expect(
            tuple(ran) == rest,
            "cannot-continue",
            f"{name} waited before {stop!r}. After the job, {ran} ran instead of {list(rest)}.",
        )
    removed = sum(stored[name] - left[name] for name in stored)
    expect(
        answer == removed,
        "counts-wrong",
        f"{removed} checkpoints were removed, and {short(answer)} came back. Add up `removed` of"
        " every report.",
    )


def _check_finished(graph: Any, name: str, left: int, before: Any, stored: int) -> None:
    expect(
        left and graph.get_state(thread(name)).values == before,
        "loses-the-result",
        f"{name} is finished, and its result is gone. Keep the newest checkpoint.",
    )
    expect(
        left == 1,
        "keeps-too-much",
        f"{name} is finished, and {left} of its {stored} checkpoints are left instead of 1. `keep`"
        " is for orders on their way: something is stored, and `next` names a node.",
    )


def _check_waiting(graph: Any, name: str, left: int, wanted: int, stop: str, before: Any) -> None:
    said = f"{name} is on its way, before {stop!r}, and it has {left} checkpoints left"
    expect(
        left >= wanted,
        "loses-the-past",
        f"{said} instead of {wanted}. `next` says if a node is due.",
    )
    expect(left == wanted, "keeps-too-much", f"{said} instead of {wanted}.")
    expect(
        graph.get_state(thread(name)).values == before,
        "loses-the-present",
        f"{name} is on its way, and its state is no longer what it was.",
    )
