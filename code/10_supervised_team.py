"""Run a research team in the terminal: python code/10_supervised_team.py ["a task"].

A supervisor, a researcher with a library, a writer and a reviewer write a help page for Marlow &
Finch. You see who says what to whom, what it costs, and whether every claim has its source. The
researcher has a backup; with --library-down you see it step in. With --library FOLDER the team
searches your own markdown and text files.
"""

from __future__ import annotations

import argparse
import sys

from langchain.agents import create_agent
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI

from agent_patterns.teams import Agent, Limits, chat_agent, supervisor, tally
from agent_patterns.teams.backup import with_backup
from agent_patterns.teams.sources import cites
from agent_patterns.teams.structured import structured_router
from courseware import connect
from courseware.lessons.shop import (
    library,
    read_document,
    search_library,
    unsupported,
    use_library,
)
from courseware.lessons.team_shapes.crew import dead

TASK = (
    "Write a help page about delivery to Europe. Mention the price, the delivery time and what "
    "to do about a damaged parcel."
)
RESEARCHER = (
    "You are the researcher. Search the library for each point of the task, and answer with "
    "notes: one finding per line, each with its source as [id]. Claim nothing that the library "
    "does not say."
)
WRITER = (
    "You are the writer. Write the text that the task asks for, from the notes alone, and keep "
    "the [id] of every source. Revise the draft as the feedback says."
)
REVIEWER = (
    "You are the reviewer. Check the draft: it has at most 80 words, every claim cites a source "
    "as [id], and it ends with a next step for the reader. Approve it, or list the changes."
)
RULES = (
    "First the researcher, then the writer, then the reviewer. If the reviewer says that "
    "changes are needed, the writer works again, and then the reviewer. When the reviewer has "
    "approved, FINISH."
)


def specialists(llm: ChatOpenAI, *, library_down: bool) -> list[Agent]:
    """Return three agents; the researcher has a backup with another way to the library."""

    def researching(name: str, tools: list[BaseTool]) -> Agent:
        graph = create_agent(llm, tools, system_prompt=RESEARCHER, name=name)
        return chat_agent(name, "finds facts in the library", graph, produces="notes")

    search = dead("search_library") if library_down else search_library
    researcher = with_backup(
        researching("researcher", [search]),
        researching("archivist", [search_library, read_document]),
    )
    writer = chat_agent(
        "writer",
        "writes and revises",
        create_agent(llm, [], system_prompt=WRITER, name="writer"),
        reads=("notes", "draft", "feedback"),
        produces="draft",
    )
    reviewer = chat_agent(
        "reviewer",
        "checks the draft",
        create_agent(llm, [], system_prompt=REVIEWER, name="reviewer"),
        reads=("notes", "draft"),
        produces="feedback",
    )
    return [researcher, writer, reviewer]


def main(arguments: list[str] | None = None) -> int:
    """Run the team on a task; return 0 when the page is done and every claim has its source."""
    parser = argparse.ArgumentParser(description="A research team at work.")
    parser.add_argument("task", nargs="?", default=TASK, help="what the team will write")
    parser.add_argument("--library", metavar="FOLDER", help="search this folder of your own")
    parser.add_argument("--library-down", action="store_true", help="let the researcher fail")
    options = parser.parse_args(arguments)

    use_library(options.library)
    course = connect()
    llm = ChatOpenAI(model=course.model, temperature=0)
    agents = specialists(llm, library_down=options.library_down)
    team = supervisor(
        agents,
        structured_router(llm, agents, RULES, brief=True),
        limits=Limits(rounds=8, tokens=40_000),
        result="draft",
        accept=cites(library()),
    )
    state = team.invoke({"task": options.task})

    shown = ""
    for turn in state["turns"]:
        group, _, member = turn["sender"].rpartition("/")
        if turn["kind"] == "answer" and (group == member or turn["text"] == shown):
            continue
        if turn["kind"] in ("answer", "failure"):
            shown = turn["text"]
            print(f"\n{turn['sender']} -> {turn['to']}:\n{turn['text']}")
    total = tally(state["turns"])
    print(f"\nEnded: {state['status']}, {total.calls} model calls, {total.tokens:,} tokens.")
    print(f"\nThe page:\n\n{state['result']}")
    open_claims = unsupported(state["result"])
    for claim in open_claims:
        print(f"\nNo source bears this out: {claim.text}")
    return 0 if state["status"] == "done" and not open_claims else 1


if __name__ == "__main__":
    sys.exit(main())
