"""A Premium workspace whose changes are taken back after each test."""

from collections.abc import Iterator

import pytest

from kit.db import ScopedSession
from tenants.isolation.planes import Planes
from tests.people import Person
from tests.predictions.buyers import Buyers


@pytest.fixture
def session(planes: Planes, premium_owner: Person) -> Iterator[ScopedSession]:
    with planes.tenant(premium_owner.tenant) as session:
        yield session


@pytest.fixture
def buyers(session: ScopedSession) -> Buyers:
    return Buyers(session)
