"""The cases on which detection is measured: simulated shops, rates and real series, with anomalies of known place and size.

Put in per 90 judged days, after 90 days of history: three anomalies, each a one-day rise of 30–80 %, a one-day fall of
30–60 % or a three-day drop of 20–50 %.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.adstock import carry_over, lag_weights
from ml.forecast.calendar_columns import event_columns
from ml.frames import BoolArray, DayArray, FloatArray
from ml.synth import random_business, simulate
from ml.synth.business import Market

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "datasets"
HISTORY, JUDGED = 90, 90
DAYS = HISTORY + JUDGED
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
    """A series with anomalies put in at `truth` (first day, days); `pardoned` days may ring unpunished.

    `clean` (n,) are the values before anything was put in; of simulated shops `usual` (n,) are the values without noise and `market`
    has the law of the noise.
    """

    dates: DayArray
    values: FloatArray
    below: FloatArray | None
    known: BoolArray
    pardoned: BoolArray
    drivers: FloatArray | None
    truth: tuple[Alarm, ...]
    judged: int = JUDGED
    clean: FloatArray | None = None
    usual: FloatArray | None = None
    market: Market | None = None


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


def pool(tallies: Sequence[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total


def shop_cases(count: int, noise: float, *, anomalies: int = 3, smallest: bool = False) -> list[Case]:
    """Fresh shops of 2–5 channels with that noise; one in four has heavy tails, sales come and go, 15 % of them unreported."""
    cases = []
    for index in range(count):
        rng = np.random.default_rng(70_000 + index)
        start = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
        market, channels = random_business(rng, channels=int(rng.integers(2, 6)), days=DAYS, start=start)
        market = replace(market, noise_share=noise)
        run = simulate(seed=index, days=DAYS, channels=channels, start=start, market=market)
        reported, unreported = np.zeros(DAYS, bool), np.zeros(DAYS, bool)
        for sale in market.promotions:
            since = (run.dates - np.datetime64(sale.starts_on)).astype(int)
            (reported if sale.reported else unreported)[(since >= 0) & (since < sale.days)] = True
        case = Case(run.dates, run.revenue, None, reported, unreported, explained_by(run.spend), ())
        case = replace(case, usual=run.baseline + run.contribution.sum(1), market=market)
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
    return replace(case, values=values, truth=tuple(truth), clean=case.values)


def size_of(rng: np.random.Generator, days: int) -> float:
    """The factor of an anomaly."""
    if days == 3:
        return 1 - float(rng.uniform(0.2, 0.5))
    return 1 + float(rng.uniform(0.3, 0.8)) if rng.random() < 0.5 else 1 - float(rng.uniform(0.3, 0.6))


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
