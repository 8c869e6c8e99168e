"""The comparison of lesson 11 says what the lesson says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_openai import ChatOpenAI

from courseware.lessons.shop import use_library
from courseware.lessons.team_shapes.crew import MAX_WORDS, POINTS, WAYS, points_of
from courseware.lessons.team_shapes.lab import (
    Run,
    broken_rules,
    compare,
    difficulty_plot,
    marks,
    pays_off,
    revised,
    table,
    wall_time_plot,
)
from practice_model import PracticeServer

OWN = {
    "tea": "# Green tea\n\nGreen tea steeps for two minutes at 80 degrees.",
    "kettle": "# Descaling the kettle\n\nDescale the kettle every six weeks with citric acid.",
    "tin": "# Tea tins\n\nA tin of 100 grams lasts for forty cups.",
}


@pytest.fixture(scope="module")
def llm() -> Iterator[ChatOpenAI]:
    with PracticeServer(port=0, api_key="practice") as server:
        yield ChatOpenAI(
            model="gpt-4.1-mini", temperature=0, base_url=server.base_url, api_key="practice"
        )


@pytest.fixture(scope="module")
def easy(llm: ChatOpenAI) -> dict[str, Run]:
    return by_way(compare(llm, 1))


@pytest.fixture(scope="module")
def hard(llm: ChatOpenAI) -> dict[str, Run]:
    return by_way(compare(llm, len(POINTS)))


@pytest.fixture
def own_library(tmp_path: Path) -> Iterator[None]:
    for name, text in OWN.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    use_library(tmp_path)
    yield
    use_library()


def by_way(runs: list[Run]) -> dict[str, Run]:
    return {run.way: run for run in runs}


@pytest.mark.slow
def test_a_rule_that_the_reviewer_alone_knows_is_kept_by_those_who_revise(
    easy: dict[str, Run], hard: dict[str, Run]
) -> None:
    for runs in (easy, hard):
        assert runs["one agent"].revised == runs["peer network"].revised == 0
        assert runs["pipeline"].revised == runs["supervisor"].revised == 1
        assert pays_off(list(runs.values())).way == "pipeline"
        assert min(runs.values(), key=lambda run: run.tally.tokens).way == "one agent"
        assert {run.status for run in runs.values()} == {"done"}
        assert all("[id]" not in run.result for run in runs.values())
    assert easy["manager"].revised == 0, "its simple route has no reviewer"
    assert hard["manager"].revised == 1


@pytest.mark.slow
def test_more_points_cost_more_and_lower_the_quality(
    easy: dict[str, Run], hard: dict[str, Run]
) -> None:
    for way in ("one agent", "pipeline", "supervisor", "peer network"):
        assert hard[way].tally.tokens > easy[way].tally.tokens
        assert hard[way].quality < easy[way].quality


@pytest.mark.slow
def test_the_waits_that_no_machine_can_shorten(hard: dict[str, Run]) -> None:
    assert hard["manager"].tally.peak == hard["peer network"].tally.peak == 3
    for way in ("manager", "peer network"):
        assert hard[way].tally.in_a_row < hard[way].tally.calls
    for way in ("one agent", "pipeline", "supervisor"):
        assert hard[way].tally.in_a_row == hard[way].tally.calls
    ranked = sorted(WAYS, key=lambda way: hard[way].tally.in_a_row)
    assert ranked == ["one agent", "peer network", "pipeline", "manager", "supervisor"]


@pytest.mark.slow
def test_a_silent_shelf_is_told_by_name_where_a_desk_stands_for_it(llm: ChatOpenAI) -> None:
    runs = by_way(compare(llm, len(POINTS), failing="shipping"))
    for run in runs.values():
        assert run.rubric.covered <= 4 / 6, run.way
        assert "ship-" not in run.result, run.way
    failed = {
        way: [turn["sender"] for turn in run.turns if turn["kind"] == "failure"]
        for way, run in runs.items()
    }
    assert failed.pop("manager") == failed.pop("peer network") == ["shipping_desk"]
    assert not any(failed.values()), "one shelf of three is silent; no other search raises"
    assert runs["manager"].status == "failed"
    assert {runs[way].status for way in ("one agent", "pipeline", "peer network")} == {"done"}


def test_the_rules_of_the_house_are_told_from_the_text() -> None:
    page = "Parcels cost 3.90 euros [ship-01]. Please write to us."
    assert broken_rules(page) == set()
    assert broken_rules(page + "\n\n[ship-01] says more.") == {"next step"}
    assert broken_rules("word " * MAX_WORDS + "and more.") == {"length", "next step"}


def test_a_revision_is_what_the_first_draft_lacked() -> None:
    good, short = "Contact us.", "Delivery takes two days."
    long = "word " * (MAX_WORDS + 1)
    assert revised(good, good) == 1
    assert revised(short, short) == 0
    assert revised(short, good) == 1
    assert revised(long, short) == 0.5, "shorter, and still no next step"
    assert revised(good, short) == 1, "nothing was asked"
    assert revised(good, "") == revised(short, "") == 0


@pytest.mark.parametrize("difficulty", [0, 7, 2.5])
def test_a_difficulty_that_is_none_is_refused(llm: ChatOpenAI, difficulty: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 6"):
        compare(llm, difficulty)


def test_a_desk_that_does_not_exist_cannot_fail(llm: ChatOpenAI) -> None:
    with pytest.raises(ValueError, match="There are: shipping, products, service"):
        compare(llm, 1, failing="shiping")


@pytest.mark.slow
def test_the_tables_have_a_line_for_every_way(easy: dict[str, Run]) -> None:
    runs = list(easy.values())
    for made in (table(runs), marks(runs)):
        assert all(f"| {way} |" in made for way in WAYS)
        assert len({line.count("|") for line in made.splitlines()}) == 1


@pytest.mark.slow
def test_the_slider_asks_nobody_anything(llm: ChatOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    plot = difficulty_plot(llm)
    monkeypatch.setattr(
        "courseware.lessons.team_shapes.lab.run", lambda *_, **__: pytest.fail("runs again")
    )
    seen = set()
    for points in range(1, 7):
        plot.sliders["points"].value = points
        assert plot.text().startswith(f"{points} point")
        seen.add(plot.svg)
    assert len(seen) == 6
    assert not any("could not be drawn" in picture for picture in seen)


@pytest.mark.slow
def test_what_is_stored_of_the_wall_time_is_the_least_it_can_be(
    easy: dict[str, Run], capsys: pytest.CaptureFixture[str]
) -> None:
    wall_time_plot(list(easy.values()), wait=0.5)
    said = capsys.readouterr().out
    assert "one agent      2 calls,  2 in a row: at least 1.0 s of waiting" in said
    assert "peer network   5 calls,  3 in a row: at least 1.5 s of waiting" in said


@pytest.mark.slow
def test_told_the_rules_one_agent_is_best_for_two_points_and_behind_for_six(
    llm: ChatOpenAI,
) -> None:
    few, many = (by_way(compare(llm, points, told=True)) for points in (2, 6))
    alone = few.pop("one agent")
    assert all(alone.quality > run.quality for run in few.values())
    assert all(alone.tally.tokens < run.tally.tokens for run in few.values())
    assert {turn["sender"] for turn in few["manager"].turns if turn["kind"] == "answer"} == {
        "shipping_desk"
    }, "two points pass for a simple task"
    alone = many.pop("one agent")
    assert all(alone.quality < run.quality for run in many.values())


@pytest.mark.slow
def test_every_way_writes_about_a_library_of_ones_own(llm: ChatOpenAI, own_library: None) -> None:
    points = ("the steeping time of green tea", "descaling the kettle")
    for run in compare(llm, points, told=True):
        assert run.status == "done", run.way
        assert "[tea]" in run.result or "[kettle]" in run.result, run.way
        assert run.rubric.supported == 1, run.way


@pytest.mark.slow
def test_a_page_without_sources_is_done_in_no_way(llm: ChatOpenAI) -> None:
    for run in compare(llm, ["repairs of typewriters"]):
        assert run.status != "done", (run.way, run.result)


@pytest.mark.parametrize("points", ["pens", [], [""], 0, 7, None, [1]])
def test_points_are_a_number_or_texts(points: object) -> None:
    with pytest.raises(ValueError, match="point"):
        points_of(points)  # type: ignore[arg-type]
