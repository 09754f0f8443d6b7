"""Writing revenue sources' days: a whole window at once, because what an order came from may become known later."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from adloom_sdk.records import RevenueDay
from app.campaigns.days import Changed

_FIELDS = {
    "revenue_micros": "bigint",
    "orders": "numeric(20, 6)",
    "new_customers": "bigint",
    "returning_customers": "bigint",
    "sessions": "bigint",
    "finality": "smallint",
}
_NAMES = ", ".join(_FIELDS)
_REPLACE = text(
    f"""
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb))
        AS row(day date, source text, {", ".join(f"{name} {kind}" for name, kind in _FIELDS.items())})),
    merged AS (
      INSERT INTO revenue_days AS stored (account_id, day, source, {_NAMES})
      SELECT :account_id, day, source, {_NAMES} FROM given
      ON CONFLICT (account_id, day, source) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _FIELDS)}
        WHERE ({", ".join(f"stored.{name}" for name in _FIELDS)})
              IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _FIELDS)})
      RETURNING day),
    gone AS (
      DELETE FROM revenue_days AS stored
      WHERE account_id = :account_id AND day BETWEEN :since AND :until
        AND NOT EXISTS (SELECT FROM given WHERE given.day = stored.day AND given.source = stored.source)
      RETURNING day)
    SELECT count(*), min(day), max(day) FROM (SELECT day FROM merged UNION ALL SELECT day FROM gone) AS changed
    """  # noqa: S608 the names are this module's own constants
)


def replace_revenue(
    session: Session,
    *,
    account_id: UUID,
    since: date,
    until: date,
    records: Sequence[RevenueDay],
    finality: Callable[[date], int],
) -> Changed:
    """Make the window's days what the records say. Of two records for one day and source the last one wins."""
    rows = {
        (one.day, one.source): {
            "day": one.day,
            "source": one.source,
            "revenue_micros": one.revenue_micros,
            "orders": one.orders,
            "new_customers": one.new_customers,
            "returning_customers": one.returning_customers,
            "sessions": one.sessions,
            "finality": finality(one.day),
        }
        for one in records
    }
    encoded = msgspec.json.encode(list(rows.values())).decode()
    values = {"account_id": account_id, "since": since, "until": until, "rows": encoded}
    changed, first, last = session.execute(_REPLACE, values).one()
    return Changed(int(changed), first, last)
