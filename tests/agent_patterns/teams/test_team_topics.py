"""A whole research team on invented tasks: what its pages may and may not say."""

from __future__ import annotations

import re

import pytest
from langchain_openai import ChatOpenAI

from agent_patterns.teams import Limits, supervisor
from agent_patterns.teams.structured import structured_router
from courseware.lessons.shop import library, unsupported
from courseware.lessons.shop.documents import search, stems
from courseware.lessons.team_shapes.crew import RULES, crew
from practice_model import PracticeServer

CITED = re.compile(r"\[[a-z]+-\d+\]")
OPEN = re.compile(
    r"(No source was found on|My search found nothing about|"
    r"The sources found do not \w+(?: with)?) ((?:[^.]|(?<=\d)\.(?=\d))+?)(?:\.|;)"
)
LEANING = re.compile(r"(?:It|They|Both|This|These)\b|(?:\w+ ){1,3}then\b|If nobody \w+ it\b")


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
    """The page that the team makes of a task, and all that its reviewer said."""
    staff = crew(llm)
    agents = [staff.researcher, staff.writer, staff.reviewer]
    router = structured_router(llm, agents, RULES)
    team = supervisor(agents, router, result="draft", limits=Limits(rounds=10))
    state = team.invoke({"task": task})
    assert state["status"] == "done"
    said = [turn["text"] for turn in state["turns"] if turn["sender"] == "reviewer"]
    return str(state["result"]), "\n".join(said)


def body(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if s and not s.startswith("#")]


def holds(text: str, feedback: str, task: str) -> None:
    """What is true of every page, whatever its subject."""
    assert unsupported(text) == []
    for line in feedback.splitlines():
        for sentence in re.split(r"(?<=[.;])\s+", line.lstrip("- ")):
            assert sentence not in text
    assert not re.search(r"\bat most\b|\ballowed\b", text)
    cited = [set(stems(CITED.sub("", s))) for s in body(text) if CITED.search(s)]
    for phrase, what in OPEN.findall(text):
        point = what.split(" in connection with ")[0]
        assert not any(set(stems(point)) <= known for known in cited), (phrase, what)
        if phrase.startswith(("No source", "My search")):
            found = " ".join(f"{d.title} {d.text}" for d in search(f"{task} {point}"))
            assert not set(stems(point)) <= set(stems(found)), (phrase, what)
    shown = CITED.sub("", text).replace(" .", ".")
    for document in library().values():
        for place, sentence in enumerate(document.sentences):
            if sentence in shown and LEANING.match(sentence):
                before = document.sentences[:place]
                needed = before if sentence.startswith("Both") else before[-1:]
                assert all(earlier in shown for earlier in needed), sentence
            same = re.search(r"on the same (paper)\b", sentence)
            if sentence in shown and same:
                earlier = [s for s in document.sentences[:place] if same[1] in s.lower()]
                assert earlier[-1] in shown, sentence


@pytest.mark.parametrize(("task", "topic"), NOWHERE)
def test_a_page_on_what_the_library_lacks_says_so_and_names_its_topic(
    llm: ChatOpenAI, task: str, topic: str
) -> None:
    text, feedback = page(llm, task)
    holds(text, feedback, task)
    assert not CITED.search(text)
    assert any(what.startswith(topic) for _, what in OPEN.findall(text)), text
    heading = re.match(r"# (.+)", text)
    assert heading is None or heading[1].lower() == topic.lower()
    assert not re.search(r"grandparents|staff", text)


@pytest.mark.parametrize(
    ("task", "topic"),
    [
        (
            "Write a help page about forwarding a parcel to a neighbour.",
            "forwarding a parcel to a neighbour",
        ),
        (
            "Write a page about embossing initials on a sailor's linen log.",
            "embossing initials on a",
        ),
    ],
)
def test_what_is_only_near_a_topic_does_not_stand_for_it(
    llm: ChatOpenAI, task: str, topic: str
) -> None:
    text, feedback = page(llm, task)
    holds(text, feedback, task)
    assert f"The sources found do not deal with {topic}" in text


@pytest.mark.parametrize("task", SOMEWHERE)
def test_a_page_on_what_the_library_has_cites_it_and_denies_nothing_of_it(
    llm: ChatOpenAI, task: str
) -> None:
    text, feedback = page(llm, task)
    holds(text, feedback, task)
    assert CITED.search(text), text
    assert "teachers" not in text
    assert not text.startswith(("Hello", "Dear"))


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (SOMEWHERE[0], "on customs."),
        (SOMEWHERE[0], "on 3.5 kilograms."),
        (SOMEWHERE[1], "the size of the greeting card."),
        (SOMEWHERE[2], "ten seconds"),
        (SOMEWHERE[5], "dries in four seconds"),
        (SOMEWHERE[7], '"Do you sell atlases?"'),
        (SOMEWHERE[8], "rest of Europe cost 8.50 euros"),
        (SOMEWHERE[9], "Gift wrapping costs 2.50 euros"),
        (SOMEWHERE[11], "2.50 euros per parcel"),
    ],
)
def test_each_point_is_answered_or_named(llm: ChatOpenAI, task: str, said: str) -> None:
    assert said in page(llm, task)[0]
