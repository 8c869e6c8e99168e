"""Solve: Forget me."""

import sqlite3
from contextlib import closing


def forget(user, texts, folder):
    """Delete all of a user, and return the names of the files that still hold a trace."""
    with closing(sqlite3.connect(folder / "memories.sqlite")) as file:
        file.execute("DELETE FROM memories WHERE user = ?", (user,))
        file.commit()
        file.execute("VACUUM")
    traces = [user, *texts]
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(trace.encode() in path.read_bytes() for trace in traces)
    ]
