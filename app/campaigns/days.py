"""Writing platforms' days: rows are copied into staging in one stream and merged set-wise, so that only what changed is rewritten.

Safe to run twice: the key is (entity, day), and equal values change nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from psycopg import Connection as PsycopgConnection
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.campaigns.facts import refresh_rollup

MEASURES = (
    "spend_micros",
    "impressions",
    "clicks",
    "conversions",
    "conversion_value_micros",
    "video_views",
    "reach",
    "extras",
    "finality",
)
_COLUMNS = ", ".join(MEASURES)
_COPY = f"COPY sync_staging (run_id, entity, day, {_COLUMNS}) FROM STDIN"
_DROP_STAGED = text("DELETE FROM sync_staging WHERE run_id = :run_id")


class DayTable(StrEnum):
    """Whose days: campaigns' or ads'."""

    CAMPAIGN = "campaign"
    AD = "ad"


@dataclass(frozen=True)
class Changed:
    """What a merge or a removal changed: how many days, and between which (None: nothing)."""

    rows: int = 0
    since: date | None = None
    until: date | None = None

    def __add__(self, other: "Changed") -> "Changed":
        """Both together."""
        firsts = [day for day in (self.since, other.since) if day is not None]
        lasts = [day for day in (self.until, other.until) if day is not None]
        return Changed(self.rows + other.rows, min(firsts, default=None), max(lasts, default=None))


def _merge_statement(table: DayTable) -> TextClause:
    return text(
        f"""
        WITH merged AS (
          INSERT INTO {table}_days AS stored ({table}_number, day, {_COLUMNS})
          SELECT entity, day, {_COLUMNS} FROM sync_staging WHERE run_id = :run_id
          ON CONFLICT ({table}_number, day) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in MEASURES)}
            WHERE ({", ".join(f"stored.{name}" for name in MEASURES)})
                  IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in MEASURES)})
          RETURNING day)
        SELECT count(*), min(day), max(day) FROM merged
        """  # noqa: S608 the names are this module's own constants
    )


_MERGE = {table: _merge_statement(table) for table in DayTable}


def merge_days(session: Session, table: DayTable, *, run_id: UUID, lines: Iterable[str]) -> Changed:
    """Copy lines (`day_line`, one per entity and day) into staging and merge them."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, PsycopgConnection)  # noqa: S101 the engine's URL names psycopg
    head = f"{run_id}\t"
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write("".join([head + line for line in lines]))
    rows, since, until = session.execute(_MERGE[table], {"run_id": run_id}).one()
    session.execute(_DROP_STAGED, {"run_id": run_id})
    return Changed(int(rows), since, until)


_STORED = {
    table: text(
        f"SELECT days.{table}_number, array_agg(days.day) FROM {table}_days AS days"  # noqa: S608 the names are this module's own
        f" JOIN {table}s AS owner ON owner.number = days.{table}_number"
        " WHERE owner.account_id = :account_id AND days.day BETWEEN :since AND :until GROUP BY 1"
    )
    for table in DayTable
}
_COUNT = {
    table: text(
        f"SELECT count(*) FROM {table}_days AS days JOIN {table}s AS owner ON owner.number = days.{table}_number"  # noqa: S608 as above
        " WHERE owner.account_id = :account_id AND days.day BETWEEN :since AND :until"
    )
    for table in DayTable
}
_REMOVE = {
    table: text(
        f"DELETE FROM {table}_days AS days USING unnest(cast(:entities AS bigint[]), cast(:days AS date[])) AS gone(entity, day)"  # noqa: S608 as above
        f" WHERE days.{table}_number = gone.entity AND days.day = gone.day"
    )
    for table in DayTable
}


def remove_vanished(
    session: Session, table: DayTable, *, account_id: UUID, since: date, until: date, seen: Mapping[int, int]
) -> Changed:
    """Remove the window's days that the platform no longer tells. `seen` maps a number to bits, one per day from `since` on.

    Everything seen must have been merged before, so equal counts mean that nothing has vanished.
    """
    window = {"account_id": account_id, "since": since, "until": until}
    stored = session.execute(_COUNT[table], window).scalar_one()
    if stored == sum(bits.bit_count() for bits in seen.values()):
        return Changed()
    gone = [
        (entity, day)
        for entity, days in session.execute(_STORED[table], window)
        for day in days
        if not seen.get(entity, 0) >> (day - since).days & 1
    ]
    if not gone:
        return Changed()
    days = [day for _, day in gone]
    session.execute(_REMOVE[table], {"entities": [entity for entity, _ in gone], "days": days})
    return Changed(len(gone), min(days), max(days))


_EXTENT = text(
    """
    SELECT min(day), max(day) FROM (
      SELECT days.day FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
      WHERE campaigns.account_id = ANY(:account_ids)
      UNION ALL SELECT day FROM revenue_days WHERE account_id = ANY(:account_ids)) AS days
    """
)
_FORGET = [
    text(
        f"DELETE FROM {table}_days AS days USING {table}s AS owner"  # noqa: S608 the names are this module's own
        f" WHERE owner.number = days.{table}_number AND owner.account_id = ANY(:account_ids)"
    )
    for table in DayTable
] + [text("DELETE FROM revenue_days WHERE account_id = ANY(:account_ids)")]


def forget_accounts(session: Session, account_ids: Sequence[UUID]) -> None:
    """Remove every day of these accounts, before the accounts themselves go; the roll-up follows."""
    values = {"account_ids": list(account_ids)}
    since, until = session.execute(_EXTENT, values).one()
    for statement in _FORGET:
        session.execute(statement, values)
    if since is not None:
        refresh_rollup(session, since=since, until=until)
