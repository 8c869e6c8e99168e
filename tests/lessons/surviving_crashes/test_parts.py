"""Lesson 06: the bank, the killed orders and the damaged byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from courseware.lessons.surviving_crashes.durability import durability_slider, times_run
from courseware.lessons.surviving_crashes.orders import NODES, Bank, one_cent_more, order_graph

ORDER = {"number": "MF-7", "lines": {"ink": 3}, "done": []}


def test_a_bank_takes_nothing_twice_for_a_key(tmp_path: Path) -> None:
    bank = Bank(tmp_path / "bank.db")
    for key in ("a", "a", "b"):
        assert bank.charge(1350, key) == "13.50 euros received"
    assert (bank.asked, bank.charged) == (3, [1350, 1350])


def test_one_byte_is_one_cent(tmp_path: Path) -> None:
    config = {"configurable": {"thread_id": "MF-7"}}
    with SqliteSaver.from_conn_string(str(tmp_path / "shop.db")) as saver:
        graph = order_graph(saver, lambda name: None)
        graph.invoke(ORDER, config, durability="sync")
        one_cent_more(tmp_path / "shop.db")
        assert graph.get_state(config).values["total"] == 1351


@pytest.mark.slow
def test_what_runs_again_depends_on_the_durability() -> None:
    counts = times_run(ORDER)
    for killed, node in enumerate(NODES):
        assert list(counts[node, "sync"].values()) == [1] * killed + [2] + [1] * (4 - killed)
        assert list(counts[node, "exit"].values()) == [2] * (killed + 1) + [1] * (4 - killed)
        assert counts[node, "async"][node] == 2
    assert "killed inside charge" in repr(durability_slider(counts))
