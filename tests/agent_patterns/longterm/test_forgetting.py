"""Forget me: deleted from store, checkpoints, caches and logs, as the raw files show."""

from __future__ import annotations

import json
import logging
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from langchain.agents import create_agent
from langchain_core.caches import InMemoryCache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.sqlite import SqliteStore as BareStore
from tests.agent_patterns.longterm.stores import Vectors
from tests.agent_patterns.longterm.working import Model

from agent_patterns.caching import SemanticCache, SqliteStore
from agent_patterns.caching.store import MemoryStore
from agent_patterns.checkpoints import open_checkpointer
from agent_patterns.longterm import LongTermError, MemoryWriter, forget_user, open_memories
from agent_patterns.longterm.backends import erase_sqlite
from agent_patterns.longterm.errors import StillThere
from agent_patterns.longterm.forgetting import search_files
from agent_patterns.longterm.memories import Memories
from agent_patterns.longterm.postgres import erase_postgres
from agent_patterns.testing import FakeClock
from practice_model.mind.vectors import embed

ME, OTHER = "u-471100", "u-512000"
SECRETS = [
    "I live at 14 Rua das Flores.",
    "My ink is a green called Zsófia.",
    "I lost 'it' \"twice\".",
]
VECTOR = struct.pack("16f", *embed(SECRETS[0])[:16])


def fill(memories: Memories) -> None:
    memories.of(ME).put_many({"text": text, "source": "thread-of-mine"} for text in SECRETS[1:])
    memories.of(ME).put("I live nowhere yet.", topic="home", said_at=1.0)
    memories.of(ME).put(SECRETS[0], topic="home", said_at=2.0)
    memories.of(OTHER).put("I live at 7 Karl Johans gate.")


def talk(checkpointer: Any) -> None:
    model = GenericFakeChatModel(messages=iter([AIMessage("Noted."), AIMessage("Noted too.")]))
    agent = create_agent(model, checkpointer=checkpointer)
    for user, text in ((ME, SECRETS[0]), (OTHER, "I live at 7 Karl Johans gate.")):
        config: Any = {"configurable": {"thread_id": f"thread-{user}", "user_id": user}}
        agent.invoke({"messages": [HumanMessage(text)]}, config)


def threads(checkpointer: Any) -> set[str]:
    return {each.config["configurable"]["thread_id"] for each in checkpointer.list(None)}


def test_sqlite_holds_nothing_of_a_forgotten_user(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path.as_posix()}/shop.db"
    with open_memories(url, Vectors()) as memories, open_checkpointer(url) as checkpointer:
        fill(memories)
        talk(checkpointer)
        done = forget_user(
            ME, memories=memories, checkpointers=[checkpointer], files=[tmp_path], traces=[VECTOR]
        )
        assert (done.memories, done.threads) == (3, [f"thread-{ME}"])
        found = {text for _, text in done.before}
        assert {ME, SECRETS[0], VECTOR.decode("utf-8", "backslashreplace")} <= found
        assert done.after == []
        assert memories.users() == [OTHER]
        assert threads(checkpointer) == {f"thread-{OTHER}"}
        # The control: the same search finds what has to be there.
        assert list(search_files([tmp_path], ["7 Karl Johans gate"]))
        assert [e.text for e in memories.of(OTHER).search("live")] == [
            "I live at 7 Karl Johans gate."
        ]
    assert list(search_files([tmp_path], [*SECRETS, ME, VECTOR])) == []


def test_langgraphs_own_checkpointer_in_a_file_of_its_own(tmp_path: Path) -> None:
    with (
        open_memories("memory://", Vectors()) as memories,
        SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver,
    ):
        fill(memories)
        talk(saver)
        done = forget_user(ME, memories=memories, checkpointers=[saver])
        assert done.before
        assert done.after == []
        assert threads(saver) == {f"thread-{OTHER}"}
        assert memories.store.list_namespaces() == [("memories", OTHER), ("memory_index",)]


def test_a_delete_alone_leaves_the_bytes(tmp_path: Path) -> None:
    """The reason for all this, on the bare store."""
    file = tmp_path / "bare.db"
    with open_memories(f"sqlite:///{file.as_posix()}", Vectors()) as memories:
        index: Any = {"embed": Vectors(), "dims": 256, "text_fields": ["text"]}
        with closing(
            memories.backend._database.connect(  # type: ignore[attr-defined]
                factory=type(memories.store.conn),  # type: ignore[attr-defined]
            )
        ) as connection:
            bare = BareStore(connection, index=index)
            bare.put(("memories", ME), "home", {"text": SECRETS[0]})
            bare.delete(("memories", ME), "home")
            assert bare.get(("memories", ME), "home") is None
            left = "SELECT count(*) FROM store_vectors WHERE prefix = ?"
            assert connection.execute(left, (f"memories.{ME}",)).fetchone()[0] == 1
    # The text too, unless the system's SQLite was built to overwrite what it deletes.
    assert list(search_files([tmp_path], [VECTOR]))


@pytest.fixture
def shop(place: Callable[[str], str]) -> Iterator[tuple[str, Memories]]:
    url = place("postgresql")
    with open_memories(url, Vectors()) as memories:
        fill(memories)
        yield url, memories


