"""Five ways to staff one task, in the terminal: python code/11_team_shapes.py [points]

One agent, a pipeline, a supervisor, a manager and a peer network write the same help page for
Marlow & Finch. You see what each costs and how good its page is; with --shelf-down the shelf about
shipping does not answer, and you see who reports it.
"""

from __future__ import annotations

import argparse
import sys

from langchain_openai import ChatOpenAI

from courseware import connect
from courseware.lessons.team_shapes.crew import POINTS
from courseware.lessons.team_shapes.lab import compare, pays_off


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each way of working, and the cheapest of the good ones."""
    parser = argparse.ArgumentParser(description="Team shapes, measured.")
    numbers = range(1, len(POINTS) + 1)
    parser.add_argument("points", nargs="?", type=int, default=2, choices=numbers)
    parser.add_argument("--shelf-down", action="store_true", help="let the shipping shelf fail")
    options = parser.parse_args(arguments)

    course = connect()
    llm = ChatOpenAI(model=course.model, temperature=0)
    runs = compare(llm, options.points, failing="shipping" if options.shelf_down else None)
    for run in runs:
        failed = [turn["sender"] for turn in run.turns if turn["kind"] == "failure"]
        print(
            f"{run.way:<13}{run.tally.calls:>3} calls {run.tally.tokens:>6,} tokens  "
            f"quality {run.quality:>4.0%}  {run.status}, failed: {', '.join(failed) or 'nobody'}"
        )
    print(f"Pays off here, by these rules: {pays_off(runs).way}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
