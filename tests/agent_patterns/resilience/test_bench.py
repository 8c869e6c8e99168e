from __future__ import annotations

import math

from benchmarks import resilience


def test_every_figure_is_a_sane_ratio() -> None:
    measured = resilience.run(quick=True)
    assert len({one.name for one in measured}) == len(measured) == 9
    assert all(0 < one.value < math.inf and one.note for one in measured)
