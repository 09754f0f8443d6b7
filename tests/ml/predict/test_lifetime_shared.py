"""CDNOW: published parameters, the published summary from raw purchases, and churn on a time split."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.predict.churn import predict_churn
from ml.predict.lifetime import (
    Purchases,
    expected_purchases,
    fit_bgnbd,
    fit_gamma_gamma,
    p_alive,
    purchases_from_columns,
    rfm_from_columns,
    summarise_customers,
)

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here"),
]


def table(name: str) -> dict[str, Any]:  # columns by name
    rows = list(csv.DictReader((SHARED / "datasets" / name).read_text().splitlines()))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def reference() -> dict[str, Any]:  # a JSON document
    document: dict[str, Any] = json.loads((SHARED / "reference" / "clv_reference.json").read_text())
    return document


def purchases(as_of: str) -> Purchases:
    rows = [row.split() for row in (SHARED / "datasets" / "CDNOW_sample.txt").read_text().splitlines()]
    days = [f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows]
    return purchases_from_columns([row[1] for row in rows], days, [float(row[4]) for row in rows], as_of=as_of)


def test_parameters_and_predictions_equal_the_reference() -> None:
    columns, known = table("cdnow_customers_summary.csv"), reference()["bgnbd"]
    summary = rfm_from_columns(columns["frequency"], columns["recency"], columns["T"])
    model = fit_bgnbd(summary)
    assert model.converged
    for name, value in known["params"].items():
        assert getattr(model, name) == pytest.approx(value, rel=0.005)
    assert expected_purchases(model, summary, 39 * 7).sum() == pytest.approx(known["expected_39wk_total"], rel=0.005)
    np.testing.assert_allclose(p_alive(model, summary)[:5], known["p_alive_first5"], atol=0.002)


def test_the_published_summary_comes_out_of_the_raw_purchases() -> None:
    columns, summary = table("cdnow_customers_summary.csv"), summarise_customers(purchases("1997-09-30"))
    np.testing.assert_array_equal(summary.frequency, columns["frequency"])
    np.testing.assert_allclose(summary.recency, columns["recency"], atol=0.005)
    np.testing.assert_allclose(summary.age, columns["T"], atol=0.005)


def test_spend_parameters_are_near_the_reference() -> None:
    columns, known = table("cdnow_customers_summary_with_transactions.csv"), reference()["gamma_gamma"]["params"]
    again = (columns["x"] > 0) & (columns["zbar"] > 0)
    model = fit_gamma_gamma(columns["x"][again], columns["zbar"][again])
    assert (model.p, model.q, model.v) == pytest.approx((known["p"], known["q"], known["v"]), rel=0.01)


@pytest.mark.parametrize("days", [60, 90])
def test_churn_is_calibrated_on_the_latest_window(days: int) -> None:
    report = predict_churn(purchases("1998-06-30"), horizon_days=days)
    assert report.tested.ece <= 0.03
    assert (report.tested.auc or 0) > 0.8
