"""The rules a conversation must follow beyond the shape of each message."""

from __future__ import annotations

from collections.abc import Sequence

from practice_model.server.errors import bad_request
from practice_model.server.schema import AssistantMessage, Message, ToolMessage


def check_transcript(messages: Sequence[Message]) -> None:
    """Raise an `ApiError` 400 for a transcript that a real API refuses.

    Each tool call needs its tool message, right after the assistant message that made it; each
    tool message needs its call; and an assistant message needs content or tool calls.
    """
    waiting: list[str] = []
    called: set[str] = set()
    for index, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            _check_tool_message(message, index, called)
            if message.tool_call_id in waiting:
                waiting.remove(message.tool_call_id)
            continue
        _refuse_waiting(waiting, index)
        called = set()
        if isinstance(message, AssistantMessage):
            if message.tool_calls:
                waiting = [call.id for call in message.tool_calls]
                called = set(waiting)
            elif message.content is None and message.refusal is None and message.audio is None:
                raise bad_request(
                    "Invalid value for 'content': expected a string, got null.",
                    param=f"messages.[{index}].content",
                )
    _refuse_waiting(waiting, len(messages))


def _check_tool_message(message: ToolMessage, index: int, called: set[str]) -> None:
    if not called:
        raise bad_request(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            param=f"messages.[{index}].role",
        )
    if message.tool_call_id not in called:
        raise bad_request(
            f"Invalid parameter: 'tool_call_id' of '{message.tool_call_id}' not found in "
            "'tool_calls' of previous message.",
            param=f"messages.[{index}].tool_call_id",
        )


def _refuse_waiting(waiting: list[str], index: int) -> None:
    if waiting:
        raise bad_request(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            + ", ".join(waiting),
            param=f"messages.[{index}].role",
        )
