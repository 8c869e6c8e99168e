"""A pipeline of typed stages. A failed stage stops it; resuming starts at that stage.

Stages are checked against each other when the pipeline is built, and every value is validated
between stages. Resuming is LangGraph's own: with a checkpointer, the run goes on where it
stopped, and finished stages are not repeated.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import time
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite
from pydantic import TypeAdapter

from agent_patterns.teams.agents import Agent, Assignment, Clock, failure, perform
from agent_patterns.teams.errors import AgentFailed, StageFailed, StageMismatch
from agent_patterns.teams.state import Node, merge_work
from agent_patterns.teams.turns import Turn, turn


@dataclass(frozen=True)
class Stage:
    """One step: a function of one annotated parameter with an annotated result.

    `takes` and `gives` are its types; values are validated (not converted) against them.
    """

    name: str
    run: Callable[[Any], Any]
    takes: Any
    gives: Any


def stage(function: Callable[[Any], Any], name: str | None = None) -> Stage:
    """A stage from an annotated function. Raises `StageMismatch` when annotations are missing."""
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    called = name or str(getattr(function, "__name__", "stage"))
    if len(parameters) != 1 or parameters[0] not in hints or "return" not in hints:
        raise StageMismatch(
            f"Stage {called!r} needs exactly one parameter and a result, both with a type, "
            "such as (order: Order) -> Invoice."
        )
    return Stage(called, function, hints[parameters[0]], hints["return"])


def agent_stage(agent: Agent) -> Stage:
    """A stage in which an agent works on a text.

    The agent is given the task and the work of the earlier stages that it reads.
    """
    return Stage(agent.name, _AgentRun(agent), str, str)


@dataclass(frozen=True)
class _AgentRun:
    agent: Agent

    def __call__(self, value: str) -> str:
        done = perform(self.agent, Assignment(value), asked_by="pipeline")
        return done.answer.text


class _PipelineInput(TypedDict, total=False):
    task: str
    value: Any


class _PipelineOutput(TypedDict):
    result: Any
    status: str
    outputs: Annotated[dict[str, Any], operator.or_]
    work: Annotated[dict[str, dict[str, str]], merge_work]
    turns: Annotated[list[Turn], operator.add]


class _PipelineState(_PipelineInput, _PipelineOutput):
    pass


def pipeline(
    stages: Sequence[Stage],
    *,
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "pipeline",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the pipeline as a graph: ``{"value": …}`` or ``{"task": …}`` in, ``result`` out.

    Raises `StageMismatch` when neighbouring stages do not fit. At run time a failing stage
    raises `StageFailed`; with a checkpointer, `resume` (or ``invoke(None, config)``) goes on there.
    """
    if not stages:
        raise StageMismatch("A pipeline needs at least one stage.")
    for one, other in itertools.pairwise(stages):
        if not _fits(one.gives, other.takes):
            raise StageMismatch(
                f"Stage {one.name!r} gives {_named(one.gives)}, but {other.name!r} takes "
                f"{_named(other.takes)}."
            )
    graph = StateGraph(_PipelineState, input_schema=_PipelineInput, output_schema=_PipelineOutput)
    previous: Stage | None = None
    for entry, following in itertools.zip_longest(stages, stages[1:]):
        graph.add_node(entry.name, _node(entry, previous, following, clock))
        graph.add_edge(previous.name if previous else START, entry.name)
        previous = entry
    graph.add_edge(stages[-1].name, END)
    return graph.compile(checkpointer=checkpointer, name=name)


def _node(
    entry: Stage, previous: Stage | None, following: Stage | None, clock: Clock
) -> Node[_PipelineState]:
    takes: TypeAdapter[Any] = TypeAdapter(entry.takes)
    gives: TypeAdapter[Any] = TypeAdapter(entry.gives)

    agent = entry.run.agent if isinstance(entry.run, _AgentRun) else None
    inside = agent.graph if agent else None

    def run(state: _PipelineState) -> dict[str, Any]:
        if previous is not None:
            value = state["outputs"][previous.name]
        else:
            value = state["value"] if "value" in state else state.get("task")
        started = clock()
        before = previous.name if previous else "user"
        after = following.name if following else "user"
        work: dict[str, dict[str, str]] = {}
        try:
            if agent is not None:
                given = agent.assignment(state.get("task", str(value)), state.get("work", {}))
                if not agent.reads and previous is not None:
                    given = Assignment(str(value))
                done = perform(agent, given, inside, asked_by=before, answers_to=after, clock=clock)
                output: Any = done.answer.text
                turns = done.turns
                work = {agent.produces: {agent.name: done.answer.text}}
            else:
                output = gives.validate_python(
                    entry.run(takes.validate_python(value, strict=_strict(entry.takes)))
                )
                turns = [turn(entry.name, after, str(output), started=started, ended=clock())]
        except AgentFailed as error:
            told = [
                *state.get("turns", []),
                turn(before, entry.name, given.text, "task"),
                failure(error, asked_by="user"),
            ]
            raise StageFailed(entry.name, error.cause, told) from error.cause
        except Exception as error:
            raise StageFailed(entry.name, error, state.get("turns", [])) from error
        update: dict[str, Any] = {"outputs": {entry.name: output}, "turns": turns, "work": work}
        if previous is None:
            update = {key: Overwrite(new) for key, new in update.items()}
        if following is None:
            update |= {"result": output, "status": "done"}
        return update

    return run


def _strict(kind: Any) -> bool:
    """Plain types are not converted: a number in a text is no number."""
    return kind in (str, int, float, bool)


def _fits(gives: Any, takes: Any) -> bool:
    if takes is Any or gives is Any or gives == takes:
        return True
    if inspect.isclass(gives) and inspect.isclass(takes):
        return issubclass(gives, takes)
    return bool(typing.get_origin(takes) and gives in typing.get_args(takes))


def _named(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


@dataclass(frozen=True)
class Report:
    """How far a pipeline came: its result, or the stage that failed and why."""

    status: str
    """``done`` or ``failed``."""
    result: Any
    outputs: dict[str, Any]
    """What each finished stage gave."""
    failed_stage: str | None = None
    cause: str | None = None


def start(
    graph: CompiledStateGraph[Any, Any, Any, Any], value: Any, config: RunnableConfig
) -> Report:
    """Run a pipeline on a value and report, instead of raising."""
    key = "task" if isinstance(value, str) else "value"
    return _report(graph, {key: value}, config)


def resume(graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig) -> Report:
    """Go on at the stage that failed; the pipeline needs the checkpointer it failed with."""
    return _report(graph, None, config)


def _report(
    graph: CompiledStateGraph[Any, Any, Any, Any], given: Any, config: RunnableConfig
) -> Report:
    try:
        state = graph.invoke(given, config, durability="sync")
    except StageFailed as error:
        outputs = graph.get_state(config).values.get("outputs", {})
        cause = f"{type(error.cause).__name__}: {error.cause}"
        return Report("failed", None, outputs, error.stage, cause)
    return Report("done", state["result"], state["outputs"])
