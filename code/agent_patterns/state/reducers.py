"""Reducers: how LangGraph merges a node's update into what a key already holds.

A reducer is a function of the old value and the update that returns the new value.  LangGraph
calls it once for every update of a key, in a fixed order, so three properties decide how it
behaves in production:

===============  ==================================  ===========================================
Property         What it says                        What breaks without it
===============  ==================================  ===========================================
associative      (a + b) + c == a + (b + c)          updates that were merged beforehand (by a
                                                     subgraph, by a batch) give another result
idempotent       (a + b) + b == a + b                a node that runs again, or a subgraph that
                                                     hands back the whole key, doubles its values
commutative      a + b == b + a                      the order of two parallel nodes shows
===============  ==================================  ===========================================

================  ===========  ==========  ===========
Reducer           associative  idempotent  commutative
================  ===========  ==========  ===========
`append`          yes          no          no
`join`            yes          no          no
`maximum`         yes          yes         yes
`unique`          yes          yes         no
`latest_by`       yes          yes         no
================  ===========  ==========  ===========

A retry (`RetryPolicy`) throws away what the failed attempt wrote, and a replay begins at a saved
state, so neither doubles anything by itself.  A *loop* that visits a node twice does.

The reducer has to be the *last* thing in ``Annotated``; elsewhere LangGraph ignores it without a
word.  The first value of a key whose type cannot be called without arguments (``X | None``) is
stored as it is, without asking the reducer.

`unique` and `latest_by` move a repeated value to the end, as a cache of the least recently used
does.  The obvious version keeps the first place instead: with a cap it is not associative.

The properties are those of a semigroup and of a semilattice; see Shapiro et al., "Conflict-free
replicated data types" (2011), for why they make merging safe.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from agent_patterns.state.errors import ReducerError

T = TypeVar("T")


class Comparable(Protocol):
    """A value that can be compared with others of its kind."""

    def __lt__(self, other: Any, /) -> bool:
        """Return True when this value is the smaller one."""
        ...


C = TypeVar("C", bound=Comparable)


def append(old: Sequence[T] | None, new: Sequence[T] | T | None) -> list[T]:
    """Return the old items followed by the new ones.

    A single item may be given without a list; text counts as one item, never as its letters.
    None adds nothing.  Neither argument is changed.
    """
    return [*_items(old), *_items(new)]


def maximum(old: C | None, new: C | None) -> C | None:
    """Return the larger value; None is smaller than everything.

    Annotate the key as optional (``Annotated[float | None, maximum]``).  A plain ``float`` makes
    LangGraph start from 0.0, and a maximum of negative numbers then comes out as 0.0.
    """
    if old is None or new is None:
        return new if old is None else old
    return new if old < new else old


def join(separator: str = "\n") -> Callable[[str | None, str | None], str]:
    """Return a reducer that joins texts with a separator; empty texts leave no gap.

    It grows with every visit of a node.  For a text that a loop rewrites, use no reducer at all.
    """

    def join_texts(old: str | None, new: str | None) -> str:
        for text in (old, new):
            if text is not None and not isinstance(text, str):
                raise ReducerError(
                    f"join() merges texts, and got a {type(text).__name__}. "
                    "Return a str from the node, or annotate the key with `append`."
                )
        return separator.join(text for text in (old, new) if text)

    return join_texts


def unique(
    cap: int | None = None, *, key: Callable[[T], Hashable] | None = None
) -> Callable[[Sequence[T] | None, Sequence[T] | T | None], list[T]]:
    """Return a reducer that keeps each item once, and the `cap` most recent ones.

    Args:
        cap: the most items to keep; None keeps them all.
        key: what makes two items the same; by default the item itself.  Of two items with one
            key the newer is kept, in the newer place.

    Raises:
        ReducerError: if `cap` is below 1, or an item cannot be hashed and there is no `key`.
    """
    if cap is not None and (isinstance(cap, bool) or not isinstance(cap, int) or cap < 1):
        raise ReducerError(f"unique() keeps at least one item; the cap is {cap!r}. Give 1 or more.")

    def keep_unique(old: Sequence[T] | None, new: Sequence[T] | T | None) -> list[T]:
        kept: dict[Hashable, T] = {}
        for item in (*_items(old), *_items(new)):
            name = _name(item, key)
            kept.pop(name, None)  # so that a repeated item moves to the end
            kept[name] = item
        items = list(kept.values())
        return items if cap is None else items[-cap:]

    return keep_unique


def latest_by(
    field: str | Callable[[T], Hashable],
) -> Callable[[Sequence[T] | None, Sequence[T] | T | None], list[T]]:
    """Return a reducer that keeps the last item of each key, in the order of their last update.

    Args:
        field: the name of the field that holds the key, in dictionaries and objects alike, or a
            function that returns it.

    Raises:
        ReducerError: if an item has no such field.
    """
    if callable(field):
        return unique(key=field)
    name = field

    def read(item: T) -> Hashable:
        try:
            found: Hashable = item[name] if isinstance(item, dict) else getattr(item, name)
        except (KeyError, AttributeError):
            raise ReducerError(
                f"latest_by({name!r}) got an item without {name!r}: {item!r:.80}. "
                "Give every item that field."
            ) from None
        return found

    return unique(key=read)


def _items(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    return (value,)


def _name(item: Any, key: Callable[[Any], Hashable] | None) -> Hashable:
    name: Hashable = item if key is None else key(item)
    try:
        hash(name)
    except TypeError:
        raise ReducerError(
            f"unique() compares items by their hash, and a {type(name).__name__} has none. "
            "Give it a `key`, such as key=lambda item: item['id']."
        ) from None
    return name
