"""The pages of connections, put together from what is stored: what connecting asks for, and one connection."""

from dataclasses import replace
from uuid import UUID

from litestar import Response

from adloom_sdk.manifest import ApiKey, Manifest
from app.connections.catalogue import CatalogueEntry, catalogue
from app.connections.health import health_of
from app.connections.models import Connection
from app.connections.presenting import (
    ConnectionPage,
    NewPage,
    about_connection,
    account_line,
    has_key,
    hindrance_of,
    reads_of,
    writes_of,
)
from app.connections.secrets import names_set
from app.connections.service import accounts_of
from app.operations.schemas import JobReply, job_reply
from billing.plans import Entitlement, Plan, cheapest_plan_with
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.jobs.queries import job_of
from kit.settings import Settings
from kit.web.forms import Form
from kit.web.pages import AnyRequest, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

REMOVAL = (
    "The sign-in is forgotten, and the accounts, campaigns and daily numbers that were read through it leave every figure. "
    "Imported files stay. To keep the numbers, pause the connection instead."
)


def base_of(workspace: WorkspaceRef) -> str:
    """Where the pages of connections lie."""
    return f"/w/{workspace.id}/connections"


def working(entries: list[CatalogueEntry]) -> list[CatalogueEntry]:
    """Those that could be loaded."""
    return [entry for entry in entries if entry.state == "working"]


def manifests_by_key(entries: list[CatalogueEntry]) -> dict[str, Manifest]:
    """The manifests of what works."""
    return {entry.manifest.key: entry.manifest for entry in working(entries) if entry.manifest}


def room_note(plan: Plan, used: int) -> str:
    """How many the plan has room for; empty where there is no limit."""
    limit = plan.limit(Entitlement.CONNECTIONS)
    return "" if limit is None else f"{used} of {limit} in the {plan.name} plan"


def job_to_follow(control: ScopedSession, job_id: UUID | None, workspace: WorkspaceRef) -> JobReply | None:
    """The job that the page follows, unless it is over."""
    if job_id is None:
        return None
    try:
        found = job_reply(job_of(control, job_id, workspace_id=workspace.id))
    except NotFound:
        return None
    return None if found.is_over and found.state != "dead" else found


def show_new(
    request: AnyRequest,
    manifest: Manifest,
    *,
    workspace: WorkspaceRef,
    plan: Plan,
    settings: Settings,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    """The page that asks for what connecting needs."""
    may_write = plan.includes(Entitlement.WRITE_BACK)
    page = NewPage(
        title=manifest.title,
        summary=manifest.summary,
        reads=reads_of(manifest),
        writes=writes_of(manifest),
        fields=manifest.config,
        wants_key=has_key(manifest),
        key_where=manifest.auth.where if isinstance(manifest.auth, ApiKey) else "",
        may_write=may_write,
        write_note="" if may_write else f"The {cheapest_plan_with(Entitlement.WRITE_BACK).name} plan includes it.",
        hindrance=hindrance_of(manifest, settings),
        docs_url=manifest.docs_url,
        base=base_of(workspace),
        href=f"{base_of(workspace)}/new/{manifest.key}",
        form=form or Form(),
    )
    return render(request, "connections/new.html", page, status=status)


def show_one(
    request: AnyRequest,
    session: ScopedSession,
    control: ScopedSession,
    workspace: WorkspaceRef,
    connection: Connection,
    *,
    job: JobReply | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    """One connection's page."""
    manifest = manifests_by_key(catalogue(control)).get(connection.connector_key)
    accounts = accounts_of(session, connection.id)
    page = ConnectionPage(
        label=connection.label,
        title=manifest.title if manifest else connection.connector_key,
        health=health_of(connection, accounts, manifest),
        about=about_connection(connection, manifest, names_set(session).get(connection.id, [])),
        accounts=[account_line(row) for row in accounts],
        base=base_of(workspace),
        href=f"{base_of(workspace)}/{connection.id}",
        may_manage=workspace.allows(Permission.MANAGE_CONNECTIONS) and connection.state != "removing",
        is_paused=connection.state == "paused",
        has_consent=manifest is not None and not has_key(manifest),
        has_key=has_key(manifest),
        job=job,
        job_href=f"/w/{workspace.id}/jobs/{job.id}" if job else "",
        syncs_href=f"/w/{workspace.id}/sync" if any(row.is_selected for row in accounts) else "",
        removal=REMOVAL,
    )
    return render(request, "connections/connection.html", replace(page, form=form) if form else page, status=status)
