"""Run the conversation through four kinds of memory, turn by turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, RemoveMessage

from agent_patterns.memory import ContextManager, SummaryMemory, TokenCounter
from courseware.lessons.conversation_memory.talk import SYSTEM, recall, talk, turn

TURNS = 60
WINDOW = 6
"""Exchanges that the window keeps."""


@dataclass(frozen=True)
class Turn:
    """Say what one turn sent, what of the facts was in it, and what it cost."""

    tokens: int
    recall: float


def simulate(
    kind: str, budget: int, count: TokenCounter, model: BaseChatModel | None = None
) -> list[Turn]:
    """Return the turns of a memory: ``buffer``, ``window``, ``budget`` or ``summary``.

    The tokens of a turn are those of the request; for a summary, those of writing it as well.
    """
    if kind == "summary":
        assert model is not None
        return _summarized(budget, count, model)
    choose: Callable[[list[BaseMessage]], list[BaseMessage]] = {
        "buffer": lambda messages: messages,
        "window": ContextManager(None, count=count, max_exchanges=WINDOW).fit,
        "budget": ContextManager(budget, count=count).fit,
    }[kind]
    found = []
    for number in range(1, TURNS + 1):
        request = choose(talk(number)[:-1])  # the answer is still to come
        found.append(Turn(count(request), recall(request, number)))
    return found


def _summarized(budget: int, count: TokenCounter, model: BaseChatModel) -> list[Turn]:
    written: list[int] = []

    def counting(messages: Any) -> int:
        return count(messages)

    class _Counted:
        """Ask the model, and note what the request cost."""

        def invoke(self, messages: list[BaseMessage]) -> Any:
            answer = model.invoke(messages)
            written.append(count([*messages, answer]))
            return answer

    memory = SummaryMemory(_Counted(), max_tokens=budget, count=counting, keep=2)  # type: ignore[arg-type]
    state: Any = {"messages": [], "summary": ""}
    found = []
    for number in range(1, TURNS + 1):
        *asked, answer = turn(number)
        state["messages"] = [*state["messages"], *asked]
        written.clear()
        update = memory.update(state)
        removed = {m.id for m in update.get("messages", []) if isinstance(m, RemoveMessage)}
        kept = [message for message in state["messages"] if message.id not in removed]
        state = {"messages": kept, "summary": update.get("summary", state["summary"])}
        request = memory.request(state, SYSTEM)
        found.append(Turn(count(request) + sum(written), recall(request, number)))
        state["messages"] = [*kept, answer]
    return found


def four_memories(model: BaseChatModel, count: TokenCounter) -> Callable[[int], dict[str, Any]]:
    """Return a function from a budget to the turns of all four memories; it keeps results."""

    @cache
    def run(budget: int) -> dict[str, list[Turn]]:
        return {
            f"window of {WINDOW}" if kind == "window" else kind: simulate(
                kind, budget, count, model
            )
            for kind in ("buffer", "window", "budget", "summary")
        }

    return run
