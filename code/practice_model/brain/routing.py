"""Picking the next worker, a route or a label that the instructions name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from practice_model.brain import classify, extracts, procedure
from practice_model.brain import options as lists
from practice_model.brain.conversation import Conversation, is_notice
from practice_model.brain.languages import is_foreign
from practice_model.brain.small_talk import is_small_talk
from practice_model.brain.verdicts import approves, wants_changes
from practice_model.brain.words import name_parts, stem, stems

_FINISH = re.compile(
    r"^_*(?:finish|finished|end|done|stop|complete|completed|final|finalize|terminate|none|exit)_*$",
    re.I,
)
_STAGES: tuple[tuple[int, str], ...] = (
    (0, "plan planner outline outliner architect strategy coordinator"),
    (1, "research researcher find finder search gather look analyst retriever retrieve investigate "
        "collect scout fact_finder library source sources data"),
    (2, "write writer draft drafter author compose copywriter code coder developer programmer "
        "implement build builder editor_writer"),
    (3, "test tester translate translator illustrate designer enrich"),
    (4, "review reviewer critic critique check checker edit editor proofread proofreader verify "
        "verifier fact_checker quality judge evaluate evaluator"),
    (5, "document documenter publish publisher send sender mail deliver store report reporter"),
)  # fmt: skip
_STAGE_OF = {stem(word): number for number, line in reversed(_STAGES) for word in line.split()}
_DISPATCH = re.compile(
    r"\b(supervis\w*|next worker|who (?:should|acts?|goes) |workers?\b|team\b|hand (?:off|over)|"
    r"delegat\w*|which agent|next agent|next step|act next|manag\w+ (?:a|the) )",
    re.I,
)
_LABELLING = re.compile(r"\b(?:classify|categori[sz]e|label)\b", re.I)
_CHOOSING = re.compile(
    r"\b(?:choose|classify|categori[sz]e|route|select|pick|label|triage|decide|"
    r"(?:respond|reply|answer|return)\s+(?:only\s+)?with|output (?:only|exactly|one)|one of|"
    r"exactly one)\b",
    re.I,
)


def is_finish(option: str) -> bool:
    """Whether an option means that nothing is left to do."""
    return bool(_FINISH.match(option.strip()))


def explained(options: Sequence[str], *texts: str) -> dict[str, str]:
    """Each option with what instructions say of it ("- billing: invoices and payments")."""
    made = {}
    for option in options:
        told = ""
        plain = re.escape(option)
        for text in texts:
            found = re.search(
                rf"(?:^|[\s\"'`*(-]){plain}[\"'`*]*\s*(?::|=|-|–|—|\bis\b|\bfor\b|\bif\b|\bwhen\b|\(|"
                rf"\bhandles?\b|\bcan\b|\bdoes\b|\bwho\b|\bmeans\b)\s*([^\n;]{{3,200}})",
                text or "",
                re.I,
            )
            if found:
                told = re.split(r"(?<=[.])\s", found[1])[0]
                others = [re.escape(o) for o in options if o != option and len(o) > 2]
                if others:
                    told = re.split(rf"\b(?:{'|'.join(others)})\b\W*[:=(]", told)[0]
                break
        for text in texts:
            before = re.search(
                rf"\b(?:for|if|when)\b ([^,.\n]{{3,80}}), (?:use|ask|call|choose|pick|route to|"
                rf"hand (?:over )?to|send (?:it )?to|answer|assign (?:it )?to) (?:the )?"
                rf"[\"'`]?{plain}\b",
                text or "",
                re.I,
            )
            if before:
                told = f"{told} {before[1]}".strip()
        made[option] = told
    return made


def named(system: str) -> list[str]:
    """The options that instructions ask to choose from, in their order; empty when none."""
    if not _CHOOSING.search(system):
        return []
    bullets = re.findall(
        r"^\s*(?:[-*•]|\d+[.)])\s*[\"'`*]*([\w][\w -]{0,30}?)[\"'`*]*\s*(?::|-|–|—|\(|$)",
        system,
        re.M,
    )
    patterns = (
        r"(?:one of(?: the following| these)?(?: \w+){0,3}|exactly one (?:word|label|of)|"
        r"(?:labels?|categor(?:y|ies)|options?|routes?|workers?|classes|agents?|choices)(?: are)?|"
        r"(?:respond|reply|answer) (?:only )?with(?: (?:only|exactly|just|either|one word))*|"
        r"as|into|"
        r"either|between)\s*(?:\w+ )?[:=]?\s*[\[({]?"
        r"((?:[\"'`]?[\w-]+(?: [\w-]+)?[\"'`]?)(?:(?:\s*[,/|]\s*(?:or |and )?|\s+or\s+|\s+and\s+)"
        r"[\"'`]?[\w-]+(?: [\w-]+)?[\"'`]?)+)",
    )
    for pattern in patterns:
        best: list[str] = []
        for found in re.finditer(pattern, system, re.I):
            parts = re.split(r"\s*[,/|]\s*(?:or |and )?|\s+or\s+|\s+and\s+", found[1])
            cleaned = [p.strip("\"'` .") for p in parts]
            cleaned = [re.sub(r"\s+(?:or|and|when|if|once|after)$", "", p) for p in cleaned]
            cleaned = [p.strip("\"'` .") for p in cleaned]
            cleaned = [p for p in cleaned if p and len(p.split()) <= 2]
            if len(cleaned) >= 2 and len(cleaned) > len(best):
                best = cleaned
        if best and set(bullets if len(bullets) >= 2 else ()) <= set(best):
            extra = re.findall(r"\b(FINISH|END|DONE)\b", system)
            return [*dict.fromkeys([*best, *extra])]
    if len(bullets) >= 2:
        extra = [w for w in re.findall(r"\b(FINISH|END|DONE)\b", system) if w not in bullets]
        return [*dict.fromkeys([*bullets, *extra])]
    return []


def stage(option: str, told: str = "") -> int | None:
    """Where in a piece of work a worker usually comes: research, writing, review …"""
    words = re.findall(r"[A-Za-z]+", told.lower())[:12]
    trades = [w for place, w in enumerate(words) if not place or w.endswith(("er", "or"))]
    for source in (name_parts(option)[::-1], trades):
        for part in source:
            number = _STAGE_OF.get(stem(part))
            if number is not None:
                return number
    return None


def spoken(options: Sequence[str], conv: Conversation) -> list[tuple[str, str]]:
    """Who of the options has spoken since the request, in order, with what they said."""
    found: list[tuple[str, str]] = []
    plain = {_plain(option): option for option in options}
    first = next(
        (
            i
            for i, t in enumerate(conv.turns)
            if t.role == "user" and not (t.name and _plain(t.name) in plain)
        ),
        -1,
    )
    for index, turn in enumerate(conv.turns):
        if is_notice(turn.text):
            continue
        if turn.name and _plain(turn.name) in plain:
            found.append((plain[_plain(turn.name)], turn.text))
            continue
        marks = []
        for key, option in plain.items():
            if is_finish(option):
                continue
            shape = r"[\W_]*".join(map(re.escape, key.split()))
            for mark in re.finditer(
                rf"(?:^|\n)[\s>*#\[(<\"'-]*(?:from |by |agent |worker )?{shape}(?:[ _]agent)?"
                rf"[\]\"')>*]*\s*(?:\([^)\n]*\)|said|says|wrote|reported)?\s*[:>\]]",
                turn.text,
                re.I,
            ):
                marks.append((mark.start(), mark.end(), option))
        if index == first and not marks:
            continue
        marks.sort()
        for number, (_, end, option) in enumerate(marks):
            until = marks[number + 1][0] if number + 1 < len(marks) else len(turn.text)
            said = turn.text[end:until].strip()
            last = number + 1 == len(marks) and _SO_FAR.search(turn.text[: marks[0][0]])
            if (said or last) and turn.role != "system":
                found.append((option, said))
        for call in turn.calls:
            for key, option in plain.items():
                if (
                    key in _plain(call.name)
                    and call.name != option
                    and not is_notice(call.result or "")
                ):
                    found.append((option, call.result or ""))
    return found


_SO_FAR = re.compile(
    r"\b(?:progress|so far|history|transcript|conversation|turns)\b[^\n]*\W*$", re.I
)
"""A line over a list of who said what, in which no words are an answer too."""


def _plain(name: str) -> str:
    return " ".join(name_parts(name))


_EMPTY = re.compile(
    r"^\W*(?:none|empty|nothing|n/?a|null|not yet|no \w+ yet|missing|-+)?\W*$", re.I
)


def _state(options: Sequence[str], told: Mapping[str, str], conv: Conversation) -> set[int]:
    """Stages whose product the request shows ("Draft: …"), for prompts that tell a state."""
    done: set[int] = set()
    for label, (value, _, _) in extracts.labels(conv.request).items():
        if _EMPTY.match(value):
            continue
        for part in label.split():
            number = {"not": None}.get(part, _PRODUCTS.get(part))
            if number is not None:
                done.add(number)
    return done


_PRODUCTS = {
    stem(word): number
    for number, words in ((0, "plan outline"), (1, "research notes findings sources facts"),
                          (2, "draft code article report text"), (3, "tests translation"),
                          (4, "review feedback verdict critique"))
    for word in words.split()
}  # fmt: skip


def is_labelling(system: str) -> bool:
    """Whether instructions ask to classify a text, rather than who works next."""
    return bool(_LABELLING.search(system)) and not _NEXT.search(system)


def is_dispatch(options: Sequence[str], system: str) -> bool:
    """Whether options are workers to hand on to, rather than labels for a text."""
    if is_labelling(system):
        return False
    if any(is_finish(option) and option.lower() != "none" for option in options):
        return True
    stages = {stage(option) for option in options} - {None}
    return len(stages) >= 2 or bool(_DISPATCH.search(system) and stages)


def next_worker(options: Mapping[str, str], conv: Conversation, told: str = "") -> str:
    """Who acts next: in the order that the instructions tell (`told` and the system's), or else
    from the workers' trades; and from what has been done.
    """
    workers = [name for name in options if not is_finish(name)]
    finish = next((name for name in options if is_finish(name)), None)
    if not workers:
        return finish or next(iter(options))
    done = spoken(list(options), conv)
    order = procedure.read(f"{conv.system}\n{told}", workers, finish)
    started = done or not _state(list(options), options, conv)
    if order is not None and started and not is_small_talk(_task(conv)):
        return order.next([pair for pair in done if pair[0] in workers]) or finish or workers[-1]
    names = [name for name, _ in done]
    stages = {name: stage(name, options[name]) for name in workers}
    staged = [name for name in workers if stages[name] is not None]
    task = _task(conv)
    if len({stages[name] for name in staged}) >= 2 and not _single(task, options, stages):
        by_trade = sorted(
            workers, key=lambda n: (stages[n] if stages[n] is not None else 2.5, workers.index(n))
        )
        wanted = [n for n in by_trade if _needed(n, stages[n], task)]
        reviewer = next((n for n in by_trade if stages[n] == 4), None)
        maker = next((n for n in by_trade if stages[n] == 2), None)
        if done:
            last, said = done[-1]
            if stages.get(last) == 4 and maker is not None:
                if wants_changes(said):
                    return maker
                if approves(said):
                    wanted = [n for n in wanted if (stages[n] or 0) > 4 and stages[n] is not None]
            elif last == maker and reviewer in names and reviewer is not None:
                return reviewer
        shown = _state(list(options), options, conv) if not done else set()
        for name in wanted:
            if name not in names and stages[name] not in shown:
                return name
        if shown and reviewer and 4 in shown and maker:
            review = " ".join(
                v
                for k, (v, _, _) in extracts.labels(conv.request).items()
                if any(_PRODUCTS.get(p) == 4 for p in k.split())
            )
            if wants_changes(review):
                return maker
        return finish or by_trade[-1]
    if finish and not done and (is_small_talk(task) or is_foreign(task)):
        return finish
    declines = finish is not None and finish.lower() == "none"
    scored = classify.suited({name: options[name] for name in workers}, task)
    for name in workers:
        if classify.is_sum(task) and re.search(r"math|calcul|arithm|number|accountant", name, re.I):
            scored[name] += 1.5
    fresh = [name for name in workers if name not in names]
    best = max(fresh, key=lambda name: scored[name], default=None)
    if declines and finish and (best is None or scored[best] <= 0.2):
        return finish
    if (
        best is not None
        and (not names or scored[best] >= 0.9)
        and (scored[best] > 0.2 or not names)
    ):
        return best
    return finish or (best or workers[0])


def _task(conv: Conversation) -> str:
    first = next((t.text for t in conv.turns if t.role == "user" and not t.name), conv.request)
    for label, (value, _, _) in extracts.labels(first).items():
        if label in ("task", "request", "topic", "question", "goal"):
            return value
    return first


def _single(task: str, options: Mapping[str, str], stages: Mapping[str, int | None]) -> bool:
    """Whether a task needs one trade only: "test this function", "translate this"."""
    return bool(re.match(r"^\W*(?:please )?(?:just|only)\b", task, re.I)) or not task.strip()


def _needed(name: str, number: int | None, task: str) -> bool:
    if number in (1, 2, 4, None):
        return True
    words = set(stems(task))
    return number == 0 or any(stem(part)[:4] == w[:4] for part in name_parts(name) for w in words)


_NEXT = re.compile(
    r"\b(?:who|which (?:worker|agent|member|one))\b[^.?\n]{0,40}\bnext\b|"
    r"\b(?:acts?|works?|goes|comes|speaks?) next\b|\bnext (?:worker|agent|step)\b",
    re.I,
)


def team(system: str) -> list[str]:
    """The workers that instructions name: in a list, or as "a team of a writer and a critic"."""
    workers = re.findall(r"^\s*[-*]\s*([\w-]+)\s*[:(–—-]", system, re.M)
    if not workers and (
        found := re.search(
            r"\b(?:with|of|has|have|are)\b[:,]?\s+((?:an?|the)?\s*[\w-]+(?:,\s*(?:and\s+)?(?:(?:an?|the)\s+)?[\w-]+)*"
            r",?\s+and\s+(?:(?:an?|the)\s+)?[\w-]+)",
            system,
            re.I,
        )
    ):
        parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", found[1])
        workers = [re.sub(r"^(?:an?|the)\s+", "", part.strip(), flags=re.I) for part in parts]
    return workers if len(workers) >= 2 else []


def say_next(conv: Conversation) -> str | None:
    """Who works next, said in a sentence, when a team is named and nothing asks for a bare name."""
    if not re.search(r"\b(?:supervisor|manager|coordinator|orchestrator)\b", conv.system, re.I):
        return None
    if not _NEXT.search(f"{conv.system}\n{conv.request}"):
        return None
    workers = team(conv.system)
    if not workers:
        return None
    name = next_worker(explained([*workers, "FINISH"], conv.system), conv)
    if is_finish(name):
        return "The work is finished."
    return f"The {name} should work next."


def answer(conv: Conversation) -> str | None:
    """A label or a worker's name, when the instructions ask for nothing else."""
    if not conv.system:
        return None
    return _bare(conv) or say_next(conv)


def _bare(conv: Conversation) -> str | None:
    asked_last = conv.system
    found = named(asked_last)
    if found and any(map(lists.is_placeholder, found)):  # "with the next worker, or FINISH"
        found = [*team(asked_last), *(o for o in found if not lists.is_placeholder(o))]
    listed = lists.listed(asked_last)
    if len(listed) >= 2 and not _verdicts(listed):
        return choose(listed if len(listed) >= len(found) else found, conv, conv.system)
    if len(found) < 2 or len(found) > 24:
        return None
    if not re.search(
        r"\b(?:only|exactly|just|one word|single word|nothing else|name of|['’]s name|classify|"
        r"categori[sz]e|route|triage|label|next|choose|select|pick)\b",
        asked_last,
        re.I,
    ):
        return None
    return choose(found, conv, conv.system)


def _verdicts(names: Sequence[str]) -> bool:
    """Whether options judge a draft, which only a review of it can do."""
    return classify.is_yes_no(names) and not {n.lower() for n in names} & _PLAIN_ANSWERS


_PLAIN_ANSWERS = frozenset(("yes", "no", "true", "false", "spam"))


def choose(names: Sequence[str], conv: Conversation, *texts: str) -> str:
    """One of the options: the next worker, or the label that suits the request's text."""
    told = explained(names, *texts)
    if is_dispatch(names, conv.system):
        return next_worker(told, conv)
    if {name.lower() for name in names} in ({"yes", "no"}, {"true", "false"}):
        question = lists.question(conv.system)
        if question:
            from practice_model.brain import answers

            return (classify.yes_of if answers.judged(conv, question) else classify.no_of)(names)
    return classify.choose(told, subject_text(conv))[0]


def subject_text(conv: Conversation) -> str:
    """The text that is to be judged, without the words that ask for it."""
    for label, (value, start, _) in extracts.labels(conv.request).items():
        if label.split()[-1:] and label.split()[-1] in _TEXT_LABELS:
            rest = conv.request[start:]
            return rest if "\n" in rest else value
    if found := re.search(
        r"(?:classify|categori[sz]e|label|rate|sentiment)[^:\n]{0,120}:\s*(.+)$",
        conv.request,
        re.I | re.S,
    ):
        return found[1]
    return conv.request


_TEXT_LABELS = frozenset(
    stem(w) for w in ("text", "message", "email", "ticket", "review", "question", "input",
                      "comment",
                      "complaint", "request", "task", "content", "customer", "query", "user")
)  # fmt: skip
