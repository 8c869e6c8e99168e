"""Properties of the reducers, alone and inside a graph."""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Overwrite, RetryPolicy

from agent_patterns.errors import PatternError
from agent_patterns.state import append, join, latest_by, maximum, unique
from agent_patterns.state.errors import StateError

numbers = st.integers(-5, 5)
lists = st.lists(numbers, max_size=6)
texts = st.text("ab", max_size=3)
items = st.lists(st.fixed_dictionaries({"id": st.integers(0, 3), "value": numbers}), max_size=6)

REDUCERS: dict[str, tuple[Callable[[Any, Any], Any], st.SearchStrategy[Any]]] = {
    "append": (append, lists),
    "join": (join(" | "), texts),
    "maximum": (maximum, st.none() | numbers),
    "unique": (unique(), lists),
    "unique, capped": (unique(3), lists),
    "unique, by key": (unique(2, key=lambda item: item["id"]), items),
    "latest_by": (latest_by("id"), items),
}
IDEMPOTENT = ["maximum", "unique", "unique, capped", "unique, by key", "latest_by"]


@pytest.mark.parametrize("name", REDUCERS)
@given(data=st.data())
def test_every_reducer_is_associative(name: str, data: st.DataObject) -> None:
    reduce, values = REDUCERS[name]
    a, b, c = data.draw(values), data.draw(values), data.draw(values)
    assert reduce(reduce(a, b), c) == reduce(a, reduce(b, c))


@pytest.mark.parametrize("name", IDEMPOTENT)
@given(data=st.data())
def test_the_same_update_twice_changes_nothing(name: str, data: st.DataObject) -> None:
    reduce, values = REDUCERS[name]
    a, b = data.draw(values), data.draw(values)
    assert reduce(reduce(a, b), b) == reduce(a, b)


@pytest.mark.parametrize("name", IDEMPOTENT)
@given(data=st.data())
def test_a_subgraph_that_hands_back_the_whole_key_changes_nothing(
    name: str, data: st.DataObject
) -> None:
    reduce, values = REDUCERS[name]
    a, b = data.draw(values), data.draw(values)
    inner = reduce(reduce(None, a), b)
    assert reduce(reduce(None, a), inner) == inner


@given(a=st.none() | numbers, b=st.none() | numbers)
def test_maximum_alone_is_commutative(a: int | None, b: int | None) -> None:
    assert maximum(a, b) == maximum(b, a)


@pytest.mark.parametrize("name", ["append", "join", "unique", "latest_by"])
def test_the_table_is_honest_about_order(name: str) -> None:
    reduce, values = REDUCERS[name]
    find(st.tuples(values, values), lambda pair: reduce(*pair) != reduce(*reversed(pair)))


def test_the_obvious_capped_reducer_is_not_associative() -> None:
    def obvious(old: list[int], new: list[int]) -> list[int]:
        return list(dict.fromkeys([*old, *new]))[-2:]

    a, b, c = find(
        st.tuples(lists, lists, lists),
        lambda t: obvious(obvious(t[0], t[1]), t[2]) != obvious(t[0], obvious(t[1], t[2])),
    )
    ours = unique(2)
    assert ours(ours(a, b), c) == ours(a, ours(b, c))


@given(old=lists, new=lists, cap=st.integers(1, 4))
def test_unique_keeps_the_newest(old: list[int], new: list[int], cap: int) -> None:
    kept = unique(cap)(old, new)
    assert len(kept) == len(set(kept)) <= cap
    assert set(kept) <= {*old, *new}
    last_first = list(dict.fromkeys(reversed([*old, *new])))
    assert kept == last_first[:cap][::-1]


@given(old=lists, new=lists)
def test_reducers_leave_their_arguments_alone(old: list[int], new: list[int]) -> None:
    before = (list(old), list(new))
    for reduce in (append, unique(2)):
        result = reduce(old, new)
        result.append(99)
        assert (old, new) == before


def test_single_items_and_nothing() -> None:
    assert append(["a"], "word") == ["a", "word"]
    assert append(None, None) == []
    assert unique()(("a", "b"), "a") == ["b", "a"]
    assert join(", ")(None, "a") == "a"
    assert join(", ")("", "") == ""
    assert maximum(None, None) is None
    assert latest_by("id")(None, {"id": 1}) == [{"id": 1}]