def test_postgresql_holds_nothing_of_a_forgotten_user(shop: tuple[str, Memories]) -> None:
    url, memories = shop
    with PostgresSaver.from_conn_string(url) as saver:
        saver.setup()
        talk(saver)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")  # samples rows
            connection.execute("CHECKPOINT")  # brings the rows into the files
        done = forget_user(ME, memories=memories, checkpointers=[saver], traces=[VECTOR])
        kinds = {"pg_wal" if "pg_wal" in file else "base" for file, _ in done.before}
        assert kinds == {"pg_wal", "base"}
        assert done.after == []
        assert (done.memories, done.threads) == (3, [f"thread-{ME}"])
        assert memories.users() == [OTHER]
        assert threads(saver) == {f"thread-{OTHER}"}


def test_a_plain_vacuum_leaves_the_bytes_in_postgresql(shop: tuple[str, Memories]) -> None:
    url, memories = shop
    files = memories.backend.files()
    memories.of(ME).clear()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM store")
        connection.execute("CHECKPOINT")
    assert list(search_files(files, SECRETS[:1]))
    memories.backend.erase()
    assert list(search_files(memories.backend.files(), SECRETS[:1])) == []


def test_a_table_that_somebody_uses_is_not_called_clean(shop: tuple[str, Memories]) -> None:
    url, memories = shop
    with psycopg.connect(url) as reader, psycopg.connect(url, autocommit=True) as connection:
        reader.execute("SELECT count(*) FROM store")
        with pytest.raises(LongTermError, match="Somebody uses"):
            erase_postgres(connection, "store%", patience=0.1)
    memories.backend.erase()


def test_a_user_of_postgresql_without_rights_still_gets_the_tables_rewritten(
    shop: tuple[str, Memories], postgres: Any
) -> None:
    url, memories = shop
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT CREATE ON SCHEMA public TO clerk")
        for table in ("store", "store_vectors", "store_migrations", "vector_migrations"):
            connection.execute(f"ALTER TABLE {table} OWNER TO clerk".encode())
    try:
        with open_memories(url.replace("postgres:@", "clerk:@"), Vectors()) as own:
            assert own.backend.files() == []  # it may not know where they are
            done = forget_user(ME, memories=own)
            assert done.memories == 3
            assert done.before == []
    finally:
        memories.close()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("REASSIGN OWNED BY clerk TO CURRENT_USER")
            connection.execute("DROP OWNED BY clerk")
            connection.execute("DROP ROLE clerk")


def test_qdrant_in_a_folder_holds_nothing_of_a_forgotten_user(place: Callable[[str], str]) -> None:
    with open_memories(place("qdrant"), Vectors()) as memories:
        fill(memories)
        done = forget_user(ME, memories=memories)
        assert {ME, SECRETS[0]} <= {text for _, text in done.before}
        assert done.after == []
        assert [e.text for e in memories.of(OTHER).search("live")] == [
            "I live at 7 Karl Johans gate."
        ]


