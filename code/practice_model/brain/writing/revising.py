"""Changes a text as feedback asks, and in nothing else."""

# ruff: noqa: E501  (patterns and sentences are kept on one line each)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from practice_model.brain.writing import general, wishes
from practice_model.brain.writing.address import Addressee, to_you
from practice_model.brain.writing.drafting import (
    NEXT_STEPS,
    heading,
    next_step,
    silence,
    supported,
    with_step,
)
from practice_model.brain.writing.limits import (
    body_sentences,
    merge,
    read_limits,
    too_long,
)
from practice_model.brain.writing.model import Limits, Task
from practice_model.brain.writing.ranking import central, compress, is_statement, rank
from practice_model.brain.writing.relevance import (
    about,
    content,
    on_subject,
    shared,
    upright,
    within,
)
from practice_model.brain.writing.reviewing import takes_up
from practice_model.brain.writing.text import (
    NUMBER_WORD,
    Block,
    alike,
    blocks,
    capital,
    citations,
    cite,
    count_words,
    covers,
    finish,
    number,
    overlap,
    render,
    stems,
    strip_citations,
    tidy_citations,
)

_BODY = ("para", "bullet", "number")
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "final": -1}
_FORMAL = (
    (r"\bcan't\b", "cannot"), (r"\bwon't\b", "will not"), (r"\bshan't\b", "shall not"), (r"\b(\w+)n't\b", r"\1 not"), (r"\b(I)'m\b", r"\1 am"),
    (r"\b(it|that|there|he|she|here|what|who)'s\b", r"\1 is"), (r"\b(you|we|they)'re\b", r"\1 are"),
    (r"\b(I|you|we|they)'ve\b", r"\1 have"), (r"\b(I|you|we|they|he|she|it)'ll\b", r"\1 will"),
    (r"\b(I|you|we|they|he|she)'d\b", r"\1 would"), (r"\bkids\b", "children"), (r"\ba lot of\b", "much"),
    (r"\bget in touch with\b", "contact"), (r"\bthanks\b", "thank you"), (r"\bokay\b|\bOK\b", "acceptable"),
    (r"\bhey(?: guys| folks| all| everyone)?\b", "good day"), (r"\bguys\b", "everyone"),
    (r"\bjust ask\b", "please ask"), (r"\bjust reply\b", "please reply"), (r"!", "."),
)  # fmt: skip
_CASUAL = (
    (r"\b(I) am\b", r"\1'm"), (r"\b(it|that|there)( is)\b", r"\1's"), (r"\b(you|we|they) are\b", r"\1're"),
    (r"\b(I|you|we|they) have\b(?= \w+ed\b)", r"\1've"), (r"\b(I|you|we|they) will\b", r"\1'll"), (r"\bcannot\b", "can't"),
    (r"\b(do|does|did|is|are|was|were|would|should|could) not\b", r"\1n't"), (r"\bplease contact\b", "drop a line to"),
)  # fmt: skip
_SIMPLE = (
    (r"\butili[sz]e\b", "use"), (r"\bcommence\b", "begin"), (r"\bpurchase\b", "buy"), (r"\bprior to\b", "before"),
    (r"\bsubsequent to\b", "after"), (r"\bin order to\b", "to"), (r"\bassist(?:ance)?\b", "help"), (r"\badditional\b", "more"),
    (r"\bapproximately\b", "about"), (r"\bobtain\b", "get"), (r"\brequire\b", "need"), (r"\brequires\b", "needs"), (r"\bdemonstrate\b", "show"),
    (r"\bnumerous\b", "many"), (r"\bsufficient\b", "enough"), (r"\bterminate\b", "end"), (r"\bfacilitate\b", "help"), (r"\bdue to the fact that\b", "because"),
)  # fmt: skip


