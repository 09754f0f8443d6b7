"""What moves a campaign by a straight line, and the season that moves all of them: steadier than trees where days are few."""

from dataclasses import dataclass

import numpy as np

from ml.frames import FloatArray
from ml.predict.campaigns.features import FEATURES, SEASON
from ml.predict.campaigns.history import IntArray

ROUNDS = 8
# Standard deviations of the coefficients before any data: a whole log unit per unit of a feature is rare.
OWN_SD, SEASON_SD = 0.3, 0.5
_MOST = 2.0


@dataclass(frozen=True, eq=False)
class Adjustment:
    """log of outcome ÷ expectation as a straight line: a coefficient per feature, `slope` (F,). Missing features count as 0."""

    slope: FloatArray

    def score(self, rows: FloatArray) -> FloatArray:
        """The log correction, (n,), for rows (n, F), kept within ± 2."""
        line: FloatArray = np.clip(np.nan_to_num(rows) @ self.slope, -_MOST, _MOST)
        return line

    def to_list(self) -> list[float]:
        """Plain numbers."""
        return [float(one) for one in self.slope]

    @classmethod
    def from_list(cls, stored: list[float]) -> "Adjustment":
        """What `to_list` wrote. Raises `ValueError` where the length does not fit the features."""
        slope = np.asarray(stored, float)
        if slope.shape != (len(FEATURES),):
            raise ValueError("The coefficients do not fit the features.")
        return cls(slope)


def learn_adjustment(
    rows: FloatArray, ratio: FloatArray, weight: FloatArray, day: IntArray, *, overlap: float
) -> Adjustment:
    """Fit the line in two steps, so that what happened to everybody on a day is not taken for an effect of a campaign's own.

    1. Within days: Poisson regression of ratio (n,) ÷ its day's mean on `rows` (n, F) with `weight` (n,), ridge N(0, 0.3²), by
       Newton's method.
    2. Between days: what is left of the days' means on last year's season, through the origin, ridge N(0, 0.5²). There is no other
       term for the time: a trend of all campaigns in the past says little of the next month.
    Horizons of neighbouring days overlap, so each counts for 1 ÷ `overlap`. (Source: the within–between split, Mundlak 1978.)
    """
    known = np.nan_to_num(rows)
    season = known[:, SEASON].copy()
    known[:, SEASON] = 0.0
    _, date = np.unique(day, return_inverse=True)
    slope = _within(known, ratio, weight, date, overlap)
    slope[SEASON] = _between(season, known @ slope, ratio, weight, date, overlap)
    return Adjustment(slope)


def _within(rows: FloatArray, ratio: FloatArray, weight: FloatArray, date: IntArray, overlap: float) -> FloatArray:
    slope = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        said = np.exp(np.clip(rows @ slope, -_MOST, _MOST))
        said = said * (np.bincount(date, weight * ratio) / np.maximum(np.bincount(date, weight * said), 1e-12))[date]
        mass = weight * said
        mean = np.column_stack([np.bincount(date, mass * column) for column in rows.T])
        centred = rows - (mean / np.maximum(np.bincount(date, mass), 1e-12)[:, None])[date]
        curve = (centred * mass[:, None]).T @ centred / overlap + np.eye(len(slope)) / OWN_SD**2
        pull = centred.T @ (weight * (ratio - said)) / overlap - slope / OWN_SD**2
        slope = np.clip(slope + np.linalg.solve(curve, pull), -_MOST, _MOST)
    return slope


def _between(
    season: FloatArray, line: FloatArray, ratio: FloatArray, weight: FloatArray, date: IntArray, overlap: float
) -> float:
    said = np.bincount(date, weight * np.exp(np.clip(line, -_MOST, _MOST)))
    left = np.log(np.maximum(np.bincount(date, weight * ratio), 1e-9) / np.maximum(said, 1e-9))
    left = np.clip(left, -_MOST, _MOST)
    of_day = np.bincount(date, season) / np.bincount(date)
    variance = max(float(np.var(left)), 1e-4) * overlap
    return float((of_day @ left / variance) / (of_day @ of_day / variance + 1 / SEASON_SD**2))
