"""Who holds something, and is that process still alive?"""

from __future__ import annotations

import json
import os
import platform
import uuid
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Holder:
    """A process of a machine: `started` tells two processes apart that got the same id."""

    machine: str
    pid: int
    started: float
    name: str

    @classmethod
    def this_process(cls, name: str | None = None) -> Holder:
        """The calling process."""
        pid = os.getpid()
        started = psutil.Process(pid).create_time()
        return cls(_machine(), pid, started, name or f"process {pid}")

    @classmethod
    def read(cls, text: str) -> Holder:
        """From what `text` wrote."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self))

    def is_dead(self) -> bool:
        """Whether the process certainly is gone.

        Only its own machine can tell; elsewhere the answer is always `False`, and the lease has to
        run out.
        """
        if self.machine != _machine():
            return False
        try:
            process = psutil.Process(self.pid)
            gone: bool = process.status() == psutil.STATUS_ZOMBIE
            return gone or abs(process.create_time() - self.started) > 1.0
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied:
            return False


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
