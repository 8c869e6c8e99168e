"""What kind of function is it?  Calling the wrong kind does nothing yet that could fail."""

from __future__ import annotations

import inspect
from types import CoroutineType
from typing import Any, NoReturn


def is_async(fn: Any) -> bool:
    """Whether `fn` is a coroutine function, or an object whose `__call__` is one."""
    return any(map(inspect.iscoroutinefunction, _faces(fn)))


def refuse_generator(fn: Any, instead: str) -> None:
    """Raises `TypeError` for a generator function: its errors come while it is read."""
    faces = _faces(fn)
    if any(map(inspect.isgeneratorfunction, faces)) or any(map(inspect.isasyncgenfunction, faces)):
        raise TypeError(f"a generator does nothing when it is called: {instead}")


def refuse_coroutine(result: CoroutineType[Any, Any, Any]) -> NoReturn:
    """Raises `TypeError`: `result` is what a coroutine function gave to a plain call."""
    result.close()
    raise TypeError(f"{result.__qualname__}() is a coroutine function: await acall(), not call()")


def _faces(fn: Any) -> tuple[Any, Any]:
    return fn, getattr(fn, "__call__", None)  # noqa: B004  its kind is asked, not whether it exists
