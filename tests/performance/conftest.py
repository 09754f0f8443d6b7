"""A workspace of the tests' own, whose rows are taken back after each test, and a shop with known numbers in it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest

from kit.db import ScopedSession
from kit.settings import Settings
from tenants.isolation.planes import Planes, Tenant
from tests.people import make_schema
from tests.performance.shop import LAST_DAY, Fact, store

FIRST_DAY = LAST_DAY - timedelta(days=799)


@pytest.fixture(scope="session")
def tenant(settings: Settings, planes: Planes) -> Tenant:
    return Tenant(uuid4(), make_schema(settings, planes))


@pytest.fixture
def session(planes: Planes, tenant: Tenant) -> Iterator[ScopedSession]:
    with planes.tenant(tenant) as session:
        yield session


@pytest.fixture
def shop(session: ScopedSession) -> Callable[..., list[Fact]]:
    """Stores 800 days of two channels, one of them with two campaigns, and answers the facts."""

    def build() -> list[Fact]:
        facts = [fact for offset in range(800) for fact in _day(FIRST_DAY + timedelta(days=offset), offset)]
        store(session, facts)
        return facts

    return build


def _day(day: date, offset: int) -> list[Fact]:
    weekday = day.weekday()
    return [
        Fact(day, "Google Ads", "brand", spend=100 + weekday, revenue=400 + offset, conversions=4, new_customers=1),
        Fact(day, "Google Ads", "generic", spend=50, revenue=90, conversions=1, new_customers=1),
        Fact(day, "Facebook Ads", "", spend=80 - weekday, revenue=120, conversions=None, new_customers=0),
    ]
