"""Measures the forecast: CPU, error and coverage on ten series beside Prophet, AutoETS and AutoTheta, and on simulated shops.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_forecast [--shops 40] [--first-seed 9000] [--each] [--horizons] [--only ten|shops]

Ten series, four real ones and six businesses with known truth, from up to three origins each, 90 days (13 weeks) ahead,
with the spend that followed as the plan. They lie outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data).
`--shops N` sets how many simulated shops of each kind the coverage is checked on (0 for none); no setting was chosen on their
seeds (settings were chosen on 50000 and up). `--each` adds every candidate on its own, `--horizons` also looks 7, 30 and 60
days ahead, `--only` runs one half. statsforecast runs in an
environment of its own, named by `ADLOOM_RIVALS_PYTHON`; without it, recorded figures stand in, marked as such.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from benchmarks.machine import describe
from benchmarks.ml_forecast_rivals import RECORDED, Cut, prophet_defaults, seasonal_naive, statsforecast_means
from benchmarks.ml_forecast_series import SHARED, drifting_shops, fresh_businesses, ten_series
from ml.forecast import Forecast, ForecastOptions, PeriodTotal, forecast_plans, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.frames import FloatArray, MarketingFrame
from ml.synth import random_business, simulate

DAYS_AHEAD = 90
TOTALS = ("first7", "first30", "first60", "first90")


@dataclass(frozen=True)
class Score:
    """One method on one series from one origin: error, and shares of days, weeks, months and totals inside the bands."""

    series: str
    mase: float
    day80: float = np.nan
    day95: float = np.nan
    week80: float = np.nan
    week95: float = np.nan
    month80: float = np.nan
    month95: float = np.nan
    total80: float = np.nan
    first7: float = np.nan
    first30: float = np.nan
    first60: float = np.nan
    first90: float = np.nan
    model: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=9000)
    parser.add_argument("--only", choices=("ten", "shops"))
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--horizons", action="store_true")
    arguments = parser.parse_args()
    print(describe())
    if arguments.only != "shops":
        print_speed()
        print_ours_and_rivals(each=arguments.each, horizons=arguments.horizons)
    if arguments.shops and arguments.only != "ten":
        print_shops(arguments.shops, first_seed=arguments.first_seed)


def print_ours_and_rivals(*, each: bool, horizons: bool) -> None:
    if not SHARED.exists():
        print(f"The yardstick data are not at {SHARED}; the ten series are left out.")
        return
    print_ten_series(each=each)
    if horizons:
        print_horizons()


def line(name: str, figure: float, low: float, high: float, unit: str = "") -> None:
    """A row of the table: what, figure, bar, verdict."""
    bar = f"≤ {high:g}{unit}" if low == -np.inf else f"{low:g}–{high:g}{unit}"
    print(f"{name:72}{figure:9.3f}{unit:4}{bar:>14}  {'ok' if low <= figure <= high else 'MISSED'}", flush=True)


def print_speed() -> None:
    """CPU of this process and its children: fit + 90 days + three-origin backtest, first with the import of Prophet."""
    start = date(2024, 1, 1)
    market, channels = random_business(np.random.default_rng(3), channels=5, days=730, start=start)
    frame = simulate(seed=3, days=730, channels=channels, start=start, market=market).frame()
    for origins in (3, 3, 6):
        began = time.perf_counter()
        forecast = forecast_revenue(frame, options=ForecastOptions(origins=origins))
        elapsed = time.perf_counter() - began
        print(
            f"730 days × 5 channels, {origins} origins: {forecast.cpu_s:.2f} CPU s, {elapsed:.2f} s ({forecast.model})"
        )
        if origins == 3:
            figure = forecast.cpu_s
    line("fit + 90 days + three-origin backtest, warm", figure, -np.inf, 2.0, " s")


def cuts_of(series: Sequence[tuple[str, MarketingFrame]], *, days: int = DAYS_AHEAD, origins: int = 3) -> Iterator[Cut]:
    """Up to three origins of each series, `days` before its end and apart; 90 days or 52 weeks of history at least."""
    for name, frame in series:
        apart = round(DAYS_AHEAD / frame.cadence_days)
        horizon = max(round(days / frame.cadence_days), 1)
        least = 90 if frame.cadence_days == 1 else 52
        for origin in (frame.periods - apart * k for k in range(1, origins + 1)):
            if origin >= least:
                yield name, frame, origin, horizon


def print_ten_series(*, each: bool) -> None:
    cuts = [*cuts_of([*ten_series()])]
    models: tuple[ModelChoice, ...] = ("prophet", "structural", "mix", "auto") if each else ("auto",)
    scores = {"seasonal naive": [scored(cut, seasonal_naive(*cut[1:])) for cut in cuts]}
    scores["Prophet, its defaults"] = [scored_prophet(cut) for cut in cuts]
    for name, means in statsforecast_means(cuts).items():
        scores[name] = [scored(cut, mean) for cut, mean in zip(cuts, means, strict=True)]
    for model in models:
        usable = [cut for cut in cuts if model != "mix" or cut[1].channels]
        scores[f"ours: {model}"] = [ours(cut, model) for cut in usable]
    names = list(dict.fromkeys(name for name, *_ in cuts))
    table = {label: by_series(rows, names) for label, rows in scores.items()}
    print(f"\nMASE, mean over origins\n{'':22}" + "".join(f"{name[:9]:>10}" for name in names) + f"{'geo-mean':>10}")
    for label, row in table.items():
        print(f"{label:22}" + "".join(f"{value:10.2f}" for value in row) + f"{geometric(row):10.3f}")
    if "AutoETS" not in table:
        print(f"AutoETS {RECORDED['AutoETS']}, AutoTheta {RECORDED['AutoTheta']} (recorded; set ADLOOM_RIVALS_PYTHON)")
    print_coverage({label: rows for label, rows in scores.items() if np.isfinite(rows[0].day80)})
    print_bars(table, scores["ours: auto"])


def print_bars(table: dict[str, list[float]], chosen: Sequence[Score]) -> None:
    ours_row, default_row = table["ours: auto"], table["Prophet, its defaults"]
    used = [score.model for score in chosen]
    print("models chosen: " + ", ".join(f"{model} {used.count(model)}" for model in sorted(set(used))) + "\n")
    line(
        "MASE of ours over Prophet's defaults, geometric mean",
        geometric(ours_row) / geometric(default_row),
        -np.inf,
        0.85,
    )
    worse = sum(mine > theirs for mine, theirs in zip(ours_row, default_row, strict=True))
    line("series on which ours is worse than Prophet's defaults", worse, -np.inf, 1)
    for name, recorded in RECORDED.items():
        figure = geometric(ours_row) / (geometric(table[name]) if name in table else recorded)
        line(f"MASE of ours over {name}{'' if name in table else ', recorded'}", figure, -np.inf, 1.0)
    print_band_bars("ten series", chosen)


def print_band_bars(where: str, rows: Sequence[Score]) -> None:
    line(f"{where}: days in the 80 % band, pooled over {len(rows)} forecasts, %", percent(rows, "day80"), 77, 85)
    line(f"{where}: days in the 95 % band, %", percent(rows, "day95"), 92, 98)


def print_horizons() -> None:
    """Error against Prophet's defaults and coverage when 7, 30 and 60 days are asked for."""
    print("\nShorter horizons, ten series")
    for days in (7, 30, 60):
        cuts = [*cuts_of([*ten_series()], days=days)]
        mine, theirs = [ours(cut, "auto") for cut in cuts], [scored_prophet(cut) for cut in cuts]
        ratio = geometric([row.mase for row in mine]) / geometric([row.mase for row in theirs])
        print_coverage({f"{days} days": mine})
        line(f"{days} days: MASE of ours over Prophet's defaults", ratio, -np.inf, 0.85)
        print_band_bars(f"{days} days", mine)