class _Text:
    """A text in parts, with what the changes need to know about its task."""

    def __init__(self, text: str, task: Task) -> None:
        self.parts = blocks(text)
        self.task = task
        self.limits = Limits()
        self.missed: list[str] = []
        """Wishes that no rule understands."""

    def body(self) -> list[tuple[Block, int]]:
        """The place of every sentence of the text proper."""
        return [
            (part, place)
            for part in self.parts
            if part.kind in _BODY
            for place in range(len(part.sentences))
        ]

    def __str__(self) -> str:
        return render(self.parts)

    def change(self, function: re.Pattern[str] | None, pattern: str, instead: str) -> None:
        """Replace a pattern everywhere but inside citations."""
        del function
        for part in self.parts:
            part.sentences = [_swap(entry, pattern, instead) for entry in part.sentences]

    def drop(self, places: list[tuple[Block, int]]) -> None:
        """Remove sentences; a text never loses its last one this way."""
        if len(places) >= len(self.body()):
            return
        for part, place in sorted(places, key=lambda entry: -entry[1]):
            del part.sentences[place]
        self.parts = [part for part in self.parts if part.sentences]

    def add(self, sentence: str, *, near: str = "", first: bool = False) -> None:
        """Insert a sentence: after the one it resembles most, at the end, or at the start."""
        sentence = finish(sentence)
        body = self.body()
        if any(alike(part.sentences[place], sentence) > 0.8 for part, place in body):
            return
        bullets = [part for part in self.parts if part.kind in ("bullet", "number")]
        paragraphs = [part for part in self.parts if part.kind == "para"]
        if bullets and len(bullets) >= len(paragraphs):
            at = self.parts.index(bullets[-1])
            self.parts.insert(at + 1, Block(bullets[-1].kind, [sentence]))
            return
        if not body:
            at = next(
                (n for n, part in enumerate(self.parts) if part.kind == "signoff"), len(self.parts)
            )
            self.parts.insert(at, Block("para", [sentence]))
            return
        if first:
            body[0][0].sentences.insert(0, sentence)
            return
        if near:
            part, place = max(body, key=lambda e: alike(e[0].sentences[e[1]], near))
            if alike(part.sentences[place], near) > 0.1:
                part.sentences.insert(place + 1, sentence)
                return
        tail = paragraphs[-1] if paragraphs else body[-1][0]
        at = len(tail.sentences)
        if at and re.match(
            r"(?:please|if (?:anything|there|you)|i look forward|for more|next step)",
            tail.sentences[-1],
            re.I,
        ):
            if at > 1 or len(paragraphs) == 1:
                at -= 1
            else:
                tail, at = paragraphs[-2], len(paragraphs[-2].sentences)
        tail.sentences.insert(at, sentence)


def _swap(text: str, pattern: str, instead: str) -> str:
    def keep_case(match: re.Match[str]) -> str:
        new = match.expand(instead)
        return capital(new) if match.group()[:1].isupper() else new

    pieces = re.split(r"(\[[^\[\]]*\])", text)
    return "".join(
        piece if piece.startswith("[") else re.sub(pattern, keep_case, piece, flags=re.IGNORECASE)
        for piece in pieces
    )


def revise(text: str, feedback: Sequence[str], task: Task | None = None) -> str:
    """Change a text as the feedback says, and in nothing else.

    Understood are: shorter and longer, limits in words, sentences, bullets or paragraphs; add
    or remove an example, a source, a title, a greeting, a next step, a named thing; mention
    something; replace A by B; more formal, friendlier, simpler; statements to be added; claims
    to be backed or removed; in letters also whom to address, who signs, apologies, thanks,
    questions and offers. The task's own limits and words to avoid hold afterwards. Of a letter's
    wishes, a note at the end names those that were not understood.
    """
    task = task or Task("revise")
    work = _Text(wishes.without_note(text), task)
    ordered = sorted(feedback, key=_weight)
    for entry in ordered:
        _grant(work, entry.strip())
    if not ordered:
        for pattern, new in (*_SIMPLE, (r"\b(\w+)(?: \1)+\b", r"\1")):
            work.change(None, pattern, new)
    limits = merge(task.limits, work.limits)
    if work.limits.max_words is not None and (limits.min_words or 0) > work.limits.max_words:
        limits = replace(limits, min_words=None)
    for word in task.avoid:
        _remove(work, word)
    _shape(work, limits)
    _fit(work, limits, feedback)
    if work.missed and wishes.is_letter(work.parts):
        return f"{work}\n\n{wishes.note(work.missed)}"
    return str(work)


