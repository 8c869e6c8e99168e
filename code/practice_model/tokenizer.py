"""The tokenizer of the Llama models, read from the `wordllama` package: no network, no download."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"


def packaged(path: str) -> Path:
    """Return the path of a file in the `wordllama` package, which is not imported for it."""
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the practice model needs the package wordllama")
    return Path(spec.submodule_search_locations[0], path)


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """Return the tokenizer, loaded at the first call (some 0.1 s)."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(packaged(_TOKENIZER)))


def encode(text: str) -> Encoding:
    """Return the tokens of a text. Half surrogates count as question marks."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return tokenizer().encode(whole, add_special_tokens=False)
