"""Solve: A node that adds the total."""


def add_total(state):
    """Return the order's total: its quantity times its price."""
    return {"total": state["quantity"] * state["price"]}
