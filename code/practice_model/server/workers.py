"""Work off the event loop: one daemon thread a job, a bound on their number, a limit of time.

A thread of its own for each job costs 0.1 ms and makes it safe to stop one: the exception that is
raised inside it (`PyThreadState_SetAsyncExc`) can meet no other job. It takes effect between two
steps of Python code. One call into C is not interrupted, so that what goes into C is bounded in
size beforehand.
"""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from practice_model.server.errors import too_much

T = TypeVar("T")


class Overtime(BaseException):
    """The job's time is over. Not an Exception, so that no `except Exception` swallows it."""


class Workers:
    """Runs jobs in threads: `at_once` of them at a time, each for at most `seconds`."""

    def __init__(self, seconds: float, at_once: int = 8) -> None:
        self._seconds = seconds
        self._free = asyncio.Semaphore(at_once)

    async def run(self, job: Callable[[], T]) -> T:
        """Return what a job returns; an `ApiError` 400 when it takes too long."""
        async with self._free:
            work = _Work(job)
            work.start()
            try:
                done, _ = await asyncio.wait({work.result}, timeout=self._seconds)
            finally:
                work.end()
            if not done:
                raise too_much(
                    f"The practice model did not work out an answer within {self._seconds:g} "
                    "seconds. Please make the request smaller."
                )
            return work.result.result()


class _Work(Generic[T]):
    def __init__(self, job: Callable[[], T]) -> None:
        self._job = job
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[T] = self._loop.create_future()
        self._lock = threading.Lock()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="practice-answer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stop the job if it still runs."""
        self.result.cancel()
        with self._lock:
            if not self._over and self._thread.ident is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread.ident), ctypes.py_object(Overtime)
                )

    def _run(self) -> None:
        try:
            try:
                value = self._job()
            except Exception as error:
                self._tell(partial(self.result.set_exception, error))
            else:
                self._tell(partial(self.result.set_result, value))
            with self._lock:
                self._over = True
        except Overtime:
            pass

    def _tell(self, settle: Callable[[], None]) -> None:
        def now() -> None:
            if not self.result.done():
                settle()

        try:
            self._loop.call_soon_threadsafe(now)
        except RuntimeError:  # the loop ended meanwhile: nobody waits for this answer
            return
