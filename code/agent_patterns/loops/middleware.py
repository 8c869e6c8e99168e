"""The budget as a LangChain middleware."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NotRequired, cast

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ExtendedModelResponse, OmitFromSchema
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.types import Command

from agent_patterns.loops.budget import (
    Budget,
    Farewell,
    Spent,
    add_spent,
    farewell,
    forget,
    spent_by,
    stopped,
)
from agent_patterns.loops.errors import BudgetError

Clock = Callable[[], float]


class _BudgetState(AgentState[Any]):
    spent: NotRequired[Annotated[Spent, OmitFromSchema(input=True, output=False), add_spent]]


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

    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Begin a turn with nothing spent; a resumed turn goes on with what it has spent."""
        return forget(state)

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ExtendedModelResponse[Any]:
        """Call the model if the budget allows it, and write down what it cost."""
        spent = _spent(request)
        if limit := self.budget.used_up(spent):
            return self._stop(limit, request.messages[-1])
        began = self._clock()
        return self._account(spent, handler(request), self._clock() - began)

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ExtendedModelResponse[Any]:
        """Do the same without blocking."""
        spent = _spent(request)
        if limit := self.budget.used_up(spent):
            return self._stop(limit, request.messages[-1])
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
        self, before: Spent, response: ModelResponse[Any], seconds: float
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
        cost = spent_by(answer)
        if self.budget.seconds is not None:
            cost["seconds"] = seconds
        limit = self.budget.used_up(add_spent(before, cost)) if answer.tool_calls else None
        if limit is not None:
            return self._stop(limit, answer, cost)
        return ExtendedModelResponse(response, Command(update={"spent": cost}))

    def _stop(
        self, limit: str, last: BaseMessage, cost: Spent | None = None
    ) -> ExtendedModelResponse[Any]:
        answer = stopped(limit, self.budget, self._farewell, last)
        spent: Spent = {**(cost or {}), "stopped": limit}
        return ExtendedModelResponse(
            ModelResponse(result=[answer]), Command(update={"spent": spent})
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


def _spent(request: ModelRequest[Any]) -> Spent:
    return cast("Spent", request.state.get("spent") or {})
