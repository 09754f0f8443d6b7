"""Writing and reading the audit log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEntry


def record(
    session: Session,
    *,
    actor_id: UUID | None,
    actor_name: str,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
) -> None:
    """Write one act down, in the transaction that performs it."""
    session.add(
        AuditEntry(actor_id=actor_id, actor_name=actor_name, action=action, subject=subject, details=details or {})
    )


def latest(session: Session, *, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest entries first."""
    return session.scalars(
        select(AuditEntry).order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(limit)
    ).all()
