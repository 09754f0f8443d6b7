"""Writing facts: staged rows are merged set-wise, only what changed is rewritten, and the roll-up follows in the same transaction.

Safe to run twice: the key of a fact is (day, name of the channel in the source, campaign), and equal values change nothing.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.campaigns.models import MEASURES

# The channel that holds what belongs to no channel (see `channels`), and the connectors that watch orders instead of taking them.
WHOLE_DAY_KEY = "whole_day"
ANALYTICS = ("ga4",)
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
# Platforms' days are summed in their own currency before they are converted, so that nothing is rounded twice. Of several sources
# of revenue, shops win over analytics, which see fewer orders than were placed.
_ROLL_UP = text(
    f"""
    WITH told AS MATERIALIZED (
      SELECT days.day, campaigns.channel_id, campaigns.currency, sum(days.spend_micros) AS spend,
        sum(days.impressions) AS impressions, sum(days.clicks) AS clicks, sum(days.conversions) AS conversions,
        sum(days.conversion_value_micros) AS value
      FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
        JOIN channels ON channels.id = campaigns.channel_id AND channels.is_counted
      WHERE days.day BETWEEN :since AND :until GROUP BY days.day, campaigns.channel_id, campaigns.currency),
    sold AS MATERIALIZED (
      SELECT days.day, accounts.currency, (accounts.connector_key = ANY(:analytics))::int AS rank,
        sum(days.revenue_micros) AS revenue, sum(days.new_customers) AS new_customers,
        sum(days.returning_customers) AS returning_customers
      FROM revenue_days AS days JOIN ad_accounts AS accounts ON accounts.id = days.account_id AND accounts.is_selected
      WHERE days.day BETWEEN :since AND :until GROUP BY days.day, accounts.currency, rank),
    rates AS (
      SELECT needed.currency, needed.day, known.rate
      FROM (SELECT currency, day FROM told UNION SELECT currency, day FROM sold) AS needed,
        LATERAL (SELECT rate FROM exchange_rates WHERE exchange_rates.currency = needed.currency
                 AND exchange_rates.day <= needed.day ORDER BY exchange_rates.day DESC LIMIT 1) AS known),
    synced AS (
      SELECT day, channel_id, round(sum(spend * rate))::bigint AS spend_micros, sum(impressions)::bigint AS impressions,
        sum(clicks)::bigint AS clicks, round(sum(conversions))::bigint AS conversions,
        round(sum(value * rate))::bigint AS value_micros
      FROM told JOIN rates USING (currency, day) GROUP BY day, channel_id),
    takings AS (
      SELECT DISTINCT ON (day) day, round(sum(revenue * rate))::bigint AS revenue_micros,
        sum(new_customers)::bigint AS new_customers, sum(returning_customers)::bigint AS returning_customers
      FROM sold JOIN rates USING (currency, day) GROUP BY day, rank ORDER BY day, rank),
    imported AS (
      SELECT day, channel_id, {", ".join(f"sum({m})::bigint AS {m}" for m in MEASURES)}
      FROM daily_facts WHERE day BETWEEN :since AND :until GROUP BY day, channel_id),
    whole_days AS (
      SELECT imported.day FROM imported JOIN channels ON channels.id = imported.channel_id
      WHERE channels.key = :whole_day AND imported.revenue_micros IS NOT NULL),
    joined AS (
      SELECT day, channel_id,
        CASE WHEN synced.day IS NULL THEN imported.spend_micros ELSE synced.spend_micros END AS spend_micros,
        CASE WHEN takings.day IS NOT NULL THEN NULL
             WHEN imported.revenue_micros IS NOT NULL THEN imported.revenue_micros
             WHEN whole_days.day IS NULL THEN synced.value_micros END AS revenue_micros,
        CASE WHEN synced.day IS NULL THEN imported.impressions ELSE synced.impressions END AS impressions,
        CASE WHEN synced.day IS NULL THEN imported.clicks ELSE synced.clicks END AS clicks,
        CASE WHEN synced.day IS NULL THEN imported.conversions ELSE synced.conversions END AS conversions,
        CASE WHEN takings.new_customers IS NULL THEN imported.new_customers END AS new_customers,
        CASE WHEN takings.returning_customers IS NULL THEN imported.returning_customers END AS returning_customers
      FROM synced FULL JOIN imported USING (day, channel_id)
        LEFT JOIN takings USING (day) LEFT JOIN whole_days USING (day)
      UNION ALL
      SELECT takings.day, channels.id, 0, takings.revenue_micros, NULL, NULL, NULL, takings.new_customers,
        takings.returning_customers
      FROM takings JOIN channels ON channels.key = :whole_day)
    INSERT INTO channel_days (day, channel_id, {_COLUMNS})
    SELECT day, channel_id, {", ".join(f"sum({m})::bigint" for m in MEASURES)} FROM joined GROUP BY day, channel_id
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
    """Recompute channel_days for the days between, and count the data's version up so that caches and models notice.

    Nothing is counted twice: on a day on which a platform told a channel's spend, an import's spend of that channel is left out.
    Revenue is the shop's where one is connected, else the import's, else what the platforms claim. Money of a currency without a
    rate is left out until there is one, and so is a channel beyond the plan's limit until there is room.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.channel_days'))"))
    session.execute(_DROP_STALE_DAYS, {"since": since, "until": until})
    rules = {"analytics": list(ANALYTICS), "whole_day": WHOLE_DAY_KEY}
    session.execute(_ROLL_UP, {"since": since, "until": until, **rules})
    count_up(session)


def count_up(session: Session) -> None:
    """Say that something has changed on which figures or models rest."""
    session.execute(_NEXT_VERSION)


def data_version(session: Session) -> int:
    """The version of the facts; grows with every change."""
    return int(session.execute(text("SELECT version FROM data_versions WHERE name = 'facts'")).scalar() or 0)
