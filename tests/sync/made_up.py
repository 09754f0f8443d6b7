"""A connector that reads a made-up world in process, so that the engine is tested without any wire: pages, checkpoints, troubles."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from adloom_sdk.connector import Connector, Context
from adloom_sdk.days import each_day
from adloom_sdk.http import Client, Exchange
from adloom_sdk.manifest import ApiKey, Capability, Manifest, RatePolicy
from adloom_sdk.messages import Batch, Checkpoint, Kind, Message, Progress, ReadRequest
from adloom_sdk.records import Account, Ad, AdGroup, AnyRecord, Campaign, Creative, DailyMetric, Level, RevenueDay
from adloom_sdk.testing.orders import OrderBook
from adloom_sdk.testing.world import Clock, Entity, Numbers, Shape, World, WorldAccount
from app.connections.models import Connection
from app.connections.opening import Opened, Watching

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Trouble = Callable[[ReadRequest, int], None]


def made_up_world(*, key: str = "made_up", seed: int = 1, **shape: Any) -> World:
    """A small world whose clock stands still."""
    size = {"campaigns": 4, "ad_groups": 1, "ads": 2, "history_days": 200, **shape}
    return World(key, seed=seed, shape=Shape(**size), clock=Clock(NOW, is_frozen=True))


@dataclass
class MadeUp(Connector):
    """Pages of `page_size` records, a checkpoint after each; `trouble` is asked before every page."""

    world: World
    page_size: int = 50
    trouble: Trouble = lambda _request, _page: None
    requests: list[ReadRequest] = field(default_factory=list)
    pages: int = 0
    vanished: set[tuple[str, date]] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)
    has_checkpoints: bool = True
    sells: bool = False
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._guard = threading.Lock()
        daily = (Capability.CAMPAIGNS, Capability.AD_GROUPS, Capability.ADS, Capability.CREATIVES, Capability.DAILY)
        values: dict[str, Any] = {
            "key": self.world.platform,
            "title": "Made-up Ads",
            "channel": "" if self.sells else "facebook_ads",
            "summary": "A world without a wire",
            "version": "1",
            "auth": ApiKey(),
            "hosts": {"api": "https://made-up.test"},
            "capabilities": (Capability.REVENUE,) if self.sells else daily,
            "levels": (Level.CAMPAIGN, Level.AD),
            "restatement_days": 28,
            "max_window_days": 15,
            "retention_days": 100,
            "rate": RatePolicy(concurrency=3),
            **self.changes,
        }
        self.manifest = Manifest(**values)  # type: ignore[misc]  # of this one, not of the class

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every account of the world."""
        for one in self.world.accounts:
            yield Account(id=one.id, name=one.name, currency=one.currency, timezone=one.timezone, status=one.status)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Records in pages."""
        with self._guard:
            self.requests.append(request)
        records = list(self._records(request))
        start = int((request.checkpoint or {}).get("from", 0))
        yield Progress("Made-up Ads prepares the report")
        for page, first in enumerate(range(start, max(len(records), 1), self.page_size)):
            ctx.stop_if_cancelled()
            self.trouble(request, page)
            with self._guard:
                self.pages += 1
            yield Batch(tuple(records[first : first + self.page_size]))
            if self.has_checkpoints:
                yield Checkpoint({"from": first + self.page_size})

    def _records(self, request: ReadRequest) -> Iterator[AnyRecord]:
        account = self.world.account(request.account.id)
        assert account is not None
        if request.kind is Kind.REVENUE:
            yield from self._takings(account, *request.days())
        elif request.kind is Kind.DAILY:
            yield from self._daily(account, request)
        elif request.kind is Kind.CAMPAIGNS:
            shown = (one for one in self.world.campaigns(account) if one.id not in self.unlisted)
            yield from (_campaign(account, one) for one in shown)
        elif request.kind is Kind.AD_GROUPS:
            yield from (_ad_group(account, one) for one in self.world.ad_groups(account))
        elif request.kind is Kind.ADS:
            yield from (_ad(account, one) for one in self.world.ads(account))
        else:
            yield from (Creative(id=f"c{one.id}", account_id=account.id) for one in self.world.ads(account))

    def _daily(self, account: WorldAccount, request: ReadRequest) -> Iterator[DailyMetric]:
        level = request.level or Level.CAMPAIGN
        for entity in self.world.entities(account, level.value):
            for day in each_day(*request.days()):
                numbers = self.world.numbers(account, entity, day)
                if not numbers.is_nothing and (entity.id, day) not in self.vanished:
                    yield _metric(account, entity, day, level, numbers)

    def _takings(self, account: WorldAccount, since: date, until: date) -> Iterator[RevenueDay]:
        for (day, source), one in OrderBook(self.world).by_source(account, since, until).items():
            yield RevenueDay(
                account_id=account.id,
                day=day,
                currency=account.currency,
                source=source,
                revenue_micros=one.revenue_micros,
                orders=one.orders,
                new_customers=one.new_customers,
                returning_customers=one.returning_customers,
                sessions=one.sessions,
            )

    @contextmanager
    def opener(self, _session: Session, _connection: Connection, *, watching: Watching) -> Iterator[Opened]:
        """Opens itself; a call is counted for each page."""
        client = Client(self.manifest)

        def stopped() -> bool:
            watching.on_exchange(Exchange("GET", "made-up.test", "/", 200, 1.0, "ok"))
            return watching.is_cancelled()

        try:
            yield Opened(self, Context(http=client, clock=self.world.clock.now, is_cancelled=stopped))
        finally:
            client.close()


def _campaign(account: WorldAccount, one: Entity) -> Campaign:
    return Campaign(
        id=one.id,
        account_id=account.id,
        name=one.name,
        status=one.status,
        currency=account.currency,
        daily_budget_micros=one.daily_budget_micros,
        starts_on=one.begins_on,
        ends_on=one.ends_on,
    )


def _ad_group(account: WorldAccount, one: Entity) -> AdGroup:
    return AdGroup(id=one.id, account_id=account.id, campaign_id=str(one.campaign), name=one.name, status=one.status)


def _ad(account: WorldAccount, one: Entity) -> Ad:
    return Ad(
        id=one.id,
        account_id=account.id,
        campaign_id=str(one.campaign),
        ad_group_id=str(one.parent),
        name=one.name,
        status=one.status,
        creative_id=f"c{one.id}",
    )


def _metric(account: WorldAccount, entity: Entity, day: date, level: Level, numbers: Numbers) -> DailyMetric:
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=entity.id,
        campaign_id=str(entity.campaign),
        day=day,
        currency=account.currency,
        spend_micros=numbers.spend_micros,
        impressions=numbers.impressions,
        clicks=numbers.clicks,
        conversions=float(numbers.conversions),
        conversion_value_micros=numbers.conversion_value_micros,
        extras={"saves": 1.5},
    )


def days_before(days: int) -> date:
    """A day before the world's today."""
    return NOW.date() - timedelta(days=days)
