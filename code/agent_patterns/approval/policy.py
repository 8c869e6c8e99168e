"""Which requests need no human: amounts up to a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from agent_patterns.approval.protocol import Action


class Verdict(NamedTuple):
    """What a policy says about one action: may it be executed without asking, and why."""

    automatic: bool
    reason: str


@dataclass(frozen=True)
class AutoApproval:
    """Lets actions with an ``amount`` up to a limit pass, and everything else wait for a human.

    Floats wait too, for 0.1 + 0.2 is more than 0.3: write amounts as text.

    Args:
        limits: The highest amount that passes, for each action's name.
        spent: What has passed for the same person today; it counts too, or 90 passes as 45 and 45.
    """

    limits: Mapping[str, Decimal]
    spent: Callable[[Action], Decimal] = lambda action: Decimal(0)

    def __call__(self, action: Action) -> Verdict:
        """Say whether `action` may pass, and why."""
        limit = self.limits.get(action["name"])
        if limit is None:
            return Verdict(False, f"{action['name']} always waits for a human")
        amount = decimal_amount(given := action["args"].get("amount"))
        if isinstance(given, float):
            return Verdict(False, "amount is a float; write it as a text")
        if amount is None:
            return Verdict(False, "amount is not a positive decimal number")
        if (total := amount + self.spent(action)) > limit:
            return Verdict(False, f"{total} is above the limit of {limit}")
        return Verdict(True, f"{amount} is within the limit of {limit}")


def decimal_amount(value: Any) -> Decimal | None:
    """Return text, an integer or a `Decimal` as a positive amount; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 else None
