"""Measures detection: spikes and drops put into simulated shops and real series, found or not, against a Prophet-band detector.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_anomalies [--shops 40]

Put in per 90 judged days, after 90 days of history: three anomalies, each a one-day rise of 30–80 %, a one-day fall of
30–60 % or a three-day drop of 20–50 %. One counts as found where an alarm overlaps it; any other alarm is false, but on
days of an unreported sale. The rival fits Prophet to the same days with the same spend and events; it is given the band width that
suits it best, chosen after the fact, one for all shops and one for all real series. Real series lie outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data).
"""

import argparse
import csv
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe
from ml.adstock import carry_over, lag_weights
from ml.anomalies import DetectionOptions, Metric, find_anomalies
from ml.forecast.calendar_columns import event_columns
from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import BoolArray, DayArray, FloatArray
from ml.synth import random_business, simulate

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "datasets"
HISTORY, JUDGED = 90, 90
DAYS = HISTORY + JUDGED
NOISE_LEVELS = (0.03, 0.05, 0.08, 0.12)
BANDS = (1.96, 2.33, 2.58, 3.0, 3.29, 3.72, 4.27)
REAL_SERIES = (
    ("olist", "olist_daily_revenue.csv", "date", "daily_revenue", "2017-01-05", "2018-08-28", "BR"),
    ("superstore", "superstore_daily_revenue.csv", "ds", "y", "2014-01-03", "2017-12-30", "US"),
    ("bike", "uci_bike_sharing_day.csv", "", "cnt", "2018-01-01", "2019-12-31", None),
    ("pedestrians", "prophet_example_pedestrians_covid.csv", "ds", "y", "2017-06-02", "2020-02-29", "AU"),
    ("page views", "prophet_example_wp_log_peyton_manning.csv", "ds", "y", "2008-01-01", "2016-01-20", "US"),
)
Alarm = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Case:
    """A series with anomalies put in at `truth` (first day, days); `pardoned` days may ring unpunished."""

    dates: DayArray
    values: FloatArray
    below: FloatArray | None
    known: BoolArray
    pardoned: BoolArray
    drivers: FloatArray | None
    truth: tuple[Alarm, ...]
    judged: int = JUDGED


@dataclass
class Tally:
    """Found, missed and false by case, over metric-months."""

    cases: list[tuple[int, int, int]] = field(default_factory=list)
    months: float = 0.0

    def add(self, case: Case, alarms: Sequence[Alarm]) -> None:
        hits = {start for start, days in case.truth if any(a < start + days and b > start for a, b in alarms)}
        false = sum(
            not case.pardoned[max(a - 1, 0) : b + 1].any()
            and not any(a < start + days and b > start for start, days in case.truth)
            for a, b in alarms
        )
        self.cases.append((len(hits), len(case.truth) - len(hits), false))
        self.months += case.judged / 30.44

    def merge(self, other: "Tally") -> None:
        self.cases += other.cases
        self.months += other.months

    @property
    def found(self) -> int:
        return sum(case[0] for case in self.cases)

    @property
    def missed(self) -> int:
        return sum(case[1] for case in self.cases)

    @property
    def false(self) -> int:
        return sum(case[2] for case in self.cases)

    @property
    def f1(self) -> float:
        return f1_of(np.array(self.cases).sum(0))

    @property
    def false_per_month(self) -> float:
        return self.false / self.months

    def line(self) -> str:
        recall, precision = self.found / max(self.found + self.missed, 1), self.found / max(self.found + self.false, 1)
        return f"{self.f1:6.3f} {recall:7.2f} {precision:10.2f} {self.false_per_month:12.2f}"


def f1_of(counts: NDArray[np.int_]) -> float:
    """F1 of found, missed and false."""
    found, missed, false = (int(count) for count in counts)
    return 2 * found / max(2 * found + missed + false, 1)


