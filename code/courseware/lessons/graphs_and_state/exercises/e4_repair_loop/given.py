"""Give what the starter defines."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class Job(TypedDict, total=False):
    """The state of the repair loop."""

    task: str
    code: str
    report: str
    attempts: int
    status: str


__all__ = ["END", "START", "Job", "StateGraph"]
