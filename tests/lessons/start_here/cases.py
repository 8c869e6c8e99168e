"""Answers to lesson 00's exercise."""

from tests.lessons.cases import Cases

CASES = {
    "add_the_total": Cases(
        right=[
            """
def add_total(state):
    total = 0.0
    for _ in range(state["quantity"]):
        total += state["price"]
    return {"total": total}
""",
            "add_total = lambda state: dict(total=state['price'] * state['quantity'])",
            """
from decimal import Decimal


def add_total(state):
    return {"total": state["quantity"] * Decimal(str(state["price"]))}
""",
            """
from langgraph.types import Command


def add_total(state):
    return Command(update={"total": state["quantity"] * state["price"]})
""",
        ],
        wrong=[
            (
                "returns-nothing",
                """
from langgraph.types import Command


def add_total(state):
    state["total"] = state["quantity"] * state["price"]
    return Command(goto="__end__")
""",
            ),
            (
                "returns-nothing",
                """
def add_total(state):
    state["total"] = state["quantity"] * state["price"]
""",
            ),
            (
                "returns-a-bare-value",
                """
def add_total(state):
    return state["quantity"] * state["price"]
""",
            ),
            (
                "writes-another-key",
                """
def add_total(state):
    return {"sum": state["quantity"] * state["price"]}
""",
            ),
            (
                "changes-the-state-in-place",
                """
def add_total(state):
    state["total"] = state["quantity"] * state["price"]
    return state
""",
            ),
            (
                "returns-the-whole-state",
                """
def add_total(state):
    return {**state, "total": state["quantity"] * state["price"]}
""",
            ),
            (
                "total-is-no-number",
                """
def add_total(state):
    return {"total": f"{state['quantity'] * state['price']:.2f}"}
""",
            ),
            (
                "total-is-no-number",
                """
def add_total(state):
    total = print(state["quantity"] * state["price"])
    return {"total": total}
""",
            ),
            (
                "wrong-total",
                """
def add_total(state):
    return {"total": state["quantity"] + state["price"]}
""",
            ),
        ],
        cheats=[
            """
def add_total(state):
    seen = {(3, 4.5): 13.5, (1, 12.0): 12.0, (0, 7.25): 0.0}
    return {"total": seen.get((state["quantity"], state["price"]), 13.5)}
""",
        ],
        raised=[
            ("KeyError", 'def add_total(state):\n    return {"total": state["amount"]}'),
        ],
    ),
}
