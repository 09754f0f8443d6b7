"""May this workspace do that? Asked by the gate before a route, by services before an act, and by templates for what to show."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from billing.plans import DEFAULT_PLAN, LABELS, Entitlement, Plan, cheapest_plan_with, plan_with_code, price_label
from kit.errors import PlanDoesNotInclude


def require(plan: Plan, entitlement: Entitlement) -> None:
    """Refuse, with the price of what would unlock it, where the plan does not include the entitlement."""
    if not plan.includes(entitlement):
        better = cheapest_plan_with(entitlement)
        raise PlanDoesNotInclude(
            f"The {plan.name} plan does not include {LABELS[entitlement]}.",
            f"{better.name} ({price_label(better)}) does. An owner or admin can upgrade under Settings → Billing.",
            entitlement=entitlement,
        )


def require_room(plan: Plan, entitlement: Entitlement, *, used: int, adding: int = 1) -> None:
    """Refuse where adding to what is used would pass the plan's limit."""
    limit = plan.limit(entitlement)
    if limit is not None and used + adding > limit:
        raise limit_reached(plan, entitlement, used=used)


def has_room(plan: Plan, entitlement: Entitlement, *, used: int) -> bool:
    """Whether one more fits."""
    limit = plan.limit(entitlement)
    return limit is None or used < limit


def current_plan(session: Session) -> Plan:
    """The plan of the current tenant, for work that no request has brought it to."""
    return plan_with_code(session.execute(text("SELECT control.plan_code()")).scalar() or DEFAULT_PLAN.code)


def limit_reached(plan: Plan, entitlement: Entitlement, *, used: int) -> PlanDoesNotInclude:
    """The refusal that names the limit, the use so far, and what would unlock more."""
    limit = plan.limit(entitlement)
    better = cheapest_plan_with(entitlement, more_than=limit)
    return PlanDoesNotInclude(
        f"The {plan.name} plan includes {limit:,} {LABELS[entitlement]}; {used:,} are used.",
        f"{better.name} ({price_label(better)}) has no such limit. What you have stays as it is.",
        entitlement=entitlement,
        limit=limit,
        used=used,
    )


def consume(session: Session, plan: Plan, entitlement: Entitlement, *, amount: int) -> int:
    """Count monthly use within the tenant's own transaction; refuses, and so rolls back, what would pass the limit.

    The counter lives in the control plane and is reached through `control.consume_usage`, which takes the workspace from
    the current role: two imports at once cannot both take the last row, and nobody can count for somebody else.
    """
    limit = plan.limit(entitlement)
    used = session.execute(
        text("SELECT control.consume_usage(:metric, :amount, :limit)"),
        {"metric": entitlement.value, "amount": amount, "limit": limit},
    ).scalar()
    if used is None:
        raise limit_reached(plan, entitlement, used=used_this_month(session, entitlement))
    return int(used)


def used_this_month(session: Session, entitlement: Entitlement) -> int:
    """How much the current tenant has used since the first of the month (UTC)."""
    return int(
        session.execute(text("SELECT control.usage_this_month(:metric)"), {"metric": entitlement.value}).scalar_one()
    )
