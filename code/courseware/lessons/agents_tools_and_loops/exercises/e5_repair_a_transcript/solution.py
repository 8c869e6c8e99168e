"""Solve: Repair a transcript."""

from langchain_core.messages import AIMessage, ToolMessage


def repair_messages(messages):
    """Return the messages with every tool call followed at once by its one result."""
    repaired = []
    for place, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            continue
        repaired.append(message)
        for call in message.tool_calls if isinstance(message, AIMessage) else ():
            found = [
                later
                for later in messages[place + 1 :]
                if isinstance(later, ToolMessage) and later.tool_call_id == call["id"]
            ]
            lost = ToolMessage("This call was not run.", tool_call_id=call["id"], status="error")
            repaired.append(found[0] if found else lost)
    return repaired
