"""OAuth 1.0a (RFC 5849, HMAC-SHA1), for the platforms that never moved on: signatures, and the three-legged flow.

The host runs the flow: `request_token`, the person at `authorize_address`, then `access_token` with the verifier that came back.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from adloom_sdk.credentials import Token
from adloom_sdk.errors import AppMisconfigured, AuthRevoked, BadRequest
from adloom_sdk.manifest import OAuth1

if TYPE_CHECKING:
    from adloom_sdk.http import Client


def authorization_header(
    method: str,
    url: str,
    params: Sequence[tuple[str, str]],
    app: Mapping[str, str],
    token: Token,
    extra: Mapping[str, str] | None = None,
) -> str:
    """The Authorization header of one call. `params` are the query's and the form's pairs; `app` has consumer_key and consumer_secret."""
    oauth = {
        "oauth_consumer_key": app.get("consumer_key", ""),
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_version": "1.0",
        **({"oauth_token": token.access_token} if token.access_token else {}),
        **(extra or {}),
    }
    key = f"{_escaped(app.get('consumer_secret', ''))}&{_escaped(token.secret)}"
    oauth["oauth_signature"] = signature(method, url, [*params, *oauth.items()], key)
    return "OAuth " + ", ".join(f'{_escaped(name)}="{_escaped(value)}"' for name, value in sorted(oauth.items()))


def signature(method: str, url: str, params: Sequence[tuple[str, str]], key: str) -> str:
    """The signature over method, address and all parameters (RFC 5849, 3.4)."""
    parts = urlsplit(url)
    pairs = [*params, *parse_qsl(parts.query, keep_blank_values=True)]
    listed = "&".join(f"{name}={value}" for name, value in sorted((_escaped(n), _escaped(v)) for n, v in pairs))
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    base = "&".join(_escaped(part) for part in (method.upper(), address, listed))
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def request_token(client: "Client", *, app: Mapping[str, str], callback: str) -> Token:
    """The temporary token that the person consents to; `callback` is where they come back to.

    Raises AppMisconfigured where the platform does not know the app, or not this callback.
    """
    fields, status = _ask(
        client, _auth(client).request_token_url, app, Token(access_token=""), {"oauth_callback": callback}
    )
    if status >= 400:
        raise AppMisconfigured(
            f"{client.manifest.title} does not accept this installation's app, or its callback.", code=f"HTTP {status}"
        )
    if fields.get("oauth_callback_confirmed") != "true":
        raise BadRequest(f"{client.manifest.title} did not confirm the address to come back to.")
    return _token(client, fields)


def authorize_address(auth: OAuth1, temporary: Token) -> str:
    """Where the person is sent to consent. They come back with `oauth_verifier`, or with `denied`."""
    return f"{auth.authorize_url}?{urlencode({'oauth_token': temporary.access_token})}"


def access_token(client: "Client", *, app: Mapping[str, str], temporary: Token, verifier: str) -> Token:
    """The lasting token for a temporary one that was consented to. Raises AuthRevoked where the consent is not (any more) valid."""
    fields, status = _ask(client, _auth(client).access_token_url, app, temporary, {"oauth_verifier": verifier})
    if status >= 400:
        raise AuthRevoked(
            f"{client.manifest.title} does not accept this sign-in; it may have been used already.",
            code=f"HTTP {status}",
        )
    return _token(client, fields)


def _ask(
    client: "Client", url: str, app: Mapping[str, str], token: Token, extra: Mapping[str, str]
) -> tuple[dict[str, str], int]:
    """One signed call of the flow. It is sent as a write: a signature, like a verifier, is good for one call only."""
    parts = urlsplit(url)
    hosts = [name for name, origin in client.manifest.hosts.items() if urlsplit(origin).hostname == parts.hostname]
    if not hosts:
        raise BadRequest(f"The manifest's address {parts.hostname} is not among its hosts.")
    headers = {"Authorization": authorization_header("POST", url, [], app, token, extra)}
    reply = client.write("POST", parts.path, host=hosts[0], headers=headers, is_signed=False, accepts=(400, 401, 403))
    return dict(parse_qsl(reply.content.decode(errors="replace"))), reply.status


def _token(client: "Client", fields: Mapping[str, str]) -> Token:
    if not fields.get("oauth_token") or not fields.get("oauth_token_secret"):
        raise BadRequest(f"{client.manifest.title} did not complete the sign-in.")
    return Token(access_token=fields["oauth_token"], secret=fields["oauth_token_secret"])


def _auth(client: "Client") -> OAuth1:
    if not isinstance(client.manifest.auth, OAuth1):
        raise BadRequest(f"{client.manifest.key} does not use OAuth 1.")
    return client.manifest.auth


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
