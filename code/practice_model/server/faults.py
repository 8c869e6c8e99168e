"""Faults the practice model can be told to show, and the plan of who gets which.

A `Fault` says what goes wrong with one request. An `Injection` hands faults out to the requests
that come in: in order, several times over, or to a seeded random share of them.
"""

from __future__ import annotations

import itertools
import math
import random
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from practice_model.server.errors import ApiError, UnknownFault

FaultKind = Literal[
    "rate_limit",
    "server_error",
    "unavailable",
    "unauthorized",
    "slow",
    "stall",
    "drop",
    "drop_mid",
    "truncated",
]


_NAMES = ", ".join(get_args(FaultKind))


class _NamedFaults(type(BaseModel)):  # type: ignore[misc]
    """Answers `Fault.misspelt` with the names that there are."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattr__(name)
        raise UnknownFault(f"There is no fault {name!r}. The faults are: {_NAMES}.")


class Fault(BaseModel, metaclass=_NamedFaults):
    """A fault of one request. Make one with the named constructors below.

    Times are in seconds. A chunk is one event of a streamed answer; an answer that is not streamed
    counts as two chunks, its first and its second half.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    retry_after: float | None = Field(default=None, ge=0, le=86_400, allow_inf_nan=False)
    seconds: float = Field(default=0.0, ge=0, le=86_400, allow_inf_nan=False)
    per_chunk: float = Field(default=0.0, ge=0, le=3_600, allow_inf_nan=False)
    after_chunks: int = Field(default=1, ge=0)
    after_bytes: int | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _is_no_bare_name(cls, value: object) -> object:
        if isinstance(value, str):
            raise PydanticCustomError(
                "fault_name",
                "A fault is made by Fault.NAME(...), in JSON it is an object with a 'kind'. "
                "The faults are: {names}.",
                {"names": _NAMES},
            )
        return value

    @field_validator("kind", mode="before")
    @classmethod
    def _exists(cls, kind: object) -> object:
        if kind not in get_args(FaultKind):
            raise PydanticCustomError(
                "fault_kind",
                "There is no fault {kind}. The faults are: {names}.",
                {"kind": repr(kind)[:100], "names": _NAMES},
            )
        return kind

    @classmethod
    def rate_limit(cls, retry_after: float | None = 1.0) -> Fault:
        """Answer 429 Too Many Requests. `retry_after` seconds go into the Retry-After header."""
        return cls(kind="rate_limit", retry_after=retry_after)

    @classmethod
    def server_error(cls) -> Fault:
        """Answer 500 Internal Server Error."""
        return cls(kind="server_error")

    @classmethod
    def unavailable(cls, retry_after: float | None = None) -> Fault:
        """Answer 503 Service Unavailable, with a Retry-After header if `retry_after` is given."""
        return cls(kind="unavailable", retry_after=retry_after)

    @classmethod
    def unauthorized(cls) -> Fault:
        """Answer 401 Unauthorized, as if the key had been revoked."""
        return cls(kind="unauthorized")

    @classmethod
    def slow(cls, first_byte_seconds: float, per_chunk: float = 0.0) -> Fault:
        """Give a right answer whose first byte takes its time; then `per_chunk` seconds a chunk."""
        return cls(kind="slow", seconds=first_byte_seconds, per_chunk=per_chunk)

    @classmethod
    def stall(cls, after_chunks: int = 1, seconds: float = 60.0) -> Fault:
        """Fall silent for `seconds` after some chunks of a right answer, and then go on."""
        return cls(kind="stall", after_chunks=after_chunks, seconds=seconds)

    @classmethod
    def drop(cls) -> Fault:
        """Reset the connection before a byte of the answer was sent."""
        return cls(kind="drop")

    @classmethod
    def drop_mid(cls, after_chunks: int = 1, after_bytes: int | None = None) -> Fault:
        """Close the connection in the middle of the answer, after chunks or bytes of its body."""
        return cls(kind="drop_mid", after_chunks=after_chunks, after_bytes=after_bytes)

    @classmethod
    def truncated(cls, after_chunks: int = 1) -> Fault:
        """Cut the JSON off, within HTTP that is in good order.

        A streamed answer is cut in the event that follows `after_chunks` whole ones.
        """
        return cls(kind="truncated", after_chunks=after_chunks)

    @property
    def refusal(self) -> ApiError | None:
        """The error that answers the request, for the faults that are one."""
        retry = _retry_headers(self.retry_after)
        match self.kind:
            case "rate_limit":
                return ApiError(
                    429,
                    "Rate limit reached for requests. Please slow down and try again later.",
                    kind="requests",
                    code="rate_limit_exceeded",
                    headers=retry,
                )
            case "server_error":
                return ApiError(
                    500,
                    "The server had an error while processing your request. Sorry about that!",
                    kind="server_error",
                )
            case "unavailable":
                return ApiError(
                    503,
                    "The server is overloaded or not ready yet. Please try again later.",
                    kind="server_error",
                    code="service_unavailable",
                    headers=retry,
                )
            case "unauthorized":
                return ApiError(
                    401,
                    "Incorrect API key provided: the key has been revoked.",
                    code="invalid_api_key",
                )
            case _:
                return None

    def __str__(self) -> str:
        given = self.model_dump(exclude={"kind"}, exclude_defaults=True)
        inside = ", ".join(f"{name}={value}" for name, value in given.items())
        return f"{self.kind}({inside})"

    def __repr__(self) -> str:
        return f"<Fault {self}>"


