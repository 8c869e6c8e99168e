"""A page without sources is not done, whoever approves it."""

from __future__ import annotations

import pytest
from tests.agent_patterns.teams.members import in_order, says

from agent_patterns.teams import Limits, supervisor
from agent_patterns.teams.sources import cited, cites


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        ("Glue dries. [a-1] Wax melts. [b_2, a-1]", ["a-1", "b_2"]),
        ("See [the manual](https://example.org) and a-1.", []),
        ("[ ]", [""]),
    ],
)
def test_citations_are_ids_in_brackets(text: str, ids: list[str]) -> None:
    assert cited(text) == ids


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("Glue dries. [a-1]", None),
        ("Glue dries. [a-1, b-2]", None),
        ("I found nothing about it.", "no source"),
        ("", "no source"),
        ("Glue dries. [a-1] Wax melts. [c-3]", "no source"),
        ("Glue dries. [ ]", "no source"),
    ],
)
def test_a_page_is_done_with_known_sources_alone(page: str, status: str | None) -> None:
    assert cites(iter(["a-1", "b-2"]))(page) == status


@pytest.mark.parametrize(("page", "status"), [("Dry. [a-1]", "done"), ("Nothing.", "no source")])
def test_the_check_has_the_last_word_on_done(page: str, status: str) -> None:
    members = [says("writer", page, produces="draft"), says("reviewer", "Approved.")]
    team = supervisor(
        members, in_order("writer", "reviewer"), result="draft", accept=cites(["a-1"])
    )
    state = team.invoke({"task": "Go."})
    assert (state["status"], state["result"]) == (status, page)


def test_a_limit_keeps_its_name_and_asks_no_check() -> None:
    asked: list[str] = []
    members = [says("writer", "Nothing.", produces="draft")]
    team = supervisor(
        members,
        in_order("writer", "writer"),
        limits=Limits(rounds=1),
        accept=lambda page: asked.append(page),
    )
    assert team.invoke({"task": "Go."})["status"] == "rounds"
    assert asked == []
