"""The next best experiment: which channel to pause, halve or double, for how long, what that costs, and what it would tell.

Entry point: `next_experiment`. It only re-weights the draws of a fit, so that it takes milliseconds; what a test found comes
back into the fit as a `LiftWindow` (lift.py), see `ExperimentPlan.outcome`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ml.errors import BadOption
from ml.frames import FloatArray, MarketingFrame
from ml.mix.diagnose import usable_periods
from ml.mix.lift import LiftWindow
from ml.mix.results import Grade, MixFit, PosteriorDraws
from ml.mix.reweigh import expected_interval
from ml.saturation import hill

Action: TypeAlias = Literal["pause", "halve", "double"]

FACTORS: dict[Action, float] = {"pause": 0.0, "halve": 0.5, "double": 2.0}
MOST_WEEKS = 6
REFERENCE_DAYS = (
    56.0  # of undisturbed revenue before and after that a test is compared with: trend knots lie 28 days apart
)
LARGEST_RHO = 0.8
LEAST_NOISE = 0.003  # of mean revenue, as in the fit
CURVE_DOUBT = 0.4  # relative error of a change that is read from the curve rather than from a full stop
WORTH_IT, STILL_USEFUL, NOTHING_TOLD = 1 / 2, 1 / 4, 1 / 10  # shares of the interval that a test may take away
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
WEEKS = ("", "one week", "two weeks", "three weeks", "four weeks", "five weeks", "six weeks")


@dataclass(frozen=True)
class ExperimentPlan:
    """One test: spend `test_per_day` instead of `usual_per_day` for `weeks`.

    Amounts in currency over the whole test: `revenue_change` with its after-effects and `spend_change` are what is expected
    (below 0: less), `cost` is the sales given up (95 % range up to `cost_high`), or the extra spend of a doubling. The return's 95 % range is
    `roi_low`–`roi_high` now and `expected_low`–`expected_high` on average after; `shrink` is the share of its width that
    goes; `increment_sd` the standard error with which the change of revenue would be seen. `value` is the uncertainty
    that goes, in revenue per day, per unit of cost.
    """

    channel: str
    grade: Grade
    action: Action
    weeks: int
    usual_per_day: float
    test_per_day: float
    revenue_change: float
    spend_change: float
    cost: float
    cost_high: float
    roi_low: float
    roi_high: float
    expected_low: float
    expected_high: float
    shrink: float
    increment_sd: float
    value: float
    sentence: str

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)

    def outcome(self, *, starts_on: date, increment: float, increment_sd: float) -> LiftWindow:
        """What the test found, for `fit_mix(lift_tests=…)`: revenue was `increment` higher (below 0: lower) than usual, as a
        comparison outside the data showed. A test inside the data needs no entry: the next fit sees it."""
        return LiftWindow(
            channel=self.channel,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=7 * self.weeks - 1),
            increment=increment,
            increment_sd=increment_sd,
            otherwise_per_day=self.usual_per_day,
        )


@dataclass(frozen=True)
class NextExperiment:
    """`best` test or None, with the `reason`; `by_channel` the best of each channel, the most valuable first; `candidates` all."""

    best: ExperimentPlan | None
    reason: str
    by_channel: tuple[ExperimentPlan, ...]
    candidates: tuple[ExperimentPlan, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return {
            "best": None if self.best is None else self.best.to_dict(),
            "reason": self.reason,
            "by_channel": [plan.to_dict() for plan in self.by_channel],
        }


@dataclass(frozen=True, eq=False)
class _Noise:
    """Standard deviation of one day's revenue around the fit and its lag-one correlation."""

    sd: float
    rho: float

    def of_sum(self, days: FloatArray) -> FloatArray:
        """Standard error (W,) of the summed change over `days` (W,), the usual level being estimated from 56 other days."""
        memory = (1 + self.rho) / (1 - self.rho)
        spread: FloatArray = self.sd * np.sqrt(days * memory * (1 + days / REFERENCE_DAYS))
        return spread


@dataclass(frozen=True)
class _Change:
    """What a whole test changes, in currency: expected revenue, its lower 95 % end, and spend."""

    revenue: float
    least_revenue: float
    spend: float


