"""The entry point of detection: metrics in, a report out."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from ml.anomalies.fitting import fit_and_scan
from ml.anomalies.options import DetectionOptions
from ml.anomalies.report import Window, report_of
from ml.anomalies.result import AnomalyReport
from ml.anomalies.series import Metric, Series, check_names, day_grid, lay_out, working_series
from ml.anomalies.structure import effects
from ml.errors import BadFrame
from ml.frames import DayArray, FloatArray

FEWEST_DAYS = 28  # four of each weekday
LONGEST_HISTORY = 800
MOST_ZEROS = 0.5


def find_anomalies(
    dates: ArrayLike,
    metrics: Sequence[Metric],
    *,
    known_days: Iterable[date] = (),
    drivers: ArrayLike | None = None,
    options: DetectionOptions | None = None,
) -> AnomalyReport:
    """Days of `metrics` that do not fit their own weekday, level, season and noise.

    `dates` (n,) in any order, each once; gaps are days without a value. `known_days` are explained by something known (a
    sale, a stock-out): not judged, not used. `drivers` (n, k) explain part of all metrics, such as adstocked spend.

    Method: log, root or plain scale, whichever predicts best; y = level (random walk) + weekday + trend + year + drivers + AR(1) noise with speed and memory
    chosen per metric by robust leave-one-out prediction; scan of spikes, stretches and shifts (scan.py), largest first,
    each taken out before the next is looked for; the model is chosen anew without them and the scan repeated. Rarity
    comes from tails.py. An alarm rings where p ≤ alarms per month ÷ 30.4 ÷ 2.5 (days, shapes that overlap) and a change of a fifth
    or more makes what was seen twenty times likelier than chance does (evidence.py).

    Metrics too short (below 28 days), always 0 or without values are returned as not judged, with the reason.
    Raises `BadFrame` for dates and values that make no sense, `BadOption` for options outside their domain.
    """
    options = options or DetectionOptions()
    check_names(metrics)
    on, grid = day_grid(dates)
    laid = [(metric.name, *lay_out(metric, on, grid)) for metric in metrics]
    window = _window(grid, known_days, options)
    kept = np.s_[-len(window.dates) :]
    unusable = window.known | ~window.final
    series = [working_series(name, v[kept], None if b is None else b[kept], unusable) for name, v, b in laid]
    reasons = {one.name: why_not(one) for one in series}
    able = [one for one in series if not reasons[one.name]]
    shared = effects(window.dates, _driver_rows(drivers, on, grid, kept))
    fits = fit_and_scan(able, shared, log_chance=options.log_chance, least_change=options.least_change) if able else []
    return report_of(window, series, fits, reasons, options)


def why_not(series: Series) -> str:
    """Why a metric cannot be judged; empty where it can."""
    seen = series.plain[~series.missing]
    if not len(seen):
        return "No day has a value."
    if len(seen) < FEWEST_DAYS:
        return f"{len(seen)} days have a value; at least {FEWEST_DAYS} are needed."
    if not np.any(seen):
        return "It was 0 on every day."
    if np.mean(seen == 0) > MOST_ZEROS:
        return f"It was 0 on {np.mean(seen == 0):.0%} of the days. Judge it by week, or together with others."
    return ""


def _window(grid: DayArray, known_days: Iterable[date], options: DetectionOptions) -> Window:
    """The latest 800 days, with the days that are known, final and to be judged."""
    grid = grid[-LONGEST_HISTORY:]
    known = np.isin(grid, np.array(sorted(known_days), "datetime64[D]"))
    final = np.ones(len(grid), bool)
    if options.final_until is not None:
        final = grid <= np.datetime64(options.final_until)
    if not final.any():
        raise BadFrame("Every day is provisional or in the future.", "Wait until the first days are final.")
    last = int(np.flatnonzero(final)[-1])
    first = 0 if options.judge_last_days is None else max(0, last + 1 - options.judge_last_days)
    return Window(grid, known, final, first, last)


def _driver_rows(drivers: ArrayLike | None, on: DayArray, grid: DayArray, kept: slice) -> FloatArray | None:
    if drivers is None:
        return None
    given = np.asarray(drivers, float)
    if given.ndim != 2 or len(given) != len(on) or not np.isfinite(given).all():
        raise BadFrame("The drivers need one finite row per day.", "Fill days without spend with 0.")
    laid = np.zeros((len(grid), given.shape[1]))
    laid[(on - grid[0]).astype(int)] = given
    return laid[kept]
