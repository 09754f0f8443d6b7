"""What an address asks of the overview, read once for the page, its files and the API."""

from datetime import date
from typing import Annotated

from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from app.performance.service import PeriodRequest
from app.performance.windows import Comparison

From = Annotated[date | None, QueryParameter(name="from")]
To = Annotated[date | None, QueryParameter(name="to")]


def asked_period(
    period: FromQuery[str | None] = None,
    since: From = None,
    until: To = None,
    compare: FromQuery[Comparison] = Comparison.PREVIOUS,
    channel: FromQuery[str | None] = None,
) -> PeriodRequest:
    """A preset, or two dates; what to compare with; and one channel, by its key. An empty channel means all of them."""
    return PeriodRequest(period, since, until, compare, channel or None)


ASKED = {"asked": Provide(asked_period, sync_to_thread=False)}