def lead_interval(ours: Tally, rival: Tally) -> tuple[float, float]:
    """95 % interval of the difference in F1, from 2,000 resamples of the cases that both judged."""
    rng = np.random.default_rng(0)
    one, other = np.array(ours.cases), np.array(rival.cases)
    picks = rng.integers(0, len(one), (2000, len(one)))
    leads = [f1_of(one[pick].sum(0)) - f1_of(other[pick].sum(0)) for pick in picks]
    low, high = np.quantile(leads, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=40, help="simulated shops per noise level")
    shops = parser.parse_args().shops
    print(f"machine: {describe()}; CPU s of one core\n")
    print(f"{'':34}{'F1':>6} {'recall':>7} {'precision':>10} {'false/month':>12}")
    noisy = {f"shops, noise {noise:.0%}": shop_cases(shops, noise) for noise in NOISE_LEVELS}
    pooled, band = score_together(noisy)
    ours, rival = (pool(side) for side in zip(*pooled, strict=True))
    score("shops' CVR (binomial, ± 5 %)", ratio_cases(shops), band)
    least = score("shops, 5 %: exactly 30 % and 20 %", shop_cases(shops, 0.05, smallest=True), band)[0]
    at_once = score("shops, 5 %: last 3 of 7 days judged", late_cases(shops), band)[0]
    real = score_real()
    quiet = run(rings_at_any_size, shop_cases(2 * shops, 0.05, anomalies=0))
    by_noise = dict(zip(NOISE_LEVELS, (pair[0] for pair in pooled), strict=True))
    print_bars(ours, rival, by_noise, least, at_once, quiet, real)


def print_bars(
    ours: Tally,
    rival: Tally,
    by_noise: dict[float, Tally],
    least: Tally,
    at_once: Tally,
    quiet: Tally,
    real: tuple[Tally, Tally] | None,
) -> None:
    stated, seconds = DetectionOptions().alarms_per_month, speed_s()
    lines = [
        ("F1, shops of all noise levels", ours.f1, 0.85, True),
        *((f"    at {noise:.0%} noise", tally.f1, 0.85, True) for noise, tally in by_noise.items()),
        ("false alarms per metric and month, the same", ours.false_per_month, 1.0, False),
        ("F1 less the Prophet band's, the same", ours.f1 - rival.f1, 0.0, True),
        ("F1, smallest anomalies at 5 % noise", least.f1, 0.85, True),
        ("F1, within three days of the anomaly", at_once.f1, 0.85, True),
        ("false alarms per month, any size, nothing put in (stated)", quiet.false_per_month, stated, False),
        ("CPU s, 90 days × 50 metrics", seconds, 0.2, False),
    ]
    if real:
        lines += [
            ("F1, real series", real[0].f1, 0.85, True),
            ("false alarms per month, real series", real[0].false_per_month, 1.0, False),
            ("F1 less the Prophet band's, real series", real[0].f1 - real[1].f1, 0.0, True),
        ]
    for label, pair in (("shops", (ours, rival)), ("real series", real)):
        if pair:
            low, high = lead_interval(*pair)
            print(f"lead in F1 over the Prophet band, {label}: 95 % interval {low:+.3f} to {high:+.3f}")
    print(f"\n{'line':56} {'figure':>8} {'bar':>8}")
    for name, figure, bar, higher in lines:
        met = figure >= bar if higher else figure <= bar
        print(f"{name:56} {figure:8.3f} {'≥' if higher else '≤'} {bar:6.2f}  {'ok' if met else 'MISSED'}")


def score(label: str, cases: Sequence[Case], band: float) -> tuple[Tally, Tally]:
    """Print and return the tallies of ours and of Prophet with that band."""
    return print_pair(label, run(ours_of, cases), with_band(cases, [prophet_outlook(case) for case in cases], band))


def score_together(groups: Mapping[str, Sequence[Case]]) -> tuple[list[tuple[Tally, Tally]], float]:
    """Print and return both tallies by group, Prophet with the one band that gives it the highest F1 over all groups."""
    outlooks = {label: [prophet_outlook(case) for case in cases] for label, cases in groups.items()}

    def f1_with(band: float) -> float:
        return pool([with_band(cases, outlooks[label], band) for label, cases in groups.items()]).f1

    band = max(BANDS, key=f1_with)
    print(f"(Prophet's best band here, chosen after the fact: ± {band} of its standard deviations)")
    pairs = [
        print_pair(label, run(ours_of, cases), with_band(cases, outlooks[label], band))
        for label, cases in groups.items()
    ]
    return pairs, band


