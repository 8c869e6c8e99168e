"""Decide which checkpoints of a thread are no longer needed to continue it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from agent_patterns.checkpoints.rows import Entry, written_at


def superseded(
    entries: Sequence[Entry], *, keep: int | None = None, since: datetime | None = None
) -> list[Entry]:
    """Return the checkpoints that are beyond the newest `keep`, or older than `since`.

    The newest of each namespace always stays.  A subgraph call's checkpoints go with the
    checkpoints of the parent that started it.

    Args:
        entries: All checkpoints of a thread, newest first.
        keep: How many to keep of each namespace.
        since: The oldest time to keep.
    """
    spaces: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        spaces[entry.namespace].append(entry)
    doomed = []
    oldest_kept = ""
    for namespace in sorted(spaces):  # the root, "", comes first
        for position, entry in enumerate(spaces[namespace]):
            beyond = keep is not None and position >= keep
            written = written_at(entry.checkpoint_id)
            expired = since is not None and written is not None and written < since
            if position > 0 and (beyond or expired):
                doomed.append(entry)
            elif namespace == "":
                oldest_kept = entry.checkpoint_id
            elif ":" in namespace and entry.checkpoint_id < oldest_kept:  # one call: `node:task`
                doomed.append(entry)
    return doomed
