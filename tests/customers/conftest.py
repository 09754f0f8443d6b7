"""A Premium workspace whose rows are taken back after each test, and a desk at which customers are told of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.db import ScopedSession
from kit.settings import Settings
from kit.storage import DirectoryStorage, Storage
from kit.upload_tokens import UploadTokens
from tenants.isolation.planes import Planes
from tests.customers.desk import Desk
from tests.people import Person, make_person


@pytest.fixture(scope="session")
def merchant(settings: Settings, planes: Planes) -> Person:
    """Somebody with a workspace on Premium."""
    return make_person(settings, planes, name="Kay Keeper", plan="premium")


@pytest.fixture
def session(planes: Planes, merchant: Person) -> Iterator[ScopedSession]:
    with planes.tenant(merchant.tenant) as session:
        yield session


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return DirectoryStorage(tmp_path / "files", upload_url="http://127.0.0.1/uploads", tokens=UploadTokens(b"k" * 32))


@pytest.fixture
def desk(session: ScopedSession, storage: Storage, merchant: Person) -> Desk:
    return Desk(session, storage, merchant)
