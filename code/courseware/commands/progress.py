"""`course.py progress`: show which exercises are passed."""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Sequence

from courseware.exercises.progress import clear, path, standings
from courseware.lessons.progress import as_text, counted, table


def main(argv: Sequence[str] = ()) -> int:
    """``course.py progress``: print the table; ``--clear`` forgets everything."""
    parser = argparse.ArgumentParser(prog="course.py progress", description=main.__doc__)
    parser.add_argument("--clear", action="store_true", help="forget all progress")
    options = parser.parse_args(argv)
    try:
        if options.clear:
            text = f"Forgotten: progress on {counted(clear(), 'exercise', 'exercises')}."
        else:
            text = as_text(table(known=standings()))
    except (sqlite3.Error, OSError) as error:
        print(f"The progress file {path()} cannot be used: {error}")
        return 1
    print(text)
    return 0
