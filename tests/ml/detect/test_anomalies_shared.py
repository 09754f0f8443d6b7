"""Detection on real series: outages and doublings are found, and what is there already rings seldom."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from ml.anomalies import Metric, find_anomalies

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "datasets"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here"),
]


def pedestrians() -> tuple[np.ndarray, np.ndarray]:
    """The first 400 days of the count of pedestrians, which were ordinary."""
    with (SHARED / "prophet_example_pedestrians_covid.csv").open() as file:
        rows = list(csv.DictReader(file))[:400]
    return np.array([row["ds"] for row in rows], "datetime64[D]"), np.array([float(row["y"]) for row in rows])


def test_a_real_series_rings_less_than_once_a_month() -> None:
    dates, values = pedestrians()
    assert len(find_anomalies(dates, [Metric("pedestrians", values)]).anomalies) <= 400 / 30


@pytest.mark.parametrize(("day", "length", "factor"), [(250, 1, 0.1), (300, 1, 2.0), (331, 3, 0.6)])
def test_what_is_put_into_a_real_series_is_found(day: int, length: int, factor: float) -> None:
    dates, values = pedestrians()
    values[day : day + length] *= factor
    found = find_anomalies(dates, [Metric("pedestrians", values)]).anomalies
    assert any(one.starts_on <= dates[day].astype(object) <= one.ends_on and one.kind != "level_shift" for one in found)
