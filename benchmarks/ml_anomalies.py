"""Measures detection: spikes and drops put into simulated shops and real series, found or not, against a Prophet-band detector.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_anomalies [--shops 40]

One that was put in (ml_anomalies_cases.py) counts as found where an alarm overlaps it; any other alarm is false, but on days of an
unreported sale. The rival fits Prophet to the same days with the same spend and events; it is given the band width that suits it
best, chosen after the fact, one for all shops and one for all real series. "Reachable" is what an oracle finds in the same cases
(ml_anomalies_rivals.py). Real series lie outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data).
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.machine import describe
from benchmarks.ml_anomalies_cases import (
    REAL_SERIES,
    SHARED,
    Alarm,
    Case,
    Tally,
    f1_of,
    late_cases,
    pool,
    ratio_cases,
    real_cases,
    shop_cases,
)
from benchmarks.ml_anomalies_rivals import (
    BANDS,
    Weighed,
    oracle_tally,
    prophet_outlook,
    series_oracle,
    shop_oracle,
    with_band,
)
from ml.anomalies import AnomalyReport, DetectionOptions, Metric, find_anomalies

NOISE_LEVELS = (0.03, 0.05, 0.08, 0.12)
Oracle = Callable[[Case], list[Weighed]]
Sides = tuple[Tally, Tally, Tally]  # ours, Prophet's, the oracle's


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
    sides, band = score_together(noisy, shop_oracle)
    score("shops' CVR (binomial, ± 5 %)", ratio_cases(shops), band)
    least = score("shops, 5 %: exactly 30 % and 20 %", shop_cases(shops, 0.05, smallest=True), band)[0]
    at_once = score("shops, 5 %: last 3 of 7 days judged", late_cases(shops), band)[0]
    real = score_real()
    quiet = [quiet_rates(shop_cases(2 * shops, noise, anomalies=0)) for noise in (0.05, 0.12)]
    print_bars(sides, least, at_once, quiet, real)


def print_bars(
    by_noise: list[Sides], least: Tally, at_once: Tally, quiet: list[tuple[float, float]], real: Sides | None
) -> None:
    ours, rival, oracle = (pool(side) for side in zip(*by_noise, strict=True))
    lines: list[tuple[str, float, float, bool, float | None]] = [
        ("F1, shops of all noise levels", ours.f1, 0.85, True, oracle.f1),
        *(
            (f"    at {noise:.0%} noise", tally.f1, 0.85, True, best.f1)
            for noise, (tally, _, best) in zip(NOISE_LEVELS, by_noise, strict=True)
        ),
        ("false alarms per metric and month, the same", ours.false_per_month, 1.0, False, None),
        ("F1 less the Prophet band's, the same", ours.f1 - rival.f1, 0.0, True, None),
        ("F1, smallest anomalies at 5 % noise", least.f1, 0.85, True, None),
        ("F1, within three days of the anomaly", at_once.f1, 0.85, True, None),
        ("false alarms per month, 5 % noise, nothing put in (stated)", *quiet[0], False, None),
        ("false alarms per month, 12 % noise, nothing put in (stated)", *quiet[1], False, None),
        ("CPU s, 90 days × 50 metrics", speed_s(), 0.2, False, None),
    ]
    if real:
        lines += [
            ("F1, real series", real[0].f1, 0.85, True, real[2].f1),
            ("false alarms per month, real series", real[0].false_per_month, 1.0, False, None),
            ("F1 less the Prophet band's, real series", real[0].f1 - real[1].f1, 0.0, True, None),
        ]
    for label, pair in (("shops", (ours, rival)), ("real series", real and real[:2])):
        if pair:
            low, high = lead_interval(*pair)
            print(f"lead in F1 over the Prophet band, {label}: 95 % interval {low:+.3f} to {high:+.3f}")
    print(f"\n{'line':62} {'figure':>8} {'bar':>8} {'reachable':>18}")
    for name, figure, bar, higher, reachable in lines:
        met = figure >= bar if higher else figure <= bar
        best = "" if reachable is None else f"{reachable:.3f}"
        print(f"{name:62} {figure:8.3f} {'≥' if higher else '≤'} {bar:6.2f}  {'ok' if met else 'MISSED':6} {best:>10}")


def score(label: str, cases: Sequence[Case], band: float) -> tuple[Tally, Tally]:
    """Print and return the tallies of ours and of Prophet with that band."""
    return print_pair(label, run(ours_of, cases), with_band(cases, [prophet_outlook(case) for case in cases], band))


def score_together(groups: Mapping[str, Sequence[Case]], oracle: Oracle) -> tuple[list[Sides], float]:
    """Print and return the tallies by group, Prophet with the one band that gives it the highest F1 over all groups."""
    outlooks = {label: [prophet_outlook(case) for case in cases] for label, cases in groups.items()}

    def f1_with(band: float) -> float:
        return pool([with_band(cases, outlooks[label], band) for label, cases in groups.items()]).f1

    band = max(BANDS, key=f1_with)
    print(f"(Prophet's best band here, chosen after the fact: ± {band} of its standard deviations)")
    sides: list[Sides] = []
    for label, cases in groups.items():
        pair = print_pair(label, run(ours_of, cases), with_band(cases, outlooks[label], band))
        sides.append((*pair, oracle_tally(cases, oracle)))
        print(f"{'    reachable':34}{sides[-1][2].line()}")
    return sides, band


def print_pair(label: str, ours: Tally, rival: Tally) -> tuple[Tally, Tally]:
    print(f"{label:34}{ours.line()}")
    print(f"{'    Prophet band':34}{rival.line()}")
    return ours, rival


def run(detector: Callable[[Case], Sequence[Alarm]], cases: Sequence[Case]) -> Tally:
    tally = Tally()
    for case in cases:
        tally.add(case, detector(case))
    return tally


def quiet_rates(cases: Sequence[Case]) -> tuple[float, float]:
    """False alarms per metric and month of any size where nothing was put in, and the most that the rate stated by the reports brings
    19 times in 20."""
    tally, stated = Tally(), 0.0
    for case in cases:
        report = report_with(case, DetectionOptions(judge_last_days=case.judged, least_change=0.0))
        tally.add(case, alarms_of(case, report))
        stated += report.expected_false_alarms
    return tally.false_per_month, (stated + 1.645 * stated**0.5) / tally.months


def ours_of(case: Case) -> list[Alarm]:
    return alarms_of(case, report_with(case, DetectionOptions(judge_last_days=case.judged)))


def report_with(case: Case, options: DetectionOptions) -> AnomalyReport:
    known = [day.astype(object) for day in case.dates[case.known]]
    metric = Metric("metric", case.values, case.below)
    return find_anomalies(case.dates, [metric], known_days=known, drivers=case.drivers, options=options)


def alarms_of(case: Case, report: AnomalyReport) -> list[Alarm]:
    first = case.dates[0].astype(object)
    starts = [((alarm.starts_on - first).days, alarm) for alarm in report.anomalies]
    return [(day, day + (3 if alarm.kind == "level_shift" else alarm.days)) for day, alarm in starts]


def score_real() -> Sides | None:
    """One line per real series; None where they are absent."""
    if not SHARED.exists():
        print(f"{SHARED} is absent: the real series are left out")
        return None
    groups: dict[str, Sequence[Case]] = {}
    for name, file, *rest in REAL_SERIES:
        cases = list(real_cases(file, *rest))
        groups[f"{name}, usual day ± {usual_noise(cases):.0%}"] = cases
    sides, _ = score_together(groups, series_oracle)
    ours, rival, oracle = (pool(side) for side in zip(*sides, strict=True))
    return ours, rival, oracle


def usual_noise(cases: Sequence[Case]) -> float:
    """The median relative distance of a day from what was expected."""
    readings = [find_anomalies(case.dates, [Metric("metric", case.values)]).readings[0].noise for case in cases]
    return float(np.median([noise for noise in readings if noise is not None] or [np.nan]))


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
