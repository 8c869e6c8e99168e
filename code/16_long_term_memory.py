"""Lesson 16 in the terminal: a desk that remembers you between two starts, and forgets on request.

    python code/16_long_term_memory.py                        # talk to it; an empty line ends
    python code/16_long_term_memory.py --user u-5120          # as somebody else
    python code/16_long_term_memory.py --say "I prefer green ink." --say "Which ink do I prefer?"

`/memories` shows what it knows, `/forget` deletes it and searches the files. What you have just
said is in the window. Memories are for the next start: a second graph writes them later.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.longterm import (
    LongTermError,
    MemoryWriter,
    RecallMiddleware,
    forget_user,
    open_memories,
)
from agent_patterns.longterm.memories import Memories
from courseware import connect
from courseware.runtime.paths import STATE
from courseware.widgets import Recorder

TOPICS = {
    "address": "address, home",
    "ink": "ink, colour of ink",
    "paper": "paper, notebook",
    "nothing": "order, parcel, question",
}


class Desk:
    """An agent with hybrid memory, and the writer behind it."""

    def __init__(self, memories: Memories, model: ChatOpenAI, user: str) -> None:
        self.user, self.memories = user, memories
        self.mine = memories.of(user)
        self.writer = MemoryWriter(memories, model, topics=TOPICS)
        self.threads = InMemorySaver()  # the window; it ends with the program
        self.agent: Any = create_agent(
            model,
            system_prompt="You are the desk of Marlow & Finch.",
            middleware=[RecallMiddleware(memories)],
            context_schema=dict,
            checkpointer=self.threads,
        )

    def reply(self, text: str) -> str:
        """Answer, and let the writer work through what was said."""
        recorder, said = Recorder(), HumanMessage(text)
        thread = {"thread_id": "terminal", "user_id": self.user}
        result = self.agent.invoke(
            {"messages": [said]},
            {"callbacks": [recorder], "configurable": thread},
            context={"user": self.user},
        )
        self.writer.submit(self.user, [said], source="terminal")
        recalled = [each.text for each in recorder.requests[0] if each.type == "tool"]
        return f"{result['messages'][-1].text}\n  [recalled: {', '.join(recalled) or 'nothing'}]"

    def known(self) -> str:
        """Return what is remembered, a line each."""
        self.writer.drain()
        lines = [f"  {each.topic or 'other'}: {each.text}" for each in self.mine.all()]
        return "\n".join(lines) or "  nothing"

    def forget(self, folder: Path) -> str:
        """Delete everything of this user, and tell what the raw files held."""
        self.writer.drain()
        done = forget_user(
            self.user,
            memories=self.memories,
            writer=self.writer,
            checkpointers=[self.threads],
            files=[folder],
        )
        return f"  {done.memories} forgotten; traces before: {len(done.before)}, after: 0"


def typed() -> Iterator[str]:
    """Yield what somebody types, until an empty line."""
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            return
        if not line:
            return
        yield line


def main() -> int:
    """Talk to whoever is there, or say what the options say."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--user", default="u-4711", help="who you are")
    parser.add_argument("--folder", type=Path, default=STATE / "desk", help="where memories lie")
    parser.add_argument("--say", action="append", help="say this and leave; may be repeated")
    options = parser.parse_args()
    course = connect()
    model = ChatOpenAI(model=course.model, temperature=0)
    embeddings = OpenAIEmbeddings(model=course.embedding_model, check_embedding_ctx_length=False)
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        with open_memories(f"sqlite:///{options.folder}/memories.db", embeddings) as memories:
            desk = Desk(memories, model, options.user)
            for line in options.say or typed():
                if options.say:
                    print(f"> {line}")
                if line == "/memories":
                    print(desk.known())
                elif line == "/forget":
                    print(desk.forget(options.folder))
                else:
                    print(desk.reply(line))
            desk.writer.drain()
            desk.writer.close()
    except LongTermError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
