"""The ASGI application: limits, keys, faults and records around the routes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from practice_model.server.errors import ApiError, ClientLeft
from practice_model.server.exchange import Exchange, WatchedSend
from practice_model.server.faults import FaultPlan
from practice_model.server.guards import check_key, check_names
from practice_model.server.mishaps import FaultySend
from practice_model.server.records import RequestLog
from practice_model.server.routes import API, CONTROL, Endpoints, failed, to_error
from practice_model.server.workers import Workers

logger = logging.getLogger("practice_model")

MAX_BODY_BYTES = 4 * 1024 * 1024
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Settings:
    """The limits and names of a server.

    `api_key` is the only key it accepts, `max_body_bytes` the largest request, `answer_seconds`
    the longest time for an answer. Besides the loopback's names, `Host` and `Origin` may have
    the `allowed_hosts`.
    """

    api_key: str = "practice"
    max_body_bytes: int = MAX_BODY_BYTES
    answer_seconds: float = ANSWER_SECONDS
    allowed_hosts: Collection[str] = ()


class PracticeApp:
    """The practice model as an ASGI application, to be made in the loop that serves it.

    Waiting answers end when `stopping` is set. `clock` tells monotonic seconds, `now` seconds
    since 1970.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        plan: FaultPlan,
        log: RequestLog,
        stopping: asyncio.Event,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._stopping = stopping
        self._plan = plan
        self._log = log
        self._clock = clock
        self._started = clock()
        self._app = Endpoints(plan, log, Workers(settings.answer_seconds), now).application()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        path: str = scope["path"]
        log = self._log if _within(path, API) else RequestLog(keep=1)
        exchange = Exchange(scope, receive, log, self._stopping, self._started, self._clock)
        scope["exchange"] = exchange
        watched = WatchedSend(send, exchange)
        try:
            check_names(
                exchange.header("host"), exchange.header("origin"), self._settings.allowed_hosts
            )
            if _within(path, API) or _within(path, CONTROL):
                await self._answer(exchange, watched)
            else:
                await self._app(scope, receive, send)
        except ClientLeft:
            exchange.outcome = "client left"
        except ApiError as error:
            exchange.note(answer=error.message)
            await to_error(error)(scope, receive, watched)
        except Exception:
            # A bug in this server. The client gets an error body in the API's shape.
            logger.exception("The practice model failed on a request")
            if exchange.status is None:
                await (await failed(Request(scope), RuntimeError()))(scope, receive, watched)
        finally:
            exchange.close()

    async def _answer(self, exchange: Exchange, send: Send) -> None:
        check_key(exchange.header("authorization"), self._settings.api_key)
        await exchange.read_body(self._settings.max_body_bytes)
        exchange.note_question()
        fault = None
        if _within(exchange.scope["path"], API):
            fault = self._plan.next_fault(exchange.about())
        if fault is None:
            await self._app(exchange.scope, exchange.receive, send)
            return
        exchange.note(fault=str(fault))
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


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")
