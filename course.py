#!/usr/bin/env python3
"""The door to the course: makes `.venv`, installs what is pinned, and hands over to it.

    python3 course.py lab        JupyterLab on the first notebook
    python3 course.py test       everything that CI checks
    python3 course.py --help     the other commands

Needs Python 3.11 or newer and nothing else.
"""

import sys

OLDEST = (3, 11)
# Before every other import: an older Python must get this line, not a traceback.
if sys.version_info < OLDEST:
    sys.exit(
        "course.py needs Python {}.{} or newer; this is Python {}.{}. Install a newer Python from "
        "python.org or your package manager and call it with its name, for example: "
        "python3.13 course.py lab".format(*OLDEST, *sys.version_info[:2])
    )

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STATE = ROOT / ".course"
MARKER = VENV / "course.json"
LEARNER, MAINTAINER = "requirements.txt", "requirements-dev.txt"
DISK_NEEDED = 2_000_000_000
"""Bytes: the packages, and the copies that an installer keeps while it works."""

MAINTAINERS_COMMANDS = {"build", "test"}

NO_NETWORK = re.compile(
    r"NewConnectionError|name resolution|getaddrinfo|nodename nor servname|Network is unreachable"
    r"|Connection refused|ConnectTimeout|ReadTimeout|ProxyError|dns error|SSLError"
    r"|from versions: none",
    re.IGNORECASE,
)
UNSAID = re.compile(
    r"\s*(?:[+~-] |Resolved |Prepared |Uninstalled |Audited |Using |Requirement already |━"
    r"|Successfully installed |Installing collected |WARNING: Location )"
)
"""Lines of an installer that tell a learner nothing; one count of packages is enough."""
NO_SPACE = re.compile(r"No space left|not enough space|disk full|Errno 28", re.IGNORECASE)


def fail(message: str, cure: str) -> NoReturn:
    """End the program with one line that says what is wrong and how to mend it."""
    sys.exit(f"course.py: {message} {cure}")


def venv_python() -> Path:
    """Return the environment's interpreter, on this kind of system."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted(dev: bool) -> dict[str, object]:
    """Return what the marker of a finished environment says."""
    digest = hashlib.sha256()
    for name in (LEARNER, MAINTAINER, "pyproject.toml"):
        path = ROOT / name
        if not path.is_file():
            fail(f"{name} is missing from {ROOT}.", "Clone the course again, whole.")
        digest.update(path.read_bytes())
    return {"root": str(ROOT), "inputs": digest.hexdigest(), "dev": dev}


def is_ready(dev: bool) -> bool:
    """Return True when the environment was finished for exactly these requirements, here."""
    target = wanted(dev)
    try:
        found = json.loads(MARKER.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    same = all(found.get(key) == target[key] for key in ("root", "inputs"))
    return same and (found.get("dev") or not dev) and venv_python().is_file()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Lets a second `course.py` wait until the first has finished the environment."""
    try:
        STATE.mkdir(exist_ok=True)
        handle = (STATE / "setup.lock").open("a+")
    except OSError as error:
        fail(
            f"cannot write to {ROOT} ({error.strerror}).",
            "Copy or clone the course to a folder you own, and call it there.",
        )
    with handle:
        if sys.platform == "win32":
            import msvcrt

            while True:
                try:
                    handle.seek(0)
                    msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
        else:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                print("Another course.py is preparing the environment; waiting for it.")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def explain(output: str) -> NoReturn:
    """End the program with the one line that an installer's output calls for."""
    if NO_SPACE.search(output):
        fail("the disk is full.", "Free 2 GB and call the same command again.")
    if NO_NETWORK.search(output):
        fail(
            "the packages could not be downloaded: no network, or a proxy or certificate in the "
            "way.",
            "The first start needs the network once; check it (HTTPS_PROXY, SSL_CERT_FILE), then "
            "call the same command again: it goes on where it stopped.",
        )
    last = [line for line in output.strip().splitlines() if line.strip()][-3:]
    fail(
        "the packages could not be installed: " + " / ".join(last),
        "Call the same command again; if it fails again, delete the folder .venv first.",
    )


