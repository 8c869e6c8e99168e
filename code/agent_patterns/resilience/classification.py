"""What went wrong, is it worth a retry, and what does the user hear?

One function, `classify`, answers for the exceptions of openai, httpx, httpx2, requests, LangChain,
pydantic and of Python itself, by type and by HTTP status.  It imports none of those libraries: an
exception of theirs can only exist where they are loaded, so its class is recognised by name.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from types import MappingProxyType
from typing import Any


class Kind(Enum):
    """What kind of failure an exception reports."""

    RATE_LIMIT = "rate limit"
    TIMEOUT = "time-out"
    CONNECTION = "connection"
    SERVER = "server error"
    MALFORMED = "malformed answer"
    CONFLICT = "conflict"
    QUOTA = "quota used up"
    AUTHENTICATION = "authentication"
    NOT_FOUND = "not found"
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
        """Somebody must act; waiting does not help, and the user cannot do it."""
        return self in (Kind.QUOTA, Kind.AUTHENTICATION, Kind.NOT_FOUND, Kind.CALLER)


@dataclass(frozen=True, slots=True)
class Traits:
    """What follows from a kind of failure, whatever the exception."""

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
    """What `classify` says about one exception."""

    kind: Kind
    error: str
    """The exception's class and message, shortened, for logs."""
    status: int | None = None
    """HTTP status of the answer; None when there was no answer."""
    retry_after: float | None = None
    """Seconds that the service asked to wait, from Retry-After; None when it did not say."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed if it is sent again a little later."""
        return TRAITS[self.kind].retryable

    @property
    def counts(self) -> bool:
        """Whether it is evidence that the service is unwell."""
        return TRAITS[self.kind].counts

    @property
    def fall_back(self) -> bool:
        """Whether asking another source makes sense."""
        return TRAITS[self.kind].fall_back

    @property
    def reason(self) -> str:
        """What this kind of failure means, for the operator."""
        return TRAITS[self.kind].reason

    @property
    def user_message(self) -> str:
        """What to tell the user."""
        return TRAITS[self.kind].user_message


