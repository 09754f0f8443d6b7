"""Why revenue changed: the change split exactly into spend, price of impressions, click rate, conversion rate and order value."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ml.anomalies.result import plain
from ml.anomalies.series import FLOOR, Metric, day_grid, lay_out
from ml.anomalies.structure import choose_models, effects, precision, robust_scale, without_days
from ml.errors import BadFrame, CannotCompare
from ml.frames import FloatArray

Factor: TypeAlias = Literal["spend", "cpm", "ctr", "cvr", "aov"]
FACTORS: tuple[Factor, ...] = ("spend", "cpm", "ctr", "cvr", "aov")
FEWEST_DAYS = 28
CLEAR_SCORE = 2.0  # below two standard errors a factor's part is within its own noise
SMALLEST_SCALE = 0.002
NOTHING = 1e-6  # a total change of less than a millionth has no shares


@dataclass(frozen=True, eq=False)
class Funnel:
    """Daily sums (n,) from money spent to money earned, all of the same ads. NaN marks a day without a value."""

    spend: ArrayLike
    impressions: ArrayLike
    clicks: ArrayLike
    conversions: ArrayLike
    revenue: ArrayLike


@dataclass(frozen=True)
class CausePart:
    """One factor's part in the change of revenue. `change` is the factor's own relative change; `log_part` what it adds to the
    log change of revenue (a dearer CPM takes away); `share` is log_part over the whole, above 1 or below 0 where parts
    cancel out, None where nothing changed; `score` is log_part over its standard error."""

    factor: Factor
    change: float
    log_part: float
    share: float | None
    score: float


@dataclass(frozen=True)
class Explanation:
    """How revenue changed on `starts_on` to `ends_on` against what those days were to be, and by what. `main` is the factor
    that adds most in the direction of the change and is clear of its own noise; None: the data cannot tell."""

    starts_on: date
    ends_on: date
    change: float
    parts: tuple[CausePart, ...]
    main: Factor | None

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form."""
        document: dict[str, Any] = plain(self)
        return document


def explain_change(dates: ArrayLike, funnel: Funnel, *, starts_on: date, ends_on: date) -> Explanation:
    """Split the change of revenue on the days from `starts_on` to `ends_on`, both included.

    revenue = spend · (1000 ÷ CPM) · CTR · CVR · AOV with CPM = 1000·spend ÷ impressions, CTR = clicks ÷ impressions,
    CVR = conversions ÷ clicks, AOV = revenue ÷ conversions, so the log changes add up. Each factor's change is measured
    against what its other days lead to expect for those weekdays (structure.py), all with the model of revenue: the
    estimates are linear in the logs, so that the parts sum to the whole exactly. Values below a hundredth of their
    median count as that hundredth. `dates` (n,) each once.

    Raises `BadFrame` for columns that make no sense and `CannotCompare` below 28 other days or a window without days.
    """
    on, grid = day_grid(dates)
    logs = {
        name: _log(Metric(name, getattr(funnel, name)), lay_out(Metric(name, getattr(funnel, name)), on, grid)[0])
        for name in Funnel.__dataclass_fields__
    }
    window = (grid >= np.datetime64(starts_on)) & (grid <= np.datetime64(ends_on))
    missing = np.any([~np.isfinite(values) for values in logs.values()], axis=0)
    if not (window & ~missing).any() or (~window & ~missing).sum() < FEWEST_DAYS:
        raise CannotCompare(
            f"The days asked about need a value, and at least {FEWEST_DAYS} others beside them.",
            "Choose other days, or import more history.",
        )
    parts = _parts(logs)
    columns = np.column_stack([logs["revenue"], *(parts[factor] for factor in FACTORS)])
    effect, error = _effects_of(columns, window, missing, effects(grid))
    return _explained(starts_on, ends_on, effect, error)


def _log(metric: Metric, values: FloatArray) -> FloatArray:
    if (values < 0).any():
        raise BadFrame(f"{metric.name} is negative on some day.", "Leave refunds and credits out of this comparison.")
    positive = values[values > 0]
    unit = float(np.median(positive)) if len(positive) else 1.0
    return np.asarray(np.log(np.maximum(values, FLOOR * unit)))


def _parts(logs: dict[str, FloatArray]) -> dict[Factor, FloatArray]:
    """What each factor adds to log revenue, up to a constant."""
    return {
        "spend": logs["spend"],
        "cpm": logs["impressions"] - logs["spend"],
        "ctr": logs["clicks"] - logs["impressions"],
        "cvr": logs["conversions"] - logs["clicks"],
        "aov": logs["revenue"] - logs["conversions"],
    }


def _effects_of(
    columns: FloatArray, window: np.ndarray, missing: np.ndarray, shared: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean effect of the window on each column and its standard error."""
    day = np.arange(len(columns))
    filled = columns.copy()
    filled[missing] = np.column_stack(
        [np.interp(day[missing], day[~missing], column[~missing]) for column in columns.T]
    )
    model = choose_models(filled[:, :1], shared)[0][0]
    inverse = without_days(precision(model, shared), np.flatnonzero(missing))
    shape = (window & ~missing).astype(float)
    information = float(shape @ inverse @ shape)
    effect = np.asarray(shape @ inverse @ filled / information)
    rest = without_days(inverse, np.flatnonzero(window & ~missing))
    used = ~missing & ~window
    z = (rest @ filled)[used] / np.sqrt(np.diag(rest)[used])[:, None]
    return effect, np.maximum(robust_scale(z), SMALLEST_SCALE) / np.sqrt(information)


def _explained(starts_on: date, ends_on: date, effect: FloatArray, error: FloatArray) -> Explanation:
    total = float(effect[0])
    parts = tuple(
        CausePart(
            factor=factor,
            change=float(np.expm1(-part if factor == "cpm" else part)),
            log_part=float(part),
            share=float(part) / total if abs(total) > NOTHING else None,
            score=float(part / spread),
        )
        for factor, part, spread in zip(FACTORS, effect[1:], error[1:], strict=True)
    )
    clear = [part for part in parts if part.log_part * total > 0 and abs(part.score) >= CLEAR_SCORE]
    main = max(clear, key=lambda part: abs(part.log_part), default=None)
    return Explanation(starts_on, ends_on, float(np.expm1(total)), parts, main.factor if main else None)
