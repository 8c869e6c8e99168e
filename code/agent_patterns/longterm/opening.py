"""Open a store of memories from a URL, and make sure that its index fits the embedding model."""

from __future__ import annotations

import time
from collections.abc import Callable

from langchain_core.embeddings import Embeddings
from langgraph.store.base import BaseStore, PutOp

from agent_patterns.durable.database import SqliteDatabase, parse_url
from agent_patterns.longterm.backends import Backend, SqliteBackend
from agent_patterns.longterm.errors import IndexMismatch
from agent_patterns.longterm.memories import BATCH, EVERYTHING, ROOT, Memories
from agent_patterns.longterm.vectors import Vectors

_INDEX, _FINGERPRINT = ("memory_index",), "fingerprint"


def open_memories(
    url: str,
    embeddings: Embeddings,
    *,
    reindex: bool = False,
    clock: Callable[[], float] = time.time,
) -> Memories:
    """Open a store of memories, and create its tables if they are missing.

    A store that exists opens while the embedding model is down: then all but `put`, `update` and
    `search` works.

    Args:
        url: `memory://`, `sqlite:///file.db`, `postgresql://…`, or `qdrant:///folder` and
            `qdrant://host:6333` where `qdrant-client` is installed.
        embeddings: any LangChain embeddings.
        reindex: embed all memories anew, with these embeddings.  Killed in the middle it can be
            done again; no memory is touched.
        clock: seconds since the epoch, since a store outlives the process.

    Raises:
        UnknownBackend: the URL names no backend, or nothing answers there.
        EmbeddingFailed: the store is new, and the embedding model is down.
        IndexMismatch: the store was filled without an index of ours.
    """
    vectors = Vectors(embeddings)
    backend = _opened(url, vectors)
    memories = Memories(backend, vectors, clock)
    try:
        _fit(backend, vectors, reindex)
        if reindex:
            _embed_anew(memories)
    except BaseException:
        memories.close()
        raise
    return memories


def _fit(backend: Backend, vectors: Vectors, reindex: bool) -> None:
    """Build the index of a new store, or check that the one there is ours."""
    found = backend.store.get(_INDEX, _FINGERPRINT)
    measured = vectors.measure() if reindex or found is None else []
    with backend.locked("") as store:
        found = store.get(_INDEX, _FINGERPRINT)  # another process may have been quicker
        if found is None and not reindex and store.search((ROOT,), limit=1):
            raise IndexMismatch("This store has memories, and no finished index of this library")
        if reindex or found is None:
            backend.drop(store)
            store.delete(_INDEX, _FINGERPRINT)
            vectors.fingerprint = measured
        else:
            vectors.fingerprint = found.value["vector"]
        store = backend.build(store, len(vectors.fingerprint))
        if not reindex and found is None:
            _mark(store, measured)


def _embed_anew(memories: Memories) -> None:
    """Write every memory once more, user by user, and the fingerprint last."""
    backend, vectors = memories.backend, memories.vectors
    for user in memories.users():
        with backend.locked(user) as store:
            items = store.search((ROOT, user), limit=EVERYTHING)
            for at in range(0, len(items), BATCH):
                some = items[at : at + BATCH]
                store.batch([PutOp(item.namespace, item.key, item.value) for item in some])
    with backend.locked("") as store:
        _mark(store, vectors.fingerprint or [])


def _mark(store: BaseStore, vector: list[float]) -> None:
    store.put(_INDEX, _FINGERPRINT, {"vector": vector}, index=False)


def _opened(url: str, vectors: Vectors) -> Backend:
    if url.partition("://")[0] == "qdrant":
        from agent_patterns.longterm.qdrant import QdrantBackend  # needs the extra `qdrant`

        return QdrantBackend(url, vectors)
    backend, place = parse_url(url)
    if backend == "memory":
        return Backend(vectors)
    if backend == "postgresql":
        from agent_patterns.longterm.postgres import PostgresBackend  # needs the extra `postgres`

        return PostgresBackend(url, vectors)
    return SqliteBackend(SqliteDatabase(place), vectors)