def _grant(work: _Text, entry: str) -> None:
    """Applies a letter's wishes one by one, and everything else as a whole."""
    single = wishes.clauses(entry)
    others = [clause for clause in single if not _letter_wish(work, clause)]
    if len(others) == len(single):
        _apply(work, entry)
        return
    for clause in others:
        _apply(work, clause)


def _letter_wish(work: _Text, wish: str) -> bool:
    letter = wishes.is_letter(work.parts)
    if name := wishes.name_to_greet(wish):
        wishes.greet(work.parts, name)
    elif name := wishes.signer(wish):
        wishes.sign(work.parts, name)
    elif letter and wishes.no_apology(wish):
        _without_apology(work)
    elif letter and wishes.apology(wish):
        for part, place in work.body():
            part.sentences[place] = wishes.stronger(part.sentences[place])
        work.add("Please accept our apologies.")
    elif letter and wishes.colder_or_stiffer(wish):
        _apply(work, "Make it friendlier.")
    elif found := wishes.sentence_for(wish, letter=letter):
        work.add(found[0], first=found[1])
    elif topic := wishes.topic_to_tell(wish):
        _mention_one(work, topic)
    elif word := wishes.word_to_avoid(wish):
        work.change(None, rf"(?<!\w){re.escape(word)}(?!\w),?\s*", "")
        for part, place in work.body():
            part.sentences[place] = capital(part.sentences[place])
    else:
        return False
    return True


def _without_apology(work: _Text) -> None:
    lost = []
    for part, place in work.body():
        plain = wishes.without_apology(part.sentences[place])
        if plain is None:
            lost.append((part, place))
        else:
            part.sentences[place] = plain
    work.drop(lost)


def _weight(entry: str) -> int:
    """Removals first, then additions, then length."""
    if re.search(r"\b(?:remove|delete|drop|cut out|leave out|unsupported)\b", entry, re.I):
        return 0
    if read_limits(entry) != Limits() or re.search(
        r"\b(?:shorter|longer|shorten|expand|concise|trim)\b", entry, re.I
    ):
        return 2
    return 1


def _quoted(entry: str) -> str | None:
    match = re.search(r"[\"“«]([^\"”»]+)[\"”»]", entry)
    return match.group(1).strip() if match else None


