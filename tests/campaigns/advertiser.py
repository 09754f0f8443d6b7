"""A workspace that advertises: connections, accounts, campaigns with days, in several currencies."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.campaigns.channels import create_channel
from app.campaigns.facts import refresh_rollup
from app.campaigns.models import Channel
from app.campaigns.platform_models import Ad, AdDay, AdGroup, Campaign, CampaignDay, Creative, ExchangeRate
from app.connections.models import AdAccount, Connection
from kit.ids import new_id

MICROS = 1_000_000
LAST_DAY = date(2026, 11, 20)


@dataclass
class Advertiser:
    """Writes what a sync would have written. Days end on `last_day`."""

    session: Session
    last_day: date = LAST_DAY

    def channel(self, key: str = "facebook_ads", name: str = "Facebook Ads") -> Channel:
        found = self.session.scalar(select(Channel).where(Channel.key == key))
        return found or create_channel(self.session, key=key, name=name)

    def account(
        self, name: str = "Main", *, connector: str = "meta_ads", currency: str = "USD", **more: Any
    ) -> AdAccount:
        """An account under a connection of its own that may write."""
        connection = Connection(
            connector_key=connector, label=name, state="active", may_write=True, connected_by=new_id()
        )
        self.session.add(connection)
        self.session.flush()
        fields = {"platform_id": f"act_{new_id().hex[:8]}", "timezone": "UTC", "status": "active", "may_write": True}
        account = AdAccount(
            connection_id=connection.id,
            connector_key=connector,
            name=name,
            currency=currency,
            is_selected=True,
            **(fields | more),
        )
        self.session.add(account)
        self.session.flush()
        return account

    def campaign(self, name: str, *, account: AdAccount, channel: Channel | None = None, **more: Any) -> Campaign:
        fields = {
            "platform_id": new_id().hex,
            "status": "active",
            "currency": account.currency,
            "daily_budget_micros": 50 * MICROS,
        }
        campaign = Campaign(
            name=name,
            account_id=account.id,
            connector_key=account.connector_key,
            channel_id=(channel or self.channel()).id,
            **(fields | more),
        )
        self.session.add(campaign)
        self.session.flush()
        return campaign

    def days(self, campaign: Campaign, count: int = 10, **measures: Any) -> None:
        """The last days, each alike; money in units of the currency."""
        spend, value = measures.pop("spend", 10), measures.pop("value", 30)
        for offset in range(count):
            self.session.add(
                CampaignDay(
                    campaign_number=campaign.number,
                    day=self.last_day - timedelta(days=offset),
                    spend_micros=spend * MICROS,
                    conversion_value_micros=None if value is None else value * MICROS,
                    finality=2,
                    **({"impressions": 1000, "clicks": 20, "conversions": Decimal(2)} | measures),
                )
            )
        self.session.flush()

    def ad(self, campaign: Campaign, name: str = "Spring video", *, spend: int = 6) -> Ad:
        """An ad in a group of its own, with a creative and ten days."""
        assert campaign.account_id is not None
        place = {"account_id": campaign.account_id, "campaign_number": campaign.number}
        group = AdGroup(**place, platform_id=new_id().hex, name="Everybody", status="active")
        creative = Creative(
            account_id=campaign.account_id,
            platform_id=new_id().hex,
            kind="video",
            title="Spring is here",
            body="Shoes for every path.",
            link_url="https://shop.example/spring",
            media_urls=["https://cdn.example/spring.mp4"],
        )
        self.session.add_all([group, creative])
        self.session.flush()
        ad = Ad(
            **place,
            ad_group_number=group.number,
            platform_id=new_id().hex,
            creative_platform_id=creative.platform_id,
            name=name,
            status="active",
        )
        self.session.add(ad)
        self.session.flush()
        for offset in range(10):
            day = self.last_day - timedelta(days=offset)
            numbers = {"spend_micros": spend * MICROS, "impressions": 500, "clicks": 9, "conversions": 1}
            self.session.add(AdDay(ad_number=ad.number, day=day, finality=2, **numbers))
        self.session.flush()
        return ad

    def rate(self, currency: str, rate: str, *, days: int = 400) -> None:
        """What a unit was worth, on one day long ago and so ever since."""
        day = self.last_day - timedelta(days=days)
        self.session.add(ExchangeRate(currency=currency, day=day, rate=Decimal(rate), source="Test"))
        self.session.flush()

    def many(self, number: int, *, account: AdAccount, days: int) -> None:
        """Campaigns by the thousand, with days, set-wise."""
        channel: UUID = self.channel().id
        self.session.execute(
            text(
                "INSERT INTO campaigns (id, account_id, connector_key, platform_id, channel_id, name, status, currency,"
                " daily_budget_micros) SELECT gen_random_uuid(), :account, 'meta_ads', 'bulk-' || n, :channel,"
                " 'Campaign ' || n, (ARRAY['active', 'paused', 'ended'])[1 + n % 3], :currency, 1000000 * (1 + n % 500)"
                " FROM generate_series(1, :number) AS n"
            ),
            {"account": account.id, "channel": channel, "number": number, "currency": account.currency},
        )
        self.session.execute(
            text(
                "INSERT INTO campaign_days (campaign_number, day, spend_micros, impressions, clicks, conversions,"
                " conversion_value_micros, finality) SELECT campaigns.number, cast(:last_day AS date) - d,"
                " 1000000 + campaigns.number % 977 * 10000, 1000 + d, 20 + campaigns.number % 7, 2.5, 5000000, 2"
                " FROM campaigns, generate_series(0, :days - 1) AS d WHERE platform_id LIKE 'bulk-%'"
            ),
            {"last_day": self.last_day, "days": days},
        )
        self.session.execute(text("ANALYZE campaigns"))
        self.session.execute(text("ANALYZE campaign_days"))

    def rolled_up(self) -> None:
        """The roll-up over everything written."""
        refresh_rollup(self.session, since=self.last_day - timedelta(days=800), until=self.last_day)
