"""Contracts: what is refused while building, what is refused while running, what goes through."""

from __future__ import annotations

import dataclasses
import operator
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import START, StateGraph
from langgraph.types import Command
from tests.agent_patterns.subgraphs.graphs import (
    BLOG,
    MAIL,
    BlogState,
    MailState,
    blog,
    parent,
    research,
    use,
)

from agent_patterns.subgraphs import Contract, ContractError, adapt, check_contract
from agent_patterns.subgraphs._types import accepts, fault_of

CONFIG = {"configurable": {"thread_id": "1"}}


def changed(contract: Contract, **changes: Any) -> Contract:
    return dataclasses.replace(contract, **changes)


def test_two_parents_share_one_subgraph_and_get_only_what_they_read() -> None:
    shared = research()
    first = parent(adapt(shared, BLOG)).invoke({"topic": "ink"}, CONFIG)
    second = parent(adapt(shared, MAIL), MailState).invoke({"mail": "Hi\npaper?"}, CONFIG)
    assert first == {
        "topic": "ink",
        "notes": [{"text": "Iron gall ink darkens.", "source": "ink-01"}],
        "post": "ink: 1",
    }
    assert second == {
        "mail": "Hi\npaper?",
        "sources": ["paper-01", "paper-02"],
        "draft": "paper?: 2",
    }


def test_a_graph_that_is_not_compiled_is_refused_with_the_way_out() -> None:
    with pytest.raises(ContractError, match="a StateGraph is no subgraph: hand over the compiled"):
        adapt(StateGraph(BlogState), BLOG)  # type: ignore[arg-type]


async def test_the_node_works_async_too() -> None:
    result = await blog().ainvoke({"topic": "paper"}, CONFIG)
    assert [note["source"] for note in result["notes"]] == ["paper-01", "paper-02"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sends": {}}, "needs 'question', which this parent does not send"),
        ({"sends": {"question": "topik"}}, "'topik', which the parent does not have"),
        ({"sends": {"question": "topic", "depth": "topic"}}, "'depth', a key that the subgraph"),
        ({"sends": {"question": "notes"}}, "sends 'question' as list"),
        ({"sends": {"question": lambda state: state["topic"]}}, "without an annotated result"),
        ({"reads": {"note": "findings"}}, "'note', a key that the parent does not have"),
        ({"reads": {"notes": "found"}}, "'found', which the subgraph does not have"),
        ({"reads": {"post": "findings"}}, "reads 'post' as list"),
    ],
)
def test_keys_and_types_that_do_not_meet_are_refused_while_building(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ContractError, match="blog writer") as error:
        adapt(research(), changed(BLOG, **changes))
    assert told in str(error.value)


def test_a_subgraph_without_an_interface_is_refused() -> None:
    def answer(state: BlogState) -> dict[str, Any]:
        return {}

    bare = StateGraph(BlogState).add_node("answer", answer).add_edge(START, "answer").compile()
    with pytest.raises(ContractError, match="no interface"):
        adapt(bare, changed(BLOG, sends={}, reads={}))


class Growing(TypedDict, total=False):
    seen: Annotated[list[str], operator.add]


class Seen(TypedDict):
    seen: list[str]


def more(state: Any) -> dict[str, Any]:
    return {"seen": [*state["seen"], "new"]}


def test_a_list_with_a_reducer_is_not_sent_and_added_to_itself() -> None:
    class Private(TypedDict):
        seen: list[str]
        other: NotRequired[int]

    builder = StateGraph(Private, input_schema=Seen, output_schema=Seen).add_node("more", more)
    sub = builder.add_edge(START, "more").compile()
    doubling = parent(sub, Growing).invoke({"seen": ["old"]}, CONFIG)
    assert doubling["seen"] == ["old", "old", "new"]  # what the guard is for
    with pytest.raises(ContractError, match="added a second time"):
        adapt(sub, Contract("growing", Growing, {"seen": "seen"}, {"seen": "seen"}))

    def new(result: Seen) -> list[str]:
        return result["seen"][-1:]

    node = adapt(sub, Contract("growing", Growing, {"seen": "seen"}, {"seen": new}))
    assert parent(node, Growing).invoke({"seen": ["old"]}, CONFIG)["seen"] == ["old", "new"]


def test_a_value_that_breaks_its_annotation_is_named() -> None:
    with pytest.raises(ContractError, match="sends 'question': 'topic' is not set"):
        blog().invoke({"post": ""}, CONFIG)
    with pytest.raises(ContractError, match="should be a valid string, not NoneType"):
        blog().invoke({"topic": None}, CONFIG)


