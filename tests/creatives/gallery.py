"""An account whose ads wear out, hold up, or cannot be told: days written as a sync would have written them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.campaigns.platform_models import Ad, AdDay, Campaign, Creative
from app.creatives.service import read_ads
from kit.clock import utc_now
from kit.ids import new_id
from tests.campaigns.advertiser import MICROS, Advertiser

DAYS = 60


@dataclass
class Gallery:
    """Writes ads. Without noise of its own, so that what is found follows from what was written."""

    session: Session
    numbers: dict[str, int] = field(default_factory=dict)
    of_campaign: Campaign | None = None

    def __post_init__(self) -> None:
        self.today: date = utc_now().date()
        self.rows = Advertiser(self.session, last_day=self.today - timedelta(days=1))
        self.campaign = self.of_campaign or self.rows.campaign("Always on", account=self.rows.account("Northwind"))

    def ad(
        self,
        name: str,
        *,
        first: float = 0.02,
        last: float = 0.02,
        days: int = DAYS,
        impressions: int = 4000,
        ends_before: int = 1,
        campaign: Campaign | None = None,
        **more: Any,
    ) -> int:
        """An ad whose click rate goes from `first` to `last` in a straight line over its days. Answers its number."""
        of = campaign or self.campaign
        creative = Creative(
            account_id=of.account_id,
            platform_id=new_id().hex,
            kind="image",
            title=f"{name}, the picture",
            body="Light on the foot, sure on wet stone.",
            link_url="https://northwind.example/spring",
            media_urls=["https://cdn.northwind.example/spring.jpg", "javascript:alert(1)"],
        )
        ad = Ad(
            account_id=of.account_id,
            campaign_number=of.number,
            platform_id=new_id().hex,
            creative_platform_id=creative.platform_id,
            name=name,
            status="active",
        )
        self.session.add_all([creative, ad])
        self.session.flush()
        begins = self.today - timedelta(days=days + ends_before - 1)
        rates = np.linspace(first, last, days)
        rows = [
            {
                "ad_number": ad.number,
                "day": begins + timedelta(days=offset),
                "spend_micros": (20 + offset) * MICROS,
                "impressions": impressions,
                "clicks": round(impressions * float(rate)),
                "conversions": Decimal(3),
                "conversion_value_micros": 90 * MICROS,
                "reach": round(impressions / (1 + offset / 20)),
                "finality": 2,
            }
            | more
            for offset, rate in enumerate(rates)
        ]
        self.session.execute(insert(AdDay), rows)
        self.numbers[name] = ad.number
        return ad.number

    def usual(self) -> None:
        """One of each kind."""
        self.ad("Tired video", first=0.03, last=0.012, conversions=None)
        self.ad("Tiring carousel", first=0.03, last=0.018)
        self.ad("Evergreen", impressions=40_000)
        self.ad("Newcomer", days=6)

    def read(self) -> int | None:
        """As the job does."""
        return read_ads(self.session, progress=lambda _share, _sentence: None)
