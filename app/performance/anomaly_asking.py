"""What an address asks of the list of anomalies, read once for the page and the API."""

from datetime import date
from typing import Annotated

from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from app.performance.anomaly_list import Asked, State

# Handlers know the application's own state by that name, so the parameter has another here.
OfState = Annotated[State | None, QueryParameter(name="state")]


def asked_anomalies(
    metric: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    of_state: OfState = None,
) -> Asked:
    """Filters; an empty one means all."""
    return Asked(metric or None, channel or None, since, until, of_state)


ASKED_ANOMALIES = {"wanted": Provide(asked_anomalies, sync_to_thread=False)}
