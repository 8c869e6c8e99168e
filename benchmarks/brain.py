"""How many held-out requests the practice model's brain gets right, and what a call costs it."""

from __future__ import annotations

import json
import statistics
import time

from tests.brain.heldout import CASES, Case, check, score
from tests.brain.heldout.fresh import FRESH
from tests.brain.heldout.round_five import ROUND_FIVE
from tests.brain.heldout.round_four import ROUND_FOUR
from tests.brain.heldout.round_six import ROUND_SIX
from tests.brain.heldout.round_three import ROUND_THREE
from tests.brain.heldout.round_two import ROUND_TWO

from benchmarks import Measurement
from practice_model.brain import respond

MENDED = {
    "fresh": (FRESH, 20),
    "round two": (ROUND_TWO, 16),
    "round three": (ROUND_THREE, 13),
    "round five": (ROUND_FIVE, 22),
    "round six": (ROUND_SIX, 20),
}
"""Sets of requests whose misses were mended, each with how many were right in its first run."""
_FIRST = "in the first run, on record; what it showed was mended"


def run(quick: bool) -> list[Measurement]:
    """Measure the share of right answers, and a call against parsing the same request as JSON.

    The brain's own time is given in multiples of what reading and writing the request as JSON
    takes, which any server must do.
    """
    outcomes = score()
    right = sum(outcome.right for outcome in outcomes)
    unseen = sum(check(case).right for case in ROUND_FOUR)
    calling = [outcome for outcome in outcomes if outcome.case.calls]
    called = sum(outcome.right for outcome in calling)
    repeats = 3 if quick else 15
    ratios = []
    for case in CASES:
        messages = case.messages()
        whole = {"messages": messages, "tools": list(case.tools)}
        mind, codec = [], []
        for _ in range(repeats):
            start = time.perf_counter()
            respond(messages, tools=list(case.tools), **case.request)
            middle = time.perf_counter()
            json.loads(json.dumps(whole))
            mind.append(middle - start)
            codec.append(time.perf_counter() - middle)
        ratios.append(statistics.median(mind) / statistics.median(codec))
    return [
        Measurement(
            "unseen requests answered rightly",
            unseen / len(ROUND_FOUR),
            note=f"{unseen} of {len(ROUND_FOUR)}; no rule was mended for them",
        ),
        Measurement(
            "held-out requests answered rightly",
            right / len(outcomes),
            note=f"{right} of {len(outcomes)}; 66 {_FIRST}",
        ),
        *(_again(name, cases, first) for name, (cases, first) in MENDED.items()),
        Measurement(
            "held-out requests with calls, all calls right",
            called / len(calling),
            note=f"{called} of {len(calling)}",
        ),
        Measurement(
            "brain's answer / the request through JSON and back",
            statistics.median(ratios),
            note="median over the held-out requests",
        ),
    ]


def _again(name: str, cases: list[Case], first: int) -> Measurement:
    right = sum(check(case).right for case in cases)
    note = f"{right} of {len(cases)}; {first} {_FIRST}"
    return Measurement(f"the same, {name}", right / len(cases), note=note)
