"""Follow-ups: requests that name only what changes, answer a question, or point at a result."""

import re
from collections.abc import Sequence
from dataclasses import replace

from practice_model.mind.assign import Binding, assign, composites, currencies
from practice_model.mind.execute import to_call
from practice_model.mind.lists import build
from practice_model.mind.options import booleans, chosen
from practice_model.mind.parameters import Param, Tool
from practice_model.mind.reading.model import PastCall, Reading
from practice_model.mind.reading.tokens import families
from practice_model.mind.records import OTHER
from practice_model.mind.reply import ToolCall
from practice_model.mind.sources import from_facts, from_past
from practice_model.mind.tools import CALL, Choice, Planned, deed_of, looks, rank

_REFERS = re.compile(
    r"^\W*(?:and|what about|how about|now|also|then|or|actually|no|not|sorry|same|make (?:it|that)|"
    r"ok(?:ay)?|yes|sure|right|try|instead|rather|wait)\b|\b(?:instead|as well|too|the other one|"
    r"the same (?:for|to|in|with))\W*$",
    re.I,
)
_THANKS = re.compile(
    r"^\W*(?:thanks|thank you|great|perfect|cheers|that(?:'s| is| was) all|never ?mind|"
    r"no,? (?:thanks|thank you|that's all))\b",
    re.I,
)


def refers(reading: Reading) -> bool:
    """Tell that a request builds on what was said or done before."""
    if not reading.turns[: max(reading.request_index, 0)]:
        return False
    text = reading.request.text
    return bool(_REFERS.search(text)) and len(text.split()) <= 16


def follow_up(
    reading: Reading, tools: Sequence[Tool], planned: list[Planned]
) -> list[ToolCall] | None:
    """Return the calls of a follow-up; None where the request is none."""
    text = reading.request.text
    if _THANKS.search(text) or reading.request_index <= 0:
        return None
    own = [
        p
        for p in planned
        if p.deed.clause
        and p.deed.clause.verb
        and p.deed.clause.verb not in ("make", "do", "try", "change", "take", "use")
    ]
    last = {c.name for c in _last_calls(reading)}
    if (
        own
        and not OTHER.search(text)
        and any(not p.choice.missing or p.name not in last for p in own)
    ):
        return None
    calls = _last_calls(reading)
    if _asked(reading) and (answered := _answer(reading, tools)) is not None:
        return answered
    if planned and not (calls and refers(reading)):
        return None
    for past, tool in [(c, t) for c in calls for t in tools if t.name == c.name]:
        if again := _again(reading, tool, past):
            return again
    return None


def updated(
    reading: Reading, tools: Sequence[Tool], planned: list[Planned]
) -> list[ToolCall] | None:
    """Change what an earlier call made, by the id its result gave: None where nothing is."""
    calls = _last_calls(reading)
    past = calls[-1] if calls else None
    if past is None or reading.since or not isinstance(past.data, dict):
        return None
    maker = next((t for t in tools if t.name == past.name), None)
    verbs = {p.deed.verb for p in planned} - {"", "make", "change", "do"}
    if maker is None or looks(maker) or verbs or any(p.name != past.name for p in planned):
        return None
    if _THANKS.search(reading.request.text):
        return None
    for tool in tools:
        keys = [p for p in tool.required if p.sense == "id" and past.data.get(p.name)]
        if tool is maker or not keys or "change" not in families(tool.verbs[0]):
            continue
        new = _new_bindings(reading, tool, [p for p in tool.params if p not in keys])
        made = [*(Binding(p, past.data[p.name], None, 1.0) for p in keys), *new]
        choice = Choice(tool, tuple(made), 1.0)
        if new and not choice.missing:
            return [to_call(choice)]
    return None


def _asked(reading: Reading) -> bool:
    before = reading.turns[reading.request_index - 1] if reading.request_index > 0 else None
    return before is not None and before.role == "assistant" and "?" in before.text[-200:]


def _last_calls(reading: Reading) -> list[PastCall]:
    for turn in reversed(reading.turns[: reading.request_index]):
        if turn.calls:
            return list(turn.calls)
    return []


def _answer(reading: Reading, tools: Sequence[Tool]) -> list[ToolCall] | None:
    users = [i for i, t in enumerate(reading.turns[: reading.request_index]) if t.role == "user"]
    for index in reversed(users[-3:]):
        said = reading.passages[index]
        for clause in said.clauses:
            ranked = rank(deed_of(said, clause), tools)
            if clause.prohibited or not ranked or ranked[0].score < CALL * 0.9:
                continue
            choice = from_facts(_filled(reading, ranked[0]), reading.facts, range(0, 9))
            choice = from_past(choice, reading)
            call = to_call(choice)
            made = any(
                c.name == call.name and c.arguments == call.arguments for c in reading.before
            )
            if not choice.missing and not made:
                return [call]
    return None


def _new_bindings(reading: Reading, tool: Tool, params: Sequence[Param]) -> list[Binding]:
    said = reading.request
    spans = [s for s in said.spans if s.kind != "clause"]
    spans = [*spans, *composites(spans, said.text), *currencies(spans)]
    found = assign(params, spans, tool)
    paths = {b.param.path for b in found}
    extra = [*chosen(tool, said.text, said.spans), *booleans(tool, said.text, "")]
    wanted = {p.path for p in params}
    return [*found, *[b for b in extra if b.param.path not in paths and b.param.path in wanted]]


def _filled(reading: Reading, choice: Choice) -> Choice:
    bound = {b.param.path for b in choice.bindings}
    lacking = [p for p in choice.tool.params if p.path not in bound]
    new = [
        b for b in _new_bindings(reading, choice.tool, lacking) if b.param.required or b.score > 0.8
    ]
    return replace(choice, bindings=(*choice.bindings, *new))


def _again(reading: Reading, tool: Tool, past: PastCall) -> list[ToolCall]:
    """Make a call again with what the request changes."""
    new = _new_bindings(reading, tool, tool.params)
    changes = {b.param.path: b for b in reversed(new)}
    arguments = build([*changes.values()], past.arguments)
    return [] if arguments == past.arguments else [ToolCall(tool.name, arguments)]
