"""Finding people, and the caller of a request in one statement each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, column, exists, func, select, table, update
from sqlalchemy.orm import Session

from kit.settings import Settings
from kit.web.security import hash_token
from tenants.identity.models import RefreshToken, User, WebSession
from tenants.identity.sessions import IDLE
from tenants.identity.tokens import read_access_token
from tenants.workspaces.models import Membership, Workspace
from tenants.workspaces.principal import Principal, UserRef, WorkspaceRef

_TOUCH_EVERY = timedelta(minutes=5)
_DEFAULT_PLAN = "free"
# Plans belong to billing, which lies above; the caller's plan code is all that is read of them here.
_subscriptions = table("subscriptions", column("workspace_id"), column("plan_code"), schema="control")


def user_by_email(control: Session, email: str) -> User | None:
    """The person with this address, whatever its case."""
    if "\x00" in email:  # PostgreSQL knows no text with a zero byte, so nobody has such an address
        return None
    return control.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def principal_from_session(
    control: Session, *, token: str, workspace_id: UUID | None, now: datetime
) -> Principal | None:
    """Who a session cookie stands for; counts as activity, at most every five minutes."""
    digest = hash_token(token)
    rows = control.execute(
        _memberships_of_a_person()
        .add_columns(WebSession.last_seen_at)
        .join(WebSession, WebSession.user_id == User.id)
        .where(
            WebSession.token_hash == digest,
            WebSession.expires_at > now,
            WebSession.last_seen_at > now - IDLE,
            User.disabled_at.is_(None),
        )
    ).all()
    if not rows:
        return None
    if rows[0].last_seen_at < now - _TOUCH_EVERY:
        control.execute(update(WebSession).where(WebSession.token_hash == digest).values(last_seen_at=now))
    return _principal("session", rows, workspace_id, csrf_basis=token)


def principal_from_access_token(
    control: Session, *, settings: Settings, jwt: str, workspace_id: UUID | None, now: datetime
) -> Principal | None:
    """Who an access token stands for, or None where it is forged, too old, or its sign-in was ended."""
    claims = read_access_token(settings, jwt, now=now)
    if claims is None:
        return None
    alive = exists().where(
        RefreshToken.family_id == claims.family_id,
        RefreshToken.user_id == claims.user_id,
        RefreshToken.revoked_at.is_(None),
    )
    rows = control.execute(
        _memberships_of_a_person().where(User.id == claims.user_id, User.disabled_at.is_(None), alive)
    ).all()
    return _principal("token", rows, workspace_id or claims.workspace_id, csrf_basis=None) if rows else None


def principal_of_user(control: Session, *, user_id: UUID, workspace_id: UUID | None = None) -> Principal:
    """A person as the caller of a command that acts in their name, in this workspace or their oldest."""
    rows = control.execute(_memberships_of_a_person().where(User.id == user_id)).all()
    return _principal("nobody", rows, workspace_id, csrf_basis=None)


def _memberships_of_a_person() -> Any:  # a Select of twelve columns, whose full type says no more
    plan = select(_subscriptions.c.plan_code).where(_subscriptions.c.workspace_id == Workspace.id).scalar_subquery()
    return (
        select(
            User.id.label("user_id"),
            User.email,
            User.name.label("user_name"),
            User.email_verified_at,
            Workspace.id.label("workspace_id"),
            Workspace.name.label("workspace_name"),
            Workspace.organisation_id,
            Workspace.schema_name,
            Workspace.currency,
            Workspace.timezone,
            Membership.role,
            func.coalesce(plan, _DEFAULT_PLAN).label("plan_code"),
        )
        .select_from(User)
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(Workspace, (Workspace.id == Membership.workspace_id) & (Workspace.state == "active"))
        .order_by(Membership.created_at, Workspace.id)
    )


def _principal(via: Any, rows: Any, workspace_id: UUID | None, *, csrf_basis: str | None) -> Principal:
    """The caller; without a named workspace the oldest membership, with one that is not the caller's none at all."""
    person = rows[0]
    places = [row for row in rows if row.workspace_id is not None]
    named = [row for row in places if workspace_id is None or row.workspace_id == workspace_id]
    return Principal(
        via=via,
        user=UserRef(person.user_id, person.email, person.user_name, person.email_verified_at is not None),
        workspace=_workspace(named[0]) if named else None,
        workspaces=tuple((row.workspace_id, row.workspace_name) for row in places),
        csrf_basis=csrf_basis,
    )


def _workspace(row: Row[Any]) -> WorkspaceRef:
    return WorkspaceRef(
        id=row.workspace_id,
        name=row.workspace_name,
        organisation_id=row.organisation_id,
        schema_name=row.schema_name,
        currency=row.currency,
        timezone=row.timezone,
        role=row.role,
        plan_code=row.plan_code,
    )
