"""The ASGI application: routes, keys, limits, faults, records."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from practice_model.server import chat, embeddings
from practice_model.server.errors import ApiError, bad_request
from practice_model.server.exchange import ClientLeft, Exchange, WatchedSend
from practice_model.server.faults import FaultPlan, Order
from practice_model.server.mishaps import FaultySend
from practice_model.server.models import MODELS, find_model
from practice_model.server.records import RequestLog

logger = logging.getLogger("practice_model")

API = "/v1"
CONTROL = "/_practice"


class PracticeApp:
    """The practice model as an ASGI application.

    `api_key` is the only key it accepts, `max_body_bytes` the largest request. Waiting
    answers end when `stopping` is set. `clock` tells monotonic seconds, `now` seconds since 1970.
    """

    def __init__(
        self,
        *,
        api_key: str,
        max_body_bytes: int,
        plan: FaultPlan,
        log: RequestLog,
        stopping: asyncio.Event,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._stopping = stopping
        self._api_key = api_key
        self._max_body_bytes = max_body_bytes
        self._plan = plan
        self._log = log
        self._clock = clock
        self._started = clock()
        self._app = self._routes(now)

    def _routes(self, now: Callable[[], float]) -> Starlette:
        async def health(request: Request) -> Response:
            return _json({"status": "ok"})

        async def models(request: Request) -> Response:
            return _json({"object": "list", "data": [card.as_json() for card in MODELS.values()]})

        async def model(request: Request) -> Response:
            return _json(find_model(request.path_params["model"]).as_json())

        async def completions(request: Request) -> Response:
            exchange: Exchange = request.scope["exchange"]
            body = exchange.json()
            _note_question(exchange, body)
            answer = await asyncio.to_thread(
                chat.answer, body, salt=exchange.salt, created=int(now())
            )
            exchange.note(
                answer=answer.head,
                prompt_tokens=answer.prompt_tokens,
                completion_tokens=answer.completion_tokens,
                brain_error=answer.brain_error,
            )
            if answer.stream:
                return StreamingResponse(_events(answer), media_type="text/event-stream")
            return _json(answer.as_json())

        async def vectors(request: Request) -> Response:
            exchange: Exchange = request.scope["exchange"]
            body = exchange.json()
            _note_question(exchange, body)
            answer, read = await asyncio.to_thread(embeddings.embed, body)
            exchange.note(answer=f"{len(answer['data'])} vectors", prompt_tokens=read)
            return _json(answer)

        async def responses(request: Request) -> Response:
            raise ApiError(
                404,
                "The practice model speaks the Chat Completions API, not the Responses API. "
                "With ChatOpenAI, pass use_responses_api=False.",
                code="unknown_url",
            )

        async def faults(request: Request) -> Response:
            if request.method == "POST":
                injection = self._plan.add(_order(request.scope["exchange"].json()))
                return _json({"id": injection.number}, status=201)
            if request.method == "DELETE":
                self._plan.clear()
                return _json({"cleared": True})
            return _json({"active": [one.as_json() for one in self._plan.active()]})

        async def requests(request: Request) -> Response:
            if request.method == "DELETE":
                self._log.clear()
                return _json({"cleared": True})
            return _json({"requests": [record.as_json() for record in self._log.all()]})

        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(
            routes=[
                Route("/health", health, methods=["GET"]),
                Route(f"{API}/models", models, methods=["GET"]),
                Route(f"{API}/models/{{model}}", model, methods=["GET"]),
                Route(f"{API}/chat/completions", completions, methods=["POST"]),
                Route(f"{API}/embeddings", vectors, methods=["POST"]),
                Route(f"{API}/responses", responses, methods=every),
                Route(f"{API}/responses/{{rest:path}}", responses, methods=every),
                Route(f"{CONTROL}/faults", faults, methods=["GET", "POST", "DELETE"]),
                Route(f"{CONTROL}/requests", requests, methods=["GET", "DELETE"]),
            ],
            exception_handlers={ApiError: _refuse, HTTPException: _unroutable, Exception: _failed},
        )
        app.router.redirect_slashes = False
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        path: str = scope["path"]
        if path != API and not path.startswith((f"{API}/", f"{CONTROL}/")):
            await self._app(scope, receive, send)
            return
        log = self._log if path.startswith(API) else RequestLog(keep=1)
        exchange = Exchange(scope, receive, log, self._stopping, self._started, self._clock)
        scope["exchange"] = exchange
        watched = WatchedSend(send, exchange)
        try:
            await self._answer(exchange, watched)
        except ClientLeft:
            exchange.outcome = "client left"
        except ApiError as error:
            await self._send_error(exchange, watched, error)
        except Exception:
            # A bug in this server. The client gets an error body in the API's shape.
            logger.exception("The practice model failed on a request")
            if exchange.status is None:
                await (await _failed(Request(scope), RuntimeError()))(scope, receive, watched)
        finally:
            exchange.close()

    async def _answer(self, exchange: Exchange, send: Send) -> None:
        self._check_key(exchange)
        await exchange.read_body(self._max_body_bytes)
        fault = None
        if exchange.scope["path"].startswith(API):
            fault = self._plan.next_fault(_about(exchange))
        if fault is None:
            await self._app(exchange.scope, exchange.receive, send)
            return
        exchange.note(fault=str(fault))
        _note_question(exchange, _loose(exchange.body))
        if fault.refusal is not None:
            raise fault.refusal
        if fault.kind == "drop":
            exchange.outcome = "dropped"
            await exchange.disconnect(reset=True)
            return
        if fault.kind == "slow" and not await exchange.wait(fault.seconds):
            exchange.outcome = "client left"
            await exchange.disconnect(reset=False)
            return
        await self._app(exchange.scope, exchange.receive, FaultySend(send, exchange, fault))

    def _check_key(self, exchange: Exchange) -> None:
        scheme, _, key = exchange.header("authorization").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise ApiError(
                401,
                "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            )
        if not hmac.compare_digest(key.encode(), self._api_key.encode()):
            raise ApiError(
                401,
                f"Incorrect API key provided: {_masked(key)}. The practice model accepts only the "
                "key it was started with.",
                code="invalid_api_key",
            )

    async def _send_error(self, exchange: Exchange, send: Send, error: ApiError) -> None:
        exchange.note(answer=error.message)
        await _error_response(error)(exchange.scope, exchange.receive, send)


def _masked(key: str) -> str:
    return key if len(key) <= 8 else f"{key[:3]}{'*' * min(len(key) - 7, 20)}{key[-4:]}"


def _json(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(
        body.encode("utf-8", "replace"),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )


def _error_response(error: ApiError) -> Response:
    return _json(error.body(), status=error.status, headers=error.headers)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    exchange: Exchange | None = request.scope.get("exchange")
    if exchange is not None:
        exchange.note(answer=error.message)
    return _error_response(error)


async def _failed(request: Request, error: Exception) -> Response:
    return _json(
        ApiError(500, "The practice model failed on this request.", kind="server_error").body(),
        status=500,
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


async def _events(answer: chat.Completion) -> AsyncIterator[bytes]:
    for event in answer.events():
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        yield b"data: " + text.encode("utf-8", "replace") + b"\n\n"
        await asyncio.sleep(0)
    yield b"data: [DONE]\n\n"


def _loose(body: bytes) -> Any:
    """The body as JSON if it is any, for matching and recording; None otherwise."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _about(exchange: Exchange) -> dict[str, str]:
    body = _loose(exchange.body) if exchange.body else None
    model = body.get("model") if isinstance(body, dict) else None
    path: str = exchange.scope["path"]
    return {"path": path, "model": model if isinstance(model, str) else ""}


def _note_question(exchange: Exchange, body: Any) -> None:
    if not isinstance(body, dict):
        return
    model = body.get("model")
    exchange.note(
        model=model if isinstance(model, str) else "",
        stream=body.get("stream") is True,
        prompt=_last_text(body),
    )


def _last_text(body: dict[str, Any]) -> str:
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else body.get("input")
    content = last.get("content") if isinstance(last, dict) else last
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _order(body: Any) -> Order:
    try:
        return Order.model_validate(body)
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        where = ".".join(str(step) for step in error["loc"])
        raise bad_request(f"Invalid fault order: {where}: {error['msg']}", param=where) from None
