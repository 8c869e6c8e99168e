"""Lesson 09 in real JupyterLab: the gauge watched."""

from __future__ import annotations

GAUGE = """
from agent_patterns.resilience import CircuitBreaker, CircuitOpenError
from agent_patterns.testing import FakeClock
from courseware.widgets.resilience import BreakerGauge

clock = FakeClock()
breaker = CircuitBreaker("chat", failures=1, open_for=30, clock=clock)
gauge = BreakerGauge(breaker)
gauge
"""
REFUSED = """
breaker.trip("maintenance")
clock.now += 12
for _ in range(2):
    try:
        breaker.call(int)
    except CircuitOpenError:
        pass
"""


def test_the_gauge_follows_and_reads_again_when_asked(lab):
    notebook = lab.open([GAUGE, REFUSED, "clock.now += 18\nbreaker.call(int)"])
    notebook.run_cell(0)
    notebook.wait_text(0, "So far: closed")
    notebook.run_cell(1)
    notebook.wait_text(0, "So far: closed → open")
    notebook.click("What now?", 0)
    notebook.wait_text(0, "2 calls refused")
    notebook.wait_text(0, "the next call in 18 s is the probe")
    notebook.run_cell(2)
    notebook.wait_text(0, "So far: closed → open → half-open → closed")
    label = notebook.outputs(0).locator("svg[role=img]").get_attribute("aria-label")
    assert label == "Circuit breaker chat: closed"
