"""The transcript shows who said what to whom, safely, and through whose eyes one likes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from agent_patterns.teams import (
    Agent,
    Offer,
    Peer,
    Route,
    as_agent,
    manager,
    network,
    pipeline,
    supervisor,
)
from agent_patterns.teams.agents import Answer
from agent_patterns.teams.manager import Classified
from agent_patterns.teams.supervisor import Progress
from agent_patterns.teams.turns import Turn, Usage, turn
from courseware.widgets.transcript import TranscriptView, sequence_diagram

TURNS = [
    turn("supervisor", "writer", "", "decision", usage=Usage(1, 200, 5)),
    turn("supervisor", "writer", "Task: write", "task"),
    turn("writer", "supervisor", "<script>alert(1)</script>", usage=Usage(1, 90, 10)),
    turn("researcher", "supervisor", "Failed: down", "failure"),
]


def test_everybody_sees_all_and_each_agent_its_part() -> None:
    view = TranscriptView(TURNS, title="Team")
    assert view.text().splitlines()[0] == "Team, seen by everybody"
    assert view.summary == "4 messages, 2 model calls, 305 tokens"
    view.choice.value = "writer"
    assert "Failed" not in view.text()
    assert view.summary == "3 messages, 2 model calls, 305 tokens"
    assert "Failed" not in view._table.value
    assert view.choice.options == ("everybody", "supervisor", "writer", "researcher")
    with pytest.raises(ValueError, match="Nobody is called 'ghost'"):
        TranscriptView(TURNS, seen_by="ghost")


def test_what_was_said_is_text_and_never_markup() -> None:
    assert "<script>" not in TranscriptView(TURNS)._table.value
    assert "&lt;script&gt;" in TranscriptView(TURNS)._table.value


def test_the_plain_text_is_the_same_every_time() -> None:
    assert repr(TranscriptView(TURNS)) == repr(TranscriptView(TURNS))


def test_unattended_it_is_text_and_attended_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    assert set(TranscriptView(TURNS)._repr_mimebundle_()) == {"text/plain"}
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    assert any("widget" in kind for kind in TranscriptView(TURNS)._repr_mimebundle_())


def test_the_sequence_diagram_names_everybody_once_and_escapes_what_mermaid_reads() -> None:
    drawn = str(sequence_diagram(TURNS).data)
    assert drawn.count("participant") == 3
    assert "P0-->>P1: decision (205 tokens)" in drawn
    assert "P2-xP0: Failed: down" in drawn
    assert "<script>" not in drawn
    assert "2 more messages" in str(sequence_diagram(TURNS, most=2).data)
    assert "1 more message\n" in str(sequence_diagram(TURNS, most=3).data)


def agent(name: str, wait: threading.Barrier | None = None) -> Agent:
    """An agent that answers with its name, when all who share its barrier are at work."""

    def work(assignment: object) -> Answer:
        if wait:
            wait.wait(10)
        return Answer(f"{name} was here", Usage(1, 7, 3))

    return Agent(name, "", work)


def arrows(turns: Sequence[Turn]) -> list[str]:
    """The diagram's lines from the first arrow on, with the agents' own names."""
    lines = [line.strip() for line in str(sequence_diagram(turns).data).splitlines()]
    named = [line.split(maxsplit=3)[1::2] for line in lines if line.startswith("participant ")]
    drawn = lines[3 + len(named) : -1]
    for key, name in named:
        drawn = [line.replace(key, name) for line in drawn]
    return drawn


def test_a_pipeline_is_drawn_forwards_from_the_user_to_the_user() -> None:
    state = pipeline([agent("one"), agent("two")]).invoke({"task": "Go"})
    assert arrows(state["turns"]) == [
        "user->>one: Task: Go",
        "one->>two: one was here (10 tokens)",
        "two->>user: two was here (10 tokens)",
    ]


def test_agents_at_work_at_the_same_time_share_a_frame() -> None:
    both = threading.Barrier(2)
    team = manager(
        [agent("a", both), agent("b", both), agent("c")],
        lambda task: Classified("complex"),
        [("a", "b"), "c"],
    )
    assert arrows(team.invoke({"task": "Go"})["turns"]) == [
        "manager-->>manager: complex: a, b, c",
        "par a",
        "manager->>a: Task: Go",
        "a->>manager: a was here (10 tokens)",
        "and b",
        "manager->>b: Task: Go",
        "b->>manager: b was here (10 tokens)",
        "end",
        "manager->>c: Task: Go",
        "c->>manager: c was here (10 tokens)",
    ]


def test_a_network_is_drawn_with_its_bus_the_question_first() -> None:
    peers = [
        Peer(agent("a"), lambda text: Offer(True)),
        Peer(agent("b"), lambda text: Offer(False)),
    ]
    team = network(peers, combine=lambda task, answers: Answer("all", Usage(1, 1, 1)))
    turns = team.invoke({"task": "Go"})["turns"]
    assert arrows(turns) == [
        "user->>bus: Go",
        "par a",
        "a-->>bus: I can help.",
        "bus->>a: Task: Go",
        "a->>bus: a was here (10 tokens)",
        "and b",
        "b-->>bus: I cannot help.",
        "end",
        "bus->>combine: a was here",
        "combine->>user: all (2 tokens)",
    ]
    assert TranscriptView(turns).agents == ["a", "b", "combine"]


def test_the_last_decision_is_drawn_so_that_the_tokens_add_up() -> None:
    drawn = arrows([turn("supervisor", "FINISH", "", "decision", usage=Usage(1, 200, 5))])
    assert drawn == ["supervisor-->>user: FINISH (205 tokens)"]


def test_a_team_inside_hands_its_work_to_the_agent_that_it_is() -> None:
    def once(progress: Progress) -> Route:
        return Route(next="FINISH" if progress.rounds else progress.task.split()[-1])

    desk = as_agent("desk", "", supervisor([agent("writer")], once))
    turns = supervisor([desk], lambda p: Route(next="FINISH" if p.rounds else "desk"))
    drawn = arrows(turns.invoke({"task": "Go to writer"})["turns"])
    assert "desk / supervisor-->>desk: FINISH" in drawn
    assert not any("par" in line for line in drawn)


def test_the_title_heads_the_table() -> None:
    heading = TranscriptView(TURNS, title="The <help> page").widget.children[2]
    assert "The &lt;help&gt; page" in heading.value


def test_an_agent_called_everybody_is_not_all_of_them() -> None:
    view = TranscriptView([turn("a", "everybody", "x"), turn("a", "b", "y")])
    assert len(set(view.choice.options)) == len(view.choice.options) == 4
    assert len(view.shown) == 2
    view.choice.value = "everybody"
    assert [entry["text"] for entry in view.shown] == ["x"]


def test_a_long_transcript_makes_a_short_table_that_says_what_is_left_out() -> None:
    view = TranscriptView([turn("a", "b", "x" * 5_000)] * 30, most=10)
    table = view._table.value
    assert table.count("<details>") == 10
    assert "20 more messages" in table
    assert "1,000 more characters" in table
    assert len(TranscriptView([turn("a", "b", "x" * 5_000)] * 2_000)._table.value) < 1_000_000
    assert "more message" not in TranscriptView(TURNS)._table.value
    assert len(view.text().splitlines()) == 32


PAGE = (
    "# Returns\n\nSend a parcel back **within 30 days**. Clara looks at it, and the money is there."
)


def test_a_page_is_rendered_and_nothing_in_it_runs() -> None:
    hostile = PAGE + "\n\n<script>x</script> ![p](http://x/y.png) [l](javascript:alert(1))"
    shown = TranscriptView([turn("writer", "user", hostile)])._table.value
    assert "<h1>Returns</h1>" in shown
    assert "<strong>within 30 days</strong>" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert "javascript:" not in shown.replace("[l](javascript:alert(1))", "")


def test_a_second_version_shows_what_differs() -> None:
    later = PAGE.replace("30 days", "14 days")
    turns = [turn("writer", "reviewer", PAGE), turn("reviewer", "writer", "Too long."),
             turn("writer", "reviewer", later)]  # fmt: skip
    shown = TranscriptView(turns)._table.value
    assert shown.count("What differs from the version before") == 1
    assert '<del class="ap-old">30 </del>' in shown
    assert '<ins class="ap-new">14 </ins>' in shown


def test_no_word_is_broken_where_a_message_is_cut() -> None:
    said = "seventy characters are not enough for all of what this one message has to tell us all"
    short = TranscriptView([turn("a", "b", said)]).text().splitlines()[1]
    kept = short.rpartition("  ")[2].removesuffix("…")
    assert said.startswith(kept + " ")
