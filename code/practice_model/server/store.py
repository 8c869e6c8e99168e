"""The stored responses, so that a later request can go on from one by its id."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from practice_model.server.errors import ApiError, bad_request

KEEP = 1_000
"""How many responses are kept; the oldest go first."""

MAX_TURNS = 500
"""How many responses may hang together by `previous_response_id`."""

Item = dict[str, Any]


class Response(Protocol):
    """A response, as far as it is kept."""

    @property
    def id(self) -> str:
        """The name under which it is kept."""

    def output(self) -> list[Item]:
        """Return the items of its answer."""


R = TypeVar("R", bound=Response)


@dataclass(frozen=True)
class Stored(Generic[R]):
    """A response with the items it answered."""

    response: R
    given: Sequence[Item]
    previous: str | None


class ResponseStore(Generic[R]):
    """The latest responses by their ids. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: dict[str, Stored[R]] = {}

    def add(self, response: R, given: Sequence[Item], previous: str | None) -> None:
        """Keep a response and the items it answered."""
        with self._lock:
            self._stored[response.id] = Stored(response, given, previous)
            while len(self._stored) > KEEP:
                del self._stored[next(iter(self._stored))]

    def get(self, identity: str) -> Stored[R]:
        """Return a stored response; an `ApiError` 404 when there is none."""
        with self._lock:
            stored = self._stored.get(identity)
        if stored is None:
            raise _unknown(identity)
        return stored

    def delete(self, identity: str) -> None:
        """Forget a response; an `ApiError` 404 when there is none."""
        with self._lock:
            if self._stored.pop(identity, None) is None:
                raise _unknown(identity)

    def history(self, identity: str | None) -> list[Item]:
        """Return all items up to a response and with it, oldest first.

        Raises an `ApiError` 400 when the response, or one that it follows, is not stored.
        """
        turns: list[Sequence[Item]] = []
        while identity is not None:
            with self._lock:
                stored = self._stored.get(identity)
            if stored is None:
                raise bad_request(
                    f"Previous response with id '{identity[:100]}' not found.",
                    param="previous_response_id",
                    code="previous_response_not_found",
                )
            turns.append([*stored.given, *stored.response.output()])
            if len(turns) > MAX_TURNS:
                raise bad_request(
                    f"More than {MAX_TURNS} responses hang together by 'previous_response_id'.",
                    param="previous_response_id",
                )
            identity = stored.previous
        return [item for turn in reversed(turns) for item in turn]

    def item(self, identity: str) -> Item:
        """Return an item of a stored response; an `ApiError` 404 when there is none."""
        with self._lock:
            everything = list(self._stored.values())
        for stored in reversed(everything):
            for item in (*stored.given, *stored.response.output()):
                if item.get("id") == identity:
                    return item
        raise ApiError(404, f"Item with id '{identity[:100]}' not found.", param="input")


def _unknown(identity: str) -> ApiError:
    return ApiError(404, f"Response with id '{identity[:100]}' not found.")
