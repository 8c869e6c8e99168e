"""Name the outcomes of a check, and let a checker say which one it found."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Outcome(StrEnum):
    """The four outcomes of a check."""

    PASSED = "passed"
    FAILED = "failed"
    RAISED = "raised"
    UNATTEMPTED = "unattempted"


class Wrong(Exception):
    """Say that an answer is wrong in a way that has a name.

    Args:
        misconception: its name in kebab-case, e.g. ``sends-before-approval``.
        message: what happened, and what to think about next. Shown to the learner.
    """

    def __init__(self, misconception: str, message: str) -> None:
        super().__init__(message)
        self.misconception = misconception
        self.message = message


class Unattempted(Exception):
    """Say that the starter has not been worked on yet. The text names what is left to do."""


class StoppedByYou(KeyboardInterrupt):
    """Report the stop button during a check; a notebook shows this sentence alone."""

    def __init__(self) -> None:
        super().__init__("Stopped by you: the check was not finished, and nothing was recorded.")

    def _render_traceback_(self) -> list[str]:  # what IPython shows in place of the traceback
        return [str(self)]


def expect(condition: object, misconception: str, message: str) -> None:
    """Raise :class:`Wrong` unless the condition holds."""
    if not condition:
        raise Wrong(misconception, message)


EXPECTED = "Expected there: "
"""How a note on an exception begins that says what was expected."""


@contextmanager
def expecting(what: str) -> Iterator[None]:
    """Say what is expected of the learner's code here, in case it raises.

    An exception passes through; what is shown of it ends with this sentence.
    """
    try:
        yield
    except (Wrong, Unattempted):
        raise
    except Exception as error:
        error.add_note(f"{EXPECTED}{what}")
        raise


def chance() -> random.Random:
    """Return the source of a check's names, values and counts; a message tells what was drawn.

    Each check draws anew. The environment variable AGENT_PATTERNS_SEED makes it repeatable.
    """
    return random.Random(os.environ.get("AGENT_PATTERNS_SEED"))
