"""Time two variants fairly, side by side in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(
    variants: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    calls: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Time several callables in turn, so that a slow moment of the machine hits all of them.

    Returns the median seconds of one call for each variant. One uncounted round warms up.
    """
    samples: dict[str, list[float]] = {name: [] for name in variants}
    for round_number in range(rounds + 1):
        for name, function in variants.items():
            start = clock()
            for _ in range(calls):
                function()
            if round_number:
                samples[name].append((clock() - start) / calls)
    return {name: statistics.median(values) for name, values in samples.items()}
