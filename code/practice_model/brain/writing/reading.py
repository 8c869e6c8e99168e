"""Reads a request for writing out of a conversation: what, about what, from what, how long."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from practice_model.brain.conversation import is_notice
from practice_model.brain.writing import questions
from practice_model.brain.writing.errands import Errand, read_errand
from practice_model.brain.writing.general import is_clause, lower_article
from practice_model.brain.writing.limits import merge, read_limits
from practice_model.brain.writing.model import Kind, Limits, Source, Task
from practice_model.brain.writing.relevance import content
from practice_model.brain.writing.text import (
    NUMBER_WORD,
    citations,
    count_words,
    is_id,
    sentences,
    stems,
)

Messages = Sequence[dict[str, Any]]

_FORMS = (
    "help page|web page|landing page|blog post|social media post|complaint|application|toast|press release|product description|cover letter|job advert|"
    "thank[- ]you note|release notes?|meeting minutes|e-?mail|mail|letter|message|newsletter|announcement|"
    "invitation|reminder|apology|post|article|essay|report|memo|summary|paragraph|introduction|explanation|"
    "description|tweet|slogan|tagline|poem|haiku|limerick|song|story|tale|speech|review|guide|tutorial|"
    "how-to|faq|answer|text|note|list|outline|page|draft|piece|overview|briefing|brief|leaflet|flyer|"
    "documentation|readme|docstring|advert|ad|bio|biography|caption|statement|notice|script|dialogue|document|section|copy|sentence|sentences|words|headline|title|proposal|brochure|handout|lesson|comment|response|reply"
)
_LABELS: dict[str, str] = {
    "draft": "draft", "current draft": "draft", "previous draft": "draft", "first draft": "draft",
    "the draft": "draft", "text": "text", "article": "text", "document": "sources", "content": "text",
    "passage": "text", "email": "text", "e-mail": "text", "message": "text", "customer message": "text",
    "review": "feedback", "feedback": "feedback", "review feedback": "feedback", "reviewer feedback": "feedback",
    "comments": "feedback", "reviewer's comments": "feedback", "requested changes": "feedback",
    "changes": "feedback", "critique": "feedback", "revision notes": "feedback", "reviewer": "feedback",
    "notes": "sources", "research notes": "sources", "research": "sources", "sources": "sources",
    "source": "sources", "context": "sources", "facts": "sources", "findings": "sources",
    "background": "sources", "documents": "sources", "material": "sources", "knowledge": "sources",
    "information": "sources", "data": "sources", "evidence": "sources", "researcher": "sources",
    "task": "task", "topic": "topic", "subject": "topic", "request": "task", "question": "task",
    "brief": "task", "assignment": "task", "instructions": "task", "goal": "task", "user request": "task",
    "criteria": "criteria", "checklist": "criteria", "rubric": "criteria", "requirements": "criteria",
    "rules": "criteria", "audience": "audience", "tone": "tone", "style": "tone", "length": "length",
    "points": "points", "key points": "points", "must mention": "points", "include": "points",
    "avoid": "avoid", "do not mention": "avoid", "recipient": "recipient", "to": "recipient",
    "sender": "sender", "from": "sender", "writer": "draft", "original": "text", "plan": "sources",
    "customer": "text", "conversation": "text", "transcript": "text", "report": "text",
}  # fmt: skip
_LABEL = re.compile(
    r"^\s*(?:#{1,6}\s*|\*\*)?(?P<label>[A-Za-z][A-Za-z'’ -]{1,28}?)(?:\s*\([^)]*\))?(?:\*\*)?\s*:(?:\*\*)?[ \t]*(?P<rest>.*)$"
)
_HEADING = re.compile(r"^\s*#{1,6}\s*(?P<label>[A-Za-z][A-Za-z'’ -]{1,28})\s*$")
_INLINE = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"'”’]))[ \t]+(?=(?:(?:Here are|These are|Use) (?:the|my|your|our|these) )?(?:[Rr]esearch )?"
    r"(?:[Nn]otes|[Ss]ources|[Cc]ontext|[Ff]acts|[Dd]raft|[Ff]eedback|[Cc]hanges|[Cc]omments|[Tt]opic|[Aa]udience|[Tt]one|[Cc]riteria|[Tt]ask)\s?:)"
)
_TAG = re.compile(r"<(?P<tag>[a-zA-Z_ -]+)(?:\s[^<>]*)?>(?P<body>.*?)</(?P=tag)>", re.DOTALL)
_FENCE = re.compile(
    r"(?:```\w*\n(?P<fence>.*?)```|\"\"\"(?P<quote>.*?)\"\"\"|'''(?P<single>.*?)''')", re.DOTALL
)

_VERB_KINDS: tuple[tuple[Kind, str], ...] = (
    ("summary", r"\b(?:summari[sz]e|summari[sz]ing|sum up|condense|tl;?dr|recap|(?:write|give|create|produce|make|provide|need|return|progressively)\b[^.\n]{0,40}\bsummary|summary of|summary:)"),
    ("titles", r"\b(?:suggest|give|write|propose|find|invent|come up with|create|need)\b[^.\n]{0,40}\b(?:titles?|headlines?|subject lines?|slogans?|taglines?)\b|\b(?:titles?|headline|subject line|slogan|tagline) for\b"),
    ("points", r"\b(?:extract|list|pull out|identify|give|find|what are|name)\b[^.\n]{0,30}\b(?:key|main|central|most important) (?:points?|ideas?|facts?|takeaways?|messages?)\b|\bkey takeaways\b|\bextract (?:the )?(?:facts|points)\b"),
    ("plan", r"\b(?:make|write|create|draft|give|produce|prepare|propose|outline)\b[^.\n]{0,30}(?<!-)\b(?:plan|outline|agenda|steps)\b(?!-)|\bplan (?:the|a|an|our|my|how|for)\b|\bbreak\b[^.\n]{0,40}\b(?:into|down)\b[^.\n]{0,20}\b(?:steps|sub-?tasks|tasks)\b|\bstep[- ]by[- ]step plan\b|^\W*outline\b"),
    ("review", r"\b(?:review|critique|criticise|criticize|evaluate|assess|proofread|judge|grade|fact-?check)\b[^.\n]{0,40}\b(?:this|the|my|our|following|draft|text|post|article|e-?mail|report|below|answer|letter)\b|\bcheck\b[^.\n]{0,15}\b(?:this|the|my|following)\b[^.\n]{0,15}\b(?:draft|text|post|article|e-?mail|report|letter)\b|\bis (?:this|the) (?:draft|text|post|article|e-?mail) (?:good|ok|ready)\b"),
    ("revise", r"\b(?:revise|rewrite|rework|rephrase|reword|shorten|polish|edit|improve|tighten|expand|simplify)\b[^.\n]{0,40}\b(?:this|the|it|my|our|your|following|draft|text|post|article|e-?mail|report|below|sentence|letter)\b|\bmake (?:it|this|the \w+|that) (?:\w+ ){0,2}(?:shorter|longer|more|less|clearer|simpler|friendlier|formal|warmer|politer|funnier|concise|brief|better)\b|\b(?:apply|address|incorporate) (?:the|this|all|every|my|these) (?:\w+ )?(?:feedback|comments?|changes?|review)\b"),
    ("reply", r"\b(?:reply|respond|answer|write back|response|write an answer|draft an answer)\b[^.\n]{0,30}\b(?:to )?(?:this|the|his|her|their|following|a|our|customer'?s?)\s+(?:\w+\s+){0,2}(?:e-?mail|message|letter|customer|complaint|enquiry|inquiry|request|ticket|mail|review)\b"),
    ("notes", r"\b(?:take|write|make|collect|gather|return|give|produce|prepare|hand back|report)\b[^.\n]{0,40}(?<!release )(?<!thank-you )(?<!thank you )\b(?:notes|findings)\b|\bresearch\b(?=[^.\n]{3,})(?!er\b)|\bdo (?:some )?research\b"),
    ("draft", rf"\bexplain (?:to [\w -]{{2,30}} )?(?:how|why|what)\b|\b(?:write|draft|compose|create|produce|prepare|generate|pen|give me|make|need|word)\b[^.\n]{{0,60}}?\b(?:{_FORMS})s?\b|\b(?:write|compose|draft) (?:me )?(?:something |a bit |a few lines )?(?:about|on|to)\b|\btell me (?:something )?about\b[^.\n]{{0,80}}\bin (?:{NUMBER_WORD}|a few) (?:words|sentences|paragraphs?)\b|\bexplain\b[^.\n]{{0,80}}\bin (?:{NUMBER_WORD}|a few|plain|simple) (?:words|sentences|paragraphs?|terms|language|english)\b"),
)  # fmt: skip
_ROLE_KINDS: tuple[tuple[Kind, str], ...] = (
    ("review", r"\b(?:you(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,4}?(?:reviewer|critic|proofreader|fact[- ]?checker|quality checker|judge)|your (?:job|task|role) is to (?:review|critique|check|judge|assess)|you (?:only )?(?:review|critique|check|judge|assess)\b)"),
    ("summary", r"\b(?:you(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,4}?summari[sz]er|your (?:job|task|role) is to summari[sz]e|you summari[sz]e)"),
    ("plan", r"\b(?:you(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,4}?planner|your (?:job|task|role) is to plan|you plan\b|you (?:break|split) (?:tasks|requests|work))"),
    ("notes", r"\b(?:you(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,4}?(?:researcher|research (?:assistant|agent|specialist|analyst)|librarian)|your (?:job|task|role) is to (?:research|find facts|collect|gather)|you (?:research|gather|collect)\b)"),
    ("reply", r"\b(?:you (?:answer|reply to|respond to) (?:customer |incoming )?(?:e-?mails|mails|messages|letters|tickets))"),
    ("draft", r"\b(?:you(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,4}?(?:writer|copywriter|author|journalist|blogger|poet|editor|ghostwriter|documenter)|your (?:job|task|role) is to (?:write|draft|compose)|you (?:write|draft|compose)\b)"),
)  # fmt: skip


def text_of(message: dict[str, Any]) -> str:
    """The text of a message, whether a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(
            str(part.get("text", ""))
            for part in content
            if isinstance(part, dict) and part.get("text")
        )
    return ""


