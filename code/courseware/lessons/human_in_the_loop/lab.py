"""Show what a limit for automatic approval costs in a month of refunds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from courseware.widgets import figure_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class RefundMonth:
    """A month of refunds, some of them by mistake, and what a limit for approval makes of them.

    Most amounts are small and a few are large (they are log-normally distributed, as amounts of
    money often are); a quarter of the mistakes are ten times too large.

    Args:
        refunds: How many.
        mistakes: How many of them should not be paid.
        minutes: What a question costs the person who is asked.
        seed: Another one makes another month.
    """

    def __init__(
        self, *, refunds: int = 400, mistakes: int = 20, minutes: float = 2, seed: int = 5
    ) -> None:
        rng = random.Random(seed)
        self.amounts = [round(rng.lognormvariate(3.2, 0.8), 2) for _ in range(refunds)]
        self.mistakes = rng.sample(range(refunds), mistakes)
        for number in self.mistakes[: mistakes // 4]:
            self.amounts[number] *= 10
        self.minutes = minutes

    def at(self, limit: float) -> tuple[float, float]:
        """Return the share of refunds that wait, and of the mistaken money that goes out unseen."""
        waiting = sum(amount > limit for amount in self.amounts)
        wrong = [self.amounts[number] for number in self.mistakes]
        return waiting / len(self.amounts), sum(x for x in wrong if x <= limit) / sum(wrong)

    def words(self, limit: float) -> str:
        """Return what a limit costs, as a sentence."""
        share, unseen = self.at(limit)
        refunds = len(self.amounts)
        waiting = round(share * refunds)
        return (
            f"Limit {limit:g} euros: {waiting} of {refunds} refunds wait"
            f" ({waiting * self.minutes:.0f} minutes a month), {unseen:.0%} of the money asked for"
            " by mistake goes out unseen."
        )

    def picture(self, limit: float) -> Any:
        """Both costs over the limit, as SVG."""
        return figure_svg(self._figure(limit))

    def _figure(self, limit: float) -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 3.6))
        axes = figure.add_subplot()
        limits = range(0, 201, 2)
        curves = [self.at(each) for each in limits]
        waiting, unseen = ([100 * curve[n] for curve in curves] for n in (0, 1))
        axes.plot(limits, waiting, "-", label="refunds that wait")
        axes.plot(limits, unseen, "--", label="money paid by mistake")
        axes.axvline(limit, color="black", linewidth=1)
        for share in self.at(limit):
            axes.plot([limit], [100 * share], "o", color="black", markersize=7)
        axes.set(xlabel="limit in euros", ylabel="percent", ylim=(0, 100), xlim=(0, 200))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)
        axes.set_title(self.words(limit).replace("month), ", "month),\n", 1), fontsize=10)
        return figure
