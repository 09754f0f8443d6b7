"""Connections that died while nobody used them are noticed before they are used again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

import kit.db
from kit.settings import Settings
from tenants.isolation.planes import Planes, open_planes
from tenants.isolation.setup import owner_engine


@pytest.fixture
def own_planes(settings: Settings, planes: Planes) -> Iterator[Planes]:
    """A pool of its own, so that no other test's connections are ended."""
    own = open_planes(settings, application_name="adloom-idle-test")
    yield own
    own.close()


def _end_connections(settings: Settings) -> None:
    with owner_engine(settings).connect() as connection:
        ended = connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'adloom-idle-test'")
        )
        assert ended.rowcount == 1


def test_an_idle_connection_that_the_server_has_ended_is_replaced(
    settings: Settings, own_planes: Planes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit.db, "_ASK_AFTER_S", -1.0)
    with own_planes.begin_control() as session:
        session.execute(text("SELECT 1"))
    _end_connections(settings)
    with own_planes.begin_control() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1


def test_what_is_kept_beside_survives_when_the_caller_takes_everything_back(planes: Planes) -> None:
    with planes.control() as session:
        session.execute(text("SELECT 1"))
        with kit.db.begin_beside(session) as beside:
            assert beside.execute(text("SELECT current_user")).scalar_one() == planes.roles.control
            beside.execute(
                text("INSERT INTO control.throttles (key, count, window_started_at) VALUES ('beside', 1, now())")
            )
        session.rollback()
        kept = session.execute(text("DELETE FROM control.throttles WHERE key = 'beside' RETURNING count")).scalar()
        session.commit()
    assert kept == 1
