"""A graph whose model writes word by word, falls silent where it is told, and can be watched."""

from __future__ import annotations

import asyncio
import contextlib
import operator
import random
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypedDict

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from pydantic import Field

from courseware.exercises import expect

WORDS = ("ink", "pen", "wax", "paper", "card", "stamp", "map", "twine", "seal", "quill", "desk")


def draw_letter(chance: random.Random, words: int) -> list[str]:
    """Return the words of a letter."""
    return [chance.choice(WORDS) + str(chance.randrange(10)) for _ in range(words)]


class Writer(BaseChatModel):
    """Write given words; after `silent_after` of them wait forever, after `slow_after` a bit."""

    words: list[str]
    silent_after: int = 10**9
    slow_after: int = 10**9
    written: list[str] = Field(default_factory=list)
    cancelled: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "writer"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(" ".join(self.words)))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        try:
            for number, word in enumerate(self.words):
                if number == self.silent_after:
                    self.silent_after = 10**9  # the next time it is not silent
                    await asyncio.Event().wait()
                await asyncio.sleep(0.1 if number >= self.slow_after else 0.002)
                self.written.append(word)
                text = word if number == 0 else f" {word}"
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.append("stopped")
            raise


class Letter(TypedDict, total=False):
    """A letter on its way."""

    question: str
    steps: Annotated[list[str], operator.add]
    letter: str


def letter_graph(writer: Writer, sent: list[str]) -> Any:
    """Return look_up -> write -> send, with checkpoints in memory.

    It keeps its streams, as a notebook's variable or a traceback does: otherwise the garbage
    collector ends a run that nobody has ended.
    """

    async def look_up(state: Letter) -> Letter:
        return {"steps": ["look_up"]}

    async def write(state: Letter) -> Letter:
        expect(
            state["question"] is not None,
            "starts-over",
            "The thread was started again, with {'question': None} as its input. None in place of"
            " the dictionary resumes it.",
        )
        answer = await writer.ainvoke(state["question"])
        return {"steps": ["write"], "letter": str(answer.text)}

    async def send(state: Letter) -> Letter:
        sent.append(state["letter"])
        return {"steps": ["send"]}

    builder: Any = StateGraph(Letter)
    builder.add_sequence([look_up, write, send]).add_edge(START, "look_up")
    graph = builder.compile(checkpointer=InMemorySaver())
    stream, kept = graph.astream, list[Any]()

    def astream(*arguments: Any, **options: Any) -> Any:
        kept.append(stream(*arguments, **options))
        return kept[-1]

    graph.astream = astream
    return graph


def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that run besides this one."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def wait_until(true: Callable[[], bool], seconds: float = 3) -> None:
    """Wait until something is true, or until the time is up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.005)


async def settle(before: set[asyncio.Task[Any]]) -> None:
    """Let everything end that did not run `before`, if it ends by itself."""
    await asyncio.sleep(0.01)  # what the garbage collector closes becomes a task first
    await wait_until(lambda: not others() - before)
