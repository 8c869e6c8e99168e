"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class Refund(TypedDict, total=False):
    """A refund, as the parent knows it too."""

    order: str
    amount: int
    paid: bool
