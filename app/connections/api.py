"""Connections for programs: what can be connected, what is, how it fares, and the acts on it."""

from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from adloom_sdk.manifest import Manifest
from app.connections.catalogue import catalogue, manifest_of
from app.connections.connecting import Asked, check, connect, consent_address, disconnect, read_accounts
from app.connections.health import health_of
from app.connections.models import AdAccount, Connection
from app.connections.presenting import hindrance_of
from app.connections.schemas import (
    AccountReply,
    AccountsRequest,
    AskedReply,
    AuthorizeReply,
    AuthorizeRequest,
    ConnectionReply,
    ConnectorReply,
    ConnectRequest,
    HealthReply,
)
from app.connections.secrets import names_set
from app.connections.service import accounts_of, all_accounts, checked_choice, connection_by_id, list_connections
from billing.plans import Plan
from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput, NotFound, PlanDoesNotInclude, Unavailable
from kit.settings import Settings
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
CurrentPlan = NamedDependency[Plan]
Configured = NamedDependency[Settings]
_READ = access(Permission.READ_DATA)
_ONE = "/api/v1/connections/{connection_id:uuid}"


@get("/api/v1/connectors", sync_to_thread=True, summary="Connectors", **_READ)
def read_connectors(control: Control, settings: Configured) -> list[ConnectorReply]:
    """Every platform that this installation can connect."""
    working = [entry.manifest for entry in catalogue(control) if entry.state == "working" and entry.manifest]
    return [_connector_reply(manifest, settings) for manifest in working]


@get("/api/v1/connections", sync_to_thread=True, summary="Connections", **_READ)
def read_connections(session: Tenant, control: Control) -> list[ConnectionReply]:
    """Every connection with its accounts and how it fares."""
    manifests, accounts, secret = _manifests(control), all_accounts(session), names_set(session)
    return [
        _reply(one, accounts.get(one.id, []), manifests.get(one.connector_key), secrets_set=secret.get(one.id, []))
        for one in list_connections(session)
    ]


@post(
    "/api/v1/connections",
    sync_to_thread=True,
    status_code=201,
    summary="Connect a platform",
    **access(Permission.MANAGE_CONNECTIONS, raises=(PlanDoesNotInclude, NotFound)),
)
def start_connection(
    session: Tenant,
    control: Control,
    settings: Configured,
    plan: CurrentPlan,
    caller: Caller,
    data: JSONBody[ConnectRequest],
) -> Response[ConnectionReply]:
    """Make a connection. Where a person has to consent, go on with `authorize`; a key is checked at once, by a job."""
    manifest = manifest_of(control, data.connector)
    if hindrance := hindrance_of(manifest, settings):
        raise InvalidInput(hindrance)
    asked = Asked(data.label, data.config, data.key)
    made, job_id = connect(
        session, manifest=manifest, asked=asked, settings=settings, plan=plan, actor=caller.signed_in()
    )
    session.flush()
    reply = _shown(session, control, made, job_id=job_id)
    return Response(reply, status_code=201, headers={"location": f"/api/v1/connections/{made.id}"})


@get(_ONE, sync_to_thread=True, summary="A connection", **_READ)
def read_connection(session: Tenant, control: Control, connection_id: FromPath[UUID]) -> ConnectionReply:
    """State, health, and every account that the sign-in reaches."""
    return _shown(session, control, connection_by_id(session, connection_id))


@post(
    _ONE + "/authorize",
    sync_to_thread=True,
    status_code=200,
    summary="Begin a sign-in",
    **access(Permission.MANAGE_CONNECTIONS, raises=(PlanDoesNotInclude, Unavailable, Conflict)),
)
def authorize(
    session: Tenant,
    control: Control,
    settings: Configured,
    plan: CurrentPlan,
    caller: Caller,
    connection_id: FromPath[UUID],
    data: JSONBody[AuthorizeRequest],
) -> AuthorizeReply:
    """The address of the platform's consent page. The person who opens it must be the one who asked for it here."""
    connection = connection_by_id(session, connection_id)
    address = consent_address(
        session,
        connection=connection,
        manifest=manifest_of(control, connection.connector_key),
        settings=settings,
        plan=plan,
        actor=caller.signed_in(),
        wants_write=data.wants_write,
    )
    return AuthorizeReply(address)


@post(
    _ONE + "/check",
    sync_to_thread=True,
    status_code=202,
    summary="Check a connection",
    **access(Permission.MANAGE_CONNECTIONS, raises=(Conflict,)),
)
def check_connection(session: Tenant, control: Control, connection_id: FromPath[UUID]) -> Response[ConnectionReply]:
    """Have a job see whether the sign-in works, and which accounts it reaches."""
    connection = connection_by_id(session, connection_id)
    job_id = check(session, connection=connection)
    return Response(_shown(session, control, connection, job_id=job_id), status_code=202)


