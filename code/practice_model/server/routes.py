"""What is served under which path."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from practice_model.server import chat, embeddings, responses
from practice_model.server.answering import Answer
from practice_model.server.errors import ApiError, bad_request
from practice_model.server.exchange import Exchange
from practice_model.server.faults import FaultPlan, Order
from practice_model.server.models import MODELS, find_model
from practice_model.server.records import RequestLog
from practice_model.server.store import ResponseStore
from practice_model.server.workers import Workers

API = "/v1"
CONTROL = "/_practice"


class Reply(Protocol):
    """An answer in the terms of one API."""

    @property
    def answer(self) -> Answer:
        """The answer itself, for the record."""

    @property
    def stream(self) -> bool:
        """Tell whether the client asked for a stream."""

    @property
    def ending(self) -> bytes:
        """The last bytes of a stream."""

    def as_json(self) -> dict[str, Any]:
        """Return the whole answer in one object."""

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of a stream."""


class Endpoints:
    """The functions that answer requests. `now` tells seconds since 1970."""

    def __init__(
        self, plan: FaultPlan, log: RequestLog, workers: Workers, now: Callable[[], float]
    ) -> None:
        self._plan = plan
        self._log = log
        self._workers = workers
        self._now = now
        self._store: ResponseStore[responses.Response] = ResponseStore()

    def application(self) -> Starlette:
        """Return the routes as an application."""
        app = Starlette(
            routes=[
                Route("/health", self._health, methods=["GET"]),
                Route(f"{API}/models", self._models, methods=["GET"]),
                Route(f"{API}/models/{{model}}", self._model, methods=["GET"]),
                Route(f"{API}/chat/completions", self._chat, methods=["POST"]),
                Route(f"{API}/embeddings", self._embeddings, methods=["POST"]),
                Route(f"{API}/responses", self._responses, methods=["POST"]),
                Route(f"{API}/responses/input_tokens", self._count, methods=["POST"]),
                Route(f"{API}/responses/{{id}}", self._stored, methods=["GET", "DELETE"]),
                Route(f"{API}/responses/{{id}}/input_items", self._items, methods=["GET"]),
                Route(f"{CONTROL}/faults", self._faults, methods=["GET", "POST", "DELETE"]),
                Route(f"{CONTROL}/requests", self._requests, methods=["GET", "DELETE"]),
            ],
            exception_handlers={ApiError: _refuse, HTTPException: _unroutable, Exception: failed},
        )
        app.router.redirect_slashes = False
        return app

    async def _health(self, request: Request) -> Response:
        return to_json({"status": "ok"})

    async def _models(self, request: Request) -> Response:
        return to_json({"object": "list", "data": [card.as_json() for card in MODELS.values()]})

    async def _model(self, request: Request) -> Response:
        return to_json(find_model(request.path_params["model"]).as_json())

    async def _chat(self, request: Request) -> Response:
        return await self._answer(request, chat.answer)

    async def _responses(self, request: Request) -> Response:
        return await self._answer(request, partial(responses.answer, store=self._store))

    async def _answer(self, request: Request, answer: Callable[..., Reply]) -> Response:
        exchange: Exchange = request.scope["exchange"]
        created = int(self._now())
        reply = await self._workers.run(
            lambda: answer(exchange.json(), salt=exchange.salt, created=created)
        )
        exchange.note(
            answer=reply.answer.head,
            prompt_tokens=reply.answer.prompt_tokens,
            completion_tokens=reply.answer.completion_tokens,
            mind_error=reply.answer.mind_error,
        )
        return _streamed(reply, reply.events()) if reply.stream else to_json(reply.as_json())

    async def _count(self, request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        return to_json(
            await self._workers.run(lambda: responses.count(exchange.json(), self._store))
        )

    async def _stored(self, request: Request) -> Response:
        identity = request.path_params["id"]
        if request.method == "DELETE":
            self._store.delete(identity)
            return to_json({"id": identity, "object": "response", "deleted": True})
        response = self._store.get(identity).response
        if request.query_params.get("stream") == "true":
            return _streamed(response, response.events())
        return to_json(response.as_json())

    async def _items(self, request: Request) -> Response:
        return to_json(responses.listed(self._store.get(request.path_params["id"])))

    async def _embeddings(self, request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        body, count, read = await self._workers.run(lambda: embeddings.embed(exchange.json()))
        exchange.note(answer=f"{count} vectors", prompt_tokens=read)
        return Response(body, media_type="application/json")

    async def _faults(self, request: Request) -> Response:
        if request.method == "POST":
            injection = self._plan.add(_order(request.scope["exchange"].json()))
            return to_json({"id": injection.number}, status=201)
        if request.method == "DELETE":
            self._plan.clear()
            return to_json({"cleared": True})
        return to_json({"active": [one.as_json() for one in self._plan.active()]})

    async def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._log.clear()
            return to_json({"cleared": True})
        return to_json({"requests": [record.as_json() for record in self._log.all()]})


def _order(body: Any) -> Order:
    try:
        return Order.model_validate(body)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        where = ".".join(str(step) for step in error["loc"])
        raise bad_request(f"Invalid fault order: {where}: {error['msg']}", param=where) from None


def _bytes(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def to_json(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response."""
    return Response(
        _bytes(content), status_code=status, headers=headers, media_type="application/json"
    )


def to_error(error: ApiError) -> Response:
    """Return an error as the response that tells it."""
    return to_json(error.body(), status=error.status, headers=error.headers)


def _streamed(reply: Reply, events: Iterator[dict[str, Any]]) -> Response:
    async def frames() -> AsyncIterator[bytes]:
        for event in events:
            name = f"event: {event['type']}\n".encode() if "type" in event else b""
            yield name + b"data: " + _bytes(event) + b"\n\n"
            await asyncio.sleep(0)
        if reply.ending:
            yield reply.ending

    return StreamingResponse(frames(), media_type="text/event-stream")


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    exchange: Exchange | None = request.scope.get("exchange")
    if exchange is not None:
        exchange.note(answer=error.message)
    return to_error(error)


async def failed(request: Request, error: Exception) -> Response:
    """Answer for a bug in this server, in the shape of all other errors."""
    return to_error(
        ApiError(500, "The practice model failed on this request.", kind="server_error")
    )


async def _unroutable(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    method, path = request.method, request.url.path
    if error.status_code == 405:
        message = (
            f"Not allowed to {method} on {path}. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"
        )
        return await _refuse(
            request,
            ApiError(405, message, code="method_not_supported", headers=dict(error.headers or {})),
        )
    message = f"Invalid URL ({method} {path})"
    return await _refuse(request, ApiError(404, message, code="unknown_url"))
