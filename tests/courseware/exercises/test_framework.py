"""What a learner sees of a check, a hint and a solution."""

import asyncio
import dataclasses
import gc
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from courseware.exercises import Exercise, Outcome, Unattempted, Wrong, expect, expecting
from courseware.exercises import exercise as framework
from courseware.lessons import UnknownExercise, all_exercises, exercise

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert('x')</script> & <b>bold</b>"


@pytest.fixture(autouse=True)
def _nothing_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    monkeypatch.setattr(framework, "_HINTS_GIVEN", {})


def with_check(check: Any) -> Exercise:
    return dataclasses.replace(exercise("00.1"), checker=check)


def answer(state: Any) -> Any:
    return {"total": state["quantity"] * state["price"]}


def bundle(shown: Any) -> dict[str, str]:
    made: dict[str, str] = shown._repr_mimebundle_()
    return made


def test_passing_shows_the_solution_and_what_to_notice() -> None:
    result = exercise("00.1").check(answer)
    for text in bundle(result).values():
        assert "assed" in text
        assert "def" in text
        assert "merges it into the state" in text


def test_failing_shows_the_message_and_the_way_to_a_hint() -> None:
    def check(_: Any) -> None:
        raise Wrong("some-misconception", "The mail left before anybody approved it.")

    result = with_check(check).check(answer)
    assert (result.outcome, result.misconception) == (Outcome.FAILED, "some-misconception")
    for text in bundle(result).values():
        assert "not yet" in text.lower()
        assert "left before anybody approved" in text
        assert ".hint()" in text
        assert "reference solution" not in text


@pytest.mark.parametrize("placeholder", [None, ..., lambda state: None])
def test_placeholders_are_unattempted(placeholder: Any) -> None:
    assert exercise("00.1").check(placeholder).outcome == Outcome.UNATTEMPTED


def test_functions_that_do_nothing_are_unattempted_and_others_are_not() -> None:
    def dots(state: Any) -> Any: ...

    def documented(state: Any) -> Any:
        """Says what to do."""

    async def awaited(state: Any) -> Any:
        """Says what to do."""
        ...

    def raising(state: Any) -> Any:
        raise NotImplementedError

    def five(state: Any) -> Any:
        return 5

    for each in (dots, documented, awaited, raising):
        result = exercise("00.1").check(each)
        assert result.outcome == Outcome.UNATTEMPTED, each
    assert exercise("00.1").check(five).outcome == Outcome.FAILED


def test_a_check_can_say_itself_that_nothing_was_tried() -> None:
    def check(_: Any) -> None:
        raise Unattempted("The edge from draft to END is still missing.")

    result = with_check(check).check(answer)
    assert result.outcome == Outcome.UNATTEMPTED
    assert "edge from draft" in repr(result)


def test_an_async_check_is_awaited() -> None:
    async def check(_: Any) -> None:
        expect(False, "never-awaited", "The check was awaited, and found something.")

    assert with_check(check).check(answer).misconception == "never-awaited"


async def awaited_answer(state: Any) -> Any:
    return {"total": 1}


@pytest.mark.parametrize("kept", [True, False])
def test_an_async_function_where_a_plain_one_belongs_is_told(
    kept: bool, recwarn: pytest.WarningsRecorder
) -> None:
    def check(given: Any) -> None:
        made = given({})
        text = repr(made)
        if not kept:
            del made
        expect(False, "returns-something-else", f"It returned {text}.")

    result = with_check(check).check(awaited_answer)
    assert result.misconception == "async-where-plain"
    assert "`awaited_answer` is written with `async def`" in result.message
    assert "0x" not in result.message
    gc.collect()
    assert not recwarn.list
    assert result.printed == ""


def test_an_exception_keeps_its_message_beside_the_forgotten_await(
    recwarn: pytest.WarningsRecorder,
) -> None:
    def answer(state: Any) -> Any:
        return awaited_answer(state)["total"]

    result = with_check(lambda given: given({})).check(answer)
    assert result.outcome == Outcome.RAISED
    assert "'coroutine' object is not subscriptable" in result.message
    assert "`awaited_answer` is written with `async def`" in result.message
    gc.collect()
    assert not recwarn.list


