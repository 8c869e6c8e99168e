"""Embeddings: from a validated request to vectors.

The vectors are those of `practice_model.mind.vectors`: the mean of 256 numbers a token, learned
from much text (wordllama). Cosines measured with them:

============================== ================================ ====
What is the capital of France? Name France's capital.           0.81
What is the capital of France? What is Germany's capital?       0.43
cheap flights                  inexpensive air travel           0.51
How do I get my money back?    refund policy                    0.37
The order has shipped.         The order has not shipped.       0.95
Order 4711 is late.            Order 4712 is late.              0.95
The dog bit the man.           The man bit the dog.             1.00
My parcel has not arrived.     Where is my delivery?            0.20
My parcel has not arrived.     It rains in Paris.               0.28
============================== ================================ ====

They are good at the subject of a text: shared words and near ones. They are bad at "not", at who
did what to whom, at numbers and names that differ, and at two ways to say a thing that share no
word. So they are a fair test for semantic search and caching: their near misses are real. Large
embedding models have the same weaknesses, less of each.

A vector of more than 256 numbers ends in zeros, which change no cosine; a shorter one is cut and
brought back to length one.
"""

from __future__ import annotations

import base64
import json
import math
from array import array

from practice_model.server import tokens
from practice_model.server.errors import ApiError, bad_request, too_much
from practice_model.server.explain import parse
from practice_model.server.models import ModelCard, find_model
from practice_model.server.schema import EmbeddingsRequest
from practice_model.tokenizer import tokenizer

MAX_TOKENS = 300_000
"""Tokens of all texts of one request together."""


def embed(body: object) -> tuple[bytes, int, int]:
    """Return the body of the response, the number of vectors, and that of the tokens read.

    Raises an `ApiError` (400, 403 or 404) for a request that cannot be answered.
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
    _check_sizes(card, sizes, isinstance(request.input, list))
    as_base64 = request.encoding_format == "base64"
    data = []
    for index, text in enumerate(texts):
        numbers = _vector(text, dimensions)
        embedding = _base64(numbers) if as_base64 else numbers
        one = {"object": "embedding", "index": index, "embedding": embedding}
        data.append(json.dumps(one))  # one by one: each call keeps other threads waiting
    total = sum(sizes)
    usage = json.dumps({"prompt_tokens": total, "total_tokens": total})
    whole = (
        f'{{"object": "list", "data": [{", ".join(data)}], '
        f'"model": {json.dumps(card.id)}, "usage": {usage}}}'
    )
    return whole.encode(), len(data), total


def _check_sizes(card: ModelCard, sizes: list[int], several: bool) -> None:
    for index, size in enumerate(sizes):
        if size > card.context:
            raise bad_request(
                f"This model's maximum context length is {card.context} tokens, however you "
                f"requested {size} tokens. Please reduce your prompt; or completion length.",
                param=f"input[{index}]" if several else "input",
            )
    if sum(sizes) > MAX_TOKENS:
        raise too_much(
            f"Requested {sum(sizes)} tokens, max {MAX_TOKENS} tokens per request.", param="input"
        )


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
    """Return the texts to embed and their sizes in tokens."""
    if isinstance(given, str):
        return [given], [tokens.count(given)]
    if isinstance(given[0], int):
        return _texts([given])
    texts: list[str] = []
    sizes: list[int] = []
    for one in given:
        if isinstance(one, str):
            texts.append(one)
            sizes.append(tokens.count(one))
        elif isinstance(one, list):
            texts.append(_decoded(one))
            sizes.append(len(one))
    return texts, sizes


def _decoded(ids: list[int]) -> str:
    """Return the text of token ids, read as this model's own.

    Ids of another tokenizer give a text that means nothing, though always the same for the same
    ids; those beyond the table begin again from its start.
    """
    size = tokenizer().get_vocab_size()
    return tokenizer().decode([number % size for number in ids], skip_special_tokens=False)


def _vector(text: str, dimensions: int) -> list[float]:
    from practice_model.mind import vectors  # here, so that the server starts without them

    kept = vectors.embed(text)[:dimensions]
    norm = math.sqrt(math.fsum(number * number for number in kept))
    if norm == 0:
        kept, norm = [1.0] + [0.0] * (len(kept) - 1), 1.0
    return [round(number / norm, 9) for number in kept] + [0.0] * (dimensions - len(kept))


def _base64(vector: list[float]) -> str:
    """Little-endian 32-bit floats in base64, as the API sends them."""
    floats = array("f", vector)
    if _BIG_ENDIAN:
        floats.byteswap()
    return base64.b64encode(floats.tobytes()).decode("ascii")


_BIG_ENDIAN = array("H", [1]).tobytes() == b"\x00\x01"
