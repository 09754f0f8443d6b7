"""What the API answers of ads. Rates are parts of 1 (0.02 is 2 %), money is in micros of the account's currency."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.creatives.queries import Listed
from app.creatives.service import FoundAds

INTERVAL = 0.9


class DeclineReply(msgspec.Struct, frozen=True, kw_only=True):
    """A rate in the first days and lately. `ratio` is lately over first (0.7: 30 % less) with its 90 % interval, less what all other
    ads of the account did over the same days."""

    first: float
    lately: float
    ratio: float
    low: float
    high: float


class DriverReply(msgspec.Struct, frozen=True, kw_only=True):
    """What may wear an ad out: its average a day in the first days and lately, and how the click rate moved with it (−1 to 1;
    strongly negative: the rate fell as it rose). `name` is frequency, spend (units of the currency) or impressions."""

    name: str
    first: float
    lately: float
    correlation: float | None


class CreativeReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the ad shows, as far as its platform tells; addresses of media may run out."""

    kind: str
    title: str
    body: str
    link_url: str
    media_urls: list[str]


class AdReply(msgspec.Struct, frozen=True, kw_only=True):
    """One ad. `level`: fatigued, tiring, fresh or not_enough_data; `sentence` says why. `click_rate` and `conversion_rate` are None
    where they could not be compared. `spend_micros` is what it cost in the last 28 days."""

    ad: int
    platform_id: str
    name: str
    status: str
    campaign_id: UUID
    campaign: str
    channel: str
    platform: str | None
    level: str
    sentence: str
    click_rate: DeclineReply | None
    conversion_rate: DeclineReply | None
    weekly_change: float | None
    weekly_low: float | None
    weekly_high: float | None
    drivers: list[DriverReply]
    since: date
    until: date
    spend_micros: int
    currency: str
    creative: CreativeReply | None


class AnalysisReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of ads, worn out ones first. `counts` are of all ads by level; intervals hold the truth with probability `interval`.
    `is_current` is false where days have come in since `read_at`. No `next_cursor`: no more."""

    items: list[AdReply]
    total: int
    counts: dict[str, int]
    interval: float
    read_at: datetime | None
    is_current: bool
    next_cursor: str | None


def analysis_reply(found: FoundAds, *, next_cursor: str | None) -> AnalysisReply:
    """The reply for a part of the list."""
    return AnalysisReply(
        items=[_ad_reply(one) for one in found.rows],
        total=found.total,
        counts=found.counts,
        interval=INTERVAL,
        read_at=found.read_at,
        is_current=found.is_current,
        next_cursor=next_cursor,
    )


def _ad_reply(one: Listed) -> AdReply:
    told = one.reading.document
    return AdReply(
        ad=one.ad.number,
        platform_id=one.ad.platform_id,
        name=one.ad.name,
        status=one.ad.status,
        campaign_id=one.campaign.id,
        campaign=one.campaign.name,
        channel=one.channel.key,
        platform=one.campaign.connector_key,
        level=one.reading.level,
        sentence=told["reason"],
        click_rate=_decline(told["ctr"]),
        conversion_rate=_decline(told["cvr"]),
        weekly_change=told["weekly_change"],
        weekly_low=told["weekly_low"],
        weekly_high=told["weekly_high"],
        drivers=[DriverReply(**driver) for driver in told["drivers"]],
        since=one.reading.since,
        until=one.reading.until,
        spend_micros=one.reading.spend_micros,
        currency=one.account.currency,
        creative=_creative(one),
    )


def _decline(told: dict[str, Any] | None) -> DeclineReply | None:
    if told is None:
        return None
    return DeclineReply(**{name: told[name] for name in ("first", "lately", "ratio", "low", "high")})


def _creative(one: Listed) -> CreativeReply | None:
    shown = one.creative
    if shown is None:
        return None
    return CreativeReply(
        kind=shown.kind,
        title=shown.title or shown.name,
        body=shown.body,
        link_url=shown.link_url,
        media_urls=shown.media_urls,
    )
