"""Word lists, verbs, units and families that the mind reads with: data, in TOML."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """Return one TOML file of the lexicon as a dictionary."""
    with (_HERE / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def words(name: str, key: str) -> frozenset[str]:
    """Return one word list, written as a string of words, as a set."""
    return frozenset(table(name)[key].split())
