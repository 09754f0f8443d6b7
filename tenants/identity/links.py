"""Links that are mailed to a person: random, good once, and only the newest of its purpose."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kit.web.security import hash_token, new_token
from tenants.identity.errors import LinkExpired
from tenants.identity.models import EmailToken

Purpose = Literal["verify_email", "reset_password"]
VALID_FOR: dict[Purpose, timedelta] = {"verify_email": timedelta(hours=48), "reset_password": timedelta(hours=1)}


def make_link(control: Session, *, user_id: UUID, purpose: Purpose, now: datetime) -> str:
    """A fresh token for a link; older ones of the same purpose stop working."""
    control.execute(
        update(EmailToken)
        .where(EmailToken.user_id == user_id, EmailToken.purpose == purpose, EmailToken.used_at.is_(None))
        .values(used_at=now)
    )
    token = new_token()
    control.add(
        EmailToken(user_id=user_id, purpose=purpose, token_hash=hash_token(token), expires_at=now + VALID_FOR[purpose])
    )
    control.flush()
    return token


def use_link(control: Session, *, token: str, purpose: Purpose, now: datetime) -> UUID:
    """The person behind a link, which is spent by this."""
    known = control.scalar(
        select(EmailToken)
        .where(EmailToken.token_hash == hash_token(token), EmailToken.purpose == purpose)
        .with_for_update()
    )
    if known is None or known.used_at is not None or known.expires_at <= now:
        raise LinkExpired("This link has been used, replaced by a newer one, or is too old.", "Ask for a new one.")
    known.used_at = now
    return known.user_id
