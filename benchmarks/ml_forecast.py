"""Measures the forecast: speed, error and coverage on ten series against Prophet's defaults, with the machine's size beside it.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_forecast [--businesses 40]

Ten series: four real ones and six businesses with known truth, from up to three origins each, 90 days (13 weeks) ahead, with
the spend that followed as the plan. They lie outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data).
`--businesses N` adds the coverage over N fresh simulated businesses (2–8 channels, 120–730 days).
"""

import argparse
import csv
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from benchmarks.machine import describe, verdict
from ml.forecast import Forecast, ForecastOptions, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import Event, FloatArray, MarketingFrame, frame_from_columns, read_events_csv
from ml.synth import random_business, simulate

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
REAL_SERIES = (
    ("olist", "olist_daily_revenue.csv", "date", "daily_revenue", "2017-01-05", "2018-08-28"),
    ("superstore", "superstore_daily_revenue.csv", "ds", "y", "2014-01-03", "2017-12-30"),
    ("bike", "uci_bike_sharing_day.csv", "", "cnt", "2018-01-01", "2019-12-31"),
    ("pedestrians", "prophet_example_pedestrians_covid.csv", "ds", "y", "2017-06-02", "2020-02-29"),
)
KNOWN_TRUTH = ("s1_easy", "s2_typical", "s3_collinear", "s4_always_on", "s5_weekly", "s6_nasty")
RECORDED = (
    "Recorded elsewhere on ten series, three origins (not run here): AutoTheta 1.39, AutoETS 1.46, seasonal naive 1.51."
)


@dataclass(frozen=True, eq=False)
class Outlook:
    """A forecast of any make: mean per period and, where it has any, bands."""

    mean: FloatArray
    low80: FloatArray | None = None
    high80: FloatArray | None = None
    low95: FloatArray | None = None
    high95: FloatArray | None = None
    total_held: bool | None = None
    model: str = ""


@dataclass(frozen=True)
class Score:
    """One method on one series from one origin."""

    series: str
    mase: float
    held80: float | None
    held95: float | None
    total_held: bool | None
    model: str


Method = Callable[[MarketingFrame, int, int], Outlook]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--businesses", type=int, default=0)
    arguments = parser.parse_args()
    print(describe())
    print_speed()
    if SHARED.exists():
        print_ten_series()
    else:
        print(f"The yardstick data are not at {SHARED}; the ten series are left out.")
    if arguments.businesses:
        print_fresh_businesses(arguments.businesses)


def print_speed() -> None:
    """Fit + 90 days + backtest on two years of days and five channels, first in a fresh process and then warm."""
    business = random_business(np.random.default_rng(3), channels=5, days=730, start=date(2024, 1, 1))
    frame = simulate(seed=3, days=730, channels=business[1], start=date(2024, 1, 1), market=business[0]).frame()
    print("\nSpeed: 730 days × 5 channels, 90 days ahead, three to six origins")
    for label in ("first run, with the import of Prophet", "warm", "warm"):
        began = time.perf_counter()
        forecast = forecast_revenue(frame)
        elapsed = time.perf_counter() - began
        print(f"  {label:38} {forecast.cpu_s:5.2f} CPU s  {elapsed:5.2f} s  ({forecast.model})")
    print(verdict("forecast, 730 days × 5 channels, warm", elapsed, 3.0, "s"))


def print_ten_series() -> None:
    methods: dict[str, Method] = {
        "seasonal naive": seasonal_naive,
        "Prophet, its defaults": prophet_defaults,
        "ours: Prophet": ours("prophet"),
        "ours: structural": ours("structural"),
        "ours: chosen": ours("auto"),
    }
    series = [*real_series(), *known_truth_series()]
    scores = {name: [*scored(method, series)] for name, method in methods.items()}
    names = [name for name, _ in series]
    print("\nMASE, mean over origins (scale: in-sample error of last week's same day, or of last week)")
    print(f"{'':24}" + "".join(f"{name[:9]:>10}" for name in names) + f"{'geo-mean':>10}{'real':>7}")
    table = {name: by_series(rows, names) for name, rows in scores.items()}
    for name, row in table.items():
        print(
            f"{name:24}"
            + "".join(f"{value:10.2f}" for value in row)
            + f"{geometric(row):10.3f}{geometric(row[: len(REAL_SERIES)]):7.2f}"
        )
    print(
        f"\n{'':24}{'80 % holds':>11}{'95 % holds':>11}{'80 % total':>11}   pooled over {len(scores['ours: chosen'])} origins"
    )
    for name, rows in scores.items():
        if rows[0].held80 is not None:
            print(f"{name:24}{shares_held(rows)}")
    print(RECORDED)
    print_bars(table, scores["ours: chosen"])


