"""One request and its answer, with everything that can be done to them on the way."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
import struct
import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from practice_model.server.errors import ApiError, ClientLeft, bad_request
from practice_model.server.records import TAIL, Outcome, RequestLog

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_NO_JSON = object()
MAX_DEPTH = 100
"""How deep JSON may be nested."""


class Exchange:
    """A request: its body, its connection, its record."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        log: RequestLog,
        stopping: asyncio.Event,
        started: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.body = b""
        self.fingerprint = ""
        self.salt = ""
        self.status: int | None = None
        self.outcome: Outcome | None = None
        self._log = log
        self._stopping = stopping
        self._clock = clock
        self._begun = clock()
        self._closed = False
        retry = self.header("x-stainless-retry-count")
        self.number = log.begin(
            at=self._begun - started,
            method=scope["method"],
            path=scope["path"],
            client_retry=int(retry) if retry.isascii() and retry.isdigit() else None,
        )

    @property
    def request_id(self) -> str:
        """The name of this request, which clients show with errors."""
        return f"req_{self.number:06d}"

    def header(self, name: str) -> str:
        """Return a request header, or an empty string."""
        wanted = name.encode("latin-1")
        for key, value in self.scope["headers"]:
            if key == wanted:
                return bytes(value).decode("latin-1")
        return ""

    async def read_body(self, limit: int) -> None:
        """Read the request's body; an `ApiError` 413 when it has more than `limit` bytes."""
        length = self.header("content-length")
        if length.isascii() and length.isdigit() and int(length) > limit:
            raise _too_large(limit)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            if not message.get("more_body", False):
                break
        self.body = b"".join(parts)
        if self.body:
            path = self.scope["path"].encode("utf-8", "replace")
            self.fingerprint = hashlib.sha256(path + b"\n" + self.body).hexdigest()
            attempt, seen = self._log.attempt(self.fingerprint)
            self.salt = f"{self.fingerprint}/{seen}"
            self.note(attempt=attempt)

    def json(self) -> Any:
        """Return the body as JSON; an `ApiError` 400 when it is none."""
        value = self._value
        try:
            if value is _NO_JSON:
                raise ValueError
            if _SURROGATE_ESCAPE.search(self.body):
                json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError):
            raise bad_request(
                "We could not parse the JSON body of your request. The API expects a JSON "
                "payload, but what was sent was not valid JSON."
            ) from None
        if _deeper_than(value, MAX_DEPTH):
            raise bad_request(f"The JSON body is nested deeper than {MAX_DEPTH} levels.")
        return value

    @cached_property
    def _value(self) -> Any:
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return _NO_JSON

    def about(self) -> dict[str, str]:
        """Return the path and the model that are asked, by which injections choose requests."""
        model = self._value.get("model") if isinstance(self._value, dict) else None
        return {"path": self.scope["path"], "model": model if isinstance(model, str) else ""}

    def note_question(self) -> None:
        """Write into the record what is asked."""
        body = self._value
        if isinstance(body, dict):
            self.note(
                model=self.about()["model"],
                stream=body.get("stream") is True,
                prompt=_last_text(body),
            )

    def note(self, **fields: Any) -> None:
        """Write into the record."""
        for key in ("prompt", "answer"):
            if key in fields:
                text = fields[key]
                fields[key] = text[-TAIL:] if key == "prompt" else text[:TAIL]
        self._log.update(self.number, **fields)

    def close(self) -> None:
        """Complete the record; once, just before the client can know that the answer is over."""
        if self._closed:
            return
        self._closed = True
        outcome = self.outcome
        if outcome is None:
            if self.status is None:
                outcome = "client left"
            else:
                outcome = "answered" if self.status < 400 else "refused"
        if outcome == "answered":
            self._log.answered(self.fingerprint)
        self._log.update(
            self.number,
            status=self.status,
            outcome=outcome,
            duration=self._clock() - self._begun,
        )

    async def wait(self, seconds: float) -> bool:
        """Wait; return False when the client left or the server stops before the time is over."""
        watched = {
            asyncio.ensure_future(self._disconnected()),
            asyncio.ensure_future(self._stopping.wait()),
        }
        try:
            over, _ = await asyncio.wait(
                watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for task in watched:
                task.cancel()
        return not over

    async def _disconnected(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def disconnect(self, *, reset: bool) -> None:
        """End the connection for real: with a TCP reset, or closed after what was written."""
        self.close()
        transport: asyncio.Transport | None = self.scope["state"].get("transport")
        if transport is None:
            return
        if reset:
            connection: socket.socket | None = transport.get_extra_info("socket")
            if connection is not None:
                linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        else:
            transport.close()
        await self._disconnected()


def _last_text(body: dict[str, Any]) -> str:
    last = body.get("messages") or body.get("input")
    if isinstance(last, list) and last:
        last = last[-1]
    content = last.get("content", last.get("output")) if isinstance(last, dict) else last
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _too_large(limit: int) -> ApiError:
    return ApiError(
        413,
        f"The request body is larger than {limit} bytes.",
        code="request_too_large",
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit + 1):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


class WatchedSend:
    """Passes an answer on and notes its status and its end in the exchange."""

    def __init__(self, send: Send, exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange

    async def __call__(self, message: Message) -> None:
        """Pass one ASGI message on."""
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            name = (b"x-request-id", self._exchange.request_id.encode())
            message = {**message, "headers": [*message["headers"], name]}
        elif not message.get("more_body", False):
            self._exchange.close()
        await self._send(message)
