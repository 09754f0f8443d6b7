"""Which histories can carry a forecast, and which part of them."""

from dataclasses import replace

import numpy as np

from ml.errors import BadFrame, CannotFit, ConstantRevenue, TooShort
from ml.forecast.options import FEWEST_DAYS, FEWEST_EARNING, FEWEST_WEEKS
from ml.frames import BoolArray, MarketingFrame

ABSURD_SPEND = 1000.0  # times a channel's usual spend
FAR_OUT_DEVIATIONS, FAR_OUT_TIMES = (
    40.0,
    20.0,
)  # robust deviations, and times the usual: the best Black Friday is nearer


def usable_history(frame: MarketingFrame) -> MarketingFrame:
    """The history from the first period with revenue on; what was before is left out with a warning, as are amounts so far
    from all others that they must be mistakes, such as 1e12.

    Raises `ConstantRevenue`, `TooShort` below 60 days or 26 weeks, `CannotFit` where hardly any period has revenue, and
    `BadFrame` for a spend of over 1,000 times its channel's usual, under which no effect could be learnt.
    """
    _refuse_absurd_spend(frame)
    seen = frame.revenue[frame.observed]
    if len(seen) and float(np.ptp(seen)) == 0:
        raise ConstantRevenue(float(seen[0]))
    earning = frame.revenue > 0
    if not earning.any():
        raise CannotFit("The revenue is never above zero.", "Check the sign of the revenue column.")
    history = _without_mistakes(_without_silent_start(frame, int(np.argmax(earning))))
    needed = FEWEST_DAYS if frame.cadence_days == 1 else FEWEST_WEEKS * 7
    if history.days < needed:
        raise TooShort(history.days, needed)
    if earning.sum() < FEWEST_EARNING:
        word = "days" if frame.cadence_days == 1 else "weeks"
        raise CannotFit(
            f"Only {earning.sum()} {word} have revenue; at least {FEWEST_EARNING} are needed.",
            "Import weekly totals, or wait until more sales have come in.",
        )
    return history


def _without_silent_start(frame: MarketingFrame, start: int) -> MarketingFrame:
    if start == 0:
        return frame
    note = f"The time before {frame.dates[start]} has no revenue and is left out."
    return replace(frame.slice(start), warnings=(*frame.warnings, note))


def _refuse_absurd_spend(frame: MarketingFrame) -> None:
    for name, spend in zip(frame.channels, frame.spend.T, strict=True):
        spent = spend[spend > 0]
        if len(spent) and spend.max() > ABSURD_SPEND * float(np.median(spent)):
            on = frame.dates[int(spend.argmax())]
            raise BadFrame(
                f"The spend of {name} on {on} is over {ABSURD_SPEND:,.0f} times the usual.",
                "Correct it and run this again.",
            )


def _without_mistakes(frame: MarketingFrame) -> MarketingFrame:
    far_out = _far_out(frame)
    notes = [
        f"The revenue of {on} is far outside the usual ({value:,.0f}). It was left out; correct it if it is a mistake."
        for on, value in zip(frame.dates[far_out], frame.revenue[far_out], strict=True)
    ]
    return replace(frame, observed=frame.observed & ~far_out, warnings=(*frame.warnings, *notes))


def _far_out(frame: MarketingFrame) -> BoolArray:
    """Periods beyond 40 robust deviations and 20 times the median of the periods with revenue, on either side of it."""
    earned = frame.revenue[frame.observed & (frame.revenue > 0)]
    usual = float(np.median(earned)) if len(earned) else 0.0
    deviation = 1.4826 * float(np.median(np.abs(earned - usual))) if len(earned) else 0.0
    limit = max(FAR_OUT_DEVIATIONS * deviation, FAR_OUT_TIMES * usual)
    far_out: BoolArray = frame.observed & (np.abs(frame.revenue - usual) > limit)
    return far_out
