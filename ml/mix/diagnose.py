"""Can the data carry an answer? Checks before the fit, and a grade per channel after it."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from ml.adstock import carry_over, lag_weights
from ml.errors import (
    BadFrame,
    CollinearChannels,
    ConstantRevenue,
    NoNetRevenue,
    NoSpend,
    NoVariation,
    TooFewChannels,
    TooShort,
)
from ml.frames import BoolArray, FloatArray, MarketingFrame
from ml.mix.results import Grade

LEAST_DAYS = 60
LEAST_CHANNELS = 2
STEADY = 0.01  # coefficient of variation under which spend counts as unchanging
SAME_COURSE = 0.98  # correlation of adstocked spend from which two channels cannot be told apart
FAR_OUT = 40.0  # robust standard deviations from the median from which a period's revenue is taken for a mistake
ABSURD_SPEND = 1000.0  # times a channel's usual spend
LEAST_NET_REVENUE = 0.2  # of the sum of all amounts, sales and refunds taken alike
LEVEL_BREAK = 3.0
RELIABLE_SPREAD = 0.2
CANNOT_TELL_SPREAD = 0.6


def check_data(frame: MarketingFrame) -> tuple[str, ...]:
    """Warnings to show beside the answer, the frame's own included.

    Raises `TooShort` under 60 days, `NoSpend`, `TooFewChannels` under two channels, `ConstantRevenue`, `NoNetRevenue`, `NoVariation` where
    no channel's spend changes, `CollinearChannels` where all channels move as one, and `BadFrame` where a spend is so far
    from the rest that it must be a mistake.
    """
    if frame.days < LEAST_DAYS:
        raise TooShort(frame.days, LEAST_DAYS)
    frame = spending(frame)
    if not frame.channels:
        raise NoSpend
    if len(frame.channels) < LEAST_CHANNELS:
        raise TooFewChannels(frame.channels, LEAST_CHANNELS)
    _refuse_constant_revenue(frame)
    _refuse_absurd_spend(frame)
    steady = _steady_channels(frame)
    if len(steady) == len(frame.channels):
        raise NoVariation(steady)
    pairs = _same_course(frame)
    _refuse_one_course(frame, pairs)
    return (*frame.warnings, *_cautions(frame, steady, pairs))


def spending(frame: MarketingFrame) -> MarketingFrame:
    """The frame without channels that spent nothing in it (one that starts later, say), which its warnings then name."""
    seen = frame.spend.sum(0) > 0
    if seen.all():
        return frame
    idle = [name for name, kept in zip(frame.channels, seen, strict=True) if not kept]
    notes = [f"{name} has no spend in this period and was left out." for name in idle]
    channels = tuple(name for name, kept in zip(frame.channels, seen, strict=True) if kept)
    return replace(frame, channels=channels, spend=frame.spend[:, seen], warnings=(*frame.warnings, *notes))


def usable_periods(frame: MarketingFrame) -> BoolArray:
    """Periods (n,) whose revenue counts: those that had rows, without values that must be mistakes (such as 1e12)."""
    return frame.observed & ~_far_out(frame)


def grade_channel(
    roi: FloatArray, roi_low: float, evidence: float, *, days: int, settled: bool = True, steady_level: bool = True
) -> tuple[Grade, str]:
    """Grade and reason for one channel from its ROI draws (S,), the interval's lower end and the evidence (see results).

    The spread is the robust standard deviation of log ROI. Up to 0.2 the error stays under a quarter in most simulated
    businesses; from 0.6 on, or where no effect at all cannot be excluded, the point estimate is mostly prior. Nothing is
    told where the chains have not `settled`, and nothing is reliable across a break in the level of revenue.
    """
    if not settled:
        return "cannot_tell", "The calculation did not settle on these data."
    upper, lower = np.quantile(np.log(np.maximum(roi, 1e-12)), [0.84, 0.16])
    spread = float(upper - lower) / 2
    if roi_low <= 0:
        return "cannot_tell", "The data do not rule out that this channel brings nothing."
    if spread >= CANNOT_TELL_SPREAD or evidence < 0.3:
        return "cannot_tell", "Its spend moved too little, or too much like the rest, to tell its effect."
    if spread <= RELIABLE_SPREAD and days >= 120 and not steady_level:
        return "uncertain", "Revenue changes its level abruptly in this period, which blurs what the channel did."
    if spread <= RELIABLE_SPREAD and days >= 120:
        return "reliable", "Its spend moved on its own often enough to measure the effect."
    return "uncertain", "The direction is clear, the size is not."


def _refuse_constant_revenue(frame: MarketingFrame) -> None:
    revenue = frame.revenue[usable_periods(frame)]
    if len(revenue) < 2 or float(np.std(revenue)) <= 1e-9 * max(float(np.mean(np.abs(revenue))), 1e-300):
        raise ConstantRevenue(float(revenue[0]) if len(revenue) else 0.0)
    if float(revenue.sum()) <= LEAST_NET_REVENUE * float(np.abs(revenue).sum()):
        raise NoNetRevenue(float(revenue.sum()))


def level_break(frame: MarketingFrame) -> tuple[str, float] | None:
    """First day and factor of the largest jump of revenue between two neighbouring four-week medians, if it is three-fold."""
    width = max(28 // frame.cadence_days, 4)
    usable = usable_periods(frame)
    revenue, dates = frame.revenue[usable], frame.dates[usable]
    if len(revenue) < 2 * width:
        return None
    medians = np.median(np.lib.stride_tricks.sliding_window_view(revenue, width), axis=1)
    before, after = medians[:-width], medians[width:]
    if (medians <= 0).any():
        return None
    jumps = after / before
    place = int(np.argmax(np.abs(np.log(jumps))))
    factor = float(jumps[place])
    return (str(dates[place + width]), factor) if max(factor, 1 / factor) >= LEVEL_BREAK else None


def _refuse_absurd_spend(frame: MarketingFrame) -> None:
    for name, spend in zip(frame.channels, frame.spend.T, strict=True):
        usual = float(np.median(spend[spend > 0]))
        period = int(np.argmax(spend))
        if spend[period] > ABSURD_SPEND * usual:
            raise BadFrame(
                f"The spend of {name} on {frame.dates[period]} is {spend[period]:,.0f}, against {usual:,.0f} usually.",
                "Correct the amount if it is a typing mistake, or a change of currency, and run this again.",
            )


def _steady_channels(frame: MarketingFrame) -> list[str]:
    variation = frame.spend.std(0) / frame.spend.mean(0)
    return [name for name, value in zip(frame.channels, variation, strict=True) if value < STEADY]


def _same_course(frame: MarketingFrame) -> list[tuple[str, str]]:
    weights = lag_weights(3.0 / frame.cadence_days, 0.0, max(28 // frame.cadence_days, 4))
    carried = np.array([carry_over(spend, weights, before=float(spend[0])) for spend in frame.spend.T])
    moving = [index for index in range(len(carried)) if np.std(carried[index]) > STEADY * np.mean(carried[index])]
    together = np.atleast_2d(np.corrcoef(carried[moving])) if moving else np.zeros((0, 0))
    return [
        (frame.channels[moving[first]], frame.channels[moving[second]])
        for first, second in combinations(range(len(moving)), 2)
        if abs(together[first, second]) >= SAME_COURSE
    ]


def _refuse_one_course(frame: MarketingFrame, pairs: list[tuple[str, str]]) -> None:
    """Refuse where every pair of channels runs the same course, so that there is nothing to tell apart."""
    count = len(frame.channels)
    if len(pairs) == count * (count - 1) // 2:
        raise CollinearChannels(pairs)


def _cautions(frame: MarketingFrame, steady: list[str], pairs: list[tuple[str, str]]) -> list[str]:
    notes = [f"The spend of {name} never changes, so its effect cannot be told." for name in steady]
    notes += [f"{first} and {second} rise and fall together. Only their sum can be told." for first, second in pairs]
    if frame.days < 180:
        notes.append(f"{frame.days} days are little for this. Half a year or more makes the answer firmer.")
    if (jump := level_break(frame)) is not None:
        change = f"rises to {jump[1]:.1f} times" if jump[1] > 1 else f"falls to {jump[1]:.0%} of"
        notes.append(
            f"Revenue {change} its level around {jump[0]}. If the currency or the tracking changed, correct that first."
        )
    notes += [
        f"The revenue of {on} is far outside the usual ({value:,.0f}). It was left out; correct it if it is a mistake."
        for on, value in zip(frame.dates[_far_out(frame)], frame.revenue[_far_out(frame)], strict=True)
    ]
    return notes


def _far_out(frame: MarketingFrame) -> BoolArray:
    known = frame.revenue[frame.observed]
    middle = float(np.median(known))
    spread = 1.4826 * float(np.median(np.abs(known - middle)))
    limit = FAR_OUT * max(spread, 0.1 * abs(middle))
    far: BoolArray = (
        frame.observed & (np.abs(frame.revenue - middle) > limit) if limit > 0 else np.zeros_like(frame.observed)
    )
    return far
