"""A whole research team on invented tasks: what its pages may and may not say."""

from __future__ import annotations

import re

import pytest
from langchain_openai import ChatOpenAI

from agent_patterns.teams import Limits, supervisor
from agent_patterns.teams.structured import structured_router
from courseware.lessons.shop import unsupported
from courseware.lessons.team_shapes.crew import RULES, crew
from practice_model import PracticeServer

CITED = re.compile(r"\[[a-z]+-\d+\]")


@pytest.fixture(scope="module")
def llm():
    with PracticeServer(port=0, api_key="practice") as server:
        yield ChatOpenAI(
            model="gpt-4.1-mini", temperature=0, base_url=server.base_url, api_key="practice"
        )


NOWHERE = [
    ("Write a help page for grandparents about binding sixty diaries.", "binding sixty diaries"),
    ("Write a page for our night staff on frost.", "frost"),
    ("Write a help page about mending a torn atlas cover.", "mending a torn atlas cover"),
    ("Write a page about the dangers of thinning dye inks.", "the dangers of thinning dye inks"),
    ("Write a page about the weight of silver.", "the weight of silver"),
    ("Write a short article about the tides of the North Sea.", "the tides of the North Sea"),
    ("Write a page about steel drums. Mention 2.5 kilograms and rhythm.", "steel drums"),
    ("Write a page about lichen, in one sentence.", "lichen"),
    ("Write a page about the state of the orchards.", "the state of the orchards"),
]
SOMEWHERE = [
    "Write a help page about parcels. Mention customs, tracking and 3.5 kilograms.",
    "Write a page about the greeting card. Mention its size and its price.",
    "Write a help page about fountain pens. Mention rinsing, drying times and saddles.",
    "Write a page about the owner and Jonas.",
    "Write a page about the water that recycled paper needs.",
    "Write a page about the fast-drying blue. Mention the paper and the bottle.",
    "Write a help page about tracking numbers. Mention where to find them.",
    "Who approves large refunds, and do you sell atlases?",
    "Write a help page about sending gifts to Norway. Mention wrapping, the card, the price and "
    "the delivery time.",
    "Write a help page about delivery to Europe. Mention the price, the delivery time, damage, "
    "returns and gift wrapping.",
    "Write a page about Tomás. Mention his team and his hobbies.",
    "Write a help page about gift wrapping, in one sentence.",
    "Write a page for teachers on storing notebooks. Mention light and shelves.",
]


def page(llm: ChatOpenAI, task: str) -> tuple[str, str]:
    """The page that the team makes of a task, and how the run ended."""
    staff = crew(llm)
    agents = [staff.researcher, staff.writer, staff.reviewer]
    router = structured_router(llm, agents, RULES)
    team = supervisor(agents, router, result="draft", limits=Limits(rounds=10))
    state = team.invoke({"task": task})
    return str(state["result"]), str(state["status"])


@pytest.mark.parametrize("task", [task for task, _ in NOWHERE])
def test_a_page_on_what_the_library_lacks_cites_nothing(llm: ChatOpenAI, task: str) -> None:
    text, _ = page(llm, task)
    assert text.strip()
    assert not CITED.search(text)


@pytest.mark.parametrize("task", SOMEWHERE)
def test_a_page_on_what_the_library_has_cites_it_and_claims_no_more(
    llm: ChatOpenAI, task: str
) -> None:
    text, status = page(llm, task)
    assert status in ("done", "rounds")
    assert CITED.search(text), text
    assert unsupported(text) == []
