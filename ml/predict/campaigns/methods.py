"""Five ways to say what a campaign will bring, from the simplest on; which one is used is decided on days that none had seen."""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ml.frames import FloatArray
from ml.predict.campaigns.adjusting import Adjustment, learn_adjustment
from ml.predict.campaigns.features import SEASON, Examples, with_plan
from ml.predict.campaigns.history import IntArray
from ml.predict.campaigns.trees import Trees, fit_trees

Method: TypeAlias = Literal["carried", "carried_rate", "shrunk", "adjusted", "boosted"]
METHODS: tuple[Method, ...] = get_args(Method)
NAMES: dict[Method, str] = {
    "carried": "last 28 days carried forward",
    "carried_rate": "last 28 days' return on the spend ahead",
    "shrunk": "own and peers' return on the spend ahead",
    "adjusted": "own and peers' return, with trend and season",
    "boosted": "gradient boosting on own and peers' return",
}
LEAST_FOR_LINE, LEAST_FOR_TREES = 60, 400
STEP_DAYS = 7
_HIGHEST_RATIO = 8.0


@dataclass(frozen=True, eq=False)
class Learnt:
    """What is learnt of one outcome over one horizon: `pace`, spend that followed over recent spend; the straight line and the
    trees on top of it, where there were examples enough; and `dispersion` φ of the outcome."""

    horizon_days: int
    dispersion: float
    pace: float
    line: Adjustment | None = None
    trees: Trees | None = None

    def assumed_spend(self, examples: Examples) -> FloatArray:
        """What campaigns spend over the horizon if nobody plans anything, (n,)."""
        return examples.recent * self.horizon_days * self.pace

    def expected(
        self, examples: Examples, method: Method, *, spend: FloatArray, planned: FloatArray | None
    ) -> FloatArray:
        """What `spend` (n,) over the horizon brings, (n,). `planned` is what the features may know of it; None: nothing."""
        if method == "carried":
            return examples.usual * self.horizon_days
        if method == "carried_rate":
            return spend * _quotient(examples.usual, examples.usual_spend)
        shrunk = examples.rate * spend
        if method == "shrunk" or self.line is None:
            return shrunk
        rows = examples.rows if planned is None else with_plan(examples, planned, horizon_days=self.horizon_days)
        adjusted = shrunk * np.exp(self.line.score(rows))
        return adjusted if method == "adjusted" or self.trees is None else adjusted * np.exp(self.trees.score(rows))

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers and lists."""
        return {
            "horizon_days": self.horizon_days,
            "dispersion": self.dispersion,
            "pace": self.pace,
            "line": None if self.line is None else self.line.to_list(),
            "trees": None if self.trees is None else self.trees.to_dict(),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Learnt":  # a JSON document
        """What `to_dict` wrote. Raises `BadFrame` where the trees are damaged."""
        line = None if stored["line"] is None else Adjustment.from_list(stored["line"])
        trees = None if stored["trees"] is None else Trees.from_dict(stored["trees"])
        return cls(int(stored["horizon_days"]), float(stored["dispersion"]), float(stored["pace"]), line, trees)


def learn(examples: Examples, *, horizon_days: int, dispersion: float, seed: int) -> Learnt:
    """Learn from examples whose horizon is over.

    The line and the trees predict log(outcome ÷ expectation) with the spend that really followed as the plan; an example weighs
    1 ÷ (φ ÷ expectation + ¼), so that a large campaign counts more, but not without end. The trees see what the line leaves, each
    day's mean taken out: what happens to everybody on a day is no campaign's own.
    """
    recent = float((examples.recent * horizon_days).sum())
    pace = float(examples.spend.sum()) / recent if recent > 0 else 1.0
    plain = Learnt(horizon_days, dispersion, pace)
    expected = examples.rate * examples.spend
    usable = expected > 1e-3 * dispersion
    if usable.sum() < LEAST_FOR_LINE or not (examples.outcome[usable] > 0).any():
        return plain
    chosen, expected = examples.taken(usable), expected[usable]
    rows = with_plan(chosen, chosen.spend, horizon_days=horizon_days)
    ratio = np.minimum(chosen.outcome / expected, _HIGHEST_RATIO)
    weight = 1 / (dispersion / expected + 0.25)
    line = learn_adjustment(rows, ratio, weight, chosen.day, overlap=max(1.0, horizon_days / STEP_DAYS))
    if len(chosen) < LEAST_FOR_TREES:
        return replace(plain, line=line)
    left = _without_day(ratio, np.exp(line.score(rows)), weight, chosen.day)
    return replace(plain, line=line, trees=fit_trees(_own(rows), *left, seed=seed))


def _without_day(
    ratio: FloatArray, said: FloatArray, weight: FloatArray, day: IntArray
) -> tuple[FloatArray, FloatArray]:
    """What the line leaves of each ratio, as a share of the day's mean, and the weights of Poisson deviance for it."""
    _, date = np.unique(day, return_inverse=True)
    mean = np.bincount(date, weight * ratio) / np.maximum(np.bincount(date, weight * said), 1e-12)
    expected = said * np.maximum(mean, 1e-6)[date]
    return np.minimum(ratio / expected, _HIGHEST_RATIO), weight * expected / (weight * expected).mean()


def _own(rows: FloatArray) -> FloatArray:
    """The rows without the season, which all campaigns of a day share: to trees it would be the day's name."""
    own = rows.copy()
    own[:, SEASON] = 0.0
    return own


def _quotient(above: FloatArray, below: FloatArray) -> FloatArray:
    result: FloatArray = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
    return result
