"""How well probabilities match what happened: calibration error, ranking, squared error, and the bins behind a chart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ml.errors import BadFrame
from ml.frames import FloatArray

BINS = 10
CLOSEST = 1e-6


@dataclass(frozen=True)
class CalibrationBin:
    """Customers whose probability lay in one tenth: how many, the mean said and the share that it happened to."""

    customers: int
    said: float
    happened: float


@dataclass(frozen=True)
class Calibration:
    """`ece` expected calibration error over tenths of equal width, `ece_equal_counts` over tenths of equal size, `auc`,
    `brier` and `log_loss`; `brier_base` is the Brier score of the same probability for all."""

    ece: float
    ece_equal_counts: float
    auc: float | None
    brier: float
    brier_base: float
    log_loss: float
    bins: tuple[CalibrationBin, ...]


def calibration_of(happened: ArrayLike, said: ArrayLike) -> Calibration:
    """Compares `said` (n,) probabilities with `happened` (n,) of 0 and 1.

    ECE = Σ over bins of n_bin/n · |mean said − share happened| (Naeini et al. 2015; Guo et al. 2017), AUC by ranks with ties
    halved, Brier = mean squared difference, log loss in nats. Raises `BadFrame` for empty, unequal or impossible values.

    >>> calibration_of([0, 1], [0.0, 1.0]).auc
    1.0
    """
    y, p = np.asarray(happened, float), np.asarray(said, float)
    if y.shape != p.shape or not len(y) or not (np.isin(y, (0, 1)).all() and ((p >= 0) & (p <= 1)).all()):
        raise BadFrame("Outcomes must be 0 or 1 and probabilities within 0 … 1, of one length.", "Check the columns.")
    width = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    order = np.argsort(p, kind="stable")
    size = np.empty(len(p), np.int64)
    size[order] = np.arange(len(p)) * BINS // len(p)
    bins = _bins(y, p, width)
    return Calibration(
        ece=_gap(bins),
        ece_equal_counts=_gap(_bins(y, p, size)),
        auc=_auc(y, p),
        brier=float(np.mean((p - y) ** 2)),
        brier_base=float(y.mean() * (1 - y.mean())),
        log_loss=log_loss(y, p),
        bins=bins,
    )


def log_loss(happened: FloatArray, said: FloatArray) -> float:
    """Mean −log probability of what happened, nats."""
    p = np.clip(said, CLOSEST, 1 - CLOSEST)
    return float(-np.mean(happened * np.log(p) + (1 - happened) * np.log1p(-p)))


def _bins(
    y: FloatArray, p: FloatArray, group: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[CalibrationBin, ...]:
    count = np.bincount(group, minlength=BINS)
    said, happened = np.bincount(group, p, BINS), np.bincount(group, y, BINS)
    return tuple(CalibrationBin(int(n), float(said[k] / n), float(happened[k] / n)) for k, n in enumerate(count) if n)


def _gap(bins: tuple[CalibrationBin, ...]) -> float:
    total = sum(part.customers for part in bins)
    return sum(part.customers * abs(part.said - part.happened) for part in bins) / total


def _auc(y: FloatArray, p: FloatArray) -> float | None:
    positive = float(y.sum())
    negative = len(y) - positive
    if not positive or not negative:
        return None
    ranks = float(rankdata(p)[y == 1].sum())
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)
