"""Plain answers: from what the user said, from given text, and honest ones when neither tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from practice_model.brain import (
    chores,
    classify,
    compose,
    entities,
    extracts,
    ideas,
    knowledge,
    languages,
    refusals,
    rewording,
    routing,
    small_talk,
    writing,
)
from practice_model.brain.conversation import Conversation, PastCall, looks_failed
from practice_model.brain.words import kinship, stem, stems

_SENTENCE = re.compile(r"(?<=[.!?])[\"'”)]?\s+(?=[^\sa-z])|\n+")
_FACTS: tuple[tuple[str, str], ...] = (
    (r"\b(?i:my name is) ([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", "name"),
    (r"\b(?i:i am|i['’]m|call me) ([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)\b(?! (?:from|in)\b)", "name"),
    (r"\b(?i:i live in) ([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", "live"),
    (r"\b(?i:i['’]m|i am) (?i:from) ([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", "from"),
    (r"\b[Ii] work (?:as|at|in|for) (?:an? |the )?([^.,;!?]+)", "work"),
)


def text(
    messages: Sequence[dict[str, Any]], conv: Conversation, tool_names: tuple[str, ...] = ()
) -> str:
    """Answer a request in words."""
    request = conv.request
    if conv.answered:
        return _after_tools(messages, conv)
    routed = routing.answer(conv)
    if routed is not None:
        return routed
    if languages.is_foreign(request):
        return languages.ANSWER
    talk = small_talk.reply(request, tool_names)
    if talk is not None and not (conv.system and writing.kind(messages) in ("review", "revise")):
        return talk
    if not _has_role(conv):
        done = chores.answer(request) or rewording.answer(request)
        if done is not None:
            return done
    recalled = _recall_all(conv)
    if recalled is not None:
        return recalled
    sending = _SENDS.match(request)
    if sending and not tool_names and not _has_role(conv) and not _is_question(request):
        message = writing.write_as(messages, "draft")
        if message:
            return f"I cannot send anything from here. The message could read:\n\n{message}"
    if (total := knowledge.arithmetic(request)) is not None and len(request) < 200:
        return total if _brief(conv) else f"The result is {total}."
    asked = _is_question(request)
    tells = re.match(r"\W*(?:please )?(?:tell me|explain|describe)\b", request, re.I)
    given = context(conv) if asked or (tells and writing.kind(messages) is None) else None
    asked = asked or given is not None
    if given is None or not asked or writing.is_assignment(messages):
        written = writing.write(messages)
        if written:
            return written
    if given is not None:
        return from_context(request, given, conv)
    listed = ideas.answer(request)
    if listed is not None:
        return listed
    statement = _acknowledge(request)
    if statement is not None:
        return statement
    if asked:
        earlier = " ".join(conv.earlier_user_texts())
        if earlier:
            found = best_sentence(request, [("", earlier)])
            if found is not None:
                return _turned(found[1])
        if refusals.answer(request, tool_names) and "translat" in request.lower():
            return refusals.answer(request, tool_names) or ""
        return f"I don't know. {refusals.SELF}"
    if not request.strip():
        return "Hello! How can I help you?"
    if echoed := re.match(
        r"\W*(?:please )?(?:say|repeat(?: after me)?|echo)\b:?\s+[\"']?(.+?)[\"']?$", request, re.I
    ):
        return echoed[1][:1].upper() + echoed[1][1:]
    refused = refusals.answer(request, tool_names)
    if refused is not None:
        return refused
    topic = extracts.query(request)
    return f"Understood: {topic[:160]}. Tell me what you would like me to do with it."


def _brief(conv: Conversation) -> bool:
    return bool(
        re.search(r"\bonly (?:the )?(?:number|result|answer)\b", conv.system + conv.request)
    )


def _after_tools(messages: Sequence[dict[str, Any]], conv: Conversation) -> str:
    answer = compose.answer(conv)
    if any(looks_failed(call.result or "") for call in conv.since[-1:]):
        return answer
    if writing.kind(messages) is not None and not any(_carries_text(c) for c in conv.since):
        written = writing.write(messages)
        if written:
            return written
    results = [(call.name, str(call.result)) for call in conv.since if call.result]
    if len(answer) > 600 and _is_question(conv.request):
        passages = [p for _, result in results for p in _passages(result)]
        found = best_sentence(conv.request, passages)
        if found is not None:
            source, sentence = found
            return f"{sentence} [{source}]" if source else sentence
    return answer


def _carries_text(call: PastCall) -> bool:
    """Whether a call has delivered a written text, so that none is left to write."""
    return any(
        re.fullmatch(r"(?:.*_)?(?:body|message|content|text|draft|letter|note)", key)
        and isinstance(value, str)
        and len(value) >= 12
        for key, value in call.arguments.items()
    )


def _is_question(request: str) -> bool:
    bare = extracts.strip_polite(request.strip().split("\n")[-1] if "?" in request else request)
    return "?" in request or bool(
        re.match(
            r"(?:what|who|whom|which|where|when|why|how|is|are|was|were|does|do|did)\b", bare, re.I
        )
    )


def facts(conv: Conversation) -> dict[str, str]:
    """What the user told of themselves; what was said last holds."""
    known: dict[str, str] = {}
    texts = [t.text for t in conv.turns if t.role == "user"]
    for said in texts:
        for pattern, key in _FACTS:
            for found in re.finditer(pattern, said):
                word = found[1].split()[0].lower()
                if key != "name" or word not in ("not", "sorry", "afraid", "sure", "from"):
                    known[key] = found[1].strip()
        for found in re.finditer(
            r"\b[Mm]y ([a-z][\w -]{1,40}?)(?: number)? (?:is|are|was) (?!not\b)"
            r"([^,;!?\n]+?)(?=[,;!?\n]|\.(?:\s|$)|$| (?:and|but) (?:my|i|I|My|the|please)\b)",
            said,
        ):
            known[" ".join(stems(found[1])) or found[1]] = found[2].strip()
        for found in re.finditer(
            r"\b[Ii] (?:(?:also|really|still|only|always|never) )?"
            r"(?!(?:want|need|would like|like) to\b)"
            r"(like|love|prefer|hate|dislike|need|have|want|drink|eat|own)d? ([^.;!?\n]+)",
            said,
        ):
            known[f"{stem(found[1])}:{' '.join(stems(found[2])[:3])}"] = found[0].strip()
    return known


def recall(conv: Conversation) -> str | None:
    """Answer a question about what the user has told; None for any other."""
    request = conv.request
    if not re.search(r"\b(?:my|i|me|am i)\b", request, re.I) or not _is_question(request):
        return None
    if not re.search(r"\b(?:what|which|who|where|do you (?:know|remember)|how)\b", request, re.I):
        return None
    before = Conversation(conv.system, conv.turns[: conv.request_index], "", -1)
    known = facts(before)
    memories = conv.system
    if re.search(r"\bmy name\b|\bwho am i\b|\bwhat am i called\b", request, re.I):
        if "name" in known:
            return f"Your name is {known['name']}."
        if found := re.search(
            r"\b(?:user(?:['’]s)? name|name of the user|name|user)(?: is|:)? "
            r"([A-Z]\w+)",
            memories,
        ):
            return f"Your name is {found[1]}."
        return "You have not told me your name."
    if "live" in known and re.search(r"\bwhere do i live\b", request, re.I):
        return f"You live in {known['live']}."
    asked = set(stems(re.sub(r"\b(?:remember|know|told|said)\b", "", request)))
    best, top = None, 0.0
    for key, value in known.items():
        words = set(key.replace(":", " ").split()) | (set(stems(value)) if ":" in key else set())
        score = sum(max((kinship(w, a) for a in asked), default=0.0) for w in words)
        if ":" in key and re.search(rf"\b{key.split(':')[0]}", request, re.I):
            score += 0.5 * len(words)
        if words and score / len(words) > top:
            best, top = key, score / len(words)
    if best is not None and top >= 0.3:
        if ":" in best:
            return _turned(known[best]) + "."
        found = re.search(r"\bmy ([\w -]+?)\s*(?:\?|,|$| and\b| again| called)", request, re.I)
        label = found[1] if found else best
        return f"Your {label} is {known[best]}."
    return None


_AND_ASKED = re.compile(
    r",?\s+and\s+(?=(?:what|which|where|who|when|how|do|am|my)\b)|(?<=\?)\s+", re.I
)


def _recall_all(conv: Conversation) -> str | None:
    """Answer each part of "what is my name, and where do I live?"."""
    parts = [part for part in _AND_ASKED.split(conv.request) if part.strip()]
    if not 2 <= len(parts) <= 4:
        return recall(conv)
    said: list[str] = []
    unknown = False
    for part in parts:
        asked = part if "?" in part else f"{part.strip()}?"
        asked = asked if not re.match(r"\W*my\b", asked, re.I) else f"what is {asked}"
        found = recall(Conversation(conv.system, conv.turns, asked, conv.request_index))
        unknown = unknown or (found is None and bool(re.search(r"\b(?:my|i|me)\b", asked, re.I)))
        if found is not None and found not in said:
            said.append(found)
    if len(said) == 1 and unknown:
        return f"{said[0]} You have not told me the rest."
    return " ".join(said) if len(said) > 1 else recall(conv)


_SENDS = re.compile(
    r"^\W*(?:please |can you |could you )*(?:send (?:a |an |the )?(?:\w+ )?"
    r"(?:e-?mail|mail|message|reminder|note|letter|reply)\b|send (?-i:[A-Z][\w'-]+) (?:an?|the)\b|"
    r"(?:apologi[sz]e to|thank) (?-i:[A-Z])|"
    r"(?:e-?mail|notify|inform|remind|tell) (?!me\b|us\b|you\b)"
    r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?(?-i:[A-Z][\w'-]+|\S+@\S+))",
    re.I,
)


def _has_role(conv: Conversation) -> bool:
    """Whether the instructions make writing or reviewing its business."""
    if not conv.system:
        return False
    return writing.kind([{"role": "system", "content": conv.system}]) is not None


def _turned(sentence: str) -> str:
    """Say to the user what the user said of themselves."""
    swaps = {"i": "you", "my": "your", "me": "you", "mine": "yours", "am": "are", "i'm": "you are",
             "we": "you", "our": "your", "i've": "you have"}  # fmt: skip
    words = [swaps.get(w.lower(), w) for w in sentence.strip().rstrip(".").split(" ")]
    said = " ".join(words)
    return said[:1].upper() + said[1:]


def _acknowledge(request: str) -> str | None:
    conv = Conversation("", [], request, 0)
    from practice_model.brain.conversation import Turn

    known = facts(Conversation("", [Turn("user", request)], request, 0))
    if "name" in known:
        return f"Nice to meet you, {known['name']}. How can I help you?"
    if known and "?" not in request:
        said = re.split(r"(?<=[.!])\s", conv.request.strip())[0].rstrip(".!")
        return f"Noted: {_turned(said)[:1].lower() + _turned(said)[1:]}."
    return None


_CONTEXT_MARK = re.compile(
    r"\b(?:context|documents?|sources?|passages?|excerpts?|articles?|knowledge|notes|facts|text|"
    r"information|memories|search results)\b[^\n:]{0,60}:\s*(?:\n|(?=\S))|<(?:context|documents?|"
    r"source)[^>]*>|^\s*\[[\w.:#-]+\]\s",
    re.I | re.M,
)


def context(conv: Conversation) -> list[tuple[str, str]] | None:
    """The passages that a prompt gives to answer from, with their ids; None when it gives none."""
    for source in (conv.request, conv.system, *conv.earlier_user_texts()[:3]):
        if found := _CONTEXT_MARK.search(source):
            start = found.start() if found[0].lstrip().startswith(("[", "<")) else found.end()
            body = source[start:]
            if source is conv.request:
                body = re.sub(
                    r"(?:^|\n)\W*(?:question|user question|query|q)\s*:.*", "", body, flags=re.I
                )
            if len(body.split()) >= 4:
                return _passages(body)
    return None


def _passages(body: str) -> list[tuple[str, str]]:
    blocks: list[tuple[str, str]] = []
    current = ""
    for line in re.split(r"\n+", body):
        mark = re.match(
            r"^\W*[\[(<]?(?:(?:doc(?:ument)?|source|id|passage)\W{0,3})?[\[(]?([\w.:#-]*\d[\w.-]*|"
            r"[a-z][\w-]*)[\])>]\W*\s*(.*)$",
            line.strip(),
            re.I,
        )
        if (mark and line.strip()[:1] in "[(<") or (
            mark and re.match(r"^\W*(?:doc|source|id|passage)", line, re.I)
        ):
            current = mark[1] if mark else current
            line = mark[2] if mark else line
        if line.strip():
            blocks.append((current, line.strip()))
    return blocks


def best_sentence(question: str, passages: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The sentence that answers a question, with the id of its passage; None when none does."""
    plain = re.sub(
        r"\bhow (?:long|often|far|old|big|fast|soon|late)\b", "how", question, flags=re.I
    )
    asked = [w for w in dict.fromkeys(stems(extracts.query(plain))) if len(w) > 1]
    if not asked:
        return None
    best: tuple[float, str, str] | None = None
    pool = [(source, s.strip()) for source, passage in passages for s in _SENTENCE.split(passage)]
    counts = {w: sum(w in stems(s) for _, s in pool) for w in asked}
    total = sum(1 / (1 + counts[w]) ** 0.5 for w in asked)
    kind = re.match(r"\W*(?:\w+ ){0,3}?(how much|how many|when|who|where)\b", question, re.I)
    for source, sentence in pool:
        words = set(stems(sentence))
        if not words or sentence.endswith("?"):
            continue
        score = sum(
            max((kinship(w, other) for other in words), default=0.0) / (1 + counts[w]) ** 0.5
            for w in asked
        )
        share = score / total
        if kind and re.search(r"how|when", kind[1], re.I) and re.search(r"\d", sentence):
            share += 0.12
        if best is None or share > best[0] + 1e-9:
            best = (share, source, sentence)
    if best is None or best[0] < 0.42:
        return None
    return best[1], best[2]