def _apply(work: _Text, entry: str) -> None:
    low = entry.lower().rstrip(".!")
    if re.match(
        r"(?:no (?:further |more )?changes?\b|approved|(?:very )?(?:good|nice|great|well)\b|"
        r"it (?:keeps|covers|names|is (?:short|clear|good|well|fine)))",
        low,
    ):
        return
    low = re.sub(
        r"^(?:please|also|and|but|then|now|you should|it should|the (?:text|draft) should|could you|can you)\s+",
        "",
        low,
    )
    limits = read_limits(entry)
    if limits != Limits() and not re.search(r"\bmention|\binclude|\bexample|\bsource|\bcit", low):
        work.limits = merge(work.limits, replace(limits, items=None))
        return
    swap = re.search(
        r"(?:replace|change|swap)\s+[\"“]?(.+?)[\"”]?\s+(?:with|by|to|for|into)\s+[\"“]?(.+?)[\"”]?$",
        entry.rstrip(".! "),
        re.I,
    )
    if swap and not re.search(r"\btone\b|\bstyle\b", low):
        work.change(
            None, rf"(?<!\w){re.escape(swap.group(1))}(?!\w)", swap.group(2).replace("\\", r"\\")
        )
        return
    instead = re.search(
        r"(?:write|say|use|it(?:'s| is))\s+[\"“]?([^\"”]+?)[\"”]?,?\s+(?:instead of|rather than|not)\s+[\"“]?([^\"”]+?)[\"”]?$",
        entry.rstrip(".! "),
        re.I,
    )
    if instead:
        work.change(
            None,
            rf"(?<!\w){re.escape(instead.group(2))}(?!\w)",
            instead.group(1).replace("\\", r"\\"),
        )
        return
    if "source or remove the claim" in low or re.search(
        r"\b(?:does|do) not (?:say|support|state|back) (?:this|that|it)\b|\bunsupported\b|\bno source\b|\bwithout (?:a )?source\b|\bclaims? (?:has|have|lacks?)\b",
        low,
    ):
        _support(work, _quoted(entry))
        return
    if re.search(
        r"\b(?:remove|delete|drop|leave out|cut|omit|strike|get rid of|do not mention|don't mention|without)\b",
        low,
    ) and not re.search(r"\b(?:cut|trim)\b.*\b(?:down|length)\b", low):
        citation = re.search(r"citation \[([^\]]+)\]", entry)
        if citation:
            work.parts = blocks(re.sub(rf"\s*\[{re.escape(citation.group(1))}\]", "", str(work)))
            return
        _remove(work, entry)
        return
    if re.search(
        r"\b(?:shorter|too long|shorten|concise|trim|tighten|brief|condense|less wordy|cut (?:it )?down)\b",
        low,
    ):
        now = count_words(str(work))
        work.limits = merge(work.limits, Limits(max_words=max(8, int(now * 0.7))))
        return
    if (
        re.search(
            r"\b(?:longer|too short|expand|elaborate|more detail|more details|lengthen)\b", low
        )
        and "mention" not in low
    ):
        now = count_words(str(work))
        work.limits = merge(work.limits, Limits(min_words=int(now * 1.35)))
        return
    if re.search(r"\bexamples?\b", low):
        _example(work)
        return
    if re.search(r"\b(?:cite|citations?|sources?|references?)\b", low):
        _cite(work, low)
        return
    if re.search(r"\b(?:title|headline|heading)\b", low):
        if not any(part.kind == "heading" for part in work.parts):
            work.parts.insert(0, Block("heading", [_quoted(entry) or heading(work.task)], "#"))
        elif _quoted(entry):
            next(part for part in work.parts if part.kind == "heading").sentences = [
                _quoted(entry) or ""
            ]
        return
    if re.search(r"\bsubject line\b|\bsubject\b", low) and re.search(
        r"\badd|\bneeds?|\bmissing|\bgive", low
    ):
        if not any(part.kind == "subject" for part in work.parts):
            work.parts.insert(0, Block("subject", [_quoted(entry) or heading(work.task)]))
        return
    if re.search(r"\b(?:greeting|salutation)\b", low):
        if not any(part.kind == "greeting" for part in work.parts):
            at = sum(part.kind in ("heading", "subject") for part in work.parts)
            name = work.task.recipient
            work.parts.insert(at, Block("greeting", [f"Hello {name}," if name else "Hello,"]))
        return
    if re.search(r"\b(?:sign[- ]?off|signature|sign it|closing)\b", low) and not re.search(
        r"closing (?:paragraph|sentence)", low
    ):
        if not any(part.kind == "signoff" for part in work.parts):
            signer = re.search(
                r"\b(?:sign(?:ed)? (?:it )?(?:as|with|by))\s+(.+)$", entry.rstrip("."), re.I
            )
            name = signer.group(1) if signer else work.task.sender
            work.parts.append(
                Block("signoff", ["Best regards,", name] if name else ["Best regards"])
            )
        return
    if re.search(r"\b(?:call to action|next step)\b", low):
        if not any(step in str(work) for step in NEXT_STEPS):
            work.add(next_step(work.task))
        return
    if re.search(r"\bconclusion|\bclosing (?:sentence|paragraph)|\bsummary sentence", low):
        work.add("In short: look at the points above, and decide what to do first.")
        return
    if re.search(r"\bintroduction|\bopening (?:sentence|paragraph)|\bintroduce the topic", low):
        work.add(f"This text is about {general.about(work.task.topic)}.", first=True)
        return
    if re.search(r"\bless formal|\binformal|\bcasual|\bfriendl|\bwarmer|\bconversational", low):
        for pattern, new in _CASUAL:
            work.change(None, pattern, new)
        for part in work.parts:
            if part.kind == "greeting":
                part.sentences = [re.sub(r"^Dear\b", "Hello", part.sentences[0]).rstrip(",!") + ","]
            if part.kind == "signoff":
                part.sentences[0] = "Warm regards" + ("," if len(part.sentences) > 1 else "")
        if re.search(r"\bfriendl|\bwarm", low) and not re.search(
            r"\bthank|\bhappy to help|\bglad", str(work), re.I
        ):
            work.add("We are glad to help with any question.")
        return
    if re.search(r"\bformal|\bpolite|\bprofessional|\bserious", low):
        for pattern, new in _FORMAL:
            work.change(None, pattern, new)
        for part in work.parts:
            if part.kind == "greeting":
                part.sentences = [
                    re.sub(
                        r"^(?:Hi|Hey|Hello)\b(?! all| there)", "Dear", part.sentences[0], flags=re.I
                    )
                ]
                if part.sentences[0].strip(" ,!") == "Dear":
                    part.sentences = ["Dear Sir or Madam,"]
            if part.kind == "signoff":
                part.sentences[0] = "Yours sincerely" + ("," if len(part.sentences) > 1 else "")
        return
    if re.search(r"\bsimpler|\bsimplif|\bplain(?:er)?\b|\beasier\b|\bjargon", low):
        for pattern, new in _SIMPLE:
            work.change(None, pattern, new)
        return
    if re.search(r"\bbullets?\b|\bas a list\b", low):
        work.limits = merge(work.limits, Limits(bullets=0))
        return
    _mention(work, entry)


