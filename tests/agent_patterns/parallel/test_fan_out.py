"""Fan-out: order, bound, partial failure, deadlines, cancellation, and what is left running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_patterns.errors import PatternError
from agent_patterns.parallel import Outcome, Outcomes, fan_out
from agent_patterns.parallel.outcomes import BranchesFailed


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


class Gates:
    """Branches that end only when the test lets them, in any order it likes."""

    def __init__(self) -> None:
        self.waiting: dict[Any, asyncio.Future[Any]] = {}
        self.cancelled: list[Any] = []
        self.most = 0
        self._changed = asyncio.Event()

    async def work(self, item: Any) -> Any:
        self.waiting[item] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.waiting))
        self._changed.set()
        try:
            return await self.waiting[item]
        except asyncio.CancelledError:
            self.cancelled.append(item)
            raise
        finally:
            self.waiting.pop(item, None)

    async def until(self, count: int) -> None:
        while len(self.waiting) < count:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 5)

    def finish(self, item: Any) -> None:
        self.waiting.pop(item).set_result(f"<{item}>")


@settings(max_examples=60)
@given(st.data())
def test_any_order_of_arrival_and_any_failures_keep_order_and_results(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 8))
    limit = data.draw(st.integers(1, 10))
    bad = data.draw(st.sets(st.integers(0, 7)))

    async def run() -> None:
        gates = Gates()
        task = asyncio.ensure_future(fan_out(gates.work, range(count), limit=limit))
        for left in range(count, 0, -1):
            await gates.until(min(limit, left))
            item = data.draw(st.sampled_from(sorted(gates.waiting)))
            if item in bad:
                gates.waiting.pop(item).set_exception(ValueError(f"no {item}"))
            else:
                gates.finish(item)
        outcomes = await task
        assert gates.most == min(limit, count)
        assert [one.index for one in outcomes] == list(range(count))
        assert outcomes.values == [f"<{i}>" for i in range(count) if i not in bad]
        assert [one.name for one in outcomes.failed] == [str(i) for i in range(count) if i in bad]
        assert not others()

    asyncio.run(run())


async def test_a_report_names_what_failed_and_why() -> None:
    async def weather(city: str) -> str:
        if city == "Oslo":
            raise ConnectionError("station down")
        return f"{city}: 12"

    outcomes = await fan_out(weather, ["Lima", "Oslo", "Pune"])
    assert outcomes.values == ["Lima: 12", "Pune: 12"]
    assert outcomes.report() == ("2 of 3 succeeded\nfailed: Oslo (ConnectionError: station down)")
    with pytest.raises(BranchesFailed, match="2 of 3 succeeded") as error:
        outcomes.require_all()
    assert isinstance(error.value, PatternError)
    assert [type(cause) for cause in error.value.exceptions] == [ConnectionError]


async def test_errors_of_several_kinds_are_sorted_with_except_star() -> None:
    async def work(item: int) -> None:
        raise (ValueError if item else KeyError)("no")

    outcomes = await fan_out(work, [0, 1])
    matched, rest = None, None
    try:
        outcomes.require_all()
    except BranchesFailed as group:
        matched, rest = group.split(ValueError)
    assert matched is not None
    assert len(matched.exceptions) == 1
    assert isinstance(rest, BranchesFailed)


async def test_only_the_failing_branch_runs_again() -> None:
    calls: list[str] = []

    async def work(item: str) -> str:
        calls.append(item)
        if item == "b" and calls.count("b") < 3:
            raise ConnectionError("busy")
        return item

    outcomes = await fan_out(work, list("abc"), attempts=3)
    assert outcomes.values == ["a", "b", "c"]
    assert [one.attempts for one in outcomes] == [1, 3, 1]
    assert sorted(calls) == ["a", "b", "b", "b", "c"]


async def test_an_error_that_will_not_pass_is_not_tried_again() -> None:
    async def work(item: str) -> str:
        raise PermissionError("wrong key")

    def passing(error: Exception) -> bool:
        return isinstance(error, TimeoutError)

    (one,) = await fan_out(work, ["a"], attempts=5, retry_on=passing)
    assert one.attempts == 1


async def test_successes_of_an_earlier_run_are_kept() -> None:
    calls: list[int] = []
    down = True

    async def work(item: int) -> int:
        calls.append(item)
        if item == 1 and down:
            raise ConnectionError("down")
        return item * 10

    first = await fan_out(work, range(3))
    down = False
    second = await fan_out(work, range(3), keep=first)
    assert second.require_all() == [0, 10, 20]
    assert calls == [0, 1, 2, 1]


async def test_an_outcome_is_kept_only_for_its_own_item() -> None:
    async def work(item: str) -> str:
        return item.upper()

    first = await fan_out(work, ["a", "b", "c"])
    assert (await fan_out(work, ["a", "x"], keep=first)).values == ["A", "X"]


async def test_a_branch_that_hangs_is_stopped_and_named() -> None:
    gates = Gates()

    async def work(item: str) -> str:
        return await gates.work(item) if item == "hangs" else item

    outcomes = await fan_out(work, ["fine", "hangs"], timeout=0.02)
    assert outcomes.values == ["fine"]
    assert outcomes.failed[0].error == "TimeoutError: no answer within 0.02 s"
    assert gates.cancelled == ["hangs"]
    assert not others()


async def test_a_branch_that_ignores_its_cancellation_is_left_behind_and_named() -> None:
    release = asyncio.Event()

    async def stubborn(item: int) -> str:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        return "too late"

    (one,) = await fan_out(stubborn, [1], timeout=0.01, grace=0.01)
    assert "still running: it ignores cancel" in one.error
    (left,) = others()
    release.set()
    await left


async def test_a_deadline_ends_everything_and_says_what_never_began() -> None:
    gates = Gates()
    outcomes = await fan_out(gates.work, list("abc"), limit=2, deadline=0.03)
    assert [one.attempts for one in outcomes] == [1, 1, 0]
    assert {one.error for one in outcomes} == {"TimeoutError: not finished within 0.03 s"}
    assert not others()


async def test_a_cancelled_caller_leaves_nothing_running() -> None:
    gates = Gates()
    task = asyncio.ensure_future(fan_out(gates.work, range(100), limit=5))
    await gates.until(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(gates.cancelled) == [0, 1, 2, 3, 4]
    assert not others()


async def test_a_branch_that_is_cancelled_from_outside_fails_alone() -> None:
    async def work(item: str) -> str:
        if item == "b":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.Event().wait()
        return item

    outcomes = await fan_out(work, list("abc"))
    assert outcomes.values == ["a", "c"]
    assert outcomes.failed[0].error == "RuntimeError: cancelled from outside"


async def test_items_are_taken_only_when_a_worker_is_free() -> None:
    taken: list[int] = []

    def stream() -> Any:
        for number in range(1000):
            taken.append(number)
            yield number

    gates = Gates()
    task = asyncio.ensure_future(fan_out(gates.work, stream(), limit=3))
    await gates.until(3)
    assert len(taken) == 3
    task.cancel()
    await asyncio.wait({task})


async def test_progress_is_told_with_how_many_run() -> None:
    seen: list[tuple[str, int]] = []

    def told(outcome: Outcome[Any] | None, running: int) -> None:
        seen.append((outcome.name if outcome else "starts", running))

    async def work(item: str) -> str:
        return item

    await fan_out(work, list("ab"), limit=1, on_change=told)
    assert seen == [("starts", 1), ("a", 0), ("starts", 1), ("b", 0)]


async def blocking(item: int) -> int:
    return item


@pytest.mark.parametrize(
    "options", [{"limit": 0}, {"attempts": 0}, {"timeout": 0}, {"deadline": -1.0}]
)
async def test_senseless_limits_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        await fan_out(blocking, [1], **options)


async def test_work_that_is_not_async_is_refused_before_it_is_taken_for_a_failure() -> None:
    not_async: Callable[[int], Awaitable[int]] = lambda item: item  # type: ignore  # noqa: E731
    with pytest.raises(TypeError, match=r"asyncio\.to_thread"):
        await fan_out(not_async, [1, 2])


async def test_a_text_is_no_list_of_letters() -> None:
    with pytest.raises(TypeError, match="put it into a list"):
        await fan_out(blocking, "Oslo")  # type: ignore[arg-type]


def test_outcomes_are_a_sequence_in_the_order_of_the_items() -> None:
    outcomes: Outcomes[str] = Outcomes([Outcome(1, "b", "B"), Outcome(0, "a", "A")])
    assert [one.name for one in outcomes] == ["a", "b"]
    assert outcomes[0].value == "A"
    assert [one.value for one in outcomes[1:]] == ["B"]
    assert len(outcomes) == 2
