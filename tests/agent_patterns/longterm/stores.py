"""What the tests of long-term memory share: the practice model's vectors, without a server."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from practice_model.mind.vectors import embed


class Vectors(Embeddings):
    """The practice model's vectors; they can be cut, turned, and taken away."""

    def __init__(self, size: int = 256, *, turned: bool = False) -> None:
        self.size, self.turned, self.down = size, turned, False
        self.documents: list[str] = []
        self.questions: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.documents += texts
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.questions.append(text)
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        if self.down:
            raise ConnectionError("no answer")
        vector = embed(text)[: self.size]
        return vector[::-1] if self.turned else vector
