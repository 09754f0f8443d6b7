"""The mix model beside PyMC-Marketing and Meridian in one run: error of returns, coverage, interval score and CPU time.

    ADLOOM_PYMC_PYTHON=… ADLOOM_MERIDIAN_PYTHON=… OMP_NUM_THREADS=1 \\
        python -m benchmarks.ml_mix_rivals [--businesses 4] [--kept FOLDER]

Each variable names an interpreter that has the rival (`pymc-marketing` with `nutpie`; `google-meridian`); one that is not set is
left out, and said to be. Rivals get the same history by the week with its events as controls, which is how their makers advise
to use them. A rival's fit takes minutes: the six yardstick sets (`ADLOOM_SHARED_DATA`) and a few fresh businesses; `--kept`
names a folder in which a rival's answer to exactly the same question is looked up before it is asked again.
"""

import argparse
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import describe
from benchmarks.ml_mix import SETS, SHARED, line
from benchmarks.ml_mix_trust import businesses
from ml.frames import FloatArray, MarketingFrame, read_marketing_csv
from ml.mix import fit_mix
from ml.mix.intervals import central_interval

RIVALS = {
    "PyMC-Marketing": ("ADLOOM_PYMC_PYTHON", "rival_pymc"),
    "Meridian": ("ADLOOM_MERIDIAN_PYTHON", "rival_meridian"),
}
OURS = "Adloom"


@dataclass(frozen=True)
class Case:
    """A history with the true return of each channel."""

    name: str
    frame: MarketingFrame
    roi: Mapping[str, float]


@dataclass(frozen=True)
class Score:
    """How one method did on one case: spend-weighted error, share of true returns inside, mean interval score, CPU s."""

    error: float
    inside: list[bool]
    interval_score: float
    cpu_s: float


@dataclass(frozen=True)
class Rival:
    """A rival's interpreter and script, and where its answers are kept."""

    python: str
    script: str
    kept: Path | None

    def answer(self, question: str) -> dict[str, Any]:  # JSON
        """Its answer to one case, from the folder where it was given before."""
        path = Path(__file__).with_name(f"{self.script}.py")
        name = hashlib.sha256(path.read_bytes() + question.encode()).hexdigest()[:16]
        kept = self.kept / f"{self.script}-{name}.json" if self.kept else None
        if kept and kept.exists():
            return dict(json.loads(kept.read_text()))
        done = subprocess.run([self.python, str(path)], input=question, capture_output=True, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])[0]
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(answer))
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--businesses", type=int, default=4, help="fresh businesses beside the six sets")
    parser.add_argument("--kept", type=Path, help="a folder for rivals' answers")
    arguments = parser.parse_args()
    count = arguments.businesses
    print(f"machine: {describe()}; CPU s of one core; every method in this run")
    cases = [*yardsticks(), *(Case(f"business {row}", run.frame(), truth(run)) for row, run in businesses(count))]
    found = {OURS: [ours(case) for case in cases]}
    for rival, (variable, script) in RIVALS.items():
        python = os.environ.get(variable, "")
        if python:
            found[rival] = [theirs(case, Rival(python, script, arguments.kept)) for case in cases]
        else:
            print(f"{rival} is left out: {variable} is not set")
    print_cases(cases, found)
    judge(cases, found)


def yardsticks() -> list[Case]:
    if not SHARED.exists():
        print(f"{SHARED} is absent: the six yardstick sets are left out")
        return []
    cases = []
    for name in SETS:
        frame = read_marketing_csv(SHARED / name / "data.csv", SHARED / name / "events.csv")
        channels = json.loads((SHARED / name / "truth.json").read_text())["channels"]
        cases.append(Case(name, frame, {channel: row["roi"] for channel, row in channels.items()}))
    return cases


def truth(run: Any) -> dict[str, float]:  # a simulated business
    return dict(zip(run.names, run.roi.tolist(), strict=True))


def ours(case: Case) -> Score:
    fit = fit_mix(case.frame)
    point = {row.channel: row.roi_mean for row in fit.channels}
    ends = {row.channel: (row.roi_low, row.roi_high) for row in fit.channels}
    return scored(case, point, ends, fit.cpu_s)


