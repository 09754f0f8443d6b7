"""Measures advice: grades before the fit, the next experiment's promise, the optimiser against exhaustive search, the self-test.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_advice [--problems 1000] [--businesses 60] [--tests 24] [--rounds 10]

All truths are simulated here (three families, one of them not the model's own), in ranges of seeds that nothing was
tuned on. CPU seconds are of one core. Each part can be left out with 0.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from benchmarks.machine import describe
from ml.adstock import carry_over, lag_weights
from ml.errors import InfeasibleBudget, MlError
from ml.frames import FloatArray, MarketingFrame
from ml.mix.allocate import CENT, best_allocation
from ml.mix.curves import MeanCurves
from ml.mix.experiment import ExperimentPlan, next_experiment
from ml.mix.fit import fit_mix
from ml.mix.goals import MostProfit, TargetRoas
from ml.mix.identify import SpendGrade, identify
from ml.mix.knapsack import Cap
from ml.mix.limits import GroupCap
from ml.mix.optimise import frontier, optimise_budget
from ml.mix.results import MixFit, PosteriorDraws
from ml.mix.selftest import selftest
from ml.synth import Simulated, demo_shop, random_business, simulate
from ml.synth.business import Family
from ml.synth.simulate import KERNEL_DAYS, KERNEL_SHAPE

FAMILIES: tuple[Family, ...] = ("hill", "delayed", "power")
START = date(2023, 3, 1)
WAIT_DAYS = 14  # after a test, before its data are fitted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=1000, help="random budget problems")
    parser.add_argument("--businesses", type=int, default=60, help="simulated businesses for grades and advice")
    parser.add_argument("--tests", type=int, default=24, help="proposed tests that are carried out")
    parser.add_argument("--rounds", type=int, default=10, help="rounds of the self-test")
    arguments = parser.parse_args()
    print(f"machine: {describe()}; CPU s of one core")
    print(f"\n{'line':70} {'figure':>12}  {'bar':>14}")
    for count, measure in (
        (arguments.problems, measure_optimiser),
        (arguments.businesses, measure_grades_and_advice),
        (arguments.tests, measure_tests),
        (arguments.rounds, measure_selftest),
    ):
        if count:
            measure(count)


def line(label: str, figure: str, bar: str = "", *, met: bool | None = None) -> None:
    """One line of the table."""
    judged = "" if met is None else "ok" if met else "MISSED"
    print(f"{label:70} {figure:>12}  {bar:>14}  {judged}", flush=True)


def cpu_s(act: Callable[[], object], times: int = 10) -> float:
    """CPU seconds of one call, averaged after a warm-up."""
    act()
    began = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - began) / times


# The optimiser


def measure_optimiser(problems: int) -> None:
    """Against exhaustive search, and its speed on a fit of eight channels."""
    ratios, broken = [], 0
    for seed in range(problems):
        ratio, kept = solved(seed)
        ratios.append(ratio)
        broken += not kept
    found = np.array(ratios)
    within = f"{np.mean(found >= 0.999):.1%}"
    line(
        f"optimiser: {problems} problems, within 0.1 % of exhaustive", within, "100 %", met=bool((found >= 0.999).all())
    )
    line("optimiser: worst ratio to exhaustive", f"{found.min():.5f}", "≥ 0.999", met=bool(found.min() >= 0.999))
    line("optimiser: problems with a limit or the sum missed by a cent", str(broken), "0", met=broken == 0)
    fit = fit_mix(speed_frame())
    cap = GroupCap("First three", fit.names[:3], 0.4 * float(fit.current_per_day().sum()))
    measure_speed(fit, cap)
    measure_infeasible(fit)


def measure_speed(fit: MixFit, cap: GroupCap) -> None:
    total = float(fit.current_per_day().sum())
    plain = cpu_s(lambda: optimise_budget(fit, budget_per_day=total))
    capped = cpu_s(lambda: optimise_budget(fit, budget_per_day=total, group_caps=[cap], max_change=0.5))
    profit = cpu_s(lambda: optimise_budget(fit, goal=MostProfit(0.6)))
    target = cpu_s(lambda: optimise_budget(fit, goal=TargetRoas(1.2)))
    curve = cpu_s(lambda: frontier(fit, [total * step for step in (0.5, 0.75, 1, 1.25, 1.5)]), 3)
    for label, figure, bar in (
        ("8 channels, CPU s", plain, 0.05),
        ("8 channels, group cap and step limit, CPU s", capped, 0.05),
        ("8 channels, profit goal, CPU s", profit, 0.3),
        ("8 channels, target return, CPU s", target, 0.3),
        ("frontier of 5 budgets, CPU s", curve, 0.3),
    ):
        line(f"optimiser: {label}", f"{figure:.3f}", f"≤ {bar}", met=figure <= bar)


def measure_infeasible(fit: MixFit) -> None:
    """Every contradiction is refused with the limits in conflict."""
    rng, named = np.random.default_rng(1), 0
    for _ in range(200):
        first, second = rng.choice(fit.names, 2, replace=False)
        asked = float(rng.uniform(100, 1000))
        try:
            optimise_budget(
                fit, budget_per_day=asked, minimum={first: 0.7 * asked, second: 0.5 * asked}, within_observed=False
            )
        except InfeasibleBudget as refused:
            sentences = " ".join(refused.constraints)
            named += all(name in sentences for name in (first, second, "the budget"))
    line("optimiser: contradictions named, of 200", str(named), "200", met=named == 200)


def solved(seed: int) -> tuple[float, bool]:
    """Ratio to the exhaustive optimum of one random problem, and whether all limits were kept to the cent."""
    rng = np.random.default_rng(seed)
    channels = int(rng.integers(2, 7)) if seed % 2 else 3
    curves = random_curves(rng, channels)
    budget = round(float(np.exp(rng.uniform(np.log(20), np.log(5000)))), 2)
    low = np.round(rng.uniform(0, 0.1, channels) * budget / channels, 2)
    high = np.round(rng.uniform(0.5, 1.0, channels) * budget, 2)
    caps = (
        [Cap((0, 1), round(float(low[:2].sum() * 100 + rng.uniform(0.2, 0.8) * budget * 100)))] if seed % 4 == 0 else []
    )
    most = float(high.sum()) if not caps else min(caps[0].most * CENT, float(high[:2].sum())) + float(high[2:].sum())
    budget = round(max(min(budget, 0.97 * most), float(low.sum()) + 1), 2)
    split = best_allocation(curves, low, high, budget, caps)
    kept = round(float(split.sum()) * 100) == round(budget * 100)
    kept &= bool((split >= low - 1e-9).all() and (split <= high + 1e-9).all())
    kept &= all(round(float(split[list(cap.members)].sum()) * 100) <= cap.most for cap in caps)
    best = brute_force(curves, low, high, budget, caps) if channels == 3 else fine_search(curves, low, high, budget)
    return float(curves.revenue(split).sum()) / best, kept


def random_curves(rng: np.random.Generator, channels: int) -> MeanCurves:
    """Channels with one draw each, about 70 % S-shaped."""
    shape = (1, channels)
    return MeanCurves(
        PosteriorDraws(
            roi=np.ones(shape),
            top=rng.uniform(50, 2000, shape),
            half=np.exp(rng.uniform(np.log(5), np.log(1000), shape)),
            slope=rng.uniform(0.6, 3.5, shape),
            mean_lag_days=np.ones(shape),
        )
    )


def brute_force(curves: MeanCurves, low: FloatArray, high: FloatArray, budget: float, caps: list[Cap]) -> float:
    """The best of 401 × 401 splits over three channels."""
    first, second = np.meshgrid(*(np.linspace(low[i], high[i], 401) for i in range(2)), indexing="ij")
    third = budget - first - second
    possible = (third >= low[2] - 1e-9) & (third <= high[2] + 1e-9)
    for cap in caps:
        possible &= first + second <= cap.most * CENT + 1e-9
    spend = np.stack([first[possible], second[possible], np.maximum(third[possible], 0.0)])
    return float(curves.revenue(spend).sum(0).max()) if spend.size else 0.0


def fine_search(curves: MeanCurves, low: FloatArray, high: FloatArray, budget: float, steps: int = 1500) -> float:
    """Plain dynamic programming over a grid almost four times as fine as the product's, written apart from it."""
    step = (budget - low.sum()) / steps
    levels = low[:, None] + step * np.arange(steps + 1)
    values = np.where(levels <= high[:, None] + 1e-9, curves.revenue(levels), -np.inf)
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    for row in values:
        joined = np.full(steps + 1, -np.inf)
        for units in np.flatnonzero(np.isfinite(row)):
            np.maximum(joined[units:], best[: steps + 1 - units] + row[units], out=joined[units:])
        best = joined
    return float(best[np.isfinite(best)].max())