@dataclass
class Sections:
    """A message taken apart: what stands free, and what stands under a label."""

    free: str = ""
    labelled: dict[str, str] = field(default_factory=dict)

    def add(self, label: str, text: str) -> None:
        """Add a text under a label, after what is there already."""
        text = text.strip()
        if text:
            before = self.labelled.get(label)
            self.labelled[label] = f"{before}\n{text}" if before else text


def _label(raw: str) -> str | None:
    key = re.sub(
        r"^(?:the|this|my|your|our|here (?:is|are)(?: the| my| your)?)\s+",
        "",
        raw.strip().lower().replace("’", "'"),
    )
    key = key.strip(" -_").replace("_", " ")
    if key in _LABELS:
        return _LABELS[key]
    last = key.split()[-1] if key else ""
    if (
        len(key.split()) <= 4
        and last in _LABELS
        and last
        not in {
            "to",
            "from",
            "include",
            "style",
            "customer",
            "subject",
            "message",
            "data",
            "question",
        }
    ):
        return _LABELS[last]
    return None


def sections(text: str) -> Sections:
    """Take a message apart by tags, labels ('Notes:') and headings."""
    found = Sections()

    def tagged(match: re.Match[str]) -> str:
        label = _label(match["tag"])
        if label is None:
            return match.group()
        found.add(label, match["body"])
        return "\n"

    text = _TAG.sub(tagged, text)
    text = _INLINE.sub("\n", text)
    current: str | None = None
    mail = False
    for line in text.splitlines():
        match = _LABEL.match(line)
        heading = _HEADING.match(line)
        label = None
        if match and not (mail and match["label"].lower() in {"to", "from", "subject"}):
            label = _label(match["label"])
            if (
                current == "draft"
                and label in {"topic", "recipient", "sender", "text", "sources"}
                and match["label"].lower()
                in {"subject", "to", "from", "message", "text", "source", "sources"}
            ):
                label = None
        if (
            label is not None
            and match is not None
            and (asked(match["label"]) == "plan" or "release" in match["label"].lower())
        ):
            label = None
        if label is not None and match is not None:
            if asked(match["label"]) is not None:
                found.free += match["label"] + ".\n"
            current = label
            mail = label in {"text", "draft"}
            found.add(label, match["rest"])
            continue
        if heading and (named := _label(heading["label"])) and current not in {"draft", "text"}:
            current = named
            continue
        if (
            current in {"topic", "audience", "tone", "length", "recipient", "sender"}
            and not line.strip()
        ):
            current = None
        if current is None:
            found.free += line + "\n"
        else:
            before = found.labelled.get(current)
            found.labelled[current] = f"{before}\n{line}" if before else line
    for key, value in list(found.labelled.items()):
        found.labelled[key] = value.strip()
        if not found.labelled[key]:
            del found.labelled[key]

    def fenced(match: re.Match[str]) -> str:
        body = next(group for group in match.groups() if group is not None)
        if count_words(body) > 8:
            found.add("text", body)
            return "\n"
        return match.group()

    found.free = _FENCE.sub(fenced, found.free).strip()
    return found


