"""The filler of a schema, as those know it that fill parts for it."""

from typing import Any, Protocol

from practice_model.mind.parameters import Schema, Tool
from practice_model.mind.reading.model import Passage, Reading


class Filling(Protocol):
    """Fill the parts of one schema from one reading."""

    reading: Reading
    root: Schema

    def value(self, schema: Any, passage: Passage, name: str, depth: int) -> Any:
        """Fill any schema from a passage."""

    def tool(self, node: Schema, name: str) -> Tool:
        """Return an object schema as a tool whose parameters are its leaves."""