def from_context(question: str, passages: Sequence[tuple[str, str]], conv: Conversation) -> str:
    """Answer from given passages, naming the source, or say that they do not tell."""
    asked = question
    if found := re.search(
        r"(?:^|\n)\W*(?:question|user question|query|q)\s*:\s*(.+)", question, re.I
    ):
        asked = found[1]
    elif "\n" in question and "?" in question:
        asked = next(line for line in question.split("\n")[::-1] if "?" in line)
    elif "?" in question and len(question) > 200:
        asked = next(s for s in _SENTENCE.split(question) if "?" in s)
    found_sentence = best_sentence(asked, passages)
    if found_sentence is None:
        if wanted := re.search(
            r"(?:say|answer|reply|respond)(?: with)? [\"'“]([^\"'”]+)[\"'”]",
            conv.system + "\n" + question,
        ):
            return wanted[1]
        return "The given text does not say that, so I cannot answer from it."
    source, sentence = found_sentence
    return f"{sentence} [{source}]" if source else sentence


def _numbers(text: str) -> set[float]:
    return {float(e.value) for e in entities.find(text) if e.kind in ("number", "money", "percent")}


def judged(conv: Conversation, cue: str = "") -> bool:
    """A yes or a no on a request: whether texts match, or whether the text is of a kind."""
    texts = extracts.labels(conv.request)
    values = [value for value, _, _ in texts.values()]
    lower = (cue + " " + conv.system + " " + conv.request[:200]).lower()
    if len(values) >= 2 and re.search(
        r"relevan|ground|support|faithful|correct|match|answer|hallucinat|consist", lower
    ):
        last = max(values, key=len)
        others = [v for v in values if v is not last]
        claim = min(others, key=len)
        words = set(stems(claim))
        body = set(stems(" ".join(v for v in values if v is not claim)))
        numbers = _numbers(claim)
        if numbers and not re.search(r"relevan", lower) and not numbers <= _numbers(last):
            return bool(re.search(r"hallucinat", cue))
        hit = sum(max((kinship(w, b) for b in body), default=0) for w in words)
        good = bool(words) and hit / len(words) >= (0.34 if "relevan" in lower else 0.55)
        return good != bool(re.search(r"hallucinat", cue))
    body_text = routing.subject_text(conv)
    if re.search(r"urgent|escalat|critical|emergency", cue):
        return classify.urgency(body_text) >= 0.6
    if re.search(r"positive|happy|satisf", cue):
        return classify.mood(body_text) > 0
    if re.search(r"negative|angry|complain|upset", cue):
        return classify.mood(body_text) < 0
    if re.search(r"complex|multi", cue):
        return classify.complexity(body_text) >= 0.5
    if re.search(r"injection|unsafe|harmful|attack|malicious|jailbreak", cue):
        return bool(
            re.search(
                r"\bignore (?:all |any |the |your |previous )|\bsystem prompt\b|\bdisregard\b|"
                r"\bpretend\b|\bdeveloper mode\b|\breveal\b",
                body_text,
                re.I,
            )
        )
    if re.search(r"safe|allowed|valid|ok\b", cue):
        return not re.search(
            r"\bignore (?:all |any |the |your |previous )|\bsystem prompt\b|\bdisregard\b",
            body_text,
            re.I,
        )
    if re.search(r"question", cue):
        return "?" in body_text
    asked = [w for w in stems(cue) if w not in ("true", "false", "whether", "if")]
    own = set(stems(body_text))
    if asked and sum(any(kinship(w, o) >= 0.6 for o in own) for w in asked) / len(asked) >= 0.4:
        return True
    return classify.affinity(cue, "", body_text) >= classify.ENOUGH
