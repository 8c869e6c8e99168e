"""What a team has done so far: who worked, in which order, and how a review ended."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from practice_model.mind.reading import passage
from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.phrases import LEXICON, find
from practice_model.mind.reading.text import content, cover, stem, words

_WORDS = LEXICON["routing"]
_STAGES = {stem(w): n for n, line in enumerate(_WORDS["stages"]) for w in line.split()}
_DENIES = frozenset([*LEXICON["conditions"]["negations"], "yet", "nobody", "none"])
_GOOD, _POOR = ({stem(w) for w in _WORDS["leaning"][side].split()} for side in ("good", "poor"))
_HALF = re.compile(r" but | that (?=(?:has|have|is|are|was)\b)")
_FINISH = frozenset(_WORDS["finish"].split())


def plain(option: str) -> str:
    """Return a name as it compares: lower case, words separated by spaces."""
    return " ".join(option.lower().replace("_", " ").replace("-", " ").split())


def is_finish(option: str) -> bool:
    """Tell that an option means that nothing is left to do."""
    return plain(option) in _FINISH or option.lower() in _FINISH


def names_in(text: str, options: Sequence[str]) -> list[str]:
    """Return the options that a text names, in the order of the text."""
    low = f" {' '.join(words(text.replace('_', ' ').replace('-', ' ').replace('/', ' ')))} "
    stems = f" {' '.join(stem(word) for word in low.split())} "
    found = []
    for option in options:
        name = plain(option)
        place = low.find(f" {name} ")
        if place < 0:
            place = low.find(f" {name}s ")
        if place < 0 and len(name) > 4:
            place = stems.find(f" {' '.join(stem(part) for part in name.split())} ")
            place += 0 if place < 0 else 1
        if place >= 0 and not (is_finish(option) and option.isupper() and option not in text):
            found.append((place, -len(name), option))
    return [option for _, _, option in sorted(found)]


def stage(option: str, told: str = "") -> int | None:
    """Return where in a piece of work a worker usually comes: 1 research, 2 write, 4 review."""
    for word in [*words(plain(option))[::-1], *words(told)[:8]]:
        if stem(word) in _STAGES:
            return _STAGES[stem(word)]
    return None


@dataclass(frozen=True)
class Progress:
    """The task and who has worked on it, with what they said."""

    task: str
    done: tuple[tuple[str, str], ...] = ()
    team: bool = False

    @property
    def names(self) -> set[str]:
        """Return who has worked."""
        return {name for name, _ in self.done}

    @property
    def last(self) -> str:
        """Return who worked last."""
        return self.done[-1][0] if self.done else ""

    @property
    def asks_changes(self) -> bool:
        """Tell that the last one to work was a reviewer who asks for changes."""
        return bool(self.done) and stage(self.last) == 4 and wants_changes(self.done[-1][1])

    @property
    def approved(self) -> bool:
        """Tell that the last review approved."""
        reviews = [text for name, text in self.done if stage(name) == 4] or [
            text for _, text in self.done[-1:]
        ]
        return bool(reviews) and approves(reviews[-1]) and self.done[-1][1] == reviews[-1]

    def holds(
        self, condition: str, options: Sequence[str], makes: Mapping[str, str] | None = None
    ) -> bool | None:
        """Tell that a condition about the work so far holds; None if it is about something else.

        `makes` says which worker makes what, by the stems of things.
        """
        low = set(words(condition))
        halves = _HALF.split(condition)
        if len(halves) > 1:
            known = [self.holds(half, options, makes) for half in halves]
            if None not in known:
                return all(known)
        made_by = {(makes or {}).get(one, "") for one in content(condition)} - {""}
        if any(option.lower() in low for option in options):
            made_by = set()
        if len(made_by) == 1:
            return (made_by <= self.names) != bool(low & _DENIES)
        named = [name for name in names_in(condition, options) if not is_finish(name)]
        if named and not self.names & set(named) and not low & _DENIES:
            return False  # who has not worked yet has said nothing
        if named and self.last == named[-1] and (wish := leaning(condition)):
            return wish == (leaning(self.done[-1][1]) or 1)
        if named and self.last == named[-1]:
            rest = content(condition) - content(f"{named[-1]} reports says finds answers")
            if rest and cover(rest, self.done[-1][1]) == 1.0:
                return True
        if low & {"approved", "approves", "approve", "accepted", "accepts"}:
            return self.approved
        if find(_WORDS["nothing"], condition):
            return not self.done
        worked = bool(low & set(_WORDS["worked"].split()))
        if named and (worked or len(low) <= 4):
            return self.last == named[-1] if len(named) == 1 else named[-1] in self.names
        return None


def leaning(text: str) -> int:
    """Tell whether a text accepts (1) or wants changes (-1); 0 if it says neither.

    A denial turns the word behind it: "nothing to change" accepts.
    """
    every, total = words(text), 0
    for place, word in enumerate(every):
        side = next((s for s, known in ((1, _GOOD), (-1, _POOR)) if stem(word) in known), 0)
        near = set(every[max(0, place - 3) : place])
        denied = near & _DENIES or any(one.endswith("n't") for one in near)
        total += -side if denied else side
    return (total > 0) - (total < 0)


def approves(text: str) -> bool:
    """Tell that a review approves."""
    return find(_WORDS["approved"], text) is not None and not wants_changes(text)


def wants_changes(text: str) -> bool:
    """Tell that a review asks for changes."""
    head = " ".join(words(text)[:1])
    if head in ("approved", "approve", "accepted", "lgtm"):
        return False
    return find(_WORDS["changes"], text[:600]) is not None


def progress_of(options: Sequence[str], reading: Reading) -> Progress:
    """Read who of the options has worked: named messages, and lines such as "writer: done"."""
    workers = [option for option in options if not is_finish(option)]
    by_name = {plain(option): option for option in workers}
    done: list[tuple[str, str]] = []
    task = ""
    for turn in reading.turns:
        name = by_name.get(plain(turn.name)) if turn.name else None
        if name:
            done.append((name, turn.text))
        elif turn.role == "user":
            lines, rest = _lines(turn.text, by_name)
            done += lines
            task = rest if rest.strip() else task
        elif turn.role == "assistant" and turn.text.strip():
            lines, _ = _lines(turn.text, by_name)
            done += lines
    for option in workers if not done else []:
        if find([f"{plain(option)} is|has done|finished|ready"], reading.request.text):
            done.append((option, ""))
    if not done:
        made = {stage(option): option for option in reversed(workers)}
        text = reading.request.text
        for section in passage(text.split("\n", 1)[-1] if text.startswith("#") else text).sections:
            place = next((s for w in section.label.split() if (s := _STAGES.get(stem(w)))), None)
            place = 2 if section.label == "draft" else place
            empty = words(section.body)[:1] in ([], ["none"], ["nothing"], ["empty"], ["no"])
            if place is not None and place in made and not empty:
                done.append((made[place], section.body))
    wish = set(words(reading.system.text)) & set(_WORDS["team"].split())
    return Progress(task, tuple(done), bool(done or wish))


def _lines(text: str, by_name: dict[str, str]) -> tuple[list[tuple[str, str]], str]:
    found: list[tuple[str, str]] = []
    rest: list[str] = []
    for line in text.splitlines():
        bare = line.strip().lstrip("-*• ")
        head, colon, said = bare.partition("]" if bare[:1] == "[" else ":")
        name = by_name.get(plain(head.strip("*[]` ")))
        if name and colon:
            found.append((name, said.strip(" :")))
        elif found and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
        elif not found:
            rest.append(line)
    return found, "\n".join(rest)
