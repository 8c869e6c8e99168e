"""Which requests need no human: amounts up to a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from agent_patterns.approval.protocol import Action


@dataclass(frozen=True)
class Verdict:
    """What a policy says about one action."""

    automatic: bool
    """True if it may be executed without asking."""
    reason: str
    """Why, for the audit trail and for the human who is asked."""


@dataclass(frozen=True)
class AutoApproval:
    """Lets actions with an amount up to a limit pass, and everything else wait for a human.

    It fails safe: an action without a limit, without an amount, or with an amount that is not a
    positive decimal number waits.  Floats wait too, for 0.1 + 0.2 is more than 0.3; write amounts
    as text.

    Args:
        limits: The highest amount that passes, for each action's name.
        amount: The argument that holds the amount.
        daily: The highest total that passes for one person within a day; without it, a refund of
            90 passes a limit of 50 as two refunds of 45.
        spent: What has passed for the same person today; needed with `daily`.
    """

    limits: Mapping[str, Decimal]
    amount: str = "amount"
    daily: Decimal | None = None
    spent: Callable[[Action], Decimal] | None = None

    def __post_init__(self) -> None:
        if self.daily is not None and self.spent is None:
            raise ValueError("a daily total needs `spent`, which says what has passed today")

    def __call__(self, action: Action) -> Verdict:
        """Say whether `action` may pass, and why."""
        limit = self.limits.get(action["name"])
        if limit is None:
            return Verdict(False, f"{action['name']} always waits for a human")
        given = action["args"].get(self.amount)
        amount = decimal_amount(given)
        if isinstance(given, float):
            return Verdict(False, f"{self.amount} is a float; write it as a text")
        if amount is None:
            return Verdict(False, f"{self.amount} is not a positive decimal number")
        if amount > limit:
            return Verdict(False, f"{amount} is above the limit of {limit}")
        if self.daily is not None and self.spent is not None:
            total = self.spent(action) + amount
            if total > self.daily:
                return Verdict(False, f"{total} in a day is above the limit of {self.daily}")
        return Verdict(True, f"{amount} is within the limit of {limit}")


def decimal_amount(value: Any) -> Decimal | None:
    """`value` as a positive, finite amount, or None if it is not one.

    Text, integers and `Decimal` are amounts; floats and booleans are not.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 else None
