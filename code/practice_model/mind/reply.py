"""The answer to one request: text, tool calls, or both."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ToolCall:
    """One call the model asks for: a tool's name and its arguments (a JSON object)."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One assistant message: `content` is None when the message only carries tool calls."""

    content: str | None
    tool_calls: list[ToolCall] = field(default_factory=list)
