"""Which histories can carry a forecast, and which part of them."""

from dataclasses import replace

import numpy as np

from ml.errors import CannotFit, ConstantRevenue, TooShort
from ml.forecast.options import FEWEST_DAYS, FEWEST_EARNING, FEWEST_WEEKS
from ml.frames import MarketingFrame


def usable_history(frame: MarketingFrame) -> MarketingFrame:
    """The history from the first period with revenue on; what was before is left out with a warning.

    Raises `ConstantRevenue`, `TooShort` below 60 days or 26 weeks, and `CannotFit` where hardly any period has revenue.
    """
    seen = frame.revenue[frame.observed]
    if len(seen) and float(np.ptp(seen)) == 0:
        raise ConstantRevenue(float(seen[0]))
    earning = frame.revenue > 0
    if not earning.any():
        raise CannotFit("The revenue is never above zero.", "Check the sign of the revenue column.")
    history = _without_silent_start(frame, int(np.argmax(earning)))
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
