"""A Premium workspace with campaigns of nine months, whose changes are taken back after each test."""

from collections.abc import Iterator

import pytest

from kit.db import ScopedSession
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.people import Person
from tests.predictions.seller import Seller


@pytest.fixture
def session(planes: Planes, premium_owner: Person) -> Iterator[ScopedSession]:
    with planes.tenant(premium_owner.tenant) as session:
        yield session


@pytest.fixture
def seller(session: ScopedSession) -> Seller:
    return Seller(session)


@pytest.fixture
def workspace(premium_owner: Person) -> WorkspaceRef:
    tenant = premium_owner.tenant
    return WorkspaceRef(
        tenant.workspace_id,
        "Petra's shop",
        premium_owner.workspace_id,
        tenant.schema_name,
        "USD",
        "UTC",
        "owner",
        "premium",
    )
