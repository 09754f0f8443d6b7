"""Reading and changing a workspace's plan. Until Stripe is connected, `adloom plan set` and the demo are what change it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing.models import Subscription
from billing.plans import DEFAULT_PLAN, PLANS, Entitlement, Plan, plan_with_code
from kit.clock import utc_now
from kit.errors import InvalidInput


def plan_of(control: Session, *, workspace_id: UUID) -> Plan:
    """The plan that a workspace is on."""
    code = control.scalar(select(Subscription.plan_code).where(Subscription.workspace_id == workspace_id))
    return plan_with_code(code or DEFAULT_PLAN.code)


def set_plan(control: Session, *, workspace_id: UUID, plan_code: str) -> Plan:
    """Put a workspace on a plan, at once."""
    if plan_code not in PLANS:
        raise InvalidInput(f"There is no plan “{plan_code}”.", f"Choose one of: {', '.join(PLANS)}.")
    values = {"plan_code": plan_code, "status": "active", "changed_at": utc_now()}
    control.execute(
        insert(Subscription)
        .values(workspace_id=workspace_id, **values)
        .on_conflict_do_update(index_elements=[Subscription.workspace_id], set_=values)
    )
    _limit_running_jobs(control, workspace_id=workspace_id, plan=PLANS[plan_code])
    return PLANS[plan_code]


def plan_rows() -> Iterable[tuple[Plan, dict[Entitlement, bool | int | None]]]:
    """The catalogue in the order of price, for the billing page and the API."""
    return [(plan, plan.values) for plan in sorted(PLANS.values(), key=lambda plan: plan.monthly_price_cents)]


def _limit_running_jobs(control: Session, *, workspace_id: UUID, plan: Plan) -> None:
    """Tell the dispatcher how many of the workspace's jobs may run at once."""
    control.execute(
        text(
            "INSERT INTO control.job_limits (workspace_id, max_running) VALUES (:workspace_id, :max_running) "
            "ON CONFLICT (workspace_id) DO UPDATE SET max_running = excluded.max_running"
        ),
        {"workspace_id": workspace_id, "max_running": plan.limit(Entitlement.RUNNING_JOBS)},
    )
