"""Pages of connections: the marketplace, connecting, coming back from a platform, one connection, its accounts, and the plugins."""

from datetime import UTC
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from app.connections.catalogue import catalogue, manifest_of
from app.connections.connecting import (
    Asked,
    check,
    come_back,
    connect,
    consent_address,
    disconnect,
    enter_key,
    pause,
    read_accounts,
    resume,
)
from app.connections.presenting import (
    ConnectionsPage,
    LeavingPage,
    PluginsPage,
    connection_card,
    connector_cards,
    hindrance_of,
    plugin_line,
    troubled_first,
    typed_config,
)
from app.connections.service import accounts_of, all_accounts, connection_by_id, list_connections
from app.connections.showing import base_of, job_to_follow, manifests_by_key, room_note, show_new, show_one, working
from app.connections.sign_in import packed, unpacked, workspace_of
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import AdloomError, InvalidInput, NotFound
from kit.format import plural
from kit.settings import Settings
from kit.vault import open_vault
from kit.web.access import access, for_signed_in
from kit.web.forms import refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
CurrentPlan = NamedDependency[Plan]
Configured = NamedDependency[Settings]
FormData = URLEncodedBody[dict[str, str]]
_LIST = "/w/{workspace_id:uuid}/connections"
_NEW = _LIST + "/new/{key:str}"
_ONE = _LIST + "/{connection_id:uuid}"
_READ = access(Permission.READ_DATA)
_MANAGE = access(Permission.MANAGE_CONNECTIONS)


@get(_LIST, sync_to_thread=True, include_in_schema=False, **_READ)
def connections_page(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    settings: Configured,
    q: FromQuery[str] = "",
) -> Response[str]:
    """Your connections, and what else can be connected."""
    base, entries = base_of(workspace), catalogue(control)
    manifests = manifests_by_key(entries)
    accounts = all_accounts(session)
    connections = list_connections(session)
    page = ConnectionsPage(
        cards=troubled_first(
            connection_card(one, accounts.get(one.id, []), manifests.get(one.connector_key), base=base)
            for one in connections
        ),
        connectors=connector_cards(
            working(entries),
            connected={one.connector_key for one in connections if one.state != "removing"},
            settings=settings,
            base=base,
            query=q.strip()[:100],
        ),
        query=q.strip()[:100],
        base=base,
        room=room_note(plan, sum(one.state != "removing" for one in connections)),
        may_manage=workspace.allows(Permission.MANAGE_CONNECTIONS),
        has_connectors=bool(manifests),
    )
    return render(request, "connections/list.html", page)


@get(_NEW, sync_to_thread=True, include_in_schema=False, **_MANAGE)
def new_page(
    request: AnyRequest, control: Control, workspace: Here, plan: CurrentPlan, settings: Configured, key: FromPath[str]
) -> Response[str]:
    """What connecting asks for."""
    return show_new(request, manifest_of(control, key), workspace=workspace, plan=plan, settings=settings)


@post(_NEW, sync_to_thread=True, include_in_schema=False, **_MANAGE)
def create(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    settings: Configured,
    caller: Caller,
    key: FromPath[str],
    data: FormData,
) -> Response[str]:
    """Connect: on to the platform, or, with a key, to the check."""
    manifest = manifest_of(control, key)
    asked = Asked(data.get("label", ""), typed_config(manifest, data), data.get("key", ""))
    actor = caller.signed_in()
    try:
        if hindrance := hindrance_of(manifest, settings):
            raise InvalidInput(hindrance)
        made, job_id = connect(session, manifest=manifest, asked=asked, settings=settings, plan=plan, actor=actor)
    except AdloomError as refusal:
        session.rollback()
        secret = {"key", *(f"config_{one.name}" for one in manifest.config if one.is_secret)}
        form = refused_form({name: value for name, value in data.items() if name not in secret}, refusal)
        return show_new(
            request, manifest, workspace=workspace, plan=plan, settings=settings, form=form, status=refusal.status
        )
    href = f"{base_of(workspace)}/{made.id}"
    if job_id:
        return redirect(request, f"{href}?job={job_id}")
    return redirect(request, f"{href}/sign-in{'?write=1' if data.get('write') else ''}")


@get(_ONE, sync_to_thread=True, include_in_schema=False, **_READ)
def one_connection(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    connection_id: FromPath[UUID],
    job: FromQuery[UUID | None] = None,
) -> Response[str]:
    """One connection: how it fares, its accounts, what can be done."""
    connection = connection_by_id(session, connection_id)
    return show_one(request, session, control, workspace, connection, job=job_to_follow(control, job, workspace))


