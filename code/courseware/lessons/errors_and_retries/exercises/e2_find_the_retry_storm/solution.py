"""Solve: Find the retry storm."""

from typing import TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

from agent_patterns.resilience import FullJitter, Retry


class Ticket(TypedDict, total=False):
    question: str
    answer: str


def build_desk(options):
    """Return the support desk as a graph in which one layer retries what is worth it."""
    llm = ChatOpenAI(**options, max_retries=0)
    retry = Retry(3, backoff=FullJitter(0.05))

    @retry
    def answer(ticket):
        return {"answer": llm.invoke(ticket["question"]).content}

    builder = StateGraph(Ticket)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile()
