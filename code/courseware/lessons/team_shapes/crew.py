"""Five ways to staff one task: a help page for Marlow & Finch on a number of points.

All ways use the same model and the same library. Whoever searches is asked for the same
(`FINDING`), whoever writes or reviews a page too (`PAGE`); what differs is who talks to whom. The
rules of the house (`HOUSE`) are known to the reviewer alone, so every first draft breaks one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool, tool

from agent_patterns.teams import Agent, Limits, chat_agent, manager, network, pipeline, supervisor
from agent_patterns.teams.agents import Answer, Assignment, renamed
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.structured import structured_classifier, structured_router
from courseware.lessons.shop import library, on_shelf, search_library, shelf
from courseware.lessons.shop.documents import is_shop

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

FINDING = "Search the library for each point of the task. Claim nothing that it does not say."
"""What everybody is asked who searches."""

PAGE = "Every claim cites a source as [id]."
"""What everybody is asked who writes a page or reviews it."""

MAX_WORDS = 90
HOUSE = f"It has at most {MAX_WORDS} words, and it ends with a next step for the reader."
"""The rules of the house. The reviewer holds them; writers learn of them from its feedback."""

RESEARCHING = (
    f"You are the researcher. {FINDING} Answer with notes: one finding per line, each with its "
    "source as [id]."
)
WRITING = (
    "You are the writer. Write the text that the task asks for, from the notes alone, and keep "
    f"the [id] of every source. {PAGE} Revise the draft as the feedback says."
)
REVIEWING = (
    f"You are the reviewer. Check the draft: {PAGE} {HOUSE} Approve it, or list the changes."
)
ALONE = f"You write help pages. {FINDING} Then write the page from what it says. {PAGE}"
RULES = (
    "First the researcher, then the writer, then the reviewer. If the reviewer says that "
    "changes are needed, the writer works again, and then the reviewer. When the reviewer has "
    "approved, FINISH."
)


def points_of(wanted: int | Sequence[str]) -> tuple[str, ...]:
    """Return the first `wanted` of the course's points, 1 to 6, or points of your own."""
    if isinstance(wanted, list | tuple):
        if not wanted or not all(isinstance(one, str) and one.strip() for one in wanted):
            raise ValueError(f"Each point is a text of a few words: {wanted!r}.")
        return tuple(one.strip().rstrip(".?!") for one in wanted)
    if not isinstance(wanted, int) or wanted not in range(1, len(POINTS) + 1):
        raise ValueError(
            f"The difficulty is a whole number from 1 to {len(POINTS)}, or a list of points of "
            f"your own: {wanted!r}."
        )
    return POINTS[:wanted]


def task(wanted: int | Sequence[str]) -> str:
    """Return the task that asks for a page with these points; see `points_of`."""
    points = points_of(wanted)
    listed = points[0] if len(points) == 1 else f"{', '.join(points[:-1])} and {points[-1]}"
    return f"Write a help page for customers. Mention {listed}."


