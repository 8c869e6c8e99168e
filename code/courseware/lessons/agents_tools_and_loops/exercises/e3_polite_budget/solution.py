"""Solve: A budget that stops politely."""

from .given import END, AIMessage, Command


def make_router(most):
    """Return a node that lets at most `most` tool calls through."""

    def router(state):
        last = state["messages"][-1]
        if not last.tool_calls:
            return Command(goto=END)
        calls = state.get("calls", 0) + len(last.tool_calls)
        if calls <= most:
            return Command(goto="tools", update={"calls": calls})
        sorry = AIMessage(f"I stopped: this takes more than {most} look-ups.", id=last.id)
        return Command(goto=END, update={"messages": [sorry]})

    return router
