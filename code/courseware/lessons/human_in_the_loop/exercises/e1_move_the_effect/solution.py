"""Solve: Move the effect."""

from langgraph.types import interrupt

from .given import Notice, compiled


def build_notice(send):
    def notify(state: Notice) -> Notice:
        send(state["to"])
        return {}

    def ask(state: Notice) -> Notice:
        return {"decision": interrupt("Refund 12.90 euros?")}

    return compiled(notify, ask, state=Notice)