def print_shops(count: int, *, first_seed: int) -> None:
    """Coverage on simulated shops, with the spend that followed as plan, and without a plan."""
    kinds: dict[str, Callable[..., Iterator[tuple[str, MarketingFrame]]]] = {
        "fresh businesses": fresh_businesses,
        "drifting shops": drifting_shops,
    }
    print(f"\nSimulated shops, {count} of each kind, seeds {first_seed} to {first_seed + count - 1}")
    for kind, make in kinds.items():
        both = [ours_both_ways(cut, "auto") for cut in cuts_of([*make(count, first_seed=first_seed)], origins=1)]
        scores = {f"{kind}, plan": [rows[0] for rows in both], f"{kind}, no plan": [rows[1] for rows in both]}
        print_coverage(scores)
        for label, rows in scores.items():
            print_band_bars(label, rows)
            print_total_bars(label, rows)


def print_total_bars(where: str, rows: Sequence[Score]) -> None:
    for name in TOTALS:
        days = name.removeprefix("first")
        line(f"{where}: total of the first {days} days in its 80 % range, %", percent(rows, name), 77, 85)


def print_coverage(scores: dict[str, list[Score]]) -> None:
    columns = ("day80", "day95", "week80", "week95", "month80", "month95", "total80", *TOTALS)
    print(f"\nShares inside the bands, %\n{'':28}{'MASE':>9}" + "".join(f"{name:>9}" for name in columns))
    for label, rows in scores.items():
        figures = "".join(f"{percent(rows, name):9.1f}" for name in columns)
        print(f"{label:28}{geometric([row.mase for row in rows]):9.3f}{figures}")


