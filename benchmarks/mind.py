"""Measure how many recorded requests the practice model gets right, and what an answer costs."""

from __future__ import annotations

import importlib
import json
import statistics
import time
import tomllib
from pathlib import Path
from typing import Any

from benchmarks import Measurement
from courseware.runtime.paths import TESTS
from practice_model.mind import respond

CASES = TESTS / "mind" / "cases"


def run(quick: bool) -> list[Measurement]:
    """Measure the share of right answers set by set, and an answer against a round of JSON."""
    cases: Any = importlib.import_module("tests.mind.cases")
    first = tomllib.loads((CASES / "first_runs.toml").read_text(encoding="utf-8"))
    results = []
    for file in sorted(CASES.glob("*.yaml")):
        right, every, _ = cases.score(file)
        known = first.get(file.stem)
        note = f"{right} of {every}" + (f"; {known} in the first run" if known else "")
        results.append(Measurement(f"right answers, {file.stem}", right / every, note=note))
    return [*results, _cost(cases, CASES / "round_four.yaml", 3 if quick else 15)]


def _cost(cases: Any, file: Path, repeats: int) -> Measurement:
    ratios = []
    for case in cases.load(file):
        whole = {"messages": case.messages, "tools": case.tools}
        minds, codec = [], []
        for _ in range(repeats):
            start = time.perf_counter()
            respond(case.messages, tools=case.tools, **case.options)
            middle = time.perf_counter()
            json.loads(json.dumps(whole))
            minds.append(middle - start)
            codec.append(time.perf_counter() - middle)
        ratios.append(statistics.median(minds) / statistics.median(codec))
    return Measurement(
        "an answer / the request through JSON and back",
        statistics.median(ratios),
        note="median over one set",
    )
