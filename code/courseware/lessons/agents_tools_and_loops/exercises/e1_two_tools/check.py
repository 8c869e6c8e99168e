"""Check: An agent with two tools."""

from collections.abc import Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool, tool
from pydantic import Field

from courseware.exercises import Wrong, chance, expect, expecting


class _Model(BaseChatModel):
    """Call every tool that it is offered with every word, once; then answer."""

    words: list[str]
    offered: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "check"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        self.offered = [each if isinstance(each, BaseTool) else tool(each) for each in tools]
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        calls: list[Any] = []
        if not any(isinstance(message, ToolMessage) for message in messages):
            for at, each in enumerate(self.offered):
                name = next(iter(each.args), "text")
                calls += [
                    {"name": each.name, "args": {name: word}, "id": f"{at}/{word}"}
                    for word in self.words
                ]
        message = AIMessage("" if calls else "That is all.", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def check(build: Callable[..., Any]) -> None:
    """Let a model that is not the learner's try both tools on drawn prices and countries."""
    draw = chance()
    for _ in range(2):
        items = draw.sample(["fountain pen", "ink bottle", "notebook", "desk pad", "eraser"], 3)
        countries = draw.sample(["Austria", "Norway", "Japan", "Chile", "Ghana"], 3)
        amounts = draw.sample(range(1000, 9900), 3)
        prices = {item: amount / 100 for item, amount in zip(items[:2], amounts, strict=False)}
        shipping = {countries[0]: amounts[2] / 100, countries[1]: 0.0}  # free isn't unknown
        _judge(build, prices, shipping, items[2], countries[2])


def _judge(
    build: Callable[..., Any],
    prices: dict[str, float],
    shipping: dict[str, float],
    no_item: str,
    no_country: str,
) -> None:
    model = _Model(words=[*prices, *shipping, no_item, no_country])
    said = f"With prices {prices} and shipping {shipping}:"
    try:
        with expecting("`build` gets a model and two dictionaries, and returns an agent."):
            agent = build(model, dict(prices), dict(shipping))
    except ValueError as error:
        if "docstring" not in str(error) and "description" not in str(error):
            raise
        raise Wrong(
            "no-description",
            "A tool has no docstring. The model chooses tools by their descriptions, so LangChain"
            " insists on one.",
        ) from None
    expect(
        hasattr(agent, "invoke"),
        "no-agent",
        f"`build` returned {agent!r:.60}. Return what `create_agent` returns.",
    )
    try:
        ask = {"messages": [("user", "Please try everything.")]}
        with expecting(f"{said} the model calls both tools with each word it knows."):
            messages = agent.invoke(ask)["messages"]
    except (KeyError, LookupError) as error:
        raise Wrong(
            "raises-on-unknown",
            f"{said} a tool raised {type(error).__name__}: {error} for a word that isn't in its"
            " list, and the run was over. Return a sentence instead.",
        ) from None
    expect(
        len(model.offered) == 2,
        "not-two-tools",
        f"Tools that the model was offered: {len(model.offered)}. There should be two.",
    )
    expect(
        all(len(each.description) > 15 for each in model.offered),
        "no-description",
        f"The tools are described as {[each.description for each in model.offered]}. That doesn't"
        " tell a model when to use which.",
    )
    told = {m.tool_call_id: str(m.text) for m in messages if isinstance(m, ToolMessage)}
    _judge_amounts(said, told, prices, shipping)
    every = [amount for amount in (*prices.values(), *shipping.values()) if amount]
    for word in (no_item, no_country):
        invented = [told[f"{at}/{word}"] for at in (0, 1)]
        expect(
            not any(_holds(text, amount) for text in invented for amount in every)
            and all(
                text.strip() not in ("", "null", "None", "0", "0.0", "0.00") for text in invented
            ),
            "invents-an-amount",
            f"{said} for {word!r}, which is in no list, the tools said {invented}. Say that you"
            " don't know it.",
        )


def _judge_amounts(
    said: str, told: dict[str, str], prices: dict[str, float], shipping: dict[str, float]
) -> None:
    for table, what in ((prices, "price"), (shipping, "shipping")):
        for word, amount in table.items():
            expect(
                any(_holds(told[f"{at}/{word}"], amount) for at in (0, 1)),
                "wrong-amount",
                f"{said} no tool gives the {what} of {word}, {amount}. They said"
                f" {[told[f'{at}/{word}'][:40] for at in (0, 1)]}.",
            )


def _holds(text: str, amount: float) -> bool:
    free = not amount and "free" in text.lower()
    return free or f"{amount:g}" in text or f"{amount:.2f}" in text
