"""Work that is written once and runs in both colours: under `invoke` and under `ainvoke`.

What takes its time (a model, a tool, another team) is not called but *asked*: a node is a generator
that yields an `Ask`, and `agent_patterns.driving` drives it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.runnables.config import run_in_executor

from agent_patterns.driving import Steps as Steps
from agent_patterns.driving import adriven, driven
from agent_patterns.resilience.classification import control_flow_in
from agent_patterns.teams.errors import TeamError


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that may take its time.

    `target` is a runnable, a function, a coroutine function, or an object with both `__call__` and
    `acall`.  A plain function is called in a thread under `ainvoke`.
    """

    target: Any
    args: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments for a runnable."""

    def make(self) -> Any:
        """Return the answer."""
        with _unwrapped():
            return _asked(self)

    async def amake(self) -> Any:
        """Return the answer without blocking the event loop."""
        with _unwrapped():
            return await _awaited(self)


class Both:
    """Steps as a function in both colours: ``both(x)`` and ``await both.acall(x)``."""

    __slots__ = ("_steps",)

    def __init__(self, steps: Callable[..., Steps[Any]]) -> None:
        self._steps = steps

    def __call__(self, *args: Any) -> Any:
        """Go through the steps, asking one thing after the other."""
        return driven(self._steps(*args))

    async def acall(self, *args: Any) -> Any:
        """Do the same without blocking the event loop."""
        return await adriven(self._steps(*args), blocking=False)


def node_of(steps: Callable[..., Steps[Any]], graph: Runnable[Any, Any] | None = None) -> Any:
    """Return steps as a node, in which LangGraph finds the graph that works there.

    It looks for graphs in what a node's function captures, to draw them and to stream from them.
    """
    both = Both(steps)

    def node(state: Any) -> Any:
        _ = graph
        return both(state)

    async def anode(state: Any) -> Any:
        _ = graph
        return await both.acall(state)

    return _Node(node, anode)


class _Node(RunnableLambda[Any, Any]):
    """A node's two functions. LangGraph traces the node and sets its context already."""

    def invoke(self, input: Any, config: Any = None, **_: Any) -> Any:
        """Run the node."""
        return self.func(input)

    async def ainvoke(self, input: Any, config: Any = None, **_: Any) -> Any:
        """Run the node without blocking the event loop."""
        afunc: Any = self.afunc
        return await afunc(input)


def _asked(ask: Ask) -> Any:
    if isinstance(ask.target, Runnable):
        return ask.target.invoke(*ask.args, **ask.options)
    result = ask.target(*ask.args)
    if inspect.iscoroutine(result):
        result.close()
        raise TeamError(f"{result.__qualname__} is async: run the team with ainvoke or astream.")
    return result


async def _awaited(ask: Ask) -> Any:
    target = ask.target
    if isinstance(target, Runnable):
        return await target.ainvoke(*ask.args, **ask.options)
    acall = getattr(target, "acall", None)
    if acall is not None:
        return await acall(*ask.args)
    if any(map(inspect.iscoroutinefunction, (target, getattr(target, "__call__", None)))):  # noqa: B004
        return await target(*ask.args)
    result = await run_in_executor(None, target, *ask.args)
    return await result if inspect.isawaitable(result) else result


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Raise the interrupt or handoff that a group of errors holds in its place."""
    try:
        yield
    except Exception as error:
        inside = control_flow_in(error)
        if inside is error:
            raise
        raise inside from error