@get(_ONE + "/sign-in", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def sign_in(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    settings: Configured,
    caller: Caller,
    connection_id: FromPath[UUID],
    write: FromQuery[bool | None] = None,
) -> Response[str]:
    """The step on the way to the consent page. A page of its own, because a form may lead to our own addresses only."""
    connection = connection_by_id(session, connection_id)
    manifest = manifest_of(control, connection.connector_key)
    wants_write = connection.may_write and plan.includes(Entitlement.WRITE_BACK) if write is None else write
    address = consent_address(
        session,
        connection=connection,
        manifest=manifest,
        settings=settings,
        plan=plan,
        actor=caller.signed_in(),
        wants_write=wants_write,
    )
    leaving = LeavingPage(manifest.title, address, f"{base_of(workspace)}/{connection.id}")
    return render(request, "connections/leaving.html", leaving)


@get("/connections/callback", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def callback(request: AnyRequest, settings: Configured) -> Response[str]:
    """Where every platform sends the browser back to: on to the workspace in which the sign-in was begun."""
    params = {name: str(value) for name, value in request.query_params.items()}
    try:
        workspace_id = workspace_of(params.get("state", ""))
    except NotFound as refusal:
        return redirect(request, "/", flash=str(refusal), kind="warn")
    return redirect(request, f"/w/{workspace_id}/connections/callback?returned={packed(open_vault(settings), params)}")


@get(_LIST + "/callback", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def back_in_workspace(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    settings: Configured,
    caller: Caller,
    returned: FromQuery[str] = "",
) -> Response[str]:
    """Take the code; a worker finishes the sign-in, and the connection's page shows how far it is."""
    try:
        params = unpacked(open_vault(settings), returned)
        accepted = come_back(session, control, params=params, settings=settings, actor=caller.signed_in())
    except (InvalidInput, NotFound) as refusal:
        return redirect(request, base_of(workspace), flash=str(refusal), kind="warn")
    return redirect(request, f"{base_of(workspace)}/{accepted.connection_id}?job={accepted.job_id}")


@post(_ONE + "/accounts", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def save_accounts(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    caller: Caller,
    connection_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Read the ticked accounts and no others."""
    connection = connection_by_id(session, connection_id)
    ticked = {row.id for row in accounts_of(session, connection_id) if data.get(f"account_{row.id}")}
    new = read_accounts(session, connection=connection, chosen=ticked, workspace=workspace, actor=caller.signed_in())
    if new:
        flash = f"{plural(new, 'account')} will be read from now on. The newest days come first."
        return redirect(request, f"/w/{workspace.id}/sync", flash=flash)
    return redirect(request, f"{base_of(workspace)}/{connection_id}", flash="The choice is saved.")


@post(_ONE + "/key", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def save_key(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    settings: Configured,
    caller: Caller,
    connection_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Another key, checked at once."""
    connection = connection_by_id(session, connection_id)
    manifest = manifest_of(control, connection.connector_key)
    try:
        job_id = enter_key(
            session,
            connection=connection,
            manifest=manifest,
            key=data.get("key", ""),
            settings=settings,
            actor=caller.signed_in(),
        )
    except InvalidInput as refusal:
        form = refused_form({}, refusal)
        return show_one(request, session, control, workspace, connection, form=form, status=refusal.status)
    return redirect(request, f"{base_of(workspace)}/{connection_id}?job={job_id}")


@post(_ONE + "/check", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def check_now(request: AnyRequest, session: Tenant, workspace: Here, connection_id: FromPath[UUID]) -> Response[str]:
    """See whether the sign-in works, and which accounts it reaches."""
    job_id = check(session, connection=connection_by_id(session, connection_id))
    return redirect(request, f"{base_of(workspace)}/{connection_id}?job={job_id}")


@post(_ONE + "/pause", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def pause_one(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, connection_id: FromPath[UUID]
) -> Response[str]:
    """Read nothing more until it is resumed."""
    pause(session, connection=connection_by_id(session, connection_id), actor=caller.signed_in())
    flash = "The connection is paused. What was read stays."
    return redirect(request, f"{base_of(workspace)}/{connection_id}", flash=flash)


@post(_ONE + "/resume", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def resume_one(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, connection_id: FromPath[UUID]
) -> Response[str]:
    """Read on."""
    connection = connection_by_id(session, connection_id)
    job_id = resume(session, connection=connection, workspace=workspace, actor=caller.signed_in())
    return redirect(request, f"{base_of(workspace)}/{connection_id}?job={job_id}")


@post(_ONE + "/remove", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def remove(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, connection_id: FromPath[UUID]
) -> Response[str]:
    """Forget the sign-in; a job removes what was read through it."""
    connection = connection_by_id(session, connection_id)
    disconnect(session, connection=connection, actor=caller.signed_in())
    flash = f"{connection.label} is being removed: what was read through it leaves every figure within minutes."
    return redirect(request, base_of(workspace), flash=flash)


@get(_LIST + "/plugins", sync_to_thread=True, include_in_schema=False, **_MANAGE)
def plugins_page(request: AnyRequest, control: Control, workspace: Here) -> Response[str]:
    """Every connector that is installed, and what became of it."""
    today = utc_now().astimezone(UTC).date()
    lines = [plugin_line(entry, today=today) for entry in catalogue(control)]
    return render(request, "connections/plugins.html", PluginsPage(lines, base_of(workspace)))


HANDLERS: list[BaseRouteHandler] = [
    connections_page,
    new_page,
    create,
    one_connection,
    sign_in,
    callback,
    back_in_workspace,
    save_accounts,
    save_key,
    check_now,
    pause_one,
    resume_one,
    remove,
    plugins_page,
]
