"""Solve: Find and skip the corrupted checkpoint."""

import hashlib


def newest_intact(rows, digests, report):
    """Return the id to continue from, or None."""
    for checkpoint_id, stored in sorted(rows, reverse=True):  # newest first
        if hashlib.sha256(stored).hexdigest() == digests.get(checkpoint_id):
            return checkpoint_id
        report(checkpoint_id)
    return None
