from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_patterns.approval import AutoApproval
from agent_patterns.approval.policy import decimal_amount

POLICY = AutoApproval({"refund": Decimal("50.00")})


def refund(amount: Any) -> Any:
    return {"name": "refund", "args": {"amount": amount}}


@pytest.mark.parametrize("amount", ["0.01", "50", "50.00", 50, Decimal("49.999")])
def test_up_to_the_limit_it_passes(amount: object) -> None:
    assert POLICY(refund(amount)).automatic


@pytest.mark.parametrize(
    "amount",
    ["50.01", 51, "-5", 0, "NaN", "Infinity", "much", None, True, 49.99, [1], "1e400", ""],
)
def test_everything_else_waits_and_says_why(amount: object) -> None:
    verdict = POLICY(refund(amount))
    assert not verdict.automatic
    assert verdict.reason


def test_an_action_without_a_limit_waits() -> None:
    assert not POLICY({"name": "deploy", "args": {"amount": "1"}}).automatic
    assert not POLICY({"name": "refund", "args": {}}).automatic


def test_a_daily_total_stops_slices_of_one_refund() -> None:
    passed: list[Decimal] = []
    policy = AutoApproval({"refund": Decimal(100)}, spent=lambda action: sum(passed, Decimal(0)))
    for expected in (True, True, False):
        verdict = policy(refund("45"))
        assert verdict.automatic is expected
        if verdict.automatic:
            passed.append(Decimal(45))
    assert "135 is above" in verdict.reason


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_limit_is_exact(amount: Decimal) -> None:
    passes = amount.is_finite() and 0 < amount <= Decimal("50.00")
    assert POLICY(refund(str(amount))).automatic == passes


def test_an_amount_is_never_a_float() -> None:
    assert decimal_amount(0.1) is None
    assert decimal_amount("0.1") == Decimal("0.1")
