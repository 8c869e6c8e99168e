"""Meaning as vectors: static word vectors of wordllama (MIT), averaged over a text.

They know that "refund" and "reimburse" are near, and nothing about word order, negation or
numbers. The files are read directly and on first use; nothing is downloaded.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

MAX_CHARACTERS = 20_000
SIZE = 256


@cache
def _model() -> tuple[Any, Any]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the word vectors are missing: install wordllama==0.2.2.post0")
    home = Path(next(iter(spec.submodule_search_locations)))
    weights = load_file(str(home / "weights" / "l2_supercat_256.safetensors"))["embedding.weight"]
    tokenizer = Tokenizer.from_file(str(home / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, weights


@lru_cache(maxsize=4096)
def vector(text: str) -> Vector:
    """Return a text's unit vector; that of a text without tokens is zero."""
    import numpy as np

    tokenizer, weights = _model()
    ids = tokenizer.encode(text[:MAX_CHARACTERS], add_special_tokens=False).ids
    if not ids:
        return np.zeros(SIZE, dtype=np.float32)
    mean: Vector = weights[ids].astype(np.float32).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return mean / norm if norm else mean


def similarity(first: str, second: str) -> float:
    """Return the cosine of two texts' vectors."""
    return float(vector(first) @ vector(second))


@lru_cache(maxsize=4096)
def weight(word: str) -> float:
    """Return how much a word tells, 0.1 to 1: the vectors of common words are short."""
    import numpy as np

    tokenizer, weights = _model()
    ids = tokenizer.encode(word[:100], add_special_tokens=False).ids
    if len(ids) != 1:
        return 1.0  # a word in pieces is a rare one
    length = float(np.linalg.norm(weights[ids[0]].astype(np.float32)))
    return min(1.0, max(0.1, (length - 4) / 10))


def embed(text: str) -> list[float]:
    """Turn a text into a unit vector of `SIZE` numbers."""
    return [float(x) for x in vector(text)]


@cache
def _whole_words() -> tuple[dict[str, int], Any]:
    import numpy as np

    tokenizer, weights = _model()
    found = {
        token[1:]: index
        for token, index in tokenizer.get_vocab().items()
        if len(token) > 4 and re.fullmatch("▁[a-z]+", token)
    }
    rows = weights[[*found.values()]].astype(np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return found, rows / np.maximum(norms, 1e-6)


def is_word(text: str) -> bool:
    """Tell a common word, which has a vector of its own, from a name."""
    return text in _whole_words()[0]


def related(topic: str, number: int) -> list[str]:
    """Return words near a topic in meaning, the nearest first, none of them a form of it."""
    import numpy as np

    from practice_model.mind.reading.tokens import function_word, stem

    words, rows = _whole_words()
    names = list(words)
    taken = {stem(word) for word in topic.lower().split()}
    found: list[str] = []
    for index in np.argsort(-(rows @ vector(topic)))[:400]:
        word = names[int(index)]
        root = stem(word)
        if function_word(word) or any(root[:4] == old[:4] for old in taken):
            continue
        taken.add(root)
        found.append(word)
        if len(found) >= number:
            break
    return found
