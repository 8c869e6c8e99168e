"""Lesson 12 in the terminal: one research subgraph, three parents, an approval inside.

python code/12_subgraphs.py                       # asks which sources may be used
python code/12_subgraphs.py --decisions y,n,y     # asks nothing
python code/12_subgraphs.py --new-version         # checks a new version against all parents
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, TypedDict

from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command

from agent_patterns.approval import approve, reject
from agent_patterns.subgraphs import (
    Contract,
    ContractError,
    adapt,
    check_contract,
)
from agent_patterns.subgraphs.research import Finding, Findings, research_subgraph
from courseware import connect
from courseware.lessons.subgraphs.desk import look_up, version_two, writer


class Blog(TypedDict, total=False):
    """A post and the notes it is written from."""

    topic: str
    notes: list[Finding]


class Mail(TypedDict, total=False):
    """A customer's mail and what the reply cites."""

    mail: str
    sources: list[str]


class Report(TypedDict, total=False):
    """A monthly report, one row a source."""

    month: str
    rows: dict[str, str]


def last_line(state: Mail) -> str:
    """Return the customer's question."""
    return state["mail"].splitlines()[-1]


def names(result: Findings) -> list[str]:
    """Return the names of the sources."""
    return [finding["source"] for finding in result["findings"]]


def lost_parcels(state: Report) -> str:
    """Return the question that a month's report asks."""
    return f"What happens to a parcel that is lost in {state['month']}?"


def table(result: Findings) -> dict[str, str]:
    """Return the texts by their source."""
    return {finding["source"]: finding["text"] for finding in result["findings"]}


CONTRACTS = [
    Contract("blog writer", Blog, {"question": "topic"}, {"notes": "findings"}),
    Contract("e-mail responder", Mail, {"question": last_line}, {"sources": names}),
    Contract("report generator", Report, {"question": lost_parcels}, {"rows": table}),
]
INPUTS: list[dict[str, Any]] = [
    {"topic": "pigment ink"},
    {"mail": "Hello,\nwhat does shipping cost?"},
    {"month": "May"},
]


def build(contract: Contract, subgraph: Any) -> Any:
    """Return a parent that runs the subgraph and can wait for a human."""
    builder: Any = StateGraph(contract.state).add_node("research", adapt(subgraph, contract))
    return builder.add_edge(START, "research").compile(checkpointer=InMemorySaver())


def asked_here() -> str:
    """Return what somebody types or pipes in; yes, where nobody is there to answer."""
    try:
        return input("  use them? [y/n] ")
    except EOFError:
        return "y"


def run(contract: Contract, subgraph: Any, state: dict[str, Any], answers: list[str]) -> None:
    """Run one parent; ask about the sources when its subgraph stops."""
    graph, config = build(contract, subgraph), {"configurable": {"thread_id": contract.parent}}
    result = graph.invoke(state, config)
    while waiting := result.get("__interrupt__"):
        asked = waiting[0].value
        print(f"{contract.parent}: {asked['reason']}")
        print(f"  sources: {', '.join(asked['args']['sources'])}")
        said = answers.pop(0) if answers else asked_here()
        print(f"  {'approved' if said.strip() == 'y' else 'rejected'}")
        decision = approve() if said.strip() == "y" else reject("not these")
        result = graph.invoke(Command(resume=decision), config)
    (key,) = contract.reads
    print(f"  {key}: {len(result[key])}")


def main() -> int:
    """Run the three parents, or check a new version."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--decisions", default="", help="y or n for each parent, as y,n,y")
    parser.add_argument("--new-version", action="store_true", help="check version 2")
    options = parser.parse_args()
    course = connect()
    write = writer(ChatOpenAI(model=course.model, temperature=0))
    if options.new_version:
        mail = Contract("e-mail responder", Mail, {"question": last_line}, {"mail": "summary"})
        try:
            check_contract(version_two(write), [*CONTRACTS, mail])
        except ContractError as error:
            print(error)
            return 1
        return 0
    answers = [each for each in options.decisions.split(",") if each]
    careful = research_subgraph(look_up, write, ask=True)
    for contract, state in zip(CONTRACTS, INPUTS, strict=True):
        run(contract, careful, state, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
