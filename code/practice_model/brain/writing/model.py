"""What a piece of writing is asked to be: task, sources, limits, and the verdict on a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["draft", "revise", "review", "summary", "plan", "notes", "titles", "reply", "points"]
"""The sorts of writing that the package knows.

draft: a text on a topic; revise: a draft and what to change; review: a verdict on a draft;
summary: a text made shorter; plan: numbered steps; notes: research notes, one fact a line, with
the id of its source; titles: headings or subject lines; reply: an answer to an e-mail or message;
points: the main points of a text as bullets.
"""


@dataclass(frozen=True)
class Limits:
    """How long a text may be. None means that nothing was said.

    The counts are words, sentences, bullets, paragraphs and characters.
    """

    min_words: int | None = None
    max_words: int | None = None
    min_sentences: int | None = None
    max_sentences: int | None = None
    bullets: int | None = None
    paragraphs: int | None = None
    max_chars: int | None = None
    items: int | None = None
    """How many titles, steps, points or ideas are wanted."""


@dataclass(frozen=True)
class Source:
    """A text that a draft may draw on. `id` is what a citation names: ``[id]``."""

    text: str
    id: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Task:
    """One request for writing, as read from a conversation."""

    kind: Kind
    topic: str = ""
    """What it is about: a noun phrase without a closing full stop."""
    request: str = ""
    """The words of the request itself, without sources and drafts."""
    form: str = "text"
    """What is to be written: e-mail, post, report, article, memo, message, list, poem ..."""
    audience: str | None = None
    tone: str | None = None
    points: tuple[str, ...] = ()
    """What must be mentioned."""
    avoid: tuple[str, ...] = ()
    """What must not be mentioned."""
    says: tuple[str, ...] = ()
    """What a message is to say, as sentences to its reader."""
    subject: str = ""
    """The subject line that a message's own statements suggest."""
    bad_news: bool = False
    """Whether a message's statements are bad news for its reader."""
    sources: tuple[Source, ...] = ()
    cite: bool = False
    """Whether citations ``[id]`` are asked for, or the sources carry ids worth keeping."""
    limits: Limits = field(default_factory=Limits)
    draft: str = ""
    """The text to revise, review or summarise, or the message to reply to."""
    feedback: tuple[str, ...] = ()
    """What is to be changed in `draft`."""
    criteria: tuple[str, ...] = ()
    """What a review is to look at; empty means everything that can be checked."""
    recipient: str | None = None
    sender: str | None = None
    ends_with_step: bool = False
    """Whether the text is to end with a next step for its reader."""
    noted: bool = False
    """Whether the sources are notes that somebody made for this very text."""
    searched: bool = False
    """Whether the sources are what a search found, so that there may be others."""


@dataclass(frozen=True)
class Finding:
    """One shortcoming of a draft.

    `change` is an instruction that `revise` understands, so that a revision that obeys it makes
    the finding disappear.
    """

    aspect: str
    """length, citations, support, coverage, avoid, format or clarity."""
    problem: str
    change: str


@dataclass(frozen=True)
class Review:
    """The verdict on a draft: approved exactly when there are no findings."""

    approved: bool
    findings: tuple[Finding, ...]
    strengths: tuple[str, ...]
    score: float
    """Share of the checked properties that hold, 0 to 1."""
    text: str
    """The review in words: the verdict first, then the changes asked for, one a line."""

    def as_values(self) -> dict[str, Any]:
        """Values by the usual names of fields, for filling a schema."""
        changes = [finding.change for finding in self.findings]
        return {
            "approved": self.approved,
            "changes": changes,
            "problems": [finding.problem for finding in self.findings],
            "strengths": list(self.strengths),
            "feedback": " ".join(changes) if changes else "Approved. No change is needed.",
            "score": self.score,
        }