def next_experiment(
    fit: MixFit,
    frame: MarketingFrame,
    *,
    channels: Sequence[str] | None = None,
    actions: Sequence[Action] = ("pause", "halve", "double"),
    most_weeks: int = MOST_WEEKS,
    largest_cost: float | None = None,
) -> NextExperiment:
    """The test whose result would narrow a return most for what it costs, among actions × `channels` × 1 … `most_weeks`.

    For every draw s of the fit the test would change revenue by d_s = Σ_t (r(A_t) − r(x)) over its days, r the channel's
    curve and A_t spend carried over from the usual x to the test's level. A simulated result y = d_s′ + e with
    e ~ N(0, σ²_D), σ²_D = σ² D (1 + ρ)/(1 − ρ)(1 + D/56) from the residuals of `fit` on `frame` (and, but for a pause, up to 40 % of the
    change for what is read from the curve), gives the draws the weights
    w_s ∝ exp(−(y − d_s)²/2σ²_D); the expected interval is the weighted one, averaged over results spread evenly (`reweigh.py`).
    Among channels not yet reliable, tests within `largest_cost` that take away half of the interval compete by uncertainty
    removed (width × spend per day) per cost; where none does, those that take away a quarter. `best` is None
    where nothing is left to measure or no test takes away a tenth.
    Raises `BadOption` for an unknown channel or action, weeks outside 1 … 6, or a frame with other channels than the fit.
    Source: expected value of sample information by importance weights (Raiffa and Schlaifer, 1961; Kish, 1965).
    """
    _check(fit, frame, channels, actions, most_weeks)
    noise = _noise_of(fit, frame)
    wanted = [name for name in channels or fit.names if fit.channel(name).current_per_day > 0]
    candidates = [plan for name in wanted for plan in _plans(fit, name, tuple(actions), most_weeks, noise)]
    affordable = [plan for plan in candidates if largest_cost is None or plan.cost <= largest_cost]
    by_channel = _best_of_each(affordable)
    best, reason = _choose(by_channel)
    return NextExperiment(best, reason, by_channel, tuple(candidates))


def _plans(fit: MixFit, name: str, actions: tuple[Action, ...], most_weeks: int, noise: _Noise) -> list[ExperimentPlan]:
    """All candidates of one channel."""
    index, usual = fit.index(name), fit.channel(name).current_per_day
    draws = PosteriorDraws(*(getattr(fit.draws, field)[:, [index]] for field in fit.draws.__dataclass_fields__))
    factors = np.array([FACTORS[action] for action in actions])
    days = np.arange(7.0, 7.0 * most_weeks + 1, 7.0)
    change = _changes(draws, usual, factors, most_weeks)
    doubt = CURVE_DOUBT * np.minimum(factors, 1.0)[:, None] * np.abs(change.mean(-1))
    error = np.hypot(noise.of_sum(days), doubt)
    low, high, shrink = expected_interval(draws.roi[:, 0], change, error)
    steady = draws.response((np.array([1.0, *factors]) * usual)[None])[:, 0]
    per_day = steady[:, 1:] - steady[:, :1]
    least, mean = np.quantile(per_day, 0.025, axis=0), per_day.mean(0)
    plans = []
    for a, action in enumerate(actions):
        for w in range(most_weeks):
            change_of = _Change(
                revenue=float(days[w] * mean[a]),
                least_revenue=float(days[w] * least[a]),
                spend=float(days[w] * (factors[a] - 1) * usual),
            )
            ends = (float(low[a, w]), float(high[a, w]))
            plans.append(_described(fit, name, action, w + 1, change_of, ends, float(shrink[a, w]), float(error[a, w])))
    return plans


def _changes(draws: PosteriorDraws, usual: float, factors: FloatArray, most_weeks: int) -> FloatArray:
    """Change of revenue d (A, W, S) over the first 1 … W weeks of a test, per action's factor and draw.

    After t days at f · x the carried-over spend is x (1 + (f − 1)(1 − qᵗ⁺¹)), q = m / (1 + m) of the mean lag m in days.
    """
    keep = draws.mean_lag_days[:, 0] / (1 + draws.mean_lag_days[:, 0])
    built_up = 1 - keep[:, None] ** np.arange(1, 7 * most_weeks + 1)
    level = usual * (1 + (factors[:, None, None] - 1) * built_up)
    top, half, slope = (values[:, 0, None] for values in (draws.top, draws.half, draws.slope))
    daily = top * (hill(level, half, slope) - hill(usual, half, slope))
    total: FloatArray = np.cumsum(daily, axis=2)[:, :, 6::7].transpose(0, 2, 1)
    return total


