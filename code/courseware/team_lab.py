"""Five ways to staff one task, run side by side: the comparison of module 06.

The task is a help page for Marlow & Finch on a number of points. All ways use the same model and
the same library. Whoever searches is asked for the same (`FINDING`), whoever writes or reviews a
page too (`PAGE`); what differs is who talks to whom.

    from courseware.team_lab import compare, table

    table(compare(llm, difficulty=4))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool, tool

from agent_patterns.teams import (
    Agent,
    Answer,
    Assignment,
    Limits,
    Offer,
    Peer,
    StageFailed,
    Tally,
    Turn,
    agent_stage,
    chat_agent,
    manager,
    network,
    pipeline,
    structured_classifier,
    structured_router,
    supervisor,
    tally,
)
from agent_patterns.teams.agents import renamed
from courseware.attendance import unattended
from courseware.library import Rubric, on_shelf, rubric, search_library, shelf
from courseware.widgets._base import SliderPlot, figure_svg, slider_plot

POINTS = (
    "the cost of parcels to Europe",
    "drying times of inks",
    "who approves refunds",
    "delivery times within the country",
    "fountain pens on paper of 100 grams",
    "when customer service answers",
)
"""What a help page may have to cover, from three subjects in turn."""

SHELVES = {
    "shipping": ("ship", "gift"),
    "products": ("paper", "ink", "pen"),
    "service": ("ret", "cs", "desk"),
}
"""The three desks of the library and the beginnings of their documents' ids."""

SUBJECTS = {
    "shipping": "parcels, delivery, postage, gift wrapping",
    "products": "paper, inks, pens, nibs, notebooks",
    "service": "returns, refunds, customer service, the on-call desk",
}

MAX_WORDS = 120
FINDING = "Search the library for each point of the task. Claim nothing that it does not say."
"""What everybody is asked who searches."""

PAGE = (
    f"It has at most {MAX_WORDS} words, every claim cites a source as [id], and it ends with a "
    "next step for the reader."
)
"""What everybody is asked who writes a page or reviews it."""

RESEARCHING = (
    f"You are the researcher. {FINDING} Answer with notes: one finding per line, each with its "
    "source as [id]."
)
WRITING = (
    "You are the writer. Write the text that the task asks for, from the notes alone, and keep "
    f"the [id] of every source. {PAGE} When there is feedback, revise the draft as it says."
)
REVIEWING = f"You are the reviewer. Check the draft: {PAGE} Approve it, or list the changes."
ALONE = f"You write help pages. {FINDING} Then write the page from what it says. {PAGE}"
RULES = (
    "First the researcher, then the writer, then the reviewer. If the reviewer asks for changes, "
    "the writer works again, and then the reviewer. When the reviewer has approved, FINISH."
)


def task(difficulty: int) -> str:
    """The task with the first `difficulty` points, 1 to 6; anything else is a `ValueError`."""
    if difficulty not in range(1, len(POINTS) + 1):
        raise ValueError(
            f"The difficulty is a whole number from 1 to {len(POINTS)}: {difficulty!r}."
        )
    wanted = POINTS[:difficulty]
    listed = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} and {wanted[-1]}"
    return f"Write a help page for customers. Mention {listed}."


class LibraryDown(ConnectionError):
    """The search does not answer; raised where a comparison wants a specialist to fail."""


def dead(name: str) -> BaseTool:
    """A search tool that never answers."""

    @tool(name, description="Search the library of Marlow & Finch.")
    def search(query: str) -> str:
        raise LibraryDown("the library does not answer")

    return search


@dataclass(frozen=True)
class Crew:
    """The specialists that all ways of working share."""

    researcher: Agent
    writer: Agent
    reviewer: Agent
    desks: dict[str, Agent]
    alone: Agent


