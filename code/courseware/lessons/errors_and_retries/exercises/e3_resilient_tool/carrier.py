"""A carrier's API that fails as it is told, and the texts a tool may return about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import httpx


class Enough(BaseException):
    """Ends a tool that would go on for ever; an `except Exception` must not stop it."""


@dataclass
class World:
    """The names and errors of one check, drawn at random."""

    draw: Random
    parcel: str = field(init=False)
    city: str = field(init=False)
    host: str = field(init=False)
    secret: str = field(init=False)

    def __post_init__(self) -> None:
        self.parcel = f"MF-{self.draw.randint(100, 9999)}"
        self.city = self.draw.choice(["Oslo", "Bergen", "Lisbon", "Turin", "Graz"])
        number = self.draw.randint(100, 999)
        self.host = f"api{number}.nordpost.example"
        self.secret = f"carrier-key-{self.draw.randint(1000, 9999)}"

    @property
    def answer(self) -> str:
        """The carrier's answer when all is well."""
        return f"parcel {self.parcel} is in {self.city}"

    def refused(self, status: int, retry_after: int | None = None) -> httpx.HTTPStatusError:
        """Return the error of an answer with that status; its text holds address and key."""
        request = httpx.Request("GET", f"https://{self.host}/parcels?key={self.secret}")
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        response = httpx.Response(status, headers=headers, request=request)
        told = f"{status} for {request.url}"
        return httpx.HTTPStatusError(told, request=request, response=response)

    def down(self) -> httpx.TransportError:
        """Return one of the errors of a service that doesn't answer."""
        kinds = (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)
        return self.draw.choice(kinds)(f"connection to {self.host}:443 failed")

    def unforeseen(self) -> RuntimeError:
        """Return an error that no list of errors has."""
        return RuntimeError(f"unexpected page at https://{self.host}/?key={self.secret}")

    def carrier(
        self, errors: Iterable[BaseException] = (), last: BaseException | None = None
    ) -> Carrier:
        """Return an API that raises these errors in turn, then `last` for ever or the answer."""
        return Carrier(self.answer, list(errors), last)


class Carrier:
    """The carrier's API: raises what it is given, call by call, and then answers."""

    def __init__(self, answer: str, errors: list[BaseException], last: BaseException | None):
        self._answer = answer
        self._errors = errors
        self._last = last
        self.raised: list[BaseException] = []
        self.asked_for: list[str] = []
        self.slept: list[float] = []
        self.slept_before_call: list[float] = []

    @property
    def calls(self) -> int:
        """The number of requests."""
        return len(self.asked_for)

    def fetch(self, parcel: str) -> str:
        """Answer one request, or fail."""
        self.asked_for.append(parcel)
        self.slept_before_call.append(sum(self.slept))
        if self.calls > 25:
            raise Enough
        error = self._errors.pop(0) if self._errors else self._last
        if error is not None:
            self.raised.append(error)
            raise error
        return self._answer

    def sleep(self, seconds: float) -> None:
        """Note a wait."""
        self.slept.append(seconds)

    @property
    def waits(self) -> list[float]:
        """Seconds before the second call, before the third, and so on."""
        return [after - before for before, after in pairwise(self.slept_before_call)]


_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Letters of scripts that put no space between words: Thai, Burmese, Khmer, Japanese, Chinese."""

_CLAIM = re.compile(
    r"\b(arriv(es?|ed|ing)|delivered|on (its|the) way|in transit|was sent|shipped|tomorrow)\b", re.I
)
_DOUBT = re.compile(
    r"n[o']t\b|n’t\b|\b(no|nor|cannot|unable|unknown|unclear|fail\w*|whether|if|sorry|unfortunately"
    r"|unavailable|without|later|again|try|problem|trouble)\b",
    re.I,
)


def is_a_sentence(text: object) -> bool:
    """Return True for at least three words."""
    if not isinstance(text, str):
        return False
    words = len(re.findall(r"[^\W\d_]{2,}", text))
    return words >= 3 or len(re.findall(f"[{_UNSPACED}]", text)) >= 5


def claims_to_know(text: str) -> bool:
    """Return True for a text that says where the parcel is, without a word of doubt."""
    return bool(_CLAIM.search(text) and not _DOUBT.search(text))
