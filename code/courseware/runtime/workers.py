"""Worker processes that a lesson can start, watch and kill.

    worker = Worker(build, url)                       # a Python process of its own
    worker.run("order-1042", {...}, stop_at="charge")
    worker.wait_until("charge")                       # it is inside that node now
    worker.kill()                                     # SIGKILL; on Windows TerminateProcess

`build(checkpointer, step)` compiles the graph; its nodes call `step("name")`, which tells the
lesson where the worker is, and stands still there if the lesson said `stop_at`. The function's
source is sent to the worker, so it must bring its own imports.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

PATIENCE = 60.0
"""Seconds until a silent worker counts as stuck."""

Durability = Literal["sync", "async", "exit"]


class WorkerFailed(RuntimeError):
    """A worker died of itself, or said nothing for too long; the text holds its last words."""

    def __init__(self, text: str) -> None:
        if "NameError" in text:
            text += (
                "\nThe function's source is sent to another process: what it uses has to be "
                "imported or defined inside it, constants too."
            )
        super().__init__(text)


class _Ears:
    """Hears what a worker says.  Knows no `Worker`, so that a dropped one can be collected."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.news = threading.Condition()
        self.steps: list[tuple[str, str]] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.ended = False
        self.errors: list[str] = []
        for listen in (self._listen, self._listen_to_errors):
            threading.Thread(target=listen, args=(process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                try:
                    news = json.loads(line)
                except ValueError:
                    continue  # something that a node printed
                with self.news:
                    if "step" in news:
                        self.steps.append((news["thread_id"], news["step"]))
                    elif "status" in news:
                        self.results[news["thread_id"]] = news
                    self.news.notify_all()
        except ValueError:
            pass  # closed from this side
        finally:
            with self.news:
                self.ended = True
                self.news.notify_all()

    def _listen_to_errors(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        try:
            self.errors.extend(process.stderr)
        except ValueError:
            return  # closed from this side


class Worker:
    """A process that runs a graph on stored threads; it ends with this object at the latest.

    Args:
        build: see the module.
        url: the checkpointer's URL.
        name: what other workers see as the holder of a claim.
    """

    def __init__(self, build: Callable[..., Any], url: str, *, name: str = "worker") -> None:
        self.name = name
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        environment.pop("PYTHONWARNINGS", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "courseware.runtime._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )
        self._ears = _Ears(self._process)
        # Nobody has to remember it: it ends when its name is used for another, or with the kernel.
        weakref.finalize(self, self._process.kill)
        source = textwrap.dedent(inspect.getsource(build))
        self._tell({"source": source, "function": build.__name__, "url": url, "name": name})

    # --- telling ---------------------------------------------------------------------------

    def run(
        self,
        thread_id: str,
        value: Any = None,
        *,
        resume: Any = None,
        stop_at: str | None = None,
        durability: Durability = "sync",
        supervised: bool = False,
        url: str | None = None,
    ) -> Worker:
        """Start a run in the worker and return at once; several run side by side.

        Args:
            thread_id: the thread.
            value: the input (JSON data); `None` goes on where the thread stands.
            resume: the answer to what the thread waits for, instead of an input.
            stop_at: the step at which the worker stands still, in the middle of the node.
            durability: LangGraph's durability mode.
            supervised: claim the thread first, through a `Runner`.
            url: another checkpointer than the worker's own.
        """
        with self._ears.news:
            self._ears.results.pop(thread_id, None)
        self._tell(
            {
                "thread_id": thread_id,
                "input": value,
                "resume": resume,
                "stop_at": stop_at,
                "durability": durability,
                "supervised": supervised,
                "url": url,
            }
        )
        return self

    def kill(self) -> None:
        """End the process as a power cut would: no clean-up, no last words."""
        self._process.kill()
        self._process.wait(PATIENCE)
        self._wait(lambda: self._ears.ended, "it was killed and still talks", lively=False)
        self._close()

    def stop(self) -> None:
        """End the process in good order."""
        if self._process.poll() is None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(PATIENCE)
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # what was to be sent has nobody to read it any more

    # --- listening -------------------------------------------------------------------------

    def wait_until(self, step: str, *, thread_id: str | None = None) -> Worker:
        """Wait until the worker is at a step (of one thread, or of any)."""

        def there() -> bool:
            return any(name == step and thread_id in (None, of) for of, name in self._ears.steps)

        def over() -> bool:
            return thread_id in self._ears.results if thread_id else bool(self._ears.results)

        self._wait(lambda: there() or over(), f"it never came to {step!r}")
        if not there():
            been = ", ".join(dict.fromkeys(self.ran(thread_id))) or "none"
            ends = [
                f"{name!r} ended: {news['status']}"
                + (f" ({news['said']})" if news.get("said") else "")
                for name, news in self._ears.results.items()
            ]
            raise WorkerFailed(
                f"{self.name} never came to a step {step!r}; the steps it came to: {been}. "
                + "; ".join(ends)
            )
        return self

    def result(self, thread_id: str) -> dict[str, Any]:
        """Wait for the end of the newest run of a thread.

        Returns:
            Its `status` (done, waiting, failed or refused), and its `values`, or what was `said`.
        """
        self._wait(lambda: thread_id in self._ears.results, f"{thread_id!r} did not end")
        return self._ears.results[thread_id]

    def ran(self, thread_id: str | None = None) -> list[str]:
        """Return the steps it has been at, in order."""
        return [step for of, step in self._ears.steps if thread_id in (None, of)]

    def counts(self, thread_id: str) -> Counter[str]:
        """Return how often it was at each step of a thread."""
        return Counter(self.ran(thread_id))

    @property
    def alive(self) -> bool:
        """Tell whether the process lives."""
        return self._process.poll() is None

    def _tell(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:  # it died, or it was killed or stopped from here
            raise WorkerFailed(f"{self.name} is gone.\n{self._last_words()}") from error

    def _wait(self, done: Callable[[], bool], why: str, *, lively: bool = True) -> None:
        with self._ears.news:
            self._ears.news.wait_for(lambda: done() or (lively and self._ears.ended), PATIENCE)
            if not done():
                raise WorkerFailed(f"{self.name}: {why}.\n{self._last_words()}")

    def _last_words(self) -> str:
        return "".join(self._ears.errors[-12:])

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self.kill()

    def __repr__(self) -> str:
        return f"<{self.name}: {'alive' if self.alive else 'gone'}>"