# (top-level package, class name) -> kind.  Looked up along the exception's class hierarchy, the
# most specific class first, so that `APITimeoutError` wins over `APIConnectionError`.
_BY_CLASS: Mapping[tuple[str, str], Kind] = MappingProxyType(
    {
        ("agent_patterns", "CircuitOpenError"): Kind.CIRCUIT_OPEN,
        ("agent_patterns", "NoAnswerError"): Kind.NO_ANSWER,
        ("langgraph", "GraphBubbleUp"): Kind.CONTROL_FLOW,
        ("openai", "APITimeoutError"): Kind.TIMEOUT,
        ("openai", "APIConnectionError"): Kind.CONNECTION,
        ("openai", "APIResponseValidationError"): Kind.MALFORMED,
        ("openai", "APIError"): Kind.SERVER,  # as such: an error that arrives within a stream
        ("openai", "LengthFinishReasonError"): Kind.INVALID_REQUEST,
        ("openai", "ContentFilterFinishReasonError"): Kind.INVALID_REQUEST,
        ("langchain_core", "ModelTimeoutError"): Kind.TIMEOUT,
        ("langgraph", "NodeTimeoutError"): Kind.TIMEOUT,
        ("langchain_core", "ModelConnectionError"): Kind.CONNECTION,
        ("langchain_core", "ModelRateLimitError"): Kind.RATE_LIMIT,
        ("langchain_core", "ModelAPIError"): Kind.SERVER,
        ("langchain_core", "ModelAuthenticationError"): Kind.AUTHENTICATION,
        ("langchain_core", "ModelPermissionDeniedError"): Kind.AUTHENTICATION,
        ("langchain_core", "ModelNotFoundError"): Kind.NOT_FOUND,
        ("langchain_core", "ModelInvalidRequestError"): Kind.INVALID_REQUEST,
        ("langchain_core", "ContextOverflowError"): Kind.INVALID_REQUEST,
        ("langchain_core", "OutputParserException"): Kind.MALFORMED,
        ("langchain_openai", "OpenAIAPIContextOverflowError"): Kind.INVALID_REQUEST,
        ("pydantic_core", "ValidationError"): Kind.MALFORMED,  # structured output that does not fit
        ("json", "JSONDecodeError"): Kind.MALFORMED,
        ("httpx", "TimeoutException"): Kind.TIMEOUT,
        ("httpx", "LocalProtocolError"): Kind.CALLER,
        ("httpx", "UnsupportedProtocol"): Kind.CALLER,
        ("httpx", "TransportError"): Kind.CONNECTION,
        ("httpx", "DecodingError"): Kind.MALFORMED,
        ("httpx", "InvalidURL"): Kind.CALLER,
        ("httpx2", "TimeoutException"): Kind.TIMEOUT,
        ("httpx2", "LocalProtocolError"): Kind.CALLER,
        ("httpx2", "UnsupportedProtocol"): Kind.CALLER,
        ("httpx2", "TransportError"): Kind.CONNECTION,
        ("httpx2", "DecodingError"): Kind.MALFORMED,
        ("httpx2", "InvalidURL"): Kind.CALLER,
        ("requests", "Timeout"): Kind.TIMEOUT,
        ("requests", "ConnectionError"): Kind.CONNECTION,
        ("requests", "ChunkedEncodingError"): Kind.CONNECTION,
        ("requests", "ContentDecodingError"): Kind.MALFORMED,
        ("requests", "JSONDecodeError"): Kind.MALFORMED,
        ("requests", "InvalidJSONError"): Kind.CALLER,
        ("urllib", "ContentTooShortError"): Kind.CONNECTION,
        ("http", "IncompleteRead"): Kind.CONNECTION,
        ("http", "BadStatusLine"): Kind.CONNECTION,
        ("http", "InvalidURL"): Kind.CALLER,
        ("socket", "gaierror"): Kind.CONNECTION,
        ("ssl", "SSLError"): Kind.CONNECTION,
        ("builtins", "TimeoutError"): Kind.TIMEOUT,
        ("builtins", "ConnectionError"): Kind.CONNECTION,
        ("builtins", "EOFError"): Kind.CONNECTION,
        ("builtins", "FileExistsError"): Kind.CALLER,
        ("builtins", "FileNotFoundError"): Kind.CALLER,
        ("builtins", "IsADirectoryError"): Kind.CALLER,
        ("builtins", "NotADirectoryError"): Kind.CALLER,
        ("builtins", "PermissionError"): Kind.CALLER,
        ("builtins", "ValueError"): Kind.CALLER,
        ("builtins", "TypeError"): Kind.CALLER,
        ("builtins", "LookupError"): Kind.CALLER,
        ("builtins", "AttributeError"): Kind.CALLER,
        ("builtins", "NameError"): Kind.CALLER,
        ("builtins", "ArithmeticError"): Kind.CALLER,
        ("builtins", "AssertionError"): Kind.CALLER,
        ("builtins", "NotImplementedError"): Kind.CALLER,
        ("builtins", "ImportError"): Kind.CALLER,
    }
)

# Python has no class of its own for these, only OSError with a number.
_NETWORK = frozenset(
    getattr(errno, name)
    for name in ("ENETDOWN", "ENETUNREACH", "ENETRESET", "EHOSTDOWN", "EHOSTUNREACH", "ENOTCONN")
    if hasattr(errno, name)
)

_BY_STATUS: Mapping[int, Kind] = MappingProxyType(
    {
        401: Kind.AUTHENTICATION,
        402: Kind.QUOTA,
        403: Kind.AUTHENTICATION,
        404: Kind.NOT_FOUND,
        408: Kind.TIMEOUT,
        409: Kind.CONFLICT,
        410: Kind.NOT_FOUND,
        425: Kind.CONFLICT,
        429: Kind.RATE_LIMIT,
        501: Kind.INVALID_REQUEST,
        505: Kind.INVALID_REQUEST,
    }
)


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    # The last is for urllib's HTTPError, which is the response itself.
    for holder, name in ((error, "status_code"), (response, "status_code"), (error, "status")):
        status = getattr(holder, name, None)
        if isinstance(status, int) and not isinstance(status, bool):
            return status
    return None


def _kind_of_status(status: int) -> Kind:
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if 500 <= status < 600:
        return Kind.SERVER
    if 400 <= status < 500:
        return Kind.INVALID_REQUEST
    return Kind.MALFORMED


