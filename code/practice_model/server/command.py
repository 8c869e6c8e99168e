"""The practice model on its own: `python -m practice_model --port 8123`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from pydantic import ValidationError

from practice_model.server.errors import PortTaken
from practice_model.server.faults import Order
from practice_model.server.server import PracticeServer

DEFAULT_PORT = 8123

_EPILOG = """examples:
  --port 8123 --inject '{"faults": [{"kind": "rate_limit", "retry_after": 2}], "times": 3}'
  --port 8123 --inject '{"faults": [{"kind": "server_error"}], "rate": 0.3, "seed": 7}'
"""


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (0 to 65535; 0 takes a free one)")
    return port


def _order(text: str) -> Order:
    try:
        return Order.model_validate(json.loads(text))
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        where = ".".join(str(step) for step in error["loc"]) or "order"
        raise argparse.ArgumentTypeError(f"{where}: {error['msg']}") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not valid JSON: {error}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py model",
        description="Serves the practice model at http://127.0.0.1:PORT/v1.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--api-key", default="practice", help="the key to accept: %(default)s")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name besides 127.0.0.1 and localhost, such as a proxy's; may be repeated",
    )
    parser.add_argument(
        "--inject",
        type=_order,
        action="append",
        default=[],
        metavar="JSON",
        help="faults to start with, as for POST /_practice/faults; may be repeated",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Return 0, or 1 when the port is taken.

    Must be called in the main thread, where signals arrive.
    """
    options = _parser().parse_args(argv)
    server = PracticeServer(options.port, options.api_key, allowed_hosts=options.allow_host)
    for order in options.inject:
        server.add(order)
    try:
        server.start()
    except PortTaken:
        print(
            f"Port {options.port} is taken by another program; choose another with --port, "
            "or --port 0 for a free one.",
            file=sys.stderr,
        )
        return 1
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {one: signal.signal(one, end) for one in signals}
    try:
        print(f"Practice model at {server.base_url} with key {server.api_key!r}.", flush=True)
        print("Ctrl-C ends it.", flush=True)
        # In slices, because on Windows Ctrl-C does not interrupt a wait without end.
        while not ended.wait(0.5) and server.running:
            pass
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        server.stop()
    return 0
