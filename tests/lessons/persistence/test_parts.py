"""Lesson 04: two releases, the plots, and the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from courseware.lessons.persistence.plots import BACKENDS, SIZES, cost_slider, growth_plot
from courseware.lessons.persistence.releases import NEW, OLD, new_release, old_release
from courseware.runtime.paths import CODE

CONFIG = {"configurable": {"thread_id": "MF-7"}}


def test_the_new_release_loses_an_order_that_waits_before_the_renamed_node() -> None:
    saver = InMemorySaver()
    with pytest.raises(ConnectionError):
        old_release(saver, stop_at="charge").invoke({"lines": {"ink": 3}, "done": []}, CONFIG)
    assert old_release(saver).get_state(CONFIG).next == ("charge",)
    assert new_release(saver).get_state(CONFIG).next == ()
    assert new_release(saver).invoke(None, CONFIG)["done"] == list(OLD[:2])


def test_the_new_release_finishes_orders_of_its_own() -> None:
    values = new_release(InMemorySaver()).invoke({"lines": {"ink": 3}, "done": []}, CONFIG)
    assert values["done"] == list(NEW)
    assert values["amount"] == {"cents": 1350, "currency": "EUR"}


def test_the_plots_show_ratios() -> None:
    modes = ("sync", "async", "exit")
    costs = {(name, size, mode): 0.002 for name in BACKENDS for size in SIZES for mode in modes}
    assert "1 kB, by backend" in repr(cost_slider(costs))
    growth = {(name, size): ([10, 20], [10, 10]) for name in BACKENDS for size in (1, 10, 100)}
    assert "pruned to 5" in growth_plot(growth).svg


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("sqlite:///{}/shop.db", "total 1350, done: price, reserve, charge, pack"),
        ("memory://", "nothing is stored"),
    ],
)
def test_the_program_continues_what_is_stored(place: str, said: str, tmp_path: Path) -> None:
    url = place.format(tmp_path.as_posix())
    program = CODE / "04_persistence.py"
    done = subprocess.run(
        [sys.executable, str(program), "--url", url, "--sale", "777"],
        capture_output=True,
        encoding="utf-8",
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert ("total 777" in done.stdout) == (place != "memory://")