def crew(llm: BaseChatModel, failing: str | None = None) -> Crew:
    """Hire the specialists.

    With ``failing="shipping"`` the search of the shipping desk is dead, and so is the one of the
    researcher, who has that shelf to search too.
    """

    def member(name: str, prompt: str, tools: Sequence[BaseTool], **how: Any) -> Agent:
        graph = create_agent(llm, list(tools), system_prompt=prompt, name=name.replace(" ", "_"))
        return chat_agent(name, how.pop("does"), graph, **how)

    if failing is not None and failing not in SHELVES:
        raise ValueError(f"No desk is called {failing!r}. There are: {', '.join(SHELVES)}.")
    whole = dead("search_library") if failing else search_library
    desks = {
        name: member(
            f"{name}_desk",
            RESEARCHING.replace("the library", f"the documents about {name}"),
            [dead(f"search_{name}") if name == failing else shelf(name, *prefixes)],
            does=SUBJECTS[name],
            produces="notes",
        )
        for name, prefixes in SHELVES.items()
    }
    return Crew(
        researcher=member(
            "researcher", RESEARCHING, [whole], does="finds facts in the library", produces="notes"
        ),
        writer=member(
            "writer",
            WRITING,
            [],
            does="writes and revises the page",
            reads=("notes", "draft", "feedback"),
            produces="draft",
        ),
        reviewer=member(
            "reviewer",
            REVIEWING,
            [],
            does="checks the page",
            reads=("notes", "draft"),
            produces="feedback",
        ),
        desks=desks,
        alone=member("clerk", ALONE, [whole], does="answers simple questions alone"),
    )


def one_agent(llm: BaseChatModel, failing: str | None = None) -> Any:
    """One agent does everything."""
    return pipeline([agent_stage(crew(llm, failing).alone)], name="one_agent")


def as_pipeline(llm: BaseChatModel, failing: str | None = None) -> Any:
    """Research, write, review, revise: always in this order, once each."""
    staff = crew(llm, failing)
    stages = [staff.researcher, staff.writer, staff.reviewer, _reviser(staff)]
    return pipeline([agent_stage(agent) for agent in stages])


def as_supervisor(llm: BaseChatModel, failing: str | None = None) -> Any:
    """A supervisor decides after each turn, until the reviewer has approved."""
    staff = crew(llm, failing)
    agents = [staff.researcher, staff.writer, staff.reviewer]
    router = structured_router(llm, agents, RULES)
    return supervisor(agents, router, result="draft", on_failure="report", limits=Limits(rounds=10))


def as_manager(llm: BaseChatModel, failing: str | None = None) -> Any:
    """A simple task goes to the desk it suits, a complex one to all three at the same time."""
    staff = crew(llm, failing)
    desks = list(staff.desks.values())
    classifier = structured_classifier(
        llm,
        desks,
        "It is simple when it asks for one thing, and complex when it asks for several things.",
    )
    plan = [tuple(desk.name for desk in desks), "writer", "reviewer", "reviser"]
    agents = [*desks, staff.writer, staff.reviewer, _reviser(staff)]
    return manager(agents, classifier, plan, result="page", on_failure="report")


def as_network(llm: BaseChatModel, failing: str | None = None) -> Any:
    """Three desks on a bus answer what they can; the answers are put together as one page."""
    staff = crew(llm, failing)

    def offer(prefixes: tuple[str, ...]) -> Callable[[str], Offer]:
        def look(question: str) -> Offer:
            found = [entry.id for entry in on_shelf(question, *prefixes)]
            return Offer(bool(found), f"I have {', '.join(found)}." if found else "Not my shelf.")

        return look

    def combine(question: str, answers: Sequence[tuple[str, str]]) -> Answer | str:
        material = {"notes": dict(answers)}
        return staff.writer.work(Assignment(question, material=material))

    peers = [Peer(desk, offer(SHELVES[name])) for name, desk in staff.desks.items()]
    return network(peers, combine=combine)


def _reviser(staff: Crew) -> Agent:
    writer = renamed(staff.writer, "reviser")
    return Agent(
        writer.name, "applies the feedback", writer.work, writer.reads, "page", writer.graph
    )


WAYS: dict[str, Callable[..., Any]] = {
    "one agent": one_agent,
    "pipeline": as_pipeline,
    "supervisor": as_supervisor,
    "manager": as_manager,
    "peer network": as_network,
}


@dataclass(frozen=True)
class Run:
    """One way of working, run once."""

    way: str
    difficulty: int
    result: str
    status: str
    turns: list[Turn]
    tally: Tally
    rubric: Rubric
    seconds: float
    """Wall time; only ratios of one comparison mean anything."""


