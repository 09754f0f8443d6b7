"""The series that the forecast is measured on: ten from outside the project, and two kinds of simulated shops."""

import csv
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ml.frames import DayArray, Event, FloatArray, MarketingFrame, frame_from_columns, read_events_csv
from ml.synth import random_business, simulate
from ml.synth.business import Family

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
REAL_SERIES = (
    ("olist", "olist_daily_revenue.csv", "date", "daily_revenue", "2017-01-05", "2018-08-28"),
    ("superstore", "superstore_daily_revenue.csv", "ds", "y", "2014-01-03", "2017-12-30"),
    ("bike", "uci_bike_sharing_day.csv", "", "cnt", "2018-01-01", "2019-12-31"),
    ("pedestrians", "prophet_example_pedestrians_covid.csv", "ds", "y", "2017-06-02", "2020-02-29"),
)
KNOWN_TRUTH = ("s1_easy", "s2_typical", "s3_collinear", "s4_always_on", "s5_weekly", "s6_nasty")
LENGTHS_DAYS = (120, 200, 300, 400, 550, 730)
AHEAD_DAYS = 90
FAMILIES: tuple[Family, ...] = ("hill", "delayed", "power")


def ten_series() -> Iterator[tuple[str, MarketingFrame]]:
    """Four real series without spend, and six businesses with known truth."""
    yield from real_series()
    yield from known_truth_series()


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


def one_channel_frame(days: DayArray, revenue: FloatArray) -> MarketingFrame:
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


def fresh_businesses(count: int, *, first_seed: int = 1000) -> Iterator[tuple[str, MarketingFrame]]:
    """Businesses of `ml.synth`, 2–8 channels and 120–730 days before the last 90, of three families of truth."""
    for seed in range(first_seed, first_seed + count):
        rng = np.random.default_rng(seed)
        days = int(rng.choice(LENGTHS_DAYS)) + AHEAD_DAYS
        start, family = date(2024, 1, 1), FAMILIES[seed % 3]
        market, channels = random_business(rng, channels=int(rng.integers(2, 9)), days=days, start=start, family=family)
        yield str(seed), simulate(seed=seed, days=days, channels=channels, start=start, market=market).frame()


def drifting_shops(count: int, *, first_seed: int = 1000) -> Iterator[tuple[str, MarketingFrame]]:
    """Shops that no model here assumes: log sales walk at random and are multiplied by weekday, year and ads; up to four
    channels, noise of 3–30 %, and one shop in four sells a few pieces a day."""
    for seed in range(first_seed, first_seed + count):
        rng = np.random.default_rng([77, seed])
        days = int(rng.choice(LENGTHS_DAYS)) + AHEAD_DAYS
        dates = np.datetime64("2024-01-01") + np.arange(days)
        channels = int(rng.integers(0, 5))
        spend = np.repeat(rng.lognormal(4, 0.8, (days // 14 + 1, channels)), 14, axis=0)[:days]
        spend *= rng.lognormal(0, 0.15, (days, channels))
        revenue = _drifting_level(rng, dates) * (1 + _response(rng, spend))
        revenue *= np.exp(rng.uniform(0.03, 0.3) * rng.standard_normal(days))
        if rng.random() < 0.25:
            pieces = rng.poisson(revenue / revenue.mean() * rng.uniform(0.5, 8))
            revenue = pieces * rng.lognormal(3, 0.5, days)
        names = tuple(f"Channel {index + 1}" for index in range(channels))
        yield f"drift {seed}", MarketingFrame(dates, 1, names, spend, np.round(revenue, 2))


def _drifting_level(rng: np.random.Generator, dates: DayArray) -> FloatArray:
    walk = np.cumsum(rng.normal(0, rng.uniform(0.003, 0.025), len(dates)))
    week = rng.normal(0, rng.uniform(0.03, 0.25), 7)[(dates.astype(int) + 3) % 7]
    day = np.arange(len(dates)) - rng.integers(365)
    year = rng.uniform(0, 0.3) * np.cos(2 * np.pi * day / 365.25)
    level: FloatArray = np.exp(rng.uniform(3, 9) + walk - walk.mean() + week + year)
    return level


def _response(rng: np.random.Generator, spend: FloatArray) -> FloatArray:
    effects = rng.uniform(0, 0.25, spend.shape[1])
    response: FloatArray = np.log1p(spend / spend.mean(0)) @ effects
    return response
