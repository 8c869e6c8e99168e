"""A real tokenizer that needs no network."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from agent_patterns.memory.errors import ContextError

_FILE = "tokenizers/l2_supercat_tokenizer_config.json"


@cache
def llama_tokens() -> Callable[[str], int]:
    """Return a function that counts Llama's tokens of a text.

    The vocabulary of 32,000 tokens ships in the wheel of `wordllama`.  A provider with another
    vocabulary bills another number: here it counts more, above all for text that is not English.

    Raises:
        ContextError: if `wordllama` or `tokenizers` is not installed.
    """
    try:
        from tokenizers import Tokenizer

        spec = find_spec("wordllama")  # found, not imported: that would read its weights
        folders = (spec and spec.submodule_search_locations) or [""]
        vocabulary = Path(folders[0], _FILE).read_text(encoding="utf-8")
    except (ImportError, FileNotFoundError) as error:
        raise ContextError(
            "The offline tokenizer is not installed: "
            "pip install 'wordllama==0.2.2.post0' tokenizers"
        ) from error
    tokenizer = Tokenizer.from_str(vocabulary)
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    return count