def _described(
    fit: MixFit,
    name: str,
    action: Action,
    weeks: int,
    change: _Change,
    ends: tuple[float, float],
    shrink: float,
    increment_sd: float,
) -> ExperimentPlan:
    channel = fit.channel(name)
    cost = max(change.spend, 0.0) if action == "double" else max(-change.revenue, 0.0)
    narrowed = shrink * (channel.roi_high - channel.roi_low) * channel.current_per_day
    return ExperimentPlan(
        channel=name,
        grade=channel.grade,
        action=action,
        weeks=weeks,
        usual_per_day=round(channel.current_per_day, 2),
        test_per_day=round(channel.current_per_day * FACTORS[action], 2),
        revenue_change=change.revenue,
        spend_change=change.spend,
        cost=cost,
        cost_high=cost if action == "double" else max(-change.least_revenue, 0.0),
        roi_low=channel.roi_low,
        roi_high=channel.roi_high,
        expected_low=ends[0],
        expected_high=ends[1],
        shrink=shrink,
        increment_sd=increment_sd,
        value=narrowed / max(cost, 0.5 * channel.current_per_day * weeks),
        sentence=_sentence(fit, name, action, weeks, cost, ends),
    )


def _sentence(fit: MixFit, name: str, action: Action, weeks: int, cost: float, ends: tuple[float, float]) -> str:
    """The proposal in plain words."""
    channel = fit.channel(name)
    unit = "in extra spend" if action == "double" else "in sales"
    span = f"{_plain(channel.roi_low)}–{_plain(channel.roi_high)} to about {_plain(ends[0])}–{_plain(ends[1])}"
    return (
        f"{action.capitalize()} {name} for {WEEKS[weeks]}. It costs about {_money(cost, fit.currency)} {unit} "
        f"and would narrow its return from {span}."
    )


def _best_of_each(plans: Sequence[ExperimentPlan]) -> tuple[ExperimentPlan, ...]:
    """Per channel the most valuable test that takes away half, or else a quarter, or else the one that takes away most."""
    best: dict[str, ExperimentPlan] = {}
    for plan in plans:
        if plan.channel not in best or _rank(plan) > _rank(best[plan.channel]):
            best[plan.channel] = plan
    return tuple(sorted(best.values(), key=_rank, reverse=True))


def _rank(plan: ExperimentPlan) -> tuple[int, float]:
    level = (plan.shrink >= STILL_USEFUL) + (plan.shrink >= WORTH_IT)
    return level, plan.value if level else plan.shrink


def _choose(by_channel: Sequence[ExperimentPlan]) -> tuple[ExperimentPlan | None, str]:
    open_questions = [plan for plan in by_channel if plan.grade != "reliable"]
    if not by_channel:
        return None, "No channel that spends today can be tested at this cost."
    if not open_questions:
        return None, "Every channel is measured well enough. No test is needed now."
    best = open_questions[0]
    if best.shrink < NOTHING_TOLD:
        return None, "Sales go up and down too much for a test of up to six weeks to tell more."
    return best, best.sentence


def _noise_of(fit: MixFit, frame: MarketingFrame) -> _Noise:
    """The noise of one day from the residuals of the fit; weekly residuals are spread over their days."""
    usable = usable_periods(frame)
    left = (frame.revenue - fit.fitted)[usable]
    sd = max(float(left.std()), LEAST_NOISE * float(np.mean(np.abs(frame.revenue[usable]))))
    rho = float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300) + 3 / len(left)
    return _Noise(sd / np.sqrt(frame.cadence_days), float(np.clip(rho, 0.0, LARGEST_RHO)))


def _check(
    fit: MixFit, frame: MarketingFrame, channels: Sequence[str] | None, actions: Sequence[Action], most_weeks: int
) -> None:
    if frame.channels != fit.names or frame.periods != len(fit.dates):
        raise BadOption("The data are not those of this fit.", "Give the data that the fit was made from.")
    for name in channels or ():
        if name not in fit.names:
            raise BadOption(f"There is no channel {name} in this fit.", f"Use one of: {', '.join(fit.names)}.")
    unknown = [action for action in actions if action not in get_args(Action)]
    if unknown or not actions:
        raise BadOption(f"A test cannot {', '.join(unknown) or 'do nothing'}.", "Use pause, halve or double.")
    if not 1 <= most_weeks <= MOST_WEEKS:
        raise BadOption(f"A test of {most_weeks} weeks is not possible.", f"Use 1 to {MOST_WEEKS} weeks.")


def _plain(value: float) -> str:
    return "0" if value < 0.05 else f"{value:.1f}"


def _money(amount: float, currency: str) -> str:
    """Two significant figures with the currency's sign."""
    digits = 1 - int(np.floor(np.log10(amount))) if amount > 0 else 0
    return f"{SIGNS.get(currency, f'{currency} ')}{round(amount, digits):,.{max(digits, 0)}f}"
