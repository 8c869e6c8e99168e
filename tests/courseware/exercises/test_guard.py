"""A check meets every kind of misbehaving code, and lives."""

import asyncio
import builtins
import dataclasses
import getpass
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from courseware.exercises import Exercise, Outcome, Result, guard
from courseware.lessons import exercise

pytestmark = pytest.mark.slow


@pytest.fixture
def asked() -> Exercise:
    """An exercise whose check does nothing but call the answer."""
    return dataclasses.replace(exercise("00.1"), checker=lambda answer: answer({"quantity": 1}))


@pytest.fixture
def hurried(asked: Exercise) -> Exercise:
    """The same, out of time at once."""
    return dataclasses.replace(asked, time_limit=0.2)


def loops(_: Any) -> None:
    while True:
        pass


def loops_and_swallows_a_while(_: Any) -> None:
    caught = 0
    while caught < 3:
        try:
            while True:
                pass
        except BaseException:
            caught += 1


def naps(_: Any) -> None:
    while True:
        time.sleep(0.05)


async def awaits_for_ever(_: Any) -> None:
    await asyncio.Event().wait()


async def naps_and_swallows(_: Any) -> None:
    while True:
        try:
            await asyncio.sleep(1)
        except Exception:
            continue


async def loops_in_a_coroutine(_: Any) -> None:
    while True:
        pass


async def loops_in_another_thread(state: Any) -> None:
    await asyncio.to_thread(loops, state)


def loops_in_a_pool(state: Any) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(loops, [state, state]))


def prints_for_ever(_: Any) -> None:
    while True:
        print("again and again")


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        loops,
        loops_and_swallows_a_while,
        naps,
        awaits_for_ever,
        naps_and_swallows,
        loops_in_a_coroutine,
        loops_in_another_thread,
        loops_in_a_pool,
        prints_for_ever,
    ],
    ids=lambda answer: answer.__name__,
)
def test_endless_code_is_stopped_and_leaves_no_thread(
    hurried: Exercise, answer: Callable[..., Any]
) -> None:
    before = set(threading.enumerate())
    result = hurried.outcome_of(answer)
    assert (result.outcome, result.misconception) == (Outcome.RAISED, "endless")
    assert "did not come back within 0.2 seconds" in result.message
    assert "left behind" not in result.message
    left = set(threading.enumerate()) - before
    assert not {thread.name for thread in left if thread.is_alive()}


def test_a_graph_that_never_ends_in_parallel_nodes_is_stopped(hurried: Exercise) -> None:
    from langgraph.graph import START, StateGraph

    builder: Any = StateGraph(dict)
    builder.add_node("one", loops)
    builder.add_node("two", loops)
    builder.add_edge(START, "one")
    builder.add_edge(START, "two")
    result = hurried.outcome_of(builder.compile().invoke)
    assert result.misconception == "endless"
    assert "left behind" not in result.message


@pytest.mark.slow
def test_a_wait_that_nothing_can_interrupt_is_left_behind_and_said_so(
    asked: Exercise, hurried: Exercise
) -> None:
    release, before, original = threading.Event(), set(threading.enumerate()), builtins.input
    result = hurried.outcome_of(lambda _: release.wait())
    assert result.misconception == "endless"
    assert "left behind" in result.message
    assert asked.outcome_of(lambda state: dict(state)).outcome == Outcome.PASSED
    (left,) = (each for each in threading.enumerate() if each not in before)
    release.set()
    left.join()
    assert builtins.input is original


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: sys.exit(1), "sys.exit()"),
        (lambda _: exec("raise SystemExit"), "sys.exit()"),
        (lambda _: os._exit(1), "os._exit()"),
        (lambda _: os.abort(), "os.abort()"),
        (lambda _: input("How many? "), "input()"),
        (lambda _: getpass.getpass(), "getpass()"),
    ],
)
def test_code_that_would_end_or_block_python_is_named(
    asked: Exercise, answer: Callable[..., Any], said: str
) -> None:
    originals = (os._exit, os.abort, builtins.input, getpass.getpass, threading.Thread.start)
    result = asked.outcome_of(answer)
    assert result.outcome == Outcome.RAISED
    assert said in result.message
    assert originals == (
        os._exit,
        os.abort,
        builtins.input,
        getpass.getpass,
        threading.Thread.start,
    )


def test_exit_is_not_swallowed_by_the_learners_own_handler(asked: Exercise) -> None:
    def answer(_: Any) -> None:
        try:
            input()
        except Exception:
            return

    assert "input()" in asked.outcome_of(answer).message


def test_endless_recursion_is_explained(asked: Exercise) -> None:
    def again(state: Any) -> Any:
        return again(state)

    result = asked.outcome_of(again)
    assert result.outcome == Outcome.RAISED
    assert "RecursionError" in result.message
    assert "calls itself without an end" in result.message


