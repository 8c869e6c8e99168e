"""An agent as a team sees it: a name, what it reads, what it produces, and how it works.

Whatever answers a text with a text can be an agent: a function, a `create_agent` graph, or a
whole team (`as_agent`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.runnables import Runnable
from langgraph.errors import GraphBubbleUp, ParentCommand

from agent_patterns.teams.errors import AgentFailed, StageFailed, TeamError, WorkFailed, said_by
from agent_patterns.teams.steps import Ask, Both, Steps
from agent_patterns.teams.turns import NOTHING, Turn, Usage, turn, usage_of

Clock = Callable[[], float]
"""Seconds that only ever grow; `time.perf_counter` unless a test brings its own."""

Work = Mapping[str, Mapping[str, str]]
"""The products of a team so far: kind of work, then agent, then text."""


@dataclass(frozen=True)
class Assignment:
    """All that an agent gets to see: task, instructions, and the kinds of work that it reads."""

    task: str
    instructions: str = ""
    material: Work = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the assignment as one message with a labelled part for each kind of work."""
        return f"Task: {self.brief}"

    @property
    def brief(self) -> str:
        """Return the same as the task of somebody else, who labels it again."""
        parts = [self.task]
        for kind, texts in self.material.items():
            if texts:
                parts.append(f"{kind.capitalize()}:\n" + "\n".join(texts.values()))
        if self.instructions:
            parts.append(f"Instructions: {self.instructions}")
        return "\n\n".join(parts)


@dataclass(frozen=True)
class Answer:
    """The result of an agent: a text, what it cost, and the turns of a team inside it."""

    text: str
    usage: Usage = NOTHING
    turns: tuple[Turn, ...] = ()


Worker = Callable[[Assignment], "Answer | str | Any"]  # Any: what a coroutine function gives
"""A function, or a coroutine function if the team is run with `ainvoke` or `astream`."""


@dataclass(frozen=True)
class Agent:
    """A member of a team.

    `reads` names the kinds of work that the agent is shown; nothing else reaches it. `produces`
    names the kind that its own answers are.
    """

    name: str
    description: str
    work: Worker
    reads: tuple[str, ...] = ()
    produces: str = "answer"
    graph: Runnable[Any, Any] | None = field(default=None, repr=False, compare=False)
    """The graph behind `work`, if there is one, so that a team can be drawn with it."""

    def assignment(self, task: str, work: Work, instructions: str = "") -> Assignment:
        """Return the part of the team's work that this agent sees."""
        return Assignment(task, instructions, {kind: work.get(kind, {}) for kind in self.reads})


def chat_agent(
    name: str,
    description: str,
    graph: Runnable[Any, Any],
    *,
    reads: Sequence[str] = (),
    produces: str = "answer",
) -> Agent:
    """Make an agent of a `create_agent` graph, or of any graph with a ``messages`` key.

    It starts every assignment with an empty conversation, so it sees its assignment alone. All
    model calls of the run are counted from the usage that the messages carry.
    """

    def work(assignment: Assignment) -> Steps[Answer]:
        messages = yield from converse(graph, assignment.text)
        return Answer(str(messages[-1].text), message_usage(messages))

    return Agent(name, description, Both(work), tuple(reads), produces, graph)


def converse(graph: Runnable[Any, Any], text: str) -> Steps[list[BaseMessage]]:
    """Return the messages of a conversation that begins with `text`. Raises `WorkFailed`."""
    spent = _Spent()
    try:
        state = yield Ask(graph, ({"messages": [HumanMessage(text)]}, {"callbacks": [spent]}))
    except GraphBubbleUp:  # an interrupt or a handoff, which LangGraph itself waits for
        raise
    except NotImplementedError as error:
        cause = NotImplementedError(
            f"{error} A tool that has only a coroutine works when the team is run with ainvoke or "
            "astream."
        )
        raise WorkFailed(cause, message_usage(spent.messages)) from error
    except Exception as error:
        raise WorkFailed(error, message_usage(spent.messages)) from error
    messages: list[BaseMessage] = state["messages"]
    return messages


class _Spent(BaseCallbackHandler):
    """Keeps what models answered, because a graph that fails hands nothing back."""

    def __init__(self) -> None:
        self.messages: list[BaseMessage] = []

    def on_llm_end(self, response: LLMResult, **_about: Any) -> None:
        for listed in response.generations:
            self.messages += [one.message for one in listed if isinstance(one, ChatGeneration)]