def print_pair(label: str, ours: Tally, rival: Tally) -> tuple[Tally, Tally]:
    print(f"{label:34}{ours.line()}")
    print(f"{'    Prophet band':34}{rival.line()}")
    return ours, rival


def run(detector: Callable[[Case], Sequence[Alarm]], cases: Sequence[Case]) -> Tally:
    tally = Tally()
    for case in cases:
        tally.add(case, detector(case))
    return tally


def pool(tallies: Sequence[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total


def ours_of(case: Case) -> list[Alarm]:
    return alarms_with(case, DetectionOptions(judge_last_days=case.judged))


def rings_at_any_size(case: Case) -> list[Alarm]:
    """Ours without a least change, so that the rate stated is the rate measured."""
    return alarms_with(case, DetectionOptions(judge_last_days=case.judged, least_change=0.0))


def alarms_with(case: Case, options: DetectionOptions) -> list[Alarm]:
    known = [day.astype(object) for day in case.dates[case.known]]
    report = find_anomalies(
        case.dates,
        [Metric("metric", case.values, case.below)],
        known_days=known,
        drivers=case.drivers,
        options=options,
    )
    first = case.dates[0].astype(object)
    starts = [((alarm.starts_on - first).days, alarm) for alarm in report.anomalies]
    return [(day, day + (3 if alarm.kind == "level_shift" else alarm.days)) for day, alarm in starts]


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


def shop_cases(count: int, noise: float, *, anomalies: int = 3, smallest: bool = False) -> list[Case]:
    """Fresh shops of 2–5 channels with that noise; one in four has heavy tails, sales come and go, 15 % of them unreported."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng(70_000 + index)
        start = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
        market, channels = random_business(rng, channels=int(rng.integers(2, 6)), days=DAYS, start=start)
        run = simulate(seed=index, days=DAYS, channels=channels, start=start, market=replace(market, noise_share=noise))
        reported, unreported = np.zeros(DAYS, bool), np.zeros(DAYS, bool)
        for sale in market.promotions:
            since = (run.dates - np.datetime64(sale.starts_on)).astype(int)
            (reported if sale.reported else unreported)[(since >= 0) & (since < sale.days)] = True
        case = Case(run.dates, run.revenue, None, reported, unreported, explained_by(run.spend), ())
        cases.append(with_anomalies(case, rng, anomalies, smallest=smallest))
    return cases


def explained_by(spend: FloatArray) -> FloatArray:
    """What a caller knows of spend: log spend of the day and carried over, per channel."""
    usual = np.log1p(spend / np.maximum(spend.mean(0), 1e-9))
    weights = lag_weights(2.3, 0.0, 28)
    return np.column_stack([usual, *(carry_over(column, weights) for column in usual.T)])


def ratio_cases(count: int) -> list[Case]:
    """Conversion rates: about 60 conversions of 2,000 clicks a day, clicks by weekday, the true rate moving ± 5 % a day."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng(80_000 + index)
        dates = np.datetime64("2025-03-03") + np.arange(DAYS)
        clicks = rng.poisson(2000 * np.where(np.arange(DAYS) % 7 >= 5, 0.6, 1.1)).astype(float)
        rate = 0.03 * np.exp(0.05 * rng.standard_normal(DAYS))
        none = np.zeros(DAYS, bool)
        case = with_anomalies(Case(dates, rate, clicks, none, none, None, ()), rng, 3)
        cases.append(replace(case, values=rng.binomial(clicks.astype(int), np.minimum(case.values, 1)).astype(float)))
    return cases


def late_cases(count: int) -> list[Case]:
    """Shops cut off up to three days after an anomaly begins, in every second one, with the last seven days judged."""
    shops = [replace(case, judged=7) for case in shop_cases(4 * count, 0.05, anomalies=0)]
    return [
        late(case, np.random.default_rng(90_000 + index)) if index % 2 else case for index, case in enumerate(shops)
    ]


def late(case: Case, rng: np.random.Generator) -> Case:
    """The case with an anomaly in its last three days, unless a sale is near."""
    if (case.known | case.pardoned)[-7:].any():
        return case
    days = int(rng.choice([1, 3]))
    start = DAYS - days - int(rng.integers(0, 4 - days))
    values = case.values.copy()
    values[start : start + days] *= size_of(rng, days)
    return replace(case, values=values, truth=((start, days),))


def with_anomalies(case: Case, rng: np.random.Generator, count: int, *, smallest: bool = False) -> Case:
    """The case with anomalies put in at least four days from each other and from sales."""
    taken, values = (case.known | case.pardoned).copy(), case.values.copy()
    truth: list[Alarm] = []
    for _ in range(200):
        if len(truth) == count:
            break
        days = int(rng.choice([1, 3]))
        start = int(rng.integers(DAYS - JUDGED, DAYS - days + 1))
        if not taken[max(start - 4, 0) : start + days + 4].any():
            taken[start : start + days] = True
            values[start : start + days] *= (1.3 if days == 1 else 0.8) if smallest else size_of(rng, days)
            truth.append((start, days))
    return replace(case, values=values, truth=tuple(truth))


def size_of(rng: np.random.Generator, days: int) -> float:
    """The factor of an anomaly."""
    if days == 3:
        return 1 - float(rng.uniform(0.2, 0.5))
    return 1 + float(rng.uniform(0.3, 0.8)) if rng.random() < 0.5 else 1 - float(rng.uniform(0.3, 0.6))


def score_real() -> tuple[Tally, Tally] | None:
    """One line per real series; None where they are absent."""
    if not SHARED.exists():
        print(f"{SHARED} is absent: the real series are left out")
        return None
    groups: dict[str, Sequence[Case]] = {}
    for name, file, *rest in REAL_SERIES:
        cases = list(real_cases(file, *rest))
        groups[f"{name}, usual day ± {usual_noise(cases):.0%}"] = cases
    pairs, _ = score_together(groups)
    ours, rival = (pool(side) for side in zip(*pairs, strict=True))
    return ours, rival


def usual_noise(cases: Sequence[Case]) -> float:
    """The median relative distance of a day from what was expected."""
    readings = [find_anomalies(case.dates, [Metric("metric", case.values)]).readings[0].noise for case in cases]
    return float(np.median([noise for noise in readings if noise is not None] or [np.nan]))


def real_cases(
    file: str, date_column: str, value_column: str, first: str, last: str, country: str | None
) -> Iterator[Case]:
    """Windows of 180 days, 60 days apart, at most twenty, each with three anomalies; public holidays and Black Friday are known."""
    with (SHARED / file).open(encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle))
    if date_column:
        on = np.array([row[date_column][:10] for row in rows], "datetime64[D]")
    else:
        on = np.datetime64(first) + np.arange(len(rows))
    found = np.array([float(row[value_column]) for row in rows])
    if "log" in file:
        found = np.exp(found)
    dates = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    values = np.zeros(len(dates))
    inside = (on >= dates[0]) & (on <= dates[-1])
    values[(on[inside] - dates[0]).astype(int)] = found[inside]
    for index, start in enumerate(range(0, min(len(dates) - DAYS + 1, 20 * 60), 60)):
        part = np.s_[start : start + DAYS]
        columns = event_columns(dates[part], 1, (), country)
        known = np.any([np.zeros(DAYS), *columns.values()], axis=0)
        case = Case(dates[part], values[part], None, known, np.zeros(DAYS, bool), None, ())
        yield with_anomalies(case, np.random.default_rng(index), 3)


def speed_s() -> float:
    """CPU seconds for 90 days × 50 metrics, half of them ratios, a spike in each; the median of five runs."""
    rng = np.random.default_rng(1)
    dates = np.datetime64("2025-01-01") + np.arange(90)
    metrics = []
    for index in range(50):
        values = 1000 * np.exp(0.08 * rng.standard_normal(90))
        values[60] *= 1.5
        metrics.append(Metric(f"metric {index}", values, rng.uniform(8e3, 2e4, 90) if index % 2 else None))
    seconds = []
    for _ in range(5):
        began_s = time.process_time()
        find_anomalies(dates, metrics)
        seconds.append(time.process_time() - began_s)
    return float(np.median(seconds))


if __name__ == "__main__":
    main()
