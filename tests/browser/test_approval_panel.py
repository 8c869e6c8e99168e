"""The approval panel in real JupyterLab, pressed as a learner presses it."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.browser.lab_harness import RESULTS

DESK = """
from typing import Literal, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from courseware.widgets import ApprovalPanel, GraphView, decide

sent = []


class State(TypedDict, total=False):
    draft: str
    status: str


def draft(state: State) -> State:
    return {"draft": "Dear Ms Okafor,\\n\\nyour order A-1042 leaves our house today."}


def review(state: State) -> Command[Literal["send", "__end__"]]:
    decision = interrupt(
        {
            "action": "send_email",
            "args": {
                "to": "m.okafor@example.org",
                "subject": "Your order A-1042",
                "body": state["draft"],
                "copies": 1,
                "urgent": False,
            },
            "reason": "An e-mail to a customer leaves the house.",
            "requested_by": "support agent",
        }
    )
    if decision["type"] == "reject":
        return Command(goto=END, update={"status": f"rejected: {decision['message']}"})
    args = decision.get("edited_action", {}).get("args", {})
    return Command(goto="send", update={"draft": args.get("body", state["draft"])})


def send(state: State) -> State:
    sent.append(state["draft"])
    return {"status": "sent"}


builder = StateGraph(State)
builder.add_node("draft", draft)
builder.add_node("review", review)
builder.add_node("send", send)
builder.add_edge(START, "draft")
builder.add_edge("draft", "review")
builder.add_edge("send", END)
graph = builder.compile(checkpointer=InMemorySaver())
config = {"configurable": {"thread_id": "order-A-1042"}}
"""

START = "_ = graph.invoke({}, config)"
DECIDE = "state = await decide(graph, config)"
RESULT = 'print("status:", state["status"], "| sent:", len(sent))'


def test_run_all_waits_for_a_human_who_takes_his_time(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.wait_text(2, "Waits for you")
    notebook.screenshot("panel_waiting")
    notebook.screenshot("panel_waiting_only", notebook.outputs(2))
    notebook.page.wait_for_timeout(2500)
    assert notebook.prompt(3) == "[*]:"
    notebook.click("Approve")
    notebook.wait_text(2, "Approved")
    notebook.wait_idle()
    assert "status: sent | sent: 1" in notebook.output(3)
    notebook.screenshot("panel_approved", notebook.outputs(2))


def test_reject_with_a_reason(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.click("Reject…")
    notebook.fill("Reason", "The date is missing.")
    notebook.screenshot("panel_reject_form", notebook.outputs(2))
    notebook.click("Reject", 2)
    notebook.wait_text(2, 'Rejected: "The date is missing."')
    notebook.wait_idle()
    assert "status: rejected: The date is missing. | sent: 0" in notebook.output(3)
    notebook.screenshot("panel_rejected", notebook.outputs(2))


def test_edit_with_a_wrong_value_first(lab):
    notebook = lab.open([DESK, START, DECIDE, 'print(repr(state["draft"]), len(sent))'])
    notebook.run_all(wait=False)
    notebook.click("Edit…")
    notebook.fill("copies", "two")
    notebook.fill("body", "Dear Ms Okafor,\n\nit leaves on Friday.")
    notebook.click("Approve with changes")
    notebook.wait_text(2, "'two' is not a whole number")
    notebook.screenshot("panel_edit_invalid", notebook.outputs(2))
    notebook.fill("copies", "2")
    notebook.click("Approve with changes")
    notebook.wait_text(2, "Approved with")
    notebook.wait_idle()
    assert notebook.output(3).strip() == r"'Dear Ms Okafor,\n\nit leaves on Friday.' 1"
    notebook.screenshot("panel_edited", notebook.outputs(2))


CHECKED = """
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator


def in_euros(amount: str) -> str:
    if not amount.replace(".", "", 1).isdigit():
        raise ValueError(f"{amount!r} is not an amount in euros")
    return amount


class Args(BaseModel):
    order: str
    amount: Annotated[str, AfterValidator(in_euros)]


class Action(BaseModel):
    name: str
    args: Args


class Yes(BaseModel):
    type: Literal["approve"]


