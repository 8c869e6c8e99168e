"""A web application on this machine's loopback, for notebooks, programs and tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


@contextmanager
def serving(app: FastAPI, *, port: int = 0) -> Iterator[str]:
    """Serve `app` with uvicorn in a thread while the ``with`` block runs; gives its base URL.

    Args:
        app: The application.
        port: The port on 127.0.0.1; 0 takes a free one.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # from here on a client's first request waits instead of failing
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
