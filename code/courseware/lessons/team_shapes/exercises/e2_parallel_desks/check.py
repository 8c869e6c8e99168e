"""Check: Make a team parallel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from langgraph.errors import InvalidUpdateError

from courseware.exercises import Wrong, chance, expect

PATIENCE = 2.0
"""Seconds that a desk waits for the others to begin; only a wrong answer waits that long."""


class _Desks:
    """Desks that wait for each other at the start, so that only parallel work gets past it."""

    def __init__(self, names: list[str], down: str | None, error: type[Exception]) -> None:
        self.names = names
        self.down = down
        self.error = error
        self.calls: list[str] = []
        self.met = True
        self.gate = threading.Barrier(len(names))

    @property
    def members(self) -> list[tuple[str, Callable[[str], str]]]:
        return [(name, self._desk(name)) for name in self.names]

    def _desk(self, name: str) -> Callable[[str], str]:
        def work(task: str) -> str:
            self.calls.append(name)
            try:
                self.gate.wait(PATIENCE)
            except threading.BrokenBarrierError:
                self.met = False
            if name == self.down:
                raise self.error(f"{name} is out")
            return f"{name} on {task}"

        return work


def check(build_desks: Callable[..., Any]) -> None:
    """Run drawn numbers of desks, twice on one graph, with all of them up and with one down."""
    draw = chance()
    pool = ["paper", "ink", "parcels", "returns", "gifts", "pens"]
    kinds = (ConnectionError, TimeoutError, ValueError, RuntimeError)
    for number, error in ((2, None), (draw.randint(3, 5), None), *((3, kind) for kind in kinds)):
        names = draw.sample(pool, number)
        desks = _Desks(names, draw.choice(names) if error else None, error or RuntimeError)
        graph = build_desks(desks.members)
        if graph is None:
            raise Wrong("returns-nothing", "`build_desks` returned None: end it with `return`.")
        expect(
            hasattr(graph, "invoke"),
            "returns-no-graph",
            f"`build_desks` returned {type(graph).__name__}, not a compiled graph.",
        )
        for task in draw.sample(("glue", "stamps", "wax", "maps"), 2):
            _one_run(graph, desks, task)


def _one_run(graph: Any, desks: _Desks, task: str) -> None:
    desks.calls.clear()
    try:
        state = graph.invoke({"task": task})
    except InvalidUpdateError as error:
        raise Wrong(
            "has-no-reducer",
            f"LangGraph says {str(error).splitlines()[0]!r} Desks that work in one step write the"
            " same key: give it a reducer, such as `Annotated[dict, operator.or_]`.",
        ) from None
    except desks.error as error:
        if str(error) != f"{desks.down} is out":
            raise
        raise Wrong(
            "one-failure-loses-all",
            f"The desk {desks.down!r} raised {error!r}, and the run ended with it. Catch any error"
            " in the desk's node, whatever its class, and write its text to `failed`.",
        ) from None
    listed = ", ".join(desks.names)
    expect(
        sorted(desks.calls) == sorted(desks.names),
        "not-each-desk-once",
        f"The desks were {listed}; these worked: {', '.join(desks.calls) or 'none'}. A function"
        " made in a loop sees the loop's last value: does each node have its own desk?",
    )
    expect(
        desks.met,
        "one-after-another",
        f"The desks {listed} were not at work at the same time: each waited for the others to"
        " begin. Start all nodes from START, or send each desk its own `Send`.",
    )
    down = {desks.down} if desks.down else set()
    wanted = {name: f"{name} on {task}" for name in desks.names if name not in down}
    answers, failed = state.get("answers"), state.get("failed", {})
    expect(
        answers == wanted,
        "wrong-answers",
        f"With the task {task!r} and {desks.down or 'no desk'} down, `answers` is {answers!r}, and"
        f" it should be the dictionary {wanted!r}.",
    )
    expect(
        set(failed) == down
        and all(
            isinstance(text, str) and f"{desks.down} is out" in text for text in failed.values()
        ),
        "does-not-say-who-failed",
        f"With {desks.down or 'no desk'} down, `failed` is {failed!r}. Map the desk's name to the"
        " error's text, such as `str(error)`.",
    )
