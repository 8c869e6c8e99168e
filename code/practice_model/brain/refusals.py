"""What a rule-based model honestly cannot do, said in the words of the request."""

from __future__ import annotations

import re

from practice_model.brain import extracts

SELF = "I am a rule-based practice model and know only what this conversation and my tools tell me."
_TRANSLATE = re.compile(
    r"\btranslat\w*\b|\bsay (?:this|that|it|.{1,40}) in [A-Z][a-z]+\b|"
    r"\bhow do (?:you|i|we) say\b|\bwhat is .{1,40} in (?:French|German|Spanish|Italian|Portuguese|"
    r"Dutch|Polish|Japanese|Chinese|Russian|Arabic|English)\b",
    re.I,
)
_ACTS = re.compile(
    r"^(?:cancel|send|book|order|buy|call|pay|delete|remove|start|stop|run|deploy|open|close|"
    r"restart|install|schedule|remind|play|turn|set|update|refund|transfer|reserve|post|publish|"
    r"upload|download|print|block|move|ship|save|store|e-?mail|notify|add|look up|search|check)\b",
    re.I,
)
_KNOWS = re.compile(
    r"^(?:explain|describe|recommend|tell|compare|continue|guess|choose|pick|design|code|solve|"
    r"teach|show|give|list|name|find|create|make|generate|write|draw|paint|sing|predict|define|"
    r"calculate|convert|decide|help|suggest|think|imagine|play|finish|complete|format|analy[sz]e|"
    r"discuss|outline|invent|propose|advise|rank|rate|estimate|evaluate|research|google|do)\b",
    re.I,
)


def answer(request: str, tool_names: tuple[str, ...] = ()) -> str | None:
    """Say what cannot be done here, and why; None for anything that is no such request."""
    bare = extracts.strip_polite(request.strip())
    first = re.split(r"(?<=[.!?])\s+|\n", bare)[0].rstrip(".!?: ")
    if _TRANSLATE.search(first):
        return f"I cannot translate: I have no dictionary. {SELF}"
    first = first.split(":")[0].strip()
    turned = re.sub(r"\bmy\b", "your", first)
    turned = re.sub(r"\b(?:me|us)\b", "you", re.sub(r"\bour\b", "your", turned))
    deed = turned[:1].lower() + turned[1:] if len(turned) <= 120 else ""
    if deed and _ACTS.match(first):
        what = "None of my tools can do that" if tool_names else "I have no tool for that here"
        return f"{what}, so I cannot {deed}."
    if deed and _KNOWS.match(first):
        return f"I cannot {deed}: {SELF}"
    return None
