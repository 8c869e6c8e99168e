"""What a budget costs per turn of an agent, beside the bare agent and LangChain's own limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool

from agent_patterns.loops import Budget, BudgetMiddleware
from benchmarks import Measurement, interleaved

CALLS = 3


class _Model(BaseChatModel):
    """Asks for a tool three times, then answers; both at once."""

    @property
    def _llm_type(self) -> str:
        return "bench"

    def bind_tools(self, tools: Any, **options: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        done = sum(message.type == "tool" for message in messages)
        call = {"name": "look_up", "args": {"order": "MF-1042"}, "id": f"c{done}"}
        usage: Any = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
        answer = AIMessage("Done.", tool_calls=[call] if done < CALLS else [], usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=answer)])


@tool
def look_up(order: str) -> str:
    """Look an order up."""
    return "on its way"


def _turn(*middleware: Any) -> Callable[[], object]:
    agent: Any = create_agent(_Model(), [look_up], middleware=middleware)
    numbers = count()
    return lambda: agent.invoke({"messages": [HumanMessage(f"Question {next(numbers)}")]})


def run(quick: bool = False) -> Sequence[Measurement]:
    """Measure turns of four model calls and three tool calls."""
    budget = Budget(iterations=10, tool_calls=10, tokens=10_000, seconds=60)
    seconds = interleaved(
        {
            "bare": _turn(),
            "budget": _turn(BudgetMiddleware(budget)),
            "langchain": _turn(
                ModelCallLimitMiddleware(run_limit=10), ToolCallLimitMiddleware(run_limit=10)
            ),
        },
        rounds=20 if quick else 60,
    )
    note = f"one turn, {CALLS + 1} model calls, {CALLS} tool calls"
    return [
        Measurement("turn with BudgetMiddleware / bare agent", seconds["budget"] / seconds["bare"],
                    "times", note),
        Measurement("turn with LangChain's two call limits / bare agent",
                    seconds["langchain"] / seconds["bare"], "times", note),
    ]  # fmt: skip
