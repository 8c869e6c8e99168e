"""Solve: Keys for parallel nodes."""

from typing import Annotated, TypedDict

from agent_patterns.state import append, maximum


class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: Annotated[float | None, maximum]
