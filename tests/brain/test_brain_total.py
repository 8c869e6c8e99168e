"""No well-formed request makes the brain raise, and each gets an answer of some kind."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.practice_model.brain import respond

LINE = """
refund order 4410 and cancel the email to bea@example.com if not shipped don't because
"a quote" 'b' weather in Oslo, Rome 3 * 4 -7 €9.50 50% 2026-02-30 tomorrow at 25:99 7pm What
who is my name? Draft: Review: Context: [a1] approve revise FINISH { } [ ] ( `code` http://x
你好 é 😀 then also write summarise
"""
WORDS = st.sampled_from([*LINE.split(), "\n", "\t"])
TEXTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=60))
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": told,
            "parameters": {
                "type": "object",
                "properties": {k: {"type": t} for k, t in fields.items()},
                "required": list(fields)[:1],
            },
        },
    }
    for name, told, fields in (
        ("get_order", "Look up an order", {"order_id": "string"}),
        ("refund", "Refund an order", {"order_id": "string", "amount": "number"}),
        ("send_email", "Send an email", {"to": "string", "body": "string", "cc": "array"}),
        ("search", "Search the web", {"query": "string"}),
        ("transfer_to_billing", "Hand over to billing", {}),
        ("nothing", "", {}),
    )
]


@st.composite
def conversations(draw: st.DrawFn) -> list[dict]:
    messages: list[dict] = []
    if draw(st.booleans()):
        messages.append({"role": "system", "content": draw(TEXTS)})
    for number in range(draw(st.integers(1, 4))):
        messages.append({"role": "user", "content": draw(TEXTS)})
        if draw(st.booleans()):
            name = draw(st.sampled_from([t["function"]["name"] for t in TOOLS]))
            arguments = json.dumps({"order_id": draw(TEXTS)})
            call = {"id": f"c{number}", "type": "function",
                    "function": {"name": name, "arguments": arguments}}  # fmt: skip
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            result = draw(
                st.one_of(TEXTS, st.sampled_from(["", "[]", "{}", "null", "3", '{"error": "no"}']))
            )
            messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": result})
        elif draw(st.booleans()):
            messages.append({"role": "assistant", "content": draw(TEXTS)})
    return messages


@settings(max_examples=250, deadline=None)
@given(
    conversations(),
    st.lists(st.sampled_from(TOOLS), unique_by=lambda t: t["function"]["name"], max_size=5),
    st.sampled_from([None, "auto", "none", "required"]),
)
def test_every_conversation_gets_the_same_answer_twice(
    messages: list[dict], tools: list[dict], choice: str | None
) -> None:
    first = respond(messages, tools=tools, tool_choice=choice)
    assert first == respond(messages, tools=tools, tool_choice=choice)
    assert first.content or first.tool_calls
    if choice == "required" and tools:
        assert first.tool_calls
    if choice == "none":
        assert not first.tool_calls
    assert {call.name for call in first.tool_calls} <= {t["function"]["name"] for t in tools}
    calls = [(call.name, json.dumps(call.arguments)) for call in first.tool_calls]
    assert len(set(calls)) == len(calls)
