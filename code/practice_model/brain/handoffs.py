"""Handing a conversation to another agent by a tool that does so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from practice_model.brain import classify, languages, routing, structured
from practice_model.brain import schema as schemas
from practice_model.brain.conversation import Conversation
from practice_model.brain.reply import ToolCall
from practice_model.brain.small_talk import is_small_talk
from practice_model.brain.tools import Tool
from practice_model.brain.verdicts import wants_changes

_HANDOFF = re.compile(
    r"^(?:transfer|hand_?off|handoff|delegate|route|assign|escalate|pass|switch)(?:_(?:task|back|over|"
    r"conversation|call))*_(?:to|on_to)_(?:the_)?(.+)$"
)


_BRIEF = re.compile(
    r"(?:\w+_)?(?:brief|task|request|message|context|summary|question|instructions?|description|"
    r"details|problem|note)"
)
"""Parameters that tell the next agent what is wanted."""


@dataclass(frozen=True)
class Handing:
    """The handoffs to make, or what to say when all are done."""

    calls: list[ToolCall] = field(default_factory=list)
    text: str = ""


def _result(said: Sequence[tuple[str, str]], told: dict[str, str]) -> str:
    """What a team hands back: what was said last, but not the approval of a text: the text."""
    last = next(((name, text) for name, text in reversed(said) if text), ("", ""))
    if routing.stage(last[0], told.get(last[0], "")) == 4 and not wants_changes(last[1]):
        for name, text in reversed(said):
            if text and routing.stage(name, told.get(name, "")) == 2:
                return text
    return last[1]


_HANDS_ON = re.compile(
    r"\b(?:hand|transfer|route|pass|send|forward|refer|delegate|escalate|direct)(?:s|ed|ing)?\b",
    re.I,
)


def _own_subject(system: str) -> str:
    """What an agent's instructions say of its own subject, and not of those it hands on to."""
    told = re.split(r"(?<=[.!?;\n])\s+", system[:600])
    kept = " ".join(entry for entry in told if not _HANDS_ON.search(entry))[:300]
    return re.sub(r"\b(?:front|help|service|desk|agent|assistant)\b", " ", kept, flags=re.I)


def decide(conv: Conversation, tools: Sequence[Tool]) -> Handing | None:
    """Choose a handoff for a supervisor whose tools all hand on; None for any other agent."""
    targets = {}
    for tool in tools:
        found = _HANDOFF.match(tool.name)
        if found:
            targets[found[1]] = tool
    if not targets or len(targets) < len(tools):
        return None
    if is_small_talk(conv.request) or languages.is_foreign(conv.request):
        return Handing()
    supervising = bool(
        re.search(
            r"\b(?:supervis|manag|coordinat|orchestrat|route|triage|delegat)\w*", conv.system, re.I
        )
    )
    told = routing.explained(list(targets), conv.system)
    for name, tool in targets.items():
        told[name] = f"{told[name]} {tool.description}".strip()
    said = routing.spoken(list(targets), conv)
    if supervising:
        options = {**told, "FINISH": ""}
        chosen = routing.next_worker(options, conv)
        if chosen == "FINISH":
            return Handing(text=_result(said, told) or "Everything that was asked for is done.")
    else:
        scored = classify.suited(told, conv.request)
        chosen = max(scored, key=lambda name: scored[name])
        own = classify.affinity("", _own_subject(conv.system), conv.request)
        if scored[chosen] < classify.ENOUGH or scored[chosen] <= own:
            return Handing()
        if any(call.name == targets[chosen].name for call in conv.since):
            return None
    tool = targets[chosen]
    filled = structured.fill(tool.schema, [{"role": "user", "content": conv.request}], conv)
    arguments = dict(filled) if schemas.kind_matches(filled, {"type": "object"}) else {}
    for parameter in tool.parameters:
        if parameter.kind == "string" and _BRIEF.fullmatch(parameter.name):
            arguments[parameter.name] = " ".join(conv.request.split())
    return Handing([ToolCall(tool.name, arguments)])
