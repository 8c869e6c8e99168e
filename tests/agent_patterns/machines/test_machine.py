"""What a thread goes through: answers, corrections, refusals, effects, exceptions and ways out."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from tests.agent_patterns.machines.desk import COMPLAINT, TO_APPROVAL, Desk, follow

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.machines import Machine, MachineError, State, Transition
from agent_patterns.machines.errors import Answered, Busy, IllegalTransition, UnknownState


def test_two_questions_an_approval_and_a_letter() -> None:
    desk = Desk()
    clara = desk.thread()
    assert clara.snapshot().state == "idle"
    now = clara.send(*COMPLAINT)
    assert now.question["question"] == "Which approach do you prefer?"
    assert clara.send("answer", "repair").question["options"][0] == "this week"
    now = clara.send("answer", "this week")
    assert (now.state, now.data["letter"]) == ("waiting", "We repair it this week.")
    assert desk.outbox == []
    now = clara.send("approve")
    assert (now.state, now.question, now.legal) == ("idle", None, ("complain",))
    assert desk.outbox == ["We repair it this week."]


@pytest.mark.parametrize("value", ["reapir", "", None, 3, ["repair"], {"approach": "repair"}])
def test_a_bad_answer_is_refused_and_the_question_waits(value: Any) -> None:
    clara = Desk().thread()
    before = clara.send(*COMPLAINT)
    with pytest.raises(IllegalTransition, match="it needs one of the options"):
        clara.send("answer", value)
    assert clara.snapshot() == before
    assert clara.send("answer", "repair").data["approach"] == "repair"


def test_a_correction_changes_one_answer_and_keeps_the_question() -> None:
    clara = Desk().thread()
    follow(clara, [COMPLAINT, ("answer", "repair")])
    now = clara.send("correct", {"approach": "refund"})
    assert (now.state, now.data["approach"]) == ("listening", "refund")
    assert now.question["question"] == "Which timeline do you prefer?"
    for wrong in ({"timeline": "this week"}, {"approach": "magic"}, {}, None):
        with pytest.raises(IllegalTransition, match="slots that were answered"):
            clara.send("correct", wrong)


def test_a_correction_while_approval_waits_writes_the_letter_again() -> None:
    desk = Desk()
    now = follow(desk.thread(), [*TO_APPROVAL, ("correct", {"timeline": "by next month"})])
    assert (now.state, now.data["letter"]) == ("waiting", "We repair it by next month.")
    assert desk.drafted == 2


@pytest.mark.parametrize(
    ("event", "state"), [("start_over", "listening"), ("cancel", "idle"), ("reject", "listening")]
)
def test_ways_out_forget_every_answer(event: str, state: str) -> None:
    desk = Desk()
    clara = desk.thread()
    now = follow(clara, [*TO_APPROVAL, event])
    assert now.state == state
    assert not any(now.data[key] for key in ("approach", "timeline", "letter"))
    follow(clara, ([] if state == "listening" else [COMPLAINT]) + [("answer", "refund")])
    assert clara.snapshot().data["approach"] == "refund"
    assert desk.outbox == []


def test_an_exception_leads_to_error_and_an_event_out_of_it() -> None:
    desk = Desk()
    desk.fails = 1
    clara = desk.thread()
    now = follow(clara, TO_APPROVAL)
    assert (now.state, now.legal) == ("error", ("retry", "reset"))
    assert now.error == "ConnectionError: the model does not answer"
    now = clara.send("retry")
    assert (now.state, now.error) == ("waiting", "")
    assert now.data["approach"] == "repair"


def test_a_guard_holds_on_the_way_out_of_error_too() -> None:
    desk = Desk()
    desk.fails = 1
    clara = desk.thread()
    follow(clara, [*TO_APPROVAL, "reset"])
    assert clara.snapshot().state == "idle"
    with pytest.raises(IllegalTransition):
        clara.send("retry")


def test_threads_do_not_meet() -> None:
    desk = Desk()
    follow(desk.thread("clara"), TO_APPROVAL)
    assert desk.thread("ben").snapshot().state == "idle"
    assert desk.thread("ben").snapshot().data == {}


# Effects --------------------------------------------------------------------------------------


class Log(TypedDict, total=False):
    log: list[str]


def two_rooms(
    checkpointer: Any = None, action: Any = None, entry: Any = None, error_entry: Any = None
) -> Any:
    """`a` rests, `b` asks; entering and leaving them is logged."""

    def log(said: str) -> Any:
        return lambda data, *_: {"log": [*data.get("log", []), said]}

    states = [
        State("a", exit=log("leave a"), entry=log("enter a")),
        State("b", ask=lambda data: "And now?", entry=entry or log("enter b"), exit=log("leave b")),
        State("error", entry=error_entry),
    ]
    rows = [
        Transition("a", "go", "b", action=action or log("go")),
        Transition("b", "stay", "b"),
        Transition(["b", "error"], "back", "a"),
    ]
    machine = Machine("rooms", Log, states, rows, error="error")
    return machine.session(machine.compile(checkpointer or InMemorySaver()), "1")


def test_effects_run_in_the_order_exit_action_entry_and_once() -> None:
    rooms = two_rooms()
    rooms.send("go")
    assert rooms.snapshot().data["log"] == ["leave a", "go", "enter b"]
    rooms.send("stay")
    rooms.send("back")
    assert rooms.snapshot().data["log"][3:] == ["leave b", "enter b", "leave b", "enter a"]


def test_a_failing_effect_takes_back_what_its_transition_changed() -> None:
    def burst(data: dict[str, Any]) -> None:
        raise OSError("flooded")

    rooms = two_rooms(entry=burst)
    now = rooms.send("go")
    assert (now.state, now.data, now.error) == ("error", {}, "OSError: flooded")
    assert rooms.send("back").data["log"] == ["enter a"]


def test_the_entry_of_error_may_fail_as_well() -> None:
    def burst(data: dict[str, Any], *value: Any) -> None:
        raise OSError("flooded")

    now = two_rooms(action=burst, error_entry=burst).send("go")
    assert now.state == "error"
    assert now.error == "OSError: flooded; and on entry to 'error', OSError: flooded"


def test_an_effect_cannot_return_a_key_that_the_data_lacks() -> None:
    now = two_rooms(action=lambda data, value: {"lgo": []}).send("go")
    assert (now.state, now.error) == (
        "error",
        "MachineError: An effect returned ['lgo']; the data has ['log'].",
    )


def test_what_an_effect_changes_in_place_is_not_stored() -> None:
    rooms = two_rooms(action=lambda data, value: data.update(log=["sneaked in"]))
    assert "sneaked in" not in rooms.send("go").data["log"]


# Work -----------------------------------------------------------------------------------------


def working(run: Any, limit: int = 50, ask: Any = None) -> Any:
    states = [State("idle"), State("work", run=run), State("error", ask=ask)]
    rows = [
        Transition("idle", "go", "work"),
        Transition("work", "again", "work"),
        Transition("work", "done", "idle", action=lambda data, value: {"log": [value]}),
        Transition("error", "reset", "idle"),
    ]
    machine = Machine("works", Log, states, rows, error="error", limit=limit)
    return machine.session(machine.compile(InMemorySaver()), "1")


def test_states_that_go_round_and_round_end_in_error() -> None:
    runs: list[int] = []
    now = working(lambda data: runs.append(1) or "again", limit=9).send("go")
    assert now.error == "MachineError: 9 transitions in a row without an event from outside"
    assert len(runs) == 10


def test_the_limit_counts_anew_with_every_event_from_outside() -> None:
    turns: list[str] = []

    def run(data: dict[str, Any]) -> Any:
        turns.append("again" if len(turns) % 3 < 2 else "done")
        return turns[-1]

    works = working(run, limit=3)
    assert [works.send("go").state for _ in range(4)] == ["idle"] * 4


@pytest.mark.parametrize("said", ["doen", "go", None, 3, ("reset", 1)])
def test_work_that_calls_for_an_impossible_event_is_an_error_and_no_refusal(said: Any) -> None:
    now = working(lambda data: said).send("go")
    assert now.state == "error"
    assert now.error.startswith("MachineError: The work of 'work' ended in ")


def test_work_that_asks_is_told_to_use_a_state_of_its_own() -> None:
    now = working(lambda data: interrupt("really?")).send("go")
    assert (now.state, now.question) == ("error", None)
    assert "give the question a state of its own" in now.error


def test_the_error_state_may_ask() -> None:
    def fail(data: dict[str, Any]) -> str:
        raise ValueError("no")

    works = working(fail, ask=lambda data: "What now?")
    now = works.send("go")
    assert (now.state, now.question) == ("error", "What now?")
    assert works.send("reset").state == "idle"


async def test_work_may_be_asynchronous() -> None:
    async def run(data: dict[str, Any]) -> Any:
        await asyncio.sleep(0)
        return "done", "awaited"

    works = working(run)
    assert (await works.asend("go")).data == {"log": ["awaited"]}
    assert (await works.asnapshot()).state == "idle"


async def test_a_cancelled_caller_leaves_work_that_is_finished_later() -> None:
    begun, hangs = asyncio.Event(), [True]

    async def run(data: dict[str, Any]) -> Any:
        begun.set()
        if hangs:
            await asyncio.Event().wait()
        return "done", "finished"

    works = working(run)
    task = asyncio.create_task(works.asend("go"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await works.asnapshot()).state == "work"
    hangs.clear()
    assert (await works.aresume()).data == {"log": ["finished"]}
    assert (await works.aresume()).state == "idle"  # nothing is left to do


# Who else sends -------------------------------------------------------------------------------


def test_a_panel_may_resume_with_a_plain_answer() -> None:
    desk = Desk()
    clara = desk.thread()
    clara.send(*COMPLAINT)
    config = {"configurable": {"thread_id": "clara"}}
    desk.graph.invoke(Command(resume="repair"), config)
    assert clara.snapshot().data["approach"] == "repair"
    desk.graph.invoke(Command(resume="never"), config)  # refused: the question is asked again
    assert clara.snapshot().question["question"] == "Which timeline do you prefer?"
    assert desk.graph.get_state(config).values["machine_refused"].startswith("'answer' is refused")


def test_a_second_answer_to_one_question_is_refused() -> None:
    clara = Desk().thread()
    asked = clara.send(*COMPLAINT).question_id
    clara.send("answer", "repair", to=asked)
    with pytest.raises(Answered, match="past that question, in 'listening'"):
        clara.send("answer", "this week", to=asked)
    assert clara.snapshot().data["timeline"] is None


def test_an_answer_whose_process_died_is_not_taken_for_the_next_one() -> None:
    class Killed(BaseException):
        pass

    dies = [True]

    def action(data: dict[str, Any], value: Any) -> dict[str, Any]:
        if dies:
            dies.clear()
            raise Killed
        return {"log": [value]}

    states = [State("b"), State("a", ask=lambda data: "What?"), State("error")]
    rows = [
        Transition("a", "answer", "b", action=action),
        Transition("a", "leave", "b"),
        Transition("b", "back", "a"),
        Transition("error", "reset", "b"),
    ]
    machine = Machine("asks", Log, states, rows, error="error")
    graph = machine.compile(InMemorySaver())
    session = machine.session(graph, "1")
    session.send("back")
    with pytest.raises(Killed):
        session.send("answer", "the first")
    now = session.snapshot()
    assert (now.state, now.question) == ("a", "What?")
    assert session.send("leave").data == {}  # and not the answer that nobody heard of


def test_a_machine_that_sends_to_its_own_thread_is_told_that_it_is_busy() -> None:
    refused: list[str] = []
    session: list[Any] = []

    def run(data: dict[str, Any]) -> Any:
        try:
            session[0].send("go")
        except Busy as busy:
            refused.append(busy.state)
        return "done", ""

    session.append(working(run))
    session[0].send("go")
    assert refused == ["work"]


def test_no_checkpointer_and_no_thread_are_refused_at_once() -> None:
    desk = Desk()
    with pytest.raises(MachineError, match="Compile the machine with a checkpointer"):
        desk.machine.session(desk.machine.compile(None), "clara")
    for wrong in ("", None, 7):
        with pytest.raises(MachineError, match="thread's id is a text"):
            desk.machine.session(desk.graph, wrong)  # type: ignore[arg-type]


def test_a_value_that_cannot_be_stored_changes_nothing() -> None:
    clara = Desk().thread()
    with pytest.raises(TypeError):
        clara.send("complain", lambda: None)
    assert clara.snapshot().state == "idle"
    assert clara.send(*COMPLAINT).state == "listening"


@pytest.mark.parametrize("where", ["plain", "sqlite", "postgresql"])
@pytest.mark.parametrize("asks", [False, True])
def test_work_whose_result_cannot_be_stored_is_an_error_and_no_dead_end(
    where: str, asks: bool, fresh_url: Any
) -> None:
    results = [object(), "storable"]
    states = [
        State("idle"),
        State("work", run=lambda data: ("done", results.pop(0))),
        State("error", ask=(lambda data: "What now?") if asks else None),
    ]
    rows = [
        Transition("idle", "go", "work"),
        Transition("work", "done", "idle", action=lambda data, value: {"log": [value]}),
        Transition("error", "again", "work"),
        Transition("error", "reset", "idle"),
    ]
    machine = Machine("works", Log, states, rows, error="error")
    with open_checkpointer(fresh_url("memory" if where == "plain" else where)) as opened:
        saver: Any = InMemorySaver() if where == "plain" else opened
        works = machine.session(machine.compile(saver), "1")
        now = works.send("go")
        assert (now.state, now.data) == ("error", {})
        assert "object" in now.error
        assert works.send("again").data == {"log": ["storable"]}


def test_a_thread_in_a_state_that_was_removed_says_so() -> None:
    saver = InMemorySaver()
    follow(Desk(saver).thread(), TO_APPROVAL)
    states = [State("idle"), State("error")]
    rows = [Transition("idle", "fail", "error"), Transition("error", "reset", "idle")]
    newer = Machine("care desk", Log, states, rows, error="error")
    session = newer.session(newer.compile(saver), "clara")
    for look in (session.snapshot, lambda: session.send("reset")):
        with pytest.raises(UnknownState, match="is in 'waiting', a state that this table"):
            look()
    assert Desk(saver).thread().send("approve").state == "idle"
