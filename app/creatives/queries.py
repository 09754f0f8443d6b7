"""Reading ads with their days, and what was last found of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import Float, Select, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from app.campaigns.models import Channel
from app.campaigns.platform_models import Ad, AdDay, Campaign, Creative
from app.connections.models import AdAccount
from app.creatives.models import CreativeReading
from kit.errors import NotFound

Columns = TypeVarTuple("Columns")
OVER = 1  # finality of a day that is over; the platform may still correct it
RUNS_WITHIN_DAYS = 28
_RANK = case({"fatigued": 0, "tiring": 1, "fresh": 2}, value=CreativeReading.level, else_=3)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty is everything."""

    level: str = ""
    channel: str = ""
    campaign: UUID | None = None


class AccountDays(NamedTuple):
    """An account with the last of its ads' days that is over."""

    account_id: UUID
    until: date


class AdHistory(NamedTuple):
    """An ad's days in order, one value per day on which something was told; money in units of the account's currency."""

    number: int
    days: list[date]
    impressions: list[int | None]
    clicks: list[int | None]
    conversions: list[float | None]
    spend: list[float]
    reach: list[int | None]


class DayOfAll(NamedTuple):
    """What all ads of an account had on a day."""

    day: date
    impressions: int
    clicks: int


class Listed(NamedTuple):
    """What was found of an ad, with where it belongs and what it shows."""

    reading: CreativeReading
    ad: Ad
    campaign: Campaign
    channel: Channel
    account: AdAccount
    creative: Creative | None


def accounts_with_ads(session: Session) -> list[AccountDays]:
    """Every account of which days of ads are known."""
    rows = session.execute(
        select(Ad.account_id, func.max(AdDay.day))
        .join(AdDay, AdDay.ad_number == Ad.number)
        .where(AdDay.finality >= OVER)
        .group_by(Ad.account_id)
        .order_by(Ad.account_id)
    )
    return [AccountDays(*row) for row in rows]


def running_ads(session: Session, account: AccountDays) -> list[AdHistory]:
    """All days of the account's ads that were shown within the last four weeks."""
    lately = aliased(AdDay)
    shown_lately = (
        select(lately.ad_number)
        .where(
            lately.ad_number == Ad.number,
            lately.day > account.until - timedelta(days=RUNS_WITHIN_DAYS),
            lately.finality >= OVER,
            lately.impressions > 0,
        )
        .exists()
    )
    return _histories(session, Ad.account_id == account.account_id, shown_lately)


def ad_history(session: Session, number: int) -> AdHistory:
    """All days of one ad. Raises NotFound."""
    found = _histories(session, Ad.number == number)
    if not found:
        raise NotFound("There is no such ad, or nothing is known of its days.", "Look at the list of ads.")
    return found[0]


def _histories(session: Session, *which: Any) -> list[AdHistory]:
    def in_order(column: Any) -> Any:
        return func.array_agg(aggregate_order_by(column, AdDay.day))

    rows = session.execute(
        select(
            AdDay.ad_number,
            in_order(AdDay.day),
            in_order(AdDay.impressions),
            in_order(AdDay.clicks),
            in_order(cast(AdDay.conversions, Float)),
            in_order(cast(AdDay.spend_micros, Float) / 1_000_000),
            in_order(AdDay.reach),
        )
        .join(Ad, Ad.number == AdDay.ad_number)
        .where(AdDay.finality >= OVER, *which)
        .group_by(AdDay.ad_number)
        .order_by(AdDay.ad_number)
    )
    return [AdHistory(*row) for row in rows]


def days_of_all(session: Session, account_id: UUID) -> list[DayOfAll]:
    """What all ads of the account had, day by day."""
    rows = session.execute(
        select(AdDay.day, func.sum(AdDay.impressions), func.sum(AdDay.clicks))
        .join(Ad, Ad.number == AdDay.ad_number)
        .where(Ad.account_id == account_id, AdDay.finality >= OVER)
        .group_by(AdDay.day)
        .order_by(AdDay.day)
    )
    return [DayOfAll(day, int(impressions or 0), int(clicks or 0)) for day, impressions, clicks in rows]


def has_ads(session: Session) -> bool:
    """True where any ad is known."""
    return session.scalar(select(Ad.number).limit(1)) is not None


def last_read(session: Session) -> tuple[int, Any] | None:
    """(version of the facts, moment) of what is kept; None where nothing is."""
    row = session.execute(select(CreativeReading.data_version, CreativeReading.read_at).limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])


def listed(session: Session, filters: Filters, *, limit: int, offset: int) -> Sequence[Listed]:
    """Ads that the filters leave: worn out, tiring, holding up, not enough data; within each the dearest first."""
    rows = session.execute(
        _wide(filters)
        .order_by(_RANK, CreativeReading.spend_micros.desc(), CreativeReading.ad_number)
        .limit(limit)
        .offset(offset)
    )
    return [Listed(*row) for row in rows]


def one_listed(session: Session, number: int) -> Listed:
    """What was found of one ad. Raises NotFound."""
    row = session.execute(_wide(Filters()).where(CreativeReading.ad_number == number)).one_or_none()
    if row is None:
        raise NotFound("Nothing is kept of this ad.", "It was not shown in the last four weeks, or never was here.")
    return Listed(*row)


def _wide(filters: Filters) -> Select[*tuple[Any, ...]]:
    asked = (
        select(CreativeReading, Ad, Campaign, Channel, AdAccount, Creative)
        .join(Ad, Ad.number == CreativeReading.ad_number)
        .join(Campaign, Campaign.number == Ad.campaign_number)
        .join(Channel, Channel.id == Campaign.channel_id)
        .join(AdAccount, AdAccount.id == Ad.account_id)
        .outerjoin(Creative, (Creative.account_id == Ad.account_id) & (Creative.platform_id == Ad.creative_platform_id))
    )
    return _narrowed(asked, filters)


def _narrowed(asked: Select[*Columns], filters: Filters) -> Select[*Columns]:
    if filters.level:
        asked = asked.where(CreativeReading.level == filters.level)
    if filters.channel:
        asked = asked.where(Channel.key == filters.channel)
    if filters.campaign:
        asked = asked.where(Campaign.id == filters.campaign)
    return asked


def counts_by_level(session: Session, filters: Filters) -> dict[str, int]:
    """How many ads of each level the other filters leave."""
    asked = (
        select(CreativeReading.level, func.count())
        .join(Ad, Ad.number == CreativeReading.ad_number)
        .join(Campaign, Campaign.number == Ad.campaign_number)
        .join(Channel, Channel.id == Campaign.channel_id)
        .group_by(CreativeReading.level)
    )
    everything = Filters("", filters.channel, filters.campaign)
    return {level: int(number) for level, number in session.execute(_narrowed(asked, everything))}


def channels_of_ads(session: Session) -> list[tuple[str, str]]:
    """(key, name) of the channels whose ads were read."""
    rows = session.execute(
        select(Channel.key, Channel.name)
        .join(Campaign, Campaign.channel_id == Channel.id)
        .join(Ad, Ad.campaign_number == Campaign.number)
        .join(CreativeReading, CreativeReading.ad_number == Ad.number)
        .distinct()
        .order_by(Channel.name)
    )
    return [(key, name) for key, name in rows]
