"""Measures what makes the mix model's answers trustworthy: placebos, refreshes, lift tests, a truth made by others, first looks.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_mix_trust [--businesses 40]

The foreign truth and the yardstick sets lie outside the project (`ADLOOM_SHARED_DATA`) and are left out where absent.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.machine import describe
from ml.frames import BoolArray, FloatArray, MarketingFrame, frame_from_columns, read_marketing_csv
from ml.mix import LiftTest, MixFit, MixOptions, diagnose_fit, fit_mix, preview_mix
from ml.mix.health import with_placebo
from ml.mix.intervals import middle_mean
from ml.synth import Simulated, random_business, simulate
from ml.synth.business import Family

DATA = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
FIRST_SEED = 95_000  # no business of this range was looked at while the model was made
FAMILIES: tuple[Family, ...] = ("hill", "delayed", "power")
MONTH = 28
LIFT_SETS = ("s3_collinear", "s4_always_on")
NARROWEST, WIDEST = (93.388, 171.409), ((90.0, 159.0), (105.0, 197.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--businesses", type=int, default=40, help="simulated businesses per line")
    count = parser.parse_args().businesses
    print(f"machine: {describe()}; CPU s of one core\n")
    print(f"{'line':72} {'figure':>10} {'bar':>8}")
    started_s = time.process_time()
    measure_placebos(count)
    measure_refresh(count)
    measure_lift_tests(count)
    measure_foreign_truth()
    measure_preview(count)
    print(f"\n{time.process_time() - started_s:.0f} CPU s in all")


def businesses(count: int, *, least_days: int = 120) -> Iterator[tuple[int, Simulated]]:
    """Fresh businesses, a third of each family of truth."""
    for index in range(count):
        rng = np.random.default_rng(FIRST_SEED + index)
        days = max(int(rng.choice([120, 180, 270, 365, 540, 730])), least_days)
        start = date(2023, 3, 1)
        market, channels = random_business(
            rng, channels=int(rng.integers(2, 8)), days=days, start=start, family=FAMILIES[index % 3]
        )
        yield index, simulate(seed=FIRST_SEED + index, days=days, channels=channels, start=start, market=market)


def line(label: str, figure: float, bar: str, *, met: bool, unit: str = "%") -> None:
    shown = f"{figure:.1%}" if unit == "%" else f"{figure:.2f} {unit}".strip()
    print(f"{label:72} {shown:>10} {bar:>8}  {'ok' if met else 'MISSED'}", flush=True)


def measure_placebos(count: int) -> None:
    """A channel of shuffled spend, by weeks and by days, and channels without effect: is 0 inside?"""
    for label, by_weeks in (("weeks", True), ("days", False)):
        zero = []
        for index, run in businesses(count):
            rng = np.random.default_rng(index)
            frame = with_placebo(run.frame(), 0, rng) if by_weeks else with_shuffled_days(run.frame(), rng)
            zero.append(fit_mix(frame, seed=index).channels[-1].roi_low == 0)
        share = float(np.mean(zero))
        line(f"placebo: 0 inside, spend shuffled by {label}, {len(zero)} fits", share, "≥ 95 %", met=share >= 0.95)
    nulls = []
    for index, run in businesses(count):
        fit = fit_mix(run.frame(), seed=index)
        nulls += [fit.channel(c.name).roi_low == 0 for c in run.channels if c.roi == 0 and c.name in fit.names]
    share = float(np.mean(nulls))
    line(f"null channels: 0 inside, {len(nulls)} channels", share, "≥ 95 %", met=share >= 0.95)


def with_shuffled_days(frame: MarketingFrame, rng: np.random.Generator) -> MarketingFrame:
    """The frame with one more channel, last, that spends what the first does, its days in another order."""
    spend = np.column_stack([frame.spend, rng.permutation(frame.spend[:, 0])])
    return replace(frame, channels=(*frame.channels, "Placebo"), spend=spend)


def measure_refresh(count: int) -> None:
    """Four more weeks: channels whose ROI changed by more than 15 % although the old range holds the new value."""
    for label, knows in (("knowing the fit before", True), ("from scratch", False)):
        broken, changes, errors = [], [], []
        for index, run in businesses(count, least_days=180):
            frame = run.frame()
            before = fit_mix(frame.slice(0, frame.periods - MONTH), seed=index)
            now = fit_mix(frame, seed=index + 1, earlier=before if knows else None)
            changed, allowed = refresh_changes(before, now)
            changes += list(changed)
            broken += list((changed > 0.15) & ~allowed)
            truth = np.array([run.roi[run.names.index(name)] for name in now.names])
            found, spend = np.array([c.roi_mean for c in now.channels]), frame.spend.sum(0)
            errors.append(float((spend * np.abs(found - truth)).sum() / max((spend * truth).sum(), 1e-9)))
        share = float(np.mean(broken))
        line(f"refresh {label}: channels that break the contract", share, "none", met=share == 0)
        print(f"{'':9}mean change {np.mean(changes):.1%}, median ROI error {np.median(errors):.3f}")


def refresh_changes(before: MixFit, now: MixFit) -> tuple[FloatArray, BoolArray]:
    """Relative change per channel, and whether the old interval excluded the new value, each (C,)."""
    pairs = [(before.channel(name), now.channel(name)) for name in now.names if name in before.names]
    changed = np.array([abs(new.roi_mean / old.roi_mean - 1) for old, new in pairs])
    excluded = np.array([not old.roi_low <= new.roi_mean <= old.roi_high for old, new in pairs])
    return changed, excluded


def measure_lift_tests(count: int) -> None:
    """The truth ± 10 % of one channel: how near it comes, and what becomes of the others' total error.

    On simulated businesses for the channel whose range is the widest in money, the one to be tested first; on the
    yardstick sets for every channel in turn.
    """
    near, before, after = [], 0.0, 0.0
    for index, run in businesses(count):
        truth = dict(zip(run.names, run.roi, strict=True))
        found = lift_errors(run.frame(), truth, seed=index, only_widest=True)
        near += [error for error, _, _ in found]
        before += sum(old for _, old, _ in found)
        after += sum(new for _, _, new in found)
    lift_lines(f"{len(near)} simulated", near, after / before - 1)
    if not (DATA / "mmm").exists():
        print(f"{DATA} is absent: lift tests on the yardstick sets and foreign truth are left out")
        return
    for name in LIFT_SETS:
        frame = read_marketing_csv(DATA / "mmm" / name / "data.csv", DATA / "mmm" / name / "events.csv")
        known = json.loads((DATA / "mmm" / name / "truth.json").read_text())["channels"]
        found = lift_errors(frame, {channel: known[channel]["roi"] for channel in frame.channels}, seed=0)
        change = sum(new for _, _, new in found) / sum(old for _, old, _ in found) - 1
        lift_lines(f"{name}, {len(found)} tests", [error for error, _, _ in found], change)


def lift_lines(label: str, near: list[float], change: float) -> None:
    line(f"lift test, {label}: largest error of a tested channel", max(near), "≤ 10 %", met=max(near) <= 0.1)
    line(f"lift test, {label}: change of the others' total error", change, "< 0", met=change < 0)


def lift_errors(
    frame: MarketingFrame, truth: Mapping[str, float], *, seed: int, only_widest: bool = False
) -> list[tuple[float, float, float]]:
    """Per tested channel: its relative error after its test, and the others' total error in money before and after.

    A channel without effect is not tested: ± 10 % of nothing is no range."""
    fit = fit_mix(frame, seed=seed)
    worth = [channel for channel in fit.channels if truth[channel.channel] > 0]
    worth.sort(key=lambda channel: channel.contribution_low - channel.contribution_high)
    found = []
    for channel in worth[:1] if only_widest else worth:
        roi = float(truth[channel.channel])
        test = LiftTest(channel.channel, roi=roi, roi_sd=0.1 * roi / 1.96)
        again = fit_mix(frame, seed=seed, lift_tests=[test])
        error = abs(again.channel(channel.channel).roi_mean / roi - 1)
        before, after = (others_error(one, truth, channel.channel) for one in (fit, again))
        found.append((error, before, after))
    return found


def others_error(fit: MixFit, truth: Mapping[str, float], tested: str) -> float:
    """Total absolute error of the contributions of all channels but one."""
    return sum(abs(c.contribution - truth[c.channel] * c.spend) for c in fit.channels if c.channel != tested)


def measure_foreign_truth(seeds: int = 10) -> None:
    """131 weeks by other authors, with a confounder that nobody sees: both true returns inside, and how wide."""
    path = DATA / "datasets" / "pymc_mmm_roas_data.csv"
    if not path.exists():
        return
    frame = foreign_frame(path)
    fits = [fit_mix(frame, seed=seed) for seed in range(seeds)]
    for index, truth in enumerate(NARROWEST):
        low, high = (np.array([getattr(fit.channels[index], end) for fit in fits]) for end in ("roi_low", "roi_high"))
        inside = float(np.mean((low <= truth) & (truth <= high)))
        most = WIDEST[index][1] - WIDEST[index][0]
        name = f"foreign truth {truth:.1f}"
        line(f"{name}: inside, over {seeds} seeds ({low.mean():.0f}–{high.mean():.0f})", inside, "all", met=inside == 1)
        line(
            f"{name}: width, mean",
            float((high - low).mean()),
            f"≤ {most:.0f}",
            met=(high - low).mean() <= most,
            unit="",
        )


def foreign_frame(path: Path) -> MarketingFrame:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    spend = [float(row[channel]) for channel in ("x1", "x2") for row in rows]
    return frame_from_columns(
        dates=np.array([row["date"] for row in rows] * 2, "datetime64[D]"),
        channels=["x1"] * len(rows) + ["x2"] * len(rows),
        spend=spend,
        revenue=[float(row["y"]) for row in rows] + [0.0] * len(rows),
    )


def measure_preview(count: int) -> None:
    """How long a first look takes, and how far it stands from the full answer."""
    market, truths = random_business(np.random.default_rng(1), channels=6, days=365, start=date(2023, 1, 2))
    frame = simulate(seed=1, days=365, channels=truths, start=date(2023, 1, 2), market=market).frame()
    preview_mix(frame)
    typical_s = float(np.median([preview_mix(frame, seed=seed).cpu_s for seed in range(5)]))
    line("preview, 365 days × 6 channels, median", typical_s, "≤ 0.4", met=typical_s <= 0.4, unit="s")
    started_s = time.process_time()
    diagnose_fit(frame, fit_mix(frame, options=MixOptions(chains=8)))
    print(f"{'diagnose_fit on the same, a quick fit included':72} {time.process_time() - started_s:8.2f} s")
    apart = []
    for index, run in businesses(min(count, 20)):
        first, full = preview_mix(run.frame(), seed=index), fit_mix(run.frame(), seed=index)
        width = np.array([channel.roi_high - channel.roi_low for channel in full.channels])
        apart += list(np.abs(middle_mean(first.draws.roi) - middle_mean(full.draws.roi)) / width)
    print(f"{'preview stands from the full answer by, median share of its interval':72} {np.median(apart):10.1%}")


if __name__ == "__main__":
    main()