def speed_frame() -> MarketingFrame:
    market, channels = random_business(np.random.default_rng(373), channels=8, days=365, start=START)
    return simulate(seed=1, days=365, channels=channels, start=START, market=market).frame()


# Grades before the fit, and advice after it


@dataclass
class Grades:
    """Per channel of all businesses: the grade before the fit and the error after it; per business the advice."""

    found: list[SpendGrade] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    missed: list[float] = field(default_factory=list)
    pulsed: list[bool] = field(default_factory=list)
    captured: list[float] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    def add(self, run: Simulated, fit: MixFit, grades: tuple[SpendGrade, ...]) -> None:
        for grade, channel in zip(grades, fit.channels, strict=True):
            truth = float(run.roi[run.names.index(grade.channel)])
            style = run.channels[run.names.index(grade.channel)].style
            self.found.append(grade)
            self.missed.append(abs(channel.roi_mean - truth))
            self.error.append(abs(channel.roi_mean - truth) / truth if truth else np.nan)
            self.pulsed.append(bool(truth) and style == "pulsed" and fit.days >= 270)


def measure_grades_and_advice(businesses: int) -> None:
    tally = Grades()
    for index in range(businesses):
        rng = np.random.default_rng(230_000 + index)
        days = int(rng.choice([120, 180, 270, 365, 540, 730]))
        run = business(rng, index, days, channels=int(rng.integers(2, 9)))
        try:
            fit = fit_mix(run.frame(), seed=index)
        except MlError as refused:
            print(f"business {index} was refused: {refused}")
            continue
        tally.add(run, fit, identify(run.frame()))
        add_advice(tally, run, fit)
    print_grades(tally)
    print_advice(tally)
    frame = speed_frame()
    line("grades before the fit: 8 channels × 365 days, CPU s", f"{cpu_s(lambda: identify(frame)):.3f}")


