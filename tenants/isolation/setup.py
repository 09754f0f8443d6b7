"""From an empty database to one that can take sign-ups, and every later upgrade: roles, control plane, tenants, spares."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from kit.roles import DatabaseRoles
from kit.settings import Settings
from tenants.isolation.migrate import FanOut, migrate_control, migrate_tenants
from tenants.isolation.planes import login_password, owner_url
from tenants.isolation.provision import refill_spares
from tenants.isolation.roles import ensure_roles


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did."""

    tenants: FanOut
    spares_built: int


def owner_engine(settings: Settings) -> Engine:
    """A connection as the owner, for DDL; closed after each use."""
    return create_engine(
        owner_url(settings),
        poolclass=NullPool,
        connect_args={"prepare_threshold": None, "application_name": "adloom-owner"},
    )


def upgrade_database(settings: Settings, *, progress: Callable[[int, int, str], None] = lambda *_: None) -> Upgrade:
    """Bring everything to this version; safe to run again, and while other instances serve."""
    engine = owner_engine(settings)
    roles = DatabaseRoles.of(owner_url(settings).database or "")
    with engine.begin() as connection:
        ensure_roles(connection, roles, login_password=login_password(settings, roles.login))
    migrate_control(engine)
    tenants = migrate_tenants(engine, progress=progress)
    return Upgrade(tenants, refill_spares(engine, roles, wanted=settings.adloom_spare_schemas))


def refill(settings: Settings) -> int:
    """Top the pool of spare schemas up; the scheduler and every sign-up ask for it."""
    engine = owner_engine(settings)
    return refill_spares(
        engine, DatabaseRoles.of(owner_url(settings).database or ""), wanted=settings.adloom_spare_schemas
    )
