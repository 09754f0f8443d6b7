"""Why a metric moved: the change split into spend, price of impressions, click rate, conversion rate and order value.

Where a source tells no impressions or clicks, the split is as fine as the data allow: spend, cost per conversion, order value.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from app.performance.anomaly_metrics import CHANNEL_HISTORY_DAYS, Columns
from ml.anomalies import Explanation, Funnel, explain_change
from ml.anomalies.causes import CLEAR_SCORE
from ml.anomalies.result import plain
from ml.errors import MlError
from ml.frames import FloatArray

# Which factors make up each metric, with the sign with which they move it.
_FACTORS: dict[str, tuple[str, ...]] = {
    "revenue": ("spend", "cpm", "ctr", "cvr", "aov"),
    "roas": ("cpm", "ctr", "cvr", "aov"),
    "conversions": ("spend", "cpm", "ctr", "cvr"),
    "cpa": ("cpm", "ctr", "cvr"),
    "clicks": ("spend", "cpm", "ctr"),
}
_TURNED = ("cpa",)  # it falls where these parts rise
_NAMES = {"cvr": "conversion_rate", "aov": "average_order"}
_MOST_MISSING = 0.2
_STEPS = ("impressions", "clicks", "conversions")


@dataclass(frozen=True)
class Split:
    """Which columns are known: the price of the first known step takes the place of CPM, and steps that nobody tells fall away."""

    funnel: Funnel
    price: str
    unknown: tuple[str, ...]


def causes_of(
    metric: str, days: tuple[date, ...], columns: Columns, *, starts_on: date, ends_on: date
) -> dict[str, Any] | None:
    """The parts of a change, as a JSON document; None where the data do not tell them."""
    split = _split(metric, columns)
    if split is None:
        return None
    try:
        found = explain_change(
            np.array(days[-CHANNEL_HISTORY_DAYS:], "datetime64[D]"), split.funnel, starts_on=starts_on, ends_on=ends_on
        )
    except MlError:
        # Too few days with every column, or a column that makes no sense: the anomaly stands without its causes.
        return None
    return _document(metric, found, split)


def _split(metric: str, columns: Columns) -> Split | None:
    if metric not in _FACTORS:
        return None
    recent = {base: values[-CHANNEL_HISTORY_DAYS:] for base, values in columns.items()}
    steps = [step for step in _STEPS if _is_known(recent[step])]
    if not _is_known(recent["spend_micros"]) or not steps:
        return None
    last = "clicks" if metric == "clicks" else "conversions"
    if last not in steps:
        return None
    filled = {step: recent[_next_known(step, steps)] for step in _STEPS}
    revenue = recent["revenue_micros"] if metric in {"revenue", "roas"} else filled[last]
    if last == "clicks":
        filled["conversions"] = filled["clicks"]
    if not _is_known(revenue):
        return None
    funnel = Funnel(recent["spend_micros"], filled["impressions"], filled["clicks"], filled["conversions"], revenue)
    unknown = tuple(factor for factor, step in (("ctr", "impressions"), ("cvr", "clicks")) if step not in steps)
    price = {"impressions": "cpm", "clicks": "cpc", "conversions": "cpa"}[steps[0]]
    return Split(funnel, price, unknown)


def _next_known(step: str, known: list[str]) -> str:
    """The step itself, or the next one that is told."""
    later = [one for one in _STEPS[_STEPS.index(step) :] if one in known]
    return later[0] if later else known[-1]


def _is_known(values: FloatArray) -> bool:
    return bool(np.mean(~np.isfinite(values)) <= _MOST_MISSING and np.nansum(np.abs(values)))


def _document(metric: str, found: Explanation, split: Split) -> dict[str, Any] | None:
    sign = -1 if metric in _TURNED else 1
    chosen = [part for part in found.parts if part.factor in _FACTORS[metric] and part.factor not in split.unknown]
    if metric in _TURNED and split.price == metric:
        return None  # it would explain itself
    total = sum(part.log_part for part in chosen) * sign
    parts = [
        {
            "factor": split.price if part.factor == "cpm" else _NAMES.get(part.factor, part.factor),
            "change": plain(part.change),
            "effect": plain(float(np.expm1(sign * part.log_part))),
            "share": plain(sign * part.log_part / total) if total else None,
            "is_clear": abs(part.score) >= CLEAR_SCORE,
        }
        for part in chosen
    ]
    clear = [part for part in parts if part["is_clear"] and (part["share"] or 0) > 0]
    main = max(clear, key=lambda part: part["share"] or 0, default=None)
    return {"change": plain(float(np.expm1(total))), "parts": parts, "main": main["factor"] if main else None}