def shelves() -> dict[str, tuple[str, ...]]:
    """Return the desks and what lies on their shelves; a library of your own is dealt to three."""
    if is_shop():
        return SHELVES
    ids = list(library())
    size = -(-len(ids) // 3)
    parts = [tuple(ids[start : start + size]) for start in range(0, len(ids), size)]
    return dict(zip(("first", "second", "third"), parts, strict=False))


def _subject(name: str) -> str:
    titles = [library()[one].title for one in shelves()[name] if one in library()]
    return SUBJECTS[name] if is_shop() else ", ".join(titles)


class LibraryDown(ConnectionError):
    """The search does not answer; raised where a comparison wants a specialist to fail."""


def dead(name: str) -> BaseTool:
    """Return a search tool that never answers."""

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


def crew(llm: BaseChatModel, failing: str | None = None, *, told: bool = False) -> Crew:
    """Hire the specialists.

    With ``failing="shipping"`` that shelf does not answer: the search of the shipping desk, which
    has no other, raises `LibraryDown`; the search over all shelves answers for the two others.
    With ``told`` those who write know the rules of the house from the start.
    """

    def member(name: str, prompt: str, tools: Sequence[BaseTool], **how: Any) -> Agent:
        graph = create_agent(llm, list(tools), system_prompt=prompt, name=name.replace(" ", "_"))
        return chat_agent(name, how.pop("does"), graph, **how)

    shelved = shelves()
    if failing is not None and failing not in shelved:
        raise ValueError(f"No desk is called {failing!r}. There are: {', '.join(shelved)}.")
    up = [prefix for name in shelved if name != failing for prefix in shelved[name]]
    whole = shelf("library", *up) if failing else search_library
    known = f" {HOUSE}" if told else ""
    desks = {
        name: member(
            f"{name}_desk",
            RESEARCHING.replace("the library", f"the documents about {name}"),
            [dead(f"search_{name}") if name == failing else shelf(name, *prefixes)],
            does=_subject(name),
            produces="notes",
        )
        for name, prefixes in shelved.items()
    }
    return Crew(
        researcher=member(
            "researcher", RESEARCHING, [whole], does="finds facts in the library", produces="notes"
        ),
        writer=member(
            "writer",
            WRITING + known,
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
        alone=member("clerk", ALONE + known, [whole], does="answers simple questions alone"),
    )


def one_agent(llm: BaseChatModel, staff: Crew) -> Any:
    """Let one agent, the clerk, do everything."""
    return pipeline([staff.alone], name="one_agent")


def as_pipeline(llm: BaseChatModel, staff: Crew) -> Any:
    """Research, write, review, revise: always in this order, once each."""
    stages = [staff.researcher, staff.writer, staff.reviewer, _reviser(staff)]
    return pipeline(list(stages))


def as_supervisor(llm: BaseChatModel, staff: Crew) -> Any:
    """Let a supervisor decide after each turn, for three drafts at most.

    Seven rounds are one for the researcher and two for each draft.
    """
    agents = [staff.researcher, staff.writer, staff.reviewer]
    router = structured_router(llm, agents, RULES, brief=True)
    limits = Limits(rounds=7)
    return supervisor(agents, router, result="draft", on_failure="report", limits=limits)


def as_manager(llm: BaseChatModel, staff: Crew) -> Any:
    """Send a simple task to the desk it suits, a complex one to all three at the same time."""
    desks = list(staff.desks.values())
    classifier = structured_classifier(
        llm,
        desks,
        "It is simple when it asks for one thing, and complex when it asks for several things.",
    )
    plan = [tuple(desk.name for desk in desks), "writer", "reviewer", "reviser"]
    agents = [*desks, staff.writer, staff.reviewer, _reviser(staff)]
    return manager(agents, classifier, plan, result="page", on_failure="report")


def as_network(llm: BaseChatModel, staff: Crew) -> Any:
    """Three desks on a bus answer what they can; the answers are put together as one page."""

    def offer(prefixes: tuple[str, ...]) -> Callable[[str], Offer]:
        def look(question: str) -> Offer:
            found = [entry.id for entry in on_shelf(question, *prefixes)]
            return Offer(bool(found), f"I have {', '.join(found)}." if found else "Not my shelf.")

        return look

    def combine(question: str, answers: Sequence[tuple[str, str]]) -> Answer | str:
        material = {"notes": dict(answers)}
        return staff.writer.work(Assignment(question, material=material))

    peers = [Peer(desk, offer(shelves()[name])) for name, desk in staff.desks.items()]
    return network(peers, combine=combine, on_failure="report")


def _reviser(staff: Crew) -> Agent:
    writer = renamed(staff.writer, "reviser")
    return Agent(
        writer.name, "applies the feedback", writer.work, writer.reads, "page", writer.graph
    )


WAYS: dict[str, Callable[[BaseChatModel, Crew], Any]] = {
    "one agent": one_agent,
    "pipeline": as_pipeline,
    "supervisor": as_supervisor,
    "manager": as_manager,
    "peer network": as_network,
}
