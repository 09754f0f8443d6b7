"""What a budget is to achieve: the most revenue from a given sum, the most profit, or the most revenue at a return on ad spend."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ml.errors import BadBudget
from ml.frames import FloatArray
from ml.mix.allocate import CENT
from ml.mix.knapsack import IntArray, Pick


@dataclass(frozen=True)
class MostRevenue:
    """All of a given budget, for the highest expected revenue."""


@dataclass(frozen=True)
class MostProfit:
    """Spend as much as pays: the largest margin · revenue − spend. `margin` in (0, 1] is what stays of a sale before ads."""

    margin: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.margin <= 1:
            raise BadBudget(f"A margin of {self.margin} is not possible.", "Enter a share above 0 and up to 1, as 0.4.")


@dataclass(frozen=True)
class TargetRoas:
    """Spend as much as possible while ads return at least `roas` per unit spent, on average over all channels."""

    roas: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.roas) and self.roas > 0):
            raise BadBudget(
                f"A target of {self.roas} is not possible.", "Enter a return per unit spent above 0, as 2.5."
            )


Goal: TypeAlias = MostRevenue | MostProfit | TargetRoas


def pick_for(goal: MostProfit | TargetRoas) -> Pick:
    """How the total of spend is chosen from the best expected revenue (T,) for each total in cents (T,)."""
    if isinstance(goal, MostProfit):
        return _most_profit(goal.margin)
    return _at_least(goal.roas)


def _most_profit(margin: float) -> Pick:
    def pick(values: FloatArray, totals: IntArray) -> int:
        return int(np.argmax(margin * values - totals * CENT))

    return pick


def _at_least(roas: float) -> Pick:
    def pick(values: FloatArray, totals: IntArray) -> int:
        """The most revenue at the target; where no total reaches it, the one that comes closest."""
        spent = totals * CENT
        enough = np.isfinite(values) & (values >= roas * spent - 1e-9)
        if enough.any():
            return int(np.argmax(np.where(enough, values, -np.inf)))
        return int(np.argmax(values / np.maximum(spent, CENT)))

    return pick
