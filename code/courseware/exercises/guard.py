"""Run a learner's code so that the notebook lives, whatever the code does.

The code runs in a thread of its own, on every operating system the same. When its time is over, a
:class:`Stopped` is raised *inside* it, again and again until it ends, in the threads that it
started too; an event loop in it is cancelled first, which wakes code that awaits.

============================================  ====================================================
``while True: pass``, endless recursion        stopped
``while True: time.sleep(1)``                  stopped when the sleep returns
``while True: await asyncio.sleep(1)``         stopped
``except:`` or ``except BaseException`` in it  stopped, unless it goes on swallowing
``sys.exit()``, ``exit()``, ``os._exit()``     told apart, reported
``input()``, ``getpass()``                     reported at once, never waited for
endless printing                               the first lines are kept, the rest is dropped
``sys.setrecursionlimit(10**9)``               capped while the check lasts
``del builtins.isinstance``                    put back at once, reported
an exception whose text cannot be made         reported without it
``time.sleep(3600)``, a lock never freed       **left behind** after a short grace: Python cannot
                                               interrupt a blocking call in a thread. It is a daemon
                                               thread, so the kernel still ends; `stopped` is False.
a C function that never returns, a crash of    not survived: only a process of its own could
the interpreter, memory without end
============================================  ====================================================

One guarded run at a time in a process: ``os._exit`` and ``input`` are replaced while it lasts.
"""

import asyncio
import builtins
import contextvars
import ctypes
import functools
import getpass
import inspect
import io
import os
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import Any, TextIO
from unittest.mock import patch

_ONE_AT_A_TIME = threading.RLock()
_SLICE = 0.02
"""Seconds between two looks at the thread; the stop button gets through between them."""
_GRACE = 4.0
"""Seconds in which a stopped thread may end before it is left behind."""
_FIRST_PATIENCE = 0.3
"""Seconds between two attempts, in which what was stopped may clean up."""
_PRINTED_LIMIT = 4_000
"""Characters of printed text that are kept."""
_STACK = 16 * 1024 * 1024
"""Bytes of stack, as a main thread has, so that deep recursion ends in RecursionError."""
_DEEPEST = 10_000
"""The recursion limit in a check at most: what `_STACK` holds of calls through C, with room."""
_SPARED = ("practice",)
"""First part of the names of threads that outlive a check, even if it started them."""


class Stopped(BaseException):
    """The time is over. Not an Exception, so that ``except Exception`` does not swallow it."""


class Refused(BaseException):
    """The code tried what a check cannot allow.

    Args:
        what: the call, as the learner would write it: ``input()`` or ``os._exit()``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass
class Report:
    """The outcome of a guarded run."""

    error: BaseException | None = None
    """What it raised, if it ended by an exception."""
    text: str | None = None
    """The exception's text; None if that could not be made."""
    tampered: set[str] = field(default_factory=set)
    """Names of builtins that it took away or replaced; they have been put back."""
    timed_out: bool = False
    stopped: bool = True
    """False if a thread still blocks and had to be left behind."""
    printed: str = ""
    """What it printed, to standard output and error, cut after some thousand characters."""
    threads: set[threading.Thread] = field(default_factory=set, repr=False)


def run(function: Callable[..., object], /, *args: object, seconds: float) -> Report:
    """Call `function`, await the result if it is awaitable, and report how it ended.

    Safe under a running event loop: the awaitable gets a loop of its own in the worker thread.

    Args:
        function: what to call.
        args: its arguments.
        seconds: the time after which it is stopped.

    Raises:
        KeyboardInterrupt: the stop button was pressed; the code has been stopped first.
    """
    report, printed = Report(), io.StringIO()
    with (
        _ONE_AT_A_TIME,
        _refusals(report.threads, printed),
        _shallow(report.threads) as lower,
        _builtins_kept(report.tampered) as mend,
    ):
        guarded = _Guarded(function, args, report, mend)
        try:
            _start(guarded.thread)
            deadline = time.monotonic() + seconds
            guarded.begin.set()
            while not guarded.is_done(deadline):
                mend()
                lower()
        except KeyboardInterrupt:
            if guarded.begin.is_set():
                _stop(guarded.thread, report.threads, guarded.loops)
            else:  # while the thread was being started: it cannot be stopped yet, nor has it begun
                guarded.abandoned = True
                guarded.begin.set()
            raise
        if not guarded.done.is_set():
            report.timed_out = report.error is None  # else only its text never ends
            report.printed = printed.getvalue()  # before the threads complain of being stopped
            report.stopped = _stop(guarded.thread, report.threads, guarded.loops)
    if not report.timed_out:
        report.printed = printed.getvalue()
    return report


