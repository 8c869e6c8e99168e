"""Tell a mistake in the learner's code from an exception that is meant."""

from __future__ import annotations


def is_a_slip(error: BaseException) -> bool:
    """Return True for Python's own complaint about code; a class derived from one may be meant."""
    slips = (ArithmeticError, AttributeError, LookupError, NameError, TypeError)
    return isinstance(error, slips) and type(error).__module__ == "builtins"
