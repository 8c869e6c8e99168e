"""The practice model as a server in a thread of this process."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from practice_model.server.app import ANSWER_SECONDS, MAX_BODY_BYTES, PracticeApp, Settings
from practice_model.server.errors import NotStarted, PortTaken, bad_request
from practice_model.server.faults import Fault, FaultPlan, Injection, Order
from practice_model.server.records import RequestLog, RequestRecord

START_SECONDS = 30.0
STOP_SECONDS = 10.0

_quiet = logging.getLogger("practice_model.http")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class _Protocol(H11Protocol):
    """Uvicorn's HTTP protocol, with the connection within reach of the faults."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _quiet
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, in the shape of all other errors."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps(bad_request(msg).body()).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ]
            response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    """Uvicorn's server, woken up at once when it is to stop, and stopping at once."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self.wake = asyncio.Event()
        self._ready = ready

    async def main_loop(self) -> None:
        self._ready.set()
        while not self.wake.is_set():
            await self.on_tick(0)
            try:
                await asyncio.wait_for(self.wake.wait(), timeout=1.0)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)


class PracticeServer:
    """The practice model, serving the OpenAI API on 127.0.0.1.

    `port` 0 takes a free one. `api_key` is the only key it accepts. A request of more than
    `max_body_bytes`, or one whose answer takes longer than `answer_seconds`, is refused. Browsers
    and proxies may call the server by loopback names, and by those in `allowed_hosts`.

    Use it in a `with` block, or call `start()` and `stop()`. A server that was stopped can be
    started again.

        with PracticeServer() as server:
            llm = ChatOpenAI(model="gpt-4.1-mini", base_url=server.base_url, api_key=server.api_key)

    Raises `PortTaken` from `start()` when another program listens on the port, `NotStarted` when
    the server does not come up.
    """

    def __init__(
        self,
        port: int = 0,
        api_key: str = "practice",
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        answer_seconds: float = ANSWER_SECONDS,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        self._settings = Settings(api_key, max_body_bytes, answer_seconds, allowed_hosts)
        self._wanted_port = port
        self._port = 0
        self._plan = FaultPlan()
        self._log = RequestLog()
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def api_key(self) -> str:
        """The only key it accepts."""
        return self._settings.api_key

    @property
    def running(self) -> bool:
        """Tell whether the server answers."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def port(self) -> int:
        """The port it listens on; 0 before it was started."""
        return self._port

    @property
    def root_url(self) -> str:
        """The address of the server itself, without the API's path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """The client's base URL: `http://127.0.0.1:PORT/v1`."""
        return f"{self.root_url}/v1"

    def start(self) -> Self:
        """Start the server and return when it answers. Do nothing if it runs already."""
        with self._lock:
            if self.running:
                return self
            listener = _listen(self._wanted_port)
            self._port = listener.getsockname()[1]
            self._failure = None
            ready = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(listener, ready), name="practice-model", daemon=True
            )
            self._thread.start()
            if not ready.wait(START_SECONDS) or self._failure is not None:
                raise NotStarted("the practice model did not start") from self._failure
            return self

    def stop(self) -> None:
        """Stop the server at once, breaking off answers on their way."""
        with self._lock:
            thread, loop, server = self._thread, self._loop, self._server
            self._thread = None
            if thread is None or not thread.is_alive() or loop is None:
                return

            def wake() -> None:
                if self._stopping is not None:
                    self._stopping.set()
                if server is not None:
                    server.wake.set()

            try:
                loop.call_soon_threadsafe(wake)
            except RuntimeError:  # the loop ended in this very moment
                return
            thread.join(STOP_SECONDS)

    def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        # Not asyncio.run: its end starts a thread, which Python 3.12 refuses while it shuts down.
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._serve(listener, ready))
        except BaseException as error:
            self._failure = error
            raise
        finally:
            _close(loop)
            listener.close()
            ready.set()

    def application(self, stopping: asyncio.Event) -> ASGIApp:
        """Make the application to serve, in the server's loop. `stopping` is set at its end."""
        return PracticeApp(self._settings, plan=self._plan, log=self._log, stopping=stopping)

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        config = uvicorn.Config(
            self.application(self._stopping),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            server_header=False,
            timeout_keep_alive=60,
        )
        self._server = _Server(config, ready)
        await self._server.serve(sockets=[listener])

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far, oldest first. Unknown paths under /v1 are listed too."""
        return self._log.all()

    def inject(
        self,
        *faults: Fault | None,
        times: int | None = None,
        rate: float | None = None,
        seed: int = 0,
        where: dict[Literal["path", "model"], str] | None = None,
    ) -> Injection:
        """Let the next requests meet these faults, in this order; None lets one go well.

        `times` repeats the sequence. With `rate`, each request is hit with that probability
        (0 to 1, drawn from `seed`) until the injection ends, or until `times` were hit. `where`
        chooses requests: `{"path": "/v1/chat/completions"}`, `{"model": "gpt-4.1-mini"}`.

        In force from the call on. As a context manager, it ends with its block:

            with server.inject(Fault.rate_limit(retry_after=1), times=2):
                llm.invoke("Hello")
        """
        return self.add(Order(faults=faults, times=times, rate=rate, seed=seed, where=where or {}))

    def add(self, order: Order) -> Injection:
        """Put an order of faults in force, as `inject` does."""
        return self._plan.add(order)

    @property
    def injections(self) -> Sequence[Injection]:
        """The injections that still have faults to hand out."""
        return self._plan.active()

    def clear(self) -> None:
        """End all injections and forget all recorded requests."""
        self._plan.clear()
        self._log.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<PracticeServer {'running' if self.running else 'stopped'}>"


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """End a loop with what is left in it, without waiting for the threads of its executor."""
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio sets TCP_NODELAY; without, answers wait 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortTaken(
            error.errno, f"cannot listen on 127.0.0.1:{port}: {error.strerror or error}"
        ) from error
    listener.setblocking(False)
    return listener
