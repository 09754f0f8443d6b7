"""A lift test by region: rows of days into the numeric core's table, its answer and refusals into the product's."""

import numpy as np

from app.experiments.schemas import RegionsReply, RegionsRequest, RegionWeight
from app.experiments.service import asked, complaint
from ml.experiments import RegionReading, analyse_regions

MOST_DAYS = 1100


def read_regions(request: RegionsRequest, *, currency: str) -> RegionsReply:
    """What a change of spend in some regions did, beside those in which nothing changed. Raises InvalidInput that names the field."""
    days = _require_days(request)
    first, last = ((day - request.first_day).days for day in (request.starts_on, request.ends_on))
    if not 0 <= first <= last < days:
        raise complaint("The days of the change must lie within the days that were told.", "starts_on")
    reading = asked(
        "treated",
        lambda: analyse_regions(
            np.array(list(request.revenue.values()), float).T,
            list(request.revenue),
            treated=request.treated,
            first=first,
            last=last,
            spend_change=request.spend_change,
            currency=currency,
        ),
    )
    return _reply(reading, currency)


def _require_days(request: RegionsRequest) -> int:
    lengths = {len(days) for days in request.revenue.values()}
    if len(lengths) != 1:
        raise complaint("Tell the same days of every region, with 0 where nothing was sold.", "revenue")
    days = lengths.pop()
    if days > MOST_DAYS:
        raise complaint(f"That is too long a history. Tell the last {MOST_DAYS:,} days at most.", "revenue")
    return days


def _reply(reading: RegionReading, currency: str) -> RegionsReply:
    return RegionsReply(
        treated=list(reading.treated),
        currency=currency,
        lost_revenue=reading.lost_revenue,
        lost_low=reading.lost_low,
        lost_high=reading.lost_high,
        p_value=reading.p_value,
        placebos=reading.placebos,
        fit_error=reading.fit_error,
        roi=reading.roi,
        roi_low=reading.roi_low,
        roi_high=reading.roi_high,
        verdict=reading.verdict,
        sentence=reading.sentence,
        controls=[
            RegionWeight(name=name, weight=weight)
            for name, weight in zip(reading.controls, reading.weights, strict=True)
        ],
    )
