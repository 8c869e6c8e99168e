"""Ask the practice model as the support desk does, and count what reaches the server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from langchain_openai import ChatOpenAI

from agent_patterns.resilience import remaining
from practice_model import PracticeServer

MODEL, SMALL_MODEL = "gpt-4.1-mini", "gpt-4.1-nano"
HOUSE = (
    "You answer customers of Marlow & Finch. Use only these facts:\nParcels to Norway take five "
    "working days. Gift wrapping costs 2 EUR. Returns are free within 30 days."
)


class Desk:
    """The support desk of lesson 08: the real client, without retries of its own."""

    def __init__(self, server: PracticeServer) -> None:
        self.server = server

    def chat(self, model: str = MODEL, **options: Any) -> ChatOpenAI:
        """Return a client of the practice server; its time-out is the time that is left."""
        there = {"base_url": self.server.base_url, "api_key": self.server.api_key}
        usual = {"temperature": 0, "max_retries": 0, "timeout": remaining(5), **there}
        return ChatOpenAI(model=model, **{**usual, **options})

    def ask(self, question: str, model: str = MODEL, **options: Any) -> str:
        """Return the model's answer to a customer's question."""
        return self.chat(model, **options).invoke([("system", HOUSE), ("user", question)]).text

    async def ask_async(self, question: str) -> str:
        """Return the model's answer; for asyncio."""
        return (await self.chat().ainvoke([("system", HOUSE), ("user", question)])).text

    def requests_for(self, action: Callable[[], Any]) -> str:
        """Run `action`; return how many requests the server saw and what came of them."""
        before = len(self.server.requests)
        try:
            result = f"answered: {action()}"
        except Exception as error:
            result = f"raised {type(error).__name__}"
        return f"requests: {len(self.server.requests) - before}, {result}"

    def night(self, serve: Callable[[str], Any], questions: Iterable[str]) -> None:
        """Serve these customers one after the other; print what they got and what it cost."""
        before, answered, asked = len(self.server.requests), 0, list(questions)
        for question in asked:
            try:
                serve(question)
                answered += 1
            except Exception:
                continue  # this customer gets nothing; the count says so
        sent = [record.model for record in self.server.requests[before:]]
        told = ", ".join(f"{model} {sent.count(model)}" for model in (MODEL, SMALL_MODEL))
        print(f"answered: {answered} of {len(asked)}; requests: {told}")


class _Lines(logging.Handler):
    """Keep each line of a log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())


def log_lines() -> list[str]:
    """Return a list that grows with each line that `agent_patterns` logs, in place of stderr."""
    logger = logging.getLogger("agent_patterns")
    handler = _Lines()
    logger.handlers[:] = [handler]
    logger.propagate = False
    return handler.lines
