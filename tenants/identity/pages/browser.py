"""Signing a browser in: a new session, its cookie, and the end of the session that it had before."""

from uuid import UUID

from litestar.datastructures import Cookie as ResponseCookie
from litestar.params import URLEncodedBody

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.settings import Settings
from kit.web.network import network_address
from kit.web.pages import AnyRequest
from kit.web.security import SESSION_COOKIE
from tenants.identity.sessions import ABSOLUTE, close_session, open_session

FormData = URLEncodedBody[dict[str, str]]


def signed_in_cookie(
    request: AnyRequest, control: ScopedSession, settings: Settings, *, user_id: UUID
) -> ResponseCookie:
    """Open a session for this browser and return its cookie; whatever session it had is over."""
    name = SESSION_COOKIE.spelled(settings)
    if former := request.cookies.get(name):
        close_session(control, token=former)
    token = open_session(
        control,
        user_id=user_id,
        now=utc_now(),
        user_agent=request.headers.get("user-agent", ""),
        address=network_address(request),
    )
    return ResponseCookie(
        key=name,
        value=token,
        max_age=int(ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.is_secure,
        path="/",
    )


def own_path(path: str) -> str:
    """A path on this site, or nothing: a link must not send anybody elsewhere after signing in."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and path.isprintable() else ""
