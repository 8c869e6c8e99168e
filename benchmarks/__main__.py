"""`course.py bench`: every benchmark of this package, one after another."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict

import benchmarks


def names() -> list[str]:
    """Return the benchmarks there are."""
    return sorted(
        found.name
        for found in pkgutil.iter_modules(benchmarks.__path__)
        if not found.name.startswith("_")
    )


def main(arguments: Sequence[str]) -> int:
    """Run the chosen benchmarks and print their figures."""
    parser = argparse.ArgumentParser(
        prog="course.py bench",
        description="Measure the course. Ratios come from interleaved runs on this machine.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(names())}")
    results = []
    failed = 0
    for name in options.names or names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        try:
            measurements = module.run(options.quick)
        except Exception as error:  # the others still count; the exit code tells
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr)
            failed += 1
            continue
        for measurement in measurements:
            results.append({"benchmark": name, **asdict(measurement)})
            if not options.json:
                value = f"{measurement.value:,.3g} {measurement.unit}"
                print(f"{name:<14}{measurement.name:<52}{value:>16}  {measurement.note}")
    if options.json:
        print(
            json.dumps(
                {
                    "python": platform.python_version(),
                    "system": platform.system(),
                    "results": results,
                },
                indent=2,
            )
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
