"""Put one subgraph into many parents: a contract per parent, an adapter, a test kit.

A shared subgraph has an interface (its `input_schema` and `output_schema`), and every parent has
a state of its own.  A `Contract` says how the two meet.  `adapt()` turns it into a node.
`check_contract()` runs a new version of the subgraph against the contracts of all parents, as in
consumer-driven contracts (Ian Robinson, 2006).

What goes wrong, and what guards it:

| Failure                                                | Guard                                   |
|--------------------------------------------------------|-----------------------------------------|
| Keys don't meet: nothing comes back, and no error      | `adapt()` raises while the graph builds |
| A type differs: `str` sent where a list is expected    | `adapt()` compares the annotations      |
| A value breaks its annotation: `None` for a `str`      | the node checks values, both ways       |
| Private keys of the subgraph leak into the parent      | only what `reads` names comes back      |
| A shared list with a reducer doubles on every call     | `adapt()` refuses to send it and add it |
| `Command.PARENT` names a node that isn't there         | the node allows only `exits`            |
| A new version renames a key, or starts to ask a human  | `check_contract()` names every parent   |
| Two calls in one node share a memory                   | one node per call; the adapter is one   |

Interrupts, checkpoints and streams pass through, and `get_graph(xray=True)` sees the subgraph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import ParentCommand
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from agent_patterns.errors import PatternError
from agent_patterns.subgraphs import _types

Subgraph = CompiledStateGraph[Any, Any, Any, Any]
Source = str | Callable[[Any], Any]
"""A key of the other state, or a function of that state with an annotated result."""


class ContractError(PatternError):
    """A subgraph does not keep what a parent relies on; `broken` tells faults by parent."""

    def __init__(self, broken: Mapping[str, Sequence[str]]) -> None:
        self.broken = {parent: list(faults) for parent, faults in broken.items()}
        lines = [f"{parent}: {fault}" for parent, all_ in self.broken.items() for fault in all_]
        super().__init__("The subgraph breaks a contract.\n  " + "\n  ".join(lines))


@dataclass(frozen=True)
class Contract:
    """Say how one parent uses a subgraph.

    Attributes:
        parent: the parent's name, for messages.
        state: the parent's state schema.
        sends: for each input key of the subgraph, the parent's key or a function of its state.
        reads: for each key of the parent, the subgraph's output key or a function of its output.
        exits: nodes of the parent that the subgraph may jump to with `Command(graph=PARENT)`.
        examples: parent states that `check_contract()` runs through the subgraph.
        answers: what it gives to interrupts on the way, in this order; with none, the subgraph
            may not stop for a human.
    """

    parent: str
    state: type
    sends: Mapping[str, Source]
    reads: Mapping[str, Source]
    exits: Sequence[str] = ()
    examples: Sequence[Mapping[str, Any]] = ()
    answers: Sequence[Any] = ()


def adapt(subgraph: Subgraph, contract: Contract) -> RunnableLambda[Any, Any]:
    """Return a node that runs the subgraph for one parent.

    Raises:
        ContractError: keys or types don't meet; raised here, while the parent is built.  The
            node raises it too, when a value breaks its annotation or an exit isn't allowed.
    """
    if faults := _schema_faults(subgraph, contract):
        raise ContractError({contract.parent: faults})
    takes, gives = _types.hints(subgraph.builder.input_schema), _types.hints(contract.state)

    def sent(state: Any) -> dict[str, Any]:
        return _translate(contract, contract.sends, state, takes, "sends")

    def read(result: Any) -> dict[str, Any]:
        return _translate(contract, contract.reads, result, gives, "reads")

    def run(state: Any, config: RunnableConfig) -> dict[str, Any]:
        try:
            return read(subgraph.invoke(sent(state), config))
        except ParentCommand as jump:
            raise _checked(jump, contract, gives) from None

    async def arun(state: Any, config: RunnableConfig) -> dict[str, Any]:
        try:
            return read(await subgraph.ainvoke(sent(state), config))
        except ParentCommand as jump:
            raise _checked(jump, contract, gives) from None

    return RunnableLambda(run, arun, name=subgraph.get_name())


def check_contract(subgraph: Subgraph, contracts: Sequence[Contract]) -> dict[str, int]:
    """Check a version of a subgraph against all its parents; return examples run, by parent.

    Compares keys and types, then runs every example through the real subgraph.

    Raises:
        ContractError: at least one contract is broken; it names every parent and every fault.
    """
    broken: dict[str, list[str]] = {}
    for contract in contracts:
        faults = _schema_faults(subgraph, contract)
        if not faults:
            for number, example in enumerate(contract.examples, 1):
                fault = _example_fault(subgraph, contract, example)
                faults += [f"example {number}: {fault}"] if fault else []
        if faults:
            broken.setdefault(contract.parent, []).extend(faults)
    if broken:
        raise ContractError(broken)
    return {contract.parent: len(contract.examples) for contract in contracts}


def _schema_faults(subgraph: Subgraph, contract: Contract) -> list[str]:
    if not isinstance(subgraph, CompiledStateGraph):
        return [f"a {type(subgraph).__name__} is no subgraph: hand over the compiled graph"]
    builder = subgraph.builder
    if (
        builder.input_schema is builder.state_schema
        or builder.output_schema is builder.state_schema
    ):
        return [
            f"{subgraph.get_name()} has no interface: build it with input_schema= and "
            "output_schema=, or every private key of it is public"
        ]
    takes, returns, own = (
        _types.hints(schema)
        for schema in (builder.input_schema, builder.output_schema, contract.state)
    )
    faults = [
        f"the subgraph needs {key!r}, which this parent does not send"
        for key in sorted(_types.required_keys(builder.input_schema) - set(contract.sends))
    ]
    faults += _mapping_faults(contract.sends, own, takes, "sends", "the parent", "the subgraph")
    faults += _mapping_faults(contract.reads, returns, own, "reads", "the subgraph", "the parent")
    for key, source in contract.reads.items():
        if contract.sends.get(str(source)) == key and _types.adds_up(contract.state, key):
            faults.append(
                f"{key!r} has a reducer: sent and read back, its items are added a second time; "
                "read a key that holds only what is new"
            )
    return faults


def _mapping_faults(
    mapping: Mapping[str, Source],
    source: Mapping[str, Any],
    target: Mapping[str, Any],
    verb: str,
    giver: str,
    taker: str,
) -> list[str]:
    faults = []
    for key, origin in mapping.items():
        if key not in target:
            faults.append(f"{verb} {key!r}, a key that {taker} does not have")
            continue
        if isinstance(origin, str):
            if origin not in source:
                faults.append(f"{verb} {key!r} from {origin!r}, which {giver} does not have")
                continue
            given = source[origin]
        else:
            given = get_type_hints(origin).get("return")
            if given is None:
                faults.append(f"{verb} {key!r} by a function without an annotated result")
                continue
        if not _types.accepts(target[key], given):
            faults.append(
                f"{verb} {key!r} as {_types.named(given)}, but it is {_types.named(target[key])}"
            )
    return faults


def _translate(
    contract: Contract,
    mapping: Mapping[str, Source],
    state: Any,
    target: Mapping[str, Any],
    verb: str,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, origin in mapping.items():
        if callable(origin):
            value = origin(state)
        else:
            held = state if isinstance(state, Mapping) else vars(state)
            if origin not in held:
                raise ContractError({contract.parent: [f"{verb} {key!r}: {origin!r} is not set"]})
            value = held[origin]
        if fault := _types.fault_of(target[key], value):
            raise ContractError({contract.parent: [f"{verb} {key!r}: {fault}"]})
        values[key] = value
    return values


def _checked(jump: ParentCommand, contract: Contract, gives: Mapping[str, Any]) -> Exception:
    command: Command[Any] = jump.args[0]
    goto = command.goto if isinstance(command.goto, list | tuple) else [command.goto]
    nodes = [getattr(target, "node", target) for target in goto]
    exits = (*contract.exits, END)
    faults = [f"jumps to {node!r}, which is no exit" for node in nodes if node not in exits]
    updated = command.update if isinstance(command.update, Mapping) else {}
    faults += [f"updates {key!r}, which the parent lacks" for key in updated if key not in gives]
    return ContractError({contract.parent: faults}) if faults else jump


def _example_fault(subgraph: Subgraph, contract: Contract, example: Mapping[str, Any]) -> str:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(contract.state)
    builder.add_node("subgraph", adapt(subgraph, contract))
    for node in contract.exits:
        builder.add_node(node, lambda state: None)
    graph = builder.add_edge(START, "subgraph").compile(checkpointer=InMemorySaver())
    config: RunnableConfig = {"configurable": {"thread_id": "contract"}}
    answers = list(contract.answers)
    step: Any = dict(example)
    try:
        while waiting := graph.invoke(step, config).get("__interrupt__"):
            if len(answers) < len(waiting):
                asked = waiting[len(answers)].value
                asked = asked.get("action", asked) if isinstance(asked, Mapping) else asked
                return f"stops to ask {asked!r}, and the contract has no answer for it"
            step = Command(resume={one.id: answers.pop(0) for one in waiting})
    except ContractError as error:
        return "; ".join(fault for faults in error.broken.values() for fault in faults)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    return ""
