"""What has been used this month, read as the control plane."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.models import Subscription, UsageCounter
from billing.plans import Entitlement, Plan
from billing.schemas import UsageReply, usage_reply
from kit.clock import utc_now
from tenants.workspaces.models import Membership
from tenants.workspaces.principal import WorkspaceRef


def used_in_month(control: Session, *, workspace_id: UUID, entitlement: Entitlement, month: date) -> int:
    """Use of a monthly entitlement in the month that `month` lies in."""
    return (
        control.scalar(
            select(UsageCounter.used).where(
                UsageCounter.workspace_id == workspace_id,
                UsageCounter.metric == entitlement.value,
                UsageCounter.month == month.replace(day=1),
            )
        )
        or 0
    )


def member_count(control: Session, *, workspace_id: UUID) -> int:
    """How many people are in the workspace."""
    return (
        control.scalar(select(func.count()).select_from(Membership).where(Membership.workspace_id == workspace_id)) or 0
    )


def subscription_status(control: Session, *, workspace_id: UUID) -> str:
    """The state of the subscription; a workspace without one is simply active on the default plan."""
    status = control.scalar(select(Subscription.status).where(Subscription.workspace_id == workspace_id))
    return status or "active"


def usage_of(control: Session, *, workspace: WorkspaceRef, plan: Plan) -> list[UsageReply]:
    """What is used of the limits that are counted."""
    rows = used_in_month(
        control, workspace_id=workspace.id, entitlement=Entitlement.IMPORT_ROWS, month=utc_now().date()
    )
    people = member_count(control, workspace_id=workspace.id)
    return [
        usage_reply(plan, Entitlement.IMPORT_ROWS, used=rows),
        usage_reply(plan, Entitlement.MEMBERS, used=people),
    ]
