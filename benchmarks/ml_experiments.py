"""Measures the experiments: equality with gbstats, false alarms under daily looks, coverage of lift tests, and CPU time.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_experiments [--runs 2000] [--pauses 300] [--regions 300]

The reference figures of gbstats are recorded ones and lie outside the project (`ADLOOM_SHARED_DATA`, default ../shared/data);
they are left out where absent.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from benchmarks.machine import describe
from ml.adstock import carry_over, lag_weights
from ml.experiments import (
    Arm,
    Belief,
    PauseReading,
    Rules,
    Variant,
    analyse_pause,
    analyse_regions,
    bayesian_reading,
    check_sample_ratio,
    cuped,
    effect_of,
    fixed_reading,
    mean,
    proportion,
    ratio,
    read_test,
    sequential_reading,
)
from ml.experiments.arms import PrePost, RatioSums
from ml.frames import FloatArray, MarketingFrame
from ml.saturation import hill
from ml.synth import Simulated, random_business, simulate
from ml.synth.business import Family
from ml.synth.simulate import KERNEL_DAYS, KERNEL_SHAPE, POWER

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "reference"
REFERENCES = ("gbstats_reference_git.json", "gbstats_reference_pypi080.json")
FAMILIES: tuple[Family, ...] = ("hill", "delayed", "power")
NAMES = {
    "pValue": "p_value",
    "p_value": "p_value",
    "chanceToWin": "chance_to_win",
    "chance_to_win": "chance_to_win",
}  # both versions' spellings
DAYS = 30
# People per arm and day, conversion rate, variants, whether revenue per person is the metric (skewed, mostly 0).
SCENES = ((150, 0.03, 1, False), (600, 0.10, 1, False), (300, 0.05, 2, False), (400, 0.04, 1, True))
FIRST_PAUSE, FIRST_REGION = 700_000, 800_000  # seeds not used while the method was built


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="A/A tests")
    parser.add_argument("--pauses", type=int, default=300, help="simulated pauses")
    parser.add_argument("--regions", type=int, default=300, help="simulated tests by region")
    arguments = parser.parse_args()
    print(f"machine: {describe()}; CPU s of one core\n")
    print(f"{'line':66} {'figure':>12}  {'bar':16}")
    if SHARED.exists():
        equal_references()
    else:
        print(f"{SHARED} is absent: the gbstats references are left out")
    false_alarms(arguments.runs)
    pauses_covered(arguments.pauses)
    regions_covered(arguments.regions)


def line(name: str, figure: str, bar: str = "", ok: bool | None = None) -> None:
    verdict = "" if ok is None else "ok" if ok else "MISSED"
    print(f"{name:66} {figure:>12}  {bar:16} {verdict}".rstrip(), flush=True)


def equal_references() -> None:
    """Largest difference from the recorded figures, relative where they are above 1."""
    for name in REFERENCES:
        document = json.loads((SHARED / name).read_text())
        exact, risk = reference_errors(document)
        label = f"gbstats {name.removeprefix('gbstats_reference_').removesuffix('.json')} (recorded)"
        line(f"{label}: effect, interval, p, sample ratio", f"{exact:.1e}", "≤ 1e-6", exact <= 1e-6)
        line(f"{label}: Bayesian risk, chance to win", f"{risk:.1e}", "≤ 1e-3", risk <= 1e-3)


def reference_errors(document: dict[str, Any]) -> tuple[float, float]:  # JSON
    exact: list[float] = []
    risk: list[float] = []
    for case in document["cases"]:
        control, variant = arms_of(case["input"])
        for key, expected in case["results"].items():
            found, soft = read_as(key, control, variant), key.startswith("bayes")
            wanted = expected_figures(expected)
            errors = [difference(found[name], value) for name, value in wanted.items()]
            (risk if soft else exact).extend(errors)
    for case in document["srm"]:
        found_p = check_sample_ratio(case["users"], case["weights"]).p_value
        exact.append(difference(found_p, case["p_value"]))
    return max(exact), max(risk)


def difference(found: float, expected: float) -> float:
    """Relative error, absolute below 1e-9."""
    return abs(found - expected) / max(abs(expected), 1e-9)


def expected_figures(result: dict[str, Any]) -> dict[str, float]:  # JSON
    """The figures of a recorded result by our names."""
    figures = {"effect": result["expected"], "sd": result["uplift"]["stddev"]}
    figures |= {"low": result["ci"][0], "high": result["ci"][1]}
    figures |= {NAMES[spelling]: result[spelling] for spelling in NAMES if spelling in result}
    if "risk" in result:
        figures |= {"loss_of_control": result["risk"][0], "loss_of_variant": result["risk"][1]}
    return figures


def read_as(key: str, control: Arm, variant: Arm) -> dict[str, Any]:
    """The reading that a recorded result's name asks for."""
    kind, scale = key.split("|")
    effect = effect_of(control, variant, relative=scale == "relative")
    if kind.startswith("t_test"):
        return fixed_reading(effect).to_dict()
    if kind.startswith("sequential"):
        return sequential_reading(effect, tuning=5000).to_dict()
    return bayesian_reading(effect, belief=Belief(0.0, 0.3) if "N0_0.3" in kind else None).to_dict()


