"""Requests held out from the brain's making, and the share of them it gets right.

The cases of `CASES` were written before the rules that answer them; 66 of the 80 were right in the
rules' first run. They have been read since, and the kinds of miss they showed were mended, so what
`score()` gives today says that nothing got lost, not how the brain does on tools it has never met.
That is what `round_four` is for. Each `Outcome` says what was wrong.
"""

from tests.brain.heldout.case import Case, Outcome, check
from tests.brain.heldout.dialogue import CASES as DIALOGUE
from tests.brain.heldout.everyday import CASES as EVERYDAY
from tests.brain.heldout.office import CASES as OFFICE
from tests.brain.heldout.technical import CASES as TECHNICAL

__all__ = ["CASES", "Case", "Outcome", "check", "score"]

CASES: list[Case] = [*EVERYDAY, *OFFICE, *TECHNICAL, *DIALOGUE]


def score() -> list[Outcome]:
    """Ask the brain every held-out request, in order."""
    return [check(case) for case in CASES]
