"""The authorization-code flow, with each platform's deviations taken from its manifest. Run by the host, never by connectors."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from adloom_sdk.credentials import Token
from adloom_sdk.errors import AppMisconfigured, AuthRevoked, BadRequest, PlatformError
from adloom_sdk.http import Client
from adloom_sdk.manifest import OAuth2
from adloom_sdk.replies import Reply


def authorize_address(
    auth: OAuth2,
    app: Mapping[str, str],
    *,
    redirect_uri: str,
    state: str,
    scopes: tuple[str, ...] = (),
    verifier: str = "",
    config: Mapping[str, str] | None = None,
) -> str:
    """Where the person is sent to consent. `config` fills placeholders of the address, such as a shop's name."""
    params = {auth.client_id_name: app.get("client_id", ""), "redirect_uri": redirect_uri, "state": state}
    params |= {"response_type": "code", **auth.authorize_params}
    if scopes or auth.scopes_read:
        params["scope"] = auth.scope_separator.join(scopes or auth.scopes_read)
    if auth.uses_pkce and verifier:
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        params |= {"code_challenge": digest, "code_challenge_method": "S256"}
    return f"{auth.authorize_url.format(**(config or {}))}?{urlencode(params)}"


def check_callback(auth: OAuth2, app: Mapping[str, str], params: Mapping[str, str]) -> None:
    """Whether the platform itself sent the browser back. Raises BadRequest where it signs that and the signature is wrong."""
    name = auth.callback_signature_name
    if not name:
        return
    signed = "&".join(f"{key}={params[key]}" for key in sorted(params) if key != name)
    due = hmac.new(app.get("client_secret", "").encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(due.encode(), params.get(name, "").encode()):
        raise BadRequest("The platform's signature on this sign-in is wrong. Begin again.", field=name)


def exchange_code(client: Client, *, app: Mapping[str, str], code: str, redirect_uri: str, verifier: str = "") -> Token:
    """The tokens for a returned code, a long-lived one where the platform has those."""
    auth = _auth(client)
    fields = {auth.code_name: code, "redirect_uri": redirect_uri, "grant_type": "authorization_code"}
    fields |= auth.token_params
    if auth.uses_pkce and verifier:
        fields["code_verifier"] = verifier
    token = _ask(client, auth.token_url, fields, app)
    if auth.exchange_url:
        fields = {"grant_type": "fb_exchange_token", "fb_exchange_token": token.access_token}
        token = _ask(client, auth.exchange_url, fields, app)
    return token


def renew(client: Client, *, app: Mapping[str, str], token: Token) -> Token:
    """A new access token for the refresh token; keeps the refresh token where the platform sends no other."""
    auth = _auth(client)
    if auth.refresh == "none" or not token.refresh_token:
        raise AuthRevoked(f"The sign-in at {client.manifest.title} has expired and cannot be renewed.")
    fields = {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
    fresh = _ask(client, auth.refresh_url or auth.token_url, fields, app)
    kept = fresh.refresh_token or token.refresh_token
    scopes = fresh.scopes or token.scopes
    return Token(access_token=fresh.access_token, expires_at=fresh.expires_at, refresh_token=kept, scopes=scopes)


def _ask(client: Client, url: str, fields: dict[str, str], app: Mapping[str, str]) -> Token:
    auth = _auth(client)
    headers = {"Accept": "application/json"}
    secrets = {auth.client_id_name: app.get("client_id", ""), auth.client_secret_name: app.get("client_secret", "")}
    if auth.client_auth == "basic":
        pair = f"{app.get('client_id', '')}:{app.get('client_secret', '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        fields = fields | secrets
    body: dict[str, Any] = {"form": fields} if auth.sends_fields_as == "form" else {"json": fields}
    if auth.sends_fields_as == "query":
        body = {"params": fields}
    host, path = _host_and_path(client, url)
    method = "GET" if auth.sends_fields_as == "query" else "POST"
    reply = client.call(method, path, host=host, headers=headers, is_signed=False, accepts=(400, 401, 403), **body)
    return _token(client, auth, reply)


def _token(client: Client, auth: OAuth2, reply: Reply) -> Token:
    plain = reply.json(dict[str, Any])
    inner = plain.get(auth.token_envelope) if auth.token_envelope else plain
    if reply.status >= 400 or not isinstance(inner, dict) or not inner.get("access_token"):
        raise _refusal(client, reply, plain)
    lifetime_s = inner.get("expires_in") or auth.lifetime_s
    expires_at = reply.received_at + timedelta(seconds=float(lifetime_s)) if lifetime_s else None
    scope = inner.get("scope") or ""
    scopes = tuple(map(str, scope)) if isinstance(scope, list) else tuple(str(scope).replace(",", " ").split())
    return Token(
        access_token=str(inner["access_token"]),
        expires_at=expires_at,
        refresh_token=str(inner.get("refresh_token") or ""),
        scopes=scopes,
    )


def _refusal(client: Client, reply: Reply, plain: dict[str, Any]) -> PlatformError:
    """What a token endpoint's refusal means; its words may quote the code, so only the error's name is kept.

    A platform that answers here as it does everywhere else (an object under "error") is understood by its connector.
    """
    if isinstance(plain.get("error"), dict) and isinstance(known := client.meaning_of(reply), PlatformError):
        return known
    title = client.manifest.title
    name = plain.get("error") or plain.get("code") or "no token"
    name = name.get("type") or name.get("code") if isinstance(name, dict) else name
    if name in {"invalid_client", "unauthorized_client"}:
        return AppMisconfigured(f"{title} does not accept this installation's app.", code=str(name))
    if name == "invalid_grant":
        return AuthRevoked(f"{title} no longer accepts this sign-in.", code=str(name))
    return BadRequest(f"{title} did not complete the sign-in.", code=str(name))


def _host_and_path(client: Client, url: str) -> tuple[str, str]:
    """The manifest's name for the host of an address."""
    parts = urlsplit(url)
    for name, origin in client.manifest.hosts.items():
        if urlsplit(origin).hostname == parts.hostname:
            return name, parts.path
    raise BadRequest(f"The manifest's token address {parts.hostname} is not among its hosts.")


def _auth(client: Client) -> OAuth2:
    if not isinstance(client.manifest.auth, OAuth2):
        raise BadRequest(f"{client.manifest.key} does not use OAuth 2.")
    return client.manifest.auth
