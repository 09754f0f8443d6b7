"""One campaign with its numbers: course, the period before, its ads with their creatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from app.campaigns.models import Channel
from app.campaigns.platform_models import Ad, AdDay, AdGroup, Campaign, CampaignDay, Creative
from app.connections.models import AdAccount
from app.performance.campaigns.queries import BASE_COLUMNS, known_extent, of_campaign
from app.performance.campaigns.service import added, metric_values
from app.performance.queries import Extent
from app.performance.service import Notice, PeriodRequest, Value, choose_window
from app.performance.windows import Step, Window, step_for
from billing.plans import Plan

MOST_ADS = 100
Bases = dict[str, int | float | None]
_AD_BASES = {
    "spend_micros": AdDay.spend_micros,
    "revenue_micros": AdDay.conversion_value_micros,
    "impressions": AdDay.impressions,
    "clicks": AdDay.clicks,
    "conversions": AdDay.conversions,
}


@dataclass(frozen=True)
class CoursePoint:
    """A day, a week or a month in all; `days` of it have been told."""

    since: date
    days: int
    values: dict[str, Value]


@dataclass(frozen=True)
class AdRow:
    """An ad with its metrics and what it shows."""

    name: str
    ad_group: str
    status: str
    creative: Creative | None
    values: dict[str, Value]


@dataclass(frozen=True)
class OneCampaign:
    """Everything that a campaign's page shows of the period; money in micros of the campaign's currency."""

    campaign: Campaign
    channel: Channel
    account: AdAccount | None
    window: Window
    known: Extent
    step: Step
    totals: dict[str, Value]
    before: dict[str, Value]
    course: tuple[CoursePoint, ...]
    ads: tuple[AdRow, ...]
    ads_in_all: int
    notices: tuple[Notice, ...]


def one_campaign(
    session: Session, campaign: Campaign, *, period: PeriodRequest, plan: Plan, today: date, step: Step | None = None
) -> OneCampaign:
    """The campaign over a period that is clipped to the history that the plan shows."""
    known = known_extent(session)
    window, notices = choose_window(known, period=period, plan=plan, today=today)
    step = step or step_for(window)
    days, days_before = (_days(session, campaign.number, part) for part in (window, window.before()))
    ads = _ads(session, campaign.number, window)
    return OneCampaign(
        campaign=campaign,
        channel=session.get_one(Channel, campaign.channel_id),
        account=session.get(AdAccount, campaign.account_id) if campaign.account_id else None,
        window=window,
        known=known,
        step=step,
        totals=metric_values(added(list(days.values()))),
        before=metric_values(added(list(days_before.values()))),
        course=tuple(_point(part, days) for part in window.steps(step)),
        ads=tuple(ads),
        ads_in_all=session.scalar(select(func.count()).where(Ad.campaign_number == campaign.number)) or 0,
        notices=tuple(notices),
    )


def _days(session: Session, number: int, window: Window) -> dict[date, Bases]:
    """The campaign's days by the primary key, so that it costs the same among ten thousand campaigns as alone."""
    columns = [cast(column, Float) if base == "conversions" else column for base, column in BASE_COLUMNS.items()]
    rows = session.execute(select(CampaignDay.day, *columns).where(of_campaign(number, window)))
    return {row[0]: dict(zip(BASE_COLUMNS, row[1:], strict=True)) for row in rows}


def _point(part: Window, days: Mapping[date, Bases]) -> CoursePoint:
    told = [bases for day, bases in days.items() if part.since <= day <= part.until]
    return CoursePoint(part.since, len(told), metric_values(added(told)))


def _ads(session: Session, number: int, window: Window) -> list[AdRow]:
    """The ads that cost most, each with its creative."""
    sums = (
        select(
            AdDay.ad_number,
            *(
                cast(func.sum(column), Float() if base == "conversions" else BigInteger()).label(base)
                for base, column in _AD_BASES.items()
            ),
        )
        .join(Ad, Ad.number == AdDay.ad_number)
        .where(Ad.campaign_number == number, AdDay.day.between(window.since, window.until))
        .group_by(AdDay.ad_number)
        .subquery("sums")
    )
    rows: Sequence[Any] = session.execute(
        select(Ad.name, AdGroup.name, Ad.status, Creative, *(sums.c[base] for base in _AD_BASES))
        .outerjoin(AdGroup, AdGroup.number == Ad.ad_group_number)
        .outerjoin(
            Creative,
            (Creative.account_id == Ad.account_id) & (Creative.platform_id == Ad.creative_platform_id),
        )
        .outerjoin(sums, sums.c.ad_number == Ad.number)
        .where(Ad.campaign_number == number)
        .order_by(sums.c.spend_micros.desc().nulls_last(), Ad.name, Ad.number)
        .limit(MOST_ADS)
    ).all()
    return [
        AdRow(name, group or "", status, creative, metric_values(dict(zip(_AD_BASES, bases, strict=True))))
        for name, group, status, creative, *bases in rows
    ]
