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
transcript stays valid: an answer that asks for more than is left loses *all* of its calls and none
of them runs.  No call is left without its result, and no tool runs whose result nobody reads.

Use `BudgetMiddleware` (in `middleware.py`) with `create_agent`, and `BudgetGate` as a node of a
graph of your own.
LangGraph's recursion limit is no budget: it counts super-steps, raises, and is 10,007 by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.graph import END
from langgraph.types import Command, Overwrite
from typing_extensions import TypedDict  # as LangGraph's own MessagesState, to be mixed with it

from agent_patterns.loops.errors import BudgetError

Farewell = Callable[[str, "Budget"], str]


class Spent(TypedDict, total=False):
    """Count what a turn has used so far; a missing key is zero."""

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


def spent_by(message: BaseMessage) -> Spent:
    """Return what one answer of the model cost; ready to be written to ``spent``."""
    usage = getattr(message, "usage_metadata", None) or {}
    return Spent(
        iterations=1,
        tool_calls=len(getattr(message, "tool_calls", ())),
        tokens=usage.get("total_tokens", 0),
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

    def used_up(self, spent: Spent) -> str | None:
        """Return the first limit that allows no further step, or None.

        After the last tool call that is allowed, the model may still put its answer into words;
        asking for one more is what ends the turn.
        """
        used: Mapping[str, Any] = spent
        for name, limit in self.limits().items():
            amount = used.get(name, 0)
            if amount > limit or (amount == limit and name != "tool_calls"):
                return name
        return None


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
    """The router of a loop: to the model, to the tools, or to a polite end.

    Every edge of the loop leads to it: ``START -> gate``, ``model -> gate``, ``tools -> gate``.
    The state needs ``messages`` and `Spending`; the model's node returns ``spent_by(answer)``
    under ``spent``.  A turn begins where the last message comes from a human.

    Args:
        budget: the limits.
        model: the node that calls the model.
        tools: the node that runs tools.
        farewell: returns what the user is told.

    Raises:
        BudgetError: while running, if the model's node reports nothing that the budget limits.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        model: str = "model",
        tools: str = "tools",
        farewell: Farewell = farewell,
    ) -> None:
        self.budget, self._model, self._tools = budget, model, tools
        self._farewell = farewell
        self.destinations = (model, tools, END)
        """For ``add_node(..., destinations=gate.destinations)``, so that the drawing shows them."""

    def __call__(self, state: Mapping[str, Any]) -> Command[str]:
        """Choose the next step."""
        last = state["messages"][-1]
        if isinstance(last, HumanMessage):
            return Command(goto=self._model, update=forget(state))
        if isinstance(last, AIMessage) and not last.tool_calls:
            return Command(goto=END)
        spent = state.get("spent", {})
        self._expect_reports(spent)
        limit = self.budget.used_up(spent)
        if limit is None:
            return Command(goto=self._tools if isinstance(last, AIMessage) else self._model)
        answer = stopped(limit, self.budget, self._farewell, last)
        return Command(goto=END, update={"messages": [answer], "spent": Spent(stopped=limit)})

    def _expect_reports(self, spent: Mapping[str, Any]) -> None:
        for name in self.budget.limits():
            if name not in spent or (name == "tokens" and not spent[name]):
                raise BudgetError(
                    f"The budget limits {name}, and nothing reports any, so the loop would never "
                    f"end. Return {name} under `spent` from the node that calls the model."
                )


def forget(state: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the update that begins a turn with nothing spent; None where nothing was."""
    return {"spent": Overwrite(Spent())} if state.get("spent") else None


def stopped(limit: str, budget: Budget, farewell: Farewell, last: BaseMessage) -> AIMessage:
    """Return the answer that ends a turn; it takes the place of one that asks for tools."""
    asked = last if isinstance(last, AIMessage) else None
    return AIMessage(
        farewell(limit, budget),
        id=asked.id if asked else None,
        usage_metadata=asked.usage_metadata if asked else None,
    )
