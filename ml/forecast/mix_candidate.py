"""The mix model as a candidate: its baseline and its response curves at the most probable parameters, carried ahead.

It shares every assumption with the attribution of `ml.mix`, so that where it is used, forecast, what-if and attribution
are one engine. It looks for the mode only; the full posterior would cost seconds per origin and move the middle little.
"""

from dataclasses import dataclass, replace

import numpy as np

from ml.errors import CannotFit
from ml.forecast.calendar_columns import own_events, public_holidays
from ml.forecast.options import MIX
from ml.forecast.problem import Problem
from ml.forecast.result import Components
from ml.forecast.structural import damped
from ml.frames import BoolArray, FloatArray, MarketingFrame
from ml.mix.design import Design, baseline_design
from ml.mix.fit import MixOptions, build_problem
from ml.mix.media import MediaBasis
from ml.mix.mode import Mode, find_mode

NEXT_TO_NOTHING = 1e-3
DAMPING = 0.98  # per day
GROUPS = ("trend", "weekday", "year")  # what the names of the baseline's columns begin with; the rest are events


class NothingSpentYet(CannotFit):
    """No channel has spend in the days that the mix model would learn from."""

    def __init__(self) -> None:
        super().__init__(
            "The mix model needs a channel with spend in all of the past it is tried on.", "Use the structural model."
        )


@dataclass(frozen=True, eq=False)
class MixCurveFit:
    """A mode of the mix model on one past: `kept` (C,) tells the channels with spend, `design` covers n + h periods."""

    mode: Mode
    kept: BoolArray
    design: Design
    model: str = MIX

    def middle(self, problem: Problem) -> FloatArray:
        """Σ baseline columns + Σ channels' curves, (n + h,), see `Fit`."""
        added: FloatArray = self._baseline().sum(0) + self._media(problem).sum(0)
        return np.maximum(added, 0.0)

    def components(self, problem: Problem, smear: float) -> Components:
        """See `Fit`; the model is additive, so its parts are as they stand. What 0 cuts off counts as trend."""
        trend, weekly, yearly, events = self._baseline()
        spend = self._media(problem).sum(0)
        trend = self.middle(problem) - weekly - yearly - events - spend
        return Components(problem.dates, *(smear * part for part in (trend, weekly, yearly, events, spend)))

    def silent_channels(self, problem: Problem) -> list[str]:
        """See `Fit`: channels with less than 0.1 % of the past's revenue. The mix model's effects are never exactly 0."""
        added = self._media(problem)[:, : problem.history].sum(1)
        least = NEXT_TO_NOTHING * float(self.middle(problem)[: problem.history].sum())
        kept = [name for name, is_kept in zip(problem.past.channels, self.kept, strict=True) if is_kept]
        return [name for name, amount in zip(kept, added, strict=True) if amount < least]

    def _baseline(self) -> FloatArray:
        """Trend with the level, weekday, year and events in currency units, (4, n + h).

        After the history each day's step of the trend is 0.98 times the last: on simulated shops that beat a straight line.
        """
        posterior = self.mode.posterior
        coefficients = posterior.baseline.coefficients(posterior.revenue - posterior.media(self.mode.z))
        terms = self.design.columns * coefficients * posterior.basis.revenue_scale
        group = np.array([_group(name) for name in self.design.names])
        parts = np.stack([terms[:, group == index].sum(1) for index in range(4)])
        trend, history, cadence_days = parts[0], len(posterior.revenue), posterior.basis.cadence_days
        ahead_days = cadence_days * (np.arange(len(trend) - history) + 1.0)
        trend[history:] = trend[history - 1] + _last_step(trend, history) / cadence_days * damped(ahead_days, DAMPING)
        return parts

    def _media(self, problem: Problem) -> FloatArray:
        """What each kept channel adds in currency units, (kept channels, n + h)."""
        basis, z = self.mode.posterior.basis, self.mode.z[None]
        spend = np.vstack([problem.past.spend, problem.ahead])[:, self.kept]
        whole = MediaBasis(
            spend, basis.cadence_days, basis.revenue_scale, usual_spend=basis.usual_spend, first_weeks=basis.first_weeks
        )
        added: FloatArray = basis.terms(z).top * whole.terms(z).share[:, 0] * basis.revenue_scale
        return added


def fit_mix_curves(problem: Problem) -> MixCurveFit:
    """The mode of the mix model (see `ml.mix.posterior`) on the problem's past.

    revenueₜ = trendₜ + weekdayₜ + yearₜ + eventsₜ + Σ_c top_c · hill(adstock(spend_c))ₜ + noise. The baseline's columns are
    laid out over history and horizon at once; what was never seen keeps the coefficient 0.
    Raises `NothingSpentYet`.
    """
    past = problem.past
    kept = past.spend.sum(0) > 0
    if not kept.any():
        raise NothingSpentYet
    design = baseline_design(
        problem.dates,
        past.cadence_days,
        events=own_events(problem.dates, past.events),
        holidays=public_holidays(problem.dates, problem.country) if problem.country else (),
    )
    seen = Design(design.columns[: past.periods], design.group, design.names)
    mix = replace(build_problem(_spending(past, kept), options=MixOptions()), design=seen)
    mode = find_mode(mix, rng=np.random.default_rng(0), starts=1)
    return MixCurveFit(mode, kept, design)


def _last_step(trend: FloatArray, history: int) -> float:
    return float(trend[history - 1] - trend[history - 2])


def _spending(past: MarketingFrame, kept: BoolArray) -> MarketingFrame:
    names = tuple(name for name, is_kept in zip(past.channels, kept, strict=True) if is_kept)
    return replace(past, channels=names, spend=past.spend[:, kept])


def _group(column: str) -> int:
    """0 trend, 1 weekday, 2 year, 3 events, by the name of a baseline's column."""
    if column in ("intercept", "line"):
        return 0
    return next((index for index, name in enumerate(GROUPS) if column.startswith(f"{name} ")), len(GROUPS))
