"""Shipping rules as generated code: the notes they are read from, and the tests they must pass."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

from pydantic import BaseModel, Field

NOTES = {
    "website": "Shipping costs 4.90 euros. Orders from 50 euros on ship free.",
    "support wiki": "Shipping costs 5.90 euros. Orders from 60 euros on ship free.",
    "price list": "Shipping costs 5.90 euros. Orders from 50 euros on ship free.",
}
"""Three places in the shop say what shipping costs. They disagree."""

INVOICES = {20.00: 5.90, 49.99: 5.90, 50.00: 0.00, 120.00: 0.00}
"""What customers really paid for shipping last month, by the total of their order."""


class Rule(BaseModel):
    """Describe what shipping costs."""

    fee: float = Field(description="the shipping fee in euros")
    free_from: float = Field(description="orders from this total on ship free, in euros")


def write_code(rule: Rule) -> str:
    """Return the source of a function that charges by the rule."""
    body = f"return 0.0 if total >= {rule.free_from} else {rule.fee}"
    return f"def shipping(total):\n    {body}\n"


_TEST = """
import json
for total, paid in json.loads({invoices!r}):
    fee = shipping(total)
    said = f"{{fee:.2f}}" if isinstance(fee, float) else repr(fee)
    assert fee == paid, f"an order of {{total:.2f}} paid {{paid:.2f}}, the code says {{said}}"
print("passed")
"""


def run_tests(
    source: str, invoices: Mapping[float, float] = INVOICES, *, seconds: float = 10.0
) -> str:
    """Run generated code against the invoices in a process of its own.

    Returns:
        ``"passed"``, or the reason why not in one line. A process of its own protects the
        notebook from endless loops and crashes, not from malice: lesson 19 has sandboxes.
    """
    program = source + _TEST.format(invoices=json.dumps(list(invoices.items())))
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", program],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"the code did not finish within {seconds:g} seconds"
    if done.returncode == 0:
        return done.stdout.strip() or "the code ended before the test"
    last = (done.stderr.strip().splitlines() or ["the code ended without a word"])[-1]
    return last.removeprefix("AssertionError: ")
