"""What a sync would have stored of the sandbox's worlds: connections, accounts and campaigns with their newest days.

Written down rather than synced: the same pictures every time, and nothing is read in the background while pages are looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from adloom_sdk.records import EntityStatus
from adloom_sdk.testing.world import Clock, Entity, Numbers, Shape, World, WorldAccount
from app.campaigns.models import Channel
from app.campaigns.platform_models import Campaign, CampaignDay
from app.campaigns.rates import keep_own_currency, put_rates
from app.connections.models import AdAccount, Connection
from app.sync.models import SyncState
from tests.campaigns.advertiser import Advertiser
from tests.people import Person

DAYS = 45
_ZONES = (("USD", "America/New_York"), ("EUR", "Europe/Berlin"))
_LONG_NAME = "US | Prospecting | Lookalike 1 % of purchasers | Video | Always on 2026"


@dataclass
class PlatformRows:
    """Writes the rows of one person's workspace. `places` are the ids that addresses need."""

    session: Session
    person: Person
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    places: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.today = self.now.date()
        self.rows = Advertiser(self.session, last_day=self.today - timedelta(days=1))

    def rates(self) -> None:
        """What a euro is worth."""
        keep_own_currency(self.session, "USD")
        began_on = self.today - timedelta(days=500)
        put_rates(self.session, {("EUR", began_on): Decimal("1.0843")}, source="European Central Bank")

    def connection(self, key: str, label: str, **more: Any) -> Connection:
        """A connection that worked a quarter of an hour ago."""
        values = {"state": "active", "signed_in_as": "olive@northwind.example", "connected_by": self.person.user_id}
        row = Connection(
            connector_key=key,
            label=label,
            last_ok_at=self.now - timedelta(minutes=14),
            created_at=self.now - timedelta(days=90),
            **(values | more),
        )
        self.session.add(row)
        self.session.flush()
        return row

    def account(self, connection: Connection, name: str, **more: Any) -> AdAccount:
        """An account of a connection."""
        values = {"currency": "USD", "timezone": "America/New_York", "status": "active"}
        row = AdAccount(
            connection_id=connection.id, connector_key=connection.connector_key, name=name, **(values | more)
        )
        self.session.add(row)
        self.session.flush()
        return row

    def platform(self, key: str, connection: Connection, channel: str, *, campaigns: int) -> list[AdAccount]:
        """A dollar account and a euro account, read to the end."""
        shape = Shape(_ZONES, has_disabled_account=False, campaigns=campaigns, ads=1, history_days=400)
        world = World(key, shape=shape, clock=Clock(self.now, is_frozen=True))
        found = []
        for one in world.accounts:
            account = self.account(
                connection,
                one.name,
                platform_id=one.id,
                currency=one.currency,
                timezone=one.timezone,
                is_selected=True,
                may_write=True,
            )
            self.read(account, days=400)
            self.campaigns(world, one, account, channel)
            found.append(account)
        return found

    def read(self, account: AdAccount, *, days: int) -> None:
        """How far the history of an account is."""
        first = self.today - timedelta(days=days)
        self.session.add(
            SyncState(
                account_id=account.id,
                wanted_from=self.today - timedelta(days=400),
                covered_from=first,
                covered_to=self.today,
                synced_at=self.now - timedelta(minutes=14),
                due_at=self.now + timedelta(hours=9),
            )
        )
        self.session.flush()

    def campaigns(self, world: World, told: WorldAccount, account: AdAccount, channel: str) -> None:
        """The world's campaigns of an account with their newest days."""
        channel_row = self.rows.channel(channel, {"facebook_ads": "Facebook Ads"}.get(channel, "Google Ads"))
        for one in world.campaigns(told):
            row = self._campaign(one, account, channel_row)
            days = [day_row(row.number, day, numbers) for day, numbers in self._days(world, told, one)]
            if days:
                self.session.execute(insert(CampaignDay), days)

    def _campaign(self, one: Entity, account: AdAccount, channel: Channel) -> Campaign:
        return self.rows.campaign(
            _LONG_NAME if one.name == "Retargeting 21" else one.name,
            account=account,
            channel=channel,
            platform_id=one.id,
            status=one.status.value,
            raw_status="CAMPAIGN_PAUSED" if one.status is EntityStatus.PAUSED else one.status.value.upper(),
            objective="OUTCOME_SALES" if account.connector_key == "meta_ads" else "",
            kind="" if account.connector_key == "meta_ads" else "PERFORMANCE_MAX",
            daily_budget_micros=one.daily_budget_micros,
            budget_owner="shared" if one.is_budget_shared else "campaign",
            starts_on=one.begins_on,
            ends_on=one.ends_on,
        )

    def _days(self, world: World, told: WorldAccount, one: Entity) -> Iterator[tuple[date, Numbers]]:
        for offset in range(1, DAYS + 1):
            day = self.today - timedelta(days=offset)
            if not (numbers := world.numbers(told, one, day)).is_nothing:
                yield day, numbers


def day_row(number: int, day: date, numbers: Numbers, *, key: str = "campaign_number") -> dict[str, Any]:
    return {
        key: number,
        "day": day,
        "spend_micros": numbers.spend_micros,
        "impressions": numbers.impressions,
        "clicks": numbers.clicks,
        "conversions": Decimal(numbers.conversions),
        "conversion_value_micros": numbers.conversion_value_micros,
        "finality": 2 if day < datetime.now(UTC).date() - timedelta(days=7) else 1,
    }
