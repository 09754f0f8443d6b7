"""Somebody with campaigns: months of days in three currencies' worth of accounts, written as a sync would have written them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.campaigns.models import ChannelDay
from app.campaigns.platform_models import Campaign, CampaignDay
from app.predictions.registry import Trained
from app.predictions.schemas import Kind, NewPrediction
from app.predictions.training import train_campaigns
from kit.clock import today_in
from tests.campaigns.advertiser import MICROS, Advertiser

ZONE = "UTC"
PLATFORMS = ("meta_ads", "google_ads")
OBJECTIVES = ("sales", "leads")


def today() -> date:
    return today_in(ZONE)


@dataclass
class Seller:
    """Writes campaigns whose return differs by platform and objective, and moves a little from week to week."""

    session: Session
    campaigns: list[Campaign] = field(default_factory=list)

    def run_campaigns(self, number: int = 10, *, days: int = 240, currency: str = "USD", seed: int = 1) -> None:
        """Campaigns up to yesterday, each spending about 60 a day for about three conversions of 40 each."""
        random = np.random.default_rng(seed)
        advertiser = Advertiser(self.session, last_day=today() - timedelta(days=1))
        accounts = {
            platform: advertiser.account(platform, connector=platform, currency=currency) for platform in PLATFORMS
        }
        for index in range(number):
            campaign = advertiser.campaign(
                f"Campaign {index + 1}",
                account=accounts[PLATFORMS[index % 2]],
                objective=OBJECTIVES[index // 2 % 2],
            )
            self.campaigns.append(campaign)
            self._write(campaign, random, days)

    def _write(self, campaign: Campaign, random: np.random.Generator, days: int) -> None:
        spend = 60 * np.exp(random.normal(0, 0.2, days)) * np.exp(random.normal(0, 0.3))
        rate = 0.05 * np.exp(random.normal(0, 0.3) + np.cumsum(random.normal(0, 0.01, days)))
        conversions = random.poisson(spend * rate)
        first = today() - timedelta(days=days)
        rows: list[dict[str, Any]] = [
            {
                "campaign_number": campaign.number,
                "day": first + timedelta(days=offset),
                "spend_micros": round(float(spend[offset]) * MICROS),
                "impressions": 1000,
                "clicks": 30,
                "conversions": Decimal(int(conversions[offset])),
                "conversion_value_micros": int(conversions[offset]) * 40 * MICROS,
                "finality": 2,
            }
            for offset in range(days)
        ]
        self.session.execute(insert(CampaignDay), rows)

    def takes(self, revenue: dict[date, int], *, spend: int = 10) -> None:
        """Days of the business, in units."""
        channel = Advertiser(self.session).channel()
        rows = [
            {
                "day": day,
                "channel_id": channel.id,
                "spend_micros": spend * MICROS,
                "revenue_micros": amount * MICROS,
            }
            for day, amount in revenue.items()
        ]
        self.session.execute(insert(ChannelDay), rows)

    def train(self) -> Trained:
        """As the weekly job does."""
        return train_campaigns(
            self.session, currency="USD", today=today(), job_id=None, progress=lambda _share, _sentence: None
        )


def said(key: str, **changes: Any) -> NewPrediction:
    """A revenue of 1,000, between 900 and 1,100, over the week that ended three days ago."""
    until = today() - timedelta(days=3)
    fields: dict[str, Any] = {
        "kind": Kind.FORECAST_REVENUE,
        "since": until - timedelta(days=6),
        "until": until,
        "point": 1000 * MICROS,
        "low": 900 * MICROS,
        "high": 1100 * MICROS,
        "unit": "micros",
        "currency": "USD",
        "model": "structural",
        "model_version": "1",
        "data_version": 1,
        "key": key,
    }
    return NewPrediction(**(fields | changes))


def days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=offset) for offset in range((until - since).days + 1)]
