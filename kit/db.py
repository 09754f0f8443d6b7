"""PostgreSQL through SQLAlchemy: two MetaData (control plane, data plane), one engine, and sessions that first become somebody.

A session carries an `Identity`. At the start of every transaction one statement sets role and search path from it, for that
transaction only; without an identity no transaction starts, and the login role itself may read nothing (DESIGN § 4).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Engine, MetaData, Text, Uuid, create_engine, event, func, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.pool import QueuePool

from kit.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
CONTROL_SCHEMA = "control"
_ASK_AFTER_S = 1.0


class ControlModel(DeclarativeBase):
    """A table of the control plane: one shared schema for organisations, users, plans and jobs."""

    metadata = MetaData(schema=CONTROL_SCHEMA, naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), str: Text()}  # noqa: RUF012 SQLAlchemy's declared form


class TenantModel(DeclarativeBase):
    """A table of the data plane: the same in each workspace's own schema, found through the search path."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), str: Text()}  # noqa: RUF012 SQLAlchemy's declared form


class Keyed:
    """A UUIDv7 primary key and the moment of creation."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True)
class Identity:
    """Who a transaction acts as: the database role, its search path, and what triggers and logs may want to know."""

    role: str
    search_path: str
    tenant: str = ""
    user: str = ""


class ScopedSession(Session):
    """A session that becomes its identity at the start of every transaction. Built by `Database`, never by hand."""


class IdentityMissing(RuntimeError):
    """A session without an identity tried to start a transaction: a programming error, refused before any SQL."""


_BECOME = text(
    "SELECT set_config('role', :role, true), set_config('search_path', :search_path, true), "
    "set_config('app.tenant', :tenant, true), set_config('app.user', :user, true)"
)


@event.listens_for(ScopedSession, "after_begin")
def _become(session: Session, transaction: SessionTransaction, connection: Any) -> None:
    if transaction.nested:
        return
    identity = session.info.get("identity")
    if identity is None:
        raise IdentityMissing("This session has no identity; open it through tenants.isolation.")
    connection.execute(
        _BECOME,
        {"role": identity.role, "search_path": identity.search_path, "tenant": identity.tenant, "user": identity.user},
    )


def _ask_the_idle(engine: Engine) -> None:
    """Before a connection that lay idle is used, ask whether it still stands. One that was just used is not asked: the round
    trip would be a tenth of a page's cost, and a server that dies between two statements is noticed by the next one anyway.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: Any) -> None:
        idle_s = monotonic() - record.info.get("idle_since", monotonic())
        if connection.closed or (idle_s > _ASK_AFTER_S and not _stands(engine, connection)):
            raise DisconnectionError


def _stands(engine: Engine, connection: Any) -> bool:
    try:
        return bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False


class Database:
    """One engine and the sessions on it."""

    def __init__(self, url: str, *, pool_size: int = 10, application_name: str = "adloom") -> None:
        # prepare_threshold=None keeps the connection usable behind a transaction-mode pooler.
        self.engine: Engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=2,
            pool_recycle=900,
            connect_args={"prepare_threshold": None, "application_name": application_name, "connect_timeout": 5},
        )
        _ask_the_idle(self.engine)

    @contextmanager
    def session(self, identity: Identity) -> Iterator[ScopedSession]:
        """A session acting as `identity`; rolls back what the caller has not committed."""
        with ScopedSession(self.engine, info={"identity": identity}, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def begin(self, identity: Identity) -> Iterator[ScopedSession]:
        """As `session`, and commits at the end: for edges (a job, a command), never inside a service."""
        with self.session(identity) as session, session.begin():
            yield session

    def close(self) -> None:
        """Return every connection."""
        self.engine.dispose()


@contextmanager
def begin_beside(session: Session) -> Iterator[ScopedSession]:
    """A transaction of its own under the same identity: for the little that must be kept even where the caller's is taken back,
    such as a renewed sign-in whose old form the platform no longer accepts.
    """
    identity = session.info["identity"]
    with ScopedSession(session.get_bind(), info={"identity": identity}, expire_on_commit=False) as other, other.begin():
        yield other