def test_an_exception_is_shown_with_the_learners_line_and_no_path(asked: Exercise) -> None:
    source = 'def answer(state):\n    return state["amount"] * 2\n'
    names: dict[str, Any] = {}
    exec(compile(source, "<cell>", "exec"), names)
    result = asked.outcome_of(names["answer"])
    assert result.outcome == Outcome.RAISED
    assert "`KeyError`: 'amount'" in result.message
    assert "`answer`, line 2 of the cell" in result.message
    assert os.sep + "home" not in result.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda _: sqlite3.connect(":memory:"), ""),
        (lambda _: here.execute("SELECT 1"), "check_same_thread=False"),
        (lambda _: None.missing, "Does a function lack its `return`?"),  # type: ignore[attr-defined]
        (lambda _: len(), "Compare the function's parameters"),  # type: ignore[call-arg]
        (lambda _: undefined, "have not defined"),  # type: ignore[name-defined]  # noqa: F821
    ],
)
def test_the_usual_exceptions_come_with_advice(
    asked: Exercise, answer: Callable[..., Any], advice: str
) -> None:
    assert advice in asked.outcome_of(answer).message


here = sqlite3.connect(":memory:")
"""A connection that belongs to the thread of the tests."""


async def test_works_under_a_running_event_loop(asked: Exercise) -> None:
    loop = asyncio.get_running_loop()

    async def answer(_: Any) -> None:
        assert asyncio.get_running_loop() is not loop
        await asyncio.sleep(0)

    result = asked.outcome_of(answer)
    assert result.outcome == Outcome.PASSED, result


def test_printed_text_is_kept_and_cut(asked: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(_: Any) -> None:
        for number in range(1000):
            print("line", number)

    result: Result = asked.outcome_of(answer)
    assert "line 0" in result.printed
    assert len(result.printed) <= 4000
    assert "more lines" in repr(result)
    assert capsys.readouterr().out == ""


def test_other_threads_may_go_on_printing_and_exiting(
    asked: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, printed = threading.Event(), threading.Event()

    def bystander() -> None:
        begun.wait()
        print("a bystander's line")
        printed.set()

    thread = threading.Thread(target=bystander)
    thread.start()

    def answer(_: Any) -> None:
        begun.set()
        printed.wait()
        print("the learner's line")

    result = asked.outcome_of(answer)
    thread.join()
    assert result.printed == "the learner's line\n"
    assert capsys.readouterr().out == "a bystander's line\n"


def test_the_stop_button_while_the_thread_is_being_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[threading.Thread] = []
    start = guard._start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        started.append(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(guard, "_start", interrupted)
    begun: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        guard.run(begun.append, True, seconds=60)
    started[0].join()
    assert begun == []


def sets_the_limit(_: Any) -> None:
    sys.setrecursionlimit(10**9)


def recurses_through_c(depth: int = 0) -> int:
    sys.setrecursionlimit(10**9)
    return max([depth], key=lambda again: recurses_through_c(again + 1))


def recurses_in_python(_: Any) -> Any:
    sys.setrecursionlimit(10**9)

    def again(state: Any) -> Any:
        return again(state)

    return again(_)


@pytest.mark.parametrize("answer", [lambda _: recurses_through_c(), recurses_in_python])
def test_recursion_behind_a_raised_limit_ends_as_any_other(
    asked: Exercise, answer: Callable[..., Any]
) -> None:
    """In a process of its own, a fault of the interpreter would only end that one."""
    before = sys.getrecursionlimit()
    result = asked.outcome_of(answer)
    assert result.outcome == Outcome.RAISED
    assert "calls itself without an end" in result.message
    assert sys.getrecursionlimit() == before
    assert asked.outcome_of(sets_the_limit).outcome == Outcome.PASSED
    assert sys.getrecursionlimit() == before


def test_recursion_under_a_limit_raised_in_an_earlier_cell(asked: Exercise) -> None:
    before = sys.getrecursionlimit()
    raised = sys.setrecursionlimit
    try:
        raised(10**9)
        result = asked.outcome_of(lambda _: recurses_through_c())
        assert "calls itself without an end" in result.message
    finally:
        raised(before)


class Unprintable(Exception):
    def __str__(self) -> str:
        raise ValueError("no text either")

    __repr__ = __str__


def raises_the_unprintable(_: Any) -> None:
    raise Unprintable


class Endless(Exception):
    def __str__(self) -> str:
        while True:
            pass


def raises_the_endless(_: Any) -> None:
    raise Endless


@pytest.mark.parametrize("answer", [raises_the_unprintable, raises_the_endless])
def test_an_exception_without_a_text_is_told(hurried: Exercise, answer: Callable[..., Any]) -> None:
    result = hurried.outcome_of(answer)
    assert result.outcome == Outcome.RAISED
    assert "text could not be made" in result.message
    assert repr(result)


@pytest.mark.parametrize("name", ["isinstance", "len", "BaseException", "NameError", "print"])
@pytest.mark.parametrize("how", ["deleted", "replaced", "deleted and hangs"])
def test_a_builtin_that_is_taken_away_is_put_back(
    asked: Exercise, hurried: Exercise, name: str, how: str
) -> None:
    before = dict(vars(builtins))

    def answer(_: Any) -> None:
        if how == "replaced":
            setattr(builtins, name, None)
        else:
            delattr(builtins, name)
        while "hangs" in how:
            time.sleep(0.01)

    result = (hurried if "hangs" in how else asked).outcome_of(answer)
    assert result.outcome == Outcome.RAISED
    assert f"builtins.{name}" in result.message
    assert "put back" in result.message
    assert {key: value for key, value in vars(builtins).items() if key in before} == before
    assert asked.outcome_of(lambda state: dict(state)).outcome == Outcome.PASSED
