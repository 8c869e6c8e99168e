"""Playing a run back at a pace that a person can follow."""

from __future__ import annotations

from courseware.widgets._player import Player

PATIENCE = 20.0


def player_of(shown: list[str], dwell: float = 0.0) -> Player[str]:
    return Player(shown.append, lambda: True, dwell)


def test_every_moment_is_shown_in_order_and_can_be_seen_again() -> None:
    shown: list[str] = []
    player = player_of(shown)
    for moment in "abc":
        player.add(moment)
    assert player.wait(PATIENCE)
    assert shown == ["a", "b", "c"]
    assert player.slider.layout.display == ""
    assert (player.slider.high, player.slider.value) == (2, 2)
    player.slider.value = 0
    assert shown[-1] == "a"


def test_a_moment_stays_until_its_time_is_over() -> None:
    shown: list[str] = []
    player = player_of(shown, dwell=3600)
    player.add("a")
    player.add("b")
    assert not player.wait(0.05)
    assert shown == ["a"]
    player.clear()
    player.add("c")
    assert not player.wait(0.05)
    assert shown == ["a", "c"]


def test_a_rest_that_nobody_saw_gives_way_to_what_follows() -> None:
    shown: list[str] = []
    player = player_of(shown, dwell=3600)
    player.add("a runs")
    while not shown:
        player.wait(0.01)
    player.add("a is done")
    player.add("b runs", replace=True)
    assert player._frames == ["a runs", "b runs"]


def test_with_nobody_there_only_the_newest_is_drawn_at_once() -> None:
    shown: list[str] = []
    player: Player[str] = Player(shown.append, lambda: False)
    player.add("a")
    player.add("b")
    assert shown == ["a", "b"]
    assert player.slider.layout.display == "none"
