"""Who holds something, and is that process still alive?"""

from __future__ import annotations

import json
import os
import platform
import sys
import uuid
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
        """Tell whether the process certainly is gone.

        Only its own machine can tell; elsewhere the answer is always `False`, and the lease has to
        run out.
        """
        if self.machine != _machine():
            return False
        try:
            process = psutil.Process(self.pid)
            gone: bool = process.status() == psutil.STATUS_ZOMBIE
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
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            parts.append(
                os.readlink(path) if path.endswith("pid") else Path(path).read_text().strip()
            )
        except OSError:
            continue
    return "/".join(parts)
