"""Solve: Answer every call."""

from langchain_core.messages import ToolMessage


def answer_calls(message, functions):
    """Return one ToolMessage for each call; `functions` maps names to plain functions."""
    results = []
    for call in message.tool_calls:
        try:
            text, status = str(functions[call["name"]](**call["args"])), "success"
        except Exception as error:
            text, status = f"{type(error).__name__}: {error}", "error"
        results.append(ToolMessage(text, tool_call_id=call["id"], status=status))
    return results