def run(*command: str, show: bool = False) -> tuple[int, str]:
    """Run one step; return its exit code and what it printed.

    With `show` its lines appear as they come, without the installer's book-keeping.
    """
    environment = {**os.environ, "UV_COMPILE_BYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    lines = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if show and line.strip() and not UNSAID.match(line):
                print("   ", line.rstrip(), flush=True)
    return process.returncode, "".join(lines)


def python_works() -> bool:
    """Return True when the environment has an interpreter of this version that starts."""
    if not venv_python().is_file():
        return False
    question = "import sys; print(*sys.version_info[:2])"
    try:
        code, answer = run(str(venv_python()), "-c", question)
    except OSError:
        return False
    return code == 0 and answer.split() == [str(part) for part in sys.version_info[:2]]


def make_environment() -> None:
    """Create `.venv`, or makes a half-made one anew."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        fail(
            "this Python has no venv.",
            "On Debian or Ubuntu: sudo apt install python3-venv; elsewhere install Python from "
            "python.org. Then call the same command again.",
        )
    if VENV.exists():
        print("What is in .venv is incomplete, moved or of another Python; making it anew.")
    # Not `-m venv --clear` alone: it keeps a broken link that stands where .venv should be.
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        fail(
            f"the folder .venv cannot be replaced ({error}).",
            "Close programs that use it, delete it, and call the same command again.",
        )
    # Under the environment's own interpreter this is the one that it was made with.
    maker = str(getattr(sys, "_base_executable", sys.executable))
    code, output = run(maker, "-m", "venv", str(VENV))
    if code:
        explain(output)


def install(requirements: list[str]) -> None:
    """Installs the pinned requirements and the course's own packages into `.venv`."""
    python = str(venv_python())
    listed = [part for name in requirements for part in ("-r", str(ROOT / name))]
    pin = re.search(r"^uv==\S+", (ROOT / LEARNER).read_text(encoding="utf-8"), re.MULTILINE)
    if run(python, "-m", "pip", "--version")[0]:
        code, output = run(python, "-m", "ensurepip")
        if code:
            explain(output)
    installer = "pip"
    if pin:
        print("[2/4] Fetching the installer", flush=True)
        code, output = run(python, "-m", "pip", "install", "--quiet", pin.group())
        if code == 0:
            installer = "uv"
        elif NO_NETWORK.search(output) or NO_SPACE.search(output):
            explain(output)
    print(f"[3/4] Installing the packages with {installer}; a minute or two", flush=True)
    code, output = 1, ""
    if installer == "uv":
        code, output = run(
            python, "-m", "uv", "pip", "install", "--python", python, *listed, show=True
        )
        if code:
            print("uv could not install them; trying pip.", flush=True)
    if code:
        installer = "pip"
        code, output = run(python, "-m", "pip", "install", *listed, show=True)
        if code:
            explain(output)
    print("[4/4] Installing the course's own code", flush=True)
    tool = ["-m", "uv", "pip"] if installer == "uv" else ["-m", "pip"]
    code, output = run(python, *tool, "install", "--quiet", "--no-deps", "-e", str(ROOT))
    if code:
        explain(output)


def prepare(dev: bool) -> None:
    """Make the environment ready; does nothing when it is."""
    if is_ready(dev):
        return
    with one_at_a_time():
        if is_ready(dev):
            return
        free = shutil.disk_usage(ROOT).free
        if free < DISK_NEEDED:
            fail(
                f"only {free / 1e9:.1f} GB are free on the disk of {ROOT}.",
                "The course needs 2 GB; free some and call the same command again.",
            )
        moved = MARKER.is_file() and str(ROOT) not in MARKER.read_text(encoding="utf-8")
        MARKER.unlink(missing_ok=True)
        print(f"[1/4] Making the environment in {VENV}", flush=True)
        if moved or not python_works():
            make_environment()
        install([LEARNER, MAINTAINER] if dev else [LEARNER])
        MARKER.write_text(json.dumps(wanted(dev), ensure_ascii=False), encoding="utf-8")
        print("Ready.", flush=True)


def hand_over(arguments: list[str]) -> int:
    """Run the course's own command line in the environment; return its exit code."""
    command = [str(venv_python()), "-m", "courseware", *arguments]
    if os.name == "posix":
        # The same process goes on, so that a signal to this one reaches the server.
        sys.stdout.flush()
        os.execv(command[0], command)
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the console sent it to the child as well, which is ending


def main(arguments: list[str]) -> int:
    """Prepare the environment that the command needs and run the command in it."""
    dev = bool(MAINTAINERS_COMMANDS.intersection(arguments[:1]))
    if "-h" in arguments or "--help" in arguments:
        dev = False
    try:
        prepare(dev)
    except KeyboardInterrupt:
        sys.exit("\ncourse.py: stopped. Call the same command again: it goes on where it stopped.")
    except PermissionError as error:
        fail(
            f"cannot write {error.filename}.",
            "Copy or clone the course to a folder you own, and call it there.",
        )
    return hand_over(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
