"""Reading how accounts fare: what is stored of them, their runs, what is due, and how our totals compare with the platform's."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.connections.models import AdAccount, Connection
from app.sync.models import Reconciliation, SyncRun, SyncState
from app.sync.planning import months

_LEFT_OUT = text(
    """
    SELECT channels.name, count(*) FROM (SELECT DISTINCT channel_id, day FROM daily_facts) AS facts
    JOIN channels ON channels.id = facts.channel_id, LATERAL (
      SELECT 1 FROM campaigns JOIN campaign_days AS days ON days.campaign_number = campaigns.number
      WHERE campaigns.channel_id = facts.channel_id AND days.day = facts.day LIMIT 1) AS told
    GROUP BY channels.name ORDER BY channels.name
    """
)


class AccountStanding(NamedTuple):
    """One selected account: how far its numbers reach, and what is wrong, if anything."""

    account_id: UUID
    connection_id: UUID
    connector_key: str
    name: str
    currency: str
    timezone: str
    connection_state: str
    problem: str
    what_to_do: str
    covered_from: date | None
    covered_to: date | None
    wanted_from: date | None
    synced_at: datetime | None
    due_at: datetime | None

    @property
    def history(self) -> str:
        """How much of the history is there, in words; empty where all of it is."""
        if self.covered_from is None or self.covered_to is None or self.wanted_from is None:
            return "No numbers yet"
        total = months((self.covered_to - self.wanted_from).days)
        read = months((self.covered_to - self.covered_from).days)
        return "" if self.covered_from <= self.wanted_from else f"{read} of {total} months"


class LeftOut(NamedTuple):
    """A channel whose imported numbers do not count on some days, because its platform tells them."""

    channel: str
    days: int

    @property
    def sentence(self) -> str:
        """For a notice."""
        days = "1 day" if self.days == 1 else f"{self.days:,} days"
        return f"On {days} {self.channel} has both imported and connected numbers; only the connected ones count."


class Compared(NamedTuple):
    """One day of one account: ours and theirs."""

    day: date
    our_spend_micros: int
    their_spend_micros: int
    our_clicks: int
    their_clicks: int
    our_conversions: Decimal
    their_conversions: Decimal
    checked_at: datetime

    @property
    def is_equal(self) -> bool:
        """To the micro."""
        ours = (self.our_spend_micros, self.our_clicks, self.our_conversions)
        return ours == (self.their_spend_micros, self.their_clicks, self.their_conversions)


def standings(session: Session, *, connection_id: UUID | None = None) -> list[AccountStanding]:
    """Every selected account by name, of one connection or of all."""
    asked = (
        select(
            AdAccount.id,
            AdAccount.connection_id,
            AdAccount.connector_key,
            AdAccount.name,
            AdAccount.currency,
            AdAccount.timezone,
            Connection.state,
            AdAccount.problem,
            AdAccount.what_to_do,
            SyncState.covered_from,
            SyncState.covered_to,
            SyncState.wanted_from,
            SyncState.synced_at,
            SyncState.due_at,
        )
        .join(Connection, Connection.id == AdAccount.connection_id)
        .outerjoin(SyncState, SyncState.account_id == AdAccount.id)
        .where(AdAccount.is_selected)
        .order_by(AdAccount.name, AdAccount.id)
    )
    if connection_id is not None:
        asked = asked.where(AdAccount.connection_id == connection_id)
    return [AccountStanding._make(row) for row in session.execute(asked)]


def recent_runs(session: Session, *, account_id: UUID | None = None, limit: int = 50) -> Sequence[SyncRun]:
    """The newest runs first, of one account or of all."""
    asked = select(SyncRun).order_by(SyncRun.created_at.desc(), SyncRun.id.desc()).limit(limit)
    return session.scalars(asked.where(SyncRun.account_id == account_id) if account_id else asked).all()


def due_accounts(session: Session, *, now: datetime) -> Sequence[UUID]:
    """Selected accounts of working connections whose time has come, or that were never read."""
    asked = (
        select(AdAccount.id)
        .join(Connection, Connection.id == AdAccount.connection_id)
        .outerjoin(SyncState, SyncState.account_id == AdAccount.id)
        .where(AdAccount.is_selected, Connection.state == "active")
        .where(or_(SyncState.due_at.is_(None), SyncState.due_at <= now))
        .order_by(SyncState.due_at.nulls_first(), AdAccount.id)
    )
    return session.scalars(asked).all()


def selected_of(session: Session, *, account_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those of these accounts that are read."""
    asked = select(AdAccount.id).where(AdAccount.id.in_(account_ids), AdAccount.is_selected)
    return session.scalars(asked.order_by(AdAccount.id)).all()


def compared(session: Session, *, account_id: UUID, since: date, until: date) -> list[Compared]:
    """The kept comparison of these days, newest first."""
    asked = (
        select(
            Reconciliation.day,
            Reconciliation.our_spend_micros,
            Reconciliation.their_spend_micros,
            Reconciliation.our_clicks,
            Reconciliation.their_clicks,
            Reconciliation.our_conversions,
            Reconciliation.their_conversions,
            Reconciliation.checked_at,
        )
        .where(Reconciliation.account_id == account_id, Reconciliation.day.between(since, until))
        .order_by(Reconciliation.day.desc())
    )
    return [Compared(*row) for row in session.execute(asked)]


def left_out_imports(session: Session) -> list[LeftOut]:
    """Where imported numbers give way to connected ones."""
    return [LeftOut(*row) for row in session.execute(_LEFT_OUT)]


def unfinished_runs(session: Session, *, before: datetime) -> Sequence[SyncRun]:
    """Runs that have been under way since before then: their jobs were given up, or their workers vanished for good."""
    asked = select(SyncRun).where(SyncRun.state.in_(("queued", "running")), SyncRun.created_at < before)
    return session.scalars(asked.order_by(SyncRun.created_at).limit(500)).all()