def test_caches_and_logs_are_cleaned_and_others_lines_stay(tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    handler = logging.FileHandler(log, encoding="utf-8")
    logger = logging.Logger("desk")
    logger.addHandler(handler)
    for line in (
        f"{OTHER} asked",
        f"{ME} asked",
        f"said {json.dumps(SECRETS[1])}",
        SECRETS[2],
        "bye",
    ):
        logger.warning(line)
    cache = InMemoryCache()
    cache.update("key", "model", [])
    with open_memories("memory://", Vectors()) as memories:
        fill(memories)
        done = forget_user(ME, memories=memories, caches=[cache], logs=[log])
    logger.warning("still open")
    handler.close()
    assert log.read_text(encoding="utf-8").split("\n") == [
        f"{OTHER} asked",
        "bye",
        "still open",
        "",
    ]
    assert done.log_lines == 3
    assert cache.lookup("key", "model") is None
    assert {text for _, text in done.before} >= {ME, SECRETS[2]}


def test_our_own_caches_leave_no_bytes(tmp_path: Path) -> None:
    file, memory, semantic = (
        tmp_path / "cache.db",
        MemoryStore(),
        SemanticCache[str](Vectors(), threshold=0.9),
    )
    with SqliteStore(file) as cache, open_memories("memory://", Vectors()) as memories:
        for store in (cache, memory):
            store.put("key", SECRETS[0], None)
        semantic.add(SECRETS[0], SECRETS[0], "scope")
        fill(memories)
        caches = [cache, memory, semantic]
        done = forget_user(ME, memories=memories, caches=caches, files=[tmp_path])
        assert SECRETS[0] in {text for _, text in done.before}
        assert done.after == []
        assert (cache.get("key", 0.0), memory.get("key", 0.0)) == (None, None)
        assert semantic.lookup(SECRETS[0], "scope") is None
        cache.put("key", "new", None)
        assert cache.get("key", 0.0) == ("new",)


def test_what_is_found_afterwards_is_an_error_that_says_where(tmp_path: Path) -> None:
    copy = tmp_path / "backup.csv"
    copy.write_text(f"1;{SECRETS[0]}\n", encoding="utf-8")
    with open_memories("memory://", Vectors()) as memories:
        fill(memories)
        with pytest.raises(StillThere, match=r"backup\.csv") as caught:
            forget_user(ME, memories=memories, files=[tmp_path])
        assert caught.value.forgotten.memories == 3
        assert SECRETS[0] in {text for _, text in caught.value.forgotten.after}
        assert SECRETS[0] not in str(caught.value)  # errors are logged
        copy.unlink()
        assert forget_user(ME, memories=memories, files=[tmp_path]).memories == 0


def test_it_works_while_the_embedding_model_is_down_and_on_what_has_expired(tmp_path: Path) -> None:
    vectors, clock = Vectors(), FakeClock(0.0)
    url = f"sqlite:///{tmp_path.as_posix()}/shop.db"
    with open_memories(url, vectors, clock=clock) as memories:
        memories.of(ME).put(SECRETS[0], ttl=5.0)
    clock.advance(10)
    vectors.down = True
    with open_memories(url, vectors, clock=clock) as memories:
        done = forget_user(ME, memories=memories)
        assert done.memories == 1
        assert SECRETS[0] in {text for _, text in done.before}
        assert done.after == []


def test_a_run_that_breaks_off_can_be_repeated_and_still_knows_the_texts(tmp_path: Path) -> None:
    class Broken:
        def clear(self) -> None:
            raise OSError("the cache is away")

    log = tmp_path / "desk.log"
    log.write_text(f"{SECRETS[2]}\n", encoding="utf-8")
    with open_memories("memory://", Vectors()) as memories:
        fill(memories)
        with pytest.raises(OSError, match="away"):
            forget_user(ME, memories=memories, caches=[Broken()], logs=[log])
        done = forget_user(ME, memories=memories, logs=[log])
    assert (done.memories, done.log_lines) == (3, 1)


def test_jobs_on_their_way_are_dropped_first(tmp_path: Path) -> None:
    saver, model = InMemorySaver(), Model()
    scripted: Any = model
    with open_memories("memory://", Vectors()) as memories:
        writer = MemoryWriter(memories, scripted, topics={}, checkpointer=saver)
        job: Any = {"user": ME, "said": SECRETS, "source": "", "said_at": 1.0}
        config: Any = {
            "configurable": {"thread_id": "job"},
            "metadata": {"kind": "memory job", "user_id": ME},
        }
        writer.graph.update_state(config, job, as_node="__start__")
        forget_user(ME, memories=memories, writer=writer)
        assert writer.recover() == 0
        assert memories.users() == []
        writer.close()


def test_what_others_said_too_is_no_trace_and_their_lines_stay(tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    log.write_text("u-5 said: I live in Porto.\nu-4 said: I live in Porto.\n", encoding="utf-8")
    with open_memories(f"sqlite:///{tmp_path.as_posix()}/m.db", Vectors()) as memories:
        for user in ("u-4", "u-5", "u-45"):
            memories.of(user).put("I live in Porto.")
        memories.of("u-5").put("In the flat that I live in Porto has no bell.", topic="home")
        memories.of("u-4").put("I live in Porto has no bell", topic="bell")
        done = forget_user("u-5", memories=memories, logs=[log])
        assert {text for _, text in done.before} == {
            "u-5",
            "In the flat that I live in Porto has no bell.",
        }
        assert done.log_lines == 1
        assert log.read_text(encoding="utf-8") == "u-4 said: I live in Porto.\n"
        assert sorted(memories.users()) == ["u-4", "u-45"]
        assert forget_user("u-4", memories=memories).memories == 2  # its id is a part of "u-45"


def test_threads_without_a_user_can_be_named(tmp_path: Path) -> None:
    saver = InMemorySaver()
    talk(saver)
    with open_memories("memory://", Vectors()) as memories:
        done = forget_user(
            "u-9", memories=memories, checkpointers=[saver], threads=[f"thread-{ME}"]
        )
    assert done.threads == [f"thread-{ME}"]
    assert threads(saver) == {f"thread-{OTHER}"}


def test_a_file_that_somebody_reads_is_not_called_clean(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path.as_posix()}/shop.db"
    with open_memories(url, Vectors()) as memories:
        fill(memories)
        with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM store").fetchone()
            with pytest.raises(LongTermError, match="Somebody is reading"):
                erase_sqlite(str(tmp_path / "shop.db"), patience=0.1)
        erase_sqlite(str(tmp_path / "shop.db"))


@pytest.mark.parametrize("before", [0, (1 << 20) - 5, 1 << 20, 3 * (1 << 20) - 1])
def test_the_search_finds_text_wherever_it_lies(before: int, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"\0" * before + "Zsófia's ink".encode() + b"\0")
    (folder / "json").write_text(json.dumps("Zsófia's ink"), encoding="ascii")
    (folder / "none").write_bytes(b"Zs")
    found = list(search_files([tmp_path, tmp_path / "missing"], ["Zsófia's ink"]))
    assert {Path(file).name for file, _ in found} == {"file", "json"}
