"""Stops the course's PostgreSQL when the last process that used it is gone, however it went.

Started by `courseware.runtime.postgres` in a process of its own: a killed kernel cannot clean up.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from courseware.runtime.postgres import living_users, server_lock, stop_postgres


def watch(folder: Path, pause: Callable[[float], None] = time.sleep) -> None:
    """Return when the server on the folder has no user left, and does not run any more.

    Args:
        folder: the server's data.
        pause: waits between two looks, in seconds.
    """
    alone = FileLock(f"{folder}.watch.lock")
    with contextlib.suppress(Timeout), alone.acquire(blocking=False):
        while True:
            with server_lock(folder):  # nobody joins or starts it meanwhile
                if not living_users(folder):
                    if (folder / "postmaster.pid").exists():
                        stop_postgres(folder)
                    alone.release()  # so that the next user's watcher finds the place free
                    return
            pause(1)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
