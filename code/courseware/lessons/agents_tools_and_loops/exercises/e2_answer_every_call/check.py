"""Check: Answer every call."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage

from courseware.exercises import Wrong, chance, expect, expecting


def check(answer_calls: Callable[..., Any]) -> None:
    """Hand over batches with good calls, unknown names and tools that raise, in a drawn order."""
    draw = chance()
    for _ in range(4):
        _one_batch(answer_calls, draw, bad=False)
        _one_batch(answer_calls, draw, bad=True)
    _expect_none_for_none(answer_calls)


def _one_batch(answer_calls: Callable[..., Any], draw: Any, bad: bool) -> None:
    ran: list[str] = []

    def find(order: str) -> str:
        ran.append(order)
        return f"{order} is in shelf {order[-2:]}"

    def fail(order: str) -> str:
        ran.append(order)
        raise ConnectionError(f"no line to {order}")

    kinds = ["find", "find", *(["fail", "missing"] if bad else [])]
    draw.shuffle(kinds)
    orders = [f"MF-{number}" for number in draw.sample(range(1000, 9999), len(kinds))]
    ids = [f"call_{draw.randint(10**6, 10**7)}_{at}" for at in range(len(kinds))]
    calls: list[Any] = [
        {"name": kind, "args": {"order": order}, "id": call_id}
        for kind, order, call_id in zip(kinds, orders, ids, strict=True)
    ]
    said = (
        f"The message called {', '.join(f'{k}({o})' for k, o in zip(kinds, orders, strict=True))}."
    )
    try:
        with expecting(f"{said} One ToolMessage for each of them."):
            found = answer_calls(AIMessage("", tool_calls=calls), {"find": find, "fail": fail})
    except (ConnectionError, KeyError, TypeError) as error:
        raise Wrong(
            "lets-the-error-out",
            f"{said} Your function raised {type(error).__name__}: {error}. Then no call gets a"
            " result, and the conversation is broken. Turn the error into a result.",
        ) from None
    _judge(said, list(found or ()), list(zip(kinds, orders, ids, strict=True)), ran)


def _judge(said: str, found: list[Any], asked: list[tuple[str, str, str]], ran: list[str]) -> None:
    ids = [call_id for _, _, call_id in asked]
    expect(
        all(isinstance(message, ToolMessage) for message in found),
        "no-tool-messages",
        f"{said} You returned {[type(message).__name__ for message in found]}; each must be a"
        " ToolMessage.",
    )
    expect(
        len(found) == len(asked),
        "leaves-a-call-open",
        f"{said} Calls: {len(asked)}, results that you returned: {len(found)}. Every call needs"
        " exactly one, also where the tool failed or doesn't exist.",
    )
    expect(
        [message.tool_call_id for message in found] == ids,
        "wrong-id",
        f"{said} Their ids are {ids}; your results carry"
        f" {[message.tool_call_id for message in found]}. The id ties a result to its call.",
    )
    wanted = [order for kind, order, _ in asked if kind != "missing"]
    expect(
        ran == wanted,
        "does-not-run-each-once",
        f"{said} The functions ran for {ran}, and should have run once each for {wanted}. Your"
        f" results say {[message.text[:60] for message in found]}.",
    )
    for (kind, order, _), message in zip(asked, found, strict=True):
        text = message.text
        if kind == "find":
            expect(
                f"{order} is in shelf" in text,
                "loses-the-result",
                f"{said} The result for {order} says {text!r}, not what the tool returned.",
            )
            continue
        expect(
            text.strip() and "is in shelf" not in text,
            "hides-the-error",
            f"{said} {kind} could not work, and its result says {text!r}. Say what went wrong, so"
            " that the model can react.",
        )
    failed = [message.text for message in found if "is in shelf" not in message.text]
    expect(
        len(set(failed)) == len(failed),
        "hides-the-error",
        f"{said} One of the tools raised, the other doesn't exist, and both results say"
        f" {failed[:1]}. Say what went wrong, so that the model can react.",
    )


def _expect_none_for_none(answer_calls: Callable[..., Any]) -> None:
    with expecting("A message without calls gets an empty list."):
        found = answer_calls(AIMessage("Hello!"), {})
    expect(
        list(found or ()) == [],
        "answers-what-nobody-asked",
        f"For a message without calls you returned {found!r}. Nothing was asked: return none.",
    )