def role(system: str) -> Kind | None:
    """The sort of writing that a system prompt makes its business."""
    text = system.lower()
    best: tuple[int, Kind] | None = None
    for name, pattern in _ROLE_KINDS:
        match = re.search(pattern, text)
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), name)
    return best[1] if best else None


def asked(text: str) -> Kind | None:
    """The sort of writing that a request's verbs ask for; the earliest one named."""
    best: tuple[int, Kind] | None = None
    for name, pattern in _VERB_KINDS:
        match = re.search(pattern, text.lower())
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), name)
    return best[1] if best else None


_CHANGE = re.compile(
    r"^(?:please |now |can you |could you |ok,? |okay,? |good,? |great,? |thanks,? (?:but )?|but |and )*(?:make it|make this|shorter|longer|too (?:long|short|formal|informal)|more |less |add |remove |drop |mention |include |"
    r"shorten|expand|rewrite|revise|rephrase|replace |change |use |cite |cut |translate|simplify|fix |delete |without )",
    re.IGNORECASE,
)


_DISPATCHER = re.compile(
    r"\byou(?:'re| are) (?:a|an|the|our)?\s*(?:\w+[ -]){0,2}?(?:supervisor|manager|coordinator|router|dispatcher|orchestrator)\b",
    re.IGNORECASE,
)


def kind(messages: Messages) -> Kind | None:
    """Which piece of writing the conversation asks for; None when it asks for none."""
    messages = _without_notices(messages)
    system = "\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    users = [m for m in messages if m.get("role") == "user"]
    if not users:
        return role(system)
    parts = sections(text_of(users[-1]))
    request = "\n".join([parts.free, parts.labelled.get("task", "")])
    job = role(system)
    if job is None and _DISPATCHER.search(system):
        return None
    wanted = asked(request)
    has_draft = "draft" in parts.labelled or _named_draft(messages) is not None
    has_feedback = "feedback" in parts.labelled
    if job == "review":
        return "review"
    if job == "notes" and wanted in (None, "draft", "notes", "reply", "plan"):
        return "notes"
    if has_draft and has_feedback and job in (None, "draft", "reply") and wanted != "review":
        return "revise"
    if job in ("summary", "plan"):
        return wanted if wanted in ("points", "titles") else job
    if job == "draft" and _named_draft(messages) is not None and _named_feedback(messages):
        return "revise"
    spoken = [m for m in messages if m.get("role") == "assistant" and text_of(m).strip()]
    if spoken and wanted in (None, "revise") and not parts.labelled.get("draft"):
        earlier = list(messages[: _index(messages, users[-1])])
        if any(m.get("role") == "assistant" and text_of(m) for m in earlier) and (
            wanted == "revise" or _CHANGE.match(parts.free)
        ):
            before = [m for m in earlier if m.get("role") == "user"]
            if (
                before and kind([*[m for m in messages if m.get("role") == "system"], before[-1]])
            ) or wanted == "revise":
                return "revise"
    if wanted == "review" and job == "draft" and not has_draft:
        wanted = None
    if wanted == "revise" and not (
        has_draft or "text" in parts.labelled or '"' in request or ":" in request
    ):
        wanted = None
    if wanted is not None:
        return wanted
    if job == "draft" and has_draft and not has_feedback:
        return "draft"
    if "draft" in parts.labelled and has_feedback:
        return "revise"
    return job


def is_assignment(messages: Messages) -> bool:
    """Whether the last message hands a piece of writing on: notes, a draft or feedback to someone
    whose job is writing, or a request for a text that begins with its verb.
    """
    users = [text_of(m) for m in messages if m.get("role") == "user"]
    if not users:
        return False
    parts = sections(users[-1])
    system = "\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    if role(system) in ("draft", "review", "notes") and (
        "task" in parts.labelled or parts.labelled.keys() & {"draft", "feedback"}
    ):
        return True
    begins = re.match(
        r"\W*(?:please )?(?:write|draft|compose|pen)\b",
        parts.labelled.get("task") or parts.free,
        re.I,
    )
    return bool(begins) and kind(messages) in ("draft", "revise")


def _without_notices(messages: Messages) -> Messages:
    """The messages without those that only tell who hands over to whom."""
    return [
        m
        for m in messages
        if m.get("role") not in ("assistant", "tool") or not is_notice(text_of(m))
    ]


def _index(messages: Messages, one: dict[str, Any]) -> int:
    return next(place for place, message in enumerate(messages) if message is one)


def _named_draft(messages: Messages) -> str | None:
    for message in reversed(messages):
        name = str(message.get("name") or "").lower()
        if re.search(r"writer|author|drafter", name) and text_of(message).strip():
            return text_of(message)
    return None


def _named_feedback(messages: Messages) -> list[str]:
    for message in reversed(messages):
        name = str(message.get("name") or "").lower()
        if re.search(r"review|critic|editor|checker", name) and text_of(message).strip():
            return split_feedback(text_of(message))
        if re.search(r"writer|author|drafter", name):
            return []
    return []


def split_feedback(text: str) -> list[str]:
    """Feedback as single changes: bullets, lines, sentences; JSON reviews too."""
    data = _json(text)
    if isinstance(data, dict):
        found: list[str] = []
        for key, value in data.items():
            if re.search(
                r"change|feedback|comment|issue|suggest|problem|fix|revision", str(key).lower()
            ):
                values = value if isinstance(value, list) else [value]
                for entry in values:
                    if isinstance(entry, str):
                        found.extend(split_feedback(entry))
        return found
    if isinstance(data, list):
        return [piece for entry in data for piece in split_feedback(str(entry))]
    found = []
    for line in sentences(text):
        line = _TOLD_LIMIT.sub(r"\g<most> \g<count> \g<unit>", line.strip())
        if re.match(
            r"(?:verdict|decision|approved|status|score)\b\s*[:=]", line, re.I
        ) or re.fullmatch(
            r"(?:not approved|approved|revise|needs revision|changes (?:are )?(?:requested|needed):?|rejected|none)[.!:]?",
            line,
            re.I,
        ):
            continue
        for piece in re.split(
            r";\s+|,?\s+(?:and|then) (?=(?:add|remove|make|mention|include|cite|shorten|expand|delete|drop|replace|use|end|close|start|write|cut|keep)\b)",
            line,
        ):
            if piece.strip() and not _COUNTED.match(piece.strip()):
                found.append(piece.strip())
    return found