def test_an_exception_is_shown_with_what_was_expected_there() -> None:
    def check(given: Any) -> None:
        with expecting("A dictionary with the total comes back."):
            given({})

    def notes_of_others(state: Any) -> Any:
        error = IndexError("list index out of range")
        error.add_note("During task with name 'write' and id '1234'")
        raise error

    result = with_check(check).check(notes_of_others)
    assert result.outcome == Outcome.RAISED
    assert result.message.endswith("Expected there: A dictionary with the total comes back.")
    assert "1234" not in result.message


def test_a_misconception_passes_through_what_was_expected() -> None:
    def check(_: Any) -> None:
        with expecting("Something else."):
            raise Wrong("some-misconception", "Not so.")

    assert with_check(check).check(answer).misconception == "some-misconception"


def test_coroutines_of_libraries_keep_pythons_warning() -> None:
    def check(_: Any) -> None:
        asyncio.sleep(0)
        expect(False, "some-misconception", "This is what is wrong, and not the library's slip.")

    with pytest.warns(RuntimeWarning, match=r"'sleep' was never awaited"):
        result = with_check(check).check(answer)
    assert result.misconception == "some-misconception"


def test_an_async_node_in_a_plain_graph_is_told() -> None:
    def check(node: Any) -> None:
        builder: Any = StateGraph(dict)
        builder.add_node("total", node)
        builder.add_edge(START, "total")
        builder.compile().invoke({})

    result = with_check(check).check(awaited_answer)
    assert result.outcome == Outcome.RAISED
    assert "write the node with `def`" in result.message


def test_text_of_learners_is_never_html() -> None:
    def check(_: Any) -> None:
        print(HOSTILE)
        raise ValueError(HOSTILE)

    result = with_check(check).check(answer)
    shown = bundle(result)
    assert HOSTILE in shown["text/plain"]
    assert "<script>" not in shown["text/html"]
    assert "<b>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]


def test_the_same_outcome_shows_the_same() -> None:
    first, second = (bundle(exercise("00.1").check(lambda state: object)) for _ in range(2))
    assert first == second


def test_hints_go_one_step_further_each_time_and_end_at_the_solution() -> None:
    one = exercise("00.1")
    shown = [bundle(one.hint())["text/plain"] for _ in range(len(one.hints) + 1)]
    for number, text in enumerate(shown[: len(one.hints)], 1):
        assert f"{number}. " in text
        assert f"{number + 1}. " not in text
    assert "solution()" in shown[-1]
    assert shown[-1] == shown[-2]


def test_the_solution_is_shown_as_code() -> None:
    shown = bundle(exercise("00.1").solution())
    assert exercise("00.1").solution_code.splitlines()[0] in shown["text/plain"]
    assert "<pre" in shown["text/html"]


def test_a_wrong_number_of_answers_says_what_to_write() -> None:
    with pytest.raises(TypeError, match=r"check\(add_total\)"):
        exercise("00.1").check()


@pytest.mark.parametrize("number", ["00.9", "99.1", "nonsense", "../x.1", ""])
def test_an_unknown_number_lists_those_there_are(number: str) -> None:
    with pytest.raises(UnknownExercise, match=r"00\.1"):
        exercise(number)


def test_every_exercise_is_found_once_and_in_order() -> None:
    ids = [each.id for each in all_exercises()]
    assert ids == sorted(set(ids))
    assert "00.1" in ids


def test_live_gives_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def run(*_: Any, seconds: float) -> Any:
        given.append(seconds)
        return framework.guard.Report()

    monkeypatch.setattr(framework.guard, "run", run)
    exercise("00.1").check(answer)
    monkeypatch.setenv("AGENT_PATTERNS_LIVE", "1")
    exercise("00.1").check(answer)
    assert given[1] == 10 * given[0]
