"""The approval panel, pressed without a browser."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import datetime
from typing import Annotated, Literal

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import AfterValidator, BaseModel, Discriminator
from tests.courseware.widgets.waiting_desk import (
    REQUEST,
    Desk,
    State,
    buttons,
    controls,
    shown_html,
)

from agent_patterns.approval.protocol import approve, edit, reject, respond
from courseware.widgets import PROTOCOL, ApprovalPanel, GraphView, NoThread
from courseware.widgets._outcome import Outcome


def panel_of(desk: Desk, **options) -> ApprovalPanel:
    return ApprovalPanel(desk.graph, desk.config, **options)


def click(panel: ApprovalPanel, name: str) -> None:
    (button,) = buttons(panel.widget, name)
    button.click()


def test_approve_resumes_and_shows_what_came_of_it():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk, clock=lambda: datetime(2026, 3, 4, 14, 5, 6))
    click(panel, "Approve")
    assert desk.acted == [{"type": "approve"}]
    html = shown_html(panel.widget)
    assert "Approved" in html
    assert "14:05:06" in html
    assert "Ran ask, act. The run is finished." in html
    assert "✓ Finished" in html


def test_the_request_is_shown_whole():
    html = shown_html(panel_of(Desk(REQUEST).start()).widget)
    for text in ("refund", "A-1042", "129.0", "above the limit", "billing agent", "False"):
        assert text in html


def test_a_second_click_changes_nothing():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    (button,) = buttons(panel.widget, "Approve")
    button.click()
    button.click()
    assert desk.acted == [{"type": "approve"}]


def test_two_panels_on_one_interrupt_act_once_and_both_tell():
    desk = Desk(REQUEST).start()
    first, second = panel_of(desk), panel_of(desk)
    (late,) = buttons(second.widget, "Approve")
    click(first, "Approve")
    late.click()
    assert desk.acted == [{"type": "approve"}]
    assert "Decided elsewhere" in second.text()


def test_a_panel_that_heard_nothing_says_that_it_is_too_late():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    desk.graph.invoke(_resume(desk, reject("no")), desk.config)
    click(panel, "Approve")
    assert desk.acted == [reject("no")]
    assert "Nothing was executed: this was decided before; the run is finished." in panel.text()


def _resume(desk, value):
    from langgraph.types import Command

    (waiting,) = desk.graph.get_state(desk.config).interrupts
    return Command(resume={waiting.id: value})


def test_a_foreign_thread_says_that_it_is_not_there():
    panel = ApprovalPanel(Desk(REQUEST).graph, {"configurable": {"thread_id": "other"}})
    assert panel.waiting == []
    assert "There is no thread 'other' here" in panel.text()


def test_a_thread_that_vanished_under_the_panel():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    desk.graph.checkpointer.delete_thread("t-1")
    click(panel, "Approve")
    assert desk.acted == []
    assert "'t-1' does not exist in this checkpointer" in panel.text()


def test_a_graph_without_checkpointer_says_what_to_do():
    desk = Desk(REQUEST)
    desk.graph.checkpointer = None
    assert "compile it with one" in panel_of(desk).text()


def test_a_config_without_thread_is_refused():
    with pytest.raises(NoThread, match="thread_id"):
        ApprovalPanel(Desk(REQUEST).graph, {})


def test_many_threads_press_at_once_and_one_decision_is_carried_out():
    for _ in range(20):
        desk = Desk(REQUEST).start()
        panels = [panel_of(desk) for _ in range(4)]
        ready = threading.Barrier(8)

        def press(panel, ready=ready):
            ready.wait()
            click(panel, "Approve")

        workers = [threading.Thread(target=press, args=(panels[i % 4],)) for i in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert desk.acted == [{"type": "approve"}]


def test_two_connections_to_one_file_carry_a_decision_out_once(tmp_path):
    """Two checkpointers on one SQLite file, as two kernels have them, decide at the same moment."""
    inside, outside = threading.Event(), threading.Event()

    def slow(_state):
        inside.set()
        assert outside.wait(20)

    def desk():
        connection = sqlite3.connect(tmp_path / "desk.sqlite", check_same_thread=False)
        return Desk(REQUEST, checkpointer=SqliteSaver(connection), act=slow)

    one, two = desk().start(), desk()
    first, second = panel_of(one), panel_of(two)
    worker = threading.Thread(target=click, args=(first, "Approve"))
    worker.start()
    assert inside.wait(20)
    click(second, "Approve")
    assert "another decision of this thread is being carried out" in second.text()
    outside.set()
    worker.join()
    click(second, "Approve") if second.waiting else None
    assert (len(one.acted), len(two.acted)) == (1, 0)


def test_a_thread_that_cannot_be_held_is_not_run_and_still_waits(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    folder.write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: folder)
    connection = sqlite3.connect(tmp_path / "desk.sqlite", check_same_thread=False)
    desk = Desk(REQUEST, checkpointer=SqliteSaver(connection)).start()
    panel = panel_of(desk)
    click(panel, "Approve")
    assert desk.acted == []
    assert "Nothing was executed: the thread cannot be held against other" in panel.text()
    folder.unlink()
    click(panel, "Approve")
    assert desk.acted == [approve()]


def test_an_error_between_the_panel_and_its_checkpointer_is_named(monkeypatch):
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(desk.graph, "get_state", broken)
    click(panel, "Approve")
    assert "The run failed: OSError: disk full" in panel.text()


def test_a_new_panel_finds_what_waits_in_sqlite(tmp_path):
    path = tmp_path / "desk.sqlite"
    connection = sqlite3.connect(path, check_same_thread=False)
    Desk(REQUEST, checkpointer=SqliteSaver(connection)).start()
    connection.close()
    again = Desk(REQUEST, checkpointer=SqliteSaver(sqlite3.connect(path, check_same_thread=False)))
    panel = panel_of(again)
    assert len(panel.waiting) == 1
    click(panel, "Approve")
    assert again.acted == [{"type": "approve"}]


def test_reject_with_a_reason():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    assert panel.fill_and_press(card, reject("too much"))
    assert desk.acted == [reject("too much")]
    assert 'rejected: "too much"' in panel.text()


def test_edit_keeps_the_types_of_the_values():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    args = {"order": "A-1", "amount": 99.5, "count": 2, "express": True}
    assert panel.fill_and_press(panel.waiting[0], edit("refund", args))
    assert desk.acted == [edit("refund", args)]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ({"amount": "much"}, "amount: 'much' is not a number"),
        ({"count": "1.5"}, "count: '1.5' is not a whole number"),
        ({"amount": "inf"}, "amount: 'inf' is not a number"),
        ({"amount": "1_0.5"}, "amount: '1_0.5' is not a number"),
        ({"count": "1_000"}, "count: '1_000' is not a whole number"),
    ],
)
def test_a_wrong_value_is_refused_and_said(args, complaint):
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    assert not panel.fill_and_press(card, edit("refund", {**REQUEST["args"], **args}))
    assert complaint in card.message
    assert desk.acted == []
    assert panel.fill_and_press(card, approve())
    assert desk.acted == [approve()]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("1", "lines: this is not a list"),
        ("[NaN]", "lines: this is not JSON"),
        ("[1e999]", "lines: this is not JSON"),
    ],
)
def test_a_list_stays_a_list_of_json(typed, complaint):
    desk = Desk({"action": "order", "args": {"lines": ["pen"]}}).start()
    panel = panel_of(desk)
    click(panel, "Edit…")
    (lines,) = controls(panel.widget, "lines")
    lines.value = typed
    click(panel, "Approve with changes")
    assert desk.acted == []
    assert complaint.removeprefix("lines: ") in shown_html(panel.widget)
    lines.value = '["pen", "ink"]'
    click(panel, "Approve with changes")
    assert desk.acted == [edit("order", {"lines": ["pen", "ink"]})]


def test_a_list_of_texts_is_shown_and_edited_one_a_line():
    texts = {"type": "array", "items": {"enum": ["pen", "ink", "wax"]}}
    desk = Desk(
        {
            "action": "order",
            "args": {"lines": ["pen", "ink"]},
            "args_schema": {"type": "object", "properties": {"lines": texts}},
        }
    ).start()
    panel = panel_of(desk)
    assert '<div class="ap-value">pen\nink</div>' in shown_html(panel.widget)
    click(panel, "Edit…")
    (lines,) = controls(panel.widget, "lines")
    assert lines.value == "pen\nink"
    lines.value = "pen\nwool"
    click(panel, "Approve with changes")
    assert desk.acted == []
    assert "&#x27;wool&#x27; is not one of" in shown_html(panel.widget)
    assert not panel.fill_and_press(panel.waiting[0], edit("order", {"lines": ["a\nb"]}))
    (lines,) = controls(panel.widget, "lines")
    lines.value = "pen\n\n wax "
    click(panel, "Approve with changes")
    assert desk.acted == [edit("order", {"lines": ["pen", "wax"]})]


SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "maximum": 200},
        "currency": {"enum": ["EUR", "CHF"]},
        "note": {"type": "string"},
        "due": {"type": "string", "format": "date"},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}


def test_edits_obey_the_schema():
    payload = {
        "action": "refund",
        "args": {"amount": 100, "currency": "EUR"},
        "args_schema": SCHEMA,
    }
    desk = Desk(payload).start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    for args, complaint in [
        ({"amount": 500, "currency": "EUR"}, "500.0 is greater than the maximum of 200"),
        ({"amount": 1, "currency": "EUR", "due": "soon"}, "'soon' is not a 'date'"),
        ({"amount": 1, "currency": "USD"}, "currency: 'USD' is not one of EUR, CHF"),
        ({"amount": 1, "currency": "EUR", "gift": "yes"}, "'gift' was unexpected"),
    ]:
        assert not panel.fill_and_press(card, edit("refund", args))
        assert complaint.replace("500.0", "500") in card.message.replace("500.0", "500")
    good = {"amount": 20, "currency": "CHF"}
    assert panel.fill_and_press(card, edit("refund", good))
    assert desk.acted == [edit("refund", good)]


def in_euros(amount: str) -> str:
    if not amount.replace(".", "", 1).isdigit():
        raise ValueError(f"{amount!r} is not an amount")
    return amount


class Args(BaseModel):
    order: str
    amount: Annotated[str, AfterValidator(in_euros)]


class Action(BaseModel):
    name: str
    args: Args


class Yes(BaseModel):
    type: Literal["approve"]


class Edited(BaseModel):
    type: Literal["edit"]
    edited_action: Action


CHECKED = Annotated[Yes | Edited, Discriminator("type")]
"""Answers that the graph itself checks, before any of them is saved."""


def test_an_edit_that_the_graph_refuses_keeps_the_form_open():
    payload = {"action": "refund", "args": {"order": "A-1", "amount": "1290"}}
    desk = Desk(payload, schema=CHECKED).start()
    view = GraphView(desk.graph)
    panel = panel_of(desk, view=view)
    click(panel, "Edit…")
    (amount,) = controls(panel.widget, "amount")
    amount.value = "a lot"
    click(panel, "Approve with changes")
    assert desk.acted == []
    assert panel.waiting
    assert "Not accepted: amount: 'a lot' is not an amount." in panel.text()
    html = shown_html(panel.widget)
    assert "ap-urgent" in html.partition("&#x27;a lot&#x27; is not an amount")[0][-90:]
    assert "Not accepted: see the field." in html
    assert "ap-invalid" in amount._dom_classes
    assert controls(panel.widget, "amount") == [amount]
    assert view.state_of("ask") == "waiting"
    amount.value = "12.90"
    click(panel, "Approve with changes")
    (acted,) = desk.acted
    assert acted.edited_action.args == Args(order="A-1", amount="12.90")
    html = shown_html(panel.widget)
    assert "Not accepted" not in html
    assert '<del class="ap-old">1290</del> <ins class="ap-new">12.90</ins>' in html


def test_an_edit_that_changes_nothing_is_not_taken():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    click(panel, "Edit…")
    click(panel, "Approve with changes")
    assert desk.acted == []
    assert "Nothing was changed yet" in shown_html(panel.widget)


def test_a_rejection_without_a_reason_says_so_and_has_no_green():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    click(panel, "Reject…")
    click(panel, "Reject")
    assert desk.acted == [reject("")]
    html = shown_html(panel.widget)
    assert "Rejected without a reason" in html
    assert "✓" not in html


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_answer_is_not_taken(empty):
    desk = Desk("Which colour?").start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    assert not panel.fill_and_press(card, empty)
    assert "Write an answer first" in card.message
    assert desk.acted == []
    assert panel.fill_and_press(card, "blue")


def test_a_finished_thread_says_how_to_decide_anew():
    desk = Desk(REQUEST).start()
    click(panel_of(desk), "Approve")
    assert "run the cell that started this run" in panel_of(desk).text()


def test_a_structure_in_the_outcome_is_told_in_words():
    desk = Desk(REQUEST).start()
    panel = panel_of(desk)
    assert panel.fill_and_press(panel.waiting[0], reject("too much"))
    html = shown_html(panel.widget)
    assert "<details><summary>type: reject, message: too much</summary>" in html
    assert "{" not in html.partition("</style>")[2]
    assert "{" not in panel.text()


def test_nodes_that_a_library_named_are_not_told():
    assert Outcome("approved", nodes=["Review.after_model", "__start__", "send"]).summary() == (
        "Ran send. The run waits again."
    )


def test_a_decided_card_is_one_line_below_what_waits():
    asked = iter(range(3))

    def again(_state):
        interrupt({"action": f"send {next(asked)}", "args": {}})

    desk = Desk(REQUEST, act=again).start()
    panel = panel_of(desk)
    click(panel, "Approve")
    first, second = panel.cards
    body = panel._face._body.children
    assert list(body) == [panel._face.view_of(card).widget for card in (second, first)]
    hidden, line = panel._face.view_of(first).widget.children
    assert hidden.layout.display == "none"
    summary = line.value.partition("</summary>")[0]
    assert "Approved" in summary
    assert "refund" in summary


QUESTION = {"question": "Which shelf?", "options": ["left", "right"], "order": "A-1042"}


def test_a_question_with_options_is_answered_by_a_button():
    desk = Desk(QUESTION).start()
    panel = panel_of(desk)
    assert "A-1042" in shown_html(panel.widget)
    click(panel, "right")
    assert desk.acted == ["right"]
    assert 'answered "right"' in panel.text()


def test_an_option_shows_its_label_and_sends_its_value():
    desk = Desk({"question": "Refund?", "options": {"All of it": 12.9, "Nothing": 0}}).start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    assert not panel.fill_and_press(card, "Half of it")
    assert "the panel offers: All of it, Nothing" in card.message
    assert panel.fill_and_press(card, 12.9)
    assert desk.acted == [12.9]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        (["name", "street"], {"name": "Ada", "street": "Kirchgasse 4"}),
        ({"count": 2, "gift": False}, {"count": 3, "gift": True}),
        ({"shelf": ["left", "right"], "weight": {"type": "number", "maximum": 30}},
         {"shelf": "left", "weight": 29.5}),
    ],
)  # fmt: skip
def test_a_question_with_fields_gets_a_dictionary(fields, answer):
    desk = Desk({"question": "Where to?", "fields": fields}).start()
    panel = panel_of(desk)
    assert panel.fill_and_press(panel.waiting[0], answer)
    assert desk.acted == [answer]


@pytest.mark.parametrize("payload", [{"draft": "Dear Ada"}, ["free", {"form": 1}], 7, None])
def test_an_unknown_payload_takes_an_answer(payload):
    desk = Desk(payload).start()
    panel = panel_of(desk)
    assert panel.fill_and_press(panel.waiting[0], "Dear Ms Lovelace")
    assert desk.acted == ["Dear Ms Lovelace"]


PAID = {
    "action": "refund",
    "args": {"order": "A-1042", "amount": "129.00"},
    "facts": {"amount": {"paid": "12.90"}, "order": {"belongs to": "Clara"}, "reviews": 3},
    "args_schema": {"properties": {"amount": {"type": "string", "maximum": 12.90}}},
}


def test_a_fact_stands_beside_its_argument_and_a_mismatch_stands_out():
    html = shown_html(panel_of(Desk(PAID).start()).widget)
    assert '<span class="ap-differs">≠ paid: 12.90</span>' in html
    assert "129.00 is more than the maximum of 12.9" in html
    assert "reviews" in html
    agreed = {**PAID, "args": {"order": "A-1042", "amount": 12.9}, "args_schema": {}}
    html = shown_html(panel_of(Desk(agreed).start()).widget)
    assert '<span class="ap-known">paid: 12.90</span>' in html


@pytest.mark.parametrize("amount", ["12.91", "999999999", "-1e9", "1e9"])
def test_no_edit_beyond_a_limit_is_accepted(amount):
    schema = {"properties": {"amount": {"type": "string", "maximum": 12.90, "minimum": 0}}}
    desk = Desk({**PAID, "args_schema": schema}).start()
    panel = panel_of(desk)
    click(panel, "Approve")
    assert desk.acted == []
    assert "Cannot be approved as it is: amount: 129.00" in panel.text()
    click(panel, "Edit…")
    assert "at least 0, at most 12.9" in shown_html(panel.widget)
    (field,) = controls(panel.widget, "amount")
    field.value = amount
    click(panel, "Approve with changes")
    assert desk.acted == []
    assert "ap-invalid" in field._dom_classes
    field.value = "12.90"
    click(panel, "Approve with changes")
    assert desk.acted == [edit("refund", {"order": "A-1042", "amount": "12.90"})]


def _enter(field):
    field._handle_custom_msg({"event": "submit"}, [])


def test_enter_sends_the_form():
    desk = Desk("Which colour?").start()
    panel = panel_of(desk)
    (field,) = controls(panel.widget, "Your answer")
    field.value = "blue"
    assert desk.acted == []
    _enter(field)
    assert desk.acted == ["blue"]


async def test_enter_waits_for_what_was_typed_before_it():
    desk = Desk("Which colour?").start()
    panel = panel_of(desk)
    (field,) = controls(panel.widget, "Your answer")
    _enter(field)
    assert desk.acted == []
    field.value = "blue"
    assert desk.acted == ["blue"]


def test_every_row_of_the_protocol_is_true():
    rows = PROTOCOL.splitlines()
    assert rows[1] == "|---|---|---|"
    assert all(row.count("|") == 4 for row in rows[:8])


def test_only_what_the_payload_allows_is_offered():
    desk = Desk({**REQUEST, "allow": ["approve", "reject"]}).start()
    panel = panel_of(desk)
    assert not panel.fill_and_press(panel.waiting[0], edit("refund", REQUEST["args"]))
    assert "'edit' is not offered here; the panel offers: approve, reject" in panel.text()
    assert buttons(panel.widget, "Edit…") == []
    assert desk.acted == []


@pytest.mark.parametrize("nothing", [[], ["bogus"], "approve"])
def test_a_payload_that_allows_nothing_gets_no_button_and_a_reason(nothing):
    desk = Desk({**REQUEST, "allow": nothing}).start()
    panel = panel_of(desk)
    assert "Nothing can be decided here" in shown_html(panel.widget)
    assert not panel.fill_and_press(panel.waiting[0], approve())
    assert desk.acted == []
    batch = {
        "action_requests": [{"name": "refund", "args": {}}],
        "review_configs": [{"action_name": "refund", "allowed_decisions": nothing}],
    }
    assert "Nothing can be decided here" in panel_of(Desk(batch).start()).text()


def test_answer_a_question():
    desk = Desk("Which colour?").start()
    panel = panel_of(desk)
    assert panel.fill_and_press(panel.waiting[0], respond("blue"))
    assert desk.acted == ["blue"]


class Parcel(BaseModel):
    weight: int
    insured: bool = False


def test_a_response_schema_becomes_a_form():
    desk = Desk("How heavy is it?", schema=Parcel).start()
    panel = panel_of(desk)
    (card,) = panel.waiting
    assert not panel.fill_and_press(card, {"weight": "heavy"})
    assert panel.fill_and_press(card, {"weight": 3, "insured": True})
    assert desk.acted == [Parcel(weight=3, insured=True)]


def test_any_other_value_can_be_approved_or_rejected():
    desk = Desk(["free", {"form": 1}]).start()
    panel = panel_of(desk)
    assert "free" in shown_html(panel.widget)
    click(panel, "Approve")
    assert desk.acted == [approve()]


def test_an_error_of_the_graph_is_shown_and_tried_again_without_asking():
    attempts = []

    def deliver(_state):
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("the mail server <b>hung up</b>")

    desk = Desk(REQUEST, act=deliver).start()
    panel = panel_of(desk)
    click(panel, "Approve")
    html = shown_html(panel.widget)
    assert "The run failed: ConnectionError: the mail server &lt;b&gt;hung up&lt;/b&gt;" in html
    assert len(desk.acted) == 1
    click(panel, "Try again")
    assert len(attempts) == 2
    assert "The run is finished." in panel.text()


def test_a_breakpoint_can_be_passed():
    ran = []
    builder = StateGraph(State)
    builder.add_node("first", lambda state: {})
    builder.add_node("second", lambda state: ran.append(1) or {})
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    builder.add_edge("second", END)
    graph = builder.compile(checkpointer=InMemorySaver(), interrupt_before=["second"])
    config = {"configurable": {"thread_id": "b"}}
    graph.invoke({}, config)
    panel = ApprovalPanel(graph, config)
    (button,) = buttons(panel.widget, "Continue")
    button.click()
    button.click()
    assert ran == [1]


def test_several_interrupts_are_answered_one_by_one():
    done = []

    def branch(name):
        def node(state):
            done.append((name, interrupt({"action": name, "args": {}})["type"]))
            return {}

        return node

    builder = StateGraph(State)
    for name in ("a", "b"):
        builder.add_node(name, branch(name))
        builder.add_edge(START, name)
    graph = builder.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "two"}}
    graph.invoke({}, config)
    panel = ApprovalPanel(graph, config)
    first, second = panel.waiting
    assert panel.fill_and_press(second, approve())
    assert done == [("b", "approve")]
    assert panel.waiting == [first]
    assert panel.fill_and_press(first, reject("no"))
    assert sorted(done) == [("a", "reject"), ("b", "approve")]
    assert "The run is finished" in panel.text()


def test_a_loop_back_to_the_draft_shows_the_next_request():
    def ask(state):
        answer = interrupt({"action": "send", "args": {"n": state.get("answer", 0)}})
        if answer["type"] == "reject":
            return {"answer": state.get("answer", 0) + 1}
        return {"answer": "sent"}

    builder = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    builder.add_conditional_edges("ask", lambda s: END if s["answer"] == "sent" else "ask")
    graph = builder.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "loop"}}
    graph.invoke({}, config)
    panel = ApprovalPanel(graph, config)
    for _ in range(3):
        assert panel.fill_and_press(panel.waiting[0], reject(""))
    assert panel.fill_and_press(panel.waiting[0], approve())
    assert [card.state for card in panel.cards] == ["done"] * 4
    assert panel.waiting == []


async def test_an_asynchronous_graph_resumes_on_the_click(tmp_path):
    acted = []

    async def ask(state: State) -> State:
        return {"answer": interrupt(REQUEST)}

    async def act(state: State) -> State:
        await asyncio.sleep(0)
        acted.append(state["answer"])
        return {}

    builder = StateGraph(State)
    builder.add_node("ask", ask)
    builder.add_node("act", act)
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "act")
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "a.sqlite")) as saver:
        graph = builder.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": "async"}}
        await graph.ainvoke({}, config)
        panel, other = ApprovalPanel(graph, config), ApprovalPanel(graph, config)
        await panel.load()
        await other.load()
        (button,) = buttons(panel.widget, "Approve")
        (rival,) = buttons(other.widget, "Approve")
        button.click()
        rival.click()
        button.click()
        while panel._tasks or other._tasks:
            await asyncio.gather(*panel._tasks, *other._tasks)
    assert acted == [approve()]
    assert "The run is finished" in panel.text()
