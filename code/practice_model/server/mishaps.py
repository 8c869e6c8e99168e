"""Faults that happen while an answer is on its way: pauses, breaks, and JSON cut short."""

from __future__ import annotations

from starlette.types import Message, Send

from practice_model.server.exchange import Exchange
from practice_model.server.faults import Fault


class FaultySend:
    """Sends an answer as a fault wants it.

    The body is cut into chunks: the events of a stream, or the two halves of a whole answer.
    """

    def __init__(self, send: Send, exchange: Exchange, fault: Fault) -> None:
        self._send = send
        self._exchange = exchange
        self._fault = fault
        self._start: Message | None = None
        self._stream = False
        self._chunks = 0
        self._bytes = 0
        self._over = False

    async def __call__(self, message: Message) -> None:
        """Pass one ASGI message on, or what the fault makes of it."""
        if self._over:
            return
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message["headers"]}
            self._stream = b"content-length" not in names
            self._start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._stream or not body:
            await self._chunk(body, more)
            return
        half = max(1, len(body) // 2)
        if self._fault.kind == "truncated":
            await self._begin(length=half)
            await self._finish(body[:half])
            return
        await self._chunk(body[:half], True)
        await self._chunk(body[half:], more)

    async def _begin(self, length: int | None = None) -> None:
        if self._start is None:
            return
        start, self._start = self._start, None
        if length is not None:
            kept = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
            start = {**start, "headers": [*kept, (b"content-length", str(length).encode())]}
        await self._send(start)

    async def _finish(self, body: bytes) -> None:
        self._exchange.outcome = "cut"
        self._over = True
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _chunk(self, body: bytes, more: bool) -> None:
        if self._over:
            return
        await self._begin()
        fault = self._fault
        if body:
            if fault.kind == "drop_mid" and await self._drop(body):
                return
            if self._chunks == fault.after_chunks:
                if fault.kind == "truncated":
                    await self._finish(body[: max(1, len(body) // 2)] + b"\n\n")
                    return
                if fault.kind == "stall":
                    await self._pause(fault.seconds)
            if fault.kind == "slow" and fault.per_chunk and self._chunks:
                await self._pause(fault.per_chunk)
            if self._over:
                return
            self._chunks += 1
            self._bytes += len(body)
        elif not more and fault.kind == "stall" and self._chunks <= fault.after_chunks:
            await self._pause(fault.seconds)
            if self._over:
                return
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    async def _drop(self, body: bytes) -> bool:
        """Tell whether the connection was dropped before all of this chunk was sent."""
        limit = self._fault.after_bytes
        if limit is None:
            if self._chunks < self._fault.after_chunks:
                return False
            rest = b""
        else:
            if self._bytes + len(body) <= limit:
                return False
            rest = body[: limit - self._bytes]
        if rest:
            await self._send({"type": "http.response.body", "body": rest, "more_body": True})
        self._over = True
        self._exchange.outcome = "cut"
        await self._exchange.disconnect(reset=False)
        return True

    async def _pause(self, seconds: float) -> None:
        if not await self._exchange.wait(seconds):
            self._over = True
            self._exchange.outcome = "client left"
            await self._exchange.disconnect(reset=False)
