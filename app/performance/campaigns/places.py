"""What the handlers of campaigns' pages share: who looks, what platforms are called, and the period that was asked for."""

from litestar import Response
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from app.connections.catalogue import catalogue
from app.performance.campaigns.listing_page import Viewer
from app.performance.export import ExportFile
from billing.entitlements import require
from billing.plans import Entitlement, Plan
from kit.db import ScopedSession
from kit.errors import PlanDoesNotInclude
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
CurrentPlan = NamedDependency[Plan]
Caller = NamedDependency[Principal]
LIST = "/w/{workspace_id:uuid}/campaigns"


def platform_titles(control: Session) -> dict[str, str]:
    """What each installed connector is called."""
    return {entry.manifest.key: entry.manifest.title for entry in catalogue(control) if entry.manifest}


def viewer_of(control: Session, workspace: WorkspaceRef, plan: Plan) -> Viewer:
    """Who looks, and what they may do here."""
    return Viewer(
        base=f"/w/{workspace.id}",
        may_change=workspace.allows(Permission.CHANGE_CAMPAIGNS),
        may_export=workspace.allows(Permission.EXPORT_DATA),
        upgrade=upgrade_sentence(plan),
        titles=platform_titles(control),
    )


def upgrade_sentence(plan: Plan) -> str:
    """What a plan without write-back says; nothing where changes are included."""
    try:
        require(plan, Entitlement.WRITE_BACK)
    except PlanDoesNotInclude as refusal:
        return str(refusal)
    return ""


def download(file: ExportFile) -> Response[bytes]:
    """A file to take away."""
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.content, media_type=file.media_type, headers=headers)
