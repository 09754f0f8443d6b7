"""Measures attribution from touch paths: CPU time, sums, interval coverage, and what each model makes of a known truth.

    OMP_NUM_THREADS=1 python -m benchmarks.ml_attribution [--shops 300]

No public data hold touch paths with a known truth, so paths are simulated here; nothing outside the project is read.
"""

import argparse
import resource
import time
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.machine import describe
from ml.attribution import (
    ALL_MODELS,
    JourneyOptions,
    Orders,
    PathAttribution,
    PathOptions,
    Touches,
    TouchPaths,
    attribute_paths,
    paths_from_lists,
    paths_from_touches,
)
from ml.attribution.markov import read_chain
from ml.attribution.run import Worth
from ml.attribution.shapley import shapley_exact, shapley_sampled
from ml.frames import FloatArray

WORTHS: tuple[Worth, ...] = ("conversions", "lift")
SEVEN = tuple(name for name in ALL_MODELS if name != "last_non_direct")


@dataclass(frozen=True, eq=False)
class Market:
    """Who meets which channel how often, (C,), and the chance of a sale that one meeting adds, (C,).

    A person buys anyway with the chance `anyway`; a fifth of people with `eager` instead, and these meet channels as in
    `eager_meets`: brand search and retargeting find buyers, they need not make them.
    """

    meets: FloatArray
    adds: FloatArray
    anyway: float
    eager: float
    eager_meets: FloatArray

    def paths(self, people: int, seed: int) -> TouchPaths:
        """People's paths: 1 to 20 touches, days between them, log-normal values."""
        rng = np.random.default_rng(seed)
        lengths = np.minimum(rng.geometric(0.25, people), 20)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        is_eager = rng.random(people) < 0.2
        codes = rng.choice(len(self.meets), starts[-1], p=self.meets)
        codes_if_eager = rng.choice(len(self.meets), starts[-1], p=self.eager_meets)
        codes = np.where(np.repeat(is_eager, lengths), codes_if_eager, codes)
        anyway = np.where(is_eager, self.eager, self.anyway)
        stays = np.add.reduceat(np.log1p(-self.adds)[codes] * _first_of_channel(starts, codes), starts[:-1])
        sold = rng.random(people) < 1 - (1 - anyway) * np.exp(stays)
        waits = rng.exponential(3, starts[-1])
        after = np.cumsum(waits[::-1])[::-1]
        days = after - np.repeat(np.append(after, 0)[starts[1:]], lengths)
        value = np.where(sold, rng.lognormal(4, 0.8, people), 0)
        names = tuple(f"channel {index}" for index in range(len(self.meets)))
        return TouchPaths(names, starts, codes, days, sold, value, np.ones(people, int))

    def caused(self, paths: TouchPaths) -> FloatArray:
        """Sales that would be missing without each channel, (C,), as shares of their sum. The chance to buy anyway only
        scales them for all channels of a person, and is taken as equal for all people."""
        row = paths.path_of_touch
        stays = np.log1p(-self.adds)[paths.codes] * _first_of_channel(paths.starts, paths.codes)
        whole = np.exp(np.bincount(row, stays, minlength=paths.paths))
        by_channel = np.bincount(paths.codes, whole[row] * (np.exp(-stays) - 1), minlength=len(self.adds))
        share: FloatArray = by_channel / by_channel.sum()
        return share


