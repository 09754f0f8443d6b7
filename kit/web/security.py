"""Security headers and the protection of forms: a strict content policy with a nonce, and tokens bound to the browser."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from kit.errors import NotAllowed
from kit.settings import Settings

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"
_HSTS = "max-age=31536000; includeSubDomains"


def new_nonce() -> str:
    """A nonce for one response's scripts."""
    return secrets.token_urlsafe(16)


def security_headers(nonce: str, *, is_secure: bool) -> dict[str, str]:
    """The headers of every response; styles and scripts come from us alone, scripts only with the nonce."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
    return headers | ({"strict-transport-security": _HSTS} if is_secure else {})


@dataclass(frozen=True)
class Cookie:
    """A cookie name in its two spellings: `__Host-` needs TLS, and a demo on loopback has none."""

    name: str

    def spelled(self, settings: Settings) -> str:
        """The name that this installation uses."""
        return f"__Host-{self.name}" if settings.is_secure else self.name


SESSION_COOKIE = Cookie("adloom_session")
VISITOR_COOKIE = Cookie("adloom_visitor")


def csrf_token(settings: Settings, basis: str) -> str:
    """The form token of one browser; `basis` is its session token, or the visitor cookie of somebody not signed in."""
    digest = hmac.digest(settings.derived_key("csrf"), basis.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_csrf(settings: Settings, *, basis: str | None, token: str | None, fetch_site: str | None) -> None:
    """Refuse a state-changing request that our own pages did not send."""
    foreign = fetch_site is not None and fetch_site not in {"same-origin", "none"}
    expected = csrf_token(settings, basis) if basis else None
    if foreign or expected is None or token is None or not hmac.compare_digest(expected, token):
        raise NotAllowed(
            "This form is too old, or it was not sent from our own page.",
            "Reload the page and send it again; what you typed is safe.",
        )


def hash_token(token: str) -> bytes:
    """What is stored of a random token: its SHA-256 (the token has 256 bits of its own, so no salt is needed)."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A random token of 256 bits, for sessions, links and refresh tokens."""
    return secrets.token_urlsafe(32)
