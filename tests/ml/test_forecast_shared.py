"""The forecast on series that were not made here, against the seasonal naive one."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from ml.forecast import ForecastOptions, forecast_revenue
from ml.frames import MarketingFrame, read_marketing_csv

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here"),
]


def known_truth(name: str) -> MarketingFrame:
    return read_marketing_csv(SHARED / "mmm" / name / "data.csv", SHARED / "mmm" / name / "events.csv")


def pedestrians() -> MarketingFrame:
    """Daily counts of people in a street, two and a half years up to February 2020."""
    with (SHARED / "datasets" / "prophet_example_pedestrians_covid.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ds"] < "2020-03-01"]
    dates = np.array([row["ds"] for row in rows], "datetime64[D]")
    counts = np.array([float(row["y"]) for row in rows])
    return MarketingFrame(dates, 1, (), np.zeros((len(rows), 0)), counts)


@pytest.mark.parametrize("name", ["s1_easy", "s3_collinear", "s4_always_on", "s5_weekly", "pedestrians"])
def test_the_forecast_beats_last_week_repeated(name: str) -> None:
    frame = pedestrians() if name == "pedestrians" else known_truth(name)
    horizon, lag = (90, 7) if frame.cadence_days == 1 else (13, 1)
    origin = frame.periods - horizon
    plan = {
        (frame.dates[period].item(), channel): float(frame.spend[period, index])
        for period in range(origin, frame.periods)
        for index, channel in enumerate(frame.channels)
    }
    options = ForecastOptions(origins=3)
    past = frame.slice(None, origin)
    forecast = forecast_revenue(past, horizon_days=horizon * frame.cadence_days, planned=plan, options=options)
    actual = frame.revenue[origin:]
    naive = np.resize(frame.revenue[origin - lag : origin], horizon)
    assert np.abs(forecast.mean - actual).mean() < 0.85 * np.abs(naive - actual).mean()
    assert np.mean((forecast.low95 <= actual) & (actual <= forecast.high95)) > 0.7
