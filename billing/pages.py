"""The page of plans: what each includes, which one the workspace has, and what is used."""

from dataclasses import dataclass

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from billing.plans import LABELS, Plan, price_label
from billing.queries import usage_of
from billing.schemas import UsageReply
from billing.service import plan_rows
from kit.db import ScopedSession
from kit.settings import Settings
from kit.web.access import access
from kit.web.pages import AnyRequest, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@dataclass(frozen=True)
class PlanColumn:
    """A plan and the rows of what it includes."""

    code: str
    name: str
    price: str
    promise: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True)
class BillingPage:
    """All plans beside each other, and the use of the workspace's own."""

    plans: list[PlanColumn]
    current_code: str
    usage: list[UsageReply]
    upgrade_note: str


@get("/w/{workspace_id:uuid}/billing", sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def billing_page(
    request: AnyRequest,
    control: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    plan: NamedDependency[Plan],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Plans and use."""
    page = BillingPage(
        plans=[_column(known) for known, _ in plan_rows()],
        current_code=plan.code,
        usage=usage_of(control, workspace=workspace, plan=plan),
        upgrade_note=_upgrade_note(settings, workspace),
    )
    return render(request, "billing/plans.html", page)


def _upgrade_note(settings: Settings, workspace: WorkspaceRef) -> str:
    """Without Stripe nobody can pay here; say who can change the plan, and how."""
    if settings.stripe_secret_key.get_secret_value():
        return ""
    return (
        "Card payment is not connected on this installation. Whoever runs it changes the plan with: "
        f"adloom plan set {workspace.id} premium"
    )


def _column(plan: Plan) -> PlanColumn:
    rows = [(_sentence_case(LABELS[entitlement]), _value(value)) for entitlement, value in plan.values.items()]
    return PlanColumn(plan.code, plan.name, price_label(plan), plan.promise, rows)


def _sentence_case(label: str) -> str:
    """With a capital first letter, and PDF and API left as they are."""
    return label[:1].upper() + label[1:]


def _value(value: bool | int | None) -> str:
    if value is None:
        return "No limit"
    if isinstance(value, bool):
        return "Included" if value else "–"
    return f"{value:,}"


HANDLERS: list[BaseRouteHandler] = [billing_page]
