"""No well-formed request makes the brain raise, and each gets an answer of some kind."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brain.heldout import CASES
from tests.brain.heldout.fresh import FRESH
from tests.brain.heldout.round_five import ROUND_FIVE
from tests.brain.heldout.round_four import ROUND_FOUR
from tests.brain.heldout.round_six import ROUND_SIX
from tests.brain.heldout.round_two import ROUND_TWO

from practice_model.brain import respond

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


SETS = (CASES, FRESH, ROUND_TWO, ROUND_FOUR, ROUND_FIVE, ROUND_SIX)
WHOLE = [case for cases in SETS for case in cases if case.tools]
GLUE = ["What would you need to", "Don't", "Can you", "because", "if", "then", "not", "to", "and",
        "please", "with", "in", "of", ".", "?", ",", '"x"', "set", "it", "a", "the"]  # fmt: skip


@st.composite
def sentences(draw: st.DrawFn) -> tuple[str, list[dict]]:
    """Parts of requests and the names of the tools, put together without sense."""
    case, other = draw(st.sampled_from(WHOLE)), draw(st.sampled_from(WHOLE))
    words = [*case.messages()[0]["content"].split(), *other.messages()[0]["content"].split()]
    names = [tool["function"]["name"].split("_") for tool in case.tools]
    parts = [f"{verb} a {' '.join(rest)}" for verb, *rest in names]
    parts += [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    part = st.one_of(st.sampled_from(GLUE), st.sampled_from(parts))
    return " ".join(draw(st.lists(part, min_size=1, max_size=8))), list(case.tools)


@settings(max_examples=500, deadline=None)
@given(sentences())
def test_sentences_put_together_at_random_get_an_answer(asked: tuple[str, list[dict]]) -> None:
    reply = respond([{"role": "user", "content": asked[0]}], tools=asked[1])
    assert reply.content or reply.tool_calls


def test_a_need_told_with_nothing_but_the_tools_own_words_gets_an_answer() -> None:
    place = {"restaurant": {"type": "string"}}
    schema = {"type": "object", "properties": place, "required": ["restaurant"]}
    tool = {"name": "book_table", "description": "Book a table", "parameters": schema}
    for asked in ("What would you need to book a table?", "to book a table"):
        messages = [{"role": "user", "content": asked}]
        reply = respond(messages, tools=[{"type": "function", "function": tool}])
        assert reply.content or reply.tool_calls


def test_in_a_huge_prompt_a_wish_at_either_end_is_found_and_the_middle_is_not_read() -> None:
    wish = "Refund order 4410, please."
    page = "The river is long. Who crosses it needs a boat. "
    for asked in (f"{wish}\n{page * 4000}", f"{page * 4000}\n{wish}"):
        reply = respond([{"role": "user", "content": asked}], tools=TOOLS[1:2])
        assert [call.arguments["order_id"] for call in reply.tool_calls] == ["4410"]
    buried = f"{page * 2000}\nRefund order 4410, please.\n{page * 2000}"
    plain = f"{page * 2000}\n{page * 2000}"
    replies = [
        respond([{"role": "user", "content": asked}], tools=TOOLS[1:2]).tool_calls
        for asked in (buried, plain)
    ]
    assert replies[0] == replies[1] == []