def business(rng: np.random.Generator, index: int, days: int, *, channels: int) -> Simulated:
    market, truths = random_business(rng, channels=channels, days=days, start=START, family=FAMILIES[index % 3])
    return simulate(seed=index, days=days, channels=truths, start=START, market=market)


def print_grades(tally: Grades) -> None:
    error, missed = np.array(tally.error), np.array(tally.missed)
    grade = np.array([found.grade for found in tally.found])
    expected = np.array([found.expected_error for found in tally.found])
    effect, pulsed = np.isfinite(error), np.array(tally.pulsed)
    right = float(np.mean(error[effect & (grade == "reliable")] <= 0.25))
    caught = float(np.mean(grade[effect & (error > 1)] == "cannot_tell"))
    reliable = float(np.mean(grade[pulsed] == "reliable"))
    line(f"grades before the fit: channels ({int((~effect).sum())} without effect)", str(len(grade)))
    line("grades before the fit: reliable, error ≤ 25 %", f"{right:.1%}", "≥ 85 %", met=right >= 0.85)
    line("grades before the fit: error > 100 % graded cannot tell", f"{caught:.1%}", "≥ 90 %", met=caught >= 0.9)
    line("grades before the fit: pulsed, ≥ 270 days, graded reliable", f"{reliable:.1%}", "≥ 50 %", met=reliable >= 0.5)
    nothing = ~effect & (grade == "reliable")
    if nothing.any():
        line("grades before the fit: reliable, no effect, return found ≤ 0.3", f"{np.mean(missed[nothing] <= 0.3):.1%}")
    edges = np.quantile(expected[effect], np.linspace(0, 1, 6))
    places = np.clip(np.searchsorted(edges, expected[effect], side="right") - 1, 0, 4)
    medians = [float(np.median(error[effect][places == fifth])) for fifth in range(5)]
    line("grades before the fit: median error by fifth of expected error", " ".join(f"{m:.2f}" for m in medians))
    together = correlation(ranks(expected[effect]), ranks(error[effect]))
    line("grades before the fit: rank correlation, expected and true error", f"{together:.2f}")


