"""The bench of the teams leaves no pattern out."""

from __future__ import annotations

import math

import pytest
from benchmarks import teams as bench

PATTERNS = ("supervisor", "manager", "peer network", "pipeline", "handoff", "backup")


@pytest.mark.slow
def test_every_pattern_is_measured_against_a_bare_graph_and_as_it_grows() -> None:
    measured = {entry.name: entry.value for entry in bench.run(quick=True)}
    for pattern in PATTERNS:
        assert any(name.startswith(pattern) and name.endswith(": a turn") for name in measured)
        assert any(name.startswith(f"{pattern}: agents") for name in measured)
    assert all(0 < value < math.inf for value in measured.values())


@pytest.mark.parametrize("count", [1, 3])
def test_the_graphs_side_by_side_do_the_same_work(count: int) -> None:
    backup, tries = bench._backup(count)(), bench._tries(count)()
    handoff, bare = bench._handoff(count)(), bench._bare_handoff(count)()
    assert backup["status"] == handoff["status"] == "done"
    assert sum(turn["kind"] == "task" for turn in backup["turns"]) == tries["done"] == count
    assert len(handoff["turns"]) == bare["done"] == count
