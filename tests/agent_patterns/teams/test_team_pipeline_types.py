"""A value that does not fit stops the pipeline where it passes; no value is converted."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel
from tests.agent_patterns.teams.members import Seen, says
from typing_extensions import TypedDict

from agent_patterns.teams import pipeline
from agent_patterns.teams.errors import StageFailed, StageMismatch, TeamError
from agent_patterns.teams.pipeline import resume, stage, start

CONFIG: Any = {"configurable": {"thread_id": "t"}}


class Line(BaseModel):
    quantity: int


class Gift(Line):
    card: str = ""


class Row(TypedDict):
    quantity: int


def test_a_value_that_does_not_fit_the_next_stage_names_both() -> None:
    def count(text: str) -> int:
        return len(text)

    def pack(line: Line) -> str:
        raise AssertionError("never called")

    with pytest.raises(StageFailed) as failed:
        pipeline([count, pack]).invoke({"value": "ink"})
    assert (failed.value.stage, failed.value.outputs) == ("pack", {"count": 3})
    assert isinstance(failed.value.cause, StageMismatch)
    assert str(failed.value.cause).startswith("'count' gave 'pack' 3, which is no Line: Input")


def test_a_stage_is_held_to_the_type_that_it_promises() -> None:
    def count(text: str) -> list[int]:
        return [len(text), "three"]  # type: ignore[list-item]

    with pytest.raises(StageFailed, match=r"Stage 'count' gave \[3, 'three'\], .* at \[1\]"):
        pipeline([count]).invoke({"value": "ink"})


def same(kind: Any) -> Any:
    def run(value: Any) -> Any:
        return value

    run.__annotations__ = {"value": kind, "return": kind}
    return pipeline([stage(run)])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (list[int], ["1"]),
        (dict[str, int], {"a": "1"}),
        (int, "1"),
        (int, True),
        (Line, {"quantity": "7"}),
        (str, b"a"),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_converted(kind: Any, value: Any) -> None:
    with pytest.raises(StageFailed, match="Stage 'run' failed: StageMismatch"):
        same(kind).invoke({"value": value})


def test_a_model_is_read_from_its_fields_and_a_tuple_survives_a_checkpoint() -> None:
    assert same(Line).invoke({"value": {"quantity": 7}})["result"] == Line(quantity=7)
    tries = iter([False, True])

    def pair(text: str) -> tuple[str, int]:
        return text, len(text)

    def shown(pair: tuple[str, int]) -> str:
        if not next(tries):
            raise TimeoutError("no answer")
        return f"{pair[0]}: {pair[1]}"

    graph = pipeline([stage(pair), stage(shown)], checkpointer=InMemorySaver())
    assert start(graph, "ink", CONFIG).failed_stage == "shown"
    assert resume(graph, CONFIG).result == "ink: 3"


@pytest.mark.parametrize("first", [{"value": "first"}, {"task": "first"}])
@pytest.mark.parametrize("broken", [False, True])
def test_a_new_run_on_a_thread_works_on_its_own_value(first: Any, broken: bool) -> None:
    tries = iter([not broken])

    def shown(text: str) -> str:
        if not next(tries, True):
            raise TimeoutError("no answer")
        return f"got {text}"

    seen = Seen()
    writer = says("writer", "done", reads=("notes",), seen=seen)
    graph = pipeline([shown, writer], checkpointer=InMemorySaver())
    if broken:
        with pytest.raises(StageFailed):
            graph.invoke(first, CONFIG)
    else:
        graph.invoke(first, CONFIG)
    for key in ("task", "value"):
        state = graph.invoke({key: f"second {key}"}, CONFIG)
        assert state["outputs"]["shown"] == f"got second {key}"
        assert f"second {key}" in seen[-1].task


def test_a_first_stage_that_failed_is_resumed_with_its_value() -> None:
    tries = iter([False, True])

    def shown(text: str) -> str:
        if not next(tries):
            raise TimeoutError("no answer")
        return f"got {text}"

    graph = pipeline([stage(shown)], checkpointer=InMemorySaver())
    start(graph, "ink", CONFIG)
    assert resume(graph, CONFIG).result == "got ink"


def test_a_failed_function_ends_its_transcript_with_the_failure() -> None:
    def fine(text: str) -> str:
        return text

    def bad(text: str) -> str:
        if text == "bad":
            raise ValueError("no")
        return text

    with pytest.raises(StageFailed) as caught:
        pipeline([stage(fine), stage(bad)]).invoke({"value": "bad"})
    turns = [(turn["sender"], turn["to"], turn["kind"]) for turn in caught.value.turns]
    assert turns == [("fine", "bad", "answer"), ("bad", "user", "failure")]
    graph = pipeline([stage(bad), stage(fine)], checkpointer=InMemorySaver())
    start(graph, "good", CONFIG)
    report = start(graph, "bad", CONFIG)
    assert (report.failed_stage, report.outputs) == ("bad", {})


def test_start_reports_without_a_checkpointer_and_resume_says_what_is_missing() -> None:
    def bad(text: str) -> str:
        raise ValueError("no")

    report = start(pipeline([stage(bad)]), "ink", CONFIG)
    assert (report.status, report.cause) == ("failed", "ValueError: no")
    for graph in (pipeline([stage(bad)]), pipeline([stage(bad)], checkpointer=InMemorySaver())):
        with pytest.raises(TeamError, match="nothing to resume"):
            resume(graph, CONFIG)