def _retry_headers(seconds: float | None) -> dict[str, str]:
    """Retry-After in whole seconds (RFC 9110, 10.2.3), and in milliseconds, as the real API."""
    if seconds is None:
        return {}
    return {
        "retry-after": str(math.ceil(seconds)),
        "retry-after-ms": str(round(seconds * 1000)),
    }


class Order(BaseModel):
    """The content of an injection: the faults, and which requests they are for.

    `faults` are handed out in order, None meaning that this request goes well. `times` repeats the
    sequence; with `rate`, each request is hit with that probability, drawn from `seed`, and `times`
    limits the number of hits. `where` chooses requests by `path` and `model`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    faults: tuple[Fault | None, ...]
    times: int | None = Field(default=None, ge=1)
    rate: float | None = Field(default=None, ge=0, le=1)
    seed: int = 0
    where: dict[Literal["path", "model"], str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_faults(self) -> Self:
        if not self.faults:
            raise ValueError("there must be at least one fault")
        if self.rate is not None and None in self.faults:
            raise ValueError("with a rate, every entry must be a fault")
        return self


class Injection:
    """Faults in force. Ends when its faults are used up, or with its `with` block."""

    def __init__(self, number: int, order: Order, plan: FaultPlan) -> None:
        self.number = number
        self.order = order
        self.applied = 0
        """How many requests got a fault (or an explicit None) from here so far."""
        self._plan = plan
        self._random = random.Random(order.seed)
        limit = order.times if order.rate is not None else len(order.faults) * (order.times or 1)
        self._left = limit
        self._faults = itertools.cycle(order.faults)

    @property
    def left(self) -> int | None:
        """The number of requests that still get a fault from here; None: no end."""
        return self._left

    def matches(self, about: Mapping[str, str]) -> bool:
        """Tell whether a request is one of those this injection is for."""
        return all(about.get(key) == value for key, value in self.order.where.items())

    def draw(self) -> tuple[bool, Fault | None]:
        """Decide about one matching request: whether it is taken, and by which fault."""
        if self._left == 0:
            return False, None
        if self.order.rate is not None and self._random.random() >= self.order.rate:
            return False, None
        if self._left is not None:
            self._left -= 1
        self.applied += 1
        return True, next(self._faults)

    def remove(self) -> None:
        """End the injection; removing it twice does no harm."""
        self._plan.remove(self)

    def as_json(self) -> dict[str, Any]:
        """Return what `GET /_practice/faults` shows."""
        return {
            "id": self.number,
            "applied": self.applied,
            "left": self.left,
            **self.order.model_dump(mode="json", exclude_none=False),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()


class FaultPlan:
    """All injections in force. The latest one is asked first. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._injections: list[Injection] = []
        self._numbers = itertools.count(1)

    def add(self, order: Order) -> Injection:
        """Put an order in force, from the next request on."""
        with self._lock:
            injection = Injection(next(self._numbers), order, self)
            self._injections.append(injection)
            return injection

    def remove(self, injection: Injection) -> None:
        """End one injection."""
        with self._lock:
            self._injections = [one for one in self._injections if one is not injection]

    def clear(self) -> None:
        """End all injections."""
        with self._lock:
            self._injections = []

    def active(self) -> Sequence[Injection]:
        """Return the injections that still have something to hand out, oldest first."""
        with self._lock:
            return [one for one in self._injections if one.left != 0]

    def next_fault(self, about: Mapping[str, str]) -> Fault | None:
        """Return the fault for a request with this `path` and `model`, or None if it goes well."""
        with self._lock:
            for injection in reversed(self._injections):
                if injection.matches(about):
                    taken, fault = injection.draw()
                    if taken:
                        return fault
            return None
