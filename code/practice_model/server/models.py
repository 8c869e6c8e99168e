"""The names the practice model answers to, and how much each of them may read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from practice_model.server.errors import ApiError

CREATED = 1_750_000_000
"""A fixed birthday (seconds since 1970) for all models, so that listings never change."""


@dataclass(frozen=True)
class ModelCard:
    """A model name: `context` and `dimensions` are its limits, in tokens and numbers."""

    id: str
    context: int
    dimensions: int = 0
    responses_only: bool = False
    """Whether the name is served by the Responses API alone."""

    @property
    def embeds(self) -> bool:
        """Tell whether the name belongs to an embedding model rather than to a chat model."""
        return self.dimensions > 0

    def as_json(self) -> dict[str, Any]:
        """Return the model object of the API."""
        return {
            "id": self.id,
            "object": "model",
            "created": CREATED,
            "owned_by": "practice-model",
        }


_CHAT = {
    8_192: "gpt-4",
    16_385: "gpt-3.5-turbo gpt-3.5-turbo-16k gpt-3.5-turbo-0125 gpt-3.5-turbo-1106",
    128_000: "gpt-4o gpt-4o-mini gpt-4-turbo chatgpt-4o-latest",
    200_000: "o1 o3 o3-mini o4-mini",
    400_000: (
        "gpt-5 gpt-5-mini gpt-5-nano gpt-5-chat-latest gpt-5.1 gpt-5.1-mini gpt-5.1-chat-latest "
        "gpt-5.2 gpt-5.2-chat-latest gpt-5.3-chat-latest gpt-5.4-mini gpt-5.4-nano"
    ),
    1_047_576: "gpt-4.1 gpt-4.1-mini gpt-4.1-nano",
    1_050_000: (
        "gpt-5.4 gpt-5.5 gpt-5.6 gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna "
        "gpt-6-astra gpt-6-sol gpt-6-luna gpt-6.1-sol gpt-6.1-terra"
    ),
}
"""Context in tokens -> names, after the openai and langchain-openai packages."""

_RESPONSES_ONLY = {
    200_000: "o1-pro o3-pro",
    400_000: "gpt-5-pro gpt-5-codex gpt-5.1-codex gpt-5.2-pro gpt-5.3-codex",
    1_050_000: "gpt-5.4-pro gpt-5.5-pro",
}

_EMBEDDING = {
    "text-embedding-3-small": 1_536,
    "text-embedding-3-large": 3_072,
    "text-embedding-ada-002": 1_536,
}

MODELS: Mapping[str, ModelCard] = {
    card.id: card
    for card in [
        *(ModelCard(name, size) for size, names in _CHAT.items() for name in names.split()),
        *(
            ModelCard(name, size, responses_only=True)
            for size, names in _RESPONSES_ONLY.items()
            for name in names.split()
        ),
        *(ModelCard(name, 8_192, dimensions=size) for name, size in _EMBEDDING.items()),
    ]
}

_DATED = re.compile(r"(.{1,60})-20\d\d-\d\d-\d\d")


def find_model(name: str) -> ModelCard:
    """Return the card of a model, by its name or the dated name of one of its snapshots.

    Raises an `ApiError` 404 for a name that does not exist.
    """
    dated = _DATED.fullmatch(name)
    card = MODELS.get(name) or MODELS.get(dated[1] if dated else "")
    if card is None:
        raise ApiError(
            404,
            f"The model `{name[:100]}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    return replace(card, id=name)
