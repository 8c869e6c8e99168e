"""What can go wrong with long-term memory.

PatternError
└── LongTermError
    ├── InvalidUser         an id that could reach another user's memories
    ├── InvalidMemory       a text, a key, a time to live or a number of results that makes no sense
    ├── NoSuchMemory        there is none under that key, or it has expired
    ├── EmbeddingFailed     the embedding model is down, or sent no usable vectors
    ├── IndexMismatch       another embedding model filled this store
    ├── WritingFailed       memories could not be written in the background
    └── StillThere          a user was forgotten, and traces are left
"""

from __future__ import annotations

from typing import Any

from agent_patterns.errors import PatternError


class LongTermError(PatternError):
    """Base of the errors of `agent_patterns.longterm`."""


class InvalidUser(LongTermError, ValueError):
    """A user's id is refused, because stores give some of its characters a meaning."""

    def __init__(self, user: object) -> None:
        super().__init__(
            f"{user!r} cannot be a user's id: use 1 to 128 letters, digits or any of _ - @ + : =. "
            "Stores take other characters for separators or wildcards. An opaque id such as "
            "'u-4711' is best: it gives away no name."
        )


class InvalidMemory(LongTermError, ValueError):
    """A memory, or a question for memories, makes no sense; nothing was written."""


class NoSuchMemory(LongTermError, LookupError):
    """A user has no memory under a key."""

    def __init__(self, user: str, key: str) -> None:
        super().__init__(f"{user} has no memory {key!r}; it may have expired. all() lists them.")


class EmbeddingFailed(LongTermError):
    """The embedding model gave no usable vectors; nothing was written. Try again later."""


class IndexMismatch(LongTermError):
    """The vectors in the store come from another model, so no score would mean anything.

    Nothing was changed.  `open_memories(url, embeddings, reindex=True)` embeds all memories anew.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}. Nothing was changed: open the store with the embedding model that filled "
            "it, or with reindex=True to embed all memories anew."
        )


class WritingFailed(LongTermError):
    """Jobs of the background writer failed; those that a checkpointer keeps can be recovered."""


class StillThere(LongTermError):
    """A user's data was deleted, and a search of the raw files still finds some of it.

    Attributes:
        forgotten: what was deleted, and what was found where.
    """

    def __init__(self, forgotten: Any, listed: str) -> None:
        self.forgotten = forgotten
        super().__init__(f"Deleted, but traces are left in {listed}. `forgotten.after` has them.")
