"""Hold what several of the lesson's checks share."""

from __future__ import annotations


def _is_a_slip(error: BaseException) -> bool:
    """Python's own complaint about a mistake in code; a class derived from one may be meant."""
    slips = (ArithmeticError, AttributeError, LookupError, NameError, TypeError)
    return isinstance(error, slips) and type(error).__module__ == "builtins"
