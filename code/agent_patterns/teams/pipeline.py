"""A pipeline of typed stages. A failed stage stops it; resuming starts at that stage.

Stages are checked against each other when the pipeline is built, and every value is validated
between stages, without converting it. Resuming is LangGraph's own: with a checkpointer, the run
goes on where it stopped, and finished stages are not repeated.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import time
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.channels import EphemeralValue
from langgraph.errors import EmptyInputError, GraphBubbleUp
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer, Overwrite
from pydantic import TypeAdapter

from agent_patterns.teams.agents import Agent, Assignment, Clock, Work, failure, node_of, perform
from agent_patterns.teams.errors import (
    AgentFailed,
    StageFailed,
    StageMismatch,
    TeamError,
    said_by,
)
from agent_patterns.teams.fits import checked, fits
from agent_patterns.teams.state import Node, check_names, merge_work
from agent_patterns.teams.turns import NOTHING, Turn, turn


@dataclass(frozen=True)
class Stage:
    """One step: a function of one annotated parameter with an annotated result.

    `takes` and `gives` are its types. Values are validated against them and not converted: the
    text ``"1"`` is no int.
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


_Through = tuple[Any, dict[str, Any]]
"""What a stage gave, and the update of the state that goes with it."""


class _PipelineInput(TypedDict, total=False):
    """What one run is given; the next run on the same thread does not find it any more."""

    task: Annotated[str, EphemeralValue]
    value: Annotated[Any, EphemeralValue]


class _PipelineOutput(TypedDict):
    result: Any
    status: str
    outputs: Annotated[dict[str, Any], operator.or_]
    work: Annotated[dict[str, dict[str, str]], merge_work]
    turns: Annotated[list[Turn], operator.add]


class _PipelineState(_PipelineInput, _PipelineOutput):
    given: str
    """The task, kept for the agents of later stages."""


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
    check_names([entry.name for entry in stages])
    for one, other in itertools.pairwise(stages):
        if not fits(one.gives, other.takes):
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
    before = previous.name if previous else "user"
    after = following.name if following else "user"

    def through_agent(agent: Agent, value: Any, task: str, earlier: Work) -> _Through:
        given = agent.assignment(task or str(value), earlier)
        if not agent.reads and previous is not None:
            given = Assignment(str(value))
        done = perform(agent, given, asked_by=before, answers_to=after, clock=clock)
        text = done.answer.text
        return text, {"turns": done.turns, "work": {agent.produces: {agent.name: text}}}

    def through_function(value: Any) -> _Through:
        started = clock()
        try:
            output = checked(gives, entry.run(checked(takes, value)))
        except GraphBubbleUp:
            raise
        except Exception as error:
            told = failure(entry.name, error, NOTHING, "user", started, clock())
            raise AgentFailed(entry.name, error, [told]) from error
        said = turn(entry.name, after, str(output), started=started, ended=clock())
        return output, {"turns": [said], "work": {}}

    agent = entry.run.agent if isinstance(entry.run, _AgentRun) else None

    def run(state: _PipelineState) -> dict[str, Any]:
        if previous is None:
            value, task = state.get("value", state.get("task")), state.get("task", "")
            earlier: Mapping[str, Any] = {"outputs": {}, "turns": [], "work": {}}
        else:
            value, task = state["outputs"][previous.name], state["given"]
            earlier = state
        try:
            if agent is None:
                output, update = through_function(value)
            else:
                output, update = through_agent(agent, value, task, earlier["work"])
        except AgentFailed as error:
            last: Turn = {**error.turns[-1], "to": "user"}
            turns = [*earlier["turns"], *error.turns[:-1], last]
            raise StageFailed(entry.name, error.cause, turns, earlier["outputs"]) from error.cause
        update["outputs"] = {entry.name: output}
        if previous is None:
            update = {key: Overwrite(new) for key, new in update.items()} | {"given": task}
        if following is None:
            update |= {"result": output, "status": "done"}
        return update

    return node_of(agent, run) if agent else run


def _named(kind: Any) -> str:
    return kind.__name__ if inspect.isclass(kind) and not typing.get_args(kind) else str(kind)


@dataclass(frozen=True)
class Report:
    """How far a pipeline came: its result, or the stage that failed and why."""

    status: str
    """``done``, ``failed``, or ``waiting`` for the answer to an interrupt."""
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
    """Go on at the stage that failed; the pipeline needs the checkpointer it failed with.

    Raises `TeamError` when nothing was started there.
    """
    return _report(graph, None, config)


def _report(
    graph: CompiledStateGraph[Any, Any, Any, Any], given: Any, config: RunnableConfig
) -> Report:
    try:
        state = graph.invoke(given, config, durability="sync" if graph.checkpointer else None)
    except StageFailed as error:
        return Report("failed", None, error.outputs, error.stage, said_by(error.cause))
    except EmptyInputError as error:
        raise TeamError(
            "There is nothing to resume: no run was started on this thread, or the pipeline has "
            "no checkpointer. Call start first."
        ) from error
    if "__interrupt__" in state:
        return Report("waiting", None, state.get("outputs", {}))
    return Report("done", state["result"], state["outputs"])
