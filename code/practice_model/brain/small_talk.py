"""Greetings, thanks, goodbyes, and questions about the model itself."""

from __future__ import annotations

import re

_GREETING = re.compile(
    r"^\W*(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|howdy|welcome)\b"
    r"(?:[ ,]+(?:there|all|everyone|bot|assistant|again|team))?[\W]*$",
    re.I,
)
_HOW = re.compile(
    r"^\W*(?:hello|hi|hey)?[\w ,]{0,12}\bhow (?:are you|is it going|do you do)\b[\w ]{0,20}\W*$",
    re.I,
)
_THANKS = re.compile(
    r"^\W*(?:ok(?:ay)?|great|perfect|cool|super|wonderful|excellent|alright|lovely)?[\W]*"
    r"(?:thanks|thank you|thx|cheers|much appreciated|many thanks)\b.{0,60}$",
    re.I,
)
_PRAISE = re.compile(
    r"^\W*(?:ok(?:ay)?|great|perfect|cool|super|wonderful|excellent|alright|good|nice|yes|no|sure|"
    r"fine|well done|good job|that['’]s (?:all|it|fine|great)|never mind|nothing else)[\W]*$",
    re.I,
)
_BYE = re.compile(r"^\W*(?:good ?bye|bye|see you|farewell|good night)\b.{0,30}$", re.I)
_IDENTITY = re.compile(
    r"\b(?:who|what) are you\b|\bare you (?:a |an )?(?:real|human|person|bot|robot|ai|llm|chatgpt|"
    r"gpt[\w.-]*|language model|large language model|machine|model|model)\b|"
    r"\bwhat(?: kind of)? (?:language )?model (?:are you|is this)\b|\bwhich (?:language )?model\b|"
    r"\bintroduce yourself\b|\bwhat is your name\b|\bwhat['’]s your name\b|"
    r"\bwho (?:made|built|trained|created) you\b|\bwere you trained\b",
    re.I,
)
_ABILITY = re.compile(
    r"^\W*(?:so )?(?:what (?:can|do) you do\b|how can you help|what are you able to|"
    r"what can you help|help\W*$|what are your (?:abilities|capabilities|tools))",
    re.I,
)
IDENTITY = (
    "I am the course's practice model: a rule-based program that runs on this machine, not a "
    "language model. I follow fixed rules, so the same request always gets the same answer."
)


def is_small_talk(text: str) -> bool:
    """Whether a message asks for nothing that a tool could do."""
    return reply(text, ()) is not None


def reply(text: str, tool_names: tuple[str, ...], seed: int = 0) -> str | None:
    """Answer small talk; None for anything else."""
    if _IDENTITY.search(text) and len(text) < 160:
        return IDENTITY
    if _ABILITY.search(text) and len(text) < 120:
        if tool_names:
            named = ", ".join(" ".join(name.split("_")) for name in tool_names)
            return f"With the tools I have here I can help with: {named}."
        return (
            "I can answer from text you give me, draft, revise, review and summarise, sort things "
            "into categories, extract data, do simple sums and call the tools I am given."
        )
    if _HOW.match(text):
        return "I am a program, so always the same, thank you. What can I do for you?"
    if _GREETING.match(text):
        return "Hello! How can I help you?"
    if _THANKS.match(text) and "?" not in text:
        return "You're welcome. Is there anything else I can do?"
    if _BYE.match(text):
        return "Goodbye!"
    if _PRAISE.match(text):
        return "All right. Is there anything else I can do?"
    return None
