"""What module 05 needs besides its lesson: a double click, a month of refunds, people at a desk."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

from agent_patterns.approval import ApprovalDesk, ApprovalError, Decision
from agent_patterns.approval.decisions import answer_schema
from agent_patterns.errors import PatternError
from courseware.widgets import decide, figure_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PATIENCE = 30.0
"""Seconds after which a click that waits for the other one goes on alone."""


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


class RefundMonth:
    """A month of refunds, some of them by mistake, and what a limit for approval makes of them.

    Most amounts are small and a few are large (they are log-normally distributed, as amounts of
    money often are); a quarter of the mistakes are ten times too large.

    Args:
        refunds: How many.
        mistakes: How many of them should not be paid.
        minutes: What a question costs the person who is asked.
        seed: Another one makes another month.
    """

    def __init__(
        self, *, refunds: int = 400, mistakes: int = 20, minutes: float = 2, seed: int = 5
    ) -> None:
        rng = random.Random(seed)
        self.amounts = [round(rng.lognormvariate(3.2, 0.8), 2) for _ in range(refunds)]
        self.mistakes = rng.sample(range(refunds), mistakes)
        for number in self.mistakes[: mistakes // 4]:
            self.amounts[number] *= 10
        self.minutes = minutes

    def at(self, limit: float) -> tuple[float, float]:
        """Return the share of refunds that wait, and of the mistaken money that goes out unseen."""
        waiting = sum(amount > limit for amount in self.amounts)
        wrong = [self.amounts[number] for number in self.mistakes]
        return waiting / len(self.amounts), sum(x for x in wrong if x <= limit) / sum(wrong)

    def words(self, limit: float) -> str:
        """Return what a limit costs, as a sentence."""
        share, unseen = self.at(limit)
        refunds = len(self.amounts)
        waiting = round(share * refunds)
        return (
            f"Limit {limit:g} euros: {waiting} of {refunds} refunds wait"
            f" ({waiting * self.minutes:.0f} minutes a month), {unseen:.0%} of the money asked for"
            " by mistake goes out unseen."
        )

    def picture(self, limit: float) -> Any:
        """Both costs over the limit, as SVG."""
        return figure_svg(self._figure(limit))

    def _figure(self, limit: float) -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 3.6))
        axes = figure.add_subplot()
        limits = range(0, 201, 2)
        curves = [self.at(each) for each in limits]
        waiting, unseen = ([100 * curve[n] for curve in curves] for n in (0, 1))
        axes.plot(limits, waiting, "-", label="refunds that wait")
        axes.plot(limits, unseen, "--", label="money paid by mistake")
        axes.axvline(limit, color="black", linewidth=1)
        axes.set(xlabel="limit in euros", ylabel="percent", ylim=(0, 100), xlim=(0, 200))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)
        axes.set_title(self.words(limit).replace("month), ", "month),\n", 1), fontsize=10)
        return figure


class _AtDesk(TypedDict, total=False):
    said: str


async def decide_at(desk: ApprovalDesk, person: str, script: Iterable[Decision] = ()) -> list[str]:
    """Show a person, one after the other, what the desk has for them, with buttons.

    Args:
        desk: Where the requests wait.
        person: Who sits at it; they see what their roles may decide now.
        script: The decisions of a run with nobody there, as for `decide`.

    Returns:
        What the desk said to each decision.
    """

    shown: dict[str, str] = {}
    said: list[str] = []

    def look(state: _AtDesk) -> Command[Any]:
        for ticket in desk.pending(person=person):
            if ticket.id not in shown:
                shown[ticket.id] = ticket.digest
                return Command(goto="ask")
        return Command(goto=END)

    def ask(state: _AtDesk) -> _AtDesk:
        ticket = next(reversed(shown))
        request = desk.get(ticket).request
        model = desk.ledger.args.get(request["action"])
        answers = answer_schema(request, model)
        decision = interrupt({**request, "request": ticket}, response_schema=answers)
        try:
            found = desk.decide(ticket, decision, by=person, seen=shown[ticket])
        except ApprovalError as error:
            said.append(f"{ticket}: {type(error).__name__}: {error}")
        else:
            waits = " or ".join(found.waits_for)
            status = f"now waits for {waits}" if waits else f"is {found.status}"
            said.append(f"{ticket} {status}")
        return {"said": said[-1]}

    builder = StateGraph(_AtDesk).add_node("look", look, destinations=("ask", END))
    builder.add_node("ask", ask).add_edge(START, "look").add_edge("ask", "look")
    graph = builder.compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": f"{person} at the desk"}}
    graph.invoke({}, config)
    if not shown:
        print(f"Nothing waits for {person}.")
        return said
    await decide(graph, config, script=script, title=f"The desk: {person}")
    return said