def _kind_of_class(error: BaseException) -> Kind:
    for cls in type(error).__mro__:
        name = (cls.__module__.partition(".")[0], cls.__name__)
        kind = _BY_CLASS.get(name)
        if name == ("urllib", "URLError"):
            reason = getattr(error, "reason", None)  # an error, or a word on a wrong URL
            kind = _kind_of_class(reason) if isinstance(reason, Exception) else Kind.CALLER
        elif cls is OSError and isinstance(error, OSError) and error.errno is not None:
            kind = Kind.CONNECTION if error.errno in _NETWORK else Kind.CALLER
        if kind is not None:
            return kind
    return Kind.UNKNOWN


def classify(error: BaseException, *, clock: Callable[[], float] = time.time) -> Verdict:
    """Says what kind of failure `error` reports.

    The class decides where it is specific (a time-out is one whatever the library); the HTTP
    status decides for the rest.  A 429 with the code `insufficient_quota` is no rate limit: it
    lasts until somebody pays.  An `OSError` that Python has no class for is judged by its number:
    an unreachable network is a lost connection, a full disk is not.  A pydantic `ValidationError`
    is taken for an answer that does not fit its model.  An error that nobody listed is
    `Kind.UNKNOWN`: not retried, since repeating what one does not understand can do harm twice.

    `clock` is wall time (seconds since the epoch), needed when Retry-After holds a date.
    """
    try:
        text = " ".join(str(error).split())
    except Exception:  # the error itself matters more than one in its __str__
        text = "(its message cannot be read)"
    if len(text) > 160:
        text = text[:157] + "..."
    name = type(error).__name__
    described = f"{name}: {text}" if text else name
    if not isinstance(error, Exception):
        return Verdict(Kind.CONTROL_FLOW, described)
    status = _status(error)
    if getattr(error, "inherited", False) and isinstance(error, TimeoutError):
        return Verdict(Kind.DEADLINE, described)
    kind = _kind_of_class(error)
    if status is not None and kind in _STATUS_DECIDES:
        kind = _kind_of_status(status)
    if kind in (Kind.RATE_LIMIT, Kind.SERVER) and _code(error) == "insufficient_quota":
        kind = Kind.QUOTA
    return Verdict(kind, described, status, retry_after(error, clock=clock))


# LangChain's class for a 5xx and openai's plain `APIStatusError` say less than the status does.
_STATUS_DECIDES = frozenset({Kind.UNKNOWN, Kind.SERVER, Kind.RATE_LIMIT, Kind.CALLER})


def _code(error: BaseException) -> Any:
    return getattr(error, "code", None)


def classifier(extra: Mapping[type[BaseException], Kind]) -> Callable[[BaseException], Verdict]:
    """Returns a `classify` that knows your own exceptions too.

    `extra` maps exception classes to kinds; the most specific class along the hierarchy wins, and
    what is not in `extra` is classified as usual.
    """
    known = dict(extra)

    def classify_with_extra(error: BaseException) -> Verdict:
        verdict = classify(error)
        for cls in type(error).__mro__:
            kind = known.get(cls)
            if kind is not None:
                return Verdict(kind, verdict.error, verdict.status, verdict.retry_after)
        return verdict

    return classify_with_extra


def is_retryable(error: BaseException) -> bool:
    """Whether the same request may succeed a little later; fits every `retry_on=` there is."""
    return classify(error).retryable


def retry_after(error: BaseException, *, clock: Callable[[], float] = time.time) -> float | None:
    """Seconds the service asked to wait before the next request, or None.

    Reads `retry-after-ms` (milliseconds, which OpenAI sends) and `Retry-After` as RFC 9110,
    section 10.2.3 has it: a number of seconds or an HTTP date, which is in UTC in each of its three
    forms.  An open circuit breaker says it too.  What cannot be read counts as not said; a date in
    the past is 0.
    """
    seconds_left = getattr(error, "seconds_left", None)
    if isinstance(seconds_left, float):
        return max(0.0, seconds_left)
    headers = getattr(getattr(error, "response", error), "headers", None)
    if headers is None:
        return None
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - clock())


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None
