"""Long-term memory: put and search beside the bare store, and growth from 100 to 100,000 memories.

The vectors are the practice model's, computed beforehand: what is measured is the store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import psycopg
from langchain_core.embeddings import Embeddings
from langgraph.store.base import BaseStore
from langgraph.store.memory import InMemoryStore
from langgraph.store.postgres import PostgresStore

from agent_patterns.durable.database import CONNECTION
from agent_patterns.longterm import open_memories
from agent_patterns.longterm.memories import Memories
from benchmarks import Measurement, interleaved
from courseware.runtime.postgres import postgres_url
from practice_model.mind.vectors import embed

KINDS = ("memory", "sqlite", "postgresql", "qdrant")
SHARE = 100
"""Memories of one user, while the store grows with the number of users."""


class _Known(Embeddings):
    """The practice model's vectors, each computed once."""

    embed_query = staticmethod(cache(embed))  # type: ignore[assignment]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


_VECTORS = _Known()
_INDEX: Any = {"dims": 256, "embed": _VECTORS, "fields": ["text"], "text_fields": ["text"]}


def run(quick: bool = False) -> Sequence[Measurement]:
    """Measure on every backend; the full run takes some ten minutes, most of it to fill stores."""
    sizes = (100, 1_000) if quick else (100, 1_000, 10_000, 100_000)
    found: list[Measurement] = []
    for kind in KINDS:
        largest = 1_000 if kind == "qdrant" else sizes[-1]  # in a folder it commits every point
        reached = [size for size in sizes if size <= largest]
        with _opened(kind) as memories:
            found += _beside(kind, memories, rounds=10 if quick else 40)
        found += _growth(kind, reached, one_user=True)
        found += _growth(kind, reached, one_user=False)
    return found


def _beside(kind: str, memories: Memories, rounds: int) -> Iterator[Measurement]:
    """Compare with the store that lies underneath, or for Qdrant with memory's."""
    mine, numbers = memories.of("u-1"), iter(range(10**9))
    mine.put_many(_facts("u-1", SHARE))
    with _bare(kind, memories) as bare:
        space = ("bare", "u-1")
        for at in range(SHARE):
            bare.put(space, str(at), {"text": f"Fact {at}."})

        def ours() -> None:
            mine.put(f"Fact {next(numbers) % SHARE}.", source=str(next(numbers)))

        def theirs() -> None:
            at = next(numbers) % SHARE
            bare.put(space, str(at), {"text": f"Fact {at}.", "source": str(at)})

        ways: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
            "put": (ours, theirs),
            "search": (
                partial(mine.search, "Which fact is it?", k=5),
                lambda: bare.search(space, query="Which fact is it?", limit=5),
            ),
        }
        for name, (first, second) in ways.items():
            seconds = interleaved({"ours": first, "bare": second}, rounds=rounds)
            yield Measurement(
                f"{kind}: {name} / the bare store",
                seconds["ours"] / seconds["bare"],
                "times",
                "ours reads, merges and writes in one transaction" if name == "put" else "",
            )


def _growth(kind: str, sizes: Sequence[int], *, one_user: bool) -> Iterator[Measurement]:
    """Fill one store step by step, and measure on the way."""
    first: dict[str, float] = {}
    with _opened(kind) as memories:
        filled = 0
        for size in sizes:
            for at in range(filled, size, SHARE):
                user = "u-0" if one_user else f"u-{at // SHARE}"
                memories.of(user).put_many(_facts(f"{user} {at}", min(SHARE, size - at)))
            filled = size
            mine = memories.of("u-0")
            work = {
                "search": partial(mine.search, "Which fact is it?", k=5),
                "put": partial(mine.put, "I like green ink.", source="s"),
            }
            for name, call in work.items():
                call()  # warm
                seconds = interleaved({name: call}, rounds=3 if size > 10_000 else 9)[name]
                first.setdefault(name, seconds)
                if size > sizes[0]:
                    whose = "of one user" if one_user else f"of users with {SHARE} each"
                    yield Measurement(
                        f"{kind}: {name} among {size:,} {whose} / among {sizes[0]}",
                        seconds / first[name],
                        "times",
                        f"linear growth is {size / sizes[0]:g}",
                    )


def _facts(name: str, count: int) -> list[dict[str, str]]:
    return [{"text": f"Fact {at}.", "key": f"{name} {at}"} for at in range(count)]


@contextmanager
def _opened(kind: str) -> Iterator[Memories]:
    with tempfile.TemporaryDirectory() as folder:
        url = {
            "memory": "memory://",
            "sqlite": f"sqlite:///{Path(folder).as_posix()}/m.db",
            "qdrant": f"qdrant:///{Path(folder).as_posix()}/q",
        }.get(kind) or _emptied(postgres_url())
        with open_memories(url, _VECTORS) as memories:
            yield memories


@contextmanager
def _bare(kind: str, memories: Memories) -> Iterator[BaseStore]:
    if kind == "postgresql":
        with psycopg.connect(postgres_url(), **CONNECTION) as connection:
            index = _INDEX | {"ann_index_config": {"kind": "flat"}}
            yield PostgresStore(connection, index=index)
    elif kind == "sqlite":
        from langgraph.store.sqlite import SqliteStore

        database = memories.backend._database  # type: ignore[attr-defined]
        kind_of = type(memories.store.conn)  # type: ignore[attr-defined]
        with closing(database.connect(factory=kind_of)) as connection:
            yield SqliteStore(connection, index=_INDEX)
    elif kind == "qdrant":
        yield memories.store
    else:
        yield InMemoryStore(index=_INDEX)


def _emptied(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "DROP TABLE IF EXISTS store_vectors, store, store_migrations, vector_migrations"
        )
    return url
