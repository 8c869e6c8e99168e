"""The transition table: plain data, checked when it is made, and asked by everybody else.

A table that cannot work is refused with all of its faults: a state that nobody reaches, one that
nobody leaves, two rows for one event of which only the first can ever be taken, an error without a
way out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from agent_patterns.machines.errors import IllegalTransition, InvalidTable

S = TypeVar("S", bound=str)
E = TypeVar("E", bound=str)
Data = dict[str, Any]
Effect = Callable[[Data], Mapping[str, Any] | None]
"""Gets the data; may return what changes in it."""

EXCEPTION = "exception"
"""The event that nobody sends: an exception takes every state to the error state."""


@dataclass(frozen=True)
class State(Generic[S, E]):
    """Describe a state: one that works, one that asks, or one that rests until an event comes.

    Attributes:
        name: its name.
        run: its work. Gets the data and returns an event, or an event and its value; may be async.
        ask: its question. Gets the data and returns what `interrupt()` shows.
        entry: what happens whenever it is entered.
        exit: what happens whenever it is left.
        final: nothing leads out of it.
    """

    name: S
    run: Callable[[Data], E | tuple[E, Any] | Awaitable[E | tuple[E, Any]]] | None = None
    ask: Callable[[Data], Any] | None = None
    entry: Effect | None = None
    exit: Effect | None = None
    final: bool = False


@dataclass(frozen=True)
class Transition(Generic[S, E]):
    """Write one row: in `source`, `event` leads to `target`.

    Attributes:
        source: a state, or several.
        event: the event's name.
        target: where it leads.
        guard: gets the data and the event's value; the row counts only where it returns True.
        needs: what the guard wants, for the message that refuses ("a date, such as 2027-05-01").
        action: gets the data and the event's value; may return what changes in the data.
    """

    source: S | Sequence[S]
    event: E
    target: S
    guard: Callable[[Data, Any], bool] | None = None
    needs: str = ""
    action: Callable[[Data, Any], Mapping[str, Any] | None] | None = None

    @property
    def sources(self) -> tuple[S, ...]:
        """The states in which the row counts."""
        return (self.source,) if isinstance(self.source, str) else tuple(self.source)


class Table(Generic[S, E]):
    """Hold a checked table.

    Args:
        name: the machine's, for messages.
        states: all states; the first is where a thread begins.
        transitions: all rows; of those for one state and event, the first whose guard agrees.
        error: the state to which every exception leads.

    Raises:
        InvalidTable: it cannot work.
    """

    def __init__(
        self,
        name: str,
        states: Iterable[State[S, E]],
        transitions: Iterable[Transition[S, E]],
        error: S,
    ) -> None:
        listed = [replace(each, name=plain(each.name)) for each in states]
        self.states = {each.name: each for each in listed}
        self.transitions = tuple(map(_plain_row, transitions))
        self.error = plain(error)
        self.events = tuple(dict.fromkeys(row.event for row in self.transitions))
        faults = self._faults([each.name for each in listed])
        if faults:
            raise InvalidTable(name, faults)
        self.initial = listed[0].name

    def rows(self, state: str, event: str) -> list[Transition[S, E]]:
        """Return the rows for an event in a state, in order."""
        return [row for row in self.transitions if row.event == event and state in row.sources]

    def legal(self, state: str) -> tuple[E, ...]:
        """Return the events that the table has in a state, in order."""
        return tuple(event for event in self.events if self.rows(state, event))

    def choose(self, state: str, event: str, data: Data, value: Any) -> Transition[S, E]:
        """Return the row that an event takes.

        Raises:
            IllegalTransition: there is none, or no guard agrees.
        """
        rows = self.rows(state, event)
        for row in rows:
            if row.guard is None or row.guard(dict(data), value):
                return row
        needs = " or ".join(dict.fromkeys(row.needs or _name(row.guard) for row in rows))
        raise IllegalTransition(state, str(event), self.legal(state), self.events, needs)

    def refusal(self, state: str, event: str, data: Data, value: Any) -> IllegalTransition | None:
        """Return why an event is not possible; None where it is, or where its guard raises."""
        try:
            self.choose(state, event, data, value)
        except IllegalTransition as refused:
            return refused
        except Exception:
            return None  # the node will meet it as well, and go to the error state
        return None

    def edges(self) -> Iterator[tuple[S, str, S]]:
        """Yield every (source, event, target), exceptions included; guards are not asked."""
        for row in self.transitions:
            for source in row.sources:
                yield source, row.event, row.target
        for name, state in self.states.items():
            if name != self.error and not state.final:
                yield name, EXCEPTION, self.error

    def _faults(self, names: list[S]) -> list[str]:
        if not names:
            return ["it has no states"]
        faults = [
            f"state {name!r} is there twice" for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]  # fmt: skip
        mentioned = {self.error: "the error state"}
        for row in self.transitions:
            mentioned |= dict.fromkeys((*row.sources, row.target), f"event {row.event!r}")
        faults += [
            f"{who} names {name!r}, which is no state"
            for name, who in mentioned.items()
            if name not in self.states
        ]
        without = [row.event for row in self.transitions if not row.sources]
        faults += [f"event {event!r} has no source" for event in without]
        if EXCEPTION in self.events:
            faults.append(f"{EXCEPTION!r} is the machine's own event; choose another name")
        for state in self.states.values():
            faults += self._faults_of(state)
        first = self.states[names[0]]
        if first.run or first.ask:
            faults.append(f"{first.name!r} is the first state, and must rest until an event comes")
        return faults or self._dead_ends(names[0])

    def _faults_of(self, state: State[S, E]) -> Iterator[str]:
        name = state.name
        if state.run and state.ask:
            yield f"{name!r} works and asks; make two states of it"
        if state.final and (state.run or state.ask or self.legal(name)):
            yield f"{name!r} is final, and has work, a question or a way out"
        if name == self.error and state.run:
            yield f"{name!r} is the error state and must not work: its work could fail as well"
        for event in self.legal(name):
            guards = [row.guard for row in self.rows(name, event)]
            if None in guards[:-1]:
                yield f"{event!r} in {name!r}: a row without a guard hides those after it"

    def _dead_ends(self, initial: S) -> list[str]:
        edges = list(self.edges())
        reached = _spread({initial}, [(a, b) for a, _, b in edges])
        ends = {initial} | {each.name for each in self.states.values() if each.final}
        leaves = _spread(ends, [(b, a) for a, event, b in edges if event != EXCEPTION])
        faults = [f"nobody reaches {name!r}" for name in self.states if name not in reached]
        return faults + [
            f"from {name!r} no event leads back to {initial!r} or to a final state"
            for name in self.states
            if name in reached and name not in leaves
        ]


def _spread(found: set[S], arrows: list[tuple[S, S]]) -> set[S]:
    """Return the states that arrows reach from some states, those included."""
    found = set(found)
    while new := {b for a, b in arrows if a in found} - found:
        found |= new
    return found


def plain(name: Any) -> Any:
    """Return a name as plain text; a member of an enumeration doesn't survive every checkpoint."""
    return getattr(name, "value", name)


def _plain_row(row: Transition[S, E]) -> Transition[S, E]:
    sources = tuple(map(plain, row.sources))
    return replace(row, source=sources, event=plain(row.event), target=plain(row.target))


def _name(guard: Callable[..., bool] | None) -> str:
    return f"{getattr(guard, '__name__', guard)!r}"
