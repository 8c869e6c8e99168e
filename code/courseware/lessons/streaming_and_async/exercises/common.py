"""A graph whose model writes word by word, falls silent where it is told, and can be watched."""

from __future__ import annotations

import asyncio
import operator
import random
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypedDict

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from pydantic import Field

WORDS = [
    "ink",
    "pen",
    "wax",
    "paper",
    "card",
    "stamp",
    "map",
    "twine",
    "seal",
    "quill",
    "desk",
    "lamp",
]


def draw_letter(chance: random.Random, words: int) -> list[str]:
    """Return the words of a letter."""
    return [chance.choice(WORDS) + str(chance.randrange(10)) for _ in range(words)]


class Writer(BaseChatModel):
    """A model that writes given words, and waits for ever after `silent_after` of them."""

    words: list[str]
    silent_after: int = 10**9
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
                for _turn in range(3):
                    await asyncio.sleep(0)
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
    """Return look_up -> write -> send, with checkpoints in memory."""

    async def look_up(state: Letter) -> Letter:
        return {"steps": ["look_up"]}

    async def write(state: Letter) -> Letter:
        answer = await writer.ainvoke(state["question"])
        return {"steps": ["write"], "letter": str(answer.text)}

    async def send(state: Letter) -> Letter:
        sent.append(state["letter"])
        return {"steps": ["send"]}

    builder: Any = StateGraph(Letter)
    builder.add_sequence([look_up, write, send]).add_edge(START, "look_up")
    return builder.compile(checkpointer=InMemorySaver())


def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that run besides this one."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def settle() -> None:
    """Give everything that runs its turns."""
    for _ in range(300):
        await asyncio.sleep(0)
