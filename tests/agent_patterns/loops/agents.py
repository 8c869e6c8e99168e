"""A model that never has enough, and agents around it."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field
from tests.agent_patterns.loops.transcripts import complaint


class Provider(BaseChatModel):
    """A strict provider whose model asks for `width` calls, `rounds` times, and then answers."""

    width: int = 1
    rounds: int = 10**6
    tokens: int | None = 100
    requests: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "provider"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        if (why := complaint(messages)) is not None:
            raise ValueError(f"400: {why}")
        self.requests.append(list(messages))
        number = len(self.requests)
        calls = [
            {"name": "look_up", "args": {"order": f"{number}.{n}"}, "id": f"c{number}.{n}"}
            for n in range(self.width)
        ]
        asked = number <= self.rounds
        usage: Any = None
        if self.tokens is not None:
            usage = {"input_tokens": self.tokens, "output_tokens": 0, "total_tokens": self.tokens}
        message = AIMessage(
            "" if asked else "It is on its way.",
            tool_calls=calls if asked else [],
            usage_metadata=usage,
            response_metadata={"model_name": "provider"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])