def theirs(case: Case, rival: Rival) -> Score:
    answer = rival.answer(json.dumps({"cases": [weekly_columns(case.frame)]}))
    draws = {name: np.array(values) for name, values in answer["roi"].items()}
    point = {name: float(values.mean()) for name, values in draws.items()}  # what both report
    return scored(case, point, {name: ends_of(values) for name, values in draws.items()}, answer["cpu_s"])


def ends_of(draws: FloatArray) -> tuple[float, float]:
    low, high = central_interval(draws)
    return float(low), float(high)


def weekly_columns(frame: MarketingFrame) -> dict[str, Any]:  # JSON for the rival's process
    weeks = frame.weekly()
    names = sorted({event.name.rsplit("_", 1)[0] for event in frame.events})
    controls = {f"event_{name}": event_days(weeks, name) for name in names}
    return {
        "dates": [str(day) for day in weeks.dates],
        "spend": {name: weeks.spend[:, row].tolist() for row, name in enumerate(weeks.channels)},
        "revenue": weeks.revenue.tolist(),
        "controls": {name: column for name, column in controls.items() if any(column)},
    }


def event_days(weeks: MarketingFrame, kind: str) -> list[float]:
    """Days of each week on which something of this kind (its name up to the number) happened."""
    days = np.array([event.on for event in weeks.events if event.name.rsplit("_", 1)[0] == kind], "datetime64[D]")
    since = (days[None] - weeks.dates[:, None]).astype(int)
    return [float(count) for count in ((since >= 0) & (since < 7)).sum(1)]


def scored(case: Case, point: Mapping[str, float], ends: Mapping[str, tuple[float, float]], cpu_s: float) -> Score:
    names = [name for name in case.frame.channels if name in point]
    spend = np.array([case.frame.spend[:, case.frame.channels.index(name)].sum() for name in names])
    true, guess = np.array([case.roi[name] for name in names]), np.array([point[name] for name in names])
    low, high = np.array([ends[name] for name in names]).T
    missed = np.maximum(low - true, 0) + np.maximum(true - high, 0)
    return Score(
        error=float((spend * np.abs(guess - true)).sum() / (spend * true).sum()),
        inside=list((low <= true) & (true <= high)),
        interval_score=float(np.mean(high - low + 2 / 0.05 * missed)),
        cpu_s=cpu_s,
    )


def print_cases(cases: list[Case], found: dict[str, list[Score]]) -> None:
    heads = "  ".join(f"{name + ': error  inside   score  CPU s':>38}" for name in found)
    print(f"\n{'case':14} {heads}")
    for row, case in enumerate(cases):
        told = (scores[row] for scores in found.values())
        parts = (
            f"{one.error:14.3f} {np.mean(one.inside):7.2f} {one.interval_score:7.2f} {one.cpu_s:6.1f}" for one in told
        )
        print(f"{case.name:14} {'  '.join(f'{part:>38}' for part in parts)}")


def judge(cases: list[Case], found: dict[str, list[Score]]) -> None:
    """The bars that compare, per rival and on the cases of this run."""
    print()
    mine = found[OURS]
    for rival in (name for name in found if name != OURS):
        other = found[rival]
        error, score = (ratio(mine, other, key) for key in ("error", "interval_score"))
        line(f"ROI error against {rival}, geometric mean", error, "≤ 0.75", met=error <= 0.75)
        line(f"interval score against {rival}, geometric mean", score, "≤ 0.5", met=score <= 0.5)
        cheaper = min(there.cpu_s / here.cpu_s for here, there in zip(mine, other, strict=True))
        line(f"least times cheaper than {rival}", cheaper, "≥ 50", met=cheaper >= 50, form="{:.0f}")
    for name, scores in found.items():
        inside = np.mean([one for score in scores for one in score.inside])
        print(f"{name}: 95 % intervals hold {inside:.1%} of {sum(len(one.roi) for one in cases)} returns")
    rivals = [name for name in found if name != OURS]
    rows = [row for row, case in enumerate(cases) if case.name in SETS]
    if rivals and rows:
        worst = max(mine[row].error / min(found[name][row].error for name in rivals) for row in rows)
        line("six sets: worst against the best rival of this run", worst, "≤ 1.3", met=worst <= 1.3)


def ratio(mine: list[Score], other: list[Score], key: str) -> float:
    logs = [
        np.log(getattr(here, key) / max(getattr(there, key), 1e-9)) for here, there in zip(mine, other, strict=True)
    ]
    return float(np.exp(np.mean(logs)))


if __name__ == "__main__":
    main()
