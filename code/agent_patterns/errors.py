"""The one error tree of `agent_patterns`."""

from __future__ import annotations


class PatternError(Exception):
    """Base of every error that a pattern of this package raises on purpose.

    Catch it to handle all of them; every pattern subclasses it once and derives its own errors
    from that subclass.  Messages say what to do next.
    """
