"""Comparing our totals with the platform's: it is asked again, nothing of that is stored but the comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from adloom_sdk.errors import PlatformError
from adloom_sdk.manifest import Capability
from adloom_sdk.messages import Kind
from adloom_sdk.records import DailyMetric, Level
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, Watching, account_of
from app.connections.problems import note_problem
from app.sync.loading import Part
from app.sync.planning import Window
from app.sync.reading import Note, Source, Split, read_windows
from app.sync.running import Opener
from kit.errors import DataCannotCarry

_OURS = text(
    """
    SELECT days.day, sum(days.spend_micros)::bigint, coalesce(sum(days.clicks), 0)::bigint, coalesce(sum(days.conversions), 0)
    FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
    WHERE campaigns.account_id = :account_id AND days.day BETWEEN :since AND :until GROUP BY days.day
    """
)
_KEEP = text(
    """
    INSERT INTO reconciliations (account_id, day, our_spend_micros, their_spend_micros, our_clicks, their_clicks,
      our_conversions, their_conversions)
    VALUES (:account_id, :day, :our_spend, :their_spend, :our_clicks, :their_clicks, :our_conversions, :their_conversions)
    ON CONFLICT (account_id, day) DO UPDATE SET our_spend_micros = excluded.our_spend_micros,
      their_spend_micros = excluded.their_spend_micros, our_clicks = excluded.our_clicks,
      their_clicks = excluded.their_clicks, our_conversions = excluded.our_conversions,
      their_conversions = excluded.their_conversions, checked_at = now()
    """
)


@dataclass(frozen=True)
class Totals:
    """One day of an account."""

    spend_micros: int = 0
    clicks: int = 0
    conversions: Decimal = Decimal(0)


@dataclass(frozen=True)
class Comparison:
    """How many days were compared, and on how many the two differ."""

    days: int
    differing: int


def reconcile(
    session: Session,
    *,
    account_id: UUID,
    since: date,
    until: date,
    opener: Opener,
    tell: Callable[[float, str], None] = lambda _share, _sentence: None,
) -> Comparison:
    """Read the days at campaign level, compare per day, and keep the comparison. Raises PlatformError, DataCannotCarry."""
    account = session.get_one(AdAccount, account_id)
    connection = session.get_one(Connection, account.connection_id)
    try:
        with opener(session, connection, watching=Watching()) as opened:
            theirs = _theirs(opened, account, since, until, tell)
    except PlatformError as problem:
        if not problem.may_retry:
            note_problem(problem, connection=connection, account=account)
        raise
    ours = {
        row[0]: Totals(row[1], row[2], row[3])
        for row in session.execute(_OURS, {"account_id": account_id, "since": since, "until": until})
    }
    return _keep(session, account_id, since, until, ours, theirs)


def _theirs(
    opened: Opened, account: AdAccount, since: date, until: date, tell: Callable[[float, str], None]
) -> dict[date, Totals]:
    manifest = opened.connector.manifest
    if not manifest.can(Capability.DAILY):
        raise DataCannotCarry(f"{manifest.title} has no daily spend to compare.", "Compare an advertising account.")
    asked = Window(Kind.DAILY, since, until, Level.CAMPAIGN)
    source = Source(opened.connector, opened.ctx, account_of(account))
    told, totals, read = dict[Window, dict[tuple[str, date], Totals]](), dict[date, Totals](), 0
    for event in read_windows(source, asked.parts(manifest.max_window_days), at_once=manifest.rate.concurrency):
        if isinstance(event, Part):
            days = told.setdefault(event.window, {})
            # The same campaign's day may come twice: the last one wins.
            days.update({(one.entity_id, one.day): _of(one) for one in event.records if isinstance(one, DailyMetric)})
            read += len(event.records)
            tell(0.5, f"{manifest.title}: {read:,} rows compared")
            if event.is_last:
                _add(totals, told.pop(event.window))
        elif isinstance(event, Split):
            told.pop(event.window, None)
        elif isinstance(event, Note):
            tell(0.2, event.sentence)
    return totals


def _of(one: DailyMetric) -> Totals:
    conversions = Decimal(str(one.conversions or 0)).quantize(Decimal("1e-6"))
    return Totals(one.spend_micros, one.clicks or 0, conversions)


def _add(totals: dict[date, Totals], days: Mapping[tuple[str, date], Totals]) -> None:
    for (_, day), one in days.items():
        before = totals.get(day, Totals())
        totals[day] = Totals(
            before.spend_micros + one.spend_micros, before.clicks + one.clicks, before.conversions + one.conversions
        )


def _keep(
    session: Session, account_id: UUID, since: date, until: date, ours: dict[date, Totals], theirs: dict[date, Totals]
) -> Comparison:
    days = [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
    rows = []
    for day in days:
        our, their = ours.get(day, Totals()), theirs.get(day, Totals())
        rows.append(
            {
                "account_id": account_id,
                "day": day,
                "our_spend": our.spend_micros,
                "their_spend": their.spend_micros,
                "our_clicks": our.clicks,
                "their_clicks": their.clicks,
                "our_conversions": our.conversions,
                "their_conversions": their.conversions,
            }
        )
    session.execute(_KEEP, rows)
    differing = sum(ours.get(day, Totals()) != theirs.get(day, Totals()) for day in days)
    return Comparison(len(days), differing)
