"""A web application on this machine's loopback, for notebooks, programs and tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import uvicorn
from fastapi import FastAPI


class _Server(uvicorn.Server):
    """Says when it is ready, or has ended."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        with suppress(SystemExit):  # how uvicorn says that the application did not start
            super().run(sockets)
        self.settled.set()


@contextmanager
def serving(app: FastAPI, *, port: int = 0) -> Iterator[str]:
    """Serve `app` with uvicorn in a thread while the ``with`` block runs; gives its base URL.

    Args:
        app: The application.
        port: The port on 127.0.0.1; 0 takes a free one.

    Raises:
        RuntimeError: The application did not start; the log holds its traceback.
        OSError: The port is taken.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        server = _Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            server.settled.wait()
            if not server.started:
                raise RuntimeError("the application did not start; its log says why")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Browser(httpx.Client):
    """Serve an application and call it over HTTP, as one person unless a call says otherwise."""

    def __init__(self, app: FastAPI, person: str = "Priya") -> None:
        self._serving = ExitStack()
        self.url = self._serving.enter_context(serving(app))
        # Loopback needs no proxy and no certificate, whatever the shell names.
        super().__init__(
            base_url=self.url,
            headers={"X-User": person},
            timeout=30,
            trust_env=False,
            verify=False,
        )

    def close(self) -> None:
        """Close the connections, and stop the server."""
        super().close()
        self._serving.close()