_TOLD_LIMIT = re.compile(
    r"(?:the|this|your) \w+ has \w+ (?P<unit>word|sentence|character|bullet point|paragraph)s?; "
    r"(?P<most>at most) (?P<count>\w+) (?:is|are) allowed",
    re.IGNORECASE,
)
"""Says how long a text is and may be, where only the second is a wish."""
_COUNTED = re.compile(
    rf"(?:the|this|your) \w+ has (?:only |just )?(?:\d+|{NUMBER_WORD}) (?:words?|sentences?|characters|paragraphs?|bullet points?)[.;]?$|"
    rf"(?:at least )?(?:\d+|{NUMBER_WORD})(?: \w+){{0,2}} (?:is|are) asked for[.;]?$",
    re.IGNORECASE,
)
"""Says how long a text is, which is no wish for it to be that long."""


def _json(text: str) -> Any:
    stripped = text.strip()
    if stripped[:1] not in "{[" or stripped[-1:] not in "}]":
        return None
    try:
        return json.loads(stripped)
    except ValueError:
        return None


_ID_KEYS = ("id", "doc_id", "document_id", "source_id", "source", "ref", "reference", "key", "url")
_TEXT_KEYS = (
    "text",
    "content",
    "body",
    "passage",
    "page_content",
    "snippet",
    "excerpt",
    "summary",
    "fact",
    "finding",
    "value",
    "quote",
    "claim",
    "statement",
    "description",
    "answer",
    "note",
)
_TITLE_KEYS = ("title", "name", "heading", "subject")


def read_sources(text: str) -> list[Source]:
    """The sources in a text: JSON documents, ``[id] text`` blocks, notes that end in ``[id]``."""
    data = _json(text)
    if data is not None:
        return _json_sources(data)
    found: list[Source] = []
    current: str | None = None
    title: str | None = None
    loose: list[str] = []

    def flush() -> None:
        if loose:
            found.append(Source("\n".join(loose), current, title))
            loose.clear()

    for raw in text.splitlines():
        line = raw.strip()
        bare = re.sub(r"^(?:[-*•–]|\d{1,2}[.)])\s+", "", line)
        head = re.match(
            r"^(?:\[(?P<a>[^\[\]\n]{1,50})\]|(?:id|source|document|doc)\s*[:#]\s*(?P<b>[\w.:/-]+))[\s:,—–-]*(?P<rest>.*)$",
            bare,
            re.I,
        )
        if head and is_id(head["a"] or head["b"]):
            flush()
            current, title = head["a"] or head["b"], None
            rest = head["rest"].strip()
            named = re.match(r"title\s*:\s*(.+)", rest, re.I)
            if named:
                title = named.group(1)
            elif (
                rest
                and count_words(rest) <= 9
                and not rest.endswith((".", "!", "?"))
                and not re.search(r"[.!?]\s", rest)
            ):
                title = rest
            elif rest:
                loose.append(rest)
            continue
        if not line:
            if loose:
                flush()
            continue
        named = re.match(r"title\s*:\s*(.+)", bare, re.I)
        if named and current:
            title = named.group(1)
            continue
        cited = [entry for sentence in sentences(bare) for entry in citations(sentence)]
        if cited and not current:
            flush()
            pending: list[str] = []
            for sentence in sentences(bare):
                ids = citations(sentence)
                pending.append(sentence)
                if ids:
                    found.append(Source(" ".join(pending), ids[0]))
                    pending = []
            if pending:
                found.append(Source(" ".join(pending)))
            continue
        loose.append(line)
    flush()
    return [source for source in found if stems(source.text)]


def _json_sources(data: Any, id_: str | None = None) -> list[Source]:
    if isinstance(data, list):
        return [source for entry in data for source in _json_sources(entry, id_)]
    if isinstance(data, dict):
        name = next(
            (str(data[key]) for key in _ID_KEYS if isinstance(data.get(key), str | int)), id_
        )
        title = next(
            (str(data[key]) for key in _TITLE_KEYS if isinstance(data.get(key), str)), None
        )
        body = [str(data[key]) for key in _TEXT_KEYS if isinstance(data.get(key), str)]
        if body:
            return [
                Source(" ".join(dict.fromkeys(body)), name if name and is_id(name) else None, title)
            ]
        nested = [
            source
            for key, value in data.items()
            if isinstance(value, list | dict)
            for source in _json_sources(value, name)
        ]
        if nested:
            return nested
        plain = [
            f"{str(key).replace('_', ' ')}: {value}"
            for key, value in data.items()
            if key not in _ID_KEYS
        ]
        return [Source(". ".join(plain), name)] if plain else []
    return read_sources(str(data)) if isinstance(data, str) else []


