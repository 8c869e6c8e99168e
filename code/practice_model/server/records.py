"""What the practice model was asked and what it answered, request by request."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Outcome = Literal["open", "answered", "refused", "dropped", "cut", "client left"]

TAIL = 200
"""How many characters of the prompt's end and of the answer's beginning are kept."""


@dataclass(frozen=True)
class RequestRecord:
    """A request as the server saw it. Times are in seconds."""

    number: int
    """1 for the first request the server saw."""
    at: float
    """When it came, since the server started (monotonic clock)."""
    method: str
    path: str
    model: str = ""
    attempt: int = 1
    """How often this very body has come since it was last answered, this time included."""
    client_retry: int | None = None
    """The client's own count of its retries (header x-stainless-retry-count); 0: the first try."""
    fault: str | None = None
    """The fault that was injected, such as `rate_limit(retry_after=1.0)`."""
    status: int | None = None
    """The HTTP status that was sent; None: nothing was."""
    outcome: Outcome = "open"
    """`refused` is an error status, `cut` an answer that broke off, `open` is still going on."""
    duration: float | None = None
    """From the request's arrival to the end of the answer; None while it goes on."""
    stream: bool = False
    prompt: str = ""
    """The end of the last message."""
    answer: str = ""
    """The beginning of the answer, or the error's message."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    mind_error: str | None = None
    """An exception inside the model, which it covered with an honest answer: always a bug."""

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object, for `GET /_practice/requests`."""
        return asdict(self)


class RequestLog:
    """The latest records, oldest first. Safe under threads."""

    def __init__(self, keep: int = 10_000) -> None:
        self._lock = threading.Lock()
        self._records: dict[int, RequestRecord] = {}
        self._order: deque[int] = deque()
        self._keep = keep
        self._count = 0
        self._unanswered: dict[str, int] = {}
        self._seen: dict[str, int] = {}

    def begin(self, **fields: Any) -> int:
        """Open a record and return its number."""
        with self._lock:
            self._count += 1
            self._records[self._count] = RequestRecord(number=self._count, **fields)
            self._order.append(self._count)
            while len(self._order) > self._keep:
                del self._records[self._order.popleft()]
            return self._count

    def attempt(self, body: str) -> tuple[int, int]:
        """Count one more request with this body (a digest of it).

        Returns how often it came since it was last answered, and how often it came at all.
        """
        with self._lock:
            self._unanswered[body] = self._unanswered.get(body, 0) + 1
            self._seen[body] = self._seen.get(body, 0) + 1
            return self._unanswered[body], self._seen[body]

    def answered(self, body: str) -> None:
        """Note that this body was answered in full: the next one like it is a first attempt."""
        with self._lock:
            self._unanswered.pop(body, None)

    def update(self, number: int, **fields: Any) -> None:
        """Fill in a record, if it is still kept."""
        with self._lock:
            record = self._records.get(number)
            if record is not None:
                self._records[number] = replace(record, **fields)

    def all(self) -> list[RequestRecord]:
        """Return a snapshot, oldest first."""
        with self._lock:
            return [self._records[number] for number in self._order]

    def clear(self) -> None:
        """Forget all records and attempts; numbers go on."""
        with self._lock:
            self._records.clear()
            self._order.clear()
            self._unanswered.clear()
