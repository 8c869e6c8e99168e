"""Lesson 14 in the terminal: a letter appears word by word; Ctrl+C stops it, and it can be resumed.

    python code/14_streaming_and_async.py                    # press Ctrl+C while it writes
    python code/14_streaming_and_async.py --resume           # writes and sends it after all
    python code/14_streaming_and_async.py --stop-after 8     # stops by itself

The thread lies in a SQLite file, so a second process resumes what the first one stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import operator
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, StateGraph

from agent_patterns.streaming import Progress, RunStream
from courseware import connect
from courseware.lessons.shop import search
from courseware.runtime.paths import STATE
from practice_model.server.faults import Fault

CONFIG: Any = {"configurable": {"thread_id": "letter"}}


class Mail(TypedDict, total=False):
    """A letter on its way."""

    question: str
    sources: list[str]
    letter: str
    steps: Annotated[list[str], operator.add]


def build(model: ChatOpenAI, checkpointer: Any) -> Any:
    """look_up -> write -> send: the effect has a step of its own."""

    async def look_up(state: Mail) -> Mail:
        sources = []
        found = search(state["question"])
        with Progress("Reading", total=len(found)) as progress:
            for document in found:
                sources.append(document.text)
                progress.advance(document.id)
        return {"sources": sources, "steps": ["look_up"]}

    async def write(state: Mail) -> Mail:
        known = "\n".join(state["sources"])
        wish = "Write a short letter that answers the customer, from these texts alone."
        letter = await model.ainvoke(f"{wish}\n{known}\nThe customer asks: {state['question']}")
        return {"letter": str(letter.text), "steps": ["write"]}

    async def send(state: Mail) -> Mail:
        print(f"\nSENT: a letter of {len(state['letter'].split())} words", flush=True)
        return {"steps": ["send"]}

    builder: Any = StateGraph(Mail)
    builder.add_sequence([look_up, write, send]).add_edge(START, "look_up")
    return builder.compile(checkpointer=checkpointer)


async def write_letter(graph: Any, start: Any, stop_after: int | None) -> RunStream:
    """Show the run in the terminal; Ctrl+C stops it."""
    tokens = 0
    async with RunStream(graph, start, CONFIG) as stream:
        signal.signal(signal.SIGINT, lambda *_: stream.stop())
        async for part in stream:
            data = part["data"]
            if part["type"] == "messages" and data[0].text:
                tokens += 1
                print(data[0].text, end="", flush=True)
                if tokens == stop_after:
                    stream.stop()
            elif part["type"] == "custom" and data["note"]:
                print(f"{data['label']} {data['done']} of {data['total']}: {data['note']}")
    return stream


async def unfinished(graph: Any) -> list[str]:
    """Return the steps that are left, if any.

    A step that ended just before the stop has stored its result and not yet its checkpoint. Then
    `next` is empty, as in a finished thread, and `tasks` is not.
    """
    return [task.name for task in (await graph.aget_state(CONFIG)).tasks]


async def run(options: argparse.Namespace, course: Any) -> None:
    """Run or resume the thread once."""
    model = ChatOpenAI(model=course.model, temperature=0)
    Path(options.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    async with AsyncSqliteSaver.from_conn_string(str(options.database)) as saver:
        graph = build(model, saver)
        start = None if options.resume else {"question": options.question}
        if options.resume and not await unfinished(graph):
            print("There is nothing to resume.")
            return
        if course.live:
            stream = await write_letter(graph, start, options.stop_after)
        else:
            with course.practice.inject(Fault.slow(0.2, per_chunk=options.delay)):
                stream = await write_letter(graph, start, options.stop_after)
        print(f"\n{stream.ended}; the first token after {stream.first_token or 0:.2f} s")
        if left := await unfinished(graph):
            print(f"Next: {', '.join(left)}. Continue with --resume.")


def main() -> int:
    """Write, stop, resume."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--question", default="What does shipping cost?")
    database = STATE / "letters.sqlite"
    parser.add_argument("--database", default=database, help="where the thread lies")
    parser.add_argument("--resume", action="store_true", help="continue the stopped letter")
    parser.add_argument("--stop-after", type=int, metavar="N", help="stop after N tokens")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds per token")
    asyncio.run(run(parser.parse_args(), connect()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