class Edit(BaseModel):
    type: Literal["edit"]
    edited_action: Action


def ask(state):
    request = {"action": "refund", "args": {"order": "MF-1042", "amount": "1290"}}
    found = interrupt(request, response_schema=Annotated[Yes | Edit, Discriminator("type")])
    return {"status": found.edited_action.args.amount}


builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
graph = builder.compile(checkpointer=InMemorySaver())
"""


def scrollbars(notebook) -> list[str]:
    """Parts of a panel that can be scrolled sideways."""
    return notebook.page.evaluate(
        """() => [...document.querySelectorAll('.ap-panel, .ap-panel *')].filter(e =>
          e.scrollWidth > e.clientWidth && e.clientWidth > 0
          && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))
          .map(e => e.className + ' ' + e.scrollWidth + ' > ' + e.clientWidth)"""
    )


def test_an_edit_that_the_graph_refuses_keeps_the_form(lab):
    notebook = lab.open([DESK, CHECKED, START, DECIDE, 'print(state["status"])'])
    notebook.run_all(wait=False)
    notebook.click("Edit…")
    notebook.click("Approve with changes")
    notebook.wait_text(3, "Nothing was changed yet")
    notebook.fill("amount", "a lot")
    notebook.click("Approve with changes")
    notebook.wait_text(3, "'a lot' is not an amount in euros")
    refused = notebook.outputs(3).get_by_text("'a lot' is not an amount in euros")
    red, _, blue = refused.evaluate("e => getComputedStyle(e).color.match(/[0-9]+/g).map(Number)")
    assert red > 2 * blue
    assert notebook.field("amount", 3).input_value() == "a lot"
    assert scrollbars(notebook) == []
    notebook.screenshot("panel_edit_refused", notebook.outputs(3))
    notebook.fill("amount", "12.90")
    notebook.click("Approve with changes")
    notebook.wait_text(3, "Approved with")
    notebook.wait_idle()
    assert notebook.output(4).strip() == "12.90"
    assert notebook.outputs(3).get_by_text("Not accepted").count() == 0
    notebook.screenshot("panel_edit_mended", notebook.outputs(3))


def test_no_form_and_no_slider_can_be_scrolled_sideways(lab):
    slider = (
        "from courseware.widgets import slider_plot\n"
        'slider_plot(lambda limit: \'<svg width="100" height="20"></svg>\', limit=(0, 200, 50))'
    )
    notebook = lab.open(
        [DESK, START, "ApprovalPanel(graph, config)", slider], width=1300, height=900
    )
    notebook.run_all()
    for form, field in (("Reject…", "Reason"), ("Edit…", "subject")):
        notebook.click(form)
        notebook.field(field, 2).wait_for()
        assert scrollbars(notebook) == []
        notebook.click("Cancel")
    notebook.screenshot("panel_and_slider")


QUESTION = """
def ask(state):
    answer = interrupt("Which colour should the notebooks of order A-1042 have?")
    return {"status": answer}

builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
graph = builder.compile(checkpointer=InMemorySaver())
"""


def test_answer_a_question(lab):
    notebook = lab.open([DESK, QUESTION, START, DECIDE, 'print(state["status"])'])
    notebook.run_all(wait=False)
    notebook.fill("Your answer", "  ")
    notebook.click("Send answer")
    notebook.wait_text(3, "Write an answer first")
    notebook.fill("Your answer", "marine blue")
    notebook.screenshot("panel_question", notebook.outputs(3))
    notebook.click("Send answer")
    notebook.wait_idle()
    assert notebook.output(4).strip() == "marine blue"


def test_double_click_executes_once(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.button("Approve", 2).dblclick()
    notebook.wait_text(2, "Approved")
    notebook.wait_idle()
    assert "sent: 1" in notebook.output(3)


def test_two_panels_on_one_interrupt(lab):
    notebook = lab.open(
        [DESK, START, "ApprovalPanel(graph, config)", "ApprovalPanel(graph, config)", "len(sent)"]
    )
    notebook.run_all()
    notebook.page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea button')]
          .filter(b => b.textContent.trim() === 'Approve' && b.offsetParent)
          .forEach(b => b.click())"""
    )
    notebook.wait_text(2, "Approved")
    notebook.wait_text(3, "Decided elsewhere")
    notebook.run_cell(4)
    assert notebook.output(4).strip() == "1"
    notebook.screenshot("panel_decided_elsewhere", notebook.outputs(3))


