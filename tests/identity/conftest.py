"""Ada, who has just signed up, in a transaction that is taken back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import delete, text

from kit.db import ScopedSession
from kit.settings import Settings
from tenants.identity.models import Throttle
from tenants.identity.service import Registration, register
from tenants.isolation.planes import Planes
from tests.identity.browser import Browser

ADAS_PASSWORD = "seven quiet lamps drift"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def sign_up(control: ScopedSession, settings: Settings) -> Callable[..., Registration]:
    """Signs somebody up."""

    def do(email: str = "ada@example.org", password: str = ADAS_PASSWORD, **more: str) -> Registration:
        values = {"name": "Ada Lovelace", "workspace_name": "Engine shop"} | more
        return register(control, settings=settings, email=email, password=password, now=NOON, **values)

    return do


@pytest.fixture
def ada(sign_up: Callable[..., Registration]) -> Registration:
    """Ada with her workspace."""
    return sign_up()


@pytest.fixture
def queued(control: ScopedSession) -> Callable[[], list[str]]:
    """The names of the jobs that this transaction has written down, in order."""
    before = control.execute(text("SELECT id FROM control.jobs")).scalars().all()

    def names() -> list[str]:
        rows = control.execute(
            text("SELECT name FROM control.jobs WHERE id <> ALL(:before) ORDER BY id"), {"before": list(before)}
        )
        return list(rows.scalars())

    return names


@pytest.fixture
def patient(planes: Planes) -> None:
    """As if the tries of earlier tests, which come from the same network, were long ago."""
    with planes.begin_control() as control:
        control.execute(delete(Throttle))


@pytest.fixture
def browser(client: TestClient[Litestar], patient: None) -> Iterator[Browser]:
    """A browser that nobody has used before."""
    client.cookies.clear()
    yield Browser(client)
    client.cookies.clear()