def _mention(work: _Text, entry: str) -> None:
    """Adds what is asked for: a source's sentence on it, the statement itself, or an open note."""
    match = re.search(
        r"\b(?:mention|mentioning|include|add|cover|say|state|name|explain|tell (?:them|the reader|readers|customers)|point out|refer to|note|answer|missing(?: is)?|talk about|discuss|describe|clarify|give)\b(?:\s+(?:also|something|a (?:word|sentence|line|note|paragraph)|details|information))?(?:\s+(?:about|on|saying|of|that says))?\s*:?\s+(?P<what>.+)$",
        entry.rstrip(".! "),
        re.IGNORECASE,
    )
    if match:
        what = match["what"].strip(" \"“”'")
        what = re.sub(
            r"\s+(?:too|as well|somewhere|explicitly|in the text|at the end|clearly)$", "", what
        )
        items = (
            [what]
            if re.match(r"that\s", what) or general.is_clause(what)
            else [p for p in re.split(r",\s*(?:and\s+)?|\s+and\s+", what) if stems(p)]
        )
        for item in items:
            _mention_one(work, item)
        return
    if (
        is_statement(entry)
        and general.is_clause(entry)
        and not re.match(
            r"(?:the|this|your|my) (?:draft|text|post|article|e-?mail|tone|style|review|second|first|last|sentence|paragraph|title|ending|intro)|it\b|there (?:is|are)|you\b",
            entry,
            re.I,
        )
    ):
        work.add(entry)
        return
    lacks = re.search(
        r"\b(?:lacks?|does not mention|doesn't mention|needs|is missing|misses|forgets?|says nothing about)\s+(?P<what>.+)$",
        entry.rstrip(".! "),
        re.I,
    )
    if lacks:
        _mention_one(work, lacks["what"].strip(" \"“”'"))
    elif not general.is_clause(entry) and not wishes.is_errand(entry):
        work.missed.append(entry)


def _mention_one(work: _Text, item: str) -> None:
    if any(part.kind == "greeting" for part in work.parts):
        item = to_you(item, Addressee())
    wanted = stems(re.sub(r"^that\s+", "", item))
    if not wanted:
        return
    if any(covers(item, part.sentences[place]) >= 0.75 for part, place in work.body()):
        return
    ranked = rank(work.task.sources, item) if work.task.sources else []
    best = max(ranked, key=lambda e: (covers(item, e.text), e.fit), default=None)
    if best is not None and (
        covers(item, best.text) >= 0.5
        if not work.task.sources[best.source].id
        else on_subject(
            item, best.text, work.task.sources[best.source].title or "", within(work.task, item)
        )
    ):
        source = work.task.sources[best.source]
        sentence = tidy_citations(best.text)
        if work.task.cite and source.id:
            sentence = cite(sentence, source.id)
        work.add(sentence, near=sentence)
        if covers(item, sentence) >= 0.5:
            return
        if not general.is_clause(item):
            return
    if general.is_clause(item):
        work.add(general.mention(item))
    elif work.task.sources:
        work.add(silence(general.lower_article(item), work.task))
    else:
        work.add(general.mention(item))


