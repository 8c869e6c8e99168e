"""The Gantt chart, without a browser."""

from __future__ import annotations

import asyncio

import pytest

from courseware.widgets import GanttChart


async def test_bars_begin_and_end_with_their_calls_and_grow_in_between() -> None:
    now = [0.0]
    chart = GanttChart("Three calls", clock=lambda: now[0])
    gates = {name: asyncio.Event() for name in "abc"}

    async def work(name: str) -> str:
        await gates[name].wait()
        if name == "c":
            raise ConnectionError(name)
        return name

    watched = chart.watch("in parallel", work, limit=2)
    calls = [asyncio.ensure_future(watched(name)) for name in "abc"]
    await asyncio.sleep(0)
    now[0] = 1.0
    assert ">…<" in chart.svg  # a running call says so without colour
    for name, moment in (("a", 1.0), ("b", 2.0), ("c", 3.0)):
        now[0] = moment
        gates[name].set()
        await asyncio.wait({calls["abc".index(name)]})
    (group,) = chart.groups
    assert [(bar.name, bar.began, bar.ended, bar.failed) for bar in group.bars] == [
        ("a", 0.0, 1.0, False),
        ("b", 0.0, 2.0, False),
        ("c", 0.0, 3.0, True),
    ]
    assert group.ideal() == pytest.approx(3.0)  # as long as two full lanes, or the longest call
    assert chart.text().endswith("in parallel: 3 calls, at most 3 at once, failed: ['c']")
    assert ">failed<" in chart.svg
    assert ">ideal<" in chart.svg
    with pytest.raises(ConnectionError):
        await calls[2]


def test_the_ideal_of_one_lane_is_the_sum_and_of_many_the_longest() -> None:
    from courseware.widgets.gantt import Bar, Group

    bars = [Bar("a", 0, 1), Bar("b", 0, 2), Bar("c", 0, 3)]
    assert Group("g", 1, 0.0, bars).ideal() == 6
    assert Group("g", 2, 0.0, bars).ideal() == 3
    assert Group("g", None, 0.0, bars).ideal() == 3


def test_an_empty_chart_is_drawn() -> None:
    chart = GanttChart("Nothing yet")
    assert chart.svg.startswith("<svg")
    assert repr(chart) == "Nothing yet"
