"""Public reports about state machines and questions on threads, each with the right value."""

from __future__ import annotations

import threading
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from tests.agent_patterns.machines.desk import COMPLAINT, TO_APPROVAL, Desk, follow

from agent_patterns.machines import Machine, State, Transition
from agent_patterns.machines.errors import Busy, IllegalTransition


class Form(TypedDict, total=False):
    age: int
    seen: list[Any]


def form(action: Any = None, guard: Any = None) -> Any:
    """A form with one field, after langgraph #7780."""
    prompts: list[str] = []

    def prompt(data: dict[str, Any]) -> str:
        prompts.append("What is your age?")
        return prompts[-1]

    def is_age(data: dict[str, Any], value: Any) -> bool:
        return isinstance(value, int) and value > 0

    states = [State("start"), State("asking", ask=prompt), State("error")]
    rows = [
        Transition("start", "open", "asking"),
        Transition("asking", "answer", "start", guard or is_age, "a positive number",
                   action or (lambda data, value: {"age": value})),
        Transition("error", "reset", "start"),
    ]  # fmt: skip
    machine = Machine("form", Form, states, rows, error="error")
    graph = machine.compile(InMemorySaver())
    return machine.session(graph, "1"), graph, prompts


CONFIG: Any = {"configurable": {"thread_id": "1"}}


def test_langgraph_7780_a_question_asked_again_needs_no_extra_resume() -> None:
    """`while True: answer = interrupt(...)`: after a bad answer one resume was not enough."""
    session, _, _ = form()
    session.send("open")
    for bad in ("ten", -1, None):
        with pytest.raises(IllegalTransition, match="it needs a positive number"):
            session.send("answer", bad)
    now = session.send("answer", 10)
    assert (now.state, now.data) == ("start", {"age": 10})


def test_langgraph_4172_an_answer_is_looked_at_once_however_many_came_before() -> None:
    """The node of a validation loop replays every earlier answer: 1, then 1 2, then 1 2 3."""
    looked_at: list[Any] = []

    def action(data: dict[str, Any], value: Any) -> dict[str, Any]:
        looked_at.append(value)
        return {"seen": [*data.get("seen", []), value]}

    states = [State("start"), State("asking", ask=lambda data: "More?"), State("error")]
    rows = [
        Transition("start", "open", "asking"),
        Transition("asking", "answer", "asking", lambda data, value: value == "yes", "", action),
        Transition("asking", "answer", "start", action=action),
        Transition("error", "reset", "start"),
    ]
    machine = Machine("more", Form, states, rows, error="error")
    session = machine.session(machine.compile(InMemorySaver()), "1")
    session.send("open")
    for said in ("yes", "yes", "yes", "no"):
        session.send("answer", said)
    assert looked_at == session.snapshot().data["seen"] == ["yes", "yes", "yes", "no"]


def test_langgraph_6956_a_thread_that_waits_says_so_after_the_second_question() -> None:
    """`get_state().next` was empty after a node had asked twice, as if the run were over."""
    desk = Desk()
    follow(desk.thread(), TO_APPROVAL[:2])
    state = desk.graph.get_state({"configurable": {"thread_id": "clara"}})
    assert state.next == ("listening",)
    assert desk.thread().snapshot().question["question"] == "Which timeline do you prefer?"


def test_langgraph_8834_a_failing_choice_of_the_way_leaves_no_thread_that_looks_finished() -> None:
    """A router raised; resuming returned normally, and the router and its target never ran."""
    fails = [True]

    def guard(data: dict[str, Any], value: Any) -> bool:
        if fails:
            raise TimeoutError("the price list is away")
        return True

    session, graph, _ = form(guard=guard)
    session.send("open")
    now = session.send("answer", 10)
    assert (now.state, now.error) == ("error", "TimeoutError: the price list is away")
    fails.clear()
    session.send("reset")
    session.send("open")
    assert session.send("answer", 10).data["age"] == 10
    assert graph.get_state(CONFIG).tasks == ()


def test_langgraph_8217_a_question_is_not_taken_for_an_error() -> None:
    """A wrapper that handles exceptions swallowed `GraphInterrupt`, and nobody was asked."""
    session, graph, _ = form()
    now = session.send("open")
    assert (now.state, now.question, now.error) == ("asking", "What is your age?", "")
    assert len(graph.get_state(CONFIG).interrupts) == 1


def test_agent_chat_ui_262_a_message_to_a_waiting_thread_answers_it() -> None:
    """The chat started a new run each time, which asked the same question again, for ever."""
    session, graph, prompts = form()
    session.send("open")
    runs = len([*graph.get_state_history(CONFIG)])
    assert session.send("answer", 10).state == "start"
    assert len(prompts) == 2  # asked once; the node runs again on resume, as LangGraph says
    sources = [state.metadata["source"] for state in graph.get_state_history(CONFIG)]
    assert sources.count("input") == 1
    assert len(sources) > runs


def test_langgraphjs_554_a_thread_can_tell_that_it_is_at_work() -> None:
    """No way to see that a thread is being processed, so that double texting can't be refused."""
    begun, go_on = threading.Event(), threading.Event()

    def draft(data: dict[str, Any]) -> tuple[str, str]:
        begun.set()
        assert go_on.wait(60)
        return "drafted", "A letter."

    desk = Desk(draft=draft)
    follow(desk.thread(), TO_APPROVAL[:2])
    worker = threading.Thread(target=desk.thread().send, args=TO_APPROVAL[2])
    worker.start()
    assert begun.wait(60)
    assert desk.thread().snapshot().state == "processing"
    with pytest.raises(Busy):
        desk.thread().send(*COMPLAINT)
    go_on.set()
    worker.join(60)
    assert desk.thread().snapshot().state == "waiting"


def test_pytransitions_202_an_effect_that_raises_leaves_no_state_half_entered() -> None:
    """An `after` callback raised, and the machine stood in the new state all the same."""

    def begin_game(data: dict[str, Any], value: Any) -> None:
        raise AttributeError("'GameState' object has no attribute 'do_stuff'")

    session, _, _ = form(action=begin_game)
    session.send("open")
    now = session.send("answer", 10)
    assert (now.state, now.data) == ("error", {})


def test_pytransitions_730_the_error_state_is_part_of_the_table() -> None:
    """A request for a target state to which an exception leads, so that failure can be modelled."""
    table = Desk().machine.table
    assert ("processing", "exception", "error") in set(table.edges())
    assert table.legal("error") == ("retry", "reset")
