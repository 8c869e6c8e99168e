"""Solve: Add the schema."""

from typing import Annotated

from langgraph.types import interrupt
from pydantic import Field

from .given import Stock, compiled


def build_order(limit, place):
    Quantity = Annotated[int, Field(ge=1, le=limit)]

    def ask(state: Stock) -> Stock:
        return {"quantity": interrupt("How many?", response_schema=Quantity)}

    def order(state: Stock) -> Stock:
        place(state["quantity"])
        return {}

    return compiled(ask, order, state=Stock)
