"""Lesson 03 as a program: a support desk that remembers you within a small budget of tokens.

    python code/03_conversation_memory.py             talk to it; an empty line ends
    python code/03_conversation_memory.py --scripted  sixty turns of one customer, nobody needed

Old exchanges are replaced by a summary with every name and number in it. Each request stays within
the budget, and the desk still knows what you said at the beginning.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from agent_patterns.memory import SummaryMemory, TokenCounter, missing_details
from agent_patterns.memory.summary import Summarized
from agent_patterns.memory.tokens import llama_tokens
from courseware import connect
from courseware.lessons.conversation_memory.talk import FACTS, SYSTEM, turn

BUDGET = 400


def desk() -> tuple[Any, TokenCounter, SummaryMemory]:
    """Return the desk as a graph, its token counter and its memory."""
    model = ChatOpenAI(model=connect().model, temperature=0)
    count = TokenCounter(llama_tokens())
    memory = SummaryMemory(model, max_tokens=BUDGET, count=count, keep=2)

    def answer(state: Summarized) -> dict[str, Any]:
        return {"messages": [model.invoke(memory.request(state, SYSTEM))]}

    builder = StateGraph(Summarized)
    builder.add_node("remember", memory.update)
    builder.add_node("answer", answer)
    builder.add_edge(START, "remember")
    builder.add_edge("remember", "answer")
    return builder.compile(checkpointer=InMemorySaver()), count, memory


def main(arguments: list[str]) -> int:
    """Talk to whoever is there, or play the script."""
    parser = argparse.ArgumentParser(description="A desk with a small budget of tokens.")
    parser.add_argument("--scripted", action="store_true", help="play sixty turns by itself")
    scripted = parser.parse_args(arguments).scripted
    graph, count, memory = desk()
    config = {"configurable": {"thread_id": "terminal"}}
    said = (str(turn(number)[0].text) for number in range(1, 61)) if scripted else iter(_typed, "")
    state: Any = {"messages": [], "summary": ""}
    for number, text in enumerate(said, start=1):
        state = graph.invoke({"messages": [("user", text)]}, config)
        tokens = count(memory.request(state, SYSTEM))
        if scripted and number % 10 == 0:
            facts = " ".join(fact for told, fact in FACTS.items() if told <= number)
            seen = " ".join(message.text for message in memory.request(state, SYSTEM))
            lost = missing_details(facts, seen)
            print(f"turn {number:2}: {tokens:4} tokens, details lost: {lost or 'none'}")
        elif not scripted:
            print(f"{state['messages'][-1].text}\n  [{tokens} tokens]")
    return 0


def _typed() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
