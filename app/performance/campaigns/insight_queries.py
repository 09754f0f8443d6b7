"""The SELECTs behind what is worth knowing of one campaign: its days, what its peers reach, its ads, and how it is read."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Subquery, cast, func, select
from sqlalchemy.orm import Session

from app.campaigns.platform_models import Ad, AdDay, Campaign, CampaignDay
from app.connections.models import AdAccount, Connection
from app.performance.campaigns.queries import of_campaign, window_sums
from app.performance.windows import Window
from app.sync.models import SyncState


class ToldDay(NamedTuple):
    """A day as its platform told it; money in units of the campaign's currency, None where the platform does not tell it."""

    day: date
    spend: float
    value: float | None
    conversions: float | None
    finality: int


@dataclass(frozen=True)
class Peers:
    """The medians of other campaigns in a period, and how many each is of; None where there are none."""

    roas: float | None
    roas_of: int
    cpa_micros: float | None
    cpa_of: int


class SpendingAd(NamedTuple):
    """An ad that cost something."""

    name: str
    spend_micros: int


@dataclass(frozen=True)
class Reading:
    """How a campaign is read: its account and connection, and when it was last read."""

    account: AdAccount
    connection: Connection
    state: SyncState | None


def told_days(session: Session, number: int, window: Window) -> list[ToldDay]:
    """The campaign's days of a window in their order."""
    rows = session.execute(
        select(
            CampaignDay.day,
            cast(CampaignDay.spend_micros, Float) / 1_000_000,
            cast(CampaignDay.conversion_value_micros, Float) / 1_000_000,
            cast(CampaignDay.conversions, Float),
            CampaignDay.finality,
        )
        .where(of_campaign(number, window))
        .order_by(CampaignDay.day)
    )
    return [ToldDay(*row) for row in rows]


def spent_so_far_micros(session: Session, number: int) -> int:
    """All that the campaign is known to have cost."""
    spent = select(func.coalesce(func.sum(CampaignDay.spend_micros), 0)).where(CampaignDay.campaign_number == number)
    return int(session.execute(spent).scalar_one())


def peers_of(session: Session, campaign: Campaign, window: Window) -> tuple[Peers, Peers]:
    """Other campaigns that cost something: of the same platform, and of the same channel, which may be on other platforms too; in one
    pass over the window. ROAS needs no currency; CPA is compared within the campaign's own."""
    sums = window_sums(window)
    of_platform = Campaign.connector_key == campaign.connector_key
    of_channel = Campaign.channel_id == campaign.channel_id
    medians = [column for whose in (of_platform, of_channel) for column in _medians(sums, campaign, whose)]
    row = session.execute(
        select(*medians)
        .select_from(sums)
        .join(Campaign, Campaign.number == sums.c.campaign_number)
        .where(of_platform | of_channel, Campaign.number != campaign.number, sums.c.spend_micros > 0)
    ).one()
    return Peers(*row[:4]), Peers(*row[4:])


def _medians(sums: Subquery, campaign: Campaign, is_peer: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    spend, value, orders = sums.c.spend_micros, sums.c.revenue_micros, sums.c.conversions
    has_roas = is_peer & value.is_not(None)
    has_cpa = is_peer & (Campaign.currency == campaign.currency) & (orders > 0)
    return [
        func.percentile_cont(0.5).within_group(cast(value, Float) / spend).filter(has_roas),
        func.count().filter(has_roas),
        func.percentile_cont(0.5).within_group(cast(spend, Float) / func.nullif(orders, 0)).filter(has_cpa),
        func.count().filter(has_cpa),
    ]


def ads_without_conversions(
    session: Session, number: int, window: Window, *, least_micros: float
) -> tuple[list[SpendingAd], int | None]:
    """Running ads that cost at least so much and whose platform counted no conversion at all, dearest first; beside them what all
    ads cost (None where nothing is told of ads)."""
    sums = (
        select(
            Ad.name,
            Ad.status,
            func.sum(AdDay.spend_micros).label("spend"),
            func.sum(AdDay.conversions).label("conversions"),
        )
        .join(AdDay, AdDay.ad_number == Ad.number)
        .where(Ad.campaign_number == number, AdDay.day.between(window.since, window.until))
        .group_by(Ad.number, Ad.name, Ad.status)
        .subquery("sums")
    )
    rows = session.execute(
        select(sums.c.name, sums.c.spend)
        .where(sums.c.conversions == 0, sums.c.spend >= least_micros, sums.c.spend > 0, sums.c.status == "active")
        .order_by(sums.c.spend.desc(), sums.c.name)
    )
    whole = session.scalar(select(func.sum(sums.c.spend)))
    return [SpendingAd(name, int(spend)) for name, spend in rows], None if whole is None else int(whole)


def reading_of(session: Session, campaign: Campaign) -> Reading | None:
    """How the campaign is read; None for a plan."""
    row = session.execute(
        select(AdAccount, Connection, SyncState)
        .join(Connection, Connection.id == AdAccount.connection_id)
        .outerjoin(SyncState, SyncState.account_id == AdAccount.id)
        .where(AdAccount.id == campaign.account_id)
    ).one_or_none()
    return None if row is None else Reading(*row)