def message_usage(messages: Sequence[BaseMessage]) -> Usage:
    """Add up the calls and tokens of the assistant messages in a list."""
    total = Usage()
    for message in messages:
        if isinstance(message, AIMessage):
            usage = message.usage_metadata
            total += Usage(
                1,
                usage["input_tokens"] if usage else 0,
                usage["output_tokens"] if usage else 0,
            )
    return total


def as_agent(
    name: str,
    description: str,
    graph: Runnable[Any, Any],
    *,
    reads: Sequence[str] = (),
    produces: str = "answer",
) -> Agent:
    """Make a whole team one agent of another team.

    The team's turns are kept in the outer transcript, under names like ``desk/researcher``, those
    before a failure too. Whom the team takes for its user is the agent itself.
    """

    def work(assignment: Assignment) -> Steps[Answer]:
        states: list[dict[str, Any]] = [{}]
        try:
            yield Ask(_Watched(graph, states), ({"task": assignment.brief},))
        except GraphBubbleUp:
            raise
        except Exception as error:
            said = [] if isinstance(error, StageFailed) else states[-1].get("turns", [])
            if isinstance(error, AgentFailed | StageFailed):
                said = [*said, *error.turns]
            raise WorkFailed(error, turns=[_inside(name, entry) for entry in said]) from error
        inner = [_inside(name, entry) for entry in states[-1].get("turns", [])]
        return Answer(str(states[-1].get("result", "")), NOTHING, tuple(inner))

    return Agent(name, description, Both(work), tuple(reads), produces, graph)


@dataclass(frozen=True)
class _Watched:
    """A graph run to its end, of which the states are kept, so that a failure leaves the last."""

    graph: Runnable[Any, Any]
    states: list[dict[str, Any]]

    def __call__(self, given: dict[str, Any]) -> None:
        for state in self.graph.stream(given, stream_mode="values"):
            self.states[:] = [state]

    async def acall(self, given: dict[str, Any]) -> None:
        async for state in self.graph.astream(given, stream_mode="values"):
            self.states[:] = [state]


def _inside(team: str, entry: Turn) -> Turn:
    moved = entry.copy()
    moved["sender"] = _path(team, entry["sender"])
    moved["to"] = _path(team, entry["to"])
    return moved


def _path(team: str, name: str) -> str:
    return team if name == "user" else f"{team}/{name}"


@dataclass(frozen=True)
class Done:
    """An agent's turn, finished: its answer and the turns to add to the transcript."""

    answer: Answer
    turns: list[Turn]

    @property
    def usage(self) -> Usage:
        """Return what the turns cost together."""
        return usage_of(self.turns)


def perform(
    agent: Agent,
    assignment: Assignment,
    *,
    asked_by: str,
    answers_to: str | None = None,
    clock: Clock = time.perf_counter,
) -> Steps[Done]:
    """Let an agent do an assignment, and write down both directions.

    The answer goes to `answers_to`, without it back to `asked_by`; a failure to `asked_by`.

    Raises `AgentFailed` with the agent's name and the cause. An interrupt inside the agent is no
    failure: it goes through, and with a checkpointer the run waits for its answer.
    """
    asked = turn(asked_by, agent.name, assignment.text, "task")
    started = clock()

    def failed(
        cause: BaseException, usage: Usage = NOTHING, inside: Sequence[Turn] = ()
    ) -> AgentFailed:
        told = failure(agent.name, cause, usage, asked_by, started, clock())
        return AgentFailed(agent.name, cause, [asked, *inside, told])

    try:
        result = yield Ask(agent.work, (assignment,))
    except ParentCommand as error:
        stray = TeamError("it hands its work over by a tool, which only a handoff_team follows")
        raise failed(stray) from error
    except GraphBubbleUp:
        raise
    except WorkFailed as error:
        raise failed(error.cause, error.usage, error.turns) from error.cause
    except Exception as error:
        raise failed(error) from error
    answer = Answer(result) if isinstance(result, str) else result
    if not isinstance(answer, Answer):
        raise failed(TypeError(f"an agent answers with a text or an Answer, not with {result!r}"))
    told = turn(
        agent.name,
        answers_to or asked_by,
        answer.text,
        usage=answer.usage,
        started=started,
        ended=clock(),
    )
    return Done(answer, [asked, *answer.turns, told])


def failure(
    who: str, cause: BaseException, usage: Usage, to: str, started: float, ended: float
) -> Turn:
    """Return the turn that records that somebody failed."""
    said = f"Failed: {said_by(cause)}"
    return turn(who, to, said, "failure", usage=usage, started=started, ended=ended)


def renamed(agent: Agent, name: str) -> Agent:
    """Return the same agent under another name."""
    return replace(agent, name=name)
