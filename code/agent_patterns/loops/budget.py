"""A budget for one turn of an agent, and a polite stop when it is used up.

A turn is everything between a user's message and the answer.  Its budget has up to four limits:

===============  =================================================================================
Limit            Counts
===============  =================================================================================
``iterations``   calls of the model
``tool_calls``   tool calls that the model has asked for
``tokens``       tokens that the provider bills, in and out
``seconds``      time at work in the model and in tools; waiting for a human costs nothing
===============  =================================================================================

What is spent lies in the state under ``spent``, not in the object: it survives a restart and an
approval, many threads share one object, and a summary that removes messages gives nothing back.

The stop is polite in two ways.  The user gets a sentence instead of an exception, and the
transcript stays valid: an answer that asks for more calls than are left loses *all* of its calls
and none of them runs, so no call is left without its result.

Use `BudgetMiddleware` with `create_agent`, and `BudgetGate` as a node of a graph of your own.
LangGraph's recursion limit is no budget: it counts super-steps, raises, and is 10,007 by default.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, NotRequired, TypedDict, cast

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ExtendedModelResponse, OmitFromSchema
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.graph import END
from langgraph.types import Command, Overwrite

from agent_patterns.loops.errors import BudgetError

Clock = Callable[[], float]
Farewell = Callable[[str, "Budget"], str]


class Spent(TypedDict, total=False):
    """What a turn has used so far; a missing key is zero."""

    iterations: int
    tool_calls: int
    tokens: int
    seconds: float
    stopped: str
    """The limit that ended the turn; missing while it goes on, and when it ended by itself."""


def add_spent(old: Spent | None, new: Spent | None) -> Spent:
    """Reducer: add two amounts, key by key; associative, so parallel tools may report alone."""
    total: dict[str, Any] = {**(old or {})}
    for name, amount in (new or {}).items():
        total[name] = amount if name == "stopped" else total.get(name, 0) + amount
    return cast("Spent", total)


class Spending(TypedDict):
    """Mix this into the state of a graph that has a `BudgetGate`."""

    spent: Annotated[Spent, add_spent]


def spent_by(message: BaseMessage, seconds: float = 0.0) -> Spent:
    """Return what one answer of the model cost; ready to be written to ``spent``."""
    usage = getattr(message, "usage_metadata", None) or {}
    return Spent(
        iterations=1,
        tool_calls=len(getattr(message, "tool_calls", ())),
        tokens=usage.get("total_tokens", 0),
        seconds=seconds,
    )


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits for one turn; None means no limit.

    Raises:
        BudgetError: if nothing is limited, or a limit is not above zero.
    """

    iterations: int | None = None
    tool_calls: int | None = None
    tokens: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        limits = self.limits()
        if not limits:
            raise BudgetError("A budget without limits stops nothing. Set at least one of them.")
        for name, limit in limits.items():
            if isinstance(limit, bool) or not isinstance(limit, int | float) or not limit > 0:
                raise BudgetError(f"{name}={limit!r} lets nothing run. Set it above zero.")

    def limits(self) -> dict[str, float]:
        """Return the limits that are set, by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: limit for name, limit in named.items() if limit is not None}

    def used_up(self, spent: Mapping[str, Any]) -> str | None:
        """Return the first limit that allows no further call of the model, or None.

        Tool calls are judged when the model asks for them, by `too_many_calls`: after the last
        one that is allowed, the model may still put its answer into words.
        """
        for name, limit in self.limits().items():
            if name != "tool_calls" and spent.get(name, 0) >= limit:
                return name
        return "tool_calls" if self.too_many_calls(spent) else None

    def too_many_calls(self, spent: Mapping[str, Any]) -> bool:
        """Return True when the model has asked for more tool calls than are allowed."""
        return self.tool_calls is not None and spent.get("tool_calls", 0) > self.tool_calls


_WORDS = {
    "iterations": "I have taken {limit:g} steps",
    "tool_calls": "I would need more than the {limit:g} look-ups I may make",
    "tokens": "I have used the {limit:g} tokens I may use",
    "seconds": "I have worked for {limit:g} seconds",
}


def farewell(limit: str, budget: Budget) -> str:
    """Return what the user is told: what happened, and what to do next."""
    reached = _WORDS[limit].format(limit=budget.limits()[limit])
    return (
        f"I have to stop here: {reached} for one question, and I don't have an answer yet. "
        "Please ask for a smaller part of it, or let me pass it on to a person."
    )


class BudgetGate:
    """A node that lets a loop go on while there is budget, and ends it politely when not.

    Put it in front of the model: ``START -> gate -> model -> tools -> gate``.  The state needs
    ``messages`` and `Spending`; the model's node returns ``spent_by(answer)`` under ``spent``.
    A turn begins where the last message comes from a human.  Calls that are left over when the
    budget ends get an error message each, so the transcript stays valid.

    Args:
        budget: the limits.
        then: the node to go to while there is budget.
        stop: where to go when there is none.
        farewell: returns what the user is told.
    """

    def __init__(
        self, budget: Budget, *, then: str, stop: str = END, farewell: Farewell = farewell
    ) -> None:
        self.budget, self.then, self.stop = budget, then, stop
        self._farewell = farewell
        self.destinations = (then, stop)
        """For ``add_node(..., destinations=gate.destinations)``, so that the drawing shows them."""

    def __call__(self, state: Mapping[str, Any]) -> Command[str]:
        """Go on, or say why not."""
        messages = state.get("messages", [])
        if messages and isinstance(messages[-1], HumanMessage):
            return Command(goto=self.then, update={"spent": Overwrite(Spent())})
        limit = self.budget.used_up(state.get("spent", {}))
        if limit is None:
            return Command(goto=self.then)
        message = AIMessage(self._farewell(limit, self.budget))
        return Command(
            goto=self.stop, update={"messages": [message], "spent": Spent(stopped=limit)}
        )


class _BudgetState(AgentState[Any]):
    spent: NotRequired[Annotated[Spent, add_spent, OmitFromSchema(input=True, output=False)]]


class BudgetMiddleware(AgentMiddleware[_BudgetState, Any, Any]):
    """Keep an agent within a `Budget`, turn by turn.

    List it last, next to the model: it then counts what other middleware asks for again.

    Args:
        budget: the limits for one turn.
        farewell: returns what the user is told.
        clock: monotonic seconds.

    Raises:
        BudgetError: while running, if tokens are limited and the provider reports none.  A
            budget that counts nothing would never end; ``stream_usage=True`` often helps.
    """

    state_schema = _BudgetState

    def __init__(
        self, budget: Budget, *, farewell: Farewell = farewell, clock: Clock = time.monotonic
    ) -> None:
        super().__init__()
        self.budget, self._farewell, self._clock = budget, farewell, clock

    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any]:
        """Begin a turn with nothing spent; a resumed turn goes on with what it has spent."""
        return {"spent": Overwrite(Spent())}

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ExtendedModelResponse[Any]:
        """Call the model if the budget allows it, and write down what it cost."""
        spent = request.state.get("spent", {})
        if limit := self.budget.used_up(spent):
            return self._stop(limit)
        began = self._clock()
        return self._account(spent, handler(request), self._clock() - began)

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ExtendedModelResponse[Any]:
        """Do the same without blocking."""
        spent = request.state.get("spent", {})
        if limit := self.budget.used_up(spent):
            return self._stop(limit)
        began = self._clock()
        return self._account(spent, await handler(request), self._clock() - began)

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[..., Any]) -> Any:
        """Run the tool, and write down how long it took."""
        began = self._clock()
        return self._timed(handler(request), self._clock() - began)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Callable[..., Any]) -> Any:
        """Do the same without blocking."""
        began = self._clock()
        return self._timed(await handler(request), self._clock() - began)

    def _account(
        self, before: Mapping[str, Any], response: ModelResponse[Any], seconds: float
    ) -> ExtendedModelResponse[Any]:
        answer = next((m for m in response.result if isinstance(m, AIMessage)), AIMessage(""))
        if (
            self.budget.tokens is not None
            and answer.response_metadata
            and not answer.usage_metadata
        ):
            raise BudgetError(
                "The provider reports no usage, so a budget of tokens cannot be kept. "
                "Try stream_usage=True, or limit iterations instead."
            )
        cost = spent_by(answer, seconds)
        if answer.tool_calls and self.budget.too_many_calls(add_spent(cast("Spent", before), cost)):
            return self._stop("tool_calls", cost, answer)
        return ExtendedModelResponse(response, Command(update={"spent": cost}))

    def _stop(
        self, limit: str, cost: Spent | None = None, answer: AIMessage | None = None
    ) -> ExtendedModelResponse[Any]:
        """Answer instead of the model; none of the calls in `answer` is made."""
        text = self._farewell(limit, self.budget)
        message = AIMessage(
            text,
            id=answer.id if answer else None,
            usage_metadata=answer.usage_metadata if answer else None,
        )
        spent: Spent = {**(cost or {}), "stopped": limit}
        return ExtendedModelResponse(
            ModelResponse(result=[message]), Command(update={"spent": spent})
        )

    def _timed(self, result: ToolMessage | Command[Any], seconds: float) -> Any:
        if self.budget.seconds is None:
            return result
        cost = {"spent": Spent(seconds=seconds)}
        if isinstance(result, ToolMessage):
            return Command(update={"messages": [result], **cost})
        if isinstance(result.update, dict) and result.graph is None:
            return Command(goto=result.goto, update={**result.update, **cost})
        return result
