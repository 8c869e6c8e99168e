"""Who works next is what the instructions say, whatever the workers are called."""

from __future__ import annotations

import json

import pytest

from practice_model.brain import respond, verdicts


def routed(names: list[str], rules: str, done: list[tuple[str, str]]) -> str:
    """The model's decision after these answers, each shown in full the last time only."""
    newest = {name: place for place, (name, _) in enumerate(done)}
    lines = [
        f"{name}: {said if newest[name] == place else '(replaced later)'}"
        for place, (name, said) in enumerate(done)
    ]
    schema = {
        "type": "object",
        "properties": {"next": {"type": "string", "enum": [*names, "FINISH"]}},
        "required": ["next"],
    }
    team = "\n".join(f"- {name}: does the work of a {name}" for name in names)
    system = f"You are the supervisor of a team:\n{team}\n\n{rules}\n\nDecide who works next."
    progress = "\n".join(lines) or "nothing yet"
    said = respond(
        [
            {"role": "system", "content": system},
            {"role": "user", "content": f"Task: Do it.\n\nProgress so far:\n{progress}"},
        ],
        response_format={"type": "json_schema", "json_schema": {"name": "R", "schema": schema}},
    ).content
    return str(json.loads(said or "{}")["next"])


RUNS = {
    "a complaint goes back to the one who is named, and from there to another": (
        ["diver", "painter", "notary"],
        "First the painter, then the notary, then the diver. If the diver complains, the painter "
        "works again and then the diver. When the diver is content, FINISH.",
        [
            ("painter", "The hull is blue."),
            ("notary", "Signed."),
            ("diver", "It leaks. I am not content."),
            ("painter", "A second coat."),
            ("diver", "Dry. I am content."),
        ],
    ),
    "the order is taken up again where it was left": (
        ["singer", "tailor", "judge"],
        "First the tailor, then the singer, then the judge. If the judge is not pleased, the "
        "tailor works again. When the judge is pleased, FINISH.",
        [
            ("tailor", "A coat."),
            ("singer", "La."),
            ("judge", "I am not pleased: it is too long."),
            ("tailor", "A shorter coat."),
            ("singer", "La la."),
            ("judge", "I am pleased."),
        ],
    ),
    "two who may object": (
        ["scout", "builder", "gauger", "painter"],
        "First the scout, then the builder, then the gauger, then the painter. If the gauger or "
        "the painter finds a mistake, the builder works again. FINISH when the painter has agreed.",
        [
            ("scout", "Here."),
            ("builder", "A wall."),
            ("gauger", "It is straight."),
            ("painter", "A mistake: the door is missing."),
            ("builder", "A wall with a door."),
            ("gauger", ""),
            ("painter", "Agreed."),
        ],
    ),
    "sentence by sentence": (
        ["printer", "typist"],
        "The typist starts. After the typist comes the printer. After the printer, FINISH.",
        [("typist", "Done."), ("printer", "Done.")],
    ),
    "the later one is said first": (
        ["printer", "typist"],
        "The printer works after the typist.",
        [("typist", "Done."), ("printer", "Done.")],
    ),
    "no order but cases": (
        ["baker", "taster"],
        "The baker begins. When the baker is done, the taster works. Unless the taster objects, "
        "FINISH. If the taster objects, the baker works again.",
        [
            ("baker", "Bread."),
            ("taster", "I object, it is burnt."),
            ("baker", "Bread."),
            ("taster", "Lovely."),
        ],
    ),
}


@pytest.mark.parametrize("run", RUNS)
def test_the_order_of_the_instructions_is_kept(run: str) -> None:
    names, rules, turns = RUNS[run]
    expected = [*(name for name, _ in turns), "FINISH"]
    assert [routed(names, rules, turns[:n]) for n in range(len(turns) + 1)] == expected


RULES = (
    "First the researcher, then the writer, then the reviewer. If the reviewer asks for changes, "
    "the writer works again, and then the reviewer. When the reviewer has approved, FINISH."
)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Almost. The title should be shorter.", "writer"),
        ("I approve this with one change: drop the greeting.", "writer"),
        ("Approved, apart from the last line, which must go.", "writer"),
        ("Approved, although the middle is too long.", "writer"),
        ("Approved. Please add the year.", "writer"),
        ("Fine, just cut the second sentence.", "writer"),
        ("Approved. No change is needed.", "FINISH"),
        ("Good to go, nothing to change.", "FINISH"),
        ("Every claim has its source. Well done.", "FINISH"),
        ("", "FINISH"),
    ],
)
def test_an_approval_with_a_wish_is_none(said: str, name: str) -> None:
    done = [("researcher", "- A fact [a]."), ("writer", "A fact [a]."), ("reviewer", said)]
    assert routed(["researcher", "writer", "reviewer"], RULES, done) == name


@pytest.mark.parametrize(
    ("said", "objection"),
    [
        ("A bug: 31 February is accepted.", True),
        ("I am not happy: it is cold.", True),
        ("It fails on an empty list.", True),
        ("There is nothing to complain about.", False),
        ("No errors were found.", False),
        ("The tests did not fail.", False),
        ("It holds.", False),
        ("", False),
    ],
)
def test_an_objection_is_known_by_its_words(said: str, objection: bool) -> None:
    assert verdicts.objects(said) is objection


def sorted_to(options: dict[str, str], task: str) -> str:
    """Whom a manager's model names for a task."""
    schema = {
        "type": "object",
        "properties": {"specialist": {"type": "string", "enum": [*options]}},
        "required": ["specialist"],
    }
    told = "\n".join(f"- {name}: {does}" for name, does in options.items())
    system = f"You are the manager of these specialists:\n{told}\n\nClassify the task."
    said = respond(
        [{"role": "system", "content": system}, {"role": "user", "content": task}],
        response_format={"type": "json_schema", "json_schema": {"name": "C", "schema": schema}},
    ).content
    return str(json.loads(said or "{}")["specialist"])


TRADES = {
    "research": "finds facts",
    "code": "writes programs",
    "test": "tests programs",
    "document": "writes manuals",
}
ROOMS = {
    "stable": "horses, saddles, hay",
    "garage": "repairs, tyres, inspections",
    "clinic": "appointments, prescriptions, blood tests",
    "office": "insurance, bills, opening hours",
}


@pytest.mark.parametrize(
    ("options", "task", "name"),
    [
        (TRADES, "Test the compiler.", "test"),
        (TRADES, "Write the manual of the compiler.", "document"),
        (TRADES, "Write a program that sorts names.", "code"),
        (TRADES, "Find facts about names.", "research"),
        (ROOMS, "Write a help page about repairing a saddle.", "garage"),
        (ROOMS, "Write a page about blood tests.", "clinic"),
        (ROOMS, "Write a page about the colour of horses.", "stable"),
        (ROOMS, "I can't come tomorrow.", "clinic"),
        (ROOMS, "Does my insurance cover a blood test?", "office"),
    ],
)
def test_a_task_goes_to_the_one_whose_description_suits_it(
    options: dict[str, str], task: str, name: str
) -> None:
    assert sorted_to(options, task) == name
