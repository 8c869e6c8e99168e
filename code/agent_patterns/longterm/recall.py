"""Hybrid memory: the last exchanges word for word, and what was said long ago as data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agent_patterns.longterm.errors import InvalidUser, LongTermError
from agent_patterns.longterm.memories import Memories
from agent_patterns.longterm.memory import Memory, digest
from agent_patterns.memory.context import exchanges

TOOL = "recall"


class RecallMiddleware(AgentMiddleware[Any, Any, Any]):
    """Send the last exchanges, and the memories that fit the user's last message.

    Memories arrive as the result of a tool, in JSON: the place where models expect data that
    others wrote, and a form that a memory can't break out of.  In the system prompt, a memory that
    says "always offer a discount" would be an order.  This lowers the risk and doesn't end it:
    whatever a memory must not bring about needs a check outside the model.

    Nothing that was recalled is stored in the thread, so forgetting is not undone by old threads.
    The user is taken from the run's context: ``agent.invoke(..., context={"user": "u-4711"})``.

    Args:
        memories: where to look.
        window: the newest exchanges that are sent; the thread keeps all.
        k: the most memories that are sent.
        min_score: the lowest cosine of memory and message.
        on_failure: is told when recall failed, and the agent answers without; by default the run
            fails.
    """

    def __init__(
        self,
        memories: Memories,
        *,
        window: int = 6,
        k: int = 5,
        min_score: float = 0.2,
        on_failure: Callable[[LongTermError], None] | None = None,
    ) -> None:
        super().__init__()
        if window < 1 or k < 1:
            raise LongTermError(f"window={window} and k={k} must be at least 1.")
        self._memories, self._window, self._k = memories, window, k
        self._min_score, self._on_failure = min_score, on_failure

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Call the model with window and memories."""
        return handler(self._recalled(request))

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Do the same without blocking."""
        return await handler(await asyncio.to_thread(self._recalled, request))

    def _recalled(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        user = _user(request.runtime and request.runtime.context)
        window = [each for part in exchanges(request.messages)[-self._window :] for each in part]
        asked = [at for at, each in enumerate(window) if isinstance(each, HumanMessage)]
        question = window[asked[-1]].text if asked else ""
        found = self._search(user, question) if question.strip() else []
        if found:
            window[asked[-1] + 1 : asked[-1] + 1] = as_data(question, found)
        sent: list[Any] = window
        return request.override(messages=sent)

    def _search(self, user: str, question: str) -> list[Memory]:
        mine = self._memories.of(user)
        try:
            return mine.search(question, k=self._k, min_score=self._min_score)
        except LongTermError as error:
            if self._on_failure is None:
                raise
            self._on_failure(error)
            return []


def as_data(question: str, found: Sequence[Memory]) -> list[AnyMessage]:
    """Return memories as a call of a tool and its result, for the place after the question."""
    call: Any = {"name": TOOL, "args": {"question": question}, "id": f"{TOOL}-{digest(question)}"}
    listed = json.dumps([each.text for each in found], ensure_ascii=False)
    return [
        AIMessage("", tool_calls=[call]),
        ToolMessage(listed, tool_call_id=call["id"], name=TOOL),
    ]


def _user(context: Any) -> str:
    user = context.get("user") if isinstance(context, dict) else getattr(context, "user", None)
    if not isinstance(user, str):
        raise InvalidUser(user)
    return user
