"""A workspace with accounts of a made-up platform, and a way to sync them as a worker does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.world import World, WorldAccount
from app.campaigns.rates import keep_own_currency
from app.connections.models import AdAccount, Connection
from app.sync.running import Around, Outcome, run_account
from kit.db import ScopedSession
from kit.ids import new_id
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, make_person
from tests.sync.made_up import MadeUp

Sums = dict[date, tuple[int, int, int, float, int]]


@dataclass(frozen=True)
class Place:
    """The workspace of one test."""

    planes: Planes
    person: Person

    @contextmanager
    def session(self) -> Iterator[ScopedSession]:
        """A session that commits."""
        with self.planes.begin_tenant(self.person.tenant) as session:
            yield session

    def connect(self, world: World, *currencies: str) -> list[UUID]:
        """A connection with the world's accounts of these currencies, selected."""
        with self.session() as session:
            connection = Connection(
                connector_key=world.platform, label="Made-up", state="active", connected_by=self.person.user_id
            )
            session.add(connection)
            session.flush()
            wanted = [
                one for one in world.accounts if one.currency in currencies and one.status is AccountStatus.ACTIVE
            ]
            rows = [_row(connection, one) for one in wanted]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]

    def sync(self, account_id: UUID, connector: MadeUp, *, kind: str = "manual", **around: Any) -> Outcome:
        """One run, as a job makes it."""
        options = {"opener": connector.opener, "clock": connector.world.clock.now, "job_id": new_id(), **around}
        with self.session() as session:
            return run_account(session, account_id=account_id, kind=kind, around=Around(**options))

    def sums(self, account_id: UUID, *, table: str = "campaign") -> Sums:
        """Per day what is stored of the account."""
        asked = text(
            "SELECT day, sum(spend_micros)::bigint, sum(impressions)::bigint, sum(clicks)::bigint,"
            f" sum(conversions)::float, sum(conversion_value_micros)::bigint FROM {table}_days"
            f" JOIN {table}s ON number = {table}_number WHERE account_id = :id GROUP BY day ORDER BY day"
        )
        with self.session() as session:
            return {row[0]: tuple(row[1:]) for row in session.execute(asked, {"id": account_id})}

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What a query finds."""
        with self.session() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def account(self, account_id: UUID) -> AdAccount:
        """The account as it is now."""
        with self.session() as session:
            return session.get_one(AdAccount, account_id)


def _row(connection: Connection, one: WorldAccount) -> AdAccount:
    return AdAccount(
        connection_id=connection.id,
        connector_key=connection.connector_key,
        platform_id=one.id,
        name=one.name,
        currency=one.currency,
        timezone=one.timezone,
        status=one.status.value,
        is_selected=True,
    )


@pytest.fixture
def place(settings: Settings, planes: Planes) -> Place:
    """A workspace that counts in euros."""
    made = Place(planes, make_person(settings, planes, name="Sina Sync", plan="premium"))
    with made.session() as session:
        keep_own_currency(session, "EUR")
    return made


@pytest.fixture
def ledger() -> Callable[..., Sums]:
    """The truth of a world's account, in the form of `Place.sums`."""

    def tell(world: World, currency: str, since: date, until: date, *, settled: bool = False) -> Sums:
        account = next(one for one in world.accounts if one.currency == currency)
        return {
            day: (one.spend_micros, one.impressions, one.clicks, float(one.conversions), one.conversion_value_micros)
            for day, one in world.ledger(account, since, until, settled=settled).items()
        }

    return tell
