"""Read a learner's objects and exceptions: what is a placeholder, and what went wrong where."""

import dis
import linecache
import sqlite3
import sys
import sysconfig
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from courseware.exercises import guard
from courseware.exercises.verdict import EXPECTED


def is_placeholder(answer: object) -> bool:
    """Return True for ``...``, None, and functions and classes in which nothing is written yet."""
    if answer is None or answer is ...:
        return True
    if isinstance(answer, FunctionType):
        return _does_nothing(answer)
    return False


def _does_nothing(function: FunctionType) -> bool:
    """Return True for a body of ``...``, ``pass`` or a docstring only."""

    def plain() -> None: ...

    async def awaited() -> None: ...

    empty = (_instructions(plain), _instructions(awaited))
    return _instructions(function) in empty


def _instructions(function: Callable[..., object]) -> list[tuple[str, object]]:
    """Return what the function does, and with which constants: `return 5` is not `return None`."""
    return [
        (step.opname, step.argval if "CONST" in step.opname else None)
        for step in dis.get_instructions(function)
    ]


_ADVICE: dict[str, str] = {
    "RecursionError": "A function calls itself without an end. Which case should stop it?",
    "GraphRecursionError": (
        "The graph goes round without reaching END. Which edge should lead out, and when?"
    ),
    "NameError": (
        "A name is used that no cell has defined since the kernel started. Is it spelled right, and"
        " did you run the first cell?"
    ),
    "UnboundLocalError": "A variable is read before anything was assigned to it.",
    "IndexError": "A list is shorter than the code expects. Think of the shortest one it can get.",
    "KeyError": "A key is missing. Is it in the state, and spelled the same everywhere?",
    "InvalidUpdateError": (
        "A node returned something that is no update, or two nodes wrote one key in one step."
    ),
    "ModuleNotFoundError": "An import fails. In a terminal, `course.py doctor` says what to do.",
}


def explain(error: BaseException, said: str | None) -> str:
    """Explain an exception in the learner's code, with its line and what usually helps.

    The same text on every machine: no paths, no addresses.

    Args:
        error: The exception.
        said: Its text; None if that could not be made.
    """
    if isinstance(error, guard.Refused):
        return _REFUSED.get(
            error.what,
            f"Your code calls `{error.what}`, which would end Python. Return instead.",
        )
    if isinstance(error, SystemExit):
        return (
            "Your code ends Python with `sys.exit()`, which would end the notebook with it. Return,"
            " or raise an exception that says what is wrong."
        )
    name = type(error).__name__
    text = (said or "").strip().splitlines()
    lines = [f"Your code raised `{name}`" + (f": {text[0]}" if text else ".")]
    if said is None:
        lines.append("Its text could not be made: does its `__str__` raise, or never end?")
        said = ""
    where = _learners_line(error)
    if where:
        lines.append(f"It happened in {where}.")
    advice = _ADVICE.get(name)
    if advice:
        lines.append(advice)
    elif isinstance(error, AttributeError) and "'NoneType' object" in said:
        lines.append("Something is None there. Does a function lack its `return`?")
    elif isinstance(error, sqlite3.ProgrammingError) and "same thread" in said:
        lines.append("A check runs in a thread of its own: connect with `check_same_thread=False`.")
    elif isinstance(error, TypeError) and "No synchronous function provided" in said:
        lines.append("The check uses `invoke`: write the node with `def`, not with `async def`.")
    elif isinstance(error, TypeError) and "argument" in said:
        lines.append("Compare the function's parameters with those of the starter.")
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith(EXPECTED)]
    return "\n".join(lines + notes[:1])


def explain_never_awaited(names: Sequence[str]) -> str:
    """Return what it means that coroutines of the learner's code ended before they had begun."""
    listed = " and ".join(f"`{name}`" for name in names)
    return (
        f"{listed} {'is' if len(names) == 1 else 'are'} written with `async def`: a call gives a"
        " coroutine, and nothing in it ran, since nobody awaited it. Write a plain function, with"
        " `def`. (If your own code makes the call, `await` fixes it too.)"
    )


_REFUSED = {
    "input()": (
        "Your code calls `input()`, and a check has nobody to type the answer. Take the value as a"
        " parameter, or wait with `interrupt()`."
    ),
    "getpass()": (
        "Your code asks for a password with `getpass()`, and a check has nobody to type it."
        " Take the value as a parameter."
    ),
}


def _learners_line(error: BaseException) -> str:
    """Return the deepest line of the learner's own code, or nothing if there is none."""
    frames: list[Any] = [
        (frame.f_code, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if is_learners(frame.f_code.co_filename)
    ]
    if not frames:
        return ""
    code, number = frames[-1]
    source = linecache.getline(code.co_filename, number).strip()
    place = f"line {number} of the cell"
    if not code.co_name.startswith("<"):
        place = f"`{code.co_name}`, {place}"
    return f"{place}: `{source}`" if source else place


_COURSE = Path(__file__).resolve().parents[2]
_LIBRARIES = tuple(
    {str(Path(sysconfig.get_paths()[kind]).resolve()) for kind in ("stdlib", "purelib", "platlib")}
    | {str(_COURSE), str(Path(sys.base_prefix).resolve() / "lib")}
)


def is_learners(filename: str) -> bool:
    """Tell whether a file's code is the learner's, not the course's, a library's or Python's."""
    if filename.startswith("<frozen"):
        return False
    if filename.startswith("<"):
        return True
    return not str(Path(filename).resolve()).startswith(_LIBRARIES)
