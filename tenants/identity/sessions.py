"""Signed-in browsers: an opaque random token in a cookie, its hash in the table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kit.web.security import hash_token, new_token
from tenants.identity.models import WebSession

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=30)


def open_session(control: Session, *, user_id: UUID, now: datetime, user_agent: str = "", address: str = "") -> str:
    """Sign a browser in; returns the token for its cookie."""
    token = new_token()
    control.add(
        WebSession(
            token_hash=hash_token(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + ABSOLUTE,
            user_agent=user_agent[:300],
            address=address[:60],
        )
    )
    control.flush()
    return token


def close_session(control: Session, *, token: str) -> None:
    """Sign a browser out."""
    control.execute(delete(WebSession).where(WebSession.token_hash == hash_token(token)))


def close_session_of(control: Session, *, user_id: UUID, token_hash: bytes) -> None:
    """Sign one of a person's browsers out, known by its hash; nothing where it is somebody else's."""
    control.execute(delete(WebSession).where(WebSession.user_id == user_id, WebSession.token_hash == token_hash))


def close_all_sessions(control: Session, *, user_id: UUID, except_token: str | None = None) -> None:
    """Sign a person out everywhere, or everywhere else."""
    statement = delete(WebSession).where(WebSession.user_id == user_id)
    if except_token is not None:
        statement = statement.where(WebSession.token_hash != hash_token(except_token))
    control.execute(statement)


def sessions_of(control: Session, *, user_id: UUID, now: datetime) -> Sequence[WebSession]:
    """A person's signed-in browsers, the last used first."""
    return control.scalars(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.expires_at > now, WebSession.last_seen_at > now - IDLE)
        .order_by(WebSession.last_seen_at.desc())
    ).all()
