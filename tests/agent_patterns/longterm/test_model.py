"""Any sequence of operations leaves what a dictionary would hold, on memory and on SQLite."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.longterm import open_memories
from agent_patterns.longterm.memory import Memory, made
from agent_patterns.testing import FakeClock

USERS = st.sampled_from(["u-1", "u-10"])
TEXTS = st.sampled_from(["In Porto.", "in porto", "In Lisbon.", "Two dogs."])
TOPICS = st.sampled_from(["", "home", "Home ", "pets"])
TIMES = st.one_of(st.none(), st.sampled_from([1.0, 2.0, 3.0]))


class OnMemory(RuleBasedStateMachine):
    """Keep a dictionary beside the store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock(10.0)
        self.memories = open_memories(self.url(), Vectors(), clock=self.clock)
        self.held: dict[str, dict[str, Memory]] = {"u-1": {}, "u-10": {}}

    def url(self) -> str:
        return "memory://"

    def teardown(self) -> None:
        self.memories.close()
        self.folder.cleanup()

    @rule(user=USERS, text=TEXTS, topic=TOPICS, said_at=TIMES, ttl=st.sampled_from([None, 5.0]))
    def put(
        self, user: str, text: str, topic: str, said_at: float | None, ttl: float | None
    ) -> None:
        stored = self.memories.of(user).put(text, topic=topic, said_at=said_at, ttl=ttl)
        new = made(self.clock(), text, topic, said_at=said_at, ttl=ttl)
        old = self.held[user].get(new.key)
        alive = old is not None and not old.expired(self.clock())
        self.held[user][new.key] = old.joined(new) if old is not None and alive else new
        assert stored == self.held[user][new.key]

    @rule(user=USERS, text=TEXTS)
    @precondition(lambda self: self.alive("u-1") and self.alive("u-10"))
    def update(self, user: str, text: str) -> None:
        key = self.alive(user)[0].key
        updated = self.memories.of(user).update(key, text)
        assert updated.text == text
        self.held[user][key] = updated

    @rule(user=USERS, key=st.sampled_from(["home", "pets", "none"]))
    def delete(self, user: str, key: str) -> None:
        there = self.held[user].pop(key, None) is not None
        assert self.memories.of(user).delete(key) is there

    @rule(user=USERS)
    def clear(self, user: str) -> None:
        assert self.memories.of(user).clear() == len(self.held[user])
        self.held[user] = {}

    @rule(seconds=st.sampled_from([1.0, 6.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def purge(self) -> None:
        before = sum(map(len, self.held.values()))
        for user in self.held:
            self.held[user] = {each.key: each for each in self.alive(user)}
        assert self.memories.purge() == before - sum(map(len, self.held.values()))

    def alive(self, user: str) -> list[Memory]:
        return [each for each in self.held[user].values() if not each.expired(self.clock())]

    @invariant()
    def the_store_holds_what_the_dictionary_holds(self) -> None:
        for user in self.held:
            mine, expected = self.memories.of(user), {m.key: m for m in self.alive(user)}
            assert {each.key: each for each in mine.all()} == expected
            found = mine.search("Where?", k=9)
            assert {each.key for each in found} == set(expected)
            scores = [each.score for each in found if each.score is not None]
            assert scores == sorted(scores, reverse=True)
            assert len(scores) == len(found)
        assert self.memories.users() == sorted(user for user in self.held if self.held[user])


class OnSqlite(OnMemory):
    """The same on a file."""

    def url(self) -> str:
        return f"sqlite:///{Path(self.folder.name).as_posix()}/m.db"


_FEW = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestOnMemory = OnMemory.TestCase
TestOnMemory.settings = _FEW
TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = _FEW
