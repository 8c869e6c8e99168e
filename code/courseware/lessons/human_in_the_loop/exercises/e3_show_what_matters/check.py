"""Check: Show what matters."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from courseware.exercises import Wrong, chance, expect


def check(discount_request: Callable[..., Any]) -> None:
    """Read the requests of several cases, with numbers that agree and that don't."""
    rng = chance()
    for agrees in (False, True, False):
        _one_case(discount_request, _case(rng, agrees))


def _case(rng: random.Random, agrees: bool) -> dict[str, Any]:
    usual, percent = rng.sample(range(3, 60), 2)
    name = rng.choice(["Clara", "Ben", "Hanna", "Eve"])
    return {
        "customer": f"{name} {rng.randrange(100, 999)}",
        "percent": usual if agrees else percent,
        "usual": usual,
        "mail": f"My last order, number {rng.randrange(1000, 9999)}, came late.",
        "trace_id": f"trace-{rng.randrange(10**8, 10**9)}",
        "prompt": f"You are a support agent, version {rng.randrange(10**5, 10**6)}.",
    }


def _one_case(build: Callable[..., Any], case: dict[str, Any]) -> None:
    request = build(dict(case))
    if not isinstance(request, Mapping):
        raise Wrong("no-dictionary", f"The request is {request!r}. Return a dictionary.")
    args = {"customer": case["customer"], "percent": case["percent"]}
    expect(
        request.get("action") == "discount",
        "another-action",
        f'The action is {request.get("action")!r} instead of "discount".',
    )
    expect(
        request.get("args") == args,
        "another-argument",
        f"The arguments are {request.get('args')!r} instead of {args!r}. They are what will be"
        " executed: leave them as they were asked for, and add nothing.",
    )
    facts = request.get("facts")
    beside = facts.get("percent") if isinstance(facts, Mapping) else None
    known = [str(value) for value in beside.values()] if isinstance(beside, Mapping) else []
    expect(
        str(case["usual"]) in known or str(case["usual"]) not in re.findall(r"\d+", str(beside)),
        "fact-not-comparable",
        f"Beside percent stands {beside!r}. The panel compares numbers: give the fact a name, and"
        f' the number alone as its value, `{{"usual": {case["usual"]}}}`.',
    )
    expect(
        str(case["usual"]) in known,
        "hides-the-fact",
        f"{case['percent']} percent is asked for, {case['usual']} is usual, and `facts` is"
        f' {facts!r}. Put it beside the argument: `"facts": {{"percent": {{"usual": ...}}}}`.',
    )
    expect(
        request.get("reason") == case["mail"],
        "hides-the-mail",
        f"The reason is {request.get('reason')!r}. Show the customer's own words, the whole mail.",
    )
    shown = str(request)
    for name in ("trace_id", "prompt"):
        expect(
            str(case[name]) not in shown,
            "shows-internals",
            f"The request shows `{name}`. It helps nobody who decides, and hides what does.",
        )
