"""`course.py lab`: JupyterLab on the first notebook."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from courseware.lessons import LESSONS
from courseware.runtime.paths import ROOT, STATE

FIRST_PORT = 8888
WORKSPACE = "course"
FIRST_NOTEBOOK = LESSONS["00"].notebook


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":
            # What a server that has just ended leaves behind does not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _choose_port(asked: int | None) -> int:
    """Return a free port: the one asked for, or the first free one from 8888 on."""
    if asked is not None:
        if not 1 <= asked <= 65535:
            sys.exit(f"course.py lab: {asked} is no port. Choose one from 1024 to 65535.")
        if not _is_free(asked):
            sys.exit(
                f"course.py lab: port {asked} is taken or not allowed. Choose another one, or "
                "leave --port out and a free one is found."
            )
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if _is_free(port):
            return port
    sys.exit(
        f"course.py lab: ports {FIRST_PORT} to {FIRST_PORT + 99} are all taken. "
        "Name a free one with --port."
    )


def _settings_folder() -> Path:
    """JupyterLab's settings for the course: no question about news, no look for updates."""
    folder = STATE / "lab-settings"
    folder.mkdir(parents=True, exist_ok=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
    }
    (folder / "overrides.json").write_text(json.dumps(overrides, indent=2), encoding="utf-8")
    return folder


def _first_workspace() -> None:
    """Lays out JupyterLab for the first time: the notebook, and its contents in the sidebar.

    What the learner changes afterwards stays.
    """
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    folder = STATE / "workspaces"
    if any(folder.glob("*.jupyterlab-workspace")):
        return
    path = FIRST_NOTEBOOK.relative_to(ROOT).as_posix()
    notebook = f"notebook:{path}"
    layout = {
        "main": {
            "dock": {"type": "tab-area", "currentIndex": 0, "widgets": [notebook]},
            "current": notebook,
        },
        "left": {
            "collapsed": False,
            "visible": True,
            "current": "@jupyterlab/toc:plugin",
            "widgets": ["filebrowser", "running-sessions", "@jupyterlab/toc:plugin"],
        },
        "right": {"collapsed": True, "visible": True, "widgets": []},
        "relativeSizes": [0.2, 0.8, 0],
    }
    data = {
        "layout-restorer:data": layout,
        notebook: {"data": {"path": path, "factory": "Notebook"}},
        "file-browser-filebrowser:cwd": {
            "path": FIRST_NOTEBOOK.parent.relative_to(ROOT).as_posix()
        },
    }
    WorkspacesManager(str(folder)).save(
        WORKSPACE, json.dumps({"data": data, "metadata": {"id": WORKSPACE}})
    )


def _trust_lessons() -> None:
    """Lets JupyterLab show the stored pictures of notebooks that are as they were built.

    It hides them in a notebook that it has neither run nor been told to trust.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    from courseware.notebooks.checking import faults_of
    from courseware.notebooks.source import modules, notebook_of

    notary = NotebookNotary()
    for module in modules():
        file = notebook_of(module)
        if file.is_file() and not faults_of(file, module):
            notary.sign(nbformat.read(file, as_version=4))


def _announce(url: str, stop: threading.Event) -> None:
    """Print the URL once the server answers."""
    probe = url.split("/lab/", 1)[0] + "/api"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not stop.wait(0.2):
        try:
            opener.open(probe, timeout=2).close()
        except (urllib.error.URLError, OSError):
            continue
        print(f"JupyterLab: {url}", flush=True)
        print("Ctrl-C ends it.", flush=True)
        return


def _without_proxies() -> None:
    """Keep loopback out of the way of a proxy, for the server and its kernels."""
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        missing = [host for host in ("127.0.0.1", "localhost") if host not in hosts]
        os.environ[name] = ",".join(hosts + missing)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="course.py lab", description="Open JupyterLab on the first notebook."
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL")
    parser.add_argument("--port", type=int, help=f"default: the first free one from {FIRST_PORT}")
    parser.add_argument(
        "--live",
        action="store_true",
        help="use the live model that OPENAI_API_KEY, OPENAI_BASE_URL and AGENT_PATTERNS_MODEL "
        "name, instead of the practice model; this spends money",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Serve JupyterLab until Ctrl-C or SIGTERM."""
    options = _parser().parse_args(arguments)
    port = _choose_port(options.port)
    if not FIRST_NOTEBOOK.is_file():
        sys.exit(
            f"course.py lab: {FIRST_NOTEBOOK.relative_to(ROOT)} is missing. Restore it with "
            "'git checkout notebooks', or make it with 'course.py build'."
        )
    if options.live:
        if not os.environ.get("OPENAI_API_KEY"):
            sys.exit(
                "course.py lab: --live needs OPENAI_API_KEY (and OPENAI_BASE_URL for an endpoint "
                "other than OpenAI's). Without --live the practice model answers, with no key."
            )
        os.environ["AGENT_PATTERNS_LIVE"] = "1"
    else:
        os.environ.pop("AGENT_PATTERNS_LIVE", None)
    _without_proxies()
    try:
        STATE.mkdir(exist_ok=True)
        os.environ["JUPYTERLAB_WORKSPACES_DIR"] = str(STATE / "workspaces")
        os.environ["JUPYTERLAB_SETTINGS_DIR"] = str(STATE / "user-settings")
        settings = _settings_folder()
        _first_workspace()
        _trust_lessons()
    except OSError as error:
        sys.exit(
            f"course.py lab: cannot write to {error.filename} ({error.strerror}). Copy the course "
            "to a folder you own."
        )
    token = secrets.token_hex(24)
    os.environ["JUPYTER_TOKEN"] = token
    tree = f"/lab/workspaces/{WORKSPACE}/tree/" + FIRST_NOTEBOOK.relative_to(ROOT).as_posix()
    url = f"http://127.0.0.1:{port}{tree}?token={token}"

    from jupyterlab.labapp import LabApp

    stop = threading.Event()
    threading.Thread(target=_announce, args=(url, stop), daemon=True).start()
    try:
        LabApp.launch_instance(
            [
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.root_dir={ROOT}",
                f"--LabApp.app_settings_dir={settings}",
                f"--LabApp.default_url={tree}",
                f"--ServerApp.open_browser={not options.no_browser}",
                "--ServerApp.answer_yes=True",
                "--ServerApp.log_level=ERROR",
                "--LabApp.log_level=ERROR",
                *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            ]
        )
    finally:
        stop.set()
    return 0