class _Guarded:
    """A learner's call in a thread of its own.

    `done` is an event, not Thread.join: interrupted, that takes a running thread for ended
    (CPython 3.11 to 3.12).
    """

    def __init__(
        self,
        function: Callable[..., object],
        args: tuple[object, ...],
        report: Report,
        mend: Callable[[], None],
    ) -> None:
        self._function, self._args, self._report, self._mend = function, args, report, mend
        # Bound here, for they may be gone from the builtins when they are looked up.
        self._any_error, self._missing = BaseException, NameError
        self.loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
        self.begin, self.done = threading.Event(), threading.Event()
        self.abandoned = False
        work = functools.partial(self._work, contextvars.copy_context())
        self.thread = threading.Thread(target=work, name="exercise-check", daemon=True)
        report.threads.add(self.thread)

    def is_done(self, deadline: float) -> bool:
        """Wait a moment; tell whether the call has ended, or its time is over."""
        try:
            return self.done.wait(_SLICE) or time.monotonic() >= deadline
        except self._missing:  # a builtin, which is put back next
            return False

    def _work(self, context: contextvars.Context) -> None:
        self.begin.wait()
        if self.abandoned:
            return
        try:
            try:
                context.run(self._call)
            except self._any_error as error:
                self._report.error = error
                self._mend()
                self._report.text = _text_of(error)
        except Stopped:
            return
        finally:
            self._mend()
            self.done.set()

    def _call(self) -> None:
        value = self._function(*self._args)
        if inspect.isawaitable(value):
            with asyncio.Runner() as runner:
                runner.run(self._settle(value))

    async def _settle(self, value: Awaitable[object]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.loops.append((asyncio.get_running_loop(), task))
        await value


@contextmanager
def never_awaited(whose: Callable[[str], bool]) -> Iterator[list[str]]:
    """Gather the names of coroutines that end without having been awaited, instead of warning.

    Args:
        whose: takes the file of a coroutine's code; False leaves it to Python's warning.
    """
    names: list[str] = []
    hook = "_warn_unawaited_coroutine"  # what the interpreter calls; its only way to say which
    warn: Callable[[Any], None] | None = getattr(warnings, hook, None)
    if warn is None:
        yield names
        return

    def gather(coroutine: Any) -> None:
        code = getattr(coroutine, "cr_code", None)
        if code is None or not whose(code.co_filename):
            warn(coroutine)
            return
        name = coroutine.__qualname__.rpartition("<locals>.")[2]
        if name not in names:
            names.append(name)

    with patch.object(warnings, hook, gather):
        yield names


@contextmanager
def _builtins_kept(tampered: set[str]) -> Iterator[Callable[[], None]]:
    """Yield what puts back the builtins that are gone or changed; it looks up none itself.

    Once the run is over it does nothing: a thread that was left behind calls it when it ends.
    """
    there, note = vars(builtins), tampered.update
    kept, update = [tuple(there.items())], there.update

    def mend() -> None:
        for items in kept:
            found = {name: value for name, value in items if there.get(name) is not value}
            if found:
                note(found)
                update(found)

    try:
        yield mend
    finally:
        mend()
        kept.clear()


@contextmanager
def _shallow(threads: set[threading.Thread]) -> Iterator[Callable[[], None]]:
    """Keep the recursion limit where the stack can bear it; yield what lowers it again."""
    before, set_limit = sys.getrecursionlimit(), sys.setrecursionlimit

    def capped(limit: int) -> None:
        inside = threading.current_thread() in threads
        set_limit(min(limit, _DEEPEST) if inside else limit)

    def lower() -> None:
        if sys.getrecursionlimit() > _DEEPEST:  # by a name that was bound before the check
            set_limit(_DEEPEST)

    lower()
    try:
        with patch.object(sys, "setrecursionlimit", capped):
            yield lower
    finally:
        set_limit(before)


def _text_of(error: BaseException) -> str | None:
    """Return an exception's text; None if it has none to give."""
    try:
        return str(error)
    except Stopped:
        raise
    except BaseException:
        return None


def _start(thread: threading.Thread) -> None:
    before = threading.stack_size()
    try:
        threading.stack_size(_STACK)
    except (ValueError, RuntimeError):  # a platform that does not let us choose
        thread.start()
        return
    try:
        thread.start()
    finally:
        threading.stack_size(before)


def _stop(
    worker: threading.Thread,
    threads: set[threading.Thread],
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]],
) -> bool:
    """Raise :class:`Stopped` in the threads until they end; False if one does not.

    First in the threads that the worker has started, and in what it awaits: often it then ends by
    itself, in good order. Threads that start from now on are its cleaning up, and left in peace.
    """
    targets = {
        thread for thread in list(threads) if not thread.name.lower().startswith(_SPARED)
    } - {worker}
    deadline = time.monotonic() + _GRACE
    patience = _FIRST_PATIENCE if targets or loops else 0.0
    while True:
        for loop, task in loops:
            with suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(task.cancel)
        for thread in targets:
            _raise_in(thread)
        if _ended({worker, *targets}, min(time.monotonic() + patience, deadline)):
            return True
        if time.monotonic() >= deadline:
            return False
        targets.add(worker)
        patience = _FIRST_PATIENCE