def _example(work: _Text) -> None:
    if re.search(r"\bfor (?:example|instance)\b", str(work), re.I):
        return
    ranked = rank(work.task.sources, f"{work.task.topic} example") if work.task.sources else []
    used = str(work)
    for entry in ranked:
        text = tidy_citations(entry.text)
        if overlap(stems(text), stems(used)) > 0.8:
            continue
        source = work.task.sources[entry.source]
        body = (
            text
            if re.match(r"for (?:example|instance)", text, re.I)
            else f"For example, {_lower_first(text)}"
        )
        work.add(cite(body, source.id) if work.task.cite and source.id else body)
        return
    work.add(
        "For example, take one case you know yourself and look at it from the beginning to the end."
    )


def _lower_first(sentence: str) -> str:
    first = sentence.split(" ", 1)[0]
    keep = first.isupper() or any(c.isupper() for c in first[1:])
    common = first.lower() in {
        "the",
        "a",
        "an",
        "it",
        "this",
        "these",
        "those",
        "they",
        "we",
        "our",
        "all",
        "every",
        "each",
        "most",
        "some",
        "any",
        "in",
        "on",
        "at",
        "for",
        "from",
        "orders",
        "customers",
        "parcels",
        "if",
        "when",
        "after",
        "before",
        "with",
        "by",
        "no",
        "there",
        "you",
        "he",
        "she",
        "people",
        "many",
    }
    return sentence if keep or not common else sentence[:1].lower() + sentence[1:]


def _support(work: _Text, quoted: str | None) -> None:
    """Backs claims with a source that bears them out, and removes those that none does."""
    lost: list[tuple[Block, int]] = []
    for part, place in work.body():
        sentence = part.sentences[place]
        if quoted is not None and alike(sentence, quoted) < 0.8:
            continue
        if quoted is None and (citations(sentence) or not is_statement(sentence)):
            continue
        found = None
        for source in work.task.sources:
            if source.id and supported(strip_citations(sentence), [source]):
                found = source.id
                break
        if found:
            part.sentences[place] = cite(strip_citations(sentence), found)
        else:
            lost.append((part, place))
    work.drop(lost)


def _cite(work: _Text, low: str) -> None:
    """Adds citations to the sentences that sources bear out, then sentences of further sources."""
    if not work.task.sources:
        if not re.search(r"\bsource needed\b", str(work)):
            work.add("[source needed] No sources were given to cite from.")
        return
    for part, place in work.body():
        sentence = part.sentences[place]
        if citations(sentence):
            continue
        for source in work.task.sources:
            if source.id and supported(sentence, [source]):
                part.sentences[place] = cite(sentence, source.id)
                break
    match = re.search(rf"\b({NUMBER_WORD})\b", low)
    have = len(citations(str(work)))
    another = re.search(r"\b(?:another|more|additional|further|add a|one more)\b", low)
    needed = number(match.group(1)) if match else have + 1 if another else max(have, 1)
    for entry in rank(
        work.task.sources, f"{work.task.topic or work.task.request} {work!s}", work.task.points
    ):
        if len(citations(str(work))) >= needed:
            break
        source = work.task.sources[entry.source]
        if (
            source.id
            and source.id not in citations(str(work))
            and (not work.task.searched or about(work.task, entry.text, source))
        ):
            work.add(cite(tidy_citations(entry.text), source.id))


