"""Measures lifetime value, churn and offers: agreement with references, calibration on time splits, and CPU time.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_lifetime [--cohorts 200]

CDNOW lies outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data) and is left out where absent. No rival is run:
the references are recorded figures of the archived package lifetimes, and of the published papers.
"""

import argparse
import csv
import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.machine import describe
from ml.frames import FloatArray
from ml.predict.churn import ChurnReport, predict_churn
from ml.predict.lifetime import (
    BgNbd,
    CustomerFeatures,
    LifetimeReport,
    Purchases,
    expected_purchases,
    fit_bgnbd,
    fit_gamma_gamma,
    p_alive,
    predict_lifetime,
    purchases_from_columns,
    rfm_from_columns,
    summarise_customers,
)
from ml.predict.lifetime.simulate import simulate_cohort
from ml.predict.offers import Offer, next_best_offers, offer_history

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
CDNOW_TRUTH = BgNbd(0.25, 4.4, 0.8, 2.4)
SHOP_TRUTH = BgNbd(0.5, 6.0, 0.8, 2.5)
CHURN_HORIZONS = (30, 60, 80, 90, 120, 150, 180)
WIDTH = 78

Answer = TypeVar("Answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=200, help="simulated cohorts whose fit must converge")
    arguments = parser.parse_args()
    print(f"{describe()}; CPU seconds of one core")
    print(f"{'line':{WIDTH}} {'figure':>12} {'bar':>10}")
    if SHARED.exists():
        measure_cdnow()
        measure_cdnow_value()
        measure_cdnow_churn()
    else:
        print(f"CDNOW is not at {SHARED}: its lines are left out")
    measure_many_customers()
    measure_convergence(arguments.cohorts)
    measure_ranges()
    measure_simulated_churn()
    measure_features()
    measure_offers()
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def measure_cdnow() -> None:
    """Parameters, P(alive) and expectations against the recorded reference."""
    reference = json.loads((SHARED / "reference" / "clv_reference.json").read_text())
    rows = list(csv.DictReader((SHARED / "datasets" / "cdnow_customers_summary.csv").read_text().splitlines()))
    summary = rfm_from_columns(*(_column(rows, name) for name in ("frequency", "recency", "T")))
    cpu_s, model = timed(lambda: fit_bgnbd(summary))
    off = max(abs(getattr(model, name) / value - 1) for name, value in reference["bgnbd"]["params"].items())
    line("BG/NBD on CDNOW: largest difference of r, alpha, a, b from the reference, %", 100 * off, 0.5)
    line("BG/NBD on CDNOW: fit", cpu_s, 0.3)
    expected = float(expected_purchases(model, summary, 39 * 7).sum())
    line(
        "  purchases expected in 39 weeks, difference %",
        100 * abs(expected / reference["bgnbd"]["expected_39wk_total"] - 1),
        0.5,
    )
    alive = float(np.abs(p_alive(model, summary)[:5] - reference["bgnbd"]["p_alive_first5"]).max())
    line("  P(alive) of the first five customers, largest difference", alive, 0.005)
    text = (SHARED / "datasets" / "cdnow_customers_summary_with_transactions.csv").read_text()
    spending = list(csv.DictReader(text.splitlines()))
    x, m = _column(spending, "x"), _column(spending, "zbar")
    worth = fit_gamma_gamma(x[(x > 0) & (m > 0)], m[(x > 0) & (m > 0)])
    off = max(abs(getattr(worth, name) / value - 1) for name, value in reference["gamma_gamma"]["params"].items())
    line("Gamma-Gamma on CDNOW: largest difference of p, q, v, %", 100 * off, None)


def measure_cdnow_value() -> None:
    """The hold-out of 39 after 39 weeks, whose error is in the recorded reference too."""
    report = predict_lifetime(cdnow(), horizon_days=273)
    assert report.holdout is not None
    line("CDNOW hold-out 39/39 weeks: |error| of purchases, % (recorded: lifetimes 12.1)", _error(report), None)
    line("  mean absolute error per customer (recorded: lifetimes 0.785)", report.holdout.mean_absolute_error, None)
    line("  customers within their 80 % range, %", 100 * report.holdout.coverage80, None)


def measure_cdnow_churn() -> None:
    """Calibration on the latest window, learnt from what was known before."""
    figures = []
    for days in CHURN_HORIZONS:
        report = predict_churn(cdnow(), horizon_days=days)
        figures.append(report.tested.ece)
        line(f"churn on CDNOW, next {days} days: ECE ({_described(report)})", report.tested.ece, 0.03)
    line("churn on CDNOW: mean ECE over these horizons", float(np.mean(figures)), 0.03)


def measure_many_customers() -> None:
    """A shop of 100,000 customers: fit and score alone, the whole report, and churn."""
    purchases = simulate_cohort(SHOP_TRUTH, customers=100_000, days=730, joining_days=700, seed=1).purchases
    ids, on = purchases.ids[purchases.customer], purchases.day.astype("datetime64[D]")
    cpu_s, _ = timed(lambda: _fit_and_score(purchases_from_columns(ids, on, purchases.value)))
    line("100,000 customers: reading, summary, both fits, P(alive) and value of everyone", cpu_s, 5.0)
    for days in (365, 180):
        cpu_s, report = timed(lambda days=days: predict_lifetime(purchases, horizon_days=days))  # type: ignore[misc]
        line(f"  {days} days, with hold-outs, boosting tried and ranges ({report.model})", cpu_s, 5.0)
    cpu_s, churn = timed(lambda: predict_churn(purchases))
    line("  churn, learnt twice and tested", cpu_s, None)
    line("  churn ECE", churn.tested.ece, 0.03)


def measure_convergence(cohorts: int) -> None:
    """Cohorts of 20 to 5,000 customers over wide ranges of habits and lengths."""
    rng, routes, failed = np.random.default_rng(1), Counter[str](), 0
    for seed in range(cohorts):
        truth = BgNbd(*np.exp(rng.normal(np.log([0.5, 8, 0.8, 2.5]), [1, 1.2, 1.2, 1.2])))
        customers, days = int(np.exp(rng.uniform(np.log(20), np.log(5000)))), int(rng.integers(60, 900))
        joining = int(rng.integers(1, days + 1))
        cohort = simulate_cohort(truth, customers=customers, days=days, joining_days=joining, seed=seed)
        summary = summarise_customers(cohort.purchases)
        model, worth = fit_bgnbd(summary), fit_gamma_gamma(summary.frequency + 1, summary.spend)
        routes[model.route] += 1
        finite = np.isfinite(expected_purchases(model, summary, 365, discount_per_year=0.1)).all()
        failed += not (model.converged and worth.converged and finite)
    line(f"fits without convergence over {cohorts} simulated cohorts (routes: {dict(routes)})", failed, 0)


def measure_ranges() -> None:
    """Whether a total lies in its 80 % range, and customers in theirs, over simulated shops whose future is known."""
    held, inside = [], []
    for seed in range(40):
        whole = simulate_cohort(SHOP_TRUTH, customers=2000, days=540, joining_days=500, seed=seed).purchases
        report = predict_lifetime(whole.until(whole.as_of - 120), horizon_days=120, discount_per_year=0.0)
        later = (whole.day > whole.as_of - 120) & whole.known_at(whole.as_of - 120)[whole.customer]
        actual = float(whole.value[later].sum())
        held.append(report.total_low80 <= actual <= report.total_high80)
        assert report.holdout is not None
        inside.append(report.holdout.coverage80)
    line("40 simulated shops: totals within their 80 % range, % (not below 70)", 100 * float(np.mean(held)), None)
    line("  customers within their 80 % range, %", 100 * float(np.mean(inside)), None)


def measure_simulated_churn() -> None:
    """Calibration on simulated cohorts: one by one, and all of their customers together."""
    figures, weights = [], []
    for seed, (truth, customers, days, joining) in enumerate(
        [
            (SHOP_TRUTH, 3000, 730, 700),
            (CDNOW_TRUTH, 10_000, 546, 90),
            (BgNbd(1.0, 8.0, 0.5, 2.0), 4000, 400, 400),
            (BgNbd(2.0, 20.0, 0.8, 2.5), 5000, 730, 700),
        ]
    ):
        purchases = simulate_cohort(truth, customers=customers, days=days, joining_days=joining, seed=seed).purchases
        for horizon in (60, 90):
            report = predict_churn(purchases, horizon_days=horizon)
            figures.append(report.tested.ece)
            weights.append(report.tested_customers)
    line("churn on 8 simulated time splits: worst ECE", max(figures), 0.03)
    line("  mean ECE, weighted by customers", float(np.average(figures, weights=weights)), 0.03)


def measure_features() -> None:
    """What boosting adds where a feature drives how often people buy."""
    rng = np.random.default_rng(1)
    feature = rng.normal(size=8000)
    truth = BgNbd(2.0, 20.0, 0.8, 2.5)
    factor = np.exp(feature - 0.5)
    cohort = simulate_cohort(truth, customers=8000, days=730, joining_days=700, seed=1, rate_factor=factor)
    features = CustomerFeatures(cohort.purchases.ids, ("channel",), feature[:, None])
    report = predict_lifetime(cohort.purchases, horizon_days=180, features=features)
    assert report.holdout is not None
    plain, boosted = (score.deviance for score in report.holdout.candidates)
    line(f"value with a telling feature: boosting's deviance ÷ BG/NBD's (chosen: {report.model})", boosted / plain, 1.0)
    with_it = predict_churn(cohort.purchases, features=features).tested
    without = predict_churn(cohort.purchases).tested
    line("churn with it: Brier score ÷ the one without", with_it.brier / without.brier, 1.0)
    line("churn with it: ECE", with_it.ece, 0.03)


def measure_offers() -> None:
    """Share of the reachable gain that the advice gets on simulated customers, and coverage of its intervals."""
    shares, covered = [], []
    for seed in range(20):
        share, inside = _offer_study(seed)
        shares.append(share)
        covered.append(inside)
    line("offers, 20 simulated shops: gain reached, % of the best possible", 100 * float(np.mean(shares)), None)
    line("  true gains within their 80 % interval, %", 100 * float(np.mean(covered)), None)


def _offer_study(seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    features, names = rng.normal(size=(6000, 2)), np.array(["", "A", "B", "C"])
    shown = rng.choice(4, 6000, p=[0.3, 0.3, 0.3, 0.1])
    level = rng.normal([0.0, 0.3, 0.3, 0.3], [0.0, 0.3, 0.3, 0.3])
    own = np.vstack([np.zeros(2), rng.normal(0, 0.4, (3, 2))])
    chance = 1 / (1 + np.exp(2.2 - 0.5 * features[:, :1] - level - features @ own.T))
    accepted = rng.random(6000) < chance[np.arange(6000), shown]
    offers = [Offer("A", 30.0, 0.5, 40.0), Offer("B", 36.0, 0.5, 40.0), Offer("C", 40.0, 0.2, 40.0)]
    history = offer_history(names[shown], accepted, features)
    advice = next_best_offers(history, offers, np.arange(1500), features[:1500], seed=seed)
    margin, cost = np.array([offer.margin for offer in offers]), np.array([offer.cost for offer in offers])
    gain = chance[:1500, 1:] * margin - cost - chance[:1500, :1] * 40.0
    picked = np.array([list(names).index(name) - 1 for name in advice.best])
    got = np.where(picked < 0, 0.0, gain[np.arange(1500), picked]).sum()
    inside = ((gain >= advice.low) & (gain <= advice.high)).mean()
    return float(got / np.maximum(gain.max(1), 0).sum()), float(inside)


def cdnow() -> Purchases:
    """The 6,919 purchases of the CDNOW sample."""
    rows = [row.split() for row in (SHARED / "datasets" / "CDNOW_sample.txt").read_text().splitlines()]
    days = [f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows]
    return purchases_from_columns([row[1] for row in rows], days, [float(row[4]) for row in rows])


def timed(act: Callable[[], Answer]) -> tuple[float, Answer]:
    """CPU seconds of the call, and its answer."""
    began = time.process_time()
    answer = act()
    return time.process_time() - began, answer


def line(name: str, figure: float, bar: float | None) -> None:
    """One line of the table."""
    verdict = "" if bar is None else ("ok" if figure <= bar else "MISSED")
    shown = "" if bar is None else f"≤ {bar:g}"
    print(f"{name:{WIDTH}} {figure:12.4f} {shown:>10} {verdict}", flush=True)


def _fit_and_score(purchases: Purchases) -> FloatArray:
    summary = summarise_customers(purchases)
    model, worth = fit_bgnbd(summary), fit_gamma_gamma(summary.frequency + 1, summary.spend)
    p_alive(model, summary)
    return expected_purchases(model, summary, 365, discount_per_year=0.1) * worth.p


def _error(report: LifetimeReport) -> float:
    assert report.holdout is not None
    return 100 * abs(report.holdout.purchases_error or 0.0)


def _described(report: ChurnReport) -> str:
    auc = report.tested.auc or 0.5
    return f"AUC {auc:.2f}, Brier {report.tested.brier:.3f} of {report.tested.brier_base:.3f}"


def _column(rows: list[dict[str, Any]], name: str) -> FloatArray:  # what csv reads
    return np.array([float(row[name]) for row in rows])


if __name__ == "__main__":
    main()
