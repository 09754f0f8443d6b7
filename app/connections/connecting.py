"""What people do with connections, step by step: connect, sign in, come back, check, pause, remove. Pages and the API call the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from adloom_sdk.errors import BadRequest
from adloom_sdk.manifest import ApiKey, Auth, Manifest, OAuth1, OAuth2
from adloom_sdk.oauth2 import check_callback
from app.audit.service import record
from app.connections.catalogue import manifest_of
from app.connections.events import AccountsChosen, ConnectionResumed, announce
from app.connections.jobs import CheckConnection, FinishSignIn, RemoveConnection
from app.connections.models import Connection
from app.connections.opening import app_settings
from app.connections.service import (
    accounts_of,
    begin_removal,
    choose_accounts,
    create_connection,
    require_standing,
    store_config_secrets,
    store_key,
)
from app.connections.sign_in import Beginning, Returned, accept_return, attempted_connection, begin
from billing.entitlements import require
from billing.plans import Entitlement, Plan
from kit.errors import InvalidInput, Unavailable
from kit.jobs import enqueue
from kit.settings import Settings
from kit.vault import open_vault
from tenants.workspaces.principal import UserRef, WorkspaceRef


@dataclass(frozen=True)
class Asked:
    """What a person entered to connect a platform."""

    label: str = ""
    config: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Accepted:
    """A sign-in that came back: its connection, and the job that finishes it."""

    connection_id: UUID
    job_id: UUID


def missing_app(settings: Settings, manifest: Manifest) -> list[str]:
    """The labels of what the operator of this installation has not yet entered for the platform."""
    entered = app_settings(settings, manifest.key)
    return [wanted.label for wanted in manifest.app_settings if not entered.get(wanted.name)]


def connect(
    session: Session, *, manifest: Manifest, asked: Asked, settings: Settings, plan: Plan, actor: UserRef
) -> tuple[Connection, UUID | None]:
    """Make the connection; where a key was pasted, keep it and have it checked by the returned job."""
    made = create_connection(session, manifest=manifest, config=asked.config, label=asked.label, plan=plan, actor=actor)
    vault = open_vault(settings)
    store_config_secrets(session, vault, connection=made, manifest=manifest, config=asked.config)
    if not isinstance(manifest.auth, ApiKey):
        return made, None
    store_key(session, vault, connection=made, manifest=manifest, key=asked.key)
    return made, check(session, connection=made)


def enter_key(
    session: Session, *, connection: Connection, manifest: Manifest, key: str, settings: Settings, actor: UserRef
) -> UUID:
    """Another key in place of the one before, checked by the returned job."""
    require_standing(connection)
    store_key(session, open_vault(settings), connection=connection, manifest=manifest, key=key)
    _record(session, actor, "connection.key_entered", connection)
    return check(session, connection=connection)


def consent_address(
    session: Session,
    *,
    connection: Connection,
    manifest: Manifest,
    settings: Settings,
    plan: Plan,
    actor: UserRef,
    wants_write: bool,
) -> str:
    """Where the browser goes to sign in at the platform. Asking for write permissions needs a plan that includes changing."""
    require_standing(connection)
    if wants_write:
        require(plan, Entitlement.WRITE_BACK)
    if missing := missing_app(settings, manifest):
        raise Unavailable(
            f"This installation has no app at {manifest.title} yet: {', '.join(missing)} is not entered.",
            "Whoever runs Adloom here has to enter it in CONNECTOR_APPS.",
        )
    beginning = Beginning(
        connection=connection,
        manifest=manifest,
        app=app_settings(settings, manifest.key),
        base_url=settings.base_url,
        connectors_base_url=settings.connectors_base_url,
        started_by=actor.id,
        wants_write=wants_write,
    )
    return begin(session, open_vault(settings), beginning)


def come_back(
    session: Session, control: Session, *, params: Mapping[str, str], settings: Settings, actor: UserRef
) -> Accepted:
    """Take what the platform sent the browser back with, and have it redeemed by a worker."""
    state = params.get("state", "")
    connection = attempted_connection(session, state=state, user_id=actor.id)
    auth = manifest_of(control, connection.connector_key).auth
    returned = _returned(auth, app_settings(settings, connection.connector_key), params)
    connection_id, state_hash = accept_return(session, open_vault(settings), returned=returned, user_id=actor.id)
    _record(session, actor, "connection.signed_in", connection)
    job_id = enqueue(session, FinishSignIn(connection_id=connection_id, state_hash=state_hash.hex()))
    return Accepted(connection_id, job_id)


def _returned(auth: Auth, app: dict[str, str], params: Mapping[str, str]) -> Returned:
    """What came back, by the names that the platform uses. Raises InvalidInput where the platform's signature is wrong."""
    state = params.get("state", "")
    if isinstance(auth, OAuth1):
        return Returned(state, code=params.get("oauth_verifier", ""), error=params.get("denied", ""))
    if not isinstance(auth, OAuth2):
        raise InvalidInput("This connection has no consent page.", "Start again under Connections.")
    try:
        check_callback(auth, app, params)
    except BadRequest as problem:
        raise InvalidInput(problem.message, "Start again under Connections.") from problem
    return Returned(state, code=params.get(auth.returned_code_name, ""), error=params.get("error", ""))


def check(session: Session, *, connection: Connection) -> UUID:
    """Have the sign-in tried and the accounts listed; gives the job, the one that waits already where there is one."""
    require_standing(connection)
    return enqueue(
        session, CheckConnection(connection_id=connection.id), dedupe_key=f"connections.check:{connection.id}"
    )


def read_accounts(
    session: Session, *, connection: Connection, chosen: set[UUID], workspace: WorkspaceRef, actor: UserRef
) -> int:
    """Read these accounts and no others; gives how many are new."""
    require_standing(connection)
    new = choose_accounts(session, connection=connection, chosen=chosen, actor=actor)
    if new:
        announce(session, AccountsChosen(tuple(row.id for row in new), workspace))
    return len(new)


def pause(session: Session, *, connection: Connection, actor: UserRef) -> None:
    """Read nothing more until it is resumed; what was read stays."""
    require_standing(connection)
    connection.state = "paused"
    _record(session, actor, "connection.paused", connection)


def resume(session: Session, *, connection: Connection, workspace: WorkspaceRef, actor: UserRef) -> UUID:
    """Read on; the returned job looks whether the sign-in still works."""
    if connection.state != "paused":
        raise InvalidInput("This connection is not paused.")
    connection.state = "active"
    _record(session, actor, "connection.resumed", connection)
    chosen = tuple(row.id for row in accounts_of(session, connection.id) if row.is_selected)
    announce(session, ConnectionResumed(chosen, workspace))
    return check(session, connection=connection)


def disconnect(session: Session, *, connection: Connection, actor: UserRef) -> UUID:
    """Forget the sign-in at once; the returned job removes the accounts and what was read of them, and recomputes the figures."""
    begin_removal(session, connection=connection, actor=actor)
    job = RemoveConnection(connection_id=connection.id)
    return enqueue(session, job, dedupe_key=f"connections.remove:{connection.id}", title=f"Removing {connection.label}")


def _record(session: Session, actor: UserRef, action: str, connection: Connection) -> None:
    record(session, actor_id=actor.id, actor_name=actor.name, action=action, subject=connection.label)
