"""A workspace of the tests' own, whose rows are taken back after each test, and an advertiser in it."""

from collections.abc import Iterator

import pytest

from kit.db import ScopedSession
from kit.settings import Settings
from tenants.isolation.planes import Planes, Tenant
from tests.campaigns.advertiser import Advertiser
from tests.people import make_person


@pytest.fixture(scope="session")
def advertising_tenant(settings: Settings, planes: Planes) -> Tenant:
    return make_person(settings, planes, name="Adele Advertiser", plan="premium").tenant


@pytest.fixture
def advertiser(planes: Planes, advertising_tenant: Tenant) -> Iterator[Advertiser]:
    with planes.tenant(advertising_tenant) as session:
        yield Advertiser(session)


@pytest.fixture
def at(advertiser: Advertiser) -> ScopedSession:
    """The advertiser's session."""
    assert isinstance(advertiser.session, ScopedSession)
    return advertiser.session
