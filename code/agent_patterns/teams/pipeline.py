"""A pipeline of typed stages. A failed stage stops it; resuming starts at that stage.

Every value is checked against the types of the stage that gives it and of the stage that takes it,
without being converted, at the moment it passes from one to the other. Resuming is LangGraph's
own: with a checkpointer, the run goes on where it stopped, and finished stages are not repeated.
"""

from __future__ import annotations

import inspect
import itertools
import json
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
from pydantic import TypeAdapter, ValidationError

from agent_patterns.teams.agents import Agent, Assignment, Clock, Work, failure, perform
from agent_patterns.teams.errors import (
    AgentFailed,
    StageFailed,
    StageMismatch,
    TeamError,
    said_by,
)
from agent_patterns.teams.state import check_names, merge_work
from agent_patterns.teams.steps import Ask, Both, Steps, node_of
from agent_patterns.teams.turns import NOTHING, Turn, turn


@dataclass(frozen=True)
class Stage:
    """A step: a function of one annotated parameter with an annotated result, or an agent.

    `takes` and `gives` are its types. Values are validated against them and not converted: the
    text ``"1"`` is no int.
    """

    name: str
    run: Callable[[Any], Any] | Agent
    takes: Any = str
    gives: Any = str


def stage(function: Callable[[Any], Any], name: str | None = None) -> Stage:
    """Make a stage of an annotated function, async or not.

    Raises `StageMismatch` when annotations are missing.
    """
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    called = name or str(getattr(function, "__name__", "stage"))
    if len(parameters) != 1 or parameters[0] not in hints or "return" not in hints:
        raise StageMismatch(
            f"Stage {called!r} needs exactly one parameter and a result, both with a type, "
            "such as (order: Order) -> Invoice."
        )
    return Stage(called, function, hints[parameters[0]], hints["return"])


class _PipelineInput(TypedDict, total=False):
    """The input of one run; the next run on the same thread does not find it any more."""

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
    stages: Sequence[Stage | Agent | Callable[[Any], Any]],
    *,
    checkpointer: Checkpointer = None,
    clock: Clock = time.perf_counter,
    name: str = "pipeline",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Build the pipeline as a graph: ``{"value": …}`` or ``{"task": …}`` in, ``result`` out.

    A stage is an annotated function, or an agent, who is given the task and the work of the earlier
    stages that it reads. At run time a failing stage, or a value that does not fit, raises
    `StageFailed`; with a checkpointer, `resume` (or ``invoke(None, config)``) goes on there.
    """
    entries = [_stage_of(entry) for entry in stages]
    check_names([entry.name for entry in entries])
    graph = StateGraph(_PipelineState, input_schema=_PipelineInput, output_schema=_PipelineOutput)
    previous: Stage | None = None
    for entry, following in itertools.zip_longest(entries, entries[1:]):
        graph.add_node(entry.name, _node(entry, previous, following, clock))
        graph.add_edge(previous.name if previous else START, entry.name)
        previous = entry
    graph.add_edge(entries[-1].name, END)
    return graph.compile(checkpointer=checkpointer, name=name)


def _stage_of(entry: Stage | Agent | Callable[[Any], Any]) -> Stage:
    if isinstance(entry, Stage):
        return entry
    return Stage(entry.name, entry) if isinstance(entry, Agent) else stage(entry)


def _node(entry: Stage, previous: Stage | None, following: Stage | None, clock: Clock) -> Any:
    before = previous.name if previous else "user"
    after = following.name if following else "user"
    agent = entry.run if isinstance(entry.run, Agent) else None
    work = _with_agent if agent else _with_function

    def run(state: _PipelineState) -> Steps[dict[str, Any]]:
        if previous is None:
            value, task = state.get("value", state.get("task")), state.get("task", "")
            earlier: Mapping[str, Any] = {"outputs": {}, "turns": [], "work": {}}
        else:
            value, task = state["outputs"][previous.name], state["given"]
            earlier = state
        given = _Given(value, task, earlier["work"], before, after)
        try:
            output, update = yield from work(entry, given, clock)
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

    return node_of(run, agent.graph if agent else None)


@dataclass(frozen=True)
class _Given:
    """The input of a stage, who gave it, and who gets its output."""

    value: Any
    task: str
    work: Work
    before: str
    after: str


_Through = Steps[tuple[Any, dict[str, Any]]]
"""What a stage gave, and the update of the state that goes with it."""


def _with_agent(entry: Stage, given: _Given, clock: Clock) -> _Through:
    agent: Any = entry.run
    assignment = agent.assignment(given.task or str(given.value), given.work)
    if not agent.reads and given.before != "user":
        assignment = Assignment(str(given.value))
    done = yield from perform(
        agent, assignment, asked_by=given.before, answers_to=given.after, clock=clock
    )
    text = done.answer.text
    return text, {"turns": done.turns, "work": {agent.produces: {agent.name: text}}}


def _with_function(entry: Stage, given: _Given, clock: Clock) -> _Through:
    started = clock()
    try:
        taken = checked(entry.takes, given.value, f"{given.before!r} gave {entry.name!r}")
        answer = yield Ask(entry.run, (taken,))
        output = checked(entry.gives, answer, f"Stage {entry.name!r} gave")
    except GraphBubbleUp:
        raise
    except Exception as error:
        told = failure(entry.name, error, NOTHING, "user", started, clock())
        raise AgentFailed(entry.name, error, [told]) from error
    said = turn(entry.name, given.after, str(output), started=started, ended=clock())
    return output, {"turns": [said], "work": {}}


def checked(kind: Any, value: Any, what: str) -> Any:
    """Return the value, if it is of this type; raise `StageMismatch` if not.

    Nothing is converted, but what JSON and checkpoints cannot keep is put back: a list becomes the
    tuple that the type asks for.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError as refused:
        reason = refused
    try:
        return adapter.validate_json(json.dumps(value), strict=True)
    except (TypeError, ValueError):  # nothing that came as JSON or out of a checkpoint, or unfit
        first = reason.errors()[0]
        where = "".join(f"[{step!r}]" for step in first["loc"])
        raise StageMismatch(
            f"{what} {value!r:.80}, which is no {_named(kind)}{where and f' at {where}'}: "
            f"{first['msg']}"
        ) from reason


