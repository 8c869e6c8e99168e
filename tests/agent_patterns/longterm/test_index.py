"""The embedding model is down, is another one, or the store has an older index: nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from langchain_openai import OpenAIEmbeddings
from langgraph.store.sqlite import SqliteStore
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.longterm import open_memories
from agent_patterns.longterm.errors import EmbeddingFailed, IndexMismatch, InvalidMemory
from agent_patterns.longterm.memories import Memories

FACTS = ["I live in Porto.", "I have two dogs.", "I pay in cash."]


def filled(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        memories.of("u-1").put_many({"text": text} for text in FACTS)


def texts(memories: Memories) -> list[str]:
    return sorted(each.text for each in memories.of("u-1").all())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "qdrant"])
def test_without_the_embedding_model_the_rest_works(
    kind: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place(kind)
    filled(url, vectors)
    vectors.down = True
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        for fails in (
            lambda: mine.put("I ski."),
            lambda: mine.search("dogs"),
            lambda: mine.put_many({"text": f"Fact {n}."} for n in range(700)),
            lambda: mine.update(mine.all()[0].key, "I ski."),
        ):
            with pytest.raises(EmbeddingFailed, match=r"does not answer \(ConnectionError: no ans"):
                fails()
        assert texts(memories) == sorted(FACTS)
        assert mine.delete(mine.all()[0].key)
        assert mine.get(mine.all()[0].key) is not None
        vectors.down = False
        assert mine.put("I ski.").text == "I ski."
        assert len(mine.all()) == 3


def test_a_new_store_needs_the_embedding_model(place: Callable[[str], str]) -> None:
    vectors = Vectors()
    vectors.down = True
    url = place("sqlite")
    with pytest.raises(EmbeddingFailed):
        open_memories(url, vectors)
    vectors.down = False
    filled(url, vectors)


def test_a_real_server_that_is_down_is_told_in_one_sentence(place: Callable[[str], str]) -> None:
    nobody = OpenAIEmbeddings(
        base_url="http://127.0.0.1:9/v1",
        api_key="practice",  # type: ignore[arg-type]
        max_retries=0,
        check_embedding_ctx_length=False,
    )
    with pytest.raises(EmbeddingFailed, match="APIConnectionError"):
        open_memories(place("memory"), nobody)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "qdrant"])
@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Vectors(128), "sends 128 numbers a text, and the store's index has 256"),
        (Vectors(turned=True), "Another embedding model of the same size"),
    ],
)
def test_another_embedding_model_is_noticed_and_changes_nothing(
    kind: str, other: Vectors, reason: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place(kind)
    filled(url, vectors)
    with open_memories(url, other) as memories:
        mine = memories.of("u-1")
        for fails in (lambda: mine.put("I ski."), lambda: mine.search("dogs")):
            with pytest.raises(IndexMismatch, match=reason):
                fails()
    with open_memories(url, vectors) as memories:
        assert texts(memories) == sorted(FACTS)
        found = memories.of("u-1").search("How many dogs have I?", k=1)
        assert found[0].text == "I have two dogs."


def test_a_model_that_changes_its_size_on_the_way_is_noticed(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put("I live in Porto.")
        vectors.size = 200
        with pytest.raises(IndexMismatch, match="200 numbers"):
            mine.put("I have two dogs.")
        with pytest.raises(IndexMismatch, match="200 numbers"):
            mine.search("dogs")
        vectors.size = 256
        assert [each.text for each in mine.search("dogs")] == ["I live in Porto."]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_reindex_embeds_everything_anew_and_loses_nothing(
    kind: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    url, smaller = place(kind), Vectors(128)
    filled(url, vectors)
    with open_memories(url, vectors) as memories:
        memories.of("u-1").put("In Porto.", topic="home", said_at=1.0, source="t1")
        before = memories.of("u-1").put("In Lisbon.", topic="home", said_at=2.0)
    with open_memories(url, smaller, reindex=True) as memories:
        mine = memories.of("u-1")
        assert mine.get("home") == before
        assert len(mine.all()) == 4
        assert mine.search("two dogs", k=1)[0].text == "I have two dogs."
    with open_memories(url, smaller) as memories:
        memories.of("u-1").put("I ski.")
    with open_memories(url, vectors) as memories, pytest.raises(IndexMismatch, match="has 128"):
        memories.of("u-1").search("dogs")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_reindex_that_breaks_off_can_be_done_again(
    kind: str, place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place(kind)
    filled(url, vectors)

    class Breaking(Vectors):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            self.down = any(text in FACTS for text in texts)
            return super().embed_documents(texts)

    with pytest.raises(EmbeddingFailed):
        open_memories(url, Breaking(128), reindex=True)
    with pytest.raises(IndexMismatch, match="no finished index"):
        open_memories(url, vectors)
    with open_memories(url, Vectors(128), reindex=True) as memories:
        assert texts(memories) == sorted(FACTS)
        assert memories.of("u-1").search("dogs", k=1)[0].text == "I have two dogs."


def test_qdrant_says_that_its_size_is_for_ever(
    place: Callable[[str], str], vectors: Vectors
) -> None:
    url = place("qdrant")
    filled(url, vectors)
    with pytest.raises(UnknownBackend, match="Open a new folder"):
        open_memories(url, Vectors(128), reindex=True)
    with open_memories(url, vectors) as memories:
        assert texts(memories) == sorted(FACTS)


def test_a_store_that_was_filled_without_an_index_is_not_taken_for_ours(
    tmp_path: Path, vectors: Vectors
) -> None:
    file = tmp_path / "old.db"
    with SqliteStore.from_conn_string(str(file)) as store:
        store.setup()
        store.put(("memories", "u-1"), "k", {"text": "I live in Porto."})
        store.put(("other",), "k", {"text": "Not a memory."})
    url = f"sqlite:///{file.as_posix()}"
    with pytest.raises(IndexMismatch, match="no finished index"):
        open_memories(url, vectors)
    with open_memories(url, vectors, reindex=True) as memories:
        with pytest.raises(InvalidMemory, match="'k' was not written by this library"):
            memories.of("u-1").all()
        assert memories.store.get(("memories", "u-1"), "k") is not None


def test_a_store_of_langgraphs_first_version_is_brought_up_to_date(
    tmp_path: Path, vectors: Vectors
) -> None:
    """Before times to live: two migrations instead of five, and no vectors."""
    file = tmp_path / "older.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(SqliteStore.MIGRATIONS[0] + SqliteStore.MIGRATIONS[1])
        connection.executescript(
            "CREATE TABLE store_migrations (v INTEGER PRIMARY KEY);"
            "INSERT INTO store_migrations VALUES (0), (1);"
            "INSERT INTO store (prefix, key, value) VALUES ('notes', 'k', '{\"a\": 1}');"
        )
    with open_memories(f"sqlite:///{file.as_posix()}", vectors) as memories:
        memories.of("u-1").put("I live in Porto.")
        note = memories.store.get(("notes",), "k")
        assert note is not None
        assert note.value == {"a": 1}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ([], "sent 0 vectors for 1 texts"),
        ([[0.0] * 256], "no vector for 'I ski.'"),
        ([[float("nan")] * 256], "no vector for 'I ski.'"),
    ],
)
def test_vectors_that_would_spoil_the_index_are_refused(
    wrong: list[list[float]], reason: str, url: str, vectors: Vectors
) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put("I live in Porto.")
        vectors.embed_documents = lambda texts: wrong  # type: ignore[method-assign]
        with pytest.raises(EmbeddingFailed, match=reason):
            mine.put("I ski.")
        assert texts(memories) == ["I live in Porto."]


def test_questions_are_embedded_as_questions(url: str, vectors: Vectors) -> None:
    with open_memories(url, vectors) as memories:
        mine = memories.of("u-1")
        mine.put("I live in Porto.")
        mine.search("Where do I live?")
        assert vectors.questions == ["Where do I live?"]
        assert "I live in Porto." in vectors.documents
        assert not [each for each in vectors.documents if "Where" in each]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, vectors: Vectors) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Dear diary, " * 1000, encoding="utf-8")
    with pytest.raises(UnknownBackend, match="is it a SQLite database"):
        open_memories(f"sqlite:///{file.as_posix()}", vectors)
    assert file.read_text(encoding="utf-8").startswith("Dear diary")
