"""The context manager as a LangChain middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import BaseMessage

from agent_patterns.memory.context import ContextManager, TokenCounter


class ContextMiddleware(AgentMiddleware[Any, Any, Any]):
    """Send only what a `ContextManager` chooses; the thread keeps everything.

    List it last, next to the model, so that it has the last word on what is sent.

    Args:
        manager: chooses the messages.
        count_tools: counts the tokens of the tools, which are part of every request; None leaves
            them out.
    """

    def __init__(self, manager: ContextManager, *, count_tools: TokenCounter | None = None) -> None:
        super().__init__()
        self._manager, self._count_tools = manager, count_tools

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Call the model with the chosen messages."""
        return handler(self._fitted(request))

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Do the same without blocking."""
        return await handler(self._fitted(request))

    def _fitted(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        system: list[BaseMessage] = [request.system_message] if request.system_message else []
        extra = 0
        if self._count_tools is not None and request.tools:
            extra = self._count_tools([], request.tools) - self._count_tools([])
        chosen: list[Any] = self._manager.fit([*system, *request.messages], extra=extra)
        return request.override(messages=chosen[len(system) :])
