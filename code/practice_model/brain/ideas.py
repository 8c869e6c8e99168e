"""Lists asked for without sources: so general that they hold for any subject."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re

from practice_model.brain.entities import numeric

_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("risks", r"risks?|dangers?|pitfalls?|problems?|challenges?|things that (?:can|could|may) go wrong", (
        "It may take longer or cost more than planned, so keep a reserve of both.",
        "Something that works today may stop for a while: decide beforehand what must not.",
        "Somebody whom it concerns may hear of it too late, so tell people early.",
        "Knowledge may get lost on the way: write down how things are done now.",
        "There may be no way back: plan one for the first days.",
        "It may depend on a single person or supplier: name a second one.",
        "Small mistakes may add up unseen: check the result at fixed points.")),
    ("advantages", r"advantages?|benefits?|pros|strengths?|upsides?|good reasons|reasons (?:for|to)", (
        "It may save time: compare how long the same work takes without it.",
        "It may be simpler for those who use it: ask three of them.",
        "It may cost less in the long run: count a whole year.",
        "It may make mistakes rarer or easier to see.",
        "It may be something that others do not offer.")),
    ("disadvantages", r"disadvantages?|drawbacks?|cons|downsides?|weaknesses|reasons against", (
        "It may cost more than it brings: count both over a year.",
        "It may take time to get used to.",
        "It may be hard to undo: find out before, not after.",
        "It may suit some of those concerned and not the others.",
        "It may need care that nobody has time for.")),
    ("questions", r"questions?|things to (?:ask|clarify)", (
        "What exactly is wanted, and how will one see that it is done?",
        "Whom does it concern, and who decides?",
        "What is known already, and where does that come from?",
        "What would happen if nothing were done?",
        "What does it cost, in money and in time?",
        "What should be tried first?",
        "When will it be looked at again?")),
    ("tips", r"tips?|advice|suggestions?|recommendations?|ways|hints?|best practices|things to (?:do|consider|remember|keep in mind)", (
        "Start small, look at the result, then decide on the next step.",
        "Ask somebody who does it every day.",
        "Write down what worked and what did not.",
        "Change one thing at a time, so that you see what helped.",
        "Set a day on which you look at it again.",
        "Tell those whom it concerns before they find out.",
        "Leave out what nobody has missed so far.")),
    ("ideas", r"ideas?|options|possibilities|alternatives", (
        "Take what worked last time, and change one thing.",
        "Ask those whom it is for what they have missed so far.",
        "Join two things that they already like.",
        "Make a small version first, and see who likes it.",
        "Do the opposite of what is usual, and see whether it makes sense.",
        "Let somebody who has never done it before choose.",
        "Make something yourself instead of buying it.")),
)  # fmt: skip
_NUMBER = r"(?P<count>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|some|a few|a couple of|the|any|a list of)"
_ASKED = re.compile(
    rf"^\W*(?:please |can you |could you |what (?:are|could be|might be) )*(?:list|name|give me|give us|write|suggest|tell me|think of|"
    rf"find|brainstorm|propose|come up with|show me|what are|what could be)?\W*(?:{_NUMBER} )?(?:\w+ )?"
    r"(?P<kind>[a-z]+(?: and [a-z]+| to [a-z]+| against)?)\s+(?:of|for|about|on|to|with|in|against|when)\s+(?P<topic>.+?)\W*$",
    re.I | re.S,
)  # fmt: skip


def answer(request: str) -> str | None:
    """A list of the asked kind and length, and a word on how general it is; else None."""
    if len(request) > 300 or "\n" in request.strip():
        return None
    found = _ASKED.match(request)
    if not found or not re.match(
        r"\W*(?:please |can you |could you )*(?:list|name|give|write|suggest|tell|think|find|"
        r"brainstorm|propose|come|show|what)\b",
        request,
        re.I,
    ):
        return None
    count = int(numeric(found["count"] or "") or 3)
    topic = re.sub(r"\b(our|my)\b", "your", found["topic"].strip(), flags=re.I)
    head = request[: found.start("topic")]
    if head.rstrip().endswith(" to"):
        topic = f"how to {topic}"
    kinds = [
        (name, lines) for name, shape, lines in _KINDS if re.search(rf"\b(?:{shape})\b", head, re.I)
    ]
    if not kinds:
        return None
    if len(kinds) > 1 and kinds[0][0] == "advantages" and kinds[1][0] == "disadvantages":
        parts = [
            f"{name.capitalize()}:\n" + "\n".join(f"- {line}" for line in lines[:count])
            for name, lines in kinds[:2]
        ]
        body = "\n\n".join(parts)
    else:
        body = "\n".join(f"- {line}" for line in kinds[0][1][:count])
    return f"{body}\n\nI know nothing particular about {topic}, so this holds for most cases."
