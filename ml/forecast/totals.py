"""Totals over weeks, months and the whole horizon, in currency, read off simulated futures."""

from datetime import date

import numpy as np

from ml.forecast.result import PeriodTotal
from ml.frames import DayArray, FloatArray

QUANTILES = (0.1, 0.9, 0.025, 0.975)
HORIZONS_DAYS = (7, 30, 60, 90)


def period_total(dates: DayArray, cadence_days: int, mean: FloatArray, paths: FloatArray) -> PeriodTotal:
    """Total of these periods: the sum of `mean` (h,), with bands from the sums of `paths` (P, h) that always hold it."""
    total = float(mean.sum())
    low80, high80, low95, high95 = (float(value) for value in np.quantile(paths.sum(1), QUANTILES))
    start_on: date = dates[0].item()
    return PeriodTotal(
        start_on=start_on,
        days=len(dates) * cadence_days,
        total=total,
        low80=min(low80, total),
        high80=max(high80, total),
        low95=min(low95, total),
        high95=max(high95, total),
    )


def weekly_totals(dates: DayArray, cadence_days: int, mean: FloatArray, paths: FloatArray) -> tuple[PeriodTotal, ...]:
    """Totals of seven days from the first day on; the last may be shorter."""
    step = 7 // cadence_days
    parts = [slice(start, start + step) for start in range(0, len(dates), step)]
    return tuple(period_total(dates[part], cadence_days, mean[part], paths[:, part]) for part in parts)


def monthly_totals(dates: DayArray, cadence_days: int, mean: FloatArray, paths: FloatArray) -> tuple[PeriodTotal, ...]:
    """Totals by calendar month of the period's first day; the first and last may be parts of a month."""
    months = dates.astype("datetime64[M]")
    parts = [months == month for month in np.unique(months)]
    return tuple(period_total(dates[part], cadence_days, mean[part], paths[:, part]) for part in parts)


def horizon_totals(dates: DayArray, cadence_days: int, mean: FloatArray, paths: FloatArray) -> tuple[PeriodTotal, ...]:
    """Totals of the first 7, 30, 60 and 90 days and of all of them, as far as the forecast goes; weekly rows in whole weeks."""
    whole = len(dates)
    stops = {stop for days in HORIZONS_DAYS if (stop := -(-days // cadence_days)) < whole} | {whole}
    return tuple(period_total(dates[:stop], cadence_days, mean[:stop], paths[:, :stop]) for stop in sorted(stops))
