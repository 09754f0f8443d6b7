"""What a worker does for connections. It runs plugin code, which the web process never does."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from adloom_sdk import oauth1, oauth2
from adloom_sdk.credentials import Token
from adloom_sdk.errors import PlatformError
from adloom_sdk.manifest import OAuth1, OAuth2
from app.connections.events import ConnectionRemoved, ConnectionRemoving, announce
from app.connections.jobs import (
    CheckConnection,
    FinishSignIn,
    PurgeAttempts,
    PurgeWorkspaceAttempts,
    RemoveConnection,
)
from app.connections.models import Connection
from app.connections.opening import app_settings, make_client, open_connector, settings_of
from app.connections.problems import clear_account_problems, note_problem, note_success
from app.connections.secrets import store_token
from app.connections.service import accounts_of, connection_by_id, drop_connection, keep_accounts
from app.connections.sign_in import Attempt, purge_attempts, take_code
from app.plugins import load_plugins
from kit.db import begin_beside
from kit.jobs import JobContext, Transient, enqueue, handles
from kit.vault import open_vault
from tenants.workspaces.models import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

_AFTER_ALL_OTHERS = 900


@handles(FinishSignIn)
def finish_sign_in(context: JobContext, job: FinishSignIn) -> dict[str, str]:
    """Safe to run twice: a code is taken once; where it is gone, the accounts are listed again."""
    connection = connection_by_id(context.session, job.connection_id)
    if connection.state == "removing":
        return {"connection_id": str(connection.id), "state": connection.state}
    if not _guarded(connection, lambda: _redeem(context, connection, bytes.fromhex(job.state_hash))):
        return {"connection_id": str(connection.id), "state": connection.state}
    return _list_accounts(context, connection)


@handles(CheckConnection)
def check(context: JobContext, job: CheckConnection) -> dict[str, str]:
    """Safe to run twice: it tells what is the case."""
    connection = connection_by_id(context.session, job.connection_id)
    if connection.state == "removing":
        return {"connection_id": str(connection.id), "state": connection.state}
    return _list_accounts(context, connection)


@handles(RemoveConnection)
def remove(context: JobContext, job: RemoveConnection) -> dict[str, str]:
    """Safe to run twice: days, entities and connection go in one transaction; what is gone is gone."""
    session = context.session
    connection = session.get(Connection, job.connection_id)
    if connection is None:
        return {"connection_id": str(job.connection_id), "state": "removed"}
    context.progress(0.1, f"Removing what was read through {connection.label}")
    announce(session, ConnectionRemoving(tuple(row.id for row in accounts_of(session, connection.id))))
    context.progress(0.7, f"Removing accounts and campaigns of {connection.label}")
    drop_connection(session, connection=connection)
    announce(session, ConnectionRemoved(job.connection_id))
    return {"connection_id": str(job.connection_id), "state": "removed"}


@handles(PurgeAttempts)
def purge_all(context: JobContext, _job: PurgeAttempts) -> dict[str, int]:
    """Safe to run twice: a workspace whose job still waits gets no second one."""
    active = context.session.scalars(select(Workspace.id).where(Workspace.state == "active")).all()
    for workspace_id in active:
        enqueue(
            context.session,
            PurgeWorkspaceAttempts(),
            workspace_id=workspace_id,
            dedupe_key="connections.purge_attempts",
            priority=_AFTER_ALL_OTHERS,
        )
    return {"workspaces": len(active)}


@handles(PurgeWorkspaceAttempts)
def purge_one(context: JobContext, _job: PurgeWorkspaceAttempts) -> None:
    """Safe to run twice: what is gone is gone."""
    purge_attempts(context.session)


def _redeem(context: JobContext, connection: Connection, state_hash: bytes) -> None:
    """Take the code and keep what it brings, in a transaction of their own: a code works once, whatever becomes of the job."""
    context.progress(0.2, "Finishing the sign-in")
    vault = open_vault(context.resources.settings)
    with begin_beside(context.session) as beside:
        taken = take_code(beside, vault, state_hash=state_hash)
        if taken is None:
            return
        token = _token(context, connection, taken.attempt)
        store_token(beside, vault, connection_id=connection.id, token=token)
    connection.scopes = list(token.scopes)
    connection.may_write = taken.wants_write and _grants_writing(connection, token)


def _grants_writing(connection: Connection, token: Token) -> bool:
    """Whether every permission to write was granted, as far as the platform tells what was."""
    auth = load_plugins().named(connection.connector_key).manifest.auth
    return not token.scopes or not isinstance(auth, OAuth2) or set(auth.scopes_write) <= set(token.scopes)


def _token(context: JobContext, connection: Connection, attempt: Attempt) -> Token:
    settings, found = context.resources.settings, load_plugins().named(connection.connector_key)
    config = settings_of(context.session, connection, settings=settings)
    client = make_client(found, None, settings=settings, config=config)
    app = app_settings(settings, connection.connector_key)
    try:
        if isinstance(found.manifest.auth, OAuth1):
            temporary = Token(access_token=attempt.temporary_token, secret=attempt.temporary_secret)
            return oauth1.access_token(client, app=app, temporary=temporary, verifier=attempt.code)
        return oauth2.exchange_code(
            client,
            app=app,
            code=attempt.code,
            redirect_uri=attempt.redirect_uri,
            verifier=attempt.verifier,
        )
    finally:
        client.close()


def _list_accounts(context: JobContext, connection: Connection) -> dict[str, str]:
    context.progress(0.5, "Looking for your accounts")

    def look() -> None:
        settings = context.resources.settings
        with open_connector(context.session, connection, settings=settings) as opened:
            told = opened.connector.check(opened.ctx)
            accounts = keep_accounts(
                context.session, connection=connection, accounts=opened.connector.accounts(opened.ctx)
            )
        connection.signed_in_as = told.signed_in_as or connection.signed_in_as
        clear_account_problems(context.session, [row for row in accounts if not row.problem])
        note_success(connection=connection)

    _guarded(connection, look)
    return {"connection_id": str(connection.id), "state": connection.state}


def _guarded(connection: Connection, act: "Callable[[], None]") -> bool:
    """A platform's refusal is an outcome that the connection keeps; what passes by itself is tried again."""
    try:
        act()
    except PlatformError as error:
        if error.may_retry:
            raise Transient(error.message, error.what_to_do) from error
        note_problem(error, connection=connection)
        return False
    return True
