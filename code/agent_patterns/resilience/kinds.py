"""The kinds of failure, and what follows from each: retry, count, fall back, tell the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """A kind of failure that an exception reports."""

    RATE_LIMIT = "rate limit"
    TIMEOUT = "time-out"
    CONNECTION = "connection"
    SERVER = "server error"
    MALFORMED = "malformed answer"
    CONFLICT = "conflict"
    QUOTA = "quota used up"
    AUTHENTICATION = "authentication"
    NOT_FOUND = "not found"
    TOO_LONG = "too long for it"
    FILTERED = "content filter"
    INVALID_REQUEST = "invalid request"
    CALLER = "caller's mistake"
    NO_ANSWER = "no answer"
    CIRCUIT_OPEN = "circuit open"
    DEADLINE = "outer deadline"
    CONTROL_FLOW = "control flow"
    UNKNOWN = "unknown"

    # Enum hashes by name in Python; identity is as good and much cheaper in dictionaries.
    __hash__ = object.__hash__

    @property
    def needs_repair(self) -> bool:
        """Return True if somebody must act: waiting does not help, and the user cannot do it."""
        return self in (Kind.QUOTA, Kind.AUTHENTICATION, Kind.NOT_FOUND, Kind.CALLER)


class Refusal(Enum):
    """The three things a refusal can mean, by what has to change before the next try."""

    NOT_SO = "not so"
    """The request: it is refused here and everywhere."""
    NOT_HERE = "not here"
    """The source: this one will never answer it, another may."""
    NOT_NOW = "not now"
    """The time: the same request may succeed a little later."""


@dataclass(frozen=True, slots=True)
class Traits:
    """The consequences of a kind of failure, whatever the exception."""

    retryable: bool
    """The same request may succeed if it is sent again a little later."""
    counts: bool
    """It is evidence that the service is unwell: a circuit breaker counts it."""
    fall_back: bool
    """Another source may answer; False where it would get the same broken request."""
    reason: str
    """For the log and the operator: what this kind of failure means."""
    user_message: str
    """For the user: what happened and what to do, nothing that blames or leaks."""


_BUSY = "The assistant is busy right now. Please try again in a moment."
_AWAY = "The assistant cannot be reached right now. Please try again in a few minutes."
_OURS = "Something is set up wrong on our side. We have been told; trying again will not help yet."
_YOURS = "This request could not be processed as it was sent. Please change it and try again."
_LONG = "This is too long to be processed in one go. Please shorten it and try again."
_NOTHING = "We have no answer to this at the moment."

TRAITS: Mapping[Kind, Traits] = MappingProxyType(
    {
        Kind.RATE_LIMIT: Traits(True, True, True, "too many requests for the moment", _BUSY),
        Kind.TIMEOUT: Traits(True, True, True, "no answer within the time allowed", _AWAY),
        Kind.CONNECTION: Traits(True, True, True, "the connection failed or was cut", _AWAY),
        Kind.SERVER: Traits(True, True, True, "the service failed while answering", _AWAY),
        Kind.MALFORMED: Traits(True, True, True, "the answer could not be read", _AWAY),
        Kind.CONFLICT: Traits(True, False, True, "another request holds the resource", _BUSY),
        Kind.QUOTA: Traits(False, False, True, "the account's quota is used up", _OURS),
        Kind.AUTHENTICATION: Traits(False, False, True, "the key or its rights are wrong", _OURS),
        Kind.NOT_FOUND: Traits(False, False, True, "no such model, path or resource", _OURS),
        Kind.TOO_LONG: Traits(False, False, True, "it is too long for this model", _LONG),
        Kind.FILTERED: Traits(False, False, True, "this model's content filter stops it", _YOURS),
        Kind.INVALID_REQUEST: Traits(
            False, False, False, "the service understood the request and refuses it", _YOURS
        ),
        Kind.CALLER: Traits(False, False, False, "the calling code has a mistake", _OURS),
        Kind.NO_ANSWER: Traits(False, False, True, "it has nothing to say to this", _NOTHING),
        Kind.CIRCUIT_OPEN: Traits(False, False, True, "a circuit breaker is open", _AWAY),
        Kind.DEADLINE: Traits(False, False, True, "an outer deadline has passed", _AWAY),
        Kind.CONTROL_FLOW: Traits(
            False, False, False, "not a failure: the graph pauses or hands over", ""
        ),
        Kind.UNKNOWN: Traits(False, True, True, "an error that nobody has classified", _AWAY),
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of `classify` on one exception."""

    kind: Kind
    error: str
    """The exception's class and message, shortened, for logs."""
    status: int | None = None
    """HTTP status of the answer; None when there was no answer."""
    retry_after: float | None = None
    """Seconds that the service asked to wait, from Retry-After; None when it did not say."""

    @property
    def refusal(self) -> Refusal | None:
        """Return what has to change before the next try; None if nobody knows, or nothing."""
        if self.kind in (Kind.UNKNOWN, Kind.CONTROL_FLOW):
            return None
        if self.retryable:
            return Refusal.NOT_NOW
        return Refusal.NOT_HERE if self.fall_back else Refusal.NOT_SO

    @property
    def retryable(self) -> bool:
        """Return True if the same request may succeed a little later."""
        return TRAITS[self.kind].retryable

    @property
    def counts(self) -> bool:
        """Return True if it is evidence that the service is unwell."""
        return TRAITS[self.kind].counts

    @property
    def fall_back(self) -> bool:
        """Return True if asking another source makes sense."""
        return TRAITS[self.kind].fall_back

    @property
    def reason(self) -> str:
        """Return what this kind of failure means, for the operator."""
        return TRAITS[self.kind].reason

    @property
    def user_message(self) -> str:
        """Return what to tell the user."""
        return TRAITS[self.kind].user_message
