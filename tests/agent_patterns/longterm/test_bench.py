"""The bench of long-term memory measures every store, beside the bare one and as it grows."""

from __future__ import annotations

import math

import pytest
from benchmarks import longterm as bench


@pytest.mark.slow
def test_put_and_search_are_measured_beside_the_bare_store_and_as_it_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bench, "KINDS", ("memory", "sqlite"))  # the others take the same path
    measured = {entry.name: entry.value for entry in bench.run(quick=True)}
    for kind in bench.KINDS:
        for work in ("put", "search"):
            assert f"{kind}: {work} / the bare store" in measured
            assert f"{kind}: {work} among 1,000 of one user / among 100" in measured
            assert f"{kind}: {work} among 1,000 of users with 100 each / among 100" in measured
    assert all(0 < value < math.inf for value in measured.values())
