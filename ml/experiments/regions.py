"""A lift test by region: spend was changed in some regions and not in others. Synthetic control with placebo regions.

Entry point: `analyse_regions`. The comparison itself is in `synthetic_control.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from scipy.stats import t as student

from ml.errors import BadFrame, BadOption, ConstantRevenue, NoPause, TooFewRegions, TooShort
from ml.experiments.document import Document, plain
from ml.experiments.domain import check_share
from ml.experiments.pause_wording import Verdict, pause_sentence, verdict_of
from ml.experiments.synthetic_control import Method, compare, placebo_scores
from ml.frames import BoolArray, FloatArray

FEWEST_CONTROLS, FEWEST_BEFORE = 5, 21


@dataclass(frozen=True, eq=False)
class RegionReading:
    """What a change of spend in the treated regions did. Amounts in currency over the window; intervals at the level asked for.

    `lost_revenue` = expected − actual revenue of the treated regions (below 0 where revenue rose). `p_value` is the share of
    comparisons, those of placebo regions and the real one, that stand out as much. `fit_error` is the comparison's relative error
    per period before the change. ROI fields are None without `spend_change`; `roi_sd` is half the width of the 95 % interval
    ÷ 1.96. `weights` say how much of each control region the comparison uses; `expected` (n,) is the treated regions' revenue.
    """

    treated: tuple[str, ...]
    method: Method
    lost_revenue: float
    lost_sd: float
    lost_low: float
    lost_high: float
    p_value: float
    placebos: int
    fit_error: float
    roi: float | None
    roi_sd: float | None
    roi_low: float | None
    roi_high: float | None
    verdict: Verdict | None
    sentence: str
    controls: tuple[str, ...]
    weights: tuple[float, ...]
    expected: FloatArray

    def to_dict(self) -> Document:
        return plain(self)


def analyse_regions(
    revenue: ArrayLike,
    regions: Sequence[str],
    *,
    treated: Sequence[str],
    first: int,
    last: int,
    spend_change: float | None = None,
    method: Method = "synthetic",
    level: float = 0.95,
    currency: str = "USD",
) -> RegionReading:
    """Effect in the `treated` columns of `revenue` (n, G), per period in currency, in rows `first` … `last`, both included.

    Expected revenue by `synthetic_control.compare` from the regions in which nothing changed. The same is done for sets of as
    many control regions as were treated. With s_j the difference of set j over its error before `first`, and s₀ that of the
    treated ones: p = (1 + #{|s_j| ≥ |s₀|}) ÷ (1 + J), standard error = own error · √(mean s_j²), Student's t with as many
    degrees of freedom as there are control regions. `spend_change` is planned minus actual spend of the treated regions (above
    0 for a pause).

    Raises `BadFrame` for numbers that do not fit, `BadOption` for regions or rows that cannot be, `TooShort` for fewer than 21
    periods before, `TooFewRegions` for fewer than five controls beside the treated, `NoPause` for a spend change of 0,
    `ConstantRevenue` for regions without sales or change before.
    """
    check_share("The level", level)
    table, inside = _checked(revenue, regions, treated, first, last)
    if spend_change is not None and not (np.isfinite(spend_change) and spend_change != 0):
        raise NoPause("The spend did not change.", "Enter what was planned less what was spent.")
    target, controls = table[:, inside].sum(1), table[:, ~inside]
    own = compare(target, controls, first, last, method)
    scores = placebo_scores(controls, int(inside.sum()), first, last, method)
    degrees = controls.shape[1]
    sd = own.error * float(np.sqrt((scores**2).mean()))
    factor = float(student.ppf(0.5 + level / 2, degrees))
    names = [name for name, changed in zip(regions, inside, strict=True) if changed]
    lost, reach = -own.difference, factor * sd
    normal_sd = float(student.ppf(0.975, degrees) / norm.ppf(0.975)) * sd
    roi = _roi(lost, reach, normal_sd, spend_change)
    verdict = verdict_of(roi[2], roi[3]) if roi else None
    return RegionReading(
        treated=tuple(names),
        method=method,
        lost_revenue=lost,
        lost_sd=normal_sd,
        lost_low=lost - reach,
        lost_high=lost + reach,
        p_value=float((1 + (np.abs(scores) >= abs(own.score)).sum()) / (1 + len(scores))),
        placebos=len(scores),
        fit_error=own.fit_error,
        roi=roi[0] if roi else None,
        roi_sd=roi[1] if roi else None,
        roi_low=roi[2] if roi else None,
        roi_high=roi[3] if roi else None,
        verdict=verdict,
        sentence=_sentence(names, lost, reach, spend_change, roi, currency),
        controls=tuple(name for name in regions if name not in names),
        weights=tuple(float(weight) for weight in own.weights),
        expected=own.expected,
    )


def _roi(lost: float, reach: float, sd: float, spend_change: float | None) -> tuple[float, float, float, float] | None:
    if spend_change is None:
        return None
    low, high = sorted([(lost - reach) / spend_change, (lost + reach) / spend_change])
    return lost / spend_change, sd / abs(spend_change), low, high


def _sentence(
    treated: Sequence[str],
    lost: float,
    reach: float,
    spend_change: float | None,
    roi: tuple[float, float, float, float] | None,
    currency: str,
) -> str:
    where = ", ".join(treated)
    if spend_change is not None and roi is not None:
        return pause_sentence(f"ads in {where}", spend_change, lost, roi[2:], verdict_of(*roi[2:]), currency)
    clear = "" if abs(lost) > reach else " That is within what regions differ by anyway."
    moved = "less" if lost > 0 else "more"
    return (
        f"Sales in {where} were about {abs(lost):,.0f} {currency} {moved} than in comparable regions, "
        f"give or take {reach:,.0f}.{clear}"
    )


def _checked(
    revenue: ArrayLike, regions: Sequence[str], treated: Sequence[str], first: int, last: int
) -> tuple[FloatArray, BoolArray]:
    table = np.asarray(revenue, float)
    if table.ndim != 2 or table.shape[1] != len(regions) or not np.isfinite(table).all():
        raise BadFrame("The table of regions does not fit.", "Give one number per period and region.")
    unknown = [name for name in treated if name not in regions]
    if unknown or not treated or len(set(regions)) < len(regions):
        raise BadOption(
            f"These regions do not exist: {', '.join(unknown)}." if unknown else "The regions are not clear.",
            "Name every region once, and at least one of them as changed.",
        )
    if not 0 <= first <= last < len(table):
        raise BadOption("The window lies outside the table.", "Count its first and last row from 0.")
    if first < FEWEST_BEFORE:
        raise TooShort(first, FEWEST_BEFORE)
    inside = np.isin(np.asarray(regions), np.asarray(treated))
    needed = max(FEWEST_CONTROLS, 2 * int(inside.sum()) + 1)
    if (~inside).sum() < needed:
        raise TooFewRegions(int((~inside).sum()), needed)
    before = table[:first]
    if (before.mean(0) <= 0).any() or (np.ptp(before, axis=0) <= 1e-9 * before.mean(0)).any():
        raise ConstantRevenue(float(before.mean(0).min()))
    return table, inside
