"""What detection is compared with: a Prophet band, and two oracles that no detector can be expected to beat.

The oracles weigh every one-day and three-day window with the sizes that are put in, by Bayes factors, and are given the threshold
that suits them best, chosen after the fact, at no more than one false alarm per month. `shop_oracle` knows the true expected day
and the law of the noise; `series_oracle`, for real series, has the same model as ours, learnt from the series before anything was
put in, and judges each window with all other days clean.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import gammaln

from benchmarks.ml_anomalies_cases import Alarm, Case, Tally
from ml.anomalies import DetectionOptions
from ml.anomalies.fitting import Fitted, fit_and_scan
from ml.anomalies.series import working_series
from ml.anomalies.structure import effects
from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import FloatArray

BANDS = (1.96, 2.33, 2.58, 3.0, 3.29, 3.72, 4.27)
ONE_DAY = np.concatenate([np.linspace(1.3, 1.8, 21), np.linspace(0.4, 0.7, 21)])
THREE_DAYS = np.linspace(0.5, 0.8, 21)
THRESHOLDS = np.arange(0.0, 9.0, 0.5)
MOST_FALSE_PER_MONTH = 1.0
APART_DAYS = 4
Weighed = tuple[float, int, int]  # log Bayes factor, first day, days


def oracle_tally(cases: Sequence[Case], oracle: Callable[[Case], list[Weighed]]) -> Tally:
    """The oracle's tally at the threshold that gives it the highest F1 over these cases."""
    weighed = [oracle(case) for case in cases]
    tallies = []
    for threshold in THRESHOLDS:
        tally = Tally()
        for case, windows in zip(cases, weighed, strict=True):
            tally.add(case, _picked(case, windows, float(threshold)))
        tallies.append(tally)
    allowed = [tally for tally in tallies if tally.false_per_month <= MOST_FALSE_PER_MONTH]
    return max(allowed or tallies[-1:], key=lambda tally: tally.f1)


def shop_oracle(case: Case) -> list[Weighed]:
    """Exact: the density of AR(1) innovations with and without each change."""
    usual, market = case.usual, case.market
    assert usual is not None
    assert market is not None
    spread, memory = market.noise_share * usual.mean(), market.noise_rho

    def log_density(values: FloatArray, days: slice, first: int, stop: int) -> FloatArray:
        noise = (values - usual[days]) / spread
        shocks = (noise[..., 1:] - memory * noise[..., :-1]) / np.sqrt(1 - memory**2)
        return np.asarray(_log_shock(shocks[..., first - 1 : stop - 1], heavy=market.heavy_tails).sum(-1))

    def weigh(start: int, days: int, factors: FloatArray) -> float:
        begin, stop = start - 1, min(start + days + 1, len(case.values))
        part = np.s_[begin:stop]
        undone = np.tile(case.values[part], (len(factors), 1))
        undone[:, 1 : 1 + days] /= factors[:, None]
        before = log_density(case.values[part], part, 1, stop - begin)
        return _mean_exp(log_density(undone, part, 1, stop - begin) - days * np.log(factors) - before)

    return [(weigh(start, days, factors), start, days) for start, days, factors in _windows(case)]


def series_oracle(case: Case) -> list[Weighed]:
    """By the tail of the clean series' own residuals; the values of one window at a time are the ones to be judged."""
    fit = _fit_of_clean(case)
    scale, tail, inverse = fit.series.scale, fit.scan.tail, fit.inverse
    clean, given = fit.series.working, np.where(fit.series.missing, fit.series.plain, case.values)
    score = inverse @ clean

    def weigh(start: int, days: int, factors: FloatArray) -> float:
        part = np.s_[start : start + days]
        block = inverse[part, part]
        undone = np.vstack([given[part], given[part] / factors[:, None]])
        moved = scale.forward(undone) - clean[part]
        z = (score[part].sum() + (moved @ block).sum(1)) / np.sqrt(block.sum())
        stretch = np.array([scale.log_slope(row).sum() for row in undone])
        density = tail.log_density_at(z, days) + stretch
        return _mean_exp(density[1:] - days * np.log(factors) - density[0])

    known = case.known
    windows = [window for window in _windows(case) if not known[window[0] : window[0] + window[1]].any()]
    return [(weigh(start, days, factors), start, days) for start, days, factors in windows]


