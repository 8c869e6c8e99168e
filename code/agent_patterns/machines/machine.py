"""A transition table that becomes a LangGraph graph.

Every state is a node. A transition is a `Command`: it leaves the node for the target's and stores,
in the same checkpoint, the new state and what its effects changed. So a thread's state is in the
database and nowhere else, and `graph.get_state()` shows it while the node is still at work.

What goes wrong, and what guards it:

| Failure                                       | Guard                                      |
|-----------------------------------------------|--------------------------------------------|
| Work raises; the thread is busy for ever      | every exception leads to the error state   |
| An effect raises in mid-transition            | what the others changed is dropped         |
| Work returns what cannot be stored            | error, and not a thread that is stuck      |
| The process dies; its state was an attribute  | the state is in the checkpoint             |
| The process dies at work                      | `send` and `resume` finish that work first |
| A restart in the middle of a question         | it is an `interrupt`, and `send` finds it  |
| An event that is not possible now             | `IllegalTransition` names those that are   |
| A bad answer                                  | its guard refuses it; the question waits on |
| A question's entry effect runs on each resume | it runs in the step before the question    |
| A double click answers the next question too  | `to=` names the question that is meant     |
| Two events at once on one thread              | one is taken, the other is told `Busy`     |
| States send each other round and round        | error after `limit` transitions in a row   |
| A state nobody leaves, or nobody reaches      | `InvalidTable`, before anything runs       |

Work and effects happen at least once: a process that dies after an effect and before its checkpoint
does it again. Where that costs money, give the effect a key (`agent_patterns.durable`).

Sources: D. Harel, *Statecharts* (1987); W3C, *SCXML* (2015), for exit, action and entry in this
order and for `error.execution`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypedDict, cast, get_type_hints

from langgraph.errors import GraphBubbleUp, GraphInterrupt
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from agent_patterns.machines.errors import IllegalTransition, InvalidTable, MachineError
from agent_patterns.machines.session import ERROR, EVENT, OWN, REFUSED, STATE, STEPS, Session
from agent_patterns.machines.table import Data, E, S, State, Table, Transition

ANSWER = "answer"
"""The event of a plain answer, for panels that resume a question with a value alone."""


class Machine(Generic[S, E]):
    """Make a graph of a table.

    Args:
        name: its name, for messages and drawings.
        schema: the `TypedDict` of its data. A key holds what was last returned for it; reducers
            are not used.
        states: all states; the first is where a thread begins.
        transitions: all rows; of those for one state and event, the first whose guard agrees.
        error: the state to which every exception leads.
        limit: transitions in a row without an event from outside.

    Raises:
        InvalidTable: the table cannot work; the message lists its faults.
    """

    def __init__(
        self,
        name: str,
        schema: type,
        states: Iterable[State[S, E]],
        transitions: Iterable[Transition[S, E]],
        *,
        error: S,
        limit: int = 50,
    ) -> None:
        self.name = name
        self.table = Table(name, states, transitions, error)
        self._limit = limit
        self._hints = get_type_hints(schema)
        if faults := [
            f"{key!r} names a key of the data and also a state, or is the machine's own"
            for key in self._hints
            if key in {*self.table.states, *OWN}
        ]:
            raise InvalidTable(name, faults)

    def compile(self, checkpointer: Any) -> Any:
        """Return the graph, compiled with a checkpointer."""
        table = self.table
        schema = cast(Any, TypedDict)(f"{self.name} state", {**self._hints, **OWN}, total=False)
        builder: Any = StateGraph(schema)
        for name, state in table.states.items():
            targets = dict.fromkeys(target for source, _, target in table.edges() if source == name)
            builder.add_node(name, self._node(state), destinations=(*targets, END))
        builder.add_conditional_edges(
            START, lambda values: values.get(STATE) or table.initial, [*table.states]
        )
        return builder.compile(checkpointer=checkpointer, name=self.name)

    def session(self, graph: Any, thread_id: str) -> Session[S, E]:
        """Return the thread of a compiled graph, to send events to."""
        return Session(self.table, graph, thread_id, self._hints)

    def _node(self, state: State[S, E]) -> Any:
        def node(values: Data) -> Command[Any]:
            try:
                return self._step(state, values, *self._event(state, values))
            except Exception as error:
                return self._failed(state, values, error)

        async def anode(values: Data) -> Command[Any]:
            assert state.run is not None
            try:
                event = await cast(Any, state.run(self._data(values)))
                return self._step(state, values, *_pair(event))
            except Exception as error:
                return self._failed(state, values, error)

        return anode if inspect.iscoroutinefunction(state.run) else node

    def _event(self, state: State[S, E], values: Data) -> tuple[str, Any]:
        """Return the event that comes next: of the work, of the answer, or from outside."""
        if state.run:
            return _pair(state.run(self._data(values)))
        if state.ask and not values.get(EVENT):
            answer = interrupt(state.ask(self._data(values)))
            if isinstance(answer, Mapping) and set(answer) == {"event", "value"}:
                return answer["event"], answer["value"]
            return ANSWER, answer
        return _pair(tuple(values[EVENT]))

    def _step(self, state: State[S, E], values: Data, event: str, value: Any) -> Command[Any]:
        """Take an event: exit, action, entry, and on to the target."""
        data = self._data(values)
        try:
            row = self.table.choose(state.name, event, data, value)
        except IllegalTransition as refusal:
            if state.run:  # its own work called for it: a mistake in the program
                raise MachineError(f"The work of {state.name!r} ended in {refusal}") from refusal
            return self._go(state, {REFUSED: str(refusal)})
        steps = values.get(STEPS, 0) + 1 if state.run else 0
        if steps > self._limit:
            raise MachineError(f"{self._limit} transitions in a row without an event from outside")
        target = self.table.states[row.target]
        effects = [(state.exit,), (row.action, value), (target.entry,)]
        changed = self._changed(data, effects)
        own = {STATE: target.name, STEPS: steps, ERROR: "", REFUSED: ""}
        return self._go(target, {**changed, **own})

    def _failed(self, state: State[S, E], values: Data, error: Exception) -> Command[Any]:
        """Return the way to the error state, whose entry effect may fail as well."""
        if isinstance(error, GraphInterrupt) and state.run:
            asked = f"the work of {state.name!r} asked; give the question a state of its own"
            error = MachineError(asked)
        if isinstance(error, GraphBubbleUp):
            raise error  # a question, or a stop
        target = self.table.states[self.table.error]
        told, changed = f"{type(error).__name__}: {error}", {}
        try:
            changed = self._changed(self._data(values), [(target.entry,)])
        except Exception as again:
            told += f"; and on entry to {target.name!r}, {type(again).__name__}: {again}"
        own = {STATE: target.name, STEPS: 0, ERROR: told, REFUSED: ""}
        return self._go(target, {**changed, **own})

    def _changed(self, data: Data, effects: Iterable[tuple[Any, ...]]) -> Data:
        changed: Data = {}
        for effect, *value in effects:
            changed |= (effect and effect({**data, **changed}, *value)) or {}
        if unknown := sorted(set(changed) - set(self._hints)):
            raise MachineError(f"An effect returned {unknown}; the data has {[*self._hints]}.")
        return changed

    def _go(self, target: State[S, E], update: Data) -> Command[Any]:
        """Go on to a state that works or asks; rest in any other."""
        goto = target.name if target.run or target.ask else END
        return Command(goto=goto, update={EVENT: None, **update})

    def _data(self, values: Data) -> Data:
        return {key: values[key] for key in self._hints if key in values}


def _pair(event: Any) -> tuple[str, Any]:
    return event if isinstance(event, tuple) else (event, None)
