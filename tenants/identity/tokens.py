"""API tokens: short access tokens (JWT) and refresh tokens that are good once; a second use ends the whole family."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kit.ids import new_id, parse_id
from kit.settings import Settings
from kit.web.security import hash_token, new_token
from tenants.identity.errors import TokenEnded, TokenReused
from tenants.identity.models import RefreshToken

ACCESS_FOR = timedelta(minutes=10)
REFRESH_FOR = timedelta(days=30)
# A client whose reply was lost may repeat itself this soon without being taken for a thief.
REUSE_GRACE = timedelta(seconds=10)
_ALGORITHM, _AUDIENCE, _ISSUER, _TYPE = "HS256", "adloom-api", "adloom", "access"


@dataclass(frozen=True)
class Tokens:
    """A pair, and how long the access token is good."""

    access_token: str
    refresh_token: str
    expires_in_s: int


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says."""

    user_id: UUID
    family_id: UUID
    workspace_id: UUID | None


def issue_tokens(
    control: Session,
    *,
    settings: Settings,
    user_id: UUID,
    workspace_id: UUID | None,
    now: datetime,
    family_id: UUID | None = None,
) -> Tokens:
    """A new pair; without a family a new one starts.

    A refresh token spells the workspace after a dot, so that the next pair is about the same one; its hash covers both.
    """
    family = family_id or new_id()
    refresh = f"{new_token()}.{workspace_id.hex if workspace_id else ''}"
    control.add(
        RefreshToken(user_id=user_id, family_id=family, token_hash=hash_token(refresh), expires_at=now + REFRESH_FOR)
    )
    control.flush()
    claims = AccessClaims(user_id, family, workspace_id)
    return Tokens(_access_token(settings, claims, now), refresh, int(ACCESS_FOR.total_seconds()))


def rotate_tokens(control: Session, *, settings: Settings, refresh_token: str, now: datetime) -> Tokens:
    """The next pair for a refresh token.

    Raises `TokenEnded` where it is unknown, expired or revoked, and `TokenReused` where it was used before and the grace
    is over; the family is ended then (`keeps_changes`).
    """
    known = control.scalar(
        select(RefreshToken).where(RefreshToken.token_hash == hash_token(refresh_token)).with_for_update()
    )
    if known is None or known.revoked_at is not None or known.expires_at <= now:
        raise TokenEnded("This refresh token is unknown, ended or too old.", "Sign in again.")
    if known.used_at is not None and now - known.used_at > REUSE_GRACE:
        _revoke_family(control, known.family_id, now)
        raise TokenReused("This refresh token was used before, so all of its kind were ended.", "Sign in again.")
    known.used_at = known.used_at or now
    workspace_id = parse_id(refresh_token.partition(".")[2])
    return issue_tokens(
        control,
        settings=settings,
        user_id=known.user_id,
        workspace_id=workspace_id,
        now=now,
        family_id=known.family_id,
    )


def revoke_token(control: Session, *, refresh_token: str, now: datetime) -> None:
    """End the family that a refresh token belongs to: signing out."""
    known = control.scalar(select(RefreshToken).where(RefreshToken.token_hash == hash_token(refresh_token)))
    if known is not None:
        _revoke_family(control, known.family_id, now)


def revoke_all_tokens(control: Session, *, user_id: UUID, now: datetime) -> None:
    """End every family of a person."""
    control.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def read_access_token(settings: Settings, token: str, *, now: datetime) -> AccessClaims | None:
    """The claims of a token of ours that is not too old; whether its family was ended is the database's to say."""
    try:
        claims = jwt.decode(
            token,
            settings.derived_key("jwt"),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "sub", "sid", "typ"], "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        return None
    user_id, family_id = parse_id(str(claims["sub"])), parse_id(str(claims["sid"]))
    if claims["typ"] != _TYPE or user_id is None or family_id is None or float(claims["exp"]) <= now.timestamp():
        return None
    return AccessClaims(user_id, family_id, parse_id(str(claims.get("wid", ""))))


def _access_token(settings: Settings, claims: AccessClaims, now: datetime) -> str:
    spelled = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "typ": _TYPE,
        "sub": str(claims.user_id),
        "sid": str(claims.family_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_FOR).timestamp()),
        "jti": str(new_id()),
    } | ({"wid": str(claims.workspace_id)} if claims.workspace_id else {})
    return jwt.encode(spelled, settings.derived_key("jwt"), algorithm=_ALGORITHM)


def _revoke_family(control: Session, family_id: UUID, now: datetime) -> None:
    control.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
