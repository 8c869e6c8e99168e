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
    log = folder / "desk.log"
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not any(trace in line for trace in traces)]
    log.write_text("".join(kept), encoding="utf-8")
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(trace.encode() in path.read_bytes() for trace in traces)
    ]