def test_a_value_from_the_subgraph_is_checked_as_well() -> None:
    from agent_patterns.subgraphs.research import research_subgraph

    broken = research_subgraph(lambda question: [{"text": "no source"}], lambda *_: "x")  # type: ignore[list-item]
    with pytest.raises(ContractError, match=r"reads 'notes': field required at 0\.source"):
        parent(adapt(broken, BLOG)).invoke({"topic": "ink"}, CONFIG)


def test_all_parents_are_checked_and_all_faults_are_told() -> None:
    assert check_contract(research(), [BLOG, MAIL]) == {"blog writer": 2, "e-mail responder": 1}
    late = changed(MAIL, reads={"sources": "sources", "draft": "abstract"})
    with pytest.raises(ContractError) as error:
        check_contract(research(), [changed(BLOG, sends={}), late])
    assert {name: len(faults) for name, faults in error.value.broken.items()} == {
        "blog writer": 1,
        "e-mail responder": 2,
    }


def test_a_version_that_starts_to_ask_a_human_breaks_parents_without_an_answer() -> None:
    asking = research(ask=True)
    with pytest.raises(ContractError, match=r"stops to ask .*use_sources") as error:
        check_contract(asking, [BLOG, changed(MAIL, answers=[use(["paper-02"])])])
    assert list(error.value.broken) == ["blog writer"]


def test_a_version_that_raises_is_reported_for_the_example() -> None:
    from agent_patterns.subgraphs.research import research_subgraph

    def down(question: str) -> Any:
        raise ConnectionError(f"the library is closed for {question}")

    with pytest.raises(ContractError, match="example 2: raises ConnectionError: the library"):
        check_contract(research_subgraph(down, lambda *_: ""), [BLOG])


def jumping(command: Command[Any]) -> Any:
    class In(TypedDict):
        question: str

    class Out(TypedDict):
        findings: list[Any]
        summary: str

    class Private(TypedDict, total=False):
        question: str
        findings: list[Any]
        summary: str
        more: int

    builder = StateGraph(Private, input_schema=In, output_schema=Out)
    return builder.add_node("up", lambda state: command).add_edge(START, "up").compile()


def test_a_jump_to_the_parent_is_checked_before_it_is_lost() -> None:
    good = Command(graph=Command.PARENT, goto="give_up", update={"post": "none"})
    contract = changed(BLOG, exits=["give_up"])

    def build(command: Command[Any], agreed: Contract) -> Any:
        builder = StateGraph(BlogState).add_node("research", adapt(jumping(command), agreed))
        builder.add_node("give_up", lambda state: {"topic": "gave up"})
        return builder.add_edge(START, "research").compile()

    assert build(good, contract).invoke({"topic": "ink"}) == {"topic": "gave up", "post": "none"}
    with pytest.raises(ContractError, match="jumps to 'give_up', which is no exit"):
        build(good, BLOG).invoke({"topic": "ink"})
    lost = Command(graph=Command.PARENT, goto="give_up", update={"pots": "none"})
    with pytest.raises(ContractError, match="updates 'pots', which the parent lacks"):
        build(lost, contract).invoke({"topic": "ink"})


VALUES: dict[Any, Any] = {
    str: st.text(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    list[str]: st.lists(st.text()),
    list[int]: st.lists(st.integers()),
    dict[str, int]: st.dictionaries(st.text(), st.integers()),
    str | None: st.none() | st.text(),
    Literal["a", "b"]: st.sampled_from(["a", "b"]),
    Annotated[list[str], operator.add]: st.lists(st.text()),
}


@given(st.sampled_from(list(VALUES)), st.sampled_from(list(VALUES)), st.data())
def test_a_type_that_is_accepted_has_only_values_that_fit(
    target: Any, given_: Any, data: st.DataObject
) -> None:
    if accepts(target, given_):
        assert fault_of(target, data.draw(VALUES[given_])) == ""


@given(st.sampled_from(list(VALUES)))
def test_every_type_accepts_itself_and_any(hint: Any) -> None:
    assert accepts(hint, hint)
    assert accepts(hint, Any)
    assert accepts(Any, hint)


def test_narrow_does_not_accept_wide() -> None:
    for target, given_ in [(str, str | None), (list[str], list[int]), (Literal["a"], str)]:
        assert not accepts(target, given_)