def _remove(work: _Text, entry: str) -> None:
    quoted = _quoted(entry)
    low = entry.lower()
    if quoted is None:
        ordinal = re.search(
            rf"\b({'|'.join(_ORDINALS)})\s+(sentence|paragraph|line|bullet|point)\b", low
        )
        if ordinal:
            nth = _ORDINALS[ordinal.group(1)]
            if ordinal.group(2) == "paragraph":
                paragraphs = [part for part in work.parts if part.kind == "para"]
                if len(paragraphs) > 1 and -len(paragraphs) <= nth < len(paragraphs):
                    work.parts.remove(paragraphs[nth])
            else:
                body = work.body()
                if -len(body) <= nth < len(body):
                    work.drop([body[nth]])
            return
        for word, kinds in (
            ("greeting", ("greeting",)),
            ("title", ("heading",)),
            ("headline", ("heading",)),
            ("sign-off", ("signoff",)),
            ("subject line", ("subject",)),
            ("bullet", ()),
        ):
            if word in low:
                if kinds:
                    work.parts = [
                        part for part in work.parts if part.kind not in kinds
                    ] or work.parts
                else:
                    lines = [
                        s
                        for part in work.parts
                        if part.kind in ("bullet", "number")
                        for s in part.sentences
                    ]
                    work.parts = [
                        *[p for p in work.parts if p.kind not in ("bullet", "number")],
                        Block("para", lines),
                    ]
                return
        match = re.search(
            r"\b(?:remove|delete|drop|leave out|cut|omit|strike|get rid of|mention(?:ing)?|without)\b\s+(?:the (?:words?|part|sentence|sentences|claim|mention|bit|reference|line)s?\s+(?:about|on|of|that (?:says?|mentions?)|to|with)?\s*|all mentions? of\s+|any mention of\s+|mention(?:ing)? (?:of )?)?(?P<what>.+)$",
            entry.rstrip(".! "),
            re.I,
        )
        what = match["what"] if match else entry
    else:
        what = quoted
    wanted = stems(what)
    if not wanted:
        return
    if count_words(what) >= 5 and quoted is not None:
        work.drop([(p, n) for p, n in work.body() if alike(p.sentences[n], what) > 0.7])
        return
    places = [(p, n) for p, n in work.body() if wanted <= stems(p.sentences[n])]
    if not places and len(wanted) > 2:
        places = [(p, n) for p, n in work.body() if overlap(wanted, stems(p.sentences[n])) >= 0.6]
    if places and len(places) >= len(work.body()):
        work.change(None, rf"\s*(?<!\w){re.escape(what.strip())}(?!\w)", "")
        return
    work.drop(places)
    for part in work.parts:
        if part.kind in ("heading", "subject") and wanted <= stems(part.sentences[0]):
            part.sentences = [
                re.sub(
                    rf"\s*(?<!\w){re.escape(what.strip())}(?!\w)", "", part.sentences[0], flags=re.I
                )
                or "Notes"
            ]


def _shape(work: _Text, limits: Limits) -> None:
    """Bullets and paragraphs as asked for."""
    texts = [part.sentences[place] for part, place in work.body()]
    if limits.bullets is not None:
        kinds = [part.kind for part in work.parts if part.kind in _BODY]
        count = limits.bullets
        if "para" in kinds or (count and len(kinds) != count):
            if count and len(texts) > count:
                scores = central(texts)
                keep = sorted(sorted(range(len(texts)), key=lambda n: -scores[n])[:count])
                texts = [texts[n] for n in keep]
            while count and len(texts) < count:
                more = _further(work, texts)
                if more is None:
                    break
                texts.append(more)
            _rebuild(work, [Block("bullet", [entry]) for entry in texts])
    elif limits.paragraphs is not None:
        count = max(1, min(limits.paragraphs, len(texts)))
        paragraphs = [part for part in work.parts if part.kind in _BODY]
        if len(paragraphs) != limits.paragraphs and texts:
            size, spare = divmod(len(texts), count)
            new, start = [], 0
            for place in range(count):
                end = start + size + (place < spare)
                new.append(Block("para", texts[start:end]))
                start = end
            _rebuild(work, new)


def _rebuild(work: _Text, new: list[Block]) -> None:
    at = next((n for n, part in enumerate(work.parts) if part.kind in _BODY), len(work.parts))
    rest = [part for part in work.parts if part.kind not in _BODY]
    work.parts = [*rest[:at], *new, *rest[at:]]


def _further(work: _Text, texts: list[str]) -> str | None:
    """One more sentence that the text does not have yet: from the sources, else a general one."""
    for entry in rank(work.task.sources, work.task.topic or " ".join(texts), work.task.points):
        source = work.task.sources[entry.source]
        text = tidy_citations(entry.text)
        if work.task.searched and source.id and not about(work.task, text, source):
            continue
        if all(alike(text, other) < 0.6 for other in texts):
            return cite(text, source.id) if work.task.cite and source.id else text
    if work.task.cite and work.task.sources:
        return None
    return next(
        (entry for entry in general.ARTICLE if all(alike(entry, other) < 0.8 for other in texts)),
        None,
    )


