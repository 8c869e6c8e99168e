"""What an agent's job calls for: handing a request over, and searching point by point."""

import re
from collections.abc import Sequence

from practice_model.lexicon import words
from practice_model.mind.parameters import Tool
from practice_model.mind.reading.facts import is_notice
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.tokens import word_set
from practice_model.mind.reply import Reply, ToolCall
from practice_model.mind.tools import looks
from practice_model.mind.vectors import similarity

_HANDOFF = re.compile(
    r"^(?:transfer|hand_?off|handoff|delegate|route|assign|pass|switch)(?:_(?:task|back|"
    r"over|conversation|call))*_(?:to|on_to)_(?:the_)?(\w+)$"
)
_SUPERVISES = re.compile(r"\b(?:supervis|manag|coordinat|orchestrat)\w*", re.I)
_HANDS_ALL = re.compile(
    r"\b(?:every|all|each|any)\b[^.]{0,40}\b(?:request|question|message|customer)", re.I
)
_SEARCHES = re.compile(
    r"(?:^|[.!?:;,]\s+|\band )(?:(?:always|first|you|then|please) )*"
    r"(?:search|look up|look for|find|research|collect|consult)\b",
    re.I,
)
_POINTS = re.compile(
    r"\b(?:mention|cover|include|explain|say|answer|describe|discuss)\b:?\s+([^.!?\n]+)", re.I
)
_ABOUT = re.compile(r"\b(?:about|on|regarding|of)\s+([^.,;!?\n]+)", re.I)
_JOINS = re.compile(r",\s*(?:and\s+)?|\s{1,4}and\s{1,4}(?!what\b.{0,12}$)|;\s*", re.I)


def hand_over(reading: Reading, tools: Sequence[Tool]) -> Reply | None:
    """Choose a handoff for an agent whose tools all hand over; None for any other agent."""
    targets = {match[1]: tool for tool in tools if (match := _HANDOFF.match(tool.name))}
    if not targets or len(targets) < len(tools):
        return None
    from practice_model.mind import writing

    system, request = reading.system.text, reading.request.text
    described = {name: tool.description for name, tool in targets.items()}
    if _SUPERVISES.search(system):
        chosen = writing.choose([*targets, "FINISH"], reading, described)
        if chosen == "FINISH":
            return Reply(_last_work(reading))
    else:
        made = {call.name for call in reading.since}
        near = {
            name: similarity(f"{name}. {told}", request)
            + 0.3 * len(word_set(f"{name} {told}") & word_set(request))
            for name, told in described.items()
        }
        chosen = max(near, key=lambda name: near[name])
        if targets[chosen].name in made or not (
            near[chosen] > 0.25 or (_HANDS_ALL.search(system) and writing.intent(reading) != "talk")
        ):
            return None
    tool = targets[chosen]
    brief = " ".join(request.split())
    given = {p.name: brief for p in tool.params if p.kind == "string" and not p.options}
    return Reply(None, [ToolCall(tool.name, given)])


def _last_work(reading: Reading) -> str:
    said = [
        t.text for t in reading.turns if t.role == "assistant" and t.text and not is_notice(t.text)
    ]
    made = [text for text in said if not re.match(r"\W*(?:approved|changes needed)\b", text, re.I)]
    return (made or said or ["Everything that was asked for is done."])[-1]


def _search_tools(tools: Sequence[Tool]) -> list[Tool]:
    return [
        t
        for t in tools
        if len(t.required) == 1 and looks(t) and t.required[0].sense in ("query", "text", "title")
    ]


def searches(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    """Return the searches still to make for an agent told to search; None for any other agent."""
    verbs = {"search", "find", "look", "query", "retrieve"}
    tool = next((t for t in _search_tools(tools) if verbs & set(t.verbs)), None)
    if (
        tool is None
        or not _SEARCHES.search(reading.system.text)
        or any(t.name in reading.request.text for t in tools)
    ):
        return None
    from practice_model.mind import writing

    if writing.intent(reading) == "talk":
        return None
    key = tool.required[0].name
    done = [word_set(str(c.arguments.get(key))) for c in reading.since if c.name == tool.name]
    asked = [query for query in queries(reading) if word_set(query) not in done]
    return [ToolCall(tool.name, {key: query}) for query in asked]


def queries(reading: Reading) -> list[str]:
    """Return what to search for: each point of the task under its topic, or each question."""
    task = reading.request.section("task", "question", "request")
    text = task.body if task else reading.wish.text
    points = [p.strip(" .") for match in _POINTS.finditer(text) for p in _JOINS.split(match[1])]
    points = [
        " ".join(w for w in p.split() if w.lower() not in words("words", "filler")) for p in points
    ]
    about = _ABOUT.search(text)
    topic = about[1].strip() if about else ""
    if points and topic:
        return [f"{topic} {point}" for point in points if point]
    if topic and "?" not in text:
        return [topic]
    asked = [c.text.strip(" ?.") for c in reading.request.clauses if c.mood == "question"]
    return asked or [text.strip(" .?")]


_WIDE = {"web", "internet", "engin", "wikipedia", "onlin", "tavil", "googl", "memor", "fact"}


def open_search(reading: Reading, tools: Sequence[Tool]) -> ToolCall | None:
    """Search for what a question asks, where a tool searches widely."""
    from practice_model.mind import writing

    wide = [t for t in _search_tools(tools) if t.words & _WIDE]
    asks = [c.text.strip(" ?.") for c in reading.request.clauses if c.mood == "question"]
    if len(wide) != 1 or not asks or writing.intent(reading) != "question":
        return None
    if re.search(r"\b(?:you|your|my|i)\b", asks[0], re.I) and not re.search(
        r"\byou (?:know|tell|find|have)\b|\bsaved|user\b", f"{asks[0]} {wide[0].description}", re.I
    ):
        return None
    return ToolCall(wide[0].name, {wide[0].required[0].name: asks[0]})