def _raise_in(thread: threading.Thread) -> None:
    if thread.is_alive() and thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped)
        )


def _ended(threads: set[threading.Thread], deadline: float) -> bool:
    """Wait for the threads; False if one is alive at the deadline."""
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


class _Captured(io.TextIOBase):
    """Takes what the watched threads print, and let everybody else's text through."""

    def __init__(self, threads: set[threading.Thread], kept: io.StringIO, other: TextIO) -> None:
        super().__init__()
        self._threads, self._kept, self._other = threads, kept, other

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if threading.current_thread() not in self._threads:
            return self._other.write(text)
        room = _PRINTED_LIMIT - self._kept.tell()
        self._kept.write(text[: max(room, 0)])
        return len(text)

    def flush(self) -> None:
        if threading.current_thread() not in self._threads:
            self._other.flush()


@contextmanager
def _refusals(threads: set[threading.Thread], printed: io.StringIO) -> Iterator[None]:
    """Refuse what would end or block the process, in the watched threads only."""

    def refusing(what: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() in threads:
                raise Refused(what)
            return original(*args, **kwargs)

        return refuse

    start = threading.Thread.start

    def adopting(thread: threading.Thread) -> None:
        start(thread)
        if threading.current_thread() in threads:
            threads.add(thread)

    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(_Captured(threads, printed, sys.stdout)))
        stack.enter_context(redirect_stderr(_Captured(threads, printed, sys.stderr)))
        for owner, name, what in (
            (os, "_exit", "os._exit()"),
            (os, "abort", "os.abort()"),
            (builtins, "input", "input()"),
            (getpass, "getpass", "getpass()"),
            *_shell_exits(),
        ):
            stack.enter_context(patch.object(owner, name, refusing(what, getattr(owner, name))))
        stack.enter_context(patch.object(threading.Thread, "start", adopting))
        yield


def _shell_exits() -> list[tuple[Any, str, str]]:
    """In a notebook `exit()` is no exception: it asks the kernel to end."""
    core = sys.modules.get("IPython.core.getipython")
    shell = core.get_ipython() if core else None
    return [(shell, "ask_exit", "exit()")] if shell is not None else []
