"""The held-out requests: how many the brain gets right, and that each is well formed."""

import pytest
from tests.brain.heldout import CASES, check, score
from tests.brain.heldout.fresh import FRESH
from tests.brain.heldout.round_five import ROUND_FIVE
from tests.brain.heldout.round_four import ROUND_FOUR
from tests.brain.heldout.round_six import ROUND_SIX
from tests.brain.heldout.round_three import ROUND_THREE
from tests.brain.heldout.round_two import ROUND_TWO


def test_most_held_out_requests_get_the_right_calls() -> None:
    outcomes = score()
    right = sum(outcome.right for outcome in outcomes)
    wrong = [f"{o.case.name}: {o.wrong}" for o in outcomes if not o.right]
    assert right / len(outcomes) >= 0.9, "\n".join(wrong)


def test_there_are_enough_of_them_and_their_names_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def test_most_unseen_requests_get_the_right_calls() -> None:
    right = sum(check(case).right for case in ROUND_FOUR)
    assert right / len(ROUND_FOUR) >= 0.7


@pytest.mark.parametrize(
    ("cases", "share"),
    [(FRESH, 0.95), (ROUND_TWO, 0.95), (ROUND_THREE, 0.95), (ROUND_FIVE, 0.95), (ROUND_SIX, 0.9)],
    ids=["fresh", "two", "three", "five", "six"],
)
def test_what_was_mended_stays_mended(cases, share: float) -> None:
    right = sum(check(case).right for case in cases)
    assert right / len(cases) >= share


@pytest.mark.parametrize(
    "cases",
    [FRESH, ROUND_TWO, ROUND_THREE, ROUND_FOUR, ROUND_FIVE, ROUND_SIX],
    ids=["fresh", "two", "three", "four", "five", "six"],
)
def test_every_expected_call_names_a_tool_that_is_there(cases) -> None:
    for case in cases:
        there = {tool["function"]["name"] for tool in case.tools}
        assert {name for name, _ in case.calls} <= there


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case.name)
def test_the_same_request_gets_the_same_answer(case) -> None:
    assert check(case).reply == check(case).reply
