"""Signing in at a platform: the consent page's address, the way back, and what is kept meanwhile, sealed and for an hour.

The code that a platform returns is redeemed by a worker, for only workers run plugin code; it waits for it under the same lock.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from adloom_sdk import oauth1, oauth2
from adloom_sdk.errors import PlatformError
from adloom_sdk.http import Client
from adloom_sdk.manifest import Manifest, OAuth1, OAuth2
from app.connections.models import Connection, SignInAttempt
from kit.clock import utc_now
from kit.errors import InvalidInput, NotFound, Unavailable
from kit.ids import parse_id
from kit.vault import DoesNotOpen, Sealed, UnknownKey, Vault

CALLBACK_PATH = "/connections/callback"
_LASTS = timedelta(hours=1)
_ON_THE_WAY = "returned parameters"


class Attempt(msgspec.Struct, frozen=True):
    """What has to be remembered until the person is back; `code` comes with them. The temporary token is OAuth 1's."""

    redirect_uri: str
    verifier: str = ""
    code: str = ""
    temporary_token: str = ""
    temporary_secret: str = ""


@dataclass(frozen=True)
class Taken:
    """A code to redeem, and whether writing was asked for with it."""

    attempt: Attempt
    wants_write: bool


@dataclass(frozen=True)
class Returned:
    """The parameters that a platform sends the browser back with."""

    state: str
    code: str = ""
    error: str = ""


@dataclass(frozen=True)
class Beginning:
    """Who signs in to what, and where this installation stands; `app` are the operator's settings at the platform.

    With `connectors_base_url` the consent page is that of whoever stands in for the platform.
    """

    connection: Connection
    manifest: Manifest
    app: dict[str, str]
    base_url: str
    connectors_base_url: str
    started_by: UUID
    wants_write: bool

    @property
    def config(self) -> dict[str, str]:
        """The connection's settings."""
        return {name: str(value) for name, value in self.connection.config.items()}


def begin(session: Session, vault: Vault, beginning: Beginning) -> str:
    """The address of the consent page. Write permissions are asked for only where they are wanted.

    OAuth 1 needs a temporary token first, which the platform is asked for here. Raises Unavailable where it gives none.
    """
    state = f"{UUID(session.info['identity'].tenant).hex}.{secrets.token_urlsafe(24)}"
    auth = beginning.manifest.auth
    if isinstance(auth, OAuth2):
        attempt, address = _begin_oauth2(auth, beginning, state)
    elif isinstance(auth, OAuth1):
        attempt, address = _begin_oauth1(auth, beginning, state)
    else:
        raise InvalidInput(f"{beginning.manifest.title} has no consent page.", "Enter its key instead.")
    sealed = vault.seal(msgspec.json.encode(attempt), context=_context(session, state))
    session.add(
        SignInAttempt(
            state_hash=_hash(state),
            connection_id=beginning.connection.id,
            key_id=sealed.key_id,
            sealed=sealed.sealed,
            started_by=beginning.started_by,
            wants_write=beginning.wants_write,
        )
    )
    return _placed(address, beginning.connectors_base_url)


def _begin_oauth2(auth: OAuth2, beginning: Beginning, state: str) -> tuple[Attempt, str]:
    attempt = Attempt(redirect_uri=beginning.base_url + CALLBACK_PATH, verifier=secrets.token_urlsafe(48))
    address = oauth2.authorize_address(
        auth,
        beginning.app,
        redirect_uri=attempt.redirect_uri,
        state=state,
        scopes=auth.scopes_read + (auth.scopes_write if beginning.wants_write else ()),
        verifier=attempt.verifier,
        config=beginning.config,
    )
    return attempt, address


def _begin_oauth1(auth: OAuth1, beginning: Beginning, state: str) -> tuple[Attempt, str]:
    """The state travels in the address to come back to, for OAuth 1 has none of its own."""
    back = f"{beginning.base_url}{CALLBACK_PATH}?state={state}"
    client = Client(beginning.manifest, base_url=beginning.connectors_base_url, config=beginning.config)
    try:
        temporary = oauth1.request_token(client, app=beginning.app, callback=back)
    except PlatformError as problem:
        raise Unavailable(problem.message, problem.what_to_do) from problem
    finally:
        client.close()
    attempt = Attempt(back, temporary_token=temporary.access_token, temporary_secret=temporary.secret)
    return attempt, oauth1.authorize_address(auth, temporary)