def _fit_of_clean(case: Case) -> Fitted:
    assert case.clean is not None
    series = working_series("metric", case.clean, None, case.known)
    (fit,) = fit_and_scan(
        [series], effects(case.dates, case.drivers), log_chance=DetectionOptions().log_chance, least_change=10.0
    )
    return fit


def _windows(case: Case) -> list[tuple[int, int, FloatArray]]:
    n = len(case.values)
    return [
        (start, days, factors)
        for days, factors in ((1, ONE_DAY), (3, THREE_DAYS))
        for start in range(n - case.judged, n - days + 1)
    ]


def _picked(case: Case, windows: list[Weighed], threshold: float) -> list[Alarm]:
    """Alarms by weight, each at least four days from the others and from sales, as they were put in."""
    taken = case.known | case.pardoned
    alarms: list[Alarm] = []
    for weight, start, days in sorted(windows, reverse=True):
        if weight < threshold:
            break
        if not taken[max(start - APART_DAYS, 0) : start + days + APART_DAYS].any():
            taken[start : start + days] = True
            alarms.append((start, start + days))
    return alarms


def _log_shock(shock: FloatArray, *, heavy: bool) -> FloatArray:
    """Log density of unit shocks: Student t with 3 degrees, scaled to variance 1, or normal."""
    if not heavy:
        return np.asarray(-0.5 * shock**2 - 0.5 * np.log(2 * np.pi))
    constant = gammaln(2.0) - gammaln(1.5) - 0.5 * np.log(np.pi)
    return np.asarray(constant - 2.0 * np.log1p(shock**2))


def _mean_exp(logs: FloatArray) -> float:
    return float(np.logaddexp.reduce(logs) - np.log(len(logs)))


def with_band(cases: Sequence[Case], outlooks: Sequence[tuple[FloatArray, FloatArray]], band: float) -> Tally:
    """Prophet's tally with that band."""
    tally = Tally()
    for case, (distance, change) in zip(cases, outlooks, strict=True):
        tally.add(case, band_alarms(case, distance, change, band))
    return tally


def prophet_outlook(case: Case) -> tuple[FloatArray, FloatArray]:
    """Distance of each day from Prophet's mean in its own standard deviations, and its relative change."""
    silence_prophet()
    import pandas as pd
    from prophet import Prophet

    values = case.values if case.below is None else case.values / case.below
    table = pd.DataFrame({"ds": case.dates.astype("datetime64[ns]"), "y": values})
    model = Prophet(uncertainty_samples=0, yearly_seasonality=False, daily_seasonality=False)
    if case.drivers is not None:
        for index, column in enumerate(case.drivers.T):
            table[f"driver{index}"] = column
            model.add_regressor(f"driver{index}")
    model.fit(table[~case.known])
    mean = model.predict(table)["yhat"].to_numpy()
    spread = float(np.mean(model.params["sigma_obs"])) * float(model.y_scale or 1.0)
    return (values - mean) / spread, (values - mean) / np.maximum(np.abs(mean), 1e-9)


def band_alarms(case: Case, distance: FloatArray, change: FloatArray, band: float) -> list[Alarm]:
    """Runs of judged days outside the band, of one direction each, with the same least change as ours."""
    outside = np.sign(distance) * ((np.abs(distance) > band) & (np.abs(change) >= DetectionOptions().least_change))
    outside[: len(outside) - case.judged] = 0
    outside[case.known] = 0
    alarms: list[Alarm] = []
    for day in np.flatnonzero(outside):
        if alarms and alarms[-1][1] == day and outside[day - 1] == outside[day]:
            alarms[-1] = (alarms[-1][0], int(day) + 1)
        else:
            alarms.append((int(day), int(day) + 1))
    return alarms
