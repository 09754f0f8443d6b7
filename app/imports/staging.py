"""Rows on their way into the facts: copied into the staging table in one stream, never held in memory as a whole."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection as PsycopgConnection
from sqlalchemy.orm import Session

from app.campaigns.models import MEASURES

_COPY = f"COPY import_staging (import_id, row, day, source_name, campaign, {', '.join(MEASURES)}) FROM STDIN"


class StagedValues(NamedTuple):
    """One row as it is staged; the order is that of the COPY."""

    row: int
    day: date
    source_name: str
    campaign: str
    spend_micros: int
    revenue_micros: int | None
    impressions: int | None
    clicks: int | None
    conversions: int | None
    new_customers: int | None
    returning_customers: int | None


def stage(session: Session, *, import_id: UUID, rows: Iterable[StagedValues]) -> int:
    """Copy `rows` into the staging table within the session's transaction; returns how many there were."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, PsycopgConnection)  # noqa: S101 the engine's URL names psycopg
    staged = 0
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for values in rows:
            copy.write_row((import_id, *values))
            staged += 1
    return staged
