"""The sign-in side of a fake: a consent page that a browser walks through, codes, tokens that run out, refresh and revocation."""

import hashlib
import html
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from adloom_sdk.testing.canary import CANARY, made_up_secret
from adloom_sdk.testing.world import Clock

CLIENT_ID, CLIENT_SECRET = "sandbox-app", f"{CANARY}-app"
Refusal = Literal["no_token", "expired", "revoked", "scope"]


@dataclass
class Grant:
    """What one person allowed: its tokens come and go, `is_revoked` ends them all."""

    scopes: tuple[str, ...]
    access_token: str
    expires_at: datetime
    refresh_token: str
    is_revoked: bool = False


@dataclass
class ConsentServer:
    """Codes and tokens of one fake platform."""

    clock: Clock
    lifetime_s: int
    rotates: bool = False
    app_is_approved: bool = True
    _codes: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    _by_access: dict[str, Grant] = field(default_factory=dict)
    _by_refresh: dict[str, Grant] = field(default_factory=dict)
    _old: dict[str, Grant] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    refreshes: int = 0
    # Grows with everything that `kept` would tell differently.
    version: int = 0

    def kept(self) -> dict[str, Any]:
        """Codes and grants as plain data, so that who signed in stays signed in when the fake starts anew (`restore`)."""
        with self._guard:
            every = {id(grant): grant for held in self._held() for grant in held.values()}
            grants = [
                asdict(grant) | {"old": [token for token, one in self._old.items() if one is grant]}
                for grant in every.values()
            ]
            return {"codes": dict(self._codes), "grants": grants}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on with what an earlier process of this fake kept."""
        for code, (scopes, back) in kept["codes"].items():
            self._codes[code] = (tuple(scopes), back)
        for values in kept["grants"]:
            grant = msgspec.convert(values, Grant)
            self._by_refresh[grant.refresh_token] = grant
            self._old |= dict.fromkeys(values["old"], grant)
            if grant.access_token not in values["old"]:
                self._by_access[grant.access_token] = grant

    def _held(self) -> tuple[dict[str, Grant], ...]:
        return self._by_access, self._by_refresh, self._old

    def page(self, *, platform: str, action: str, params: dict[str, str], scopes: tuple[str, ...]) -> bytes:
        """The page that asks "may Adloom …?", with Allow and Cancel, and a box per permission."""
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in params.items()
        )
        boxes = "".join(
            f'<li><label><input type="checkbox" name="grant" value="{html.escape(scope)}" checked> {html.escape(scope)}</label></li>'
            for scope in scopes
        )
        return _PAGE.format(
            platform=html.escape(platform), action=html.escape(action), hidden=hidden, boxes=boxes
        ).encode()

    def decide(self, fields: dict[str, str], granted: tuple[str, ...], *, code_name: str = "code") -> str:
        """Where the browser goes after the page: back to the app with a code, or with the refusal."""
        back, state = fields.get("redirect_uri", ""), fields.get("state", "")
        if fields.get("decision") != "allow":
            return f"{back}?{urlencode({'error': 'access_denied', 'state': state})}"
        code = made_up_secret(16)
        with self._guard:
            self._codes[code] = (granted, back)
            self.version += 1
        return f"{back}?{urlencode({code_name: code, 'state': state})}"

    def has_issued(self, code: str) -> bool:
        """Whether a code that waits, or a refresh token that counts, is from here: two fakes may share a sign-in host."""
        return code in self._codes or code in self._by_refresh

    def redeem(self, code: str) -> dict[str, str] | None:
        """Tokens for a code, once."""
        with self._guard:
            found = self._codes.pop(code, None)
            self.version += 1
        return self.issue(found[0]) if found else None

    def issue(self, scopes: tuple[str, ...], *, lifetime: timedelta | None = None) -> dict[str, str]:
        """A fresh grant; `access_token`, `refresh_token`, `expires_in` as text."""
        grant = Grant(scopes, "", self.clock.now(), made_up_secret())
        with self._guard:
            self._by_refresh[grant.refresh_token] = grant
            return self._fresh(grant, lifetime)

    def refresh(self, refresh_token: str) -> dict[str, str] | None:
        """New tokens for a refresh token; None where it is unknown, used up or revoked."""
        with self._guard:
            grant = self._by_refresh.get(refresh_token)
            if grant is None or grant.is_revoked:
                return None
            self.refreshes += 1
            if self.rotates:
                del self._by_refresh[refresh_token]
                grant.refresh_token = made_up_secret()
                self._by_refresh[grant.refresh_token] = grant
            return self._fresh(grant, None)

    def why_refused(self, token: str, scope: str) -> Refusal | None:
        """Why a call with this token may not be answered; None where it may."""
        grant = self._by_access.get(token)
        if grant is None:
            return "expired" if token in self._old else "no_token"
        if grant.is_revoked:
            return "revoked"
        if self.clock.now() >= grant.expires_at:
            return "expired"
        return None if not scope or scope in grant.scopes else "scope"

    def expire(self, token: str) -> None:
        """The access token ends now; its refresh token lives on."""
        with self._guard:
            grant = self._by_access.pop(token, None)
            if grant:
                self._old[token] = grant
                self.version += 1

    def revoke(self, token: str) -> None:
        """The person withdraws what was allowed."""
        grant = self._by_access.get(token) or self._old.get(token)
        if grant:
            grant.is_revoked = True
            self.version += 1

    def revoke_all(self) -> None:
        """Everybody withdraws."""
        for grant in [*self._by_access.values(), *self._old.values(), *self._by_refresh.values()]:
            grant.is_revoked = True
        self.version += 1

    def mark(self, token: str) -> str:
        """A short mark of a token for the journal."""
        return hashlib.sha256(token.encode()).hexdigest()[:8] if token else ""

    def _fresh(self, grant: Grant, lifetime: timedelta | None) -> dict[str, str]:
        self.version += 1
        if grant.access_token:
            self._by_access.pop(grant.access_token, None)
            self._old[grant.access_token] = grant
        life = lifetime or timedelta(seconds=self.lifetime_s)
        grant.access_token, grant.expires_at = made_up_secret(), self.clock.now() + life
        self._by_access[grant.access_token] = grant
        return {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_in": str(int(life.total_seconds())),
            "scope": " ".join(grant.scopes),
        }


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{platform}: allow access</title></head><body><main><h1>{platform}</h1>
<p>Adloom asks for access to your advertising accounts. This is the sandbox: nothing leaves this machine.</p>
<form method="post" action="{action}">{hidden}<ul>{boxes}</ul>
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Cancel</button></form></main></body></html>
"""
