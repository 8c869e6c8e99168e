"""Who holds something, and is that process still alive?"""

from __future__ import annotations

import json
import os
import platform
import sys
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Holder:
    """A process of a machine: `started` tells two processes apart that got the same id.

    `started` is counted from the machine's start on Linux, so that setting the clock does not make
    another process of this one; elsewhere it is in seconds since the epoch.
    """

    machine: str
    pid: int
    started: float
    name: str

    @classmethod
    def this_process(cls, name: str | None = None) -> Holder:
        """Return the calling process."""
        pid = os.getpid()
        return cls(_machine(), pid, _started(pid), name or f"process {pid}")

    @classmethod
    def read(cls, text: str) -> Holder:
        """Return the holder that `text` wrote; further fields are somebody else's."""
        known = json.loads(text)
        return cls(known["machine"], known["pid"], known["started"], known["name"])

    def text(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    def is_dead(self) -> bool:
        """Tell whether the process certainly is gone; only its own machine can tell."""
        if self.machine != _machine():
            return False
        try:
            gone: bool = psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE
            return gone or abs(_started(self.pid) - self.started) > 1.0
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied:
            return False


def _started(pid: int) -> float:
    if sys.platform != "linux":
        return psutil.Process(pid).create_time()
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError as error:
        raise psutil.NoSuchProcess(pid) from error
    return float(stat.rpartition(")")[2].split()[19])  # proc(5): starttime, in clock ticks


@lru_cache(maxsize=1)
def _machine() -> str:
    # Two containers may share a host name but not their process ids.
    parts = [platform.node(), f"{uuid.getnode():x}"]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    return "/".join(parts)
