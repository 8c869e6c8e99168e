"""Lesson 01 as a program: generate code, test it, repair it, and know when to stop.

    python code/01_graphs_and_state.py                the three notes of the shop
    python code/01_graphs_and_state.py "Shipping costs 6.20 euros. Orders from 80 euros on ship free."
                                                      your own notes, one argument each

A model reads what shipping costs, a node writes the function, another one runs it in a process of its
own against last month's invoices. The loop has two exits: the tests pass, or no note is left.
"""  # noqa: E501

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

from agent_patterns.state import append
from courseware import connect
from courseware.lessons.graphs_and_state.rules import NOTES, Rule, run_tests, write_code


class Repair(TypedDict, total=False):
    """The state of the loop; only the history grows."""

    notes: list[str]
    code: str
    report: str
    history: Annotated[list[str], append]


def main(notes: Sequence[str]) -> int:
    """Repair the code until the invoices agree with it, and print every attempt."""
    reader = ChatOpenAI(model=connect().model, temperature=0).with_structured_output(Rule)

    def generate(state: Repair) -> Repair:
        note, *others = state["notes"]
        rule = Rule.model_validate(reader.invoke(note))
        return {"notes": others, "code": write_code(rule)}

    def test(state: Repair) -> Repair:
        report = run_tests(state["code"])
        return {
            "report": report,
            "history": [f"{state['code'].splitlines()[1].strip()}  ->  {report}"],
        }

    def next_step(state: Repair) -> str:
        return END if state["report"] == "passed" or not state["notes"] else "generate"

    builder = StateGraph(Repair)
    builder.add_node("generate", generate)
    builder.add_node("test", test)
    builder.add_edge(START, "generate")
    builder.add_edge("generate", "test")
    builder.add_conditional_edges("test", next_step, ["generate", END])
    done = builder.compile().invoke({"notes": list(notes)})

    for number, attempt in enumerate(done["history"], start=1):
        print(f"attempt {number}: {attempt}")
    if done["report"] == "passed":
        print(f"\n{done['code']}")
        return 0
    print("\nNo note agrees with the invoices. Ask Priya.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(NOTES.values())))
