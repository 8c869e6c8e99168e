"""A vector database behind the same interface: Qdrant, in a folder or on a server.

In a folder, `qdrant-client` works without a server: it keeps points in SQLite and compares vectors
with numpy, for one process at a time and up to some ten thousand memories.  `qdrant://host:6333`
hands the same calls to a server; this course's tests have none to try it on.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    validate_op_namespace,
)

from agent_patterns.durable.errors import UnknownBackend
from agent_patterns.longterm.backends import Backend, erase_sqlite
from agent_patterns.longterm.vectors import Vectors

COLLECTION = "memories"
FIELD, _MOST = "text", 10_000


class QdrantStore(BaseStore):
    """LangGraph's store interface on a collection of Qdrant; searches exact namespaces."""

    def __init__(self, client: Any, models: Any, vectors: Vectors) -> None:
        self._client, self._models, self._vectors = client, models, vectors
        self._lock = threading.RLock()  # a folder's client is not made for threads

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Answer all reads, then do all writes."""
        ops = list(ops)
        for op in ops:
            validate_op_namespace(op)
        with self._lock:
            return self._batch(ops)

    def _batch(self, ops: list[Op]) -> list[Result]:
        there = self._client.collection_exists(COLLECTION)
        results: list[Result] = [self._answer(op) if there else _nothing(op) for op in ops]
        puts = {_id(op.namespace, op.key): op for op in ops if isinstance(op, PutOp)}
        self._write({number: op for number, op in puts.items() if op.value is not None})
        if there and (gone := [number for number, op in puts.items() if op.value is None]):
            self._client.delete(COLLECTION, self._models.PointIdsList(points=list(gone)), wait=True)
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do the same in a thread."""
        return await asyncio.to_thread(self.batch, ops)

    def _answer(self, op: Op) -> Result:
        if isinstance(op, GetOp):
            found = self._client.retrieve(COLLECTION, [_id(op.namespace, op.key)])
            return Item(**_fields(found[0])) if found else None
        if isinstance(op, ListNamespacesOp):
            prefix = op.match_conditions[0].path if op.match_conditions else ()
            return sorted({_fields(each)["namespace"] for each in self._scroll(tuple(prefix))})
        if not isinstance(op, SearchOp):
            return None
        if op.query is None:
            page = self._scroll(op.namespace_prefix)[op.offset : op.offset + op.limit]
            return [SearchItem(**_fields(each)) for each in page]
        answer = self._client.query_points(
            COLLECTION,
            query=self._vectors.embed_query(op.query),
            using=FIELD,
            query_filter=self._within(op.namespace_prefix),
            limit=min(op.limit, _MOST),
            offset=op.offset,
        )
        return [SearchItem(**_fields(each), score=each.score) for each in answer.points]

    def _scroll(self, namespace: tuple[str, ...]) -> list[Any]:
        found: list[Any] = []
        page: Any = None
        while True:
            points, page = self._client.scroll(
                COLLECTION, self._within(namespace), limit=_MOST, offset=page
            )
            found += points
            if page is None:
                return found

    def _write(self, puts: dict[str, PutOp]) -> None:
        texts = [str(op.value[FIELD]) for op in puts.values() if op.value and op.index is not False]
        vectors = iter(self._vectors.embed_documents(texts) if texts else [])
        now = datetime.now(UTC).isoformat()
        points = [
            self._models.PointStruct(
                id=number,
                vector={FIELD: next(vectors)} if op.index is not False else {},
                payload={
                    "spaces": [".".join(op.namespace[: n + 1]) for n in range(len(op.namespace))],
                    "namespace": list(op.namespace),
                    "key": op.key,
                    "value": op.value,
                    "created_at": now,
                    "updated_at": now,
                },
            )
            for number, op in puts.items()
        ]
        if points:
            self._client.upsert(COLLECTION, points, wait=True)

    def _within(self, namespace: tuple[str, ...]) -> Any:
        if not namespace:
            return None
        match = self._models.MatchValue(value=".".join(namespace))
        condition = self._models.FieldCondition(key="spaces", match=match)
        return self._models.Filter(must=[condition])


class QdrantBackend(Backend):
    """Qdrant in a folder of this machine, or on a server."""

    store: QdrantStore

    def __init__(self, url: str, vectors: Vectors) -> None:
        super().__init__(vectors)
        place = unquote(url.partition("://")[2])
        self._folder = Path(place[1:]) if place.startswith("/") else None
        try:
            from qdrant_client import QdrantClient, models
        except ImportError as error:
            raise UnknownBackend("Qdrant's client is missing: pip install qdrant-client") from error
        self._models = models
        try:
            self._client = (
                QdrantClient(path=str(self._folder), force_disable_check_same_thread=True)
                if self._folder
                else QdrantClient(url=f"http://{place}")
            )
            self._client.get_collections()
        except Exception as error:  # grpc, http and the lock of the folder have their own
            raise UnknownBackend(f"Qdrant cannot be opened at {place!r}: {error}") from error
        self.store = QdrantStore(self._client, models, vectors)

    def build(self, store: BaseStore, size: int) -> BaseStore:
        """Create the collection."""
        if not self._client.collection_exists(COLLECTION):
            params = self._models.VectorParams(size=size, distance=self._models.Distance.COSINE)
            self._client.create_collection(COLLECTION, vectors_config={FIELD: params})
            if self._folder is None:  # in a folder all points are looked at anyway
                kind = self._models.PayloadSchemaType.KEYWORD
                self._client.create_payload_index(COLLECTION, "spaces", kind)
        return self.store

    def drop(self, store: BaseStore) -> None:
        """Refuse if there are memories: a collection's vectors have one size for ever."""
        if self._client.collection_exists(COLLECTION):
            raise UnknownBackend(
                "A Qdrant collection cannot change its vectors' size. Open a new folder, and put "
                "the memories into it."
            )

    def erase(self) -> None:
        """Rewrite the files of a folder; a server does so by itself, some time later."""
        for path in (self._folder or Path()).glob("collection/*/storage.sqlite"):
            erase_sqlite(str(path))

    def files(self) -> list[Path]:
        """Return the folder."""
        return [self._folder] if self._folder else []

    def close(self) -> None:
        """Close the folder or the connection."""
        self._client.close()


def _id(namespace: tuple[str, ...], key: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "\0".join([*namespace, key])))


def _fields(point: Any) -> dict[str, Any]:
    told = {key: point.payload[key] for key in ("key", "value", "created_at", "updated_at")}
    return told | {"namespace": tuple(point.payload["namespace"])}


def _nothing(op: Op) -> Result:
    return None if isinstance(op, GetOp | PutOp) else []
