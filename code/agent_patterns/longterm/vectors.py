"""The embedding model behind a store, checked: its size, its numbers, and that it is the same one.

A store's own embeddings can't tell one model from another of the same size, and a question is
embedded as if it were a document.  This one keeps a fingerprint of the model that filled the store:
the vector of one known sentence.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from langchain_core.embeddings import Embeddings

from agent_patterns.longterm.errors import EmbeddingFailed, IndexMismatch

Told = TypeVar("Told")
Answer = TypeVar("Answer")

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
        self._model, self._verified, self._lock = model, False, threading.Lock()
        self._ready: dict[str, tuple[list[float], int]] = {}

    def measure(self) -> list[float]:
        """Return the fingerprint of the model."""
        return self._checked([_PROBE], _answer(self._model.embed_documents, [_PROBE]))[0]

    @contextmanager
    def prepared(self, texts: Sequence[str]) -> Iterator[None]:
        """Embed now what a store asks for in this block, where it holds a lock or a connection."""
        unique = list(dict.fromkeys(texts))
        vectors = self._embedded(unique)
        with self._lock:
            for text, vector in zip(unique, vectors, strict=True):
                self._ready[text] = vector, self._ready.get(text, (vector, 0))[1] + 1
        try:
            yield
        finally:
            with self._lock:
                for text in unique:
                    vector, users = self._ready.pop(text)
                    if users > 1:
                        self._ready[text] = vector, users - 1

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts and of marked questions."""
        with self._lock:
            known = {text: self._ready[text][0] for text in texts if text in self._ready}
        missing = [text for text in texts if text not in known]
        known |= dict(zip(missing, self._embedded(missing), strict=True))
        return [known[text] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question, marked or not."""
        return self.embed_documents([QUESTION + text.removeprefix(QUESTION)])[0]

    def _embedded(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        self._verify()
        told = [text for text in texts if not text.startswith(QUESTION)]
        found = _answer(self._model.embed_documents, told) if told else []
        vectors = dict(zip(told, found, strict=False))
        for text in texts:
            if text.startswith(QUESTION):
                vectors[text] = _answer(self._model.embed_query, text.removeprefix(QUESTION))
        return self._checked(texts, [vectors[text] for text in texts if text in vectors])

    def _verify(self) -> None:
        """Compare the model with the one that filled the store, once."""
        if self._verified or self.fingerprint is None:
            return
        now = self.measure()
        if cosine(now, self.fingerprint) < _SAME:
            raise IndexMismatch("Another embedding model of the same size filled this store")
        self._verified = True

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


def _answer(ask: Callable[[Told], Answer], told: Told) -> Answer:
    try:
        return ask(told)
    except Exception as error:  # each client library has errors of its own
        raise EmbeddingFailed(
            f"The embedding model does not answer ({type(error).__name__}: {error}). Nothing was "
            "written; get(), all() and delete() work without it."
        ) from error
