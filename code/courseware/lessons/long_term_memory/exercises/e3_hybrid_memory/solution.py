"""Solve: Hybrid memory."""

import json

from langchain_core.messages import AIMessage, ToolMessage


def build_request(messages, search, window):
    """Return the system prompt, the last exchanges, and what is recalled, as a tool's result."""
    question = messages[-1].text
    system = [message for message in messages if message.type == "system"]
    starts = [at for at, message in enumerate(messages) if message.type == "human"]
    request = [*system, *messages[starts[-window:][0] :]]
    texts = [memory.text for memory in search(question) if memory.score >= 0.3]
    if texts:
        call = {"name": "recall", "args": {"question": question}, "id": "recall"}
        request.append(AIMessage("", tool_calls=[call]))
        request.append(ToolMessage(json.dumps(texts), tool_call_id="recall"))
    return request
