"""Lesson 04 in real JupyterLab: a worker restarted, the scrubber moved, a fork run."""

from __future__ import annotations

from pathlib import Path

import nbformat
from tests.browser.lab_harness import Notebook

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "04_persistence.ipynb"

SOURCES = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]

CHANGES = "Changes (JSON; an update, as a node would return it; may be left empty)"

EXPLORED = """
import operator
from typing import Annotated, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from courseware.widgets import CheckpointExplorer


class Order(TypedDict, total=False):
    total: int
    note: str
    done: Annotated[list[str], operator.add]


def price(order):
    return {"total": 1350, "done": ["price"], "note": "<b>gift</b>"}


def charge(order):
    return {"done": [f"charged {order['total']}"]}


builder = StateGraph(Order)
builder.add_sequence([price, charge])
builder.add_edge(START, "price")
graph = builder.compile(checkpointer=InMemorySaver())
config = {"configurable": {"thread_id": "MF-1042"}}
graph.invoke({"done": []}, config)
explorer = CheckpointExplorer(graph, config, at=2)
explorer
"""


def cell(text: str) -> int:
    found = [number for number, source in enumerate(SOURCES) if text in source]
    assert len(found) == 1, (text, found)
    return found[0]


def slide(notebook: Notebook, number: int, key: str, times: int) -> None:
    handle = notebook.outputs(number).get_by_role("slider").first
    handle.focus()
    for _ in range(times):
        handle.press(key)


def test_the_scrubber_moves_and_a_fork_runs_on(lab):
    notebook = lab.open([EXPLORED, "graph.get_state(config).values"])
    notebook.run_cell(0)
    notebook.wait_text(0, "Checkpoint 2: after price")
    assert "<b>gift</b>" in notebook.output(0)
    notebook.screenshot("explorer_at_2", notebook.outputs(0))

    slide(notebook, 0, "ArrowRight", 1)
    notebook.wait_text(0, "Checkpoint 3: after charge")
    notebook.wait_text(0, "added charged 1350")
    notebook.click("◀ Back")
    notebook.wait_text(0, "Checkpoint 2: after price")

    notebook.fill(CHANGES, '{"total": 1000')
    notebook.click("Fork from here and run on")
    notebook.wait_text(0, "The changes are not JSON")
    notebook.fill(CHANGES, '{"total": 1000}')
    notebook.screenshot("explorer_before_fork", notebook.outputs(0))
    notebook.click("Fork from here and run on")
    notebook.wait_text(0, "Run on from checkpoint 2; the new branch 1 ends here.")
    notebook.wait_text(0, "added charged 1000")
    notebook.screenshot("explorer_after_fork", notebook.outputs(0))

    notebook.run_cell(1)
    notebook.wait_text(1, "charged 1000")
    notebook.theme("JupyterLab Dark")
    notebook.screenshot("explorer_dark", notebook.outputs(0))
    assert notebook.errors == []


def test_the_lesson_runs_in_one_go_and_its_widgets_answer(lab):
    notebook = lab.open(NOTEBOOK)
    notebook.run_all(seconds=170)
    for number, source in enumerate(SOURCES):
        assert "Traceback" not in notebook.output(number), source

    explorer = cell("CheckpointExplorer(orders, mf_1042, at=2)")
    notebook.wait_text(explorer, "Checkpoint 2: after price")
    slide(notebook, explorer, "ArrowRight", 2)
    notebook.wait_text(explorer, "Checkpoint 4: after charge")
    notebook.fill(CHANGES, '{"total": 900}', explorer)
    notebook.click("Fork from here and run on", explorer)
    notebook.wait_text(explorer, "ends here.")
    notebook.screenshot("lesson_04_forked", notebook.outputs(explorer))

    assert "['pack', 'confirm']" in notebook.output(cell("restart_in_mid_order(shop)"))

    costs = cell("cost_slider(costs)")
    before = notebook.outputs(costs).locator("svg").first.inner_html()
    slide(notebook, costs, "ArrowRight", 2)
    notebook.wait_text(costs, "1000 kB of state")
    assert notebook.outputs(costs).locator("svg").first.inner_html() != before
    notebook.screenshot("lesson_04_costs", notebook.outputs(costs))
    assert notebook.errors == []
