"""Check: A budget that stops politely."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from agent_patterns.loops import repair_transcript
from courseware.exercises import Unattempted, Wrong, chance, expect, expecting


class _State(MessagesState, total=False):
    calls: int


def check(make_router: Callable[..., Any]) -> None:
    """Run loops whose model asks for drawn batches, up to the limit and beyond it."""
    draw = chance()
    most = draw.randint(4, 7)
    under = [1] * (most - 2)
    batches = [
        [],  # answers at once
        under,
        [most - 1, 1],  # exactly the limit, then an answer
        [most],
        [most + 1],
        [*under, 1, draw.randint(2, 4)],  # the last batch fits only in part
        [1] * (most + 3),
    ]
    draw.shuffle(batches)
    for each in batches:
        _run(make_router, most, each)


def _run(make_router: Callable[..., Any], most: int, batches: Sequence[int]) -> None:
    router = make_router(most)
    if router is None:
        raise Unattempted("`make_router` returns nothing yet: return the node.")
    with expecting("An answer without calls ends the loop; `calls` may be missing at first."):
        first = router({"messages": [AIMessage("Hi.")]})
    if first is None:
        raise Unattempted("The router returns nothing yet: return a Command.")
    said = f"With most={most}, the model asked for batches of {list(batches)} calls."
    _thread(router, most, batches, said, shorten=False)
    said += (
        " It was the router's second thread, in which old messages are removed before each"
        " request; only `calls` in the state still counts them."
    )
    _thread(router, most, batches, said, shorten=True)


def _thread(router: Any, most: int, batches: Sequence[int], said: str, *, shorten: bool) -> None:
    asked = iter(enumerate(batches))
    ran: list[str] = []

    def model(state: _State) -> dict[str, Any]:
        number, size = next(asked, (len(batches), 0))
        calls: list[Any] = [
            {"name": "look_up", "args": {}, "id": f"c{number}.{at}"} for at in range(size)
        ]
        old = [RemoveMessage(REMOVE_ALL_MESSAGES), HumanMessage("Hello")] if shorten else []
        return {"messages": [*old, AIMessage("" if size else "Here you are.", tool_calls=calls)]}

    def tools(state: _State) -> dict[str, Any]:
        calls = getattr(state["messages"][-1], "tool_calls", [])
        ran.extend(call["id"] for call in calls)
        return {"messages": [ToolMessage("fine", tool_call_id=call["id"]) for call in calls]}

    builder: Any = StateGraph(_State)
    builder.add_node("model", model)
    builder.add_node("router", router, destinations=("tools", END))
    builder.add_node("tools", tools)
    builder.add_edge(START, "model")
    builder.add_edge("model", "router")
    builder.add_edge("tools", "model")
    try:
        with expecting(f"{said} At first `calls` is missing from the state."):
            end = builder.compile().invoke(
                {"messages": [("user", "Hello")]}, {"recursion_limit": 60}
            )
    except GraphRecursionError:
        raise Wrong("never-ends", f"{said} The loop never ended.") from None
    _judge(said, end, ran, most, batches)


def _judge(
    said: str, end: dict[str, Any], ran: list[str], most: int, batches: Sequence[int]
) -> None:
    fits: list[int] = []
    for size in batches:
        if sum(fits) + size > most:
            break
        fits.append(size)
    expect(
        len(ran) <= most,
        "passes-the-limit",
        f"{said} {len(ran)} calls ran. More than {most} must not.",
    )
    expect(
        len(ran) != most or sum(fits) == most,
        "runs-half-a-batch",
        f"{said} {len(ran)} calls ran, a part of the batch that didn't fit. Let none of it run.",
    )
    expect(
        len(ran) == sum(fits),
        "stops-too-early",
        f"{said} {len(ran)} calls ran; {sum(fits)} fit into the budget.",
    )
    messages = end["messages"]
    broken = [change.partition(":")[0] for change in repair_transcript(messages).changes]
    expect(
        not broken,
        "leaves-a-call-open",
        f"{said} The transcript at the end would be refused: {broken[:1]}. The answer must"
        " take the place of the message that asked: give it the same id.",
    )
    last = messages[-1]
    stopped = len(fits) < len(batches)
    expect(
        isinstance(last, AIMessage) and last.text.strip(),
        "says-nothing",
        f"{said} The last message is {last.type!r} with the text {last.text!r}. The user must be"
        " told something.",
    )
    expect(
        (last.text == "Here you are.") != stopped,
        "answers-for-the-model",
        f"{said} The last message says {last.text!r}. "
        + ("The budget ended it, so say that." if stopped else "The model's answer must stay."),
    )
    expect(
        end.get("calls", 0) == len(ran),
        "does-not-count",
        f"{said} {len(ran)} calls ran, and `calls` in the state is {end.get('calls')!r}.",
    )
