"""Fits every series, scans it, and fits it again without what the scan took out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.anomalies.scan import SHIFT, Scan, scan
from ml.anomalies.series import Series, on_scales
from ml.anomalies.structure import Model, choose_models, precision, prediction_score
from ml.frames import FloatArray

RATIO_SHARES = (0.5, 1.0)  # share of a ratio's noise that shrinks with what it is divided by
LARGEST_NOISE = 100.0  # a day of next to no impressions weighs a hundredth, not nothing


@dataclass(frozen=True, eq=False)
class Fitted:
    """A series with its model's full precision P (n, n) and the scan made with it."""

    series: Series
    inverse: FloatArray
    scan: Scan


def fit_and_scan(
    series: Sequence[Series], shared: FloatArray, *, log_chance: float, least_change: float
) -> list[Fitted]:
    """The scans of all series, which share their grid and the effects `shared` (n, p)."""
    inverses: dict[Model, FloatArray] = {}

    def fitted(one: Series, model: Model) -> Fitted:
        if model not in inverses:
            inverses[model] = precision(model, shared)
        inverse = _weighted(inverses[model], one, model, shared)
        return Fitted(one, inverse, scan(inverse, one, log_chance=log_chance, least_change=least_change))

    settled, models = _on_best_scales(series, shared)
    first = [fitted(one, model) for one, model in zip(settled, models, strict=True)]
    again, _ = choose_models(np.column_stack([undisturbed(fit) for fit in first]), shared)
    return [
        fit if model == better else fitted(fit.series, better)
        for fit, model, better in zip(first, models, again, strict=True)
    ]


def _on_best_scales(series: Sequence[Series], shared: FloatArray) -> tuple[list[Series], list[Model]]:
    """Each series on the scale that predicts its plain values best, with its model."""
    tried = [(index, on_scale) for index, one in enumerate(series) for on_scale in on_scales(one)]
    models, scores = choose_models(np.column_stack([one.working for _, one in tried]), shared)
    best: dict[int, tuple[float, Series, Model]] = {}
    for (index, one), model, score in zip(tried, models, scores, strict=True):
        plain = float(score - one.scale.log_slope(one.plain[~one.missing]).mean())
        if index not in best or plain < best[index][0]:
            best[index] = (plain, one, model)
    return [one for _, one, _ in best.values()], [model for _, _, model in best.values()]


def undisturbed(fit: Fitted) -> FloatArray:
    """The working series (n,) without shifts, and what was to be expected on days that are missing or were taken out."""
    y, out = without_shifts(fit), np.flatnonzero(fit.scan.unused)
    if len(out):
        y[out] -= np.linalg.solve(fit.inverse[np.ix_(out, out)], fit.inverse[out] @ y)
    return y


def without_shifts(fit: Fitted) -> FloatArray:
    """The working series (n,) less the effects of its shifts."""
    y = fit.series.working.copy()
    for found in fit.scan.found:
        if found.row == SHIFT:
            y[found.start :] -= found.effect
    return y


def _weighted(inverse: FloatArray, series: Series, model: Model, shared: FloatArray) -> FloatArray:
    """The precision of a ratio, its noise larger on days with little below, as far as that predicts better."""
    if series.below is None:
        return inverse
    below = np.where(series.missing, np.nan, series.below)
    thin = np.nan_to_num(np.nanmedian(below) / np.maximum(below, 1e-300), nan=1.0)
    if np.nanstd(below) < 0.15 * np.nanmean(below):
        return inverse
    weighted = [inverse]
    for share in RATIO_SHARES:
        noise = np.clip(1 - share + share * thin, 1 / LARGEST_NOISE, LARGEST_NOISE)
        weighted.append(precision(model, shared, noise))
    y = series.working[:, None]
    return min(weighted, key=lambda candidate: float(prediction_score(candidate, y)[0]))
