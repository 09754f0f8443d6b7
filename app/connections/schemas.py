"""Connections as programs see them. No reply ever holds a credential."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec


class AskedReply(msgspec.Struct, frozen=True):
    """Something that a connector asks for when it is connected. `pattern` is a regular expression for the whole value; what
    `is_secret` is stored encrypted and never given out."""

    name: str
    label: str
    help: str
    pattern: str
    is_required: bool
    is_secret: bool = False


class ConnectorReply(msgspec.Struct, frozen=True):
    """A platform that can be connected. `sign_in` is `oauth2`, `oauth1` or `api_key`; `hindrance` says why nobody can, where so."""

    key: str
    title: str
    summary: str
    version: str
    sign_in: str
    capabilities: list[str]
    config: list[AskedReply]
    hindrance: str


class HealthReply(msgspec.Struct, frozen=True):
    """How a connection fares. `act` is what helps: `sign_in`, `enter_key`, `check`, `resume`, `choose`, or empty."""

    tone: str
    label: str
    sentence: str
    act: str


class AccountReply(msgspec.Struct, frozen=True):
    """An account that the sign-in reaches; it is read where it `is_selected`. `problem` says what keeps it from that."""

    id: UUID
    platform_id: str
    name: str
    currency: str
    timezone: str
    status: str
    may_write: bool | None
    is_selected: bool
    problem: str
    what_to_do: str


class ConnectionReply(msgspec.Struct, frozen=True):
    """One sign-in at one platform. `secrets_set` names the secret settings that are stored. `job_id` is the job that this call has
    started, where it has. `state`: connecting, active, needs_sign_in, needs_operator, paused or removing."""

    id: UUID
    connector: str
    label: str
    state: str
    signed_in_as: str
    may_write: bool
    config: dict[str, str]
    secrets_set: list[str]
    health: HealthReply
    created_at: datetime
    last_ok_at: datetime | None
    accounts: list[AccountReply]
    job_id: UUID | None = None


class ConnectRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connect a platform. `key` is for connectors whose sign-in is `api_key`; like secret settings in `config`, it is stored
    encrypted and never given out."""

    connector: str
    label: str = ""
    config: dict[str, str] = {}
    key: str = ""


class AccountsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The accounts to read, all of them: those left out are read no longer."""

    account_ids: Annotated[list[UUID], msgspec.Meta(max_length=5000)]


class AuthorizeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `wants_write` the platform is also asked for permission to make changes."""

    wants_write: bool = False


class AuthorizeReply(msgspec.Struct, frozen=True):
    """Where a person goes to consent, in the browser in which you are signed in; it works for an hour."""

    address: str
