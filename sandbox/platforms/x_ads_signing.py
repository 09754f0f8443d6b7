"""X's OAuth 1.0a as the fake plays it: every signature is checked, and the three-legged flow gives tokens with a secret each."""

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from adloom_sdk.oauth1 import signature
from adloom_sdk.testing.canary import made_up_secret
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET, ConsentServer, Grant
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, route
from adloom_sdk.testing.world import World


@dataclass
class Pending:
    """A sign-in on its way: the temporary token's secret, where to go back to, and the verifier once consent was given."""

    secret: str
    callback: str
    verifier: str = ""


@dataclass
class SignedConsent(ConsentServer):
    """Tokens with a secret each, which do not run out by themselves."""

    secrets_by_token: dict[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """See `ConsentServer.kept`; with the tokens' secrets."""
        return super().kept() | {"secrets": dict(self.secrets_by_token)}

    def restore(self, kept: dict[str, Any]) -> None:
        """See `ConsentServer.restore`."""
        super().restore(kept)
        self.secrets_by_token |= kept["secrets"]

    def _fresh(self, grant: Grant, lifetime: timedelta | None) -> dict[str, str]:  # noqa: ARG002 - X has no lifetimes
        issued = super()._fresh(grant, timedelta(days=36_500))
        secret = self.secrets_by_token.setdefault(issued["access_token"], made_up_secret())
        return issued | {"token_secret": secret}


class SignedPlatform(FakePlatform):
    """The part of X that looks at signatures."""

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.consent: SignedConsent = SignedConsent(world.clock, lifetime_s=self.token_lifetime_s)
        self._pending: dict[str, Pending] = {}
        self._nonces: deque[str] = deque(maxlen=5000)

    def token_of(self, request: Request) -> str:
        """The token that the call was signed with."""
        return _oauth(request).get("oauth_token", "")

    def handle(self, request: Request) -> Answer:
        """Signatures are looked at before anything else, and each is good for one call."""
        told = _oauth(request)
        if told and not request.path.startswith("/oauth/"):
            secret = self.consent.secrets_by_token.get(told.get("oauth_token", ""), "")
            if not self._is_signed(request, secret):
                return _not_authenticated()
        return super().handle(request)

    @route("POST", "/oauth/request_token", is_open=True)
    def request_token(self, request: Request) -> Answer:
        """A temporary token for whoever knows the app's secret."""
        if not self._is_signed(request, ""):
            return _not_authenticated()
        token, secret = secrets.token_urlsafe(20), made_up_secret()  # only the secret is one
        self._pending[token] = Pending(secret, _oauth(request).get("oauth_callback", ""))
        return _form({"oauth_token": token, "oauth_token_secret": secret, "oauth_callback_confirmed": "true"})

    @route("GET", "/oauth/authorize", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent; X's permissions belong to the app, so there are none to choose."""
        token = request.params.get("oauth_token", "")
        if token not in self._pending:
            return Answer(status=403, content=b"<!doctype html><html><p>This page is no longer valid.</p></html>")
        action = f"{request.mount}/oauth/authorize"
        page = self.consent.page(platform="X", action=action, params={"oauth_token": token}, scopes=())
        return Answer(content=page, headers={"content-type": "text/html; charset=utf-8"})

    @route("POST", "/oauth/authorize", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app, with a verifier or the refusal."""
        token = request.form.get("oauth_token", "")
        pending = self._pending.get(token)
        if pending is None:
            return _not_authenticated()
        back = {"denied": token}
        if request.form.get("decision") == "allow":
            pending.verifier = made_up_secret(16)
            back = {"oauth_token": token, "oauth_verifier": pending.verifier}
        joint = "&" if "?" in pending.callback else "?"
        return Answer(status=302, headers={"location": f"{pending.callback}{joint}{urlencode(back)}"})

    @route("POST", "/oauth/access_token", is_open=True)
    def access_token(self, request: Request) -> Answer:
        """The lasting token, once."""
        told = _oauth(request)
        pending = self._pending.get(told.get("oauth_token", ""))
        verifier = told.get("oauth_verifier") or request.form.get("oauth_verifier", "")
        if pending is None or not pending.verifier or verifier != pending.verifier:
            return Answer(
                status=401, content=b"Invalid request token or verifier.", headers={"content-type": "text/html"}
            )
        if not self._is_signed(request, pending.secret):
            return _not_authenticated()
        del self._pending[told["oauth_token"]]
        issued = self.consent.issue((self.read_scope, self.write_scope))
        token = {"oauth_token": issued["access_token"], "oauth_token_secret": issued["token_secret"]}
        return _form(token | {"user_id": "38895958", "screen_name": "northwind"})

    def _is_signed(self, request: Request, token_secret: str) -> bool:
        """Whether the signature fits one of X's own addresses, and was not seen before."""
        told = _oauth(request)
        if told.get("oauth_consumer_key") != CLIENT_ID or told.get("oauth_nonce", "") in self._nonces:
            return False
        self._nonces.append(told["oauth_nonce"])
        is_form = "form-urlencoded" in request.headers.get("content-type", "")
        unsigned = [(name, value) for name, value in told.items() if name not in {"oauth_signature", "realm"}]
        pairs = [
            *parse_qsl(request.query, keep_blank_values=True),
            *(request.form.items() if is_form else ()),
            *unsigned,
        ]
        hosts = [request.host] if request.host in self.host_names else list(self.host_names)
        key = f"{CLIENT_SECRET}&{token_secret}"
        fitting = (signature(request.method, f"https://{host}{request.path}", pairs, key) for host in hosts)
        return any(told.get("oauth_signature") == one for one in fitting)


def _oauth(request: Request) -> dict[str, str]:
    """The fields of the Authorization header."""
    header = request.headers.get("authorization", "")
    if not header.startswith("OAuth "):
        return {}
    pairs = (part.strip().partition("=") for part in header.removeprefix("OAuth ").split(","))
    return {unquote(name): unquote(value.strip('"')) for name, _, value in pairs}


def _form(fields: Mapping[str, str]) -> Answer:
    return Answer(content=urlencode(fields).encode(), headers={"content-type": "text/html; charset=utf-8"})


def _not_authenticated() -> Answer:
    return Answer({"errors": [{"code": 32, "message": "Could not authenticate you."}]}, status=401)
