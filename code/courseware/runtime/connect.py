"""`connect()`: one line at the top of a notebook that says which model answers."""

from __future__ import annotations

import atexit
import os
import ssl
import threading
import urllib.request
from dataclasses import dataclass, field

from courseware.runtime.tracing import stop_tracing
from practice_model import PracticeServer

PRACTICE_KEY = "practice"
LIVE = "AGENT_PATTERNS_LIVE"
MODEL = "AGENT_PATTERNS_MODEL"
SMALL_MODEL = "AGENT_PATTERNS_SMALL_MODEL"
EMBEDDING_MODEL = "AGENT_PATTERNS_EMBEDDING_MODEL"

_DEFAULT_MODEL = "gpt-4.1-mini"
_DEFAULT_SMALL_MODEL = "gpt-4.1-nano"
_DEFAULT_EMBEDDING_MODEL = "text-embedding-3-small"

_OURS = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY", "OPENAI_PROXY")
_PROXIES = tuple(
    name for kind in ("all", "http", "https") for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY")
)
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_LOOPBACK = ("127.0.0.1", "localhost")


class ConnectError(RuntimeError):
    """The model that was asked for cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Session:
    """Which model answers in this notebook, and under which names.

    `model`, `small_model` and `embedding_model` are the names to pass to `ChatOpenAI` and
    `OpenAIEmbeddings`; the address and the key are in the environment.
    """

    live: bool
    model: str
    small_model: str
    embedding_model: str
    base_url: str | None = field(repr=False)
    """Where the answers come from; None: where the client library goes by default."""

    @property
    def practice(self) -> PracticeServer:
        """The practice model's server, for faults and records; started if it does not run."""
        return _practice()


_lock = threading.RLock()
_server: PracticeServer | None = None
_server_pid = 0
_found: dict[str, str | None] = {}


def connect(live: bool | None = None) -> Session:
    """Connect this process to a model and print one line that says which.

    By default that is the practice model, which runs in this process, offline, and ends with it.
    A live model answers only with `live=True`, or when AGENT_PATTERNS_LIVE is 1 in the environment
    (`course.py lab --live` sets it); a key in the environment alone is never used. Live, the
    endpoint and the key come from OPENAI_BASE_URL and OPENAI_API_KEY, and the model's name from
    AGENT_PATTERNS_MODEL.

    It may be called again at any time. Raises `ConnectError` when a live model lacks its key.
    """
    if live is None:
        live = os.environ.get(LIVE, "").strip().lower() in {"1", "true", "yes", "on"}
    with _lock:
        _remember_environment()
        stop_tracing()
        session = _connect_live() if live else _connect_practice()
    if session.live:
        print(f"Live model {session.model}: answers come over the network and may cost money.")
    else:
        print("Practice model: answers come from this computer, offline and free.")
    return session


def in_the_way() -> dict[str, str]:
    """Return the variables with which a client cannot even be made: name -> why.

    `connect` sets them aside while the practice model answers, and puts them back for a live one.
    """
    found = {
        name: "it names a SOCKS proxy, which the client needs another package for"
        for name in _PROXIES
        if os.environ.get(name, "").strip().lower().startswith("socks")
    }
    for name in _CERTIFICATES:
        place = os.environ.get(name, "")
        if place and not os.path.exists(place):
            found[name] = "it names a file that does not exist"
        elif name == "SSL_CERT_FILE" and place:
            try:
                ssl.create_default_context(cafile=place)
            except OSError:  # an SSLError is one
                found[name] = "it names a file that holds no certificates"
    return found


def _connect_practice() -> Session:
    for name in in_the_way():
        del os.environ[name]
    server = _practice()
    os.environ["OPENAI_BASE_URL"] = server.base_url
    os.environ["OPENAI_API_BASE"] = server.base_url
    os.environ["OPENAI_API_KEY"] = server.api_key
    os.environ.pop("OPENAI_PROXY", None)
    return Session(
        live=False,
        model=_DEFAULT_MODEL,
        small_model=_DEFAULT_SMALL_MODEL,
        embedding_model=_DEFAULT_EMBEDDING_MODEL,
        base_url=server.base_url,
    )


def _connect_live() -> Session:
    if not _found["OPENAI_API_KEY"]:
        raise ConnectError(
            "A live model needs a key: set OPENAI_API_KEY (and OPENAI_BASE_URL for an endpoint "
            "that is not OpenAI's) and start again, or call connect(live=False)."
        )
    for name, value in _found.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    base_url = _found["OPENAI_API_BASE"] or _found["OPENAI_BASE_URL"]
    if base_url:
        os.environ["OPENAI_BASE_URL"] = os.environ["OPENAI_API_BASE"] = base_url
    model = os.environ.get(MODEL) or _DEFAULT_MODEL
    small = model if os.environ.get(MODEL) else _DEFAULT_SMALL_MODEL
    return Session(
        live=True,
        model=model,
        small_model=os.environ.get(SMALL_MODEL) or small,
        embedding_model=os.environ.get(EMBEDDING_MODEL) or _DEFAULT_EMBEDDING_MODEL,
        base_url=base_url,
    )


def _remember_environment() -> None:
    """Keep what the learner's environment said before the first call changed it."""
    if not _found:
        ours = (*_OURS, *_PROXIES, *_CERTIFICATES)
        _found.update({name: os.environ.get(name) for name in ours})


def _practice() -> PracticeServer:
    global _server, _server_pid
    with _lock:
        if _server is None or _server_pid != os.getpid():
            _server, _server_pid = PracticeServer(api_key=PRACTICE_KEY), os.getpid()
            atexit.register(_server.stop)
        if not _server.running:
            _server.start()
        _bypass_proxies()
        return _server


def _bypass_proxies() -> None:
    """Keep calls to this computer away from proxies, and all other calls as they were.

    NO_PROXY in the environment makes Python overlook the proxies of the system's settings
    (Windows, macOS), so these are written down in the environment first.
    """
    for scheme, url in urllib.request.getproxies().items():
        if scheme != "no":
            name = f"{scheme}_proxy"
            if name not in os.environ and name.upper() not in os.environ:
                os.environ[name] = url
    entries: list[str] = []
    for name in ("no_proxy", "NO_PROXY"):
        entries += [entry.strip() for entry in os.environ.get(name, "").split(",")]
    entries = list(dict.fromkeys(entry for entry in [*entries, *_LOOPBACK] if entry))
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(entries)