def scored(cut: Cut, mean: FloatArray) -> Score:
    """MASE: mean absolute error over the in-sample error of last week's same day, or of last week."""
    name, frame, origin, horizon = cut
    past, lag = frame.revenue[:origin], 7 if frame.cadence_days == 1 else 1
    scale = np.mean(np.abs(past[lag:] - past[:-lag]))
    return Score(name, float(np.mean(np.abs(frame.revenue[origin : origin + horizon] - mean)) / scale))


def scored_prophet(cut: Cut) -> Score:
    _, frame, origin, horizon = cut
    mean, low, high = prophet_defaults(frame, origin, horizon)
    return replace(scored(cut, mean), day80=held(frame.revenue[origin : origin + horizon], low, high))


def ours(cut: Cut, model: ModelChoice) -> Score:
    """Ours, with the spend that followed as plan."""
    return ours_both_ways(cut, model)[0]


def ours_both_ways(cut: Cut, model: ModelChoice) -> tuple[Score, Score]:
    """Ours with the spend that followed as plan, and without a plan."""
    _, frame, origin, horizon = cut
    plan = {
        (frame.dates[period].item(), channel): float(frame.spend[period, index])
        for period in range(origin, origin + horizon)
        for index, channel in enumerate(frame.channels)
    }
    planned, as_usual = forecast_plans(
        frame.slice(None, origin),
        plans=(plan, None),
        horizon_days=horizon * frame.cadence_days,
        options=ForecastOptions(model=model),
    )
    return scored_forecast(cut, planned), scored_forecast(cut, as_usual)


def scored_forecast(cut: Cut, forecast: Forecast) -> Score:
    _, frame, origin, horizon = cut
    actual = frame.revenue[origin : origin + horizon]
    week80, week95 = totals_held(forecast.weekly, forecast, actual)
    month80, month95 = totals_held(forecast.monthly, forecast, actual)
    first = firsts_held(forecast, actual)
    return replace(
        scored(cut, forecast.mean),
        day80=held(actual, forecast.low80, forecast.high80),
        day95=held(actual, forecast.low95, forecast.high95),
        week80=week80,
        week95=week95,
        month80=month80,
        month95=month95,
        total80=float(forecast.total_low80 <= actual.sum() <= forecast.total_high80),
        model=forecast.model,
        first7=first.get(7, np.nan),
        first30=first.get(30, np.nan),
        first60=first.get(60, np.nan),
        first90=first.get(90, np.nan),
    )


def firsts_held(forecast: Forecast, actual: FloatArray) -> dict[int, float]:
    """By length: whether the totals of the first 7, 30, 60 and 90 days lay in their 80 % ranges, as far as they were told."""
    return {
        part.days: float(part.low80 <= actual[: part.days // forecast.cadence_days].sum() <= part.high80)
        for part in forecast.horizons
    }


def totals_held(parts: Sequence[PeriodTotal], forecast: Forecast, actual: FloatArray) -> tuple[float, float]:
    """Shares of weeks or months whose actual total lies within the 80 % and the 95 % band."""
    stops = np.cumsum([part.days // forecast.cadence_days for part in parts])
    sums = [float(chunk.sum()) for chunk in np.split(actual, stops[:-1])]
    in80 = [part.low80 <= total <= part.high80 for part, total in zip(parts, sums, strict=True)]
    in95 = [part.low95 <= total <= part.high95 for part, total in zip(parts, sums, strict=True)]
    return float(np.mean(in80)), float(np.mean(in95))


def held(actual: FloatArray, low: FloatArray, high: FloatArray) -> float:
    return float(np.mean((low <= actual) & (actual <= high)))


def percent(rows: Sequence[Score], name: str) -> float:
    """Mean share over the forecasts that have it, in per cent; nan where none has."""
    shares = [share for row in rows if np.isfinite(share := getattr(row, name))]
    return 100 * float(np.mean(shares)) if shares else np.nan


def by_series(rows: Sequence[Score], names: Sequence[str]) -> list[float]:
    """Mean MASE per series, nan where a method was not run."""
    found = {name: [row.mase for row in rows if row.series == name] for name in names}
    return [float(np.mean(values)) if values else np.nan for values in found.values()]


def geometric(values: Sequence[float]) -> float:
    return float(np.exp(np.nanmean(np.log(values))))


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    main()
