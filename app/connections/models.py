"""Connections, their sealed credentials, sign-ins under way, and the accounts that a connection reaches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class Connection(Keyed, TenantModel):
    """One sign-in at one platform. `problem` is a sentence for a person, `what_to_do` the next step, both empty where all is well."""

    __tablename__ = "connections"
    __table_args__ = (
        CheckConstraint(
            "state IN ('connecting', 'active', 'needs_sign_in', 'needs_operator', 'paused', 'removing')",
            name="state",
        ),
    )

    connector_key: Mapped[str]
    label: Mapped[str]
    state: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    scopes: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    signed_in_as: Mapped[str] = mapped_column(server_default="")
    may_write: Mapped[bool] = mapped_column(server_default="false")
    problem_code: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")
    what_to_do: Mapped[str] = mapped_column(server_default="")
    problem_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    connected_by: Mapped[UUID]


class ConnectionSecret(TenantModel):
    """Credentials under envelope encryption. `version` grows with each write, so that two renewals cannot overwrite each other."""

    __tablename__ = "connection_secrets"

    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    key_id: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(server_default="1")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ConnectionSecretSettings(TenantModel):
    """Settings that a connector calls secret, under the same envelope encryption as credentials; `names` tells which are set."""

    __tablename__ = "connection_secret_settings"

    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    names: Mapped[list[str]] = mapped_column(JSONB)
    key_id: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SignInAttempt(TenantModel):
    """A consent page that somebody is looking at: found again by the hash of its state, used once, gone after an hour."""

    __tablename__ = "sign_in_attempts"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    key_id: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    started_by: Mapped[UUID]
    wants_write: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AdAccount(Keyed, TenantModel):
    """An advertising account, property or shop that a connection reaches; read only where it is selected."""

    __tablename__ = "ad_accounts"
    __table_args__ = (UniqueConstraint("connection_id", "platform_id"),)

    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    connector_key: Mapped[str]
    platform_id: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    timezone: Mapped[str]
    status: Mapped[str]
    parent_platform_id: Mapped[str | None]
    may_write: Mapped[bool | None]
    is_selected: Mapped[bool] = mapped_column(server_default="false")
    problem_code: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")
    what_to_do: Mapped[str] = mapped_column(server_default="")
    problem_at: Mapped[datetime | None]