def ranks(values: FloatArray) -> FloatArray:
    return np.argsort(np.argsort(values)).astype(float)


def correlation(first: FloatArray, second: FloatArray) -> float:
    return float(np.mean((first - first.mean()) * (second - second.mean())) / (first.std() * second.std()))


class TrueCurves:
    """True response curves of a simulated business for the channels of a fit."""

    def __init__(self, run: Simulated, names: tuple[str, ...]) -> None:
        self._run, self._rows = run, [run.names.index(name) for name in names]

    def revenue(self, spend_per_day: FloatArray) -> FloatArray:
        spend = np.zeros((len(self._run.names), *spend_per_day.shape[1:]))
        spend[self._rows] = spend_per_day
        brought: FloatArray = self._run.response(spend)[self._rows]
        return brought

    def marginal(self, spend_per_day: FloatArray) -> FloatArray:
        step = 1e-3 * np.maximum(spend_per_day, 1e-3)
        slope: FloatArray = (self.revenue(spend_per_day + step) - self.revenue(spend_per_day)) / step
        return slope


def add_advice(tally: Grades, run: Simulated, fit: MixFit) -> None:
    """Value the plan within ±50 % with the true curves, where there is at least 1 % to gain."""
    current = np.round(fit.current_per_day(), 2)
    curves, total = TrueCurves(run, fit.names), round(float(current.sum()), 2)
    low, high = np.ceil(current * 50) / 100, np.floor(current * 150) / 100
    before = float(curves.revenue(current).sum())
    best = float(curves.revenue(best_allocation(curves, low, high, total)).sum()) if total > 0 else 0.0
    if best < 1.01 * before or before <= 0:
        return
    plan = optimise_budget(fit, budget_per_day=total, max_change=0.5, within_observed=False)
    split = np.array([row.recommended_per_day for row in plan.allocation])
    tally.advice.append(plan.advice)
    tally.captured.append((float(curves.revenue(split).sum()) - before) / (best - before))


def print_advice(tally: Grades) -> None:
    captured, advice = np.array(tally.captured), np.array(tally.advice)
    moved = captured[advice == "move"]
    kinds = ", ".join(f"{np.sum(advice == kind)} {kind}" for kind in ("move", "hold", "cannot_advise"))
    line(f"advice: businesses with something to gain ({kinds})", str(len(advice)))
    line("advice: captured uplift where a move is proposed", f"{moved.mean():.1%}", "≥ 85 %", met=moved.mean() >= 0.85)
    line("advice: moves that lose", f"{np.sum(moved < 0)} of {len(moved)}", "0", met=not (moved < 0).any())
    still = bool((np.abs(captured[advice == "cannot_advise"]) < 0.02).all())
    line("advice: no move where nothing can be told", "yes" if still else "no", "yes", met=still)


# The next experiment


