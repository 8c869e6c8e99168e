"""One way to put something around a call: of a function, a coroutine function, or a stream.

A generator does nothing when it is called, so a call of one counts as made when its first chunk is
there.  Until then it may be repeated or replaced, and nobody has seen anything; after that it may
not, because somebody has.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import aclosing, closing
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, ParamSpec, TypeVar, cast, overload

P = ParamSpec("P")
T = TypeVar("T")

LATER = frozenset({CoroutineType, GeneratorType, AsyncGeneratorType})
"""Classes of results that have done nothing yet, and may still fail."""


class Wrapper:
    """Something that goes around calls: `around` says how, `aaround` the same for async.

    From these two it can call (`call`, `acall`) and decorate functions, coroutine functions,
    generator functions and async generator functions, which stay what they are.  An iterator of
    another class (openai's `Stream`) is a result like any other: read it in a generator function.
    """

    __slots__ = ()

    def around(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return `fn` with this around it; a generator that it gives has begun."""
        raise NotImplementedError

    def aaround(self, fn: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """Return `around` for a coroutine function or an async generator function."""
        raise NotImplementedError

    def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `fn`; of a generator function, return the stream once its first chunk is there.

        Raises:
            TypeError: `fn` is async; use `acall`.
        """
        return cast(T, self.around(fn)(*args, **kwargs))

    @overload
    async def acall(
        self, fn: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...

    @overload
    async def acall(
        self, fn: Callable[P, AsyncIterator[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[T]: ...

    async def acall(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Await `fn`; of an async generator function, return the stream as `call` does.

        Raises:
            TypeError: `fn` is not async; use `call`.
        """
        return await self.aaround(fn)(*args, **kwargs)

    def __call__(self, fn: Callable[P, T]) -> Callable[P, T]:
        """Decorate `fn`, of whichever of the four kinds it is."""
        if _is(inspect.isasyncgenfunction, fn):
            wrapped = _lazily_async(self.aaround(fn))
        elif _is(inspect.isgeneratorfunction, fn):
            wrapped = _lazily(self.around(fn))
        else:
            wrapped = self.aaround(fn) if is_async(fn) else self.around(fn)
        return cast(Callable[P, T], functools.wraps(fn)(wrapped))


def is_async(fn: Any) -> bool:
    """Return True for a coroutine function, or an object whose `__call__` is one."""
    return _is(inspect.iscoroutinefunction, fn)


def gives_stream(fn: Any) -> bool:
    """Return True for a generator function, async or not."""
    return _is(inspect.isgeneratorfunction, fn) or _is(inspect.isasyncgenfunction, fn)


def begun(result: Any) -> Any:
    """Return what a plain call gave; of a stream, once its first chunk is there.

    Raises:
        TypeError: it is a coroutine or an async stream, which nobody here awaits.
    """
    if result.__class__ is GeneratorType:
        stream = _from_the_first(result)
        next(stream)
        return stream
    if result.__class__ in LATER:
        if result.__class__ is CoroutineType:
            result.close()
        raise TypeError(f"{_name(result)}() is async: await acall(), not call()")
    return result


async def abegun(result: Any) -> Any:
    """Return what a call of something async gave; of a stream, once its first chunk is there.

    Raises:
        TypeError: it is neither awaitable nor an async stream.
    """
    if isinstance(result, Awaitable):
        result = await result
        if result.__class__ not in LATER:
            return result
    if result.__class__ is AsyncGeneratorType:
        stream = _afrom_the_first(result)
        await anext(stream)
        return stream
    raise TypeError(f"{_name(result)} is not async: use call(), not acall()")


def _name(result: Any) -> str:
    return str(getattr(result, "__qualname__", type(result).__name__))


def part(name: str, value: Any, kind: type | tuple[type, ...], instead: str) -> Any:
    """Return `value`, a part that something is built of.

    Raises:
        TypeError: it is not of this kind.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} takes {instead}, not {value!r}")
    return value


def _is(kind: Callable[[Any], bool], fn: Any) -> bool:
    return kind(fn) or kind(getattr(fn, "__call__", None))  # noqa: B004  its kind, not if it exists


def _from_the_first(chunks: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    with closing(chunks):
        for first in chunks:
            yield  # `begun` takes this one
            yield first
            return (yield from chunks)
        yield


async def _afrom_the_first(chunks: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, Any]:
    async with aclosing(chunks):
        async for first in chunks:
            yield None
            yield first
            async for chunk in chunks:
                yield chunk
            return
        yield None


def _lazily(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return `call` as a generator function; a fallback that is no stream is one chunk."""

    def stream(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        chunks = call(*args, **kwargs)
        if isinstance(chunks, GeneratorType):
            return (yield from chunks)
        yield chunks

    return stream


def _lazily_async(call: Callable[..., Any]) -> Callable[..., Any]:
    async def stream(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        chunks = await call(*args, **kwargs)
        if not isinstance(chunks, AsyncGeneratorType):
            yield chunks
            return
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    return stream
