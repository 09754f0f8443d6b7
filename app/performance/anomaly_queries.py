"""What detection reads, up to which day each source is complete, and the rows of what was found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.campaigns.models import Channel, ChannelDay, DailyFact, Event
from app.campaigns.platform_models import Campaign, CampaignDay, RevenueDay
from app.connections.models import AdAccount
from app.performance.models import AnomalyReading, AnomalyRow
from app.sync.models import SyncState
from kit.errors import NotFound

FINAL = 2
# A source that fell further behind the others is history; one that is less far behind holds the totals back.
STALE = timedelta(days=14)
Sums = dict[str, int | None]


@dataclass(frozen=True)
class ChannelInfo:
    """A channel as anomalies speak of it."""

    id: UUID
    key: str
    name: str
    slot: int
    takes_spend: bool


@dataclass(frozen=True)
class Sources:
    """The last whole day of every source: of each account with the channels that it feeds, and of imported files."""

    accounts: tuple[tuple[date, frozenset[UUID]], ...]
    files: date | None

    def end(self, channel_id: UUID | None = None) -> date | None:
        """Up to where a channel, or everything, is complete; None where nothing is."""
        ends = [end for end, fed in self.accounts if channel_id is None or channel_id in fed]
        if self.files is not None and (channel_id is None or not ends):
            ends.append(self.files)
        newest = max(ends, default=None)
        return newest and min(end for end in ends if end > newest - STALE)


@dataclass(frozen=True)
class Unsettled:
    """What platforms still correct: per channel the first of the newest days that are, and whether a shop tells revenue."""

    since: dict[UUID, date]
    shop_tells_revenue: bool


def every_channel(session: Session) -> list[ChannelInfo]:
    """Channels that count, by their colour."""
    rows = session.execute(
        select(Channel.id, Channel.key, Channel.name, Channel.slot, Channel.takes_spend)
        .where(Channel.is_counted)
        .order_by(Channel.slot)
    )
    return [ChannelInfo(*row) for row in rows]


def daily_sums(session: Session, *, since: date, until: date, bases: Sequence[str]) -> dict[UUID, dict[date, Sums]]:
    """The bases of each channel's days, as they were told."""
    columns = [getattr(ChannelDay, base) for base in bases]
    rows = session.execute(
        select(ChannelDay.channel_id, ChannelDay.day, *columns).where(ChannelDay.day.between(since, until))
    )
    found: dict[UUID, dict[date, Sums]] = defaultdict(dict)
    for channel_id, day, *values in rows:
        found[channel_id][day] = dict(zip(bases, values, strict=True))
    return found


def sources(session: Session, *, before: date) -> Sources:
    """How far each source reaches. Days from `before` on are not over."""
    newest = (
        select(Campaign.account_id, func.max(CampaignDay.day).label("day"))
        .join(CampaignDay, CampaignDay.campaign_number == Campaign.number)
        .where(CampaignDay.day < before)
        .group_by(Campaign.account_id)
        .subquery()
    )
    rows = session.execute(
        select(AdAccount.id, func.coalesce(SyncState.covered_to, newest.c.day))
        .outerjoin(SyncState, SyncState.account_id == AdAccount.id)
        .outerjoin(newest, newest.c.account_id == AdAccount.id)
        .where(AdAccount.is_selected)
    )
    fed = defaultdict(set)
    for account_id, channel_id in session.execute(select(Campaign.account_id, Campaign.channel_id).distinct()):
        fed[account_id].add(channel_id)
    yesterday = before - timedelta(days=1)
    files = session.scalar(select(func.max(DailyFact.day)).where(DailyFact.day < before))
    return Sources(tuple((min(end, yesterday), frozenset(fed[id_])) for id_, end in rows if end is not None), files)


def unsettled(session: Session, *, since: date) -> Unsettled:
    """Which channels' conversions the platforms still correct from `since` on, and whether a shop counted revenue there."""
    rows = session.execute(
        select(Campaign.channel_id, func.min(CampaignDay.day))
        .join(CampaignDay, CampaignDay.campaign_number == Campaign.number)
        .where(CampaignDay.day >= since, CampaignDay.finality < FINAL, CampaignDay.conversions.is_not(None))
        .group_by(Campaign.channel_id)
    )
    shop = session.scalar(select(select(RevenueDay.day).where(RevenueDay.day >= since).exists()))
    return Unsettled({row[0]: row[1] for row in rows}, bool(shop))


def days_with_events(session: Session) -> list[date]:
    """Days on which the merchant did something: they are explained."""
    return list(session.scalars(select(Event.day).distinct()))


def all_anomalies(session: Session) -> Sequence[AnomalyRow]:
    """Everything that was ever found, the newest days first."""
    return session.scalars(
        select(AnomalyRow).order_by(AnomalyRow.starts_on.desc(), AnomalyRow.metric, AnomalyRow.id)
    ).all()


def listed_anomalies(
    session: Session, *, conditions: Sequence[ColumnElement[bool]], limit: int, offset: int = 0
) -> tuple[Sequence[AnomalyRow], int]:
    """A page of what fits, the newest days first, and how many there are in all."""
    total = session.scalar(select(func.count()).select_from(AnomalyRow).where(*conditions))
    rows = session.scalars(
        select(AnomalyRow)
        .where(*conditions)
        .order_by(AnomalyRow.starts_on.desc(), AnomalyRow.metric, AnomalyRow.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return rows, int(total or 0)


def anomaly_by_id(session: Session, anomaly_id: UUID) -> AnomalyRow:
    """One of them. Raises NotFound."""
    found = session.get(AnomalyRow, anomaly_id)
    if found is None:
        raise NotFound("There is no such anomaly.", "Choose one from the list of anomalies.")
    return found


def readings(session: Session) -> Sequence[AnomalyReading]:
    """The newest look at every metric."""
    return session.scalars(select(AnomalyReading).order_by(AnomalyReading.metric, AnomalyReading.id)).all()


def newest_reading(session: Session) -> AnomalyReading | None:
    """Any row of the newest look, for when it was and on which data."""
    return session.scalar(select(AnomalyReading).order_by(AnomalyReading.looked_at.desc()).limit(1))