def arms_of(given: dict[str, Any]) -> tuple[Arm, Arm]:  # JSON
    if given["kind"] == "proportion":
        return proportion(given["n_a"], given["sum_a"]), proportion(given["n_b"], given["sum_b"])
    if given["kind"] == "mean":
        return (
            mean(given["n_a"], given["sum_a"], given["sum_squares_a"]),
            mean(given["n_b"], given["sum_b"], given["sum_squares_b"]),
        )
    if given["kind"] == "ratio":
        names = ("n", "m_sum", "m_sq", "d_sum", "d_sq", "md")
        return ratio(RatioSums(*[given[f"{n}_a"] for n in names])), ratio(RatioSums(*[given[f"{n}_b"] for n in names]))
    names = ("n", "post_sum", "post_sq", "pre_sum", "pre_sq", "post_pre")
    return cuped(PrePost(*[given[f"{n}_a"] for n in names]), PrePost(*[given[f"{n}_b"] for n in names]))


@dataclass(frozen=True)
class Outcome:
    """How a test ended: the decision that stopped it and on which day, and whether rules that peek would have stopped it."""

    decision: str
    day: int
    fixed_peeked: bool
    risk_peeked: bool


def false_alarms(runs: int) -> None:
    """A/A tests looked at on each of 30 days; then the same with a true effect, to show that the rule does decide."""
    began_s = time.process_time()
    outcomes = [run_test(seed, SCENES[seed % len(SCENES)]) for seed in range(runs)]
    cpu_s = time.process_time() - began_s
    wrong = np.array([outcome.decision in {"ship", "keep"} for outcome in outcomes])
    line(
        f"A/A, {runs} runs × {DAYS} daily looks: wrong decisions", f"{wrong.mean():.2%}", "≤ 5 %", wrong.mean() <= 0.05
    )
    for number, scene in enumerate(SCENES):
        label = (
            f"{scene[0]} people a day, {scene[1]:.0%}, {scene[2]} variant(s), {'revenue' if scene[3] else 'conversion'}"
        )
        line(f"  of these: {label}", f"{wrong[number :: len(SCENES)].mean():.2%}")
    broken = np.mean([outcome.decision == "broken_sample_ratio" for outcome in outcomes])
    line("A/A: called a broken split", f"{broken:.2%}", "≤ 1 %", bool(broken <= 0.01))
    line("for comparison: p < 5 % at any daily look", f"{np.mean([outcome.fixed_peeked for outcome in outcomes]):.1%}")
    line("for comparison: loss < 0.25 % at any daily look", f"{np.mean([o.risk_peeked for o in outcomes]):.1%}")
    line("CPU ms per reading", f"{1000 * cpu_s / sum(outcome.day for outcome in outcomes):.2f}")
    lifted = [run_test(seed, (600, 0.10, 1, False), lift=0.1) for seed in range(10_000, 10_200)]
    shipped = [outcome.day for outcome in lifted if outcome.decision == "ship"]
    line("true +10 % on 600 a day at 10 %: shipped within 30 days", f"{len(shipped) / len(lifted):.0%}")
    line("  median day of the decision", f"{np.median(shipped) if shipped else float('nan'):.0f}")


