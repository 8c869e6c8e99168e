"""Watch whether Python processes send anything to another computer.

Every Python that is started in a watched environment, kernels and workers included, notes whom it
looks up and connects to (an audit hook, PEP 578); what stays on this computer is not noted.
Tracing is asked for in that environment, and a proxy named, so that whoever obeys is seen.
"""

from __future__ import annotations

import os
from pathlib import Path

WATCH = "AGENT_PATTERNS_WATCH"
"""Environment variable that names the file of notes in a watched environment."""
_HOOK = """
import os, sys

_inside = []

def _note(event, args, known=("", "localhost", "localhost.localdomain", "::1", "0.0.0.0")):
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else ""
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host or "")
    if host in known or host.startswith("127.") or _inside:
        return
    _inside.append(host)
    with open(os.environ["AGENT_PATTERNS_WATCH"], "a", encoding="utf-8") as file:
        file.write(f"{event} {host}: {' '.join(sys.argv)[:100]}\\n")
    _inside.clear()

sys.addaudithook(_note)
"""
_AWAY = "nobody.invalid"  # a name that no server gives an address to (RFC 6761)


def watched_environment(folder: Path) -> dict[str, str]:
    """Return the environment of processes to be watched.

    Args:
        folder: An empty folder, for the watch and its notes.
    """
    (folder / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    unwatched = {key: value for key, value in os.environ.items() if key != "AGENT_PATTERNS_LIVE"}
    return {
        **unwatched,
        "PYTHONPATH": os.pathsep.join(path),
        WATCH: str(folder / "went-out.txt"),
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_TRACING_V2": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGCHAIN_TRACING": "true",
        "LANGSMITH_API_KEY": "lsv2_watched",
        "LANGSMITH_ENDPOINT": f"http://{_AWAY}",
        "OPENAI_API_KEY": "sk-watched",
        "OPENAI_BASE_URL": f"http://{_AWAY}/v1",
        "HTTP_PROXY": f"http://{_AWAY}:3128",
        "HTTPS_PROXY": f"http://{_AWAY}:3128",
        "ALL_PROXY": f"socks5://{_AWAY}:1080",
        "SSL_CERT_FILE": str(folder / "gone.pem"),
    }


def went_out(folder: Path) -> list[str]:
    """Return what the watched processes sent away or tried to: event, host, program."""
    notes = folder / "went-out.txt"
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
