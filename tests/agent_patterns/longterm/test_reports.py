"""Public reports about long-term memory, each with the right value on every kind of store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.longterm import open_memories
from agent_patterns.longterm.backends import _distance
from agent_patterns.longterm.vectors import cosine
from agent_patterns.testing import FakeClock
from practice_model.mind.vectors import embed


@pytest.mark.parametrize(
    ("user", "neighbour"),
    [
        ("john_doe", "john-doe"),  # langgraph#8300: LIKE took "_" for any character
        ("foo", "foobar"),  # langgraph#8478, CVE-2026-71433: a prefix ran on into the next name
        ("acme", "acme-corp"),  # langgraphjs#2721: the same in JavaScript
        ("FOO", "foo"),  # LIKE is blind to case in SQLite
    ],
)
def test_a_search_stays_in_its_namespace(
    user: str, neighbour: str, url: str, vectors: Vectors
) -> None:
    with open_memories(url, vectors) as memories:
        memories.of(neighbour).put("I am the neighbour.")
        mine = memories.of(user)
        assert mine.search("Who am I?", k=50) == []
        assert mine.all() == []
        assert mine.clear() == 0
        assert len(memories.of(neighbour).all()) == 1


def test_a_deleted_memory_takes_its_vector_along(tmp_path: Path, vectors: Vectors) -> None:
    """langgraph#8757: SqliteStore declares a cascade, and never switches foreign keys on."""
    with open_memories(f"sqlite:///{tmp_path.as_posix()}/m.db", vectors) as memories:
        mine = memories.of("u-1")
        keys = [mine.put(f"Fact {n}.").key for n in range(3)]
        mine.delete(keys[0])
        count = "SELECT count(*) FROM store_vectors"
        connection = memories.store.conn  # type: ignore[attr-defined]
        with closing(connection.cursor()) as cursor:
            assert cursor.execute(count).fetchone()[0] == 2
            mine.update(keys[1], "Another fact.")
            assert cursor.execute(count).fetchone()[0] == 2
            mine.clear()
            assert cursor.execute(count).fetchone()[0] == 0


def test_only_the_text_is_embedded(url: str, vectors: Vectors) -> None:
    """langgraph#4343, langgraph#8808: `fields` was ignored, and the whole value embedded."""
    with open_memories(url, vectors) as memories:
        vectors.documents.clear()
        memories.of("u-1").put("I live in Porto.", topic="home", source="thread-1")
        assert set(vectors.documents) <= {"I live in Porto.", *vectors.documents[:1]}
        assert vectors.documents.count("I live in Porto.") == 1
        assert not [each for each in vectors.documents if "thread-1" in each]


def test_an_expired_memory_is_not_returned_before_it_is_swept(url: str, vectors: Vectors) -> None:
    """langgraph#8902: SqliteStore returns it; InMemoryStore has no time to live at all."""
    clock = FakeClock(0.0)
    with open_memories(url, vectors, clock=clock) as memories:
        mine = memories.of("u-1")
        key = mine.put("I am away.", ttl=300.0).key
        clock.advance(360)
        assert mine.get(key) is None
        assert mine.search("away") == []
        assert mine.all() == []


def test_a_score_is_a_similarity_and_differs_between_results(url: str, vectors: Vectors) -> None:
    """mem0#4999, mem0#6434, A-mem#23: a distance came back as a score, or every score was 1."""
    texts = ["I like green ink.", "I like red ink for corrections.", "My parrot lives on a boat."]
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put_many({"text": text} for text in texts)
        found = mine.search("I like green ink.", k=3)
        scores = [each.score for each in found]
        assert [each.text for each in found] == texts
        expected = [cosine(embed("I like green ink."), embed(text)) for text in texts]
        assert scores == pytest.approx(expected, abs=1e-5)
        assert expected[0] > expected[1] > expected[2]
        assert mine.search("I like green ink.", min_score=0.99)[0].text == texts[0]


def test_deleting_one_user_leaves_the_others(url: str, vectors: Vectors) -> None:
    """mem0#3746, mem0#3928: delete_all of one user reset the whole collection."""
    with open_memories(url, vectors) as memories:
        for user in ("u-1", "u-2"):
            memories.of(user).put("I live in Porto.")
        assert memories.of("u-1").clear() == 1
        assert [each.text for each in memories.of("u-2").search("Porto")] == ["I live in Porto."]


def test_one_call_deletes_more_than_a_page(url: str, vectors: Vectors) -> None:
    """mem0#4957: 148 memories took two calls, and the first one said that all were gone."""
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put_many({"text": f"Fact {n}.", "key": f"k{n}"} for n in range(148))
        assert len(mine.all()) == 148
        assert mine.clear() == 148
        assert mine.all(expired=True) == []


def test_adding_a_memory_twice_keeps_it(url: str, vectors: Vectors) -> None:
    """mem0#1674: the second time deleted it."""
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        first = mine.put("The dog is a descendant of the wolf.", said_at=1.0)
        assert mine.put("The dog is a descendant of the wolf.", said_at=1.0) == first
        assert mine.all() == [first]


def test_two_memories_of_one_text_in_a_batch(url: str, vectors: Vectors) -> None:
    """langgraph#8822: InMemoryStore raised a ValueError."""
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put_many({"text": "I ski.", "key": key} for key in ("a", "b"))
        assert {each.key for each in mine.search("I ski.")} == {"a", "b"}


def test_the_distance_of_pythons_without_extensions_is_sqlite_vecs() -> None:
    """langgraph's SqliteStore calls `vec_distance_cosine`; here it is ours or the extension's."""
    one, other = embed("I like green ink."), embed("My parrot lives on a boat.")
    from sqlite_vec import serialize_float32

    ours = _distance(serialize_float32(one), serialize_float32(other))
    assert ours == pytest.approx(1 - cosine(one, other), abs=1e-6)
    assert _distance(serialize_float32(one), serialize_float32(one)) == pytest.approx(0, abs=1e-6)