def run_test(seed: int, scene: tuple[int, float, int, bool], *, lift: float = 0.0) -> Outcome:
    """One test with a look after each day, until a decision or the last day."""
    people, rate, variants, revenue = scene
    rng = np.random.default_rng(seed)
    rules = Rules(tuning=float(people * (variants + 1) * DAYS))
    counts = [Counts(rate * (1 + lift * (index > 0)), revenue) for index in range(variants + 1)]
    fixed_peeked = risk_peeked = False
    for day in range(1, DAYS + 1):
        for count, arrivals in zip(
            counts, rng.multinomial(people * (variants + 1), [1 / (variants + 1)] * (variants + 1)), strict=True
        ):
            count.add(rng, int(arrivals))
        control, *others = [count.arm() for count in counts]
        named = [Variant(f"B{index}", arm) for index, arm in enumerate(others)]
        reading = read_test(control, named, rules=rules)
        fixed_peeked |= any(part.fixed is not None and part.fixed.p_value < 0.05 for part in reading.variants)
        risk_peeked |= any(
            part.bayesian is not None and min(part.bayesian.loss_of_variant, part.bayesian.loss_of_control) < 0.0025
            for part in reading.variants
        )
        if reading.decision != "go_on":
            return Outcome(reading.decision, day, fixed_peeked, risk_peeked)
    return Outcome("go_on", DAYS, fixed_peeked, risk_peeked)


class Counts:
    """People, and their conversions or revenue, as they arrive."""

    def __init__(self, rate: float, revenue: bool) -> None:
        self._rate, self._revenue = rate, revenue
        self._n, self._total, self._squares = 0, 0.0, 0.0

    def add(self, rng: np.random.Generator, people: int) -> None:
        buyers = int(rng.binomial(people, self._rate))
        values = np.exp(rng.normal(4.0, 0.8, buyers)) if self._revenue else np.ones(buyers)
        self._n += people
        self._total += float(values.sum())
        self._squares += float(values @ values)

    def arm(self) -> Arm:
        return mean(self._n, self._total, self._squares) if self._revenue else proportion(self._n, self._total)


@dataclass(frozen=True, eq=False)
class Pause:
    """A simulated business in which `channel` was paused, and the revenue that this truly cost."""

    frame: MarketingFrame
    channel: str
    starts_on: date
    days: int
    lost: float


def pauses_covered(count: int) -> None:
    """How often the intervals of simulated pauses hold the truth: 1–3 weeks, at the end of the data or amid them."""
    began_s = time.process_time()
    readings = [(pause, read_pause(pause)) for pause in simulated_pauses(count)]
    cpu_s = (time.process_time() - began_s) / count
    errors = np.array([abs(reading.lost_revenue - pause.lost) for pause, reading in readings])
    wide = np.array([(reading.lost_high - reading.lost_low) / 2 for _, reading in readings])
    narrower = [student.ppf(0.9, reading.degrees) / student.ppf(0.975, reading.degrees) for _, reading in readings]
    cover_95, cover_80 = float(np.mean(errors <= wide)), float(np.mean(errors <= wide * narrower))
    line(f"pause, {count} simulated: 95 % intervals cover", f"{cover_95:.1%}", "93–97 %", 0.93 <= cover_95 <= 0.97)
    line("pause: 80 % intervals cover", f"{cover_80:.1%}", "77–83 %", 0.77 <= cover_80 <= 0.83)
    shares = [width / pause.frame.revenue.mean() / pause.days for width, (pause, _) in zip(wide, readings, strict=True)]
    naive = [abs(before_and_during(pause) - pause.lost) for pause, _ in readings]
    line("pause: median half-width, share of the revenue of the days", f"{np.median(shares):.1%}")
    line("pause: median error of before against during ÷ ours", f"{np.median(naive) / np.median(errors):.2f}")
    line("pause: CPU s per analysis", f"{cpu_s:.2f}", "", None)


def read_pause(pause: Pause) -> PauseReading:
    ends_on = pause.starts_on + timedelta(days=pause.days - 1)
    return analyse_pause(pause.frame, pause.channel, starts_on=pause.starts_on, ends_on=ends_on)


def simulated_pauses(count: int) -> Iterator[Pause]:
    found, seed = 0, FIRST_PAUSE
    while found < count:
        pause = simulated_pause(seed)
        seed += 1
        if pause is not None:
            found += 1
            yield pause


def simulated_pause(seed: int) -> Pause | None:
    """A business of 2–6 channels, one of which is paused where it had run for two weeks; None where none had."""
    rng = np.random.default_rng(seed)
    days, start = int(rng.choice([180, 270, 365, 540])), date(2023, 3, 1)
    family = FAMILIES[seed % 3]
    market, truths = random_business(rng, channels=int(rng.integers(2, 7)), days=days, start=start, family=family)
    run = simulate(seed=seed, days=days, channels=truths, start=start, market=market)
    length, room = int(rng.choice([7, 14, 21])), int(rng.choice([3, 14, 60]))
    for _ in range(200):
        index = int(rng.integers(len(truths)))
        first = days - length - room if rng.random() < 0.3 else int(rng.integers(90, days - length - room))
        if first >= 70 and (run.spend[first - 14 : first, index] > 0).all():
            return paused_business(run, index, first, length)
    return None


