"""Runs of a graph whose interrupts wait at an approval desk."""

from __future__ import annotations

from typing import Any

from langgraph.errors import is_invalid_resume
from pydantic import ValidationError

from agent_patterns.approval.decisions import first_wrong
from agent_patterns.approval.desk import ApprovalDesk
from agent_patterns.approval.errors import NotAllowed
from agent_patterns.approval.payloads import read_payload
from agent_patterns.approval.ticket import Source
from agent_patterns.driving import Call, Steps
from agent_patterns.durable.leases import Lease
from agent_patterns.durable.runner import Runner
from agent_patterns.durable.runs import Run, Status, config_of


class ApprovalRuns(Runner):
    """Drives a graph from interrupt to interrupt: files what it asks, resumes it when decided.

    Args:
        graph: A graph with a durable checkpointer.
        desk: Where its interrupts wait; the runs lie in the same database.
        options: As for `Runner`.
    """

    def __init__(self, graph: Any, desk: ApprovalDesk, **options: Any) -> None:
        super().__init__(graph, desk.database, **options)
        if graph.interrupt_before_nodes or graph.interrupt_after_nodes:
            raise ValueError("static breakpoints ask nobody; use interrupt() in a node")
        self.desk = desk

    def submit(
        self, thread_id: str, value: Any, *, queue: bool = False, withdraw: str | None = None
    ) -> None:
        """Queue a run with its input, or a further input of one.

        If the thread has a run already, it is refused (`RunExists`), unless `queue` makes this its
        next turn, or `withdraw`, the name of a person who takes back what the thread asks now.
        """
        super().submit(thread_id, value, queue=queue or withdraw is not None)
        if withdraw is not None:
            self.desk.withdraw(thread_id, by=withdraw, note="withdrawn: a new message came")

    def result(self, thread_id: str) -> dict[str, Any]:
        """Return the values of the graph's state."""
        return dict(self.graph.get_state(config_of(thread_id)).values)

    async def aresult(self, thread_id: str) -> dict[str, Any]:
        """Return the values of the graph's state, from an asynchronous checkpointer."""
        return dict((await self.graph.aget_state(config_of(thread_id))).values)

    def _steps(self, thread_id: str, resume: Any) -> Steps[Run]:
        if resume is not None:
            raise NotAllowed(f"what {thread_id!r} asks is decided at the desk: call desk.decide")
        return super()._steps(thread_id, None)

    def turns(self, graph: Any, lease: Lease, resume: Any) -> Steps[tuple[Status, Any]]:
        """Take turns; a decision that the graph refuses, by limits of its own, is asked anew."""
        try:
            return (yield from super().turns(graph, lease, resume))
        except ValidationError as error:
            if not is_invalid_resume(error):
                raise
            state = yield Call.of(graph, "get_state", config_of(lease.key))
            self.answers(lease.key, state, again=first_wrong(error))
        return (yield from super().turns(graph, lease, resume))

    def answers(self, thread_id: str, state: Any, *, again: str = "") -> dict[str, Any]:
        """File what a graph asks; return the answers to interrupts that are wholly decided."""
        answers = {}
        for each in state.interrupts:
            asked = read_payload(each.value, each.response_schema)
            sources = (Source(thread_id, each.id, index) for index in range(len(asked.requests)))
            tickets = self.desk.file([*zip(asked.requests, sources, strict=True)], again=again)
            decisions = [ticket.decision for ticket in tickets if ticket.decision is not None]
            if len(decisions) == len(tickets):
                answers[each.id] = asked.resume_value(decisions)
        return answers
