"""One memory: what was said last about something, and what was said before.

`Memory.joined` is a join in the sense of conflict-free data types (Shapiro et al., 2011): whatever
order statements arrive in, and however often, the memory is the same.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from agent_patterns.longterm.errors import InvalidMemory


@dataclass(frozen=True)
class Statement:
    """Hold one thing that was said.

    Attributes:
        text: what was said.
        said_at: when it was said, in seconds since the epoch; not when it was stored.
        sources: where it was said: the ids of threads or messages.
        expires_at: when to forget it, in seconds since the epoch; None: never.
    """

    text: str
    said_at: float
    sources: tuple[str, ...] = ()
    expires_at: float | None = None


@dataclass(frozen=True)
class Memory:
    """Hold what is known under one key.

    Attributes:
        key: unique for this user.
        statements: everything said about it, the latest first.
        topic: what it is about, such as ``home``; "" if it has none.
        score: in search results, the cosine of question and text, from -1 to 1.
    """

    key: str
    statements: tuple[Statement, ...]
    topic: str = ""
    score: float | None = None

    @property
    def text(self) -> str:
        """Return what holds now."""
        return self.statements[0].text

    @property
    def said_at(self) -> float:
        """Return when it was said, in seconds since the epoch."""
        return self.statements[0].said_at

    @property
    def sources(self) -> tuple[str, ...]:
        """Return where it was said."""
        return self.statements[0].sources

    @property
    def previous(self) -> tuple[Statement, ...]:
        """Return what held before, the latest first."""
        return self.statements[1:]

    def expired(self, now: float) -> bool:
        """Return True if its time to live is over."""
        expires = self.statements[0].expires_at
        return expires is not None and expires <= now

    def joined(self, other: Memory) -> Memory:
        """Return both as one: same texts merged, the latest statement first."""
        merged: dict[str, Statement] = {}
        for each in sorted([*self.statements, *other.statements], key=_order):
            same = merged.get(normal(each.text))
            sources = tuple(sorted({*each.sources, *(same.sources if same else ())}))
            merged[normal(each.text)] = replace(each, sources=sources)
        latest_first = tuple(sorted(merged.values(), key=_order, reverse=True))
        return replace(self, statements=latest_first, topic=max(self.topic, other.topic))

    def stored(self) -> dict[str, Any]:
        """Return it as a store takes it; `text` is what the store embeds."""
        said = [asdict(each) | {"sources": list(each.sources)} for each in self.statements]
        return {"text": self.text, "topic": self.topic, "statements": said}


def loaded(key: str, value: Any, score: float | None = None) -> Memory:
    """Return a memory as a store keeps it.

    Raises:
        InvalidMemory: something else wrote this item.
    """
    try:
        said = [Statement(**{**s, "sources": tuple(s["sources"])}) for s in value["statements"]]
        memory = Memory(key, tuple(said), value["topic"], score)
        memory.text  # noqa: B018
    except (KeyError, TypeError, IndexError) as error:
        raise InvalidMemory(
            f"The item {key!r} was not written by this library: {value!r:.80}. Move it to another "
            "namespace."
        ) from error
    return memory


def made(
    now: float,
    text: str,
    topic: str = "",
    source: str = "",
    said_at: float | None = None,
    ttl: float | None = None,
    key: str | None = None,
) -> Memory:
    """Return a new memory of one statement; `UserMemories.put` describes the arguments.

    Raises:
        InvalidMemory: the text is empty, the ttl not above 0, or a value of the wrong type.
    """
    if not all(isinstance(each, str) for each in (text, topic, source, key or "")):
        raise InvalidMemory("Text, topic, source and key must be strings.")
    if not text.strip() or key == "" or "\0" in f"{text}{topic}{source}{key}":
        raise InvalidMemory("A memory needs a text, and a key that is not empty, without NUL.")
    if ttl is not None and not 0 < ttl < math.inf:
        raise InvalidMemory(f"ttl={ttl} must be a number of seconds above 0, or None for ever.")
    if said_at is not None and not math.isfinite(said_at):
        raise InvalidMemory(f"said_at={said_at} must be in seconds since the epoch.")
    said = Statement(
        text=text.strip(),
        said_at=now if said_at is None else said_at,
        sources=(source,) if source else (),
        expires_at=None if ttl is None else now + ttl,
    )
    about = normal(topic)
    return Memory(key or about or digest(text), (said,), about)


def digest(text: str) -> str:
    """Return the key of a text without a topic: the same for the same text, whenever it comes."""
    return hashlib.blake2b(normal(text).encode(), digest_size=12).hexdigest()


def normal(text: str) -> str:
    """Return a text without what makes no other statement of it: case, spaces, a full stop."""
    return " ".join(text.casefold().split()).rstrip(".! ")


def _order(said: Statement) -> tuple[float, str, float]:
    return said.said_at, said.text, math.inf if said.expires_at is None else said.expires_at
