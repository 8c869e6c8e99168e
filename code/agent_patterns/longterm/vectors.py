"""The embedding model behind a store, checked: its size, its numbers, and that it is the same one.

A store's own embeddings can't tell one model from another of the same size, and a question is
embedded as if it were a document.  This one keeps a fingerprint of the model that filled the store:
the vector of one known sentence.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from langchain_core.embeddings import Embeddings

from agent_patterns.longterm.errors import EmbeddingFailed, IndexMismatch

QUESTION = "\u2060question:"
"""Marks a text that a store wants embedded as a question, where it calls `embed_documents`."""

_PROBE = "Marlow & Finch sells fountain pens, inks and paper since 1921."
_SAME = 0.999


class Vectors(Embeddings):
    """Embed for a store; refuse what would spoil its index.

    Attributes:
        fingerprint: the vector of a known sentence by the model that filled the store; None while
            nobody has.
    """

    def __init__(self, model: Embeddings) -> None:
        self.fingerprint: list[float] | None = None
        self._model, self._verified, self._local = model, False, threading.local()

    def measure(self) -> list[float]:
        """Return the fingerprint of the model."""
        return self._checked([_PROBE], self._ask([_PROBE]))[0]

    @contextmanager
    def prepared(self, texts: Sequence[str]) -> Iterator[None]:
        """Embed texts now, so that a store which asks for them in this block need not wait."""
        unique = list(dict.fromkeys(texts))
        self._local.ready = dict(zip(unique, self._documents(unique), strict=True))
        try:
            yield
        finally:
            self._local.ready = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts and of marked questions."""
        ready: dict[str, list[float]] = getattr(self._local, "ready", {})
        missing = [t for t in texts if t not in ready and not t.startswith(QUESTION)]
        known = ready | dict(zip(missing, self._documents(missing), strict=True))
        return [self.embed_query(t) if t.startswith(QUESTION) else known[t] for t in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        self._verify()
        question = text.removeprefix(QUESTION)
        try:
            vector = self._model.embed_query(question)
        except Exception as error:
            raise _failed(error) from error
        return self._checked([question], [vector])[0]

    def _documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        self._verify()
        return self._checked(texts, self._ask(texts))

    def _verify(self) -> None:
        """Compare the model with the one that filled the store, once."""
        if self._verified or self.fingerprint is None:
            return
        now = self.measure()
        if cosine(now, self.fingerprint) < _SAME:
            raise IndexMismatch("Another embedding model of the same size filled this store")
        self._verified = True

    def _ask(self, texts: list[str]) -> list[list[float]]:
        try:
            return self._model.embed_documents(texts)
        except Exception as error:  # each client library has errors of its own
            raise _failed(error) from error

    def _checked(self, texts: list[str], vectors: list[list[float]]) -> list[list[float]]:
        if len(vectors) != len(texts):
            raise EmbeddingFailed(
                f"The embedding model sent {len(vectors)} vectors for {len(texts)} texts; "
                "nothing was written."
            )
        for text, vector in zip(texts, vectors, strict=True):
            if self.fingerprint is not None and len(vector) != len(self.fingerprint):
                raise IndexMismatch(
                    f"The embedding model sends {len(vector)} numbers a text, and the store's "
                    f"index has {len(self.fingerprint)}"
                )
            if not all(map(math.isfinite, vector)) or not any(vector):
                raise EmbeddingFailed(
                    f"The embedding model has no vector for {text!r:.60}, so it could not be found "
                    "again; nothing was written."
                )
        return vectors


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the similarity of two vectors, from -1 to 1."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


def _failed(error: Exception) -> EmbeddingFailed:
    return EmbeddingFailed(
        f"The embedding model does not answer ({type(error).__name__}: {error}). Nothing was "
        "written; get(), all() and delete() work without it."
    )
