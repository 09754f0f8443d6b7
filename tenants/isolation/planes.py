"""Sessions on the two planes: the control plane, and one workspace's own schema. There is no third way to a connection."""

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import URL, make_url

from kit.db import CONTROL_SCHEMA, Database, Identity, ScopedSession
from kit.errors import Unavailable
from kit.roles import DatabaseRoles
from kit.settings import Settings


@dataclass(frozen=True)
class Tenant:
    """A workspace as the database knows it; its role and its schema share one opaque name."""

    workspace_id: UUID
    schema_name: str


class Planes:
    """Opens sessions as the control plane or as a tenant on the application's own login role."""

    def __init__(self, database: Database, roles: DatabaseRoles) -> None:
        self.database = database
        self.roles = roles

    def control_identity(self, *, user: str = "") -> Identity:
        """The control plane's identity."""
        return Identity(role=self.roles.control, search_path=CONTROL_SCHEMA, user=user)

    @staticmethod
    def tenant_identity(tenant: Tenant, *, user: str = "") -> Identity:
        """A tenant's identity: its own role, its own schema, nothing else on the path."""
        return Identity(
            role=tenant.schema_name, search_path=tenant.schema_name, tenant=str(tenant.workspace_id), user=user
        )

    def control(self, *, user: str = "") -> AbstractContextManager[ScopedSession]:
        """A control session; the caller commits."""
        return self.database.session(self.control_identity(user=user))

    def tenant(self, tenant: Tenant, *, user: str = "") -> AbstractContextManager[ScopedSession]:
        """A tenant session; the caller commits."""
        return self.database.session(self.tenant_identity(tenant, user=user))

    def begin_control(self, *, user: str = "") -> AbstractContextManager[ScopedSession]:
        """A control session that commits at its end."""
        return self.database.begin(self.control_identity(user=user))

    def begin_tenant(self, tenant: Tenant, *, user: str = "") -> AbstractContextManager[ScopedSession]:
        """A tenant session that commits at its end."""
        return self.database.begin(self.tenant_identity(tenant, user=user))

    def close(self) -> None:
        """Return every connection."""
        self.database.close()


def login_password(settings: Settings, login: str) -> str:
    """The login role's password, derived from the secret key so that it is stored nowhere."""
    return settings.derived_key(f"database-login:{login}").hex()


def application_url(settings: Settings) -> URL:
    """Where the application signs in: `DATABASE_APP_URL`, or `DATABASE_URL` with the login role in place of the owner."""
    if app_url := settings.database_app_url.get_secret_value():
        return make_url(app_url)
    owner = owner_url(settings)
    login = DatabaseRoles.of(owner.database or "").login
    return owner.set(username=login, password=login_password(settings, login))


def owner_url(settings: Settings) -> URL:
    """The database's owner, for migrations and provisioning only."""
    if not settings.database_url.get_secret_value():
        raise Unavailable(
            "No database is configured.", "Set DATABASE_URL, or start the embedded stack with `adloom demo`."
        )
    return make_url(settings.database_url.get_secret_value())


def open_planes(settings: Settings, *, application_name: str = "adloom") -> Planes:
    """The planes of the configured database."""
    url = application_url(settings)
    database = Database(
        url.render_as_string(hide_password=False),
        pool_size=settings.database_pool_size,
        application_name=application_name,
    )
    return Planes(database, DatabaseRoles.of(url.database or ""))


@cache
def quoted(identifier: str) -> str:
    """An identifier as SQL text; only our own opaque names come here."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,63}", identifier):
        raise ValueError(f"Not a plain identifier: {identifier!r}")
    return f'"{identifier}"'