def measure_tests(wanted: int) -> None:
    """Carry the proposed tests out on simulated businesses, fit again, and compare the promise with what came of it."""
    rows: list[tuple[float, float, float]] = []
    index = 0
    while len(rows) < wanted and index < 4 * wanted:
        row = tried(index)
        rows += [] if row is None else [row]
        index += 1
    p, r, without = np.array(rows).T
    line(f"next test: businesses tested (of {index} looked at)", str(len(p)), "≥ 20", met=len(p) >= 20)
    line("next test: promised narrowing, mean", f"{p.mean():.1%}")
    line("next test: realised narrowing, mean", f"{r.mean():.1%}", "within 10 pp", met=abs(r.mean() - p.mean()) <= 0.1)
    line("next test: narrowing by the same weeks without a test, mean", f"{without.mean():.1%}")
    line("next test: realised is within 25 points of promised", f"{np.mean(np.abs(p - r) <= 0.25):.1%}")
    line("next test: correlation of promised and realised", f"{correlation(p, r):.2f}")
    frame = speed_frame()
    fit = fit_mix(frame)
    took = cpu_s(lambda: next_experiment(fit, frame))
    line("next test: 8 channels × 3 actions × 6 lengths, CPU s", f"{took:.3f}", "≤ 0.05", met=took <= 0.05)


def tried(index: int) -> tuple[float, float, float] | None:
    """Narrowing promised, realised, and without the test; None where no test is proposed."""
    rng = np.random.default_rng(170_000 + index)
    days = int(rng.choice([180, 270, 365, 540]))
    run = business(rng, index, days + 70, channels=int(rng.integers(2, 6)))
    frame = run.frame()
    if frame.channels != run.names or (frame.spend[:days].sum(0) == 0).any():
        return None
    fit = fit_mix(frame.slice(0, days), seed=index)
    plan = next_experiment(fit, frame.slice(0, days)).best
    if plan is None:
        return None
    stop = days + 7 * plan.weeks + WAIT_DAYS
    after = fit_mix(carried_out(run, plan, days).slice(0, stop), seed=index)
    control = fit_mix(frame.slice(0, stop), seed=index)
    return plan.shrink, 1 - width(after, plan) / width(fit, plan), 1 - width(control, plan) / width(fit, plan)


def width(fit: MixFit, plan: ExperimentPlan) -> float:
    channel = fit.channel(plan.channel)
    return channel.roi_high - channel.roi_low


def carried_out(run: Simulated, plan: ExperimentPlan, start: int) -> MarketingFrame:
    """The business's data had the test been made from day `start`."""
    index = run.names.index(plan.channel)
    spend = run.spend.copy()
    spend[start : start + 7 * plan.weeks, index] = plan.test_per_day
    change = effect(run, index, spend[:, index]) - effect(run, index, run.spend[:, index])
    revenue: FloatArray = np.maximum(run.revenue + change, 0.0)
    return replace(run.frame(), spend=spend, revenue=revenue)


def effect(run: Simulated, index: int, spend: FloatArray) -> FloatArray:
    """True revenue per day (n,) of one channel at a course of spend."""
    channel = run.channels[index]
    weights = lag_weights(channel.mean_lag_days, KERNEL_SHAPE[channel.family], KERNEL_DAYS)
    levels = np.zeros_like(run.spend.T)
    levels[index] = np.maximum(carry_over(spend, weights, before=float(spend[:28].mean())), 0.0)
    brought: FloatArray = run.response(levels)[index]
    return brought


# The self-test


def measure_selftest(rounds: int) -> None:
    frame = demo_shop(1, date(2026, 11, 20)).frame()
    fit = fit_mix(frame)
    began = time.process_time()
    result = selftest(fit, frame, n=rounds)
    took = (time.process_time() - began) / rounds
    line(f"self-test: {rounds} rounds on the demo's shop, 95 % ranges cover", f"{result.covered_95:.1%}")
    line("self-test: 80 % ranges cover", f"{result.covered_80:.1%}")
    line("self-test: CPU s per round, 730 days × 6 channels", f"{took:.2f}")
    print(result.sentence)


if __name__ == "__main__":
    main()
