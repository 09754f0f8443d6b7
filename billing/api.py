"""Plans, the workspace's subscription and its use, for programs."""

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from billing.plans import Plan
from billing.queries import subscription_status, usage_of
from billing.schemas import PlanReply, SubscriptionReply, UsageReply, plan_reply
from billing.service import plan_rows
from kit.db import ScopedSession
from kit.web.access import access, for_everyone
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@get("/api/v1/billing/plans", sync_to_thread=False, summary="Plans", **for_everyone())
def plans() -> list[PlanReply]:
    """The catalogue, cheapest first."""
    return [plan_reply(plan) for plan, _ in plan_rows()]


@get(
    "/api/v1/billing/subscription",
    sync_to_thread=True,
    summary="Subscription",
    **access(Permission.READ_DATA, is_api_basic=True),
)
def subscription(
    control: NamedDependency[ScopedSession], workspace: NamedDependency[WorkspaceRef], plan: NamedDependency[Plan]
) -> SubscriptionReply:
    """The plan that the workspace is on."""
    return SubscriptionReply(plan_reply(plan), subscription_status(control, workspace_id=workspace.id))


@get("/api/v1/billing/usage", sync_to_thread=True, summary="Usage", **access(Permission.READ_DATA, is_api_basic=True))
def usage(
    control: NamedDependency[ScopedSession], workspace: NamedDependency[WorkspaceRef], plan: NamedDependency[Plan]
) -> list[UsageReply]:
    """Use of what the plan limits, since the first of the month where the limit is monthly."""
    return usage_of(control, workspace=workspace, plan=plan)


HANDLERS: list[BaseRouteHandler] = [plans, subscription, usage]
