"""Lesson 02: the desk's tools, the plot, and the program."""

from __future__ import annotations

import subprocess
import sys

import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_openai import ChatOpenAI

from courseware import connect
from courseware.lessons.agents_tools_and_loops.bill import bill_plot
from courseware.lessons.agents_tools_and_loops.desk import ORDERS, check_stock, look_up_order
from courseware.runtime.paths import CODE


def test_the_tools_read_the_books() -> None:
    for order, status in ORDERS.items():
        assert look_up_order.invoke({"order_id": order}) == status
    assert look_up_order.invoke({"order_id": "MF-1"}) == "There is no order MF-1."
    assert check_stock.invoke({"item": "notebooks"}) == "120 in stock"
    assert check_stock.invoke({"item": "umbrella"}) == "0 in stock"


def test_the_plot_adds_up_what_is_billed() -> None:
    plot = bill_plot([100, 130, 160, 190], allowed=4)
    assert "580" in plot.svg
    plot.sliders["model_calls"].value = 2
    assert plot.text() == "2 model calls allowed: 230 tokens billed"


def test_a_model_that_must_call_a_tool_never_answers() -> None:
    """The lesson's runaway loop: with ``tool_choice="any"`` an API answers with a call only."""
    llm = ChatOpenAI(model=connect().model, temperature=0)
    forced = llm.bind_tools([look_up_order, check_stock], tool_choice="any")
    messages: list[BaseMessage] = [HumanMessage("Where is order MF-1042?")]
    for _ in range(5):
        answer = forced.invoke(messages)
        assert answer.tool_calls
        messages.append(answer)
        for call in answer.tool_calls:
            name = {"look_up_order": look_up_order, "check_stock": check_stock}[call["name"]]
            messages.append(name.invoke(call))


def run(*questions: str) -> str:
    done = subprocess.run(
        [sys.executable, str(CODE / "02_agents_tools_and_loops.py"), *questions],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_the_program_ends_a_runaway_turn_and_goes_on() -> None:
    good, first, second = run().split("\n\n> ")[1:]
    assert ORDERS["MF-1042"] in good
    assert ORDERS["MF-1043"] in good
    assert "stopped" not in good
    for turn in (first, second):
        assert "I have to stop here" in turn
        assert "iterations 6" in turn


@pytest.mark.slow
def test_the_program_answers_questions_of_yours() -> None:
    assert ORDERS["MF-1044"] in run("Where is order MF-1044?")
