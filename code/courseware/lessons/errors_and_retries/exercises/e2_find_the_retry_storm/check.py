"""Check: Find the retry storm."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from courseware.exercises import Unattempted, chance, expect, expecting
from practice_model import Fault, PracticeServer

_ALLOWED = 4
_ENOUGH = 40
"""Requests after which the server answers again: what goes on for ever ends, and is seen."""
_DOWN = Fault.unavailable(retry_after=0.01)
_BUSY = Fault.rate_limit(retry_after=0.01)
_GOOD = "gpt-4.1-mini"


@dataclass
class _Outcome:
    """The result of one question."""

    result: Any
    failure: Exception | None
    sent: list[str]
    """The customer's words in each request that reached the server."""

    @property
    def count(self) -> int:
        """The number of requests."""
        return len(self.sent)

    @property
    def answer(self) -> Any:
        """The text under `answer`, if there is one."""
        return self.result.get("answer") if isinstance(self.result, dict) else None


class _Night:
    """A server with faults, and the learner's desk in front of it."""

    def __init__(self, build: Callable[..., Any], server: PracticeServer, draw: Random) -> None:
        self._build = build
        self.server = server
        self._draw = draw
        self.question = ""

    def ask(self, **options: str) -> _Outcome:
        """Build a desk with these options besides the usual ones; ask it a new question."""
        usual = {"base_url": self.server.base_url, "api_key": self.server.api_key}
        desk = self._build({"model": _GOOD, "timeout": 10, **usual, **options})
        expect(
            hasattr(desk, "invoke"),
            "returns-no-graph",
            f"build_desk returned {desk!r}. Return the compiled graph.",
        )
        thing = self._draw.choice(["pen", "notebook", "ink bottle", "calendar"])
        self.question = f"What is order {self._draw.randint(1000, 9999)}, a {thing}?"
        before = self.server.requests[-1].number if self.server.requests else 0
        result: Any = None
        failure: Exception | None = None
        try:
            result = desk.invoke({"question": self.question})
        except NotImplementedError:
            raise
        except Exception as error:
            failure = error
        records = [record for record in self.server.requests if record.number > before]
        outcome = _Outcome(result, failure, [record.prompt for record in records])
        expect(
            outcome.count < _ENOUGH,
            "retries-forever",
            f"The model could not answer, and your desk sent {_ENOUGH} requests for one question"
            " and would have gone on. Stop after a few attempts.",
        )
        return outcome


def _when_well(night: _Night) -> None:
    for _ in range(2):
        seen = night.ask()
        if seen.failure is not None:
            with expecting("All was well at the server: an answer after one request."):
                raise seen.failure
        expect(
            seen.answer and seen.count == 1,
            "answers-nothing",
            f"All was well at the server, and the graph returned {seen.result!r} after"
            f" {seen.count} requests. It should put the model's text under `answer`, with one"
            " request.",
        )
        expect(
            night.question in seen.sent[0],
            "asks-something-else",
            f"The customer asked {night.question!r}, and the server never saw those words."
            " Send the model the ticket's question.",
        )


def _when_down(night: _Night) -> None:
    with night.server.inject(_DOWN, times=_ENOUGH):
        seen = night.ask()
    if seen.count == 27:
        raise Unattempted(
            "One question still costs 27 requests while the model is down: 3 × 3 × 3."
        )
    expect(
        seen.count > 1,
        "retries-nowhere",
        "Now one question is one request, and every hiccup reaches the customer. Keep one layer"
        " of retries: the one that knows most about the error.",
    )
    expect(
        seen.count <= _ALLOWED,
        "still-multiplies",
        f"One question still costs {seen.count} requests while the model is down. Find every"
        " layer that tries again: the client (`max_retries`, 2 by default, hidden), the chain"
        " (`with_retry`) and the node (`retry_policy`). Keep one.",
    )
    expect(
        seen.failure is not None or not seen.answer,
        "hides-the-outage",
        f"The model was down, and the graph ended as if it had an answer: {seen.result!r}. Here"
        " the error must come out: the caller decides what the customer hears.",
    )


def _hiccups(night: _Night) -> None:
    for told, *faults in (
        ("A 503 came twice", _DOWN, _DOWN),
        ("A 429 and a lost connection came", _BUSY, Fault.drop()),
        ("A 429 came", _BUSY),
    ):
        with night.server.inject(*faults):
            seen = night.ask()
        expect(
            seen.failure is None and seen.answer,
            "gives-up-too-early",
            f"{told}, and the next request would have been answered, but the customer got"
            f" {type(seen.failure).__name__ if seen.failure else repr(seen.result)} after"
            f" {seen.count}. Three attempts survive that, for every error that passes.",
        )


@contextmanager
def _refusing(status: int) -> Iterator[tuple[str, list[int]]]:
    """Serve that status to everybody; give the address, and a list that grows by each request."""
    asked: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(status)
            body = json.dumps({"error": {"message": "No.", "type": "refused"}}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/v1", asked
        finally:
            http.shutdown()
            thread.join()


def _refusals(night: _Night, draw: Random) -> None:
    codes = [400, 403, 404, 422]
    draw.shuffle(codes)
    for status in (401, *codes):
        with _refusing(status) as (address, asked):
            night.ask(base_url=address)
        told = f"The request was refused ({status}), and the server was asked {len(asked)} times."
        expect(
            len(asked) == 1 or status != 401,
            "retries-authentication",
            f"{told} The layer you kept repeats what cannot succeed: by default `RetryPolicy` and"
            " `with_retry` do. Tell it which errors are worth it, or keep the client's retries,"
            " which know.",
        )
        expect(
            len(asked) == 1,
            "retries-what-stays",
            f"{told} A 400, 403 or 404 is an answer, as the 401 is: decide by what may pass (429,"
            " 5xx, time-outs, lost connections), not by a list of what does not.",
        )


def check(build_desk: Callable[..., Any]) -> None:
    """Count what one question costs a service that is well, down, or refuses the request."""
    with PracticeServer() as server:
        draw = chance()
        night = _Night(build_desk, server, draw)
        _when_well(night)
        _when_down(night)
        _hiccups(night)
        _refusals(night, draw)
