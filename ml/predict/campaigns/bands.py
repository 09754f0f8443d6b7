"""Ranges by split conformal prediction, on a scale on which small and large campaigns scatter alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.frames import FloatArray

LEVELS = (0.8, 0.95)
SHIFT = 3 / 8
LEAST_SCATTER = 0.003
_TRIMMED = 0.98


@dataclass(frozen=True)
class Bands:
    """`unit` turns an outcome into counts whose variance is their mean; `scatter` θ is the squared relative scatter beyond that.

    `quantiles` of the residuals on the steady scale, per level (low, high); None at a level for which there are too few.
    """

    unit: float
    scatter: float
    quantiles: tuple[tuple[float, float] | None, ...]

    def residuals(self, actual: FloatArray, predicted: FloatArray) -> FloatArray:
        """Distances on the steady scale, (n,)."""
        return _steady(actual / self.unit, self.scatter) - _steady(predicted / self.unit, self.scatter)

    def around(self, predicted: FloatArray, level: int) -> tuple[FloatArray, FloatArray] | None:
        """(low, high), each (n,), at `LEVELS[level]`; they hold `predicted`. None where the past was too short for that level."""
        quantiles = self.quantiles[level]
        if quantiles is None:
            return None
        middle = _steady(predicted / self.unit, self.scatter)
        low, high = (_plain(middle + one, self.scatter) * self.unit for one in quantiles)
        return np.minimum(low, predicted), np.maximum(high, predicted)

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Plain numbers and lists."""
        return {"unit": self.unit, "scatter": self.scatter, "quantiles": [q and list(q) for q in self.quantiles]}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Bands":  # a JSON document
        """The bands that `to_dict` wrote."""
        quantiles = tuple(None if q is None else (float(q[0]), float(q[1])) for q in stored["quantiles"])
        return cls(float(stored["unit"]), float(stored["scatter"]), quantiles)


def learn_bands(actual: FloatArray, predicted: FloatArray, *, unit: float, apart: float) -> Bands:
    """Bands from predictions (n,) ≥ 0 of days that the model had not seen, and what came, `actual` (n,) ≥ 0.

    Residual: g(actual) − g(predicted), g(u) = 2/√θ · asinh √(θ(u + 3/8)), which has a variance of about 1 for a count of variance
    u + θu² (Anscombe 1948); θ by moments without the highest 2 %. Its quantiles at (1 ± level)/2 are taken a little further out, by
    (m + 1)/m with m = `apart`, the number of outcomes that do not overlap, as split conformal prediction asks (Lei et al. 2018).
    """
    u, v = actual / unit, predicted / unit
    excess = (u - v) ** 2 - v
    kept = np.argsort(np.abs(excess))[: max(1, int(_TRIMMED * len(u)))]
    scatter = max(float(excess[kept].sum() / max((v[kept] ** 2).sum(), 1e-12)), LEAST_SCATTER)
    plain = Bands(unit, scatter, ())
    residuals = plain.residuals(actual, predicted)
    return Bands(unit, scatter, tuple(_quantiles(residuals, level, apart) for level in LEVELS))


def enough_for(level: float) -> float:
    """How many outcomes that do not overlap a level needs: below that, no quantile lies far enough out."""
    return 2 / (1 - level) - 1


def _quantiles(residuals: FloatArray, level: float, apart: float) -> tuple[float, float] | None:
    if apart < enough_for(level):
        return None
    further = min((1 + level) / 2 * (apart + 1) / apart, 1.0)
    low, high = np.quantile(residuals, (1 - further, further))
    return float(low), float(high)


def _steady(count: FloatArray, scatter: float) -> FloatArray:
    root: FloatArray = 2 / np.sqrt(scatter) * np.arcsinh(np.sqrt(scatter * (count + SHIFT)))
    return root


def _plain(steady: FloatArray, scatter: float) -> FloatArray:
    inside = np.maximum(steady, 0.0) * np.sqrt(scatter) / 2
    count: FloatArray = np.maximum(np.sinh(inside) ** 2 / scatter - SHIFT, 0.0)
    return count
