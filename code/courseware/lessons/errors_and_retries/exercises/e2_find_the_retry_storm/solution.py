"""Solve: Find the retry storm."""

from langchain_openai import ChatOpenAI

from agent_patterns.resilience import FullJitter, Retry
from courseware.lessons.errors_and_retries.desk import one_node


def build_desk(options):
    """Return the support desk as a graph in which one layer retries what is worth it."""
    llm = ChatOpenAI(**options, max_retries=0)

    @Retry(3, backoff=FullJitter(0.05))
    def answer(ticket):
        return {"answer": llm.invoke(ticket["question"]).text}

    return one_node(answer)
