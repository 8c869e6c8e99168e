"""Tell a conversation of 60 turns with facts planted in it, and a courier's long log."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from agent_patterns.memory import missing_details

SYSTEM = "You are the support desk of Marlow & Finch. Answer briefly, and never promise a refund."

FACTS = {
    1: "Hello, my name is Clara Weiss.",
    4: "This is about my order MF-1042.",
    8: "I paid 12.90 euros for it.",
    13: "Please deliver it to 14 Garden Lane.",
    18: "If I am out, give it to Ben Okafor.",
    23: "Our invoice has the number 2026-311.",
    28: "We spend about 250 euros a month with you.",
    33: "In spring we need 40 notebooks by the 15th.",
    38: "The last bottle leaked on a Tuesday.",
    43: "You can call me at 0664-5550123.",
    48: "From now on, ship the pens to Graz.",
    53: "My discount code is INK-7.",
}
"""What the customer says once, by turn."""

SMALL_TALK = (
    ("Is the paper good for fountain pens?", "Yes, it is heavy paper, and ink does not bleed."),
    (
        "Does the ink dry quickly?",
        "It takes a few seconds on our paper, a little longer elsewhere.",
    ),
    ("Can I refill the pens?", "Yes, they take cartridges as well as a converter."),
    ("Do you wrap gifts?", "We do, and we add a card if you tell us what to write on it."),
    ("Which pen suits a left hand?", "The one with the fine nib smudges least."),
    ("Are the notebooks dotted?", "Dotted, lined and blank; dotted sells best by far."),
    ("Do you have a shop?", "Only this one by mail, but you may visit the workshop in summer."),
)

CALL_TURNS = (10, 30, 50)
"""Turns in which the desk looks something up, with a long result."""


def turn(number: int) -> list[BaseMessage]:
    """Return the messages of a turn, from 1."""
    question, answer = SMALL_TALK[number % len(SMALL_TALK)]
    if number in FACTS:
        question, answer = FACTS[number], "Thank you, I have noted that."
    messages: list[BaseMessage] = [HumanMessage(question, id=f"q{number}")]
    if number in CALL_TURNS:
        call: Any = {"name": "read_log", "args": {"turn": number}, "id": f"call{number}"}
        log = "\n".join(f"line {line}: parcel scanned, all is well" for line in range(20))
        messages.append(AIMessage("", tool_calls=[call], id=f"c{number}"))
        messages.append(ToolMessage(log, tool_call_id=call["id"], id=f"t{number}"))
    return [*messages, AIMessage(answer, id=f"a{number}")]


def talk(turns: int = 60) -> list[BaseMessage]:
    """Return the conversation up to a turn, the system prompt first."""
    every = [message for number in range(1, turns + 1) for message in turn(number)]
    return [SystemMessage(SYSTEM), *every]


def recall(request: list[BaseMessage], turns: int) -> float:
    """Return the share of the facts told so far that a request still contains, from 0 to 1."""
    text = "\n".join(message.text for message in request)
    told = [fact for number, fact in FACTS.items() if number <= turns]
    return sum(not missing_details(fact, text) for fact in told) / len(told) if told else 1.0


def read_log(order_id: str) -> str:
    """Read the courier's log of an order."""
    lines = [f"{order_id} scanned at stop {stop}: all is well" for stop in range(2000)]
    lines[1407] = f"{order_id} scanned at stop 1407: ADDRESS NOT FOUND"
    return "\n".join(lines)