def workspace_of(state: str) -> UUID:
    """The workspace that a returned state belongs to. Raises NotFound where it was never ours."""
    found = parse_id(state.partition(".")[0])
    if found is None:
        raise NotFound("This sign-in was not started here.", "Start again under Connections.")
    return found


def packed(vault: Vault, params: Mapping[str, str]) -> str:
    """What a platform returned, sealed for the way on to the workspace: a code stands in no address but the platform's own."""
    sealed = vault.seal(msgspec.json.encode(params), context=_ON_THE_WAY)
    return f"{sealed.key_id}.{base64.urlsafe_b64encode(sealed.sealed).decode()}"


def unpacked(vault: Vault, text: str) -> dict[str, str]:
    """The parameters again. Raises NotFound where they were not packed here."""
    key_id, _, sealed = text.rpartition(".")
    try:
        plain = vault.open(Sealed(key_id, base64.urlsafe_b64decode(sealed)), context=_ON_THE_WAY)
    except (binascii.Error, ValueError, DoesNotOpen, UnknownKey):
        raise NotFound("This sign-in was not started here.", "Start again under Connections.") from None
    params: dict[str, str] = msgspec.json.decode(plain, type=dict[str, str])
    return params


def attempted_connection(session: Session, *, state: str, user_id: UUID) -> Connection:
    """The connection that a returned state is about. Raises NotFound for a state that is unknown, used, too old or another's."""
    row = _attempt(session, state)
    if row is None or row.started_by != user_id:
        raise NotFound("This sign-in has run out, or was finished already.", "Start again under Connections.")
    return session.get_one(Connection, row.connection_id)


def accept_return(session: Session, vault: Vault, *, returned: Returned, user_id: UUID) -> tuple[UUID, bytes]:
    """Keep the returned code, sealed; gives the connection and the attempt's hash for the job that redeems it.

    Raises NotFound for a state that is unknown, used or too old, InvalidInput where the person said no.
    """
    row = _attempt(session, returned.state)
    if row is None or row.started_by != user_id:
        raise NotFound("This sign-in has run out, or was finished already.", "Start again under Connections.")
    if returned.error or not returned.code:
        session.delete(row)
        raise InvalidInput("Access was not granted, so nothing was connected.", "Start again if that was a mistake.")
    opened = _opened(session, vault, row, returned.state)
    kept = msgspec.structs.replace(opened, code=returned.code)
    context = f"{session.info['identity'].tenant}/code/{row.state_hash.hex()}"
    sealed = vault.seal(msgspec.json.encode(kept), context=context)
    row.key_id, row.sealed = sealed.key_id, sealed.sealed
    return row.connection_id, row.state_hash


def take_code(session: Session, vault: Vault, *, state_hash: bytes) -> Taken | None:
    """The attempt to redeem, once: it is gone afterwards. None where it was redeemed before."""
    row = session.scalar(select(SignInAttempt).where(SignInAttempt.state_hash == state_hash).with_for_update())
    if row is None:
        return None
    context = f"{session.info['identity'].tenant}/code/{state_hash.hex()}"
    attempt = msgspec.json.decode(vault.open(Sealed(row.key_id, row.sealed), context=context), type=Attempt)
    session.delete(row)
    return Taken(attempt, row.wants_write)


def purge_attempts(session: Session) -> None:
    """Forget consent pages that nobody came back from."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < utc_now() - _LASTS))


def _placed(address: str, base_url: str) -> str:
    """The address at whoever stands in for the platform, by the rule of `adloom_sdk.http.Client`."""
    if not base_url:
        return address
    parts = urlsplit(address)
    return f"{base_url.replace('{host}', parts.hostname or '')}{parts.path}?{parts.query}"


def _attempt(session: Session, state: str) -> SignInAttempt | None:
    since = utc_now() - _LASTS
    asked = select(SignInAttempt).where(SignInAttempt.state_hash == _hash(state), SignInAttempt.created_at >= since)
    return session.scalar(asked.with_for_update())


def _opened(session: Session, vault: Vault, row: SignInAttempt, state: str) -> Attempt:
    plain = vault.open(Sealed(row.key_id, row.sealed), context=_context(session, state))
    attempt: Attempt = msgspec.json.decode(plain, type=Attempt)
    return attempt


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


def _context(session: Session, state: str) -> str:
    return f"{session.info['identity'].tenant}/sign-in/{_hash(state).hex()}"
