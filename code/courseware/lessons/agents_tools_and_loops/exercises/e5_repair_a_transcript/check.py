"""Check: Repair a transcript."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from courseware.exercises import chance, expect, expecting


def check(repair_messages: Callable[[list[BaseMessage]], Any]) -> None:
    """Break conversations in drawn ways, one at a time and then all at once."""
    draw = chance()
    damages: list[list[str]] = [[], ["lose"], ["stray"], ["double"], ["late"], ["early"]]
    damages += [["lose", "stray", "double", "late"] for _ in range(6)]
    for damage in damages:
        talk = _talk(draw)
        for kind in draw.sample(damage, len(damage)):
            _break(draw, talk, kind)
        _judge(repair_messages, talk, ", ".join(damage) or "undamaged")


def _talk(draw: Any) -> list[BaseMessage]:
    talk: list[BaseMessage] = [SystemMessage("You work for Marlow & Finch.")]
    for turn in range(draw.randint(2, 4)):
        ids = [f"c{draw.randint(100, 999)}.{turn}.{at}" for at in range(draw.randint(1, 3))]
        calls: list[Any] = [{"name": "look_up", "args": {"n": i}, "id": i} for i in ids]
        talk.append(HumanMessage(f"Question {draw.randint(100, 999)}"))
        talk.append(AIMessage("", tool_calls=calls))
        talk += [ToolMessage(f"first result of {i}", tool_call_id=i) for i in ids]
        talk.append(AIMessage("Here you are."))
    return talk


def _break(draw: Any, talk: list[BaseMessage], kind: str) -> None:
    results = [at for at, message in enumerate(talk) if isinstance(message, ToolMessage)]
    if not results:
        return
    at = draw.choice(results)
    result = talk[at]
    assert isinstance(result, ToolMessage)
    if kind == "lose":
        del talk[at]
    elif kind == "stray":
        talk.insert(draw.randint(1, len(talk)), ToolMessage("stray", tool_call_id="nobody"))
    elif kind == "double":
        again = ToolMessage("second result", tool_call_id=result.tool_call_id)
        talk.insert(draw.randint(at + 1, len(talk)), again)
    elif kind == "late":
        talk.insert(draw.randint(at, len(talk) - 1), talk.pop(at))
    else:  # before its call, where it can't belong to it
        talk.insert(1, talk.pop(at))


def _judge(
    repair: Callable[[list[BaseMessage]], Any], talk: list[BaseMessage], damage: str
) -> None:
    before = list(talk)
    said = f"The conversation was damaged ({damage})."
    with expecting(f"{said} A list of messages comes back."):
        found = list(repair(talk) or ())
    expect(talk == before, "changes-its-argument", f"{said} Your function changed the list it got.")
    rest = [message for message in found if not isinstance(message, ToolMessage)]
    expect(
        rest == [message for message in before if not isinstance(message, ToolMessage)],
        "loses-other-messages",
        f"{said} Messages of the user, the system or the model are missing or moved. Only tool"
        " results may change.",
    )
    ids = [message.tool_call_id for message in found if isinstance(message, ToolMessage)]
    known = {call["id"] for message in before for call in getattr(message, "tool_calls", ())}
    extra = [each for each in ids if each not in known or ids.count(each) > 1]
    expect(
        not extra,
        "keeps-strays",
        f"{said} Your transcript holds results that belong to no call, or two for one: {extra}.",
    )
    place = 0
    for at, message in enumerate(before):
        if isinstance(message, ToolMessage):
            continue
        place += 1
        for call in getattr(message, "tool_calls", ()):
            got = found[place] if place < len(found) else None
            place += 1
            _one_result(said, before[at + 1 :], call["id"], got)


def _one_result(said: str, later: Sequence[BaseMessage], call_id: str, got: Any) -> None:
    expect(
        isinstance(got, ToolMessage) and got.tool_call_id == call_id,
        "call-without-its-result",
        f"{said} The result of call {call_id} is missing, or not in its place: results follow the"
        " message that asked, in the order of its calls.",
    )
    own = [m for m in later if isinstance(m, ToolMessage) and m.tool_call_id == call_id]
    if own:
        expect(
            got.text == own[0].text,
            "takes-another-result",
            f"{said} The call {call_id} has the result {own[0].text!r}, and you gave it"
            f" {got.text!r}. Keep the first one behind the call.",
        )
        return
    expect(
        got.status == "error" and got.text.strip(),
        "pretends-success",
        f"{said} The call {call_id} has no result behind it. The one you added has the status"
        f" {got.status!r} and says {got.text!r}; the model must learn that nothing is known.",
    )
