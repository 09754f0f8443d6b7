"""What the business itself did on the platforms that published figures speak of, summed over days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.models import Channel, ChannelDay
from app.campaigns.platform_models import Campaign, CampaignDay, ExchangeRate
from kit.money import MICROS


@dataclass(frozen=True)
class OwnSums:
    """Sums in currency units and counts; None where nobody told. `origin` says whose they are."""

    origin: str
    spend: float | None = None
    revenue: float | None = None
    impressions: float | None = None
    clicks: float | None = None
    conversions: float | None = None


_COUNTS = ("impressions", "clicks", "conversions")


def sums_of_campaigns(session: Session, *, kind: str, since: date, until: date) -> OwnSums | None:
    """Campaigns of one type on connected platforms (`SEARCH`), in the workspace's currency; None where none ran.

    Money of a day without an exchange rate makes all money unknown: a part would look cheap.
    """
    rows = session.execute(
        select(
            Campaign.currency,
            CampaignDay.day,
            func.sum(CampaignDay.spend_micros),
            func.sum(CampaignDay.conversion_value_micros),
            *(func.sum(getattr(CampaignDay, name)) for name in _COUNTS),
        )
        .join(CampaignDay, CampaignDay.campaign_number == Campaign.number)
        .join(Channel, (Channel.id == Campaign.channel_id) & Channel.is_counted)
        .where(func.upper(Campaign.kind) == kind, CampaignDay.day.between(since, until))
        .group_by(Campaign.currency, CampaignDay.day)
    ).all()
    if not rows:
        return None
    rates = {code: _rates(session, code) for code in {row[0] for row in rows}}
    worth = [_on(rates[row[0]], row[1]) for row in rows]
    return OwnSums(
        f"campaigns of type {kind.capitalize()}",
        _money([row[2] for row in rows], worth),
        _money([row[3] for row in rows], worth),
        *(_sum([row[place] for row in rows]) for place in (4, 5, 6)),
    )


def sums_of_channels(session: Session, *, keys: Sequence[str], since: date, until: date) -> OwnSums | None:
    """The channels with these keys; None where none of them has days."""
    rows = session.execute(
        select(
            Channel.name,
            func.sum(ChannelDay.spend_micros),
            func.sum(ChannelDay.revenue_micros),
            *(func.sum(getattr(ChannelDay, name)) for name in _COUNTS),
        )
        .join(ChannelDay, ChannelDay.channel_id == Channel.id)
        .where(Channel.key.in_(keys), ChannelDay.day.between(since, until))
        .group_by(Channel.name, Channel.slot)
        .order_by(Channel.slot)
    ).all()
    if not rows:
        return None
    ones = [Decimal(1)] * len(rows)
    return OwnSums(
        ", ".join(row[0] for row in rows),
        _money([row[1] for row in rows], ones),
        _money([row[2] for row in rows], ones),
        *(_sum([row[place] for row in rows]) for place in (3, 4, 5)),
    )


def worth_of_a_dollar(session: Session, *, on: date) -> tuple[float, date] | None:
    """What a US dollar was worth in the workspace's currency, and on which day; None where nobody told."""
    row = session.execute(
        select(ExchangeRate.rate, ExchangeRate.day)
        .where(ExchangeRate.currency == "USD", ExchangeRate.day <= on)
        .order_by(ExchangeRate.day.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (float(row[0]), row[1])


def _rates(session: Session, code: str) -> list[tuple[date, Decimal]]:
    rows = session.execute(
        select(ExchangeRate.day, ExchangeRate.rate).where(ExchangeRate.currency == code).order_by(ExchangeRate.day)
    )
    return [(row[0], row[1]) for row in rows]


def _on(rates: Sequence[tuple[date, Decimal]], day: date) -> Decimal | None:
    """The newest rate up to the day."""
    known = [rate for on, rate in rates if on <= day]
    return known[-1] if known else None


def _money(micros: Sequence[int | None], worth: Sequence[Decimal | None]) -> float | None:
    total = Decimal(0)
    for amount, rate in zip(micros, worth, strict=True):
        if amount is not None and rate is None:
            return None
        total += Decimal(amount or 0) * (rate or 0)
    return float(total) / MICROS if any(amount is not None for amount in micros) else None


def _sum(values: Sequence[Decimal | int | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) if known else None
