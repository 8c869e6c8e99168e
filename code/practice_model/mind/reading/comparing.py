"""Comparisons in words: "over 100 EUR", "at most three", "colder than 5 degrees"."""

import operator
from typing import Any

from practice_model.mind.reading.phrases import LEXICON, find

_SIGNS = {"most": operator.le, "least": operator.ge, "under": operator.lt, "over": operator.gt}


def sign_of(condition: str) -> str:
    """Return how a condition compares: "most", "least", "under", "over", or "" for not at all."""
    return next((sign for sign, told in LEXICON["compare"].items() if find(told, condition)), "")


def fits(sign: str, value: Any, limit: Any) -> bool:
    """Tell that a value keeps a limit."""
    return bool(_SIGNS[sign](value, limit))