def run(way: str, llm: BaseChatModel, difficulty: int, failing: str | None = None) -> Run:
    """Run one way of working on the task of a difficulty and judge the result."""
    team = WAYS[way](llm, failing)
    started = time.perf_counter()
    try:
        state = team.invoke({"task": task(difficulty)})
    except StageFailed as error:
        state = {"result": "", "status": f"failed: {error.stage}", "turns": error.turns}
    seconds = time.perf_counter() - started
    turns: list[Turn] = state["turns"]
    judged = rubric(
        str(state["result"]),
        points=POINTS[:difficulty],
        sources=difficulty,
        max_words=MAX_WORDS,
    )
    return Run(
        way,
        difficulty,
        str(state["result"]),
        str(state["status"]),
        turns,
        tally(turns),
        judged if state["result"] else Rubric(0.0, 0.0, 0.0, 0.0),
        seconds,
    )


def compare(llm: BaseChatModel, difficulty: int, failing: str | None = None) -> list[Run]:
    """Run all ways of working on one task."""
    return [run(way, llm, difficulty, failing) for way in WAYS]


def table(runs: Sequence[Run]) -> str:
    """The runs as a markdown table."""
    lines = [
        "| way | calls | in a row | tokens | handoffs | at once | status | quality |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for entry in runs:
        total = entry.tally
        lines.append(
            f"| {entry.way} | {total.calls} | {total.in_a_row} | {total.tokens:,} | "
            f"{total.handoffs} | {total.peak} | {entry.status} | {entry.rubric.total:.0%} |"
        )
    return "\n".join(lines)


MARKS = {
    "one agent": ("o", "#1d6fb8"),
    "pipeline": ("s", "#b3541e"),
    "supervisor": ("^", "#5b3f9e"),
    "manager": ("D", "#2f7d4f"),
    "peer network": ("P", "#a02c5a"),
}
"""A mark and a colour for each way of working, the same for every number of points."""


def difficulty_plot(llm: BaseChatModel) -> SliderPlot:
    """Quality against tokens for each way of working, with a slider for the number of points."""
    known: dict[int, list[Run]] = {}

    def runs(points: int) -> list[Run]:
        if points not in known:
            known[points] = compare(llm, points)
        return known[points]

    def draw(points: int) -> str:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.2, 3.6))
        axes = figure.add_subplot()
        for entry in runs(points):
            mark, colour = MARKS[entry.way]
            axes.plot(
                entry.tally.tokens,
                100 * entry.rubric.total,
                mark,
                color=colour,
                markersize=9,
                label=entry.way,
            )
        axes.legend(loc="lower right", fontsize=9)
        axes.set(
            xlim=(0, 6500),
            ylim=(0, 105),
            xlabel="tokens",
            ylabel="quality, percent",
            title=f"A help page with {points} point{'s' if points > 1 else ''}",
        )
        axes.grid(alpha=0.3)
        return figure_svg(figure)

    def text(points: int) -> str:
        lines = [f"A help page with {points} point{'s' if points > 1 else ''}"]
        for entry in runs(points):
            quality = f"{entry.rubric.total:.0%}"
            lines.append(f"  {entry.way:<13}{entry.tally.tokens:>7,} tokens  quality {quality:>4}")
        return "\n".join(lines)

    return slider_plot(draw, text=text, label="Quality against tokens", points=(1, 6, 1))


def wall_time_plot(runs: Sequence[Run]) -> None:
    """Draw how long each run took, as a multiple of the fastest; under it, its calls in a row.

    The bars depend on the machine, so a notebook that is built for storing leaves them out.
    """
    if unattended():
        print("Bars of the time each way took appear here when you run the cell: they depend on")
        print("the machine. The column 'in a row' does not.")
        return
    from IPython.display import SVG, display
    from matplotlib.figure import Figure

    fastest = min(entry.seconds for entry in runs)
    figure = Figure(figsize=(7.2, 3.0))
    axes = figure.add_subplot()
    bars = axes.barh(
        [f"{entry.way}\n{entry.tally.in_a_row} in a row" for entry in runs],
        [entry.seconds / fastest for entry in runs],
        color="#1d6fb8",
    )
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.margins(x=0.1)
    axes.invert_yaxis()
    axes.set(xlabel="time, as a multiple of the fastest")
    display(SVG(figure_svg(figure)))  # type: ignore[no-untyped-call]
