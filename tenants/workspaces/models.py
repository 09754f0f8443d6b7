"""Organisations, workspaces, members and invitations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import ControlModel, Keyed

_ROLES = "role IN ('owner', 'admin', 'editor', 'viewer')"


class Organisation(Keyed, ControlModel):
    """Who pays: a business, or an agency with many clients' workspaces."""

    __tablename__ = "organisations"

    name: Mapped[str]


class OrganisationMember(ControlModel):
    """A person of an organisation; owners may create workspaces."""

    __tablename__ = "organisation_members"
    __table_args__ = (CheckConstraint("role IN ('owner', 'member')", name="role"),)

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.organisations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("control.users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]


class Workspace(Keyed, ControlModel):
    """One business's data and settings. `schema_name` is opaque: it tells nothing about the customer."""

    __tablename__ = "workspaces"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'suspended', 'deleted')", name="state"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.organisations.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str]
    schema_name: Mapped[str] = mapped_column(unique=True)
    cell: Mapped[str] = mapped_column(server_default="main")
    state: Mapped[str] = mapped_column(server_default="active")
    currency: Mapped[str] = mapped_column(server_default="USD")
    timezone: Mapped[str] = mapped_column(server_default="UTC")


class Schema(ControlModel):
    """A tenant schema: a spare that waits, or one that a workspace has claimed; with the state of its migration."""

    __tablename__ = "schemas"
    __table_args__ = (Index("ix_schemas_spare", "created_at", postgresql_where=text("is_spare")),)

    schema_name: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_spare: Mapped[bool]
    revision: Mapped[str | None]
    failure: Mapped[str | None]
    attempted_at: Mapped[datetime | None]


class Membership(ControlModel):
    """A person's role in a workspace."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    workspace_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    role: Mapped[str]


class Invitation(Keyed, ControlModel):
    """An offer to join a workspace, sent to an address."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("control.workspaces.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("control.users.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