def _named(kind: Any) -> str:
    return kind.__name__ if inspect.isclass(kind) and not typing.get_args(kind) else str(kind)


@dataclass(frozen=True)
class Report:
    """The end of a run: its result, or the stage that failed and why."""

    status: str
    """``done``, ``failed``, or ``waiting`` for the answer to an interrupt."""
    result: Any
    outputs: dict[str, Any]
    """What each finished stage gave."""
    failed_stage: str | None = None
    cause: str | None = None


def _start(
    graph: CompiledStateGraph[Any, Any, Any, Any], value: Any, config: RunnableConfig
) -> Steps[Report]:
    key = "task" if isinstance(value, str) else "value"
    return (yield from _report(graph, {key: value}, config))


def _resume(graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig) -> Steps[Report]:
    return (yield from _report(graph, None, config))


def _report(
    graph: CompiledStateGraph[Any, Any, Any, Any], given: Any, config: RunnableConfig
) -> Steps[Report]:
    durable = {"durability": "sync"} if graph.checkpointer else {}
    try:
        state = yield Ask(graph, (given, config), durable)
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


def start(
    graph: CompiledStateGraph[Any, Any, Any, Any], value: Any, config: RunnableConfig
) -> Report:
    """Run a pipeline on a value and report, instead of raising."""
    report: Report = Both(_start)(graph, value, config)
    return report


async def astart(
    graph: CompiledStateGraph[Any, Any, Any, Any], value: Any, config: RunnableConfig
) -> Report:
    """Do what `start` does, without blocking the event loop."""
    report: Report = await Both(_start).acall(graph, value, config)
    return report


def resume(graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig) -> Report:
    """Go on at the stage that failed; the pipeline needs the checkpointer it failed with.

    Raises `TeamError` when nothing was started there.
    """
    report: Report = Both(_resume)(graph, config)
    return report


async def aresume(graph: CompiledStateGraph[Any, Any, Any, Any], config: RunnableConfig) -> Report:
    """Do what `resume` does, without blocking the event loop."""
    report: Report = await Both(_resume).acall(graph, config)
    return report
