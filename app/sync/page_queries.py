"""What the pages of syncs ask beside the accounts' standings: the jobs at work, last troubles, days compared, and rates used."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.sync.models import SyncRun
from kit.errors import NotFound
from kit.jobs.models import ACTIVE, JobRow
from kit.jobs.queries import job_of, list_jobs

SYNC, HISTORY, RECONCILE = "sync.account", "sync.backfill", "sync.reconcile"
_MOST_JOBS = 500
_DAYS = text(
    """
    WITH ours AS (
      SELECT days.day, sum(days.spend_micros)::bigint AS spend, coalesce(sum(days.clicks), 0)::bigint AS clicks,
        coalesce(sum(days.conversions), 0) AS conversions, min(days.finality) AS finality
      FROM campaign_days AS days JOIN campaigns ON campaigns.number = days.campaign_number
      WHERE campaigns.account_id = :account_id AND days.day BETWEEN :since AND :until GROUP BY days.day),
    theirs AS (
      SELECT day, our_spend_micros, their_spend_micros, our_clicks, their_clicks, our_conversions, their_conversions, checked_at
      FROM reconciliations WHERE account_id = :account_id AND day BETWEEN :since AND :until)
    SELECT day, ours.spend, ours.clicks, ours.conversions, ours.finality, theirs.their_spend_micros, theirs.their_clicks,
      theirs.their_conversions, theirs.checked_at,
      (theirs.our_spend_micros, theirs.our_clicks, theirs.our_conversions) IS DISTINCT FROM
        (coalesce(ours.spend, 0), coalesce(ours.clicks, 0), coalesce(ours.conversions, 0)) AND theirs.checked_at IS NOT NULL
    FROM ours FULL JOIN theirs USING (day) ORDER BY day DESC
    """
)
# A day without a rate takes the last one before it, as the roll-up does.
_RATES = text(
    """
    SELECT days.day::date, rates.rate, rates.day, rates.source
    FROM generate_series(cast(:since AS date), cast(:until AS date), interval '1 day') AS days(day),
      LATERAL (SELECT rate, day, source FROM exchange_rates
        WHERE currency = :currency AND exchange_rates.day <= days.day ORDER BY exchange_rates.day DESC LIMIT 1) AS rates
    ORDER BY days.day DESC
    """
)
_LAST_RUNS = text(
    """
    SELECT DISTINCT ON (account_id) account_id, id FROM sync_runs WHERE state IN ('done', 'failed', 'queued')
    ORDER BY account_id, created_at DESC, id DESC
    """
)


class DayBesideTheirs(NamedTuple):
    """One day of an account as it is stored now, and as the platform told it when it was last asked; None where nobody did."""

    day: date
    our_spend_micros: int | None
    our_clicks: int | None
    our_conversions: Decimal | None
    finality: int | None
    their_spend_micros: int | None
    their_clicks: int | None
    their_conversions: Decimal | None
    checked_at: datetime | None
    has_changed_since: bool


class RateOfDay(NamedTuple):
    """What a unit of the account's currency was worth on a day: the rate of `quoted_on`, and who says so."""

    day: date
    rate: Decimal
    quoted_on: date
    source: str


def days_beside_theirs(session: Session, *, account_id: UUID, since: date, until: date) -> list[DayBesideTheirs]:
    """Every day that either side has, newest first."""
    asked = {"account_id": account_id, "since": since, "until": until}
    return [DayBesideTheirs._make(row) for row in session.execute(_DAYS, asked)]


def rates_of_days(session: Session, *, currency: str, since: date, until: date) -> list[RateOfDay]:
    """The rate that each day is converted with, newest first; days before the first known rate are missing."""
    asked = {"currency": currency, "since": since, "until": until}
    return [RateOfDay._make(row) for row in session.execute(_RATES, asked)]


def last_runs(session: Session) -> dict[UUID, SyncRun]:
    """Each account's newest run that has told something."""
    ids = [row[1] for row in session.execute(_LAST_RUNS)]
    return {run.account_id: run for run in session.scalars(select(SyncRun).where(SyncRun.id.in_(ids)))}


def jobs_at_work(control: Session, *, workspace_id: UUID) -> dict[UUID, list[JobRow]]:
    """Jobs that wait or run, by account: running ones first, then recent days before history."""
    found: dict[UUID, list[JobRow]] = defaultdict(list)
    for name in (SYNC, HISTORY, RECONCILE):
        for row in list_jobs(control, workspace_id=workspace_id, state=ACTIVE, name=name, limit=_MOST_JOBS):
            found[account_of_job(row)].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.state != "running")
    return found


def last_comparison(control: Session, *, workspace_id: UUID, account_id: UUID) -> JobRow | None:
    """The newest comparison that somebody asked for of this account."""
    rows: Sequence[JobRow] = list_jobs(control, workspace_id=workspace_id, name=RECONCILE, limit=_MOST_JOBS)
    return next((row for row in rows if account_of_job(row) == account_id), None)


def sync_job(control: Session, job_id: UUID, *, workspace_id: UUID) -> JobRow:
    """A job that syncs an account. Raises NotFound, for other jobs too."""
    row = job_of(control, job_id, workspace_id=workspace_id)
    if row.name not in {SYNC, HISTORY}:
        raise NotFound("This job syncs no account.", "Ask for it under jobs.")
    return row


def run_of_job(session: Session, job_id: UUID) -> SyncRun | None:
    """The run that this job works at."""
    return session.scalars(
        select(SyncRun).where(SyncRun.job_id == job_id).order_by(SyncRun.created_at.desc()).limit(1)
    ).one_or_none()


def account_of_job(row: JobRow) -> UUID:
    """The account that a job of this slice is about."""
    return UUID(row.arguments["account_id"])


def unbegun_runs(session: Session, *, job_ids: Sequence[UUID]) -> Sequence[SyncRun]:
    """Runs that wait for one of these jobs."""
    asked = select(SyncRun).where(SyncRun.job_id.in_(job_ids), SyncRun.state == "queued")
    return session.scalars(asked).all()
