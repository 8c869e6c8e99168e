"""Benchmarks of the course, as ratios measured side by side in one run."""

from dataclasses import dataclass

from courseware.runtime.timing import interleaved

__all__ = ["Measurement", "interleaved"]


@dataclass(frozen=True)
class Measurement:
    """One measured figure."""

    name: str
    value: float
    unit: str = "ratio"
    note: str = ""
