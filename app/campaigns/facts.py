"""Writing facts: staged rows are merged set-wise, only what changed is rewritten, and the roll-up follows in the same transaction.

Safe to run twice: the key of a fact is (day, name of the channel in the source, campaign), and equal values change nothing.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.models import MEASURES

_COLUMNS = ", ".join(MEASURES)
_MERGE = text(
    f"""
    WITH merged AS (
      INSERT INTO daily_facts AS fact (day, source_name, campaign, channel_id, import_id, {_COLUMNS})
      SELECT staged.day, staged.source_name, staged.campaign, named.channel_id, :import_id, {", ".join(f"staged.{m}" for m in MEASURES)}
      FROM (SELECT day, source_name, campaign, {", ".join(f"sum({m})::bigint AS {m}" for m in MEASURES)}
            FROM import_staging WHERE import_id = :import_id GROUP BY day, source_name, campaign) AS staged
      JOIN channel_names AS named USING (source_name)
      ON CONFLICT (day, source_name, campaign) DO UPDATE
        SET channel_id = excluded.channel_id, import_id = excluded.import_id,
            {", ".join(f"{m} = excluded.{m}" for m in MEASURES)}
        WHERE ({", ".join(f"fact.{m}" for m in MEASURES)}, fact.channel_id)
              IS DISTINCT FROM ({", ".join(f"excluded.{m}" for m in MEASURES)}, excluded.channel_id)
      RETURNING day)
    SELECT count(*), min(day), max(day) FROM merged
    """  # noqa: S608 the names are this module's own constants
)
_DROP_STALE_DAYS = text("DELETE FROM channel_days WHERE day BETWEEN :since AND :until")
_ROLL_UP = text(
    f"""
    INSERT INTO channel_days (day, channel_id, {_COLUMNS})
    SELECT day, channel_id, {", ".join(f"sum({m})::bigint" for m in MEASURES)}
    FROM daily_facts WHERE day BETWEEN :since AND :until GROUP BY day, channel_id
    """  # noqa: S608 the names are this module's own constants
)
_NEXT_VERSION = text(
    "INSERT INTO data_versions (name, version) VALUES ('facts', 1) "
    "ON CONFLICT (name) DO UPDATE SET version = data_versions.version + 1, changed_at = now() RETURNING version"
)


@dataclass(frozen=True)
class Merged:
    """What a merge changed: how many facts, and between which days (None: nothing)."""

    facts_changed: int
    since: date | None
    until: date | None


def merge_staged(session: Session, *, import_id: UUID) -> Merged:
    """Merge the staged rows of one import into the facts; rows of the same day, channel name and campaign are added up.

    Every channel name must be known before (`channels.learn_names`).
    """
    changed, since, until = session.execute(_MERGE, {"import_id": import_id}).one()
    if since is not None and until is not None:
        refresh_rollup(session, since=since, until=until)
    session.execute(text("DELETE FROM import_staging WHERE import_id = :import_id"), {"import_id": import_id})
    return Merged(int(changed), since, until)


def refresh_rollup(session: Session, *, since: date, until: date) -> None:
    """Recompute channel_days for the days between, and count the data's version up so that caches and models notice."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.channel_days'))"))
    session.execute(_DROP_STALE_DAYS, {"since": since, "until": until})
    session.execute(_ROLL_UP, {"since": since, "until": until})
    session.execute(_NEXT_VERSION)


def data_version(session: Session) -> int:
    """The version of the facts; grows with every change."""
    return int(session.execute(text("SELECT version FROM data_versions WHERE name = 'facts'")).scalar() or 0)