def paused_business(run: Simulated, index: int, first: int, length: int) -> Pause:
    """`run` with a channel's spend taken out of a window; the truth is against the average of the 14 days before."""
    planned, paused = run.spend[:, index].copy(), run.spend[:, index].copy()
    planned[first : first + length] = planned[first - 14 : first].mean()
    paused[first : first + length] = 0.0
    with_ads, without = contribution(run, index, planned), contribution(run, index, paused)
    frame = run.frame()
    spend = frame.spend.copy()
    spend[:, frame.channels.index(run.names[index])] = paused
    revenue = np.maximum(run.revenue - run.contribution[:, index] + without, 0.0)
    starts_on = run.dates[first].astype(object)
    changed = replace(frame, spend=spend, revenue=revenue)
    return Pause(changed, run.names[index], starts_on, length, float((with_ads - without).sum()))


def contribution(run: Simulated, index: int, spend: FloatArray) -> FloatArray:
    """What a channel of `run` brings per day with other spend (n,)."""
    channel, usual = run.channels[index], run.usual_spend[index]
    weights = lag_weights(channel.mean_lag_days, KERNEL_SHAPE[channel.family], KERNEL_DAYS)
    level = np.maximum(carry_over(spend / usual, weights, before=float(run.spend[:28, index].mean() / usual)), 0.0)
    effect = level**POWER if channel.family == "power" else hill(level, channel.half, channel.slope)
    brought: FloatArray = run.top[index] * effect
    return brought


def before_and_during(pause: Pause) -> float:
    """What most people compute: the revenue of as many days (whole weeks) before, less that of the pause."""
    first = int((np.datetime64(pause.starts_on) - pause.frame.dates[0]).astype(int))
    revenue = pause.frame.revenue
    return float(revenue[first - pause.days : first].sum() - revenue[first : first + pause.days].sum())


def regions_covered(count: int) -> None:
    """Coverage of tests by region: 8–30 regions that follow shared demand, two weeks without ads in some of them."""
    methods: tuple[Any, ...] = ("synthetic", "difference")
    for method in methods:
        results = [region_test(FIRST_REGION + seed, method) for seed in range(count)]
        share = float(np.mean([inside for inside, _, _ in results]))
        false = float(np.mean([p_value <= 0.05 for _, p_value, _ in results]))
        width = float(np.median([width for _, _, width in results]))
        line(f"regions, {method}, {count} simulated: 95 % intervals cover", f"{share:.1%}", "(no bar)")
        line(f"regions, {method}: p ≤ 5 % without an effect; half-width", f"{false:.1%}; {width:.1%}")


def region_test(seed: int, method: Any) -> tuple[bool, float, float]:
    """Whether the interval holds the truth, the p-value of the same test without effect, the relative half-width."""
    rng = np.random.default_rng(seed)
    regions, periods = int(rng.integers(8, 31)), int(rng.integers(60, 200))
    treated = int(rng.integers(1, min(4, (regions - 1) // 3 + 1)))
    waves = rng.normal(0, 0.03, (periods, 3)).cumsum(0) + 0.15 * np.sin(2 * np.pi * np.arange(periods) / 7)[:, None]
    follows = rng.dirichlet([2.0] * 3, regions)
    noise = rng.normal(0, rng.uniform(0.03, 0.12), (periods, regions))
    revenue = rng.lognormal(7, 0.7, regions) * np.maximum(1 + waves @ follows.T + noise, 0.05)
    names, first, last = [f"R{index}" for index in range(regions)], periods - 14, periods - 1
    unchanged = analyse_regions(revenue, names, treated=names[:treated], first=first, last=last, method=method)
    changed = revenue.copy()
    changed[first:, :treated] *= 1 - rng.uniform(0, 0.2)
    lost = float((revenue - changed).sum())
    reading = analyse_regions(changed, names, treated=names[:treated], first=first, last=last, method=method)
    width = (reading.lost_high - reading.lost_low) / 2 / float(revenue[first:, :treated].sum())
    return reading.lost_low <= lost <= reading.lost_high, unchanged.p_value, width


if __name__ == "__main__":
    main()
