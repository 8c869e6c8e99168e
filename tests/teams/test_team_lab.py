"""The comparison of module 06 says what the lesson says of it."""

from __future__ import annotations

import re

import pytest
from langchain_openai import ChatOpenAI

from courseware.bench import teams as bench
from courseware.library import unsupported
from courseware.practice_model import PracticeServer
from courseware.team_lab import POINTS, Run, compare, difficulty_plot, table


@pytest.fixture(scope="module")
def llm():
    with PracticeServer(port=0, api_key="practice") as server:
        yield ChatOpenAI(
            model="gpt-4.1-mini", temperature=0, base_url=server.base_url, api_key="practice"
        )


def by_way(runs: list[Run]) -> dict[str, Run]:
    return {run.way: run for run in runs}


@pytest.mark.slow
def test_with_the_same_instructions_one_agent_is_cheapest(llm: ChatOpenAI) -> None:
    easy, hard = by_way(compare(llm, 1)), by_way(compare(llm, len(POINTS)))
    for runs in (easy, hard):
        assert min(runs.values(), key=lambda run: run.tally.tokens).way == "one agent"
        for run in runs.values():
            assert run.rubric.total == 1
            assert unsupported(run.result) == []
            assert "[id]" not in run.result
    assert max(easy.values(), key=lambda run: run.tally.tokens).way == "supervisor"
    assert max(hard.values(), key=lambda run: run.tally.in_a_row).way == "supervisor"
    assert max(hard.values(), key=lambda run: run.tally.tokens).way == "manager"
    for run in hard.values():
        assert "contact us" in run.result.splitlines()[-1], "a next step, asked of all who write"
    assert hard["manager"].tally.peak == 3
    assert hard["manager"].tally.in_a_row < hard["manager"].tally.calls
    assert hard["supervisor"].tally.in_a_row == hard["supervisor"].tally.calls


@pytest.mark.slow
def test_a_failed_specialist_costs_the_parallel_teams_one_part_only(llm: ChatOpenAI) -> None:
    runs = by_way(compare(llm, len(POINTS), failing="shipping"))
    assert runs["pipeline"].status == "failed: researcher"
    assert runs["one agent"].rubric.total == 0
    assert runs["one agent"].tally.calls == 1
    assert runs["one agent"].tally.tokens > 0
    for way, in_a_row in (("manager", 6), ("peer network", 3)):
        judged = runs[way].rubric
        assert (judged.supported, judged.fits) == (1, 1)
        assert judged.covered == 4 / 6
        assert judged.cited == 5 / 6
        open_points = re.findall(
            r"No source was found on|The sources found do not", runs[way].result
        )
        assert len(open_points) == 2
        assert (runs[way].tally.peak, runs[way].tally.in_a_row) == (3, in_a_row)
    assert runs["supervisor"].status == "done"
    assert unsupported(runs["supervisor"].result) == []


@pytest.mark.parametrize("difficulty", [0, 7, 2.5])
def test_a_difficulty_that_is_none_is_refused(llm: ChatOpenAI, difficulty: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 6"):
        compare(llm, difficulty)


def test_a_desk_that_does_not_exist_cannot_fail(llm: ChatOpenAI) -> None:
    with pytest.raises(ValueError, match="There are: shipping, products, service"):
        compare(llm, 1, failing="shiping")


@pytest.mark.slow
def test_the_table_and_the_plot_have_a_place_for_every_way(llm: ChatOpenAI) -> None:
    runs = compare(llm, 2)
    assert all(f"| {run.way} |" in table(runs) for run in runs)
    plot = difficulty_plot(llm)
    assert "one agent" in plot.text()
    before = plot.svg
    plot.sliders["points"].value = 4
    assert plot.svg != before
    assert "4 points" in plot.text()


@pytest.mark.slow
def test_the_bench_yields_positive_ratios() -> None:
    measured = bench.run(quick=True)
    assert len(measured) >= 8
    assert all(0.01 < entry.value < 100 for entry in measured)