@get(_ONE + "/accounts", sync_to_thread=True, summary="A connection's accounts", **_READ)
def read_connection_accounts(session: Tenant, connection_id: FromPath[UUID]) -> list[AccountReply]:
    """Every account that the sign-in reaches, with what keeps it from being read, where something does."""
    return [_account_reply(row) for row in accounts_of(session, connection_by_id(session, connection_id).id)]


@put(
    _ONE + "/accounts",
    sync_to_thread=True,
    summary="Choose accounts",
    **access(Permission.MANAGE_CONNECTIONS, raises=(Conflict,)),
)
def choose_connection_accounts(
    session: Tenant,
    workspace: Here,
    caller: Caller,
    connection_id: FromPath[UUID],
    data: JSONBody[AccountsRequest],
) -> list[AccountReply]:
    """Read these accounts and no others; the newly chosen ones are read soon. What was read of the others stays."""
    connection = connection_by_id(session, connection_id)
    chosen = checked_choice(session, connection=connection, wanted=data.account_ids)
    read_accounts(session, connection=connection, chosen=chosen, workspace=workspace, actor=caller.signed_in())
    return [_account_reply(row) for row in accounts_of(session, connection.id)]


@delete(
    _ONE,
    sync_to_thread=True,
    status_code=202,
    summary="Remove a connection",
    **access(Permission.MANAGE_CONNECTIONS),
)
def remove_connection(
    session: Tenant, control: Control, caller: Caller, connection_id: FromPath[UUID]
) -> Response[ConnectionReply]:
    """Forget the sign-in at once. A job removes its accounts and what was read through it, and recomputes every figure; until then
    its state is `removing`. Asking twice starts one job. Imported files stay."""
    connection = connection_by_id(session, connection_id)
    job_id = disconnect(session, connection=connection, actor=caller.signed_in())
    session.flush()
    return Response(_shown(session, control, connection, job_id=job_id), status_code=202)


def _manifests(control: ScopedSession) -> dict[str, Manifest]:
    return {one.manifest.key: one.manifest for one in catalogue(control) if one.state == "working" and one.manifest}


def _shown(
    session: ScopedSession, control: ScopedSession, connection: Connection, *, job_id: UUID | None = None
) -> ConnectionReply:
    manifest = _manifests(control).get(connection.connector_key)
    secret = names_set(session).get(connection.id, [])
    return _reply(connection, accounts_of(session, connection.id), manifest, secrets_set=secret, job_id=job_id)


def _connector_reply(manifest: Manifest, settings: Settings) -> ConnectorReply:
    return ConnectorReply(
        key=manifest.key,
        title=manifest.title,
        summary=manifest.summary,
        version=manifest.version,
        sign_in=type(manifest.auth).__struct_config__.tag,  # type: ignore[arg-type]  # each kind has a text as its tag
        capabilities=[capability.value for capability in manifest.capabilities],
        config=[
            AskedReply(one.name, one.label, one.help, one.pattern, one.is_required, one.is_secret)
            for one in manifest.config
        ],
        hindrance=hindrance_of(manifest, settings),
    )


def _reply(
    connection: Connection,
    accounts: list[AdAccount],
    manifest: Manifest | None,
    *,
    secrets_set: list[str],
    job_id: UUID | None = None,
) -> ConnectionReply:
    health = health_of(connection, accounts, manifest)
    return ConnectionReply(
        id=connection.id,
        connector=connection.connector_key,
        label=connection.label,
        state=connection.state,
        signed_in_as=connection.signed_in_as,
        may_write=bool(connection.may_write),
        config={name: str(value) for name, value in connection.config.items()},
        secrets_set=secrets_set,
        health=HealthReply(health.tone, health.label, health.sentence, health.act),
        created_at=connection.created_at,
        last_ok_at=connection.last_ok_at,
        accounts=[_account_reply(row) for row in accounts],
        job_id=job_id,
    )


def _account_reply(row: AdAccount) -> AccountReply:
    return AccountReply(
        id=row.id,
        platform_id=row.platform_id,
        name=row.name,
        currency=row.currency,
        timezone=row.timezone,
        status=row.status,
        may_write=row.may_write,
        is_selected=row.is_selected,
        problem=row.problem,
        what_to_do=row.what_to_do,
    )


HANDLERS: list[BaseRouteHandler] = [
    read_connectors,
    read_connections,
    start_connection,
    read_connection,
    authorize,
    check_connection,
    read_connection_accounts,
    choose_connection_accounts,
    remove_connection,
]
