"""Benchmarks of the course, as ratios measured side by side in one run."""

from courseware.bench._measure import Measurement, interleaved

__all__ = ["Measurement", "interleaved"]
