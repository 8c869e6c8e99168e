"""Teams do what they promise: who sees what, when they stop, what a failure leaves behind."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from tests.agent_patterns.teams.members import (
    ONE_CALL,
    Scripted,
    Seen,
    breaks,
    hard,
    in_order,
    passing,
    peer,
    says,
    simple,
)
from typing_extensions import TypedDict

from agent_patterns.teams import (
    Agent,
    Limits,
    Route,
    as_agent,
    backup_team,
    chat_agent,
    handoff_team,
    handoff_tool,
    manager,
    network,
    pipeline,
    supervisor,
    tally,
)
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.backup import with_backup
from agent_patterns.teams.errors import (
    AgentFailed,
    NoAgentLeft,
    RoutingError,
    StageFailed,
    StageMismatch,
    TeamError,
    WorkFailed,
)
from agent_patterns.teams.manager import Classified
from agent_patterns.teams.network import Offer, Peer
from agent_patterns.teams.pipeline import resume, stage, start
from agent_patterns.teams.supervisor import FINISH, Progress, Routed
from agent_patterns.teams.turns import part_of, turn

_KINDS = ("supervisor", "manager", "network", "pipeline", "backup", "handoff")


def test_a_supervisor_counts_its_own_assignments_not_those_of_a_team_inside() -> None:
    inner = supervisor([says("a", "one"), says("b", "two")], in_order("a", "b"))
    seen: list[tuple[int, str]] = []

    def route(progress: Progress) -> Route:
        seen.append((progress.rounds, progress.text))
        return in_order("desk", "editor")(progress)

    desk = as_agent("desk", "writes", inner)
    state = supervisor([desk, says("editor", "printed")], route, limits=Limits(rounds=3)).invoke(
        {"task": "t"}
    )
    assert (state["status"], state["result"]) == ("done", "printed")
    assert [rounds for rounds, _ in seen] == [0, 1, 2]
    assert "desk/" not in seen[-1][1]


def test_a_router_that_returns_no_route_is_told_what_one_is() -> None:
    with pytest.raises(TeamError, match="returns Route"):
        supervisor([says("a", "one")], lambda progress: "a").invoke({"task": "t"})  # type: ignore[arg-type,return-value]


# supervisor ----------------------------------------------------------------------------------


def test_each_agent_sees_only_the_work_it_reads() -> None:
    seen: dict[str, Seen] = {name: Seen() for name in "abc"}
    team = supervisor(
        [
            says("a", "notes of a", produces="notes", seen=seen["a"]),
            says("b", "secret of b", produces="secret", seen=seen["b"]),
            says("c", "text", reads=("notes",), produces="draft", seen=seen["c"]),
        ],
        in_order("a", "b", "c"),
        result="draft",
    )
    state = team.invoke({"task": "Write."})
    assert state["result"] == "text"
    assert state["status"] == "done"
    assert seen["a"][0].text == "Task: Write."
    assert "notes of a" in seen["c"][0].text
    assert "secret of b" not in seen["c"][0].text
    assert all("secret" not in entry["text"] for entry in part_of(state["turns"], "c"))


def test_a_revision_takes_the_place_of_the_draft() -> None:
    seen = Seen()
    writer = says("writer", "one", "two", reads=("draft", "feedback"), produces="draft", seen=seen)
    reviewer = says("reviewer", "shorter", "fine", reads=("draft",), produces="feedback")
    order = in_order("writer", "reviewer", "writer", "reviewer")
    state = supervisor([writer, reviewer], order, result="draft").invoke({"task": "Go."})
    assert state["result"] == "two"
    assert state["work"] == {"draft": {"writer": "two"}, "feedback": {"reviewer": "fine"}}
    assert "one" in seen[1].text
    assert "shorter" in seen[1].text


def test_a_router_that_names_nobody_is_an_error_that_lists_the_names() -> None:
    team = supervisor([says("writer", "x")], lambda progress: Route(next="Writer."))
    with pytest.raises(RoutingError, match=r"'Writer\.', which is none of writer, FINISH"):
        team.invoke({"task": "Go."})


@pytest.mark.parametrize(
    ("limits", "status", "rounds"),
    [
        (Limits(rounds=3), "rounds", 3),
        (Limits(rounds=50, calls=8), "calls", 4),
        (Limits(rounds=50, tokens=90), "tokens", 3),
    ],
)
def test_a_team_that_never_finishes_is_stopped(limits: Limits, status: str, rounds: int) -> None:
    def restless(progress: Progress) -> Routed:
        return Routed(Route(next="writer"), ONE_CALL)

    state = supervisor([says("writer", "again")], restless, limits=limits).invoke({"task": "Go."})
    assert state["status"] == status
    assert state["result"] == "again"
    assert sum(entry["kind"] == "task" for entry in state["turns"]) == rounds


@given(rounds=st.integers(1, 20), wanted=st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_rounds_are_never_more_than_allowed(rounds: int, wanted: int) -> None:
    def route(progress: Progress) -> Route:
        return Route(next="writer" if progress.rounds < wanted else FINISH)

    state = supervisor([says("writer", "x")], route, limits=Limits(rounds=rounds)).invoke(
        {"task": "Go."}
    )
    given_ = sum(entry["kind"] == "task" for entry in state["turns"])
    assert given_ == min(rounds, wanted)
    assert state["status"] == ("done" if wanted < rounds else "rounds")


def test_a_failed_agent_is_raised_by_name_or_reported_to_the_router() -> None:
    agents = [breaks("researcher", times=1), says("writer", "text")]
    with pytest.raises(AgentFailed, match="Agent 'researcher' failed: ConnectionError"):
        supervisor(agents, in_order("researcher")).invoke({"task": "Go."})
    agents = [breaks("researcher", times=1), says("writer", "text")]
    state = supervisor(
        agents, in_order("researcher", "researcher", "writer"), on_failure="report"
    ).invoke({"task": "Go."})
    assert state["status"] == "done"
    kinds = [(entry["sender"], entry["kind"]) for entry in state["turns"] if entry["text"]]
    assert ("researcher", "failure") in kinds
    assert state["result"] == "text"


def test_a_failed_agent_was_at_work_from_its_start_to_its_failure() -> None:
    ticks = itertools.count(1.0)
    agents = [says("a", "facts"), breaks("b"), says("c", "page")]
    state = supervisor(
        agents, in_order("a", "b", "c"), on_failure="report", clock=lambda: next(ticks)
    ).invoke({"task": "Go."})
    times = [
        (entry["started"], entry["ended"])
        for entry in state["turns"]
        if entry["kind"] in ("answer", "failure")
    ]
    assert len(times) == 3
    assert all(0 < start < end for start, end in times)
    assert times == sorted(times)


def test_an_answer_that_is_no_text_is_named() -> None:
    team = supervisor([Agent("lister", "", lambda given: ["a"])], in_order("lister"))  # type: ignore[arg-type,return-value]
    with pytest.raises(AgentFailed, match=r"'lister' failed: .*answers with a text.*\['a'\]"):
        team.invoke({"task": "Go."})


def test_an_agent_that_fails_twice_running_ends_the_run() -> None:
    state = supervisor(
        [breaks("researcher")],
        lambda progress: Route(next="researcher"),
        limits=Limits(rounds=50),
        on_failure="report",
    ).invoke({"task": "Go."})
    assert state["status"] == "failed"
    assert tally(state["turns"]).failures == 2


def _everybody() -> dict[str, Any]:
    """One team of each kind, each with a checkpointer."""
    front = create_agent(
        Scripted(messages=itertools.repeat(passing("billing", "the brief"))),
        [handoff_tool("billing", "Refunds", sender="front")],
    )
    billing = create_agent(Scripted(messages=itertools.repeat(AIMessage("Refunded."))))
    return {
        "supervisor": supervisor([says("a", "x")], in_order("a"), checkpointer=InMemorySaver()),
        "manager": manager([says("a", "x")], hard, ["a"], checkpointer=InMemorySaver()),
        "network": network([peer("a", "ink")], checkpointer=InMemorySaver()),
        "pipeline": pipeline([says("a", "x")], checkpointer=InMemorySaver()),
        "backup": backup_team([breaks("a"), says("b", "x")], checkpointer=InMemorySaver()),
        "handoff": handoff_team(
            {"front": front, "billing": billing}, first="front", checkpointer=InMemorySaver()
        ),
    }


@pytest.mark.parametrize("kind", _KINDS)
def test_a_second_task_on_a_thread_starts_afresh(kind: str) -> None:
    team = _everybody()[kind]
    config: Any = {"configurable": {"thread_id": "t"}}
    one = team.invoke({"task": "ink one"}, config)
    two = team.invoke({"task": "ink two"}, config)
    assert two["status"] == one["status"] == "done"
    assert len(two["turns"]) == len(one["turns"])
    assert not any("ink one" in entry["text"] for entry in two["turns"])


# composition ---------------------------------------------------------------------------------


def test_a_team_is_a_node_of_another_graph() -> None:
    class Outer(TypedDict):
        task: str
        result: str

    team = supervisor([says("writer", "text")], in_order("writer"))
    graph = StateGraph(Outer)
    graph.add_node("team", team)
    graph.add_edge(START, "team")
    graph.add_edge("team", END)
    assert graph.compile().invoke({"task": "Go.", "result": ""})["result"] == "text"


def test_a_team_is_an_agent_of_another_team_and_its_turns_are_kept() -> None:
    inner = supervisor([says("writer", "text")], in_order("writer"))
    desk = as_agent("desk", "writes", inner)
    state = supervisor([desk], in_order("desk")).invoke({"task": "Go."})
    senders = {entry["sender"] for entry in state["turns"]}
    assert {"desk/supervisor", "desk/writer", "desk", "supervisor"} <= senders
    assert tally(state["turns"]).calls == 1
    assert state["result"] == "text"


def test_inner_graphs_are_seen_by_langgraph() -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("hello")]))
    writer = chat_agent("writer", "writes", create_agent(model, name="writer"))
    team = supervisor([writer], in_order("writer"))
    assert [name for name, _ in team.get_subgraphs()] == ["writer"]
    assert team.invoke({"task": "Go."})["result"] == "hello"


# manager -------------------------------------------------------------------------------------


def test_a_simple_task_goes_to_one_specialist_a_complex_one_to_all() -> None:
    agents = [says(name, f"by {name}") for name in ("research", "code", "test", "document")]
    plan = ["research", "code", ("test", "document")]
    state = manager(agents, simple("code"), plan).invoke({"task": "Go."})
    assert state["result"] == "by code"
    assert tally(state["turns"]).calls == 2
    state = manager(agents, hard, plan).invoke({"task": "Go."})
    assert [part.split(":")[0] for part in state["result"].split("\n\n")] == [
        "research",
        "code",
        "test",
        "document",
    ]
    assert tally(state["turns"]).calls == 5


def test_steps_of_a_group_run_at_the_same_time_and_read_what_came_before() -> None:
    meeting = threading.Barrier(2, timeout=30)
    read: list[str] = []

    def meet(name: str) -> Agent:
        def work(assignment: Assignment) -> str:
            meeting.wait()
            read.append(assignment.text)
            return name

        return Agent(name, "", work, reads=("notes",))

    team = manager(
        [says("research", "found", produces="notes"), meet("a"), meet("b")],
        hard,
        ["research", ("a", "b")],
    )
    state = team.invoke({"task": "Go."})
    assert tally(state["turns"]).peak == 2
    assert all("found" in text for text in read)


def test_a_failed_specialist_leaves_the_work_of_the_others() -> None:
    team = manager([says("a", "done by a"), breaks("b")], hard, [("a", "b")], on_failure="report")
    state = team.invoke({"task": "Go."})
    assert state["status"] == "failed"
    assert state["result"] == "done by a"


def test_a_failed_agent_counts_among_those_at_work_at_the_same_time() -> None:
    both = threading.Barrier(2)

    def work(assignment: Assignment) -> Answer:
        both.wait(10)
        return Answer("done", ONE_CALL)

    def fail(assignment: Assignment) -> Answer:
        both.wait(10)
        raise WorkFailed(ConnectionError("dead"), ONE_CALL)

    team = manager(
        [Agent("a", "", fail), Agent("b", "", work), says("c", "page")],
        lambda task: Classified("complex", usage=ONE_CALL),
        [("a", "b"), "c"],
        on_failure="report",
    )
    total = tally(team.invoke({"task": "Go."})["turns"])
    assert (total.calls, total.in_a_row, total.peak) == (4, 3, 2)


def test_a_plan_or_a_classifier_that_names_nobody_is_refused() -> None:
    with pytest.raises(TeamError, match="'ghost'"):
        manager([says("a", "x")], hard, ["ghost"])
    with pytest.raises(RoutingError):
        manager([says("a", "x")], simple("ghost"), ["a"]).invoke({"task": "Go."})


# network -------------------------------------------------------------------------------------


def test_everybody_is_asked_and_those_who_can_help_answer() -> None:
    team = network([peer("ink", "ink"), peer("paper", "paper"), peer("post", "post")])
    state = team.invoke({"task": "ink and paper?"})
    asked = [(entry["sender"], entry["to"], entry["kind"]) for entry in state["turns"]][:3]
    assert asked == [("user", "bus", "task"), ("ink", "bus", "offer"), ("bus", "ink", "task")]
    assert state["result"] == "ink: ink on ink\n\npaper: paper on paper"
    assert sum(entry["kind"] == "offer" for entry in state["turns"]) == 3


def test_nobody_can_help_is_an_answer() -> None:
    state = network([peer("ink", "ink")]).invoke({"task": "shoes?"})
    assert state["status"] == "nobody"
    assert state["result"] == "Nobody in this team can help with that."
    assert tally(state["turns"]).calls == 0


def test_a_peer_asks_another_and_hops_are_bounded() -> None:
    forever = network(
        [
            peer("a", "x", ask=lambda question, answer: [("b", "x please")]),
            peer("b", "x", ask=lambda question, answer: [("a", "x please")]),
            peer("c", "y"),
        ],
        max_hops=4,
    )
    state = forever.invoke({"task": "x"})
    answers = [entry for entry in state["turns"] if entry["kind"] == "answer"]
    assert len(answers) == 2 * (5 + 4), "five questions each, and four answers with a reply"
    assert not [entry for entry in answers if entry["sender"] == "c"]
    with pytest.raises(TeamError, match="not on the bus"):
        network([peer("a", "x", ask=lambda question, answer: [("ghost", "x")])]).invoke(
            {"task": "x"}
        )


def test_a_failed_peer_leaves_the_answers_of_the_others() -> None:
    team = network([peer("a", "x", agent=breaks("a")), peer("b", "x")])
    assert team.invoke({"task": "x"})["result"] == "b on x"
    alone = network([peer("a", "x", agent=breaks("a"))])
    assert alone.invoke({"task": "x"})["status"] == "failed"


# pipeline ------------------------------------------------------------------------------------


def test_stages_run_in_order_and_their_types_are_checked() -> None:
    def count(text: str) -> int:
        return len(text)

    def double(number: int) -> int:
        return 2 * number

    graph = pipeline([stage(count), stage(double)])
    assert graph.invoke({"value": "abc"})["result"] == 6
    with pytest.raises(StageFailed, match="'double' gave 'count' 6, which is no str"):
        pipeline([stage(double), stage(count)]).invoke({"value": 3})
    with pytest.raises(StageMismatch, match="with a type"):
        stage(lambda value: value)


def test_a_value_of_the_wrong_type_fails_the_stage_that_gave_it() -> None:
    def lie(text: str) -> int:
        return "many"  # type: ignore[return-value]

    with pytest.raises(StageFailed, match="Stage 'lie' failed"):
        pipeline([stage(lie)]).invoke({"value": "abc"})


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_resuming_starts_at_the_failed_stage(backend: str, tmp_path: Any) -> None:
    ran: list[str] = []
    broken = True

    def validate(text: str) -> str:
        ran.append("validate")
        return text.strip()

    def enrich(text: str) -> str:
        ran.append("enrich")
        if broken:
            raise TimeoutError("no answer from the catalogue")
        return text.upper()

    def store(text: str) -> int:
        ran.append("store")
        return len(text)

    def run(saver: Any) -> None:
        nonlocal broken
        graph = pipeline([stage(validate), stage(enrich), stage(store)], checkpointer=saver)
        config: Any = {"configurable": {"thread_id": "t"}}
        report = start(graph, " ink ", config)
        assert (report.status, report.failed_stage) == ("failed", "enrich")
        assert report.cause == "TimeoutError: no answer from the catalogue"
        assert report.outputs == {"validate": "ink"}
        assert ran == ["validate", "enrich"]
        assert resume(graph, config).failed_stage == "enrich"
        broken = False
        report = resume(graph, config)
        assert (report.status, report.result) == ("done", 3)
        assert ran == ["validate", "enrich", "enrich", "enrich", "store"]

    if backend == "memory":
        run(InMemorySaver())
    else:
        with SqliteSaver.from_conn_string(str(tmp_path / "p.sqlite")) as saver:
            run(saver)


def test_agents_are_stages_and_see_what_they_read() -> None:
    seen = Seen()
    graph = pipeline(
        [
            says("researcher", "facts", produces="notes"),
            says("writer", "text", reads=("notes",), produces="draft", seen=seen),
        ]
    )
    state = graph.invoke({"task": "Write."})
    assert state["result"] == "text"
    assert seen[0].text == "Task: Write.\n\nNotes:\nfacts"
    assert tally(state["turns"]).calls == 2
    answers = [
        (entry["sender"], entry["to"]) for entry in state["turns"] if entry["kind"] == "answer"
    ]
    assert answers == [("researcher", "writer"), ("writer", "user")]
    with pytest.raises(StageFailed, match="Stage 'writer' failed: ConnectionError"):
        pipeline([breaks("writer")]).invoke({"task": "Go."})


# handoff -------------------------------------------------------------------------------------


def test_a_handoff_carries_the_brief_and_nothing_else() -> None:
    front = create_agent(
        Scripted(messages=iter([passing("billing", "Refund order 7.")])),
        [handoff_tool("billing", "Refunds", sender="front")],
    )
    billing = create_agent(Scripted(messages=iter([AIMessage("Refunded.")])))
    team = handoff_team({"front": front, "billing": billing}, first="front")
    state = team.invoke({"task": "I am cross, and I want my money."})
    assert state["result"] == "Refunded."
    kinds = [(entry["sender"], entry["to"], entry["kind"]) for entry in state["turns"]]
    assert kinds == [("front", "billing", "handoff"), ("billing", "user", "answer")]
    assert tally(state["turns"]).handoffs == 1
    assert tally(state["turns"]).calls == 2
    assert "cross" not in state["turns"][0]["text"]


def test_agents_that_only_pass_work_on_are_stopped() -> None:
    def shirker(name: str, other: str) -> Any:
        return create_agent(
            Scripted(messages=itertools.repeat(passing(other, "Yours."))),
            [handoff_tool(other, "the other", sender=name)],
        )

    team = handoff_team({"a": shirker("a", "b"), "b": shirker("b", "a")}, first="a", max_handoffs=4)
    state = team.invoke({"task": "Go."})
    assert state["status"] == "handoffs"
    assert tally(state["turns"]).handoffs == 5
    with pytest.raises(RoutingError):
        handoff_team({"a": shirker("a", "b")}, first="ghost")


# backup --------------------------------------------------------------------------------------


def test_the_backup_works_when_the_first_fails_and_the_answer_says_so() -> None:
    state = backup_team([breaks("main"), says("spare", "done")]).invoke({"task": "Go."})
    assert state["result"] == "done"
    assert state["work"] == {"answer": {"spare": "done"}}
    asked, failed, *_ = state["turns"]
    assert (asked["kind"], asked["to"]) == ("task", "main")
    assert "ConnectionError" in failed["text"]


def test_a_refused_answer_leads_to_the_backup_too() -> None:
    team = backup_team([says("main", " "), says("spare", "done")])
    assert team.invoke({"task": "Go."})["result"] == "done"


def test_when_all_fail_every_failure_is_named() -> None:
    with pytest.raises(NoAgentLeft, match=r"main: .*; spare: "):
        backup_team([breaks("main"), breaks("spare")]).invoke({"task": "Go."})


def test_an_error_that_no_backup_can_mend_is_raised() -> None:
    team = backup_team(
        [breaks("main", PermissionError("key")), says("spare", "x")],
        retry_on=(ConnectionError, TimeoutError),
    )
    with pytest.raises(AgentFailed, match="PermissionError"):
        team.invoke({"task": "Go."})


def test_a_backed_up_agent_looks_the_same_to_its_team() -> None:
    agent = with_backup(breaks("researcher"), says("archivist", "from the archive"))
    state = supervisor([agent], in_order("researcher")).invoke({"task": "Go."})
    assert state["result"] == "from the archive"
    assert tally(state["turns"]).failures == 1
    assert tally(state["turns"]).calls == 1


# transcript ----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), max_size=12))
def test_the_peak_is_the_most_at_work_at_one_time(spans: list[tuple[int, int]]) -> None:
    turns = [
        turn("a", "b", "x", started=float(begin), ended=float(begin + length))
        for begin, length in spans
    ]
    busiest = max(
        (sum(b <= moment < b + length for b, length in spans) for moment in range(31)), default=0
    )
    assert tally(turns).peak == busiest


def test_a_team_inside_counts_through_its_members() -> None:
    inner = supervisor([says("writer", "text")], in_order("writer"))
    state = supervisor([as_agent("desk", "", inner)], in_order("desk")).invoke({"task": "Go."})
    total = tally(state["turns"])
    assert (total.peak, total.handoffs, total.calls) == (1, 0, 1)


@pytest.mark.parametrize("reads", [(), ("notes",)])
@pytest.mark.parametrize("wrap", ["team", "backup"])
def test_a_team_inside_is_given_the_whole_assignment_once(reads: Any, wrap: str) -> None:
    seen = Seen()
    worker = says("writer", "text", reads=reads, seen=seen)
    inner = as_agent("writer", "", supervisor([worker], in_order("writer")), reads=reads)
    member = inner if wrap == "team" else with_backup(worker, says("spare", "x"))

    def route(progress: Progress) -> Route:
        who = in_order("a", "writer")(progress).next
        return Route(next=who, instructions="At most ten words.")

    supervisor([says("a", "facts", produces="notes"), member], route).invoke({"task": "Write."})
    notes = "\n\nNotes:\nfacts" if reads else ""
    assert seen[0].text == f"Task: Write.{notes}\n\nInstructions: At most ten words."


def test_every_kind_of_team_shows_its_inner_graphs() -> None:
    model = GenericFakeChatModel(messages=iter([]))
    inner = chat_agent("writer", "writes", create_agent(model, name="writer"))
    teams = [
        supervisor([inner], in_order("writer")),
        manager([inner], hard, ["writer"]),
        network([Peer(inner, lambda text: Offer(True))]),
        pipeline([inner]),
        backup_team([inner]),
        handoff_team({"writer": create_agent(model, name="writer")}, first="writer"),
    ]
    for team in teams:
        assert [name for name, _ in team.get_subgraphs()] == ["writer"], team.get_name()