def test_errors_say_what_to_do() -> None:
    for cap in (0, -1, True, 1.5):
        with pytest.raises(StateError, match="Give 1 or more"):
            unique(cap)  # type: ignore[arg-type]
    with pytest.raises(PatternError, match="Give it a `key`"):
        unique()([], [{"id": 1}])
    with pytest.raises(StateError, match="without 'id'"):
        latest_by("id")([], [{"name": "no id"}])
    with pytest.raises(StateError, match="Return a str"):
        join()("a", ["b"])  # type: ignore[arg-type]


class Notes(TypedDict):
    """State for the graphs below."""

    appended: Annotated[list[str], append]
    kept: Annotated[list[str], unique(3)]
    joined: Annotated[str, join(" ")]
    best: Annotated[float | None, maximum]


def _graph(*nodes: Callable[[Notes], Any], **options: Any) -> Any:
    builder = StateGraph(Notes)
    builder.add_node("first", nodes[0], **options)
    for number, node in enumerate(nodes[1:], start=2):
        builder.add_node(f"node{number}", node)
        builder.add_edge(START, f"node{number}")
        builder.add_edge(f"node{number}", END)
    builder.add_edge(START, "first")
    builder.add_edge("first", END)
    return builder.compile(checkpointer=InMemorySaver())


CONFIG: Any = {"configurable": {"thread_id": "t"}}


def test_parallel_nodes_merge() -> None:
    def one(_: Notes) -> dict[str, Any]:
        return {"appended": ["one"], "kept": ["x"], "joined": "one", "best": -2.0}

    def two(_: Notes) -> dict[str, Any]:
        return {"appended": "two", "kept": ["x"], "joined": "two", "best": -3.0}

    assert _graph(one, two).invoke({"appended": []}, CONFIG) == {
        "appended": ["one", "two"],
        "kept": ["x"],
        "joined": "one two",
        "best": -2.0,
    }


def test_an_unoptional_maximum_starts_from_zero() -> None:
    class Temperatures(TypedDict):
        high: Annotated[float, maximum]
        true_high: Annotated[float | None, maximum]

    builder = StateGraph(Temperatures)
    builder.add_node("measure", lambda _: {"high": -4.0, "true_high": -4.0})
    builder.add_edge(START, "measure")
    out = builder.compile().invoke({"high": -7.0, "true_high": -7.0})
    assert out == {"high": 0.0, "true_high": -4.0}


def test_a_retry_doubles_nothing_and_a_replay_neither() -> None:
    attempts = []

    def flaky(_: Notes) -> dict[str, Any]:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConnectionError("down")
        return {"appended": ["a"], "kept": ["a"], "joined": "a"}

    graph = _graph(flaky, retry_policy=RetryPolicy(initial_interval=0, jitter=False))
    out = graph.invoke({"appended": []}, CONFIG)
    assert len(attempts) == 2
    assert (out["appended"], out["joined"]) == (["a"], "a")
    before = next(s for s in graph.get_state_history(CONFIG) if s.next == ("first",))
    again = graph.invoke(None, before.config)
    assert len(attempts) == 3
    assert (again["appended"], again["joined"]) == (["a"], "a")


def test_a_second_run_on_the_thread_shows_the_difference() -> None:
    graph = _graph(lambda _: {"appended": ["a"], "kept": ["a"]})
    graph.invoke({"appended": []}, CONFIG)
    out = graph.invoke({"appended": []}, CONFIG)
    assert (out["appended"], out["kept"]) == (["a", "a"], ["a"])


def test_a_reducer_counts_only_as_the_last_annotation() -> None:
    class Misplaced(TypedDict):
        first: Annotated[list[str], append, "the names of all guests"]
        last: Annotated[list[str], "the names of all guests", append]

    builder = StateGraph(Misplaced)
    builder.add_node("greet", lambda _: {"first": ["Ines"], "last": ["Ines"]})
    builder.add_edge(START, "greet")
    out = builder.compile().invoke({"first": ["Clara"], "last": ["Clara"]})
    assert out == {"first": ["Ines"], "last": ["Clara", "Ines"]}


def test_the_first_value_of_an_optional_key_meets_no_reducer() -> None:
    class Late(TypedDict):
        optional: Annotated[list[int] | None, unique(2)]
        plain: Annotated[list[int], unique(2)]

    builder = StateGraph(Late)
    builder.add_node("write", lambda _: {"optional": [1, 2, 3], "plain": [1, 2, 3]})
    builder.add_edge(START, "write")
    assert builder.compile().invoke({}) == {"optional": [1, 2, 3], "plain": [2, 3]}


def test_overwrite_passes_a_reducer_by() -> None:
    graph = _graph(lambda _: {"appended": Overwrite(["only this"])})
    assert graph.invoke({"appended": ["old"]}, CONFIG)["appended"] == ["only this"]