def print_bars(table: dict[str, list[float]], chosen: Sequence[Score]) -> None:
    ours_row, default_row = table["ours: chosen"], table["Prophet, its defaults"]
    wins = sum(mine <= theirs for mine, theirs in zip(ours_row, default_row, strict=True))
    used = {model: sum(score.model == model for score in chosen) for model in {score.model for score in chosen}}
    ratio = geometric(ours_row) / geometric(default_row)
    print()
    print("models chosen: " + ", ".join(f"{model} {count}" for model, count in sorted(used.items())))
    print(verdict("error of the chosen over Prophet's defaults, geometric mean", ratio, 0.85, "×"))
    print(verdict("series on which the chosen is worse than Prophet's defaults", len(ours_row) - wins, 1, ""))


def print_fresh_businesses(count: int) -> None:
    """Coverage on simulated businesses that no setting was looked at on; spend that followed as plan, and without plan."""
    for label, planned in (("with the spend that followed as plan", True), ("without a plan", False)):
        rows = [*scored(ours("auto", planned=planned), [*fresh_businesses(count)], origins_each=1)]
        print(f"\n{count} fresh businesses, {label}: MASE {geometric([row.mase for row in rows]):.3f} (geometric mean)")
        print(f"{'80 % holds, 95 % holds, 80 % of the total holds':48}{shares_held(rows)}")


def shares_held(rows: Sequence[Score]) -> str:
    """Shares of periods within the 80 % and 95 % band, and of totals within theirs; a dash where there is no band."""
    columns = ([row.held80 for row in rows], [row.held95 for row in rows], [row.total_held for row in rows])
    known = [[float(value) for value in column if value is not None] for column in columns]
    return "".join(f"{np.mean(values):11.1%}" if values else f"{'–':>11}" for values in known)


def scored(method: Method, series: Sequence[tuple[str, MarketingFrame]], *, origins_each: int = 3) -> Iterator[Score]:
    for name, frame in series:
        horizon = 90 if frame.cadence_days == 1 else 13
        least = 90 if frame.cadence_days == 1 else 52
        starts = [frame.periods - horizon * k for k in range(1, origins_each + 1)]
        for origin in [start for start in starts if start >= least]:
            yield score(name, frame, origin, horizon, method(frame, origin, horizon))


def score(name: str, frame: MarketingFrame, origin: int, horizon: int, outlook: Outlook) -> Score:
    actual = frame.revenue[origin : origin + horizon]
    past, lag = frame.revenue[:origin], 7 if frame.cadence_days == 1 else 1
    scale = np.mean(np.abs(past[lag:] - past[:-lag]))
    return Score(
        series=name,
        mase=float(np.mean(np.abs(actual - outlook.mean)) / scale),
        held80=held(actual, outlook.low80, outlook.high80),
        held95=held(actual, outlook.low95, outlook.high95),
        total_held=outlook.total_held,
        model=outlook.model,
    )


def held(actual: FloatArray, low: FloatArray | None, high: FloatArray | None) -> float | None:
    return None if low is None or high is None else float(np.mean((low <= actual) & (actual <= high)))


def seasonal_naive(frame: MarketingFrame, origin: int, horizon: int) -> Outlook:
    lag = 7 if frame.cadence_days == 1 else 1
    return Outlook(np.resize(frame.revenue[origin - lag : origin], horizon))


