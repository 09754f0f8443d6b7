"""An analyst's settings → the numeric core's options, and a country's holidays."""

from dataclasses import replace
from datetime import date

import holidays
import numpy as np

from app.mix.countries import require_country
from app.mix.schemas import Delay, ModelOptions
from ml.frames import Event, MarketingFrame
from ml.mix.fit import MixOptions
from ml.mix.posterior import Priors

# Centre and spread of the kernel's shape on its logit scale: far below 0 is strongest at once, far above is strongest later.
_SHAPES = {Delay.AT_ONCE: (-4.0, 0.4), Delay.LATER: (1.5, 0.8)}


def mix_options(asked: ModelOptions, frame: MarketingFrame) -> MixOptions:
    """The options of a fit to this history."""
    return MixOptions(priors=_priors(asked), holidays=country_holidays(asked.holidays, frame))


def country_holidays(country: str, frame: MarketingFrame) -> tuple[Event, ...]:
    """The public holidays of a country within a history; none without a country. Raises InvalidInput for an unknown one."""
    if not country:
        return ()
    require_country(country, "holidays")
    first, last = (day.astype(object) for day in (frame.dates[0], frame.dates[-1]))
    found = holidays.country_holidays(country, years=range(first.year, last.year + 1), language="en_US")
    return tuple(Event(on=on, name=name) for on, name in sorted(_within(dict(found), first, last).items()))


def _within(found: dict[date, str], first: date, last: date) -> dict[date, str]:
    return {on: name for on, name in found.items() if first <= on <= last}


def _priors(asked: ModelOptions) -> Priors:
    usual = Priors()
    found = usual
    if asked.typical_return is not None or asked.return_spread is not None:
        centre = usual.log_roi_scale[0] if asked.typical_return is None else float(np.log(asked.typical_return))
        found = replace(found, log_roi_scale=(centre, asked.return_spread or usual.log_roi_scale[1]))
    if asked.typical_lag_days is not None:
        found = replace(found, log_lag_days=(float(np.log(asked.typical_lag_days)), usual.log_lag_days[1]))
    if asked.half_level is not None:
        found = replace(found, log_half=(float(np.log(asked.half_level)), usual.log_half[1]))
    if asked.slope is not None:
        found = replace(found, log_slope=(float(np.log(asked.slope)), usual.log_slope[1]))
    if asked.delay in _SHAPES:
        found = replace(found, logit_shape=_SHAPES[asked.delay])
    return found
