"""Remember what users said, for years: one namespace a user, found again by meaning.

`open_memories()` returns `Memories`; `memories.of(user)` leads to what one user said, and no
method behind it takes a namespace, so code that is given Clara's door can't reach Ben.  Application
code needs no other way; `Memories.store`, which can reach everybody, is for tools and tests.

What goes wrong, and what guards it:

| Failure                                           | Guard                                        |
|---------------------------------------------------|----------------------------------------------|
| One user's memories in another's answer           | ids without separators and wildcards, and    |
|                                                   | the namespace of every result is compared    |
| A distance taken for a similarity                 | `score` is a cosine: 1 is the same,          |
|                                                   | 0 has nothing in common                      |
| Keys from the clock: two in one tick, one is lost | keys come from the topic or from the text    |
| One fact, told twice, is stored twice             | same key and text: the sources are joined    |
| "I live in Porto", and later "in Lisbon"          | same topic: the later statement holds, even  |
|                                                   | if it arrives first; the earlier one is kept |
| Two processes write one memory, one write is lost | read and write in one transaction            |
| A memory past its time still turns up             | expired ones are never returned              |
| The embedding model is down, or is another one    | `EmbeddingFailed`, `IndexMismatch`; nothing  |
|                                                   | is written, and what needs no vectors works  |
| Ten results come back where all were expected     | `all()` has no limit                         |
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from langgraph.store.base import BaseStore, GetOp, Item, PutOp

from agent_patterns.longterm.backends import Backend
from agent_patterns.longterm.errors import InvalidMemory, InvalidUser, NoSuchMemory
from agent_patterns.longterm.memory import Memory, loaded, made
from agent_patterns.longterm.vectors import QUESTION, Vectors

ROOT = "memories"
EVERYTHING, BATCH = 2**31 - 1, 500
_USER = re.compile(r"[A-Za-z0-9_@+:=-]{1,128}")


class UserMemories:
    """Put, search, update and delete the memories of one user; `Memories.of` makes one."""

    def __init__(self, owner: Memories, user: str) -> None:
        if not isinstance(user, str) or not _USER.fullmatch(user):
            raise InvalidUser(user)
        self.user, self._owner, self._namespace = user, owner, (ROOT, user)

    def put(
        self,
        text: str,
        *,
        topic: str = "",
        source: str = "",
        said_at: float | None = None,
        ttl: float | None = None,
        key: str | None = None,
    ) -> Memory:
        """Store a statement, and return the memory that it is now part of.

        Args:
            text: a sentence that makes sense on its own.
            topic: what it is about; statements on one topic replace each other by time.
            source: where it was said.
            said_at: when, in seconds since the epoch; now by default.
            ttl: seconds after which it is forgotten.
            key: instead of the one made from the topic or, without a topic, from the text.

        Raises:
            InvalidMemory: the text is empty, the ttl not above 0, or a value of the wrong type.
            EmbeddingFailed, IndexMismatch: nothing was written.
        """
        told = {"text": text, "topic": topic, "source": source, "said_at": said_at, "ttl": ttl}
        return self.put_many([{**told, "key": key}])[0]

    def put_many(self, told: Iterable[Mapping[str, Any]]) -> list[Memory]:
        """Store many statements, given as the arguments of `put`; embed them in few requests."""
        now = self._owner.clock()
        new, stored = [made(now, **each) for each in told], dict[str, Memory]()
        for at in range(0, len(new), BATCH):
            stored |= self._join(new[at : at + BATCH])
        return [stored[each.key] for each in new]

    def search(self, question: str, *, k: int = 5, min_score: float = -1.0) -> list[Memory]:
        """Return the `k` memories nearest to a question, best first, each with its `score`.

        Args:
            question: what to look for.
            k: the most that are returned.
            min_score: the lowest cosine that is still returned; measure it on your own questions.

        Raises:
            InvalidMemory: the question is empty, or k below 1.
            EmbeddingFailed, IndexMismatch: no score would mean anything.
        """
        if not question.strip() or k < 1:
            raise InvalidMemory("A search needs a question, and a k of at least 1.")
        asked, limit = QUESTION + question, k
        with self._owner.vectors.prepared([asked]):
            while True:  # expired memories take places, so ask for more if there are some
                items = self._owner.store.search(self._namespace, query=asked, limit=limit)
                found = self._alive(items)
                if len(found) >= k or len(items) < limit:
                    return [each for each in found[:k] if (each.score or 0.0) >= min_score]
                limit *= 4

    def all(self, *, expired: bool = False) -> list[Memory]:
        """Return everything that is stored of this user, the latest first."""
        items = self._owner.store.search(self._namespace, limit=EVERYTHING)
        found = map(_memory, items) if expired else self._alive(items)
        return sorted(found, key=lambda each: -each.said_at)

    def get(self, key: str) -> Memory | None:
        """Return one memory; None if there is none."""
        item = self._owner.store.get(self._namespace, key)
        return next(iter(self._alive([item] if item else [])), None)

    def update(self, key: str, text: str, *, source: str = "", ttl: float | None = None) -> Memory:
        """Correct a memory: this text holds from now on, the earlier one is kept in `previous`.

        Raises:
            NoSuchMemory: there is none under this key.
        """
        old = self.get(key)
        if old is None:
            raise NoSuchMemory(self.user, key)
        now = max(self._owner.clock(), math.nextafter(old.said_at, math.inf))
        return self.put(text, topic=old.topic, source=source, said_at=now, ttl=ttl, key=key)

    def delete(self, key: str) -> bool:
        """Delete a memory with its vector; return False if there was none."""
        with self._owner.backend.locked(self.user) as store:
            found = store.get(self._namespace, key) is not None
            store.delete(self._namespace, key)
        return found

    def clear(self, *, expired_only: bool = False) -> int:
        """Delete all memories of this user, or all that have expired; return how many."""
        now = self._owner.clock()
        with self._owner.backend.locked(self.user) as store:
            items = store.search(self._namespace, limit=EVERYTHING)
            gone = [i for i in items if not expired_only or _memory(i).expired(now)]
            for at in range(0, len(gone), BATCH):
                store.batch(PutOp(self._namespace, i.key, None) for i in gone[at : at + BATCH])
        return len(gone)

    def _join(self, new: list[Memory]) -> dict[str, Memory]:
        """Read, merge and write in one transaction; embed before it, so that it is short."""
        now, space = self._owner.clock(), self._namespace
        keys = list(dict.fromkeys(each.key for each in new))
        with (
            self._owner.vectors.prepared([each.text for each in new]),
            self._owner.backend.locked(self.user) as store,
        ):
            items = store.batch([GetOp(space, key) for key in keys])
            held = {i.key: _memory(i) for i in items if isinstance(i, Item)}
            merged = {key: each for key, each in held.items() if not each.expired(now)}
            for each in new:
                merged[each.key] = merged[each.key].joined(each) if each.key in merged else each
            changed = [each for key, each in merged.items() if each != held.get(key)]
            store.batch(PutOp(space, each.key, each.stored()) for each in changed)
        return merged

    def _alive(self, items: Iterable[Item]) -> list[Memory]:
        now = self._owner.clock()
        mine = [_memory(item) for item in items if tuple(item.namespace) == self._namespace]
        return [each for each in mine if not each.expired(now)]


def _memory(item: Item) -> Memory:
    return loaded(item.key, item.value, getattr(item, "score", None))


class Memories:
    """Hold everybody's memories; `open_memories` makes one.  Close it, or use it in `with`."""

    def __init__(self, backend: Backend, vectors: Vectors, clock: Callable[[], float]) -> None:
        self.backend, self.vectors, self.clock = backend, vectors, clock

    @property
    def store(self) -> BaseStore:
        """The LangGraph store underneath."""
        return self.backend.store

    def of(self, user: str) -> UserMemories:
        """Return the memories of one user.

        Raises:
            InvalidUser: the id has characters that stores give a meaning.
        """
        return UserMemories(self, user)

    def users(self) -> list[str]:
        """Return everybody of whom something is stored, also if it has expired."""
        spaces = self.store.list_namespaces(prefix=(ROOT,), max_depth=2, limit=EVERYTHING)
        return [space[1] for space in spaces if self.store.search(space, limit=1)]

    def purge(self) -> int:
        """Delete everybody's expired memories; return how many."""
        return sum(self.of(user).clear(expired_only=True) for user in self.users())

    def close(self) -> None:
        """Close the database."""
        self.backend.close()

    def __enter__(self) -> Memories:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
