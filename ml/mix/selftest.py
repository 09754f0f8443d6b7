"""How good is this on data like yours? Businesses simulated from the fit, with the same spend, are fitted again and scored.

Entry point: `selftest`. It is a parametric bootstrap: the truth of every simulated business is a draw of the posterior.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from scipy.signal import lfilter

from ml.adstock import carry_over, lag_weights
from ml.errors import BadOption, CannotFit, NothingScored
from ml.frames import BoolArray, FloatArray, MarketingFrame
from ml.mix.design import FREE, baseline_design
from ml.mix.diagnose import usable_periods
from ml.mix.fit import MixOptions, fit_mix
from ml.mix.identify import FREE_PRECISION, GROUP_SD, left_over
from ml.mix.intervals import narrowest_interval
from ml.mix.results import MixFit
from ml.saturation import hill

Progress: TypeAlias = Callable[[float, str], None]

LAG_SHAPE = 0.27  # the centre of the fit's prior; the compact draws do not carry it
KERNEL_DAYS = 84
LARGEST_RHO = 0.8
WARM_UP = 50
LEAST_ROUNDS, MOST_ROUNDS = 2, 200
SMALL_RETURN = (
    0.1  # of the median return: the error of a return below is measured against this, as x % of nothing says nothing
)
DEFAULT_ROUNDS = 20


@dataclass(frozen=True)
class ChannelSelfTest:
    """One channel over all rounds: shares of rounds whose 95 % and 80 % ranges held the truth, the median of
    |found − true| / true, and how often each grade was given."""

    channel: str
    covered_95: float
    covered_80: float
    typical_error: float
    graded_reliable: float
    graded_cannot_tell: float


@dataclass(frozen=True)
class SelfTest:
    """All rounds: `rounds` scored and `failed` (the fit refused); over all channels and rounds the shares covered, the median
    error, that of channels graded reliable (None where there is none), and by channel. `sentence` says it in words."""

    rounds: int
    failed: int
    covered_95: float
    covered_80: float
    typical_error: float
    reliable_error: float | None
    channels: tuple[ChannelSelfTest, ...]
    sentence: str
    cancelled: bool = False

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Source:
    """What rounds are simulated from: the fit, its data, the residuals' innovations and their memory ρ, the baseline's columns."""

    fit: MixFit
    frame: MarketingFrame
    innovations: FloatArray
    rho: float
    columns: FloatArray
    precision: FloatArray

    def business(self, draw: int, rng: np.random.Generator) -> tuple[MarketingFrame, FloatArray]:
        """One simulated history and its true ROI (C,)."""
        effect = self._effect(draw)
        rest = self.fit.fitted - effect.sum(1)
        baseline = rest - left_over(self.columns, self.precision, rest)
        shocks = rng.choice(self.innovations, self.frame.periods + WARM_UP)
        noise = lfilter([1.0], [1.0, -self.rho], shocks)[WARM_UP:]
        revenue = np.where(self.frame.observed, baseline + effect.sum(1) + noise, 0.0)
        return replace(self.frame, revenue=revenue), effect.sum(0) / self.frame.spend.sum(0)

    def _effect(self, draw: int) -> FloatArray:
        """Contribution per period (n, C) under one posterior draw, at the frame's own spend."""
        draws, cadence = self.fit.draws, self.frame.cadence_days
        columns = []
        for c, spend in enumerate(self.frame.spend.T / cadence):
            weights = lag_weights(float(draws.mean_lag_days[draw, c]) / cadence, LAG_SHAPE, KERNEL_DAYS // cadence)
            carried = carry_over(spend, weights, before=float(spend[: max(28 // cadence, 4)].mean()))
            level = hill(np.maximum(carried, 0.0), draws.half[draw, c], draws.slope[draw, c])
            columns.append(cadence * draws.top[draw, c] * level)
        return np.column_stack(columns)


def selftest(
    fit: MixFit,
    frame: MarketingFrame,
    *,
    n: int = DEFAULT_ROUNDS,
    seed: int = 0,
    options: MixOptions | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SelfTest:
    """Simulate `n` businesses from `fit` with the spend of `frame`, fit each again, and compare with their known truth.

    Round k draws parameters θ from the posterior and sets revenue = baseline + Σ_c top hill(adstock(spend_c)) + noise: the
    baseline is what its columns (trend, weekday, season, events) can take up of the fitted revenue without that media; the
    noise is AR(1) from resampled innovations of the residuals. True ROI = Σ contribution / Σ spend. Each refit uses `options` and seed + k.
    `progress` is told the share done and a sentence; `cancelled` is asked before every round, and the rounds done by then
    are scored. Raises `BadOption` for n outside 2 … 200 or a frame that is not the fit's, `NothingScored` where no round
    could be fitted or it was stopped before the first.
    It shows what noise and overlap of *these* data do to the answer; truths that the model cannot express are not among
    the simulated ones. Source: parametric bootstrap (Efron and Tibshirani, 1993); coverage as in Talts et al. (2018).
    """
    if not LEAST_ROUNDS <= n <= MOST_ROUNDS:
        raise BadOption(f"{n} rounds are not possible.", f"Use {LEAST_ROUNDS} to {MOST_ROUNDS} rounds.")
    if frame.channels != fit.names or frame.periods != len(fit.dates):
        raise BadOption("The data are not those of this fit.", "Give the data that the fit was made from.")
    source, rng = _source(fit, frame), np.random.default_rng(seed)
    draws = rng.permutation(np.linspace(0, len(fit.draws.roi) - 1, n).round().astype(int))
    scores: list[_Score] = []
    failed = 0
    for k, draw in enumerate(draws):
        if cancelled is not None and cancelled():
            return _scored(fit, scores, failed, cancelled=True)
        if progress is not None:
            progress(k / n, f"Simulated business {k + 1} of {n}")
        history, truth = source.business(int(draw), rng)
        try:
            scores.append(_score(fit_mix(history, seed=seed + k, options=options), truth))
        except CannotFit:
            failed += 1
    if progress is not None:
        progress(1.0, "Done")
    return _scored(fit, scores, failed, cancelled=False)


def _source(fit: MixFit, frame: MarketingFrame) -> _Source:
    usable = usable_periods(frame)
    design = baseline_design(frame.dates, frame.cadence_days, events=frame.events)
    left = (frame.revenue - fit.fitted)[usable]
    rho = float(np.clip(left[1:] @ left[:-1] / max(float(left @ left), 1e-300), 0.0, LARGEST_RHO))
    innovations = left[1:] - rho * left[:-1]
    used = 3 * len(fit.names) + 6 + frame.days // 28
    freedom = np.sqrt(len(left) / max(len(left) - used, 0.5 * len(left)))
    return _Source(
        fit=fit,
        frame=frame,
        innovations=(innovations - innovations.mean()) * freedom,
        rho=rho,
        columns=design.columns,
        precision=np.where(design.group == FREE, FREE_PRECISION, GROUP_SD**-2),
    )


@dataclass(frozen=True, eq=False)
class _Score:
    """One round, each (C,): truth inside the 95 % and 80 % range, relative error, grade."""

    inside_95: BoolArray
    inside_80: BoolArray
    error: FloatArray
    grades: tuple[str, ...]


def _score(found: MixFit, truth: FloatArray) -> _Score:
    low, high = (np.array([getattr(channel, end) for channel in found.channels]) for end in ("roi_low", "roi_high"))
    low_80, high_80 = narrowest_interval(found.draws.roi, 0.8)
    point = np.array([channel.roi_mean for channel in found.channels])
    base = np.maximum(truth, SMALL_RETURN * max(float(np.median(truth)), 1e-300))
    return _Score(
        inside_95=(low <= truth) & (truth <= high),
        inside_80=(low_80 <= truth) & (truth <= high_80),
        error=np.abs(point - truth) / base,
        grades=tuple(channel.grade for channel in found.channels),
    )


def _scored(fit: MixFit, scores: list[_Score], failed: int, *, cancelled: bool) -> SelfTest:
    if not scores:
        raise NothingScored(failed)
    inside_95, inside_80, errors = (
        np.array([getattr(score, name) for score in scores]) for name in ("inside_95", "inside_80", "error")
    )
    grades = np.array([score.grades for score in scores])
    reliable = errors[grades == "reliable"]
    covered, error = float(inside_95.mean()), float(np.median(errors))
    reliable_error = float(np.median(reliable)) if reliable.size else None
    return SelfTest(
        rounds=len(scores),
        failed=failed,
        covered_95=covered,
        covered_80=float(inside_80.mean()),
        typical_error=error,
        reliable_error=reliable_error,
        channels=tuple(
            ChannelSelfTest(
                channel=name,
                covered_95=float(inside_95[:, c].mean()),
                covered_80=float(inside_80[:, c].mean()),
                typical_error=float(np.median(errors[:, c])),
                graded_reliable=float((grades[:, c] == "reliable").mean()),
                graded_cannot_tell=float((grades[:, c] == "cannot_tell").mean()),
            )
            for c, name in enumerate(fit.names)
        ),
        sentence=_sentence(covered, error, reliable_error),
        cancelled=cancelled,
    )


def _sentence(covered: float, error: float, reliable_error: float | None) -> str:
    said = (
        f"On shops like yours the 95 % range holds the truth in {round(20 * covered)} of 20 cases; "
        f"a typical error is {100 * error:.0f} %"
    )
    if reliable_error is None:
        return f"{said}."
    return f"{said}, and {100 * reliable_error:.0f} % where a channel is graded reliable."