def _first_of_channel(starts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """True at the first touch of each channel in each path."""
    row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    first = np.zeros(len(codes), bool)
    first[np.unique(row * (codes.max() + 1) + codes, return_index=True)[1]] = True
    return first


def market(channels: int, seed: int, *, eager: float = 0.02) -> Market:
    """A random market; a fifth of its channels cause nothing, and eager buyers, if any, meet those five times as often."""
    rng = np.random.default_rng(seed)
    adds = rng.uniform(0.02, 0.2, channels)
    adds[rng.choice(channels, max(1, channels // 5), replace=False)] = 0
    meets = rng.dirichlet(np.full(channels, 2.0))
    eager_meets = meets * np.where((adds == 0) & (eager > 0.02), 5.0, 1.0)
    return Market(meets, adds, 0.02, eager, eager_meets / eager_meets.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=300, help="simulated shops behind the coverage")
    arguments = parser.parse_args()
    print(f"machine: {describe()}; CPU s of one core")
    print(f"\n{'line':78} {'figure':>12}  {'bar':>10}")
    measure_speed()
    measure_sums()
    measure_references()
    measure_coverage(arguments.shops)
    measure_truth(arguments.shops)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nlargest memory of this process: {memory_mb:.0f} MB")


def line(name: str, figure: float, bar: float | None = None, *, at_least: bool = False, form: str = ".2f") -> None:
    """One line of the table; a line without a bar is told, not judged."""
    if bar is None:
        print(f"{name:78} {figure:12{form}}  {'–':>10}")
        return
    met = figure >= bar if at_least else figure <= bar
    print(f"{name:78} {figure:12{form}}  {'≥' if at_least else '≤'} {bar:8{form}}  {'ok' if met else 'MISSED'}")


def cpu_s(paths: TouchPaths, options: PathOptions) -> float:
    """CPU seconds of one attribution."""
    began_s = time.process_time()
    attribute_paths(paths, options=options)
    return time.process_time() - began_s


def measure_speed() -> None:
    paths = market(10, 1).paths(100_000, 1)
    seven = PathOptions(models=SEVEN)
    size = f"100,000 paths × 10 channels, {len(paths.codes):,} touches"
    line(f"CPU s: {size}, seven models, 200 draws", cpu_s(paths, seven), 2)
    line("CPU s: the same, Shapley by lift", cpu_s(paths, replace(seven, shapley_worth="lift")), 2)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line("memory of the process so far, MB", memory_mb, form=".0f")
    everyone = replace(paths, converted=np.ones(paths.paths, bool))
    line("CPU s: the same, every path a sale", cpu_s(everyone, seven), 2)
    line("CPU s: the same without intervals", cpu_s(paths, replace(seven, draws=0)))
    for order, draws in ((2, 200), (3, 20)):
        options = PathOptions(models=("markov",), markov_order=order, draws=draws)
        line(f"CPU s: Markov of order {order} alone, {draws} draws", cpu_s(paths, options))
    wide = market(20, 2).paths(100_000, 2)
    options = PathOptions(models=("shapley",), shapley_worth="lift", draws=20)
    line("CPU s: Shapley by lift, 20 channels (sampled orders), 20 draws", cpu_s(wide, options))
    line("CPU s: 400,000 touches and 20,000 orders into paths", cpu_s_of_journeys())


def cpu_s_of_journeys() -> float:
    rng = np.random.default_rng(3)
    start, year_s = np.datetime64("2026-01-01", "s"), 365 * 86_400
    touch_at, order_at = (start + rng.integers(0, year_s, size) for size in (400_000, 20_000))
    names = np.array([f"channel {index}" for index in range(10)])[rng.integers(0, 10, 400_000)]
    touches = Touches(rng.integers(0, 100_000, 400_000), touch_at, names.tolist())
    orders = Orders(rng.integers(0, 100_000, 20_000), order_at, rng.lognormal(4, 1, 20_000), np.arange(20_000))
    began_s = time.process_time()
    paths_from_touches(touches, orders, options=JourneyOptions())
    return time.process_time() - began_s


def measure_sums() -> None:
    """The largest share of sales or value that any model loses or invents."""
    worst = 0.0
    for seed in range(10):
        paths = market(8, seed).paths(3000, seed)
        for worth in WORTHS:
            for order in (1, 2, 3):
                options = PathOptions(draws=0, markov_order=order, shapley_worth=worth)
                worst = max(worst, off(attribute_paths(paths, options=options)))
    line("sums: largest relative difference from all sales and their value", worst, 1e-9, form=".1e")


def off(found: PathAttribution) -> float:
    """The largest relative difference between what a model gives out and what was sold."""
    sales, value = found.conversions - found.untouched_conversions, found.value - found.untouched_value
    parts = [abs(float(row.conversions.sum()) / sales - 1) for row in found.credits]
    return max(parts + [abs(float(row.value.sum()) / value - 1) for row in found.credits])


def measure_references() -> None:
    """Examples that were worked out by hand, and sampling against the exact sum."""
    paths = paths_from_lists([["c1", "c2", "c3"], ["c1"], ["c2", "c3"]], converted=[True, False, False])
    effects = read_chain(paths).removal_effects(paths.count[:, None].astype(float))[0][:, 0]
    line(
        "Markov: three-path example (effects ½, 1, 1), largest error",
        np.abs(effects - [0.5, 1, 1]).max(),
        1e-12,
        form=".1e",
    )
    glove = shapley_exact(np.array([0, 0, 0, 1, 0, 1, 0, 1.0]))
    line("Shapley: glove game (⅔, ⅙, ⅙), largest error", np.abs(glove - [2 / 3, 1 / 6, 1 / 6]).max(), 1e-12, form=".1e")
    misses = []
    for seed in range(40):
        table = np.random.default_rng(seed).exponential(size=2**10).cumsum()
        sampled = shapley_sampled(table.__getitem__, 10, orders=400, seed=seed)
        misses += list(np.abs(sampled.value - shapley_exact(table)) > 2 * sampled.standard_error)
    line(
        "Shapley: sampled value within 2 standard errors, %",
        100 * (1 - float(np.mean(misses))),
        93,
        at_least=True,
        form=".1f",
    )


def measure_coverage(shops: int) -> None:
    """How often 95 % intervals from 2,000 people hold what 200,000 people of the same market show; 93 to 97 % are due."""
    people, everyone = 2000, 200_000
    inside: dict[str, list[float]] = {}
    for worth in WORTHS:
        models = ALL_MODELS if worth == "conversions" else ("shapley",)
        options = PathOptions(models=models, shapley_worth=worth)
        places = [market(5, index) for index in range(6)]
        exact = replace(options, draws=0)
        truths = [attribute_paths(place.paths(everyone, 900 + at), options=exact) for at, place in enumerate(places)]
        for seed in range(shops):
            place, truth = places[seed % 6], truths[seed % 6]
            found = attribute_paths(place.paths(people, seed), options=options, seed=seed)
            for row in found.credits:
                expected = truth.credit(row.model).conversions * people / everyone
                held = (row.conversions_low <= expected) & (expected <= row.conversions_high)
                name = f"shapley by {worth}" if row.model == "shapley" else row.model
                inside.setdefault(name, []).append(float(held.mean()))
    for name, shares in inside.items():
        covered = 100 * float(np.mean(shares))
        label = f"95 % intervals cover, {shops} shops of {people:,} people: {name}, %"
        print(f"{label:78} {covered:12.1f}  {'93–97':>10}  {'ok' if 93 <= covered <= 97 else 'MISSED'}")


def measure_truth(shops: int) -> None:
    """Mean error of a channel's share where the truth is known, and what channels that cause nothing are given.

    The truth is of the form that lift assumes (channels act on their own). Where eager buyers seek out channels, what a
    channel finds and what it causes look the same in paths: only the mix model and experiments can tell them apart.
    """
    for eager, title in ((0.02, "met by chance"), (0.4, "idle channels met by people who would buy anyway")):
        print(f"\nshare of credit against sales that would be missing, 8 channels, 20,000 people; {title}")
        print(f"{'model':24} {'share error, points':>20} {'given to channels without effect, %':>38}")
        for name, (points, idle) in truth_errors(min(shops, 30), eager).items():
            print(f"{name:24} {np.mean(points):20.2f} {np.mean(idle):38.1f}")


def truth_errors(shops: int, eager: float) -> dict[str, tuple[list[float], list[float]]]:
    """Per model and shop: the mean error of shares in points, and the share in percent that idle channels get."""
    errors: dict[str, tuple[list[float], list[float]]] = {}
    for seed in range(shops):
        place = market(8, 100 + seed, eager=eager)
        paths = place.paths(20_000, seed)
        caused = place.caused(paths)
        for worth in WORTHS:
            models = ALL_MODELS if worth == "conversions" else ("shapley",)
            found = attribute_paths(paths, options=PathOptions(models=models, draws=0, shapley_worth=worth))
            for row in found.credits:
                name = f"shapley by {worth}" if row.model == "shapley" else row.model
                share = row.conversions / row.conversions.sum()
                points, idle = errors.setdefault(name, ([], []))
                points.append(100 * float(np.abs(share - caused).mean()))
                idle.append(100 * float(share[place.adds == 0].sum()))
    return errors


if __name__ == "__main__":
    main()
