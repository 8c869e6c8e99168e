"""Runs of a graph whose interrupts wait at an approval desk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from agent_patterns.approval.desk import ApprovalDesk
from agent_patterns.approval.errors import UnknownApproval
from agent_patterns.approval.payloads import read_payload
from agent_patterns.approval.ticket import Source, Ticket
from agent_patterns.durable.errors import LeaseHeld, NothingToRun
from agent_patterns.durable.runner import Runner
from agent_patterns.durable.runs import Run


class ApprovalRuns(Runner):
    """Drives a graph from interrupt to interrupt: files what it asks, resumes it when decided.

    A decision wakes its run in the transaction that records it, so that no decision is lost with a
    process: `work` (or `recover`) of any process goes on.

    Args:
        graph: A graph with a durable checkpointer.
        desk: Where its interrupts wait; the runs lie in the same database.
        kind: The desk's kind of request for one; without it the name of the action.
        options: As for `Runner`.
    """

    def __init__(
        self,
        graph: Any,
        desk: ApprovalDesk,
        *,
        kind: Callable[[Any], str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(graph, desk.database, **options)
        if graph.interrupt_before_nodes or graph.interrupt_after_nodes:
            raise ValueError("static breakpoints ask nobody; use interrupt() in a node")
        self.desk = desk
        self._kind = kind

    def submit(
        self, thread_id: str, value: Any, *, queue: bool = False, withdraw: str | None = None
    ) -> None:
        """Queue a run with its input, or a further input of one.

        If the thread has a run already, `queue` makes this its next turn, and so does `withdraw`,
        a person's name: they take back what the thread asks now, so that nobody need answer it.

        Raises:
            RunExists: The thread has a run, and neither is given.
        """
        super().submit(thread_id, value, queue=queue or withdraw is not None)
        if withdraw is not None:
            self.desk.withdraw(thread_id, by=withdraw, note="withdrawn: a new message came")

    def get(self, thread_id: str) -> Run:
        """Return how a run stands, without its values, or raise `UnknownApproval`."""
        try:
            return super().get(thread_id)
        except NothingToRun as error:
            raise UnknownApproval(str(error)) from error

    def pending(self, thread_id: str) -> list[Ticket]:
        """Return what a run waits for."""
        return self.desk.pending(thread_id=thread_id)

    def drive(self, thread_id: str, *, retry: bool = True) -> Run:
        """Run the graph until it waits for people, ends or fails.

        Does nothing when another worker drives it.  A failure of a node is kept in the run and
        raised; the next call goes on at that node, unless `retry` is False.
        """
        run = self.get(thread_id)
        if run.status == "failed" and not retry:
            return run
        try:
            return self.run(thread_id)
        except LeaseHeld:
            return self.get(thread_id)

    async def adrive(self, thread_id: str, *, retry: bool = True) -> Run:
        """Do `drive` for a graph with asynchronous nodes or checkpointer; never block the loop."""
        run = await asyncio.to_thread(self.get, thread_id)
        if run.status == "failed" and not retry:
            return run
        try:
            return await self.arun(thread_id)
        except LeaseHeld:
            return await asyncio.to_thread(self.get, thread_id)

    def recover(self) -> list[Run]:
        """Do `work`: go on with what a dead worker left, and deliver every decision it did not."""
        return self.work()

    async def arecover(self) -> list[Run]:
        """Do `recover` for a graph with asynchronous nodes or checkpointer."""
        return await self.awork()

    def result(self, thread_id: str) -> dict[str, Any]:
        """Return the values of the graph's state."""
        return dict(self.graph.get_state({"configurable": {"thread_id": thread_id}}).values)

    async def aresult(self, thread_id: str) -> dict[str, Any]:
        """Return the values of the graph's state, from an asynchronous checkpointer."""
        state = await self.graph.aget_state({"configurable": {"thread_id": thread_id}})
        return dict(state.values)

    def answers(self, thread_id: str, state: Any) -> dict[str, Any]:
        """File what a graph asks; return the answers to interrupts that are wholly decided."""
        asked = {
            each.id: read_payload(each.value, each.response_schema) for each in state.interrupts
        }
        tickets = self.desk.file(
            (request, self._kind and self._kind(request), Source(thread_id, interrupt_id, index))
            for interrupt_id, each in asked.items()
            for index, request in enumerate(each.requests)
        )
        answers = {}
        for interrupt_id, each in asked.items():
            mine = [t for t in tickets if t.source and t.source.interrupt_id == interrupt_id]
            decisions = [ticket.decision for ticket in mine if ticket.decision is not None]
            if len(decisions) == len(mine):
                answers[interrupt_id] = each.resume_value(decisions)
        return answers
