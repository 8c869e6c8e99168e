"""Check: A middleware that redacts."""

from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from courseware.exercises import Unattempted, chance, expect, expecting


class _Model(BaseChatModel):
    """Keep what it was sent, and answer with an address of its own."""

    sent: list[list[BaseMessage]] = Field(default_factory=list)
    answer: str = ""

    @property
    def _llm_type(self) -> str:
        return "check"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.sent.append(list(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.answer))])


def check(redact: AgentMiddleware) -> None:
    """Run an agent with the middleware, and compare what was sent with what is stored."""
    expect(
        isinstance(redact, AgentMiddleware),
        "no-middleware",
        f"`redact` is a {type(redact).__name__}. Keep the decorator @wrap_model_call above it,"
        " or hand over an instance of a middleware class.",
    )
    _attempted(redact)
    draw = chance()
    for _ in range(3):
        names = draw.sample(["clara", "ines", "tomas", "priya", "jonas.m", "a+b"], 4)
        address = [
            f"{name}{draw.randint(1, 99)}@shop{draw.randint(1, 9)}.example" for name in names
        ]
        call: Any = {"name": "find", "args": {"mail": address[1]}, "id": f"c{draw.randint(1, 999)}"}
        talk: list[BaseMessage] = [
            HumanMessage(f"I am {address[0]}, or {address[1]}.", id="m1"),
            AIMessage("Looking.", tool_calls=[call], id="m2"),
            ToolMessage(f"Found {address[2]} for MF-1042.", tool_call_id=call["id"], id="m3"),
            AIMessage(f"You are {address[2]}.", id="m4"),
            HumanMessage(f"Write to {address[3]}, please!", id="m5"),
        ]
        _compare(redact, talk, address)


def _compare(redact: AgentMiddleware, talk: list[BaseMessage], address: list[str]) -> None:
    before = [message.model_copy(deep=True) for message in talk]
    model = _Model(answer=f"I write to {address[3]}.")
    agent: Any = create_agent(model, [], middleware=[redact])
    with expecting("The request holds messages of all kinds: the user's, answers, tool results."):
        stored = agent.invoke({"messages": talk})["messages"]
    expect(
        model.sent, "never-asks", "The model was never asked. Call `handler` and return its result."
    )
    sent = model.sent[0]
    expect(
        [m.type for m in sent] == [m.type for m in before],
        "other-messages",
        f"The request should hold {[m.type for m in before]}, and holds {[m.type for m in sent]}.",
    )
    leaked = [a for a in address if any(a in str(m.content) for m in sent)]
    expect(
        not leaked,
        "still-leaks",
        f"The request still holds {leaked[:1]}. Addresses stand in the user's messages, in answers"
        " and in tool results; several in one message, too.",
    )
    expect(
        [m.text for m in stored[:-1]] == [m.text for m in before] and address[3] in stored[-1].text,
        "changes-the-thread",
        "The thread no longer holds the addresses. Change copies: `message.model_copy(update=…)`"
        " and `request.override(messages=…)`. Hooks such as `before_model` write to the thread.",
    )
    for was, now in zip(before, sent, strict=True):
        calls = getattr(was, "tool_calls", None)
        expect(
            getattr(now, "tool_calls", None) == calls
            and getattr(now, "tool_call_id", None) == getattr(was, "tool_call_id", None)
            and now.id == was.id,
            "loses-calls-or-ids",
            f"A message of the type {was.type!r} lost its tool calls or ids. Copy it and change the"
            " content only.",
        )
        words = [word for word in was.text.split() if "@" not in word]
        expect(
            "@" not in was.text
            or (all(word in now.text for word in words) and "[address]" in now.text),
            "changes-other-words",
            f"{was.text!r} became {now.text!r}. Only the addresses become [address].",
        )


def _attempted(redact: AgentMiddleware) -> None:
    kind = type(redact)
    if kind.wrap_model_call is AgentMiddleware.wrap_model_call:
        expect(
            kind.awrap_model_call is AgentMiddleware.awrap_model_call,
            "async-where-plain",
            "`redact` is an `async def`, and `invoke` needs a plain function.",
        )
        return  # it works elsewhere, in `before_model` perhaps
    asked: list[Any] = []

    def handler(request: Any) -> ModelResponse[Any]:
        asked.append(request)
        return ModelResponse(result=[AIMessage("ok")])

    request: Any = ModelRequest(model=_Model(), messages=[HumanMessage("hi")])
    answer = redact.wrap_model_call(request, handler)
    if answer is None and not asked:
        raise Unattempted("`redact` does nothing yet.")
    expect(
        asked and answer is not None,
        "never-asks" if answer else "loses-the-answer",
        "The model's answer never comes back. Call `handler` and return its result.",
    )