_TAIL = re.compile(
    rf"[,;]?\s+(?:(?:and\s+)?(?:that|which) (?:mentions?|includes?|covers?|cites?|says?|explains?|uses?|ends?|names?|has|is (?:at most|under|no)|stays?)\b"
    rf"|(?:in|with|using|of|under|within|and keep|keep(?:ing)? it)\s+(?:it\s+)?(?:at most|no more than|not more than|up to|about|around|roughly|exactly|under|fewer than|less than|between|only|just|maximum|to)?\s*{NUMBER_WORD}(?:\s*(?:-|–|to|and)\s*\d+)?[\s-](?:\w+\s){{0,2}}?(?:words?|sentences?|lines?|paragraphs?|bullets?|bullet points|characters|points)\b"
    rf"|(?:at most|no more than|not more than|up to|under|fewer than|less than|maximum|max\.?|at least)\s+{NUMBER_WORD}[\s-](?:\w+\s)?(?:words?|sentences?|lines?|paragraphs?|bullet|characters)\b"
    rf"|in (?:a|an|the)\s+(?:\w+\s){{1,3}}?(?:tone|style|voice|manner|paragraph|sentence)\b|as (?:{NUMBER_WORD} )?(?:bullets?|bullet points|a list|a bulleted list)\b"
    r"|(?:based on|drawing on|according to|only from|from|using(?: only)?) (?:only )?(?:the |these |this |my |our |your |those )?(?:following |given |attached |provided )?(?:notes|sources|facts|context|documents|research|findings|library|information|material|policy documents)\b"
    r"|(?<! of )(?<! by )(?<! on )(?<! for )(?<! about )(?:and |, )?(?:mention(?:ing)?|includ(?:e|ing)|cit(?:e|ing)|covering|(?<=and )cover|(?<=, )cover|be sure to|make sure|do not|don't|without mention(?:ing)?|avoid(?:ing)?|then|keep it|signed)\b"
    r"|and (?:include|cite|mention|end|add|name|send|have|get|let)\b|please\b|for (?:(?:our|new|young(?:er|est)?|little|older|curious|first-time|the|busy|small|complete|absolute|all|your|total) ){0,2}(?:an audience of|readers who|people who|someone who|beginners|children|kids|experts|customers|our customers|our readers|readers|students|teachers|developers|newcomers|managers|the team|the public|non-experts|a general audience|colleagues|staff)\b"
    r"|with (?:citations|sources|references|examples?|a (?:title|headline|friendly|call|short|greeting))\b).*$",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_AUDIENCE = re.compile(
    r"\bfor\s+(?:an audience of |a reader who is |a group of )?((?:(?:our|new|young(?:er|est)?|little|older|curious|first-time|the|busy|small|complete|absolute|loyal|all|non-technical|\d+[- ]year[- ]old)\s+){0,3}(?:beginners?|children|kids|experts|customers|readers|students|teachers|developers|newcomers|managers|team|public|non-experts|colleagues|staff|engineers|parents|employees|general audience|members|users|visitors|shoppers|people who [^.,;]+|someone who [^.,;]+|readers who [^.,;]+))",
    re.IGNORECASE,
)
_TONE = re.compile(
    r"\b(?:in (?:a|an)\s+((?:\w+[, ]+(?:and )?){1,3}?)(?:tone|style|voice|manner)|(?:tone|style|voice)\s*(?:is|should be|must be|:)\s*([\w, -]+)|(?:make it|keep it|sound|be)\s+(?:very |more )?(formal|informal|friendly|polite|casual|warm|serious|neutral|professional))",
    re.IGNORECASE,
)
_AS_VERB = (
    "(?:^|"
    + "|".join(
        rf"(?<={re.escape(word)} )"
        for word in [
            "and",
            "also",
            "to",
            "must",
            "should",
            "shall",
            "that",
            "which",
            "it",
            "please",
            "page",
            "text",
            "article",
            "post",
            "draft",
            "they",
            ",",
            ".",
            ":",
            ";",
        ]
    )
    + r"|(?<=\n))"
)
"""What stands before a word that is a noun elsewhere: "and cover", but not "the cover"."""
_MENTION = re.compile(
    r"(?<!not )(?<!n't )(?<!without )(?<!avoid )(?<!never )(?<!about )(?<!of )(?<!on )\b(?:mention(?:s|ing)?|includ(?:e|es|ing)|covering|must (?:say|state|name|contain)|say(?:s|ing)?|tell(?:s|ing)? (?:them|the reader|readers|customers|him|her)|naming|stating|answering|"
    + _AS_VERB
    + r"(?:covers?|names?|states?|answers?)(?! letter| page| story| image| photo)|point(?:s|ing)? out|refer(?:s|ring)? to|(?<=and )explain(?:s|ing)?|give(?:s)? (?=the|our|a price|price))\s*(?!it\b|this\b|them\b|whether\b|if\b)(?::\s*)?(?P<what>(?:[^.;!?\n]|(?<=\d)\.(?=\d))+)",
    re.IGNORECASE,
)
_AVOID = re.compile(
    r"\b(?:(?:do not|don't|never|must not|should not|without|avoid|leave out|no)\s+(?:mention(?:ing)?|us(?:e|ing)|say(?:ing)?|nam(?:e|ing)|includ(?:e|ing)|writ(?:e|ing)|refer(?:ring)? to)\s+(?:the words?\s+)?(?P<what>(?:[^.;!?\n]|(?<=\d)\.(?=\d))+)|(?:leave out|avoid) (?:the words?\s+)?(?P<other>(?:[^.;!?\n]|(?<=\d)\.(?=\d))+))",
    re.IGNORECASE,
)
_TOPIC_AFTER = re.compile(
    rf"\b(?:{_FORMS})s?\b(?:\s+(?:to|for)\s+[^.,;\n]*?)??\s+(?:that (?:explains|describes|presents|introduces|announces)|about|on|regarding|concerning|describing|explaining|announcing|introducing|presenting|covering|discussing|advertising|promoting|comparing|of|for)\s+(?P<topic>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_PEOPLE = (
    r"(?:(?:our|new|young(?:er|est)?|little|first-time|the|busy|small|complete|absolute|loyal|all|your|my|older|curious|total|non-technical|\d+[- ]year[- ]old)\s+){0,3}(?:[a-z]+\s+)?"
    r"(?:people|adults|kids|children|staff|public|team|teams|parents|pupils|everybody|everyone|families|colleagues|employees|trainees|"
    r"\w+(?:ers|ors|ists|ians|ents|ants|folk|men|women))"
)
_TOPIC_FOR = re.compile(
    rf"\b(?:(?:{_FORMS})s?|write|draft|explain)\s+(?:for|to)\s+(?:(?P<who>{_PEOPLE})\s+(?:about|on|regarding|concerning|explaining|describing|how to)|"
    r"(?:[\w'’-]+\s+){1,5}?(?:about|regarding|concerning|explaining))\s+(?P<topic>.+)$",
    re.IGNORECASE | re.DOTALL,
)
"""A request that names its readers before its topic: "a page for teachers about chalk"."""
_TOPIC_TO = re.compile(
    r"\b(?:guide|introduction|intro|invitation|tribute|ode|primer|invit(?:e|ing) \w+) to\s+(?P<topic>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_STATED = re.compile(
    r"^(?:please )?(?:write|draft|compose|create|prepare|send)\b[^:.\n]{0,60}:\s+(?P<what>(?:[^.;!?\n]|(?<=\d)\.(?=\d))+)",
    re.IGNORECASE | re.MULTILINE,
)
_TOPIC_ANY = re.compile(
    r"\b(?:about|regarding|concerning|on the (?:topic|subject) of|research|explain|describe|summari[sz]e|announcing|introducing|apologi[sz](?:e|ing) for|thank(?:ing)? \w+ for|invit(?:e|ing) \w+ to|remind(?:ing)? \w+ (?:of|about)|on|for)\s+(?P<topic>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_RECIPIENT = re.compile(
    r"\b(?i:to|for|tell|invite|remind|thank|thanking|inviting|inform|ask|send|e-?mail)\s+(?:my |our )?"
    r"(?:\w+ (?:called|named) )?((?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[A-ZÀ-Þ][\wÀ-ÿ'-]+"
    r"(?: [A-ZÀ-Þ][\wÀ-ÿ'-]+)?)(?=[\s,.:;!?]|$)"
)
_MESSAGE_FORM = re.compile(
    r"complaint|application|e-?mail|letter|message|invitation|apology|reminder|thank|note\b|"
    r"response|reply|announcement|notice"
)
_SENDING = re.compile(
    r"^\W*(?i:please )?(?i:write|send|tell|inform|notify|remind|e-?mail|mail|message) (?:to )?"
    r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-ZÀ-Þ][\wÀ-ÿ'-]+\b(?! (?:about|on)\b)"
)
_THAT = re.compile(
    r"\b(?:announc(?:e|es|ing)|say(?:s|ing)?|tell(?:s|ing)?(?: \w+){0,4}?|explain(?:s|ing)?|inform(?:s|ing)?(?: \w+){0,3}?|remind(?:s|ing)?(?: \w+){0,3}?|confirm(?:s|ing)?|mention(?:s|ing)?|stat(?:e|es|ing)|not(?:e|ing)|let(?:ting)? (?:\w+ ){1,3}know|so they know|add(?:ing)?)\s+that\s+(?P<what>(?:[^.;!?\n]|(?<=\d)\.(?=\d))+)",
    re.IGNORECASE,
)


def read_topic(request: str) -> str:
    """What a request is about, as a phrase that can stand after 'about'; empty when unknown."""
    for sentence in sentences(request):
        if questions.is_question(sentence) and asked(sentence) is None:
            return questions.as_topic(sentence)
    asking = [
        s
        for s in sentences(request)
        if not re.match(r"(?:please )?(?:mention|includ|cover|say|nam)", s, re.I)
    ]
    for sentence in asking or [request]:
        for pattern in (_TOPIC_FOR, _TOPIC_TO, _TOPIC_AFTER, _TOPIC_ANY):
            match = pattern.search(sentence)
            if match:
                topic = clean_topic(match["topic"])
                if topic:
                    return topic
    return ""


def clean_topic(topic: str) -> str:
    """A topic without limits, audience and other instructions that trail it."""
    topic = next(iter(sentences(topic.strip().split("\n")[0])), "")
    if questions.is_question(topic):
        return questions.as_topic(topic)
    topic = topic.rstrip(".!?")
    lead = "" if re.match(r"\w+ing\b", topic) else " "
    topic = _TAIL.sub("", lead + topic).strip(" ,;:.\"'“”")
    topic = re.sub(r"^(?:the (?:topic|subject) (?:of )?|why not )", "", topic, flags=re.I)
    topic = re.sub(
        r"^to (?:an?|my|our|the)?\s*[\w-]+(?: [\w-]+)? (?=why|how|what)", "", topic, flags=re.I
    )
    topic = re.sub(
        rf"^(?:an?|the|our|my|this) (?:[\w-]+ )?(?:{_FORMS}) (?:about|on|regarding) ",
        "",
        topic,
        flags=re.I,
    )
    if re.match(r"that\s", topic):
        return ""
    if topic.lower() in {
        "it",
        "this",
        "that",
        "them",
        "the topic",
        "the subject",
        "me",
        "us",
        "you",
        "the user's topic",
        "the given topic",
        "the following",
        "the following topic",
        "the notes",
        "the text",
        "the task",
    }:
        return ""
    if re.match(
        r"(?:our|the|new|all)?\s*(?:customers?|team|staff|colleagues|readers|users)$", topic, re.I
    ):
        return ""
    return questions.as_topic(topic) if _INVERTED.match(topic) else lower_article(topic)


_INVERTED = re.compile(
    r"(?:what|why|how|where|when) (?:do|does|did|is|are|was|were|can|could|should)\b", re.IGNORECASE
)
"""A question in a question's order of words, with or without its mark."""


def _split_points(text: str) -> list[str]:
    text = re.split(
        r",? (?:but|and (?:do not|don't|keep|make|be|use|avoid|end|sign|write|cite|no)|in (?:at most|under|about|\d)|at most|with at most|in a \w+ tone)\b",
        text.strip(),
        maxsplit=1,
    )[0]
    text = re.sub(
        r"^(?:these|the following)(?: points)?:?\s*|^(?:at least )?(?:the |that )?(?:sources?|ids?)\b.*$",
        "",
        text.strip(),
        flags=re.I,
    )
    text = text.strip(" ,.\"'")
    if not text:
        return []
    if re.match(r"that\s", text):
        return [entry for entry in re.split(r",?\s+and that\s+|,\s+that\s+", text) if entry]
    pieces = re.split(r",(?!\d)\s*(?:and\s+)?|\s+and\s+|\s*;\s*", text)
    return [
        re.sub(r"^(?:also|both|only)\s+", "", piece).strip(" \"'")
        for piece in pieces
        if stems(piece)
    ]


_NOT_POINT = re.compile(
    r"^(?:do not|don't|never|how many)\b|^(?:\w+ )?(?:sources?|citations?|ids?|notes?|words?|sentences?|bullets?|bullet points?|paragraphs?|examples?|an? example|one example|greeting|sign-off|title|headline|it|them|that|this|nothing|only|draft|text|verdict|feedback|changes?|task|call to action|next step|details?|everything|approved|done|yes|no|so|final answer|answer|problem|what (?:the |was )?(?:task|user|sources?|asked)|questions?)\b",
    re.IGNORECASE,
)


def read_points(text: str) -> list[str]:
    """What a text must mention."""
    found: list[str] = [
        match["what"].strip()
        for match in _STATED.finditer(text)
        if is_clause(match["what"].strip())
    ]
    for match in [*_THAT.finditer(text), *_MENTION.finditer(text)]:
        prefix = "that " if match.re is _THAT else ""
        what = match["what"]
        if (
            match.re is _MENTION
            and re.match(r"\s*that\s", what)
            and any(what.strip()[5:] in f for f in found)
        ):
            continue
        pieces = (
            [prefix + _split_points(what)[0]]
            if prefix and _split_points("that " + what)
            else _split_points(what)
        )
        if prefix:
            pieces = [
                "that " + re.sub(r"^that ", "", entry) for entry in _split_points("that " + what)
            ]
        for point in pieces:
            if (prefix or not _NOT_POINT.match(point)) and count_words(point) <= 30:
                found.append(point)
    unique: list[str] = []
    for point in found:
        if not any(stems(point) <= stems(other) for other in unique):
            unique.append(point)
    return unique


def read_avoid(text: str) -> list[str]:
    """What a text must not mention."""
    found = []
    for match in _AVOID.finditer(text):
        for piece in re.split(
            r",\s*(?:or\s+|and\s+)?|\s+(?:or|nor)\s+",
            (match["what"] or match["other"] or "").strip(" \"'"),
        ):
            piece = piece.strip(" \"'“”")
            if (
                piece
                and count_words(piece) <= 6
                and not re.match(
                    r"(?:more|any (?:claims?|statement)|facts? (?:that|without)|claims?|anything|a claim|other|outside|what)",
                    piece,
                    re.I,
                )
            ):
                found.append(piece)
    return found


def wants_citations(text: str) -> bool:
    """Whether a request asks for sources to be cited."""
    return bool(
        re.search(
            r"\[(?:id|source|doc|source-id|source id)\]|\b(?:cit(?:e|es|ed|ing|ations?)|references?|name (?:the|your|its) sources?|(?:with|keep|and|their|its|the|a) (?:\[?ids?\]?|sources?)\b.{0,30}\[|\[(?:id|source|doc|source-id|source id)\]|back(?:ed)? (?:each|every)|every (?:claim|statement|fact|sentence)|each (?:claim|statement|fact|sentence)|unsupported|without a source)",
            text,
            re.IGNORECASE,
        )
    )


def read_task(messages: Messages, forced: Kind | None = None) -> Task | None:
    """Read the request with all that belongs to it from a conversation."""
    messages = _without_notices(messages)
    wanted = forced or kind(messages)
    if wanted is None:
        return None
    system = "\n".join(text_of(m) for m in messages if m.get("role") in ("system", "developer"))
    users = [m for m in messages if m.get("role") == "user"]
    last = users[-1] if users else {"role": "user", "content": ""}
    parts = sections(text_of(last))
    of_system = sections(system)
    start = _index(messages, last) if users else 0
    labelled = dict(parts.labelled)
    free = parts.free
    earlier_request = ""
    if wanted == "revise" and "draft" not in labelled and "text" not in labelled:
        before = [text_of(m) for m in messages[:start] if m.get("role") == "user"]
        earlier_request = before[0] if before else ""
    request = "\n".join(filter(None, [labelled.get("task", ""), free]))
    sources = [s for key in ("sources",) for s in read_sources(labelled.get(key, ""))]
    if of_system.labelled.get("sources"):
        sources += read_sources(of_system.labelled["sources"])
    for place, message in enumerate(messages):
        name = str(message.get("name") or "").lower()
        body = text_of(message)
        if (message.get("role") == "tool" and body.strip()) or (
            place != start
            and re.search(r"research|librarian|note|analyst|expert|specialist", name)
            and message.get("role") in ("assistant", "user")
        ):
            sources += read_sources(body)
    if earlier_request:
        old = sections(earlier_request)
        sources += read_sources(old.labelled.get("sources", ""))
    draft = labelled.get("draft") or (labelled.get("text") if wanted != "draft" else "") or ""
    draft = unquoted(draft)
    if not draft and wanted in ("revise", "review"):
        named = _named_draft(messages)
        spoken = [
            text_of(m)
            for m in messages[:start]
            if m.get("role") == "assistant" and text_of(m).strip()
        ]
        draft = named or (spoken[-1] if spoken else "")
    if not draft and wanted in ("summary", "points", "titles", "review", "revise", "reply"):
        draft, free = _inline_text(free, wanted)
        request = "\n".join(filter(None, [labelled.get("task", ""), free]))
    if wanted == "summary" and not draft:
        draft = "\n".join(source.text for source in sources) or _conversation(messages, start)
    elif wanted in ("points", "titles") and not draft:
        draft = "\n".join(source.text for source in sources)
    if wanted == "draft" and labelled.get("text"):
        sources += read_sources(labelled["text"])
    feedback: list[str] = []
    if "feedback" in labelled:
        feedback += split_feedback(labelled["feedback"])
    if wanted == "revise":
        if not feedback:
            feedback += _named_feedback(messages)
        feedback += [
            piece
            for piece in split_feedback(free)
            if (asked(piece) == "revise" or _CHANGE.match(piece) or not feedback)
            and not re.fullmatch(
                r"(?:revise|rewrite|improve|rework|edit) (?:it|this(?: \w+)?|the (?:draft|text|following(?: \w+)?))(?: (?:below|as follows|so that it obeys the feedback|accordingly))?[.:]?",
                piece,
                re.I,
            )
            and not re.match(
                r"(?:now )?(?:revise|rewrite) (?:the|your) (?:draft|text) (?:so that|according|using|with|by|to)\b.*(?:feedback|review|comments)",
                piece,
                re.I,
            )
        ]
    task_text = "\n".join(
        filter(None, [earlier_request and sections(earlier_request).free, request])
    )
    rules = "\n".join(
        filter(
            None,
            [
                of_system.free,
                of_system.labelled.get("criteria", ""),
                of_system.labelled.get("task", ""),
            ],
        )
    )
    criteria_text = labelled.get("criteria", "")
    everything = "\n".join([rules, task_text, criteria_text, labelled.get("length", "")])
    limits = Limits()
    for piece in (
        rules,
        earlier_request and sections(earlier_request).free,
        labelled.get("task", ""),
        criteria_text,
        labelled.get("length", ""),
        free if wanted != "revise" else "",
    ):
        limits = merge(limits, read_limits(piece or ""))
    topic = clean_topic(labelled.get("topic", "")) or read_topic(task_text)
    if (
        not topic
        and wanted in ("draft", "notes", "plan", "titles")
        and request
        and (len(sentences(free)) == 1 or role(system))
    ):
        bare = next(iter(sentences(free or request)), "")
        if asked(bare) is None and not _CHANGE.match(bare):
            topic = clean_topic(bare)
    whole = " ".join(request.split())
    if topic and whole.endswith("?") and count_words(whole) <= 25 and not content(topic):
        topic = whole
    points = [
        *(_bulleted(labelled.get("points", ""))),
        *read_points(task_text),
        *read_points(criteria_text),
        *(read_points(_must_lines(rules)) if wanted == "review" else _standing_points(rules)),
    ]
    unique: list[str] = []
    for point in points:
        if not any(stems(point) <= stems(other) for other in unique):
            unique.append(point)
    form_text = task_text if re.search(rf"\b(?:{_FORMS})s?\b", task_text, re.I) else everything
    form = _form(form_text)
    if form == "mail" or (
        is_message(form) and re.search(r"\b(?:e-?)?mails?\b", _asking(task_text))
    ):
        form = "e-mail"
    readers = _TOPIC_FOR.search(task_text)
    audience = (
        labelled.get("audience")
        or (readers["who"] if readers else None)
        or _group(_AUDIENCE, everything)
    )
    tone = labelled.get("tone") or _group(_TONE, everything)
    recipient = labelled.get("recipient") or _group(_RECIPIENT, request)
    errand = Errand()
    if wanted == "draft" and (is_message(form) or _SENDING.match(task_text)):
        errand = read_errand(task_text, recipient)
        form = form if is_message(form) else "message"
    says = errand.says
    if says:
        topic = re.split(r"\s+(?:because|since)\s", topic)[0]
    known = stems(" ".join(says) + " tell ask say them him her")
    return Task(
        kind=wanted,
        topic=topic,
        noted=bool(_FROM_NOTES.search(rules)),
        request=task_text.strip(),
        form=form,
        audience=audience,
        tone=tone.strip(" ,").lower() if tone else None,
        points=tuple(
            point
            for point in unique
            if not says or len(stems(point) - known) > len(stems(point)) / 3
        ),
        avoid=(*_bulleted(labelled.get("avoid", "")), *read_avoid(everything)),
        sources=tuple(_unique_sources(sources)),
        cite=wants_citations(everything) or any(source.id for source in sources),
        limits=limits,
        draft=draft.strip(),
        feedback=tuple(feedback),
        criteria=tuple(
            entry
            for piece in (
                criteria_text,
                rules if wanted == "review" else "",
                free if wanted == "review" else "",
            )
            for entry in sentences(piece)
        ),
        recipient=recipient,
        ends_with_step=bool(
            re.search(
                r"\b(?:end|ends|close|closes|finish)\b[^.\n]{0,20}\bnext step\b", everything, re.I
            )
        ),
        searched=any(m.get("role") == "tool" and text_of(m).strip() for m in messages),
        says=says,
        subject=errand.subject,
        bad_news=errand.bad_news,
        sender=labelled.get("sender")
        or _group(
            re.compile(
                r"\b(?:sign(?:ed)?(?: it)?(?: as| with| by)?|from|I am|I'm|my name is)\s+([A-ZÀ-Þ][\wÀ-ÿ'-]+(?: [A-ZÀ-Þ][\wÀ-ÿ'-]+)?)(?=[\s,.:;!?]|$)"
            ),
            request,
        ),
    )


_FROM_NOTES = re.compile(
    r"\b(?:from|on) (?:the |these |your |those )?(?:research )?(?:notes|findings)\b", re.IGNORECASE
)
"""Instructions of somebody who writes from notes that others made for the text."""


def _asking(text: str) -> str:
    """The words that ask for the text, before what it is to say."""
    return re.split(r"[:.\n]|\b(?:that|saying|telling|whose|about|because)\b", text, maxsplit=1)[0]


def is_message(form: str) -> bool:
    """Whether a form is a message to somebody rather than a text for everybody."""
    return bool(_MESSAGE_FORM.search(form)) and not re.search(r"release note|note on|post", form)


def _form(text: str) -> str:
    """What is to be written: the first form named, a general word such as 'text' only at need."""
    head = re.search(
        r"\b(?:write|draft|compose|create|produce|prepare|generate|pen|give me|make|need|word)\b(.{0,60}?)"
        r"(?=\b(?:about|on|regarding|that|which|include|mention)\b|[:,.;\n]|$)",
        text,
        re.I | re.DOTALL,
    )
    found: list[str] = []
    for part in (head.group(1) if head else "", text):
        found = found or [
            match.group(1).lower() for match in re.finditer(rf"\b({_FORMS})s?\b", part, re.I)
        ]
    general = {
        "draft",
        "text",
        "words",
        "sentence",
        "sentences",
        "copy",
        "piece",
        "document",
        "section",
    }
    return next((entry for entry in found if entry not in general), found[0] if found else "text")


def _must_lines(rules: str) -> str:
    """The sentences of a system prompt that demand something of the text itself."""
    return "\n".join(
        entry
        for entry in sentences(rules)
        if re.search(
            r"\b(?:must|should|always|every|each|make sure|be sure|check (?:that|whether|for)|approve only|require|needs? to|has to|have to)\b",
            entry,
            re.I,
        )
        and not re.search(r"\b(?:tools?|json|schema)\b", entry, re.I)
    )


def _standing_points(rules: str) -> list[str]:
    """What a system prompt wants to be mentioned in every text, said in so many words."""
    lines = [
        entry
        for entry in sentences(_must_lines(rules))
        if re.search(
            r"\b(?:must|should|always|make sure|be sure|needs? to|ha(?:s|ve) to)\b[^.]{0,30}\b(?:mention|include)\b",
            entry,
            re.I,
        )
    ]
    return read_points("\n".join(lines))


def _bulleted(text: str) -> list[str]:
    if not text:
        return []
    if "\n" in text.strip() or re.match(r"\s*[-*]", text):
        return [entry.rstrip(".") for entry in sentences(text)]
    return _split_points(text)


def _group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    if not match:
        return None
    return next((group for group in match.groups() if group), None)


def _unique_sources(sources: list[Source]) -> list[Source]:
    found: dict[tuple[str | None, str], Source] = {}
    for source in sources:
        found.setdefault((source.id, source.text), source)
    return list(found.values())


def unquoted(text: str) -> str:
    """A text without the quotation marks around the whole of it."""
    bare = text.strip()
    for first, last in ("''", '""', "‘’", "“”"):
        if len(bare) > 2 and bare[0] == first and bare[-1] == last and first not in bare[1:-1]:
            return bare[1:-1].strip()
    return text


def _inline_text(free: str, wanted: Kind) -> tuple[str, str]:
    """Part the text to work on from the request around it: after a colon, quoted, or below."""
    quoted = re.search(r"[\"“]([^\"”]{25,})[\"”]", free, re.DOTALL)
    if quoted:
        return quoted.group(1), free.replace(quoted.group(), "it")
    single = re.search(r"(?<=:)\s*['‘]((?:[^'’]|(?<=\w)['’](?=\w)){12,})['’](?!\w)", free)
    if single:
        return single.group(1), f"{free[: single.start()].rstrip(' :')}.{free[single.end() :]}"
    head, colon, tail = free.partition(":")
    if colon and asked(head) is not None and count_words(tail) > 4 and "\n\n" not in head:
        return tail.strip(), head + "."
    chunks = re.split(r"\n\s*\n", free, maxsplit=1)
    if len(chunks) == 2:
        if asked(chunks[0]) is not None:
            return chunks[1].strip(), chunks[0]
        if asked(chunks[1]) is not None:
            return chunks[0].strip(), chunks[1]
    lines = free.split("\n", 1)
    if len(lines) == 2 and asked(lines[0]) is not None:
        return lines[1].strip(), lines[0]
    if asked(free) is None or wanted in ("review", "reply"):
        return free, ""
    listed = sentences(free)
    if len(listed) > 2 and asked(listed[0]) is not None:
        return " ".join(listed[1:]), listed[0]
    return "", free


def _conversation(messages: Messages, last: int) -> str:
    lines: list[str] = []
    for place, message in enumerate(messages):
        body = text_of(message).strip()
        if not body or place >= last:
            continue
        if message.get("role") == "user":
            lines.extend(
                f"The user said: {entry}" for entry in sentences(body) if not entry.endswith("?")
            )
        elif message.get("role") == "assistant" and len(sentences(body)) <= 2:
            lines.append(f"The assistant answered: {body}")
    return "\n".join(lines)