def test_stop_button_gets_through_and_the_cell_runs_again(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.wait_text(2, "Waits for you")
    notebook.interrupt()
    notebook.wait_idle()
    assert "Stopped" in notebook.output(2)
    assert "Traceback" not in notebook.output(2)
    assert notebook.output(2).count("The waiting was stopped") == 1
    notebook.screenshot("panel_stopped", notebook.outputs(2))
    notebook.run_cell(2, wait=False)
    notebook.click("Approve")
    notebook.wait_idle()
    notebook.run_cell(3)
    assert "status: sent | sent: 1" in notebook.output(3)


SQLITE = """
import sqlite3

from langgraph.checkpoint.sqlite import SqliteSaver

connection = sqlite3.connect("desk.sqlite", check_same_thread=False)
graph = builder.compile(checkpointer=SqliteSaver(connection))
if not graph.get_state(config).created_at:
    graph.invoke({}, config)
"""


def test_kernel_restart_with_a_waiting_decision(lab):
    notebook = lab.open([DESK, SQLITE, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.wait_text(2, "Waits for you")
    notebook.restart_kernel()
    notebook.page.wait_for_selector(".ap-panel.jupyter-widgets-disconnected")
    advice = notebook.page.evaluate(
        """() => getComputedStyle(
          document.querySelector('.ap-panel.jupyter-widgets-disconnected'), '::after').content"""
    )
    assert "one in a file or database still waits" in advice
    notebook.screenshot("panel_kernel_gone", notebook.outputs(2))
    notebook.run_all(wait=False)
    notebook.click("Approve")
    notebook.wait_text(2, "Approved")
    notebook.wait_idle()
    assert "status: sent | sent: 1" in notebook.output(3)


def test_keyboard_alone(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.wait_text(2, "Waits for you")
    (RESULTS / "panel_accessibility_tree.txt").write_text(
        notebook.outputs(2).aria_snapshot(), encoding="utf-8"
    )
    notebook.button("Approve", 2).focus()
    keys = notebook.page.keyboard
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    notebook.field("Reason", 2).wait_for()
    notebook.page.wait_for_function("() => document.activeElement.tagName === 'INPUT'")
    keys.type("Not today")
    keys.press("Tab")
    keys.press("Space")
    notebook.wait_idle()
    assert "rejected: Not today" in notebook.output(3)


def test_dark_theme(lab):
    notebook = lab.open([DESK, START, "ApprovalPanel(graph, config)"])
    notebook.run_all()
    notebook.theme("JupyterLab Dark")
    notebook.click("Edit…")
    notebook.field("subject", 2).wait_for()
    notebook.screenshot("panel_dark", notebook.outputs(2))


HOSTILE = """
def ask(state):
    decision = interrupt(
        {
            "action": "<img src=x onerror=\\"document.title='hacked'\\">",
            "args": {"<script>document.title='hacked'</script>": "</textarea><b id=bold>x</b>"},
            "reason": "<style>body{display:none}</style>",
        }
    )
    return {"status": decision["type"]}

builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
graph = builder.compile(checkpointer=InMemorySaver())
"""


def test_payload_is_text_never_html(lab):
    notebook = lab.open([DESK, HOSTILE, START, "ApprovalPanel(graph, config)"])
    notebook.run_all()
    notebook.click("Edit…")
    notebook.wait_text(3, "<style>body{display:none}</style>")
    outputs = notebook.outputs(3)
    assert outputs.locator("img, script, #bold").count() == 0
    notebook.click("Cancel", 3)
    notebook.click("Approve", 3)
    notebook.wait_text(3, "Approved")
    assert "hacked" not in notebook.page.title()
    notebook.screenshot("panel_hostile_payload", outputs)


MEETING = """
import operator
from typing import Annotated


class Refunds(TypedDict, total=False):
    done: Annotated[list, operator.add]


def refund(order, amount):
    def node(state):
        decision = interrupt({"action": "refund", "args": {"order": order, "amount": amount}})
        return {"done": [f"{order} {decision['type']}"]}

    return node


builder = StateGraph(Refunds)
for order, amount in (("A-1042", 129.0), ("A-1043", 80.5)):
    builder.add_node(order, refund(order, amount))
    builder.add_edge(START, order)
graph = builder.compile(checkpointer=InMemorySaver())
view = GraphView(graph)
"""


def test_two_interrupts_at_once_and_the_graph_view(lab):
    notebook = lab.open(
        [
            DESK,
            MEETING,
            "_ = view.run({}, config)",
            "state = await decide(graph, config, view=view)",
            'print(state["done"])',
        ]
    )
    notebook.run_all(wait=False)
    notebook.wait_text(3, "2 wait for you")
    states = 'g[data-state="waiting"]'
    notebook.outputs(2).locator(states).nth(1).wait_for()
    notebook.screenshot("two_interrupts")
    approve = notebook.outputs(3).get_by_role("button", name="Approve", exact=True)
    approve.locator("visible=true").nth(1).click()
    notebook.wait_text(3, "Approved")
    expect(notebook.outputs(2).locator(states)).to_have_count(1)
    notebook.click("Reject…", 3)
    notebook.click("Reject", 3)
    notebook.wait_idle()
    assert notebook.output(4).strip() == "['A-1042 reject', 'A-1043 approve']"
    expect(notebook.outputs(2).locator('g[data-state="done"]')).to_have_count(2)
    notebook.screenshot("two_interrupts_decided")


def test_enter_sends_what_was_typed(lab):
    notebook = lab.open([DESK, QUESTION, START, DECIDE, 'print(state["status"])'])
    notebook.run_all(wait=False)
    field = notebook.field("Your answer", 3)
    field.click()
    notebook.page.keyboard.type("marine blue")
    notebook.page.keyboard.press("Enter")
    notebook.wait_idle()
    assert notebook.output(4).strip() == "marine blue"


def test_a_waiting_cell_that_is_run_again_keeps_its_panel(lab):
    notebook = lab.open([DESK, START, DECIDE, RESULT])
    notebook.run_all(wait=False)
    notebook.wait_text(2, "Waits for you")
    notebook.command("notebook:select-next")
    notebook.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2; }"
    )
    notebook.command("notebook:run-cell")
    notebook.wait_text(2, "Waits for you", seconds=5)
    notebook.click("Approve", 2)
    notebook.wait_idle()
    notebook.run_cell(3)
    assert "status: sent | sent: 1" in notebook.output(3)


REFUND = """
def ask(state):
    decision = interrupt(
        {
            "action": "refund",
            "args": {"order": "A-1042", "amount": "129.00"},
            "facts": {"amount": {"paid": "12.90"}},
            "args_schema": {"properties": {"amount": {"type": "string", "maximum": 12.90}}},
        }
    )
    again = interrupt({"question": "Which parcel service?", "options": ["Post", "Courier"]})
    return {"status": f"{decision['type']} {again}"}

builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
graph = builder.compile(checkpointer=InMemorySaver())
"""


def test_nothing_above_what_was_paid_is_accepted(lab):
    notebook = lab.open([DESK, REFUND, START, DECIDE, 'print(state["status"])'])
    notebook.run_all(wait=False)
    notebook.wait_text(3, "paid: 12.90")
    notebook.click("Approve")
    notebook.wait_text(3, "Cannot be approved as it is")
    notebook.click("Edit…")
    notebook.fill("amount", "999999999")
    notebook.click("Approve with changes")
    notebook.wait_text(3, "999999999 is more than the maximum of 12.9")
    notebook.screenshot("panel_limit", notebook.outputs(3))
    notebook.theme("JupyterLab Dark")
    notebook.screenshot("panel_limit_dark", notebook.outputs(3))
    notebook.fill("amount", "12.90")
    notebook.page.keyboard.press("Enter")
    notebook.button("Courier", 3).wait_for()
    notebook.screenshot("panel_options", notebook.outputs(3))
    notebook.click("Courier")
    notebook.wait_idle()
    assert notebook.output(4).strip() == "edit Courier"
    notebook.screenshot("panel_decided", notebook.outputs(3))