def prophet_defaults(frame: MarketingFrame, origin: int, horizon: int) -> Outlook:
    """Prophet as its documentation starts: daily spend columns as regressors, nothing else set, its own 80 % bands."""
    silence_prophet()
    import pandas as pd
    from prophet import Prophet

    np.random.seed(0)  # Prophet draws its bands from the global state
    stop = origin + horizon
    table = pd.DataFrame({"ds": pd.DatetimeIndex(frame.dates[:stop].astype("datetime64[s]"))})
    model = Prophet()
    for index in range(len(frame.channels)):
        table[f"x{index}"] = frame.spend[:stop, index]
        model.add_regressor(f"x{index}")
    model.fit(table.iloc[:origin].assign(y=frame.revenue[:origin]))
    ahead = model.predict(table.iloc[origin:])
    mean, low, high = (ahead[name].to_numpy(float) for name in ("yhat", "yhat_lower", "yhat_upper"))
    return Outlook(mean, low, high)


def ours(model: ModelChoice, *, planned: bool = True) -> Method:
    def method(frame: MarketingFrame, origin: int, horizon: int) -> Outlook:
        plan = {
            (frame.dates[period].item(), channel): float(frame.spend[period, index])
            for period in range(origin, origin + horizon)
            for index, channel in enumerate(frame.channels)
        }
        forecast = forecast_revenue(
            frame.slice(None, origin),
            horizon_days=horizon * frame.cadence_days,
            planned=plan if planned else None,
            options=ForecastOptions(model=model),
        )
        return outlook_of(forecast, float(frame.revenue[origin : origin + horizon].sum()))

    return method


def outlook_of(forecast: Forecast, total: float) -> Outlook:
    return Outlook(
        forecast.mean,
        forecast.low80,
        forecast.high80,
        forecast.low95,
        forecast.high95,
        forecast.total_low80 <= total <= forecast.total_high80,
        forecast.model,
    )


def real_series() -> Iterator[tuple[str, MarketingFrame]]:
    for name, file_name, date_column, value_column, first, last in REAL_SERIES:
        with (SHARED / "datasets" / file_name).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
        if date_column:  # the bike table writes its dates in two ways; its rows are the days in order
            rows = [row for row in rows if first <= row[date_column] <= last]
            days = np.array([datetime.fromisoformat(row[date_column]).date() for row in rows], "datetime64[D]")
        revenue = np.array([float(row[value_column]) for row in rows])
        yield name, one_channel_frame(days, revenue)


def one_channel_frame(days: np.ndarray, revenue: FloatArray) -> MarketingFrame:
    return frame_from_columns(dates=days, channels=["direct"] * len(days), spend=np.zeros(len(days)), revenue=revenue)


def known_truth_series() -> Iterator[tuple[str, MarketingFrame]]:
    """The whole of each set: what is given and the days held out after it."""
    for name in KNOWN_TRUTH:
        folder = SHARED / "mmm" / name
        rows: list[dict[str, str]] = []
        for part in ("data.csv", "holdout.csv"):
            with (folder / part).open(newline="", encoding="utf-8") as file:
                rows += csv.DictReader(file)
        events: tuple[Event, ...] = read_events_csv(folder / "events.csv")
        yield (
            name,
            frame_from_columns(
                dates=np.array([row["date"] for row in rows], "datetime64[D]"),
                channels=[row["channel"] for row in rows],
                spend=np.array([float(row["spend"]) for row in rows]),
                revenue=np.array([float(row["revenue"]) for row in rows]),
                events=events,
            ),
        )


def fresh_businesses(count: int) -> Iterator[tuple[str, MarketingFrame]]:
    for seed in range(1000, 1000 + count):
        rng = np.random.default_rng(seed)
        days = int(rng.choice([120, 200, 300, 400, 550, 730])) + 90
        start = date(2024, 1, 1)
        market, channels = random_business(rng, channels=int(rng.integers(2, 9)), days=days, start=start)
        yield str(seed), simulate(seed=seed, days=days, channels=channels, start=start, market=market).frame()


def by_series(rows: Sequence[Score], names: Sequence[str]) -> list[float]:
    return [float(np.mean([row.mase for row in rows if row.series == name])) for name in names]


def geometric(values: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    main()
