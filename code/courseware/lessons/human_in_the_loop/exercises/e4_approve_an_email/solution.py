"""Solve: An e-mail agent that sends only what was approved."""

from typing import Literal, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt


class Email(TypedDict, total=False):
    to: str
    letter: str
    feedback: str
    decision: dict


def build_email_agent(draft, send):
    def write(state: Email) -> Email:
        feedback = state.get("feedback", "")
        return {"letter": draft(state["to"], feedback)}

    def ask(state: Email) -> Command[Literal["write", "deliver"]]:
        args = {"to": state["to"], "letter": state["letter"]}
        request = {"action": "send_email", "args": args}
        decision = interrupt(request)
        if decision["type"] == "reject":
            feedback = {"feedback": decision["message"]}
            return Command(goto="write", update=feedback)
        return Command(goto="deliver", update={"decision": decision})

    def deliver(state: Email) -> Email:
        args = {"to": state["to"], "letter": state["letter"]}
        if state["decision"]["type"] == "edit":
            args = state["decision"]["edited_action"]["args"]
        send(**args)
        return {}

    builder = StateGraph(Email).add_node(write).add_node(ask)
    builder.add_node(deliver)
    builder.add_edge(START, "write").add_edge("write", "ask")
    return builder.compile(checkpointer=InMemorySaver())
