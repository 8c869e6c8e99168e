"""The care desk with hands and a voice that a test can look at."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.machines.session import Session
from courseware.lessons.state_machines.care import TABLE, care_machine


class Desk:
    """A care desk on one checkpointer; `fails` makes its work raise that many times."""

    def __init__(self, checkpointer: Any = None, table: Any = TABLE, draft: Any = None) -> None:
        self.fails = 0
        self.drafted = 0
        self.outbox: list[str] = []
        self.machine = care_machine(draft or self.draft, self.send, table)
        self.graph = self.machine.compile(checkpointer or InMemorySaver())

    def draft(self, data: dict[str, Any]) -> tuple[str, str]:
        self.drafted += 1
        self._may_fail()
        return "drafted", f"We {data['approach']} it {data['timeline']}."

    def send(self, data: dict[str, Any]) -> str:
        self._may_fail()
        self.outbox.append(data["letter"])
        return "sent"

    def _may_fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the model does not answer")

    def thread(self, name: str = "clara") -> Session[str, str]:
        return self.machine.session(self.graph, name)


COMPLAINT = ("complain", "My pen leaks.")
TO_APPROVAL = [COMPLAINT, ("answer", "repair"), ("answer", "this week")]


def follow(session: Session[str, str], events: list[Any]) -> Any:
    """Send events one after another; return where the thread stands then."""
    for event in events:
        session.send(*event if isinstance(event, tuple) else (event,))
    return session.snapshot()
