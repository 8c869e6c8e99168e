"""Check: A pipeline that resumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from courseware.exercises import Wrong, chance, expect
from courseware.lessons.team_shapes.exercises.common import _times


class _Works:
    """Stages that count their runs, and one that is broken until it is fixed."""

    def __init__(self, names: tuple[str, ...], broken: str) -> None:
        self.names = names
        self.broken: str | None = broken
        self.runs: list[str] = []
        self.raised: list[ConnectionError] = []

    @property
    def stages(self) -> list[tuple[str, Callable[[str], str]]]:
        return [(name, self._stage(name)) for name in self.names]

    def _stage(self, name: str) -> Callable[[str], str]:
        def run(value: str) -> str:
            self.runs.append(f"{name}({value})")
            if name == self.broken:
                error = ConnectionError("the catalogue does not answer")
                self.raised.append(error)
                raise error
            return f"{value}+{name[0]}"

        return run


def check(build_pipeline: Callable[..., Any]) -> None:
    """Break a stage, fix it, resume; with two orders, and after a restart."""
    draw = chance()
    pool = ("validate", "charge", "enrich", "store", "weigh", "label", "insure")
    names = tuple(draw.sample(pool, draw.randint(4, 6)))
    _takes_the_checkpointer(build_pipeline, names)
    done = "".join(f"+{name[0]}" for name in names)
    for broken in (names[-2], names[0], names[-1]):
        works, saver = _Works(names, broken), InMemorySaver()
        graph = build_pipeline(works.stages, saver)
        one: Any = {"configurable": {"thread_id": "one"}}
        two: Any = {"configurable": {"thread_id": "two"}}
        try:
            _fails(graph, one, "a", works)
        except Wrong:
            _one_stage_for_all(works.runs)
            raise
        at = [name for name, _ in works.stages].index(broken)
        tries = sum(run.startswith(f"{broken}(") for run in works.runs)
        expect(
            tries == 1,
            "tries-again-by-itself",
            f"{broken!r} failed, and ran {_times(tries)} before the run ended. A stage that raised"
            " may have done half its work, such as charging a customer. Here a failure ends the"
            " run, and `graph.invoke(None, config)` is what tries again.",
        )
        expect(
            len(works.runs) == at + 1,
            "goes-on-after-a-failure",
            f"{broken!r} failed, and yet these ran: {', '.join(works.runs)}. What comes after a"
            " failed stage must not run.",
        )
        _fails(graph, two, "b", works)
        works.broken, works.runs = None, []
        again = build_pipeline(works.stages, saver)
        result = _resumed(again, one)
        repeated = [run.split("(")[0] for run in works.runs]
        expect(
            repeated == [name for name, _ in works.stages][at:],
            "repeats-finished-stages",
            f"{broken!r} failed and was fixed. Then these ran: {', '.join(repeated)}. Finished"
            f" stages are in the checkpoint; begin with {broken!r}.",
        )
        expect(
            result == f"a{done}",
            "mixes-up-orders",
            f"Order one came out as {result!r} instead of 'a{done}'. Keep values in the state of"
            " the thread, not in a variable that all threads share.",
        )
        second = _resumed(again, two)
        expect(
            second == f"b{done}",
            "mixes-up-orders",
            f"Order two came out as {second!r} instead of 'b{done}'.",
        )


def _takes_the_checkpointer(build_pipeline: Callable[..., Any], names: tuple[str, ...]) -> None:
    given = InMemorySaver()
    first = build_pipeline(_Works(names, names[2]).stages, given)
    if first is None:
        raise Wrong("returns-nothing", "`build_pipeline` returned None: end it with `return`.")
    expect(
        hasattr(first, "invoke"),
        "returns-no-graph",
        f"`build_pipeline` returned {type(first).__name__}, not a compiled graph.",
    )
    expect(
        getattr(first, "checkpointer", given) is given,
        "forgets-the-checkpointer",
        "The graph does not have the checkpointer that you were given, so what a run has done is"
        " not there for the next process, and nothing can be resumed. Compile it with"
        " `builder.compile(checkpointer=checkpointer)`.",
    )


def _one_stage_for_all(runs: list[str]) -> None:
    names = [run.split("(")[0] for run in runs]
    if len(names) > 1 and len(set(names)) == 1:
        raise Wrong(
            "runs-the-last-stage-only",
            f"The stage {names[0]!r} ran {len(names)} times, and no other. A function made in a"
            " loop sees the loop's last value: make the node in a function of its own, or bind the"
            " value as a default argument.",
        ) from None


def _fails(graph: Any, config: Any, value: str, works: _Works) -> None:
    broken = str(works.broken)
    try:
        graph.invoke({"value": value}, config, durability="sync")
    except Exception as error:
        kept, touched = _behind(error, contexts=False), _behind(error, contexts=True)
        notes = [note for note in getattr(error, "__notes__", ()) if "During task" not in note]
        told = "\n".join([str(error), *notes])  # LangGraph's own note names the node
        if not works.raised or (works.raised[-1] not in touched and broken not in told):
            raise
        expect(
            broken in told,
            "hides-the-stage",
            f"The error says {told!r}. Somebody has to fix this at night: name the stage"
            f" ({broken!r}), and keep the cause with `raise … from error`.",
        )
        expect(
            works.raised[-1] in kept,
            "hides-the-cause",
            f"The error names the stage, and its `__cause__` is {error.__cause__!r}, not what the"
            " stage raised. `from None` throws it away, and without `from` Python reports it as a"
            " second error raised while handling the first: write `raise … from error`.",
        )
    else:
        raise Wrong(
            "swallows-the-failure",
            f"The stage {broken!r} raised, and the pipeline ended as if all was well. Let the"
            " error out of the node: only then is the step unfinished, and can be resumed.",
        )


def _behind(error: BaseException, *, contexts: bool) -> list[BaseException]:
    """Return an error and its causes; with `contexts` also what was being handled then."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        context = following.__context__ if contexts else None
        following = following.__cause__ or context
    return found


def _resumed(graph: Any, config: Any) -> Any:
    state = graph.invoke(None, config, durability="sync")
    expect(
        isinstance(state, dict) and "result" in state,
        "no-result",
        "After resuming there is no `result` in the state. The last stage's value belongs there.",
    )
    return state["result"]