def _fit(work: _Text, limits: Limits, feedback: Sequence[str]) -> None:
    """Lengthens, then shortens, until the limits hold."""
    needed = (limits.min_words or 0, limits.min_sentences or 0)
    for _ in range(40):
        text = str(work)
        if count_words(text) >= needed[0] and len(body_sentences(text)) >= needed[1]:
            break
        more = _further(work, [part.sentences[place] for part, place in work.body()])
        if more is None:
            break
        if (
            limits.max_words is not None
            and count_words(text) + count_words(more) > limits.max_words
        ):
            break
        work.add(more)
    _join_step(work, limits)
    protected = [
        stems(entry)
        for entry in (*work.task.points, *(_wish(entry) for entry in feedback))
        if entry
    ]
    while too_long(str(work), limits):
        body = work.body()
        if len(body) <= 1:
            break
        texts = [part.sentences[place] for part, place in body]
        scores = central(texts)
        sole = _sole_citations(texts)
        alone, best = _on_points(texts, work.task)
        worst = min(
            range(len(body)),
            key=lambda n: (
                alone[n],
                best[n],
                bool(_ASKED_FOR.match(texts[n]))
                or any(p and overlap(p, stems(texts[n])) >= 0.6 for p in protected),
                sole[n] or bool(_ASKED_FOR.match(texts[n])),
                not _is_filler(texts[n]),
                scores[n],
                -n,
            ),
        )
        work.drop([body[worst]])
    if work.task.sources and len(work.body()) > 1:
        body = work.body()
        stands = upright([part.sentences[place] for part, place in body], work.task.sources)
        work.drop([entry for entry, alone in zip(body, stands, strict=True) if not alone])
    if too_long(str(work), limits) and work.body():
        extra = [
            part
            for part in work.parts
            if part.kind in ("subject", "greeting", "signoff", "heading")
        ]
        while extra and too_long(str(work), limits):
            work.parts.remove(extra.pop(0))
    if too_long(str(work), limits) and work.body():
        part, place = work.body()[0]
        part.sentences[place] = compress(part.sentences[place], limits.max_words, limits.max_chars)


def _join_step(work: _Text, limits: Limits) -> None:
    """Ties the next step to the sentence before it where there may be no further sentence."""
    body = work.body()
    if not limits.max_sentences or len(body) <= max(limits.max_sentences, 1):
        return
    (part, place), (last, at) = body[-2:]
    if last.sentences[at] in NEXT_STEPS:
        part.sentences[place] = with_step(part.sentences[place], last.sentences[at])
        work.drop([(last, at)])


_ASKED_FOR = re.compile(
    r"(?:As a next step|For example|Please (?:write to us|contact us|ask us))\b"
)
"""Beginnings of sentences that stand in a text because somebody asked for them."""


def _wish(entry: str) -> str:
    """What a piece of feedback wants to see in the text; empty for other feedback."""
    match = re.search(r"\b(?:mention|include|add|cover|say)\s+(.+)$", entry.rstrip("."), re.I)
    return match.group(1) if match else ""


def _on_points(texts: list[str], task: Task) -> tuple[list[bool], list[bool]]:
    """For each sentence, whether it alone takes up a point or the topic, and whether it is the one
    that says most on one.
    """
    alone: set[int] = set()
    best: set[int] = set()
    for wanted in (*task.points, *([task.topic] if content(task.topic) else [])):
        takers = [n for n, entry in enumerate(texts) if _speaks_of(wanted, entry, task)]
        alone.update(takers if len(takers) == 1 else [])
        takers.sort(
            key=lambda n: (-covers(wanted, texts[n]), -len(shared(task.topic, texts[n])), n)
        )
        best.update(takers[:1])
    return [n in alone for n in range(len(texts))], [n in best for n in range(len(texts))]


def _speaks_of(wanted: str, sentence: str, task: Task) -> bool:
    """Whether a sentence takes a point up or says openly that it does not."""
    return takes_up(wanted, sentence, task) or covers(wanted, sentence) >= 0.5


def _sole_citations(texts: list[str]) -> list[bool]:
    counts: dict[str, int] = {}
    for entry in texts:
        for source in citations(entry):
            counts[source] = counts.get(source, 0) + 1
    return [any(counts[source] == 1 for source in citations(entry)) for entry in texts]


def _is_filler(sentence: str) -> bool:
    return (
        sentence in general.ARTICLE or sentence == general.NO_SOURCES or "first look at" in sentence
    )


__all__ = ["revise"]
