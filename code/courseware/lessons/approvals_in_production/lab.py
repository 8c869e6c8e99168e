"""Hold the props of the page: two clicks at once, a quick clock, a refund, a mail server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command
from pydantic import BaseModel
from typing_extensions import TypedDict

from agent_patterns.approval import Amount, ApprovalLedger, ask
from agent_patterns.approval.protocol import Decision, Review
from agent_patterns.errors import PatternError
from courseware.runtime.unattended import unattended

PATIENCE = 30.0
"""Seconds after which a click that waits for the other one goes on alone."""


class QuickClock:
    """Seconds on a clock that runs fast while somebody watches, and can be moved on.

    Unattended it stands still, so that a stored notebook is the same every time.

    Args:
        pace: Its seconds for each second that passes.
    """

    def __init__(self, pace: float = 60.0) -> None:
        self._pace = 0.0 if unattended() else pace
        self._began, self._skipped = time.monotonic(), 0.0

    def __call__(self) -> float:
        """Return the seconds since the clock was made."""
        return self._skipped + self._pace * (time.monotonic() - self._began)

    def advance(self, seconds: float) -> None:
        """Let `seconds` of its time pass at once."""
        self._skipped += seconds


class RefundArgs(BaseModel):
    """Accept an order and an amount of money."""

    order: str
    amount: Amount


class Refund(TypedDict, total=False):
    """Hold a refund on its way."""

    order: str
    amount: str
    review: Review
    outcome: str


def refund_graph(ledger: ApprovalLedger, pay: Callable[[Any, str], str]) -> Any:
    """Return lesson 05's graph: ask for a refund, then execute what was approved.

    The decision comes from a desk, which brings the key of the approval.
    """

    def review(state: Refund) -> Refund:
        args = {"order": state["order"], "amount": state["amount"]}
        return {"review": ask({"action": "refund", "args": args}, key="", ledger=ledger)}

    def execute(state: Refund) -> Refund:
        found = state["review"]
        if not found["approved"]:
            return {"outcome": f"nothing paid: {found['message']}"}
        return {"outcome": ledger.execute(found["key"], found["action"], pay)}

    builder = StateGraph(Refund).add_sequence([review, execute]).add_edge(START, "review")
    return builder.compile(checkpointer=InMemorySaver())


class MailServer:
    """Loses its first two answers, and drops a second mail with the same key."""

    def __init__(self) -> None:
        self.attempts = 0
        self.delivered: dict[str, str] = {}

    def send(self, args: dict[str, str], key: str) -> str:
        """Deliver a text once for each key."""
        self.attempts += 1
        self.delivered.setdefault(key, args["text"])
        if self.attempts < 3:
            raise ConnectionError("the answer got lost")
        return "delivered"


class TwoClicks:
    """Two people who approve the same interrupt at the same moment, every time.

    The node that executes calls `hold`, which keeps it there until the other click is in as well,
    or has been refused.
    """

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._inside = 0
        self.refused: list[str] = []
        """Names of the errors that a click got."""

    def hold(self) -> None:
        """Stand still until both clicks have come this far, or one of them was refused."""
        with self._news:
            self._inside += 1
            self._news.notify_all()
            self._news.wait_for(lambda: self._inside == 2 or bool(self.refused), PATIENCE)

    def resume(
        self,
        graph: CompiledStateGraph[Any, Any, Any, Any],
        config: RunnableConfig,
        decision: Decision,
    ) -> None:
        """Resume the thread with `decision` from two threads of this process."""
        clicks = [
            threading.Thread(target=self._click, args=(graph, config, decision)) for _ in range(2)
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()

    def _click(self, graph: Any, config: RunnableConfig, decision: Decision) -> None:
        try:
            graph.invoke(Command(resume=decision), config)
        except PatternError as error:
            with self._news:
                self.refused.append(type(error).__name__)
                self._news.notify_all()
