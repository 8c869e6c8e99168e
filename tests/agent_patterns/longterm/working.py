"""What the other processes do: a module of its own, for them to import."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableLambda
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.longterm import MemoryWriter, open_memories
from agent_patterns.longterm.writer import Facts


def telling(url: str, name: str, count: int, start: Any) -> None:
    """Open the store together with others, and tell the same facts as they do."""
    start.wait()
    with open_memories(url, Vectors(32)) as memories:
        mine = memories.of("u-1")
        for n in range(count):
            mine.put("I like green ink.", source=f"{name}-{n}")
            mine.put(f"I live at number {n}.", topic="home", said_at=float(n), source=name)


def writing(url: str, pipe: Connection) -> None:
    """Write batches until killed, telling after each."""
    with open_memories(url, Vectors(32)) as memories:
        mine = memories.of("u-1")
        for batch in range(10_000):
            mine.put_many({"text": f"Fact {n}.", "key": f"{batch}-{n}"} for n in range(50))
            pipe.send(batch)


class Model:
    """A model that extracts every text as a fact; it may wait before the first answer."""

    def __init__(self, wait: Any = None) -> None:
        self.wait = wait
        self.asked: list[str] = []

    def with_structured_output(self, schema: Any) -> Any:
        def answer(messages: Any) -> Any:
            text = messages[-1][1]
            if self.wait is not None:
                self.wait()
            self.asked.append(text)
            topic = "nothing" if "hanks" in text else "other"
            return Facts(facts=[text]) if schema is Facts else schema(topic=topic)

        return RunnableLambda(answer)


def submitting(url: str, pipe: Connection) -> None:
    """Submit a job, and hang in the middle of it until killed."""
    with open_checkpointer(url) as checkpointer, open_memories(url, Vectors(32)) as memories:

        def hang() -> None:
            pipe.send("at work")
            pipe.recv()  # never comes

        model: Any = Model(hang)
        writer = MemoryWriter(memories, model, topics={}, checkpointer=checkpointer)
        writer.submit("u-1", [HumanMessage("I live in Porto.")], source="t1").result()
