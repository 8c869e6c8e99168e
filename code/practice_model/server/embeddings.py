"""Embeddings: from a validated request to vectors."""

from __future__ import annotations

import base64
from array import array
from typing import Any

from practice_model import brain
from practice_model.server import tokens
from practice_model.server.errors import ApiError, bad_request
from practice_model.server.models import ModelCard, find_model
from practice_model.server.schema import EmbeddingsRequest, parse


def embed(body: object) -> tuple[dict[str, Any], int]:
    """The response object for a request body, and the number of tokens it read.

    Raises an `ApiError` (400 or 404) for a request that cannot be answered.
    """
    if isinstance(body, dict) and body.get("model") is None:
        raise bad_request("you must provide a model parameter")
    request = parse(EmbeddingsRequest, body)
    card = find_model(request.model)
    if not card.embeds:
        raise ApiError(
            403, f"You are not allowed to generate embeddings from this model: {card.id}."
        )
    dimensions = _dimensions(card, request.dimensions)
    texts, sizes = _texts(request.input)
    for index, size in enumerate(sizes):
        if size > card.context:
            raise bad_request(
                f"This model's maximum context length is {card.context} tokens, however you "
                f"requested {size} tokens. Please reduce your prompt; or completion length.",
                param=f"input[{index}]" if isinstance(request.input, list) else "input",
            )
    as_base64 = request.encoding_format == "base64"
    data = []
    for index, text in enumerate(texts):
        vector = brain.embed(text, dimensions)
        data.append(
            {
                "object": "embedding",
                "index": index,
                "embedding": _base64(vector) if as_base64 else vector,
            }
        )
    total = sum(sizes)
    usage = {"prompt_tokens": total, "total_tokens": total}
    return {"object": "list", "data": data, "model": card.id, "usage": usage}, total


def _dimensions(card: ModelCard, wanted: int | None) -> int:
    if wanted is None:
        return card.dimensions
    if card.id == "text-embedding-ada-002":
        raise bad_request("This model does not support specifying dimensions.")
    if wanted > card.dimensions:
        raise bad_request(
            f"Invalid value for 'dimensions': {wanted}. It must be at most {card.dimensions} "
            f"for {card.id}.",
            param="dimensions",
        )
    return wanted


def _texts(given: str | list[str] | list[int] | list[list[int]]) -> tuple[list[str], list[int]]:
    """The texts to embed and their sizes in tokens.

    Token ids cannot be read back without the tokenizer's tables; each id stands for a word of its
    own, so that equal arrays are equal and similar arrays are similar.
    """
    if isinstance(given, str):
        return [given], [tokens.count(given)]
    if isinstance(given[0], int):
        return [" ".join(f"token{number}" for number in given)], [len(given)]
    texts: list[str] = []
    sizes: list[int] = []
    for one in given:
        if isinstance(one, str):
            texts.append(one)
            sizes.append(tokens.count(one))
        elif isinstance(one, list):
            texts.append(" ".join(f"token{number}" for number in one))
            sizes.append(len(one))
    return texts, sizes


def _base64(vector: list[float]) -> str:
    """Little-endian 32-bit floats in base64, as the API sends them."""
    floats = array("f", vector)
    if _BIG_ENDIAN:
        floats.byteswap()
    return base64.b64encode(floats.tobytes()).decode("ascii")


_BIG_ENDIAN = array("H", [1]).tobytes() == b"\x00\x01"
