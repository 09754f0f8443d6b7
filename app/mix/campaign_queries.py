"""The history that one campaign's daily budget is judged on: its own spend and all other advertising, beside the business's revenue."""

from datetime import date, timedelta

import numpy as np
from sqlalchemy import Float, cast, func, literal, select
from sqlalchemy.orm import Session

from app.campaigns.models import ChannelDay
from app.campaigns.platform_models import Campaign, CampaignDay
from app.mix.errors import RunRefused
from app.mix.queries import merchant_events
from app.performance.campaigns.queries import rate_on
from kit.money import MICROS
from ml.frames import MarketingFrame, frame_from_columns

OTHERS = "All other advertising"


def campaign_frame(session: Session, campaign: Campaign, *, currency: str, today: date) -> MarketingFrame:
    """Days up to yesterday in the workspace's currency. Raises RunRefused without days, or without an exchange rate."""
    own = _own_spend(session, campaign, currency=currency, today=today)
    rows = session.execute(
        select(
            ChannelDay.day,
            cast(func.sum(ChannelDay.spend_micros), Float) / MICROS,
            cast(func.coalesce(func.sum(ChannelDay.revenue_micros), 0), Float) / MICROS,
        )
        .where(ChannelDay.day < today)
        .group_by(ChannelDay.day)
        .order_by(ChannelDay.day)
    ).all()
    if not rows or not own:
        raise RunRefused(
            "There are no days of this campaign yet.", "Wait for its first sync, and for 60 days of numbers."
        )
    days = [row[0] for row in rows]
    mine = [own.get(day, 0.0) for day in days]
    others = [max(float(row[1]) - spent, 0.0) for row, spent in zip(rows, mine, strict=True)]
    return frame_from_columns(
        dates=np.array(days * 2, "datetime64[D]"),
        channels=[campaign.name] * len(days) + [OTHERS] * len(days),
        spend=np.array(mine + others, float),
        revenue=np.array([0.0] * len(days) + [row[2] for row in rows], float),
        events=merchant_events(session),
        currency=currency,
    )


def spend_per_day_micros(session: Session, campaign: Campaign, *, today: date, days: int) -> float | None:
    """What it cost a day of late, in its own currency; None where nothing is told."""
    since = today - timedelta(days=days)
    return session.scalar(
        select(cast(func.avg(CampaignDay.spend_micros), Float)).where(
            CampaignDay.campaign_number == campaign.number, CampaignDay.day >= since, CampaignDay.day < today
        )
    )


def _own_spend(session: Session, campaign: Campaign, *, currency: str, today: date) -> dict[date, float]:
    rate = rate_on(literal(campaign.currency), CampaignDay.__table__.c.day, currency)
    rows = session.execute(
        select(CampaignDay.day, cast(CampaignDay.spend_micros, Float) / MICROS, rate).where(
            CampaignDay.campaign_number == campaign.number, CampaignDay.day < today
        )
    ).all()
    if any(row[2] is None for row in rows):
        raise RunRefused(
            f"There is no exchange rate from {campaign.currency} to {currency} for some of its days.",
            "Wait for the next fetch of exchange rates; it comes with each sync.",
        )
    return {row[0]: float(row[1]) * float(row[2]) for row in rows}
