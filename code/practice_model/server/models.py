"""The names the practice model answers to, and how much each of them may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from practice_model.server.errors import ApiError

CREATED = 1_750_000_000
"""A fixed birthday (seconds since 1970) for all models, so that listings never change."""


@dataclass(frozen=True)
class ModelCard:
    """One model name: `context` and `dimensions` are its limits, in tokens and numbers."""

    id: str
    context: int
    dimensions: int = 0

    @property
    def embeds(self) -> bool:
        """Whether the name belongs to an embedding model rather than to a chat model."""
        return self.dimensions > 0

    def as_json(self) -> dict[str, Any]:
        """The model object of the API."""
        return {
            "id": self.id,
            "object": "model",
            "created": CREATED,
            "owned_by": "practice-model",
        }


_CARDS = [
    ModelCard("gpt-4.1", 1_047_576),
    ModelCard("gpt-4.1-mini", 1_047_576),
    ModelCard("gpt-4.1-nano", 1_047_576),
    ModelCard("gpt-4o", 128_000),
    ModelCard("gpt-4o-mini", 128_000),
    ModelCard("gpt-5", 400_000),
    ModelCard("gpt-5-mini", 400_000),
    ModelCard("gpt-5-nano", 400_000),
    ModelCard("text-embedding-3-small", 8_192, dimensions=1_536),
    ModelCard("text-embedding-3-large", 8_192, dimensions=3_072),
    ModelCard("text-embedding-ada-002", 8_192, dimensions=1_536),
]

MODELS: Mapping[str, ModelCard] = {card.id: card for card in _CARDS}


def find_model(name: str) -> ModelCard:
    """The card of a model; an `ApiError` 404 for a name that does not exist."""
    card = MODELS.get(name)
    if card is None:
        raise ApiError(
            404,
            f"The model `{name}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    return card
