"""What the billing API shows of plans and use."""

import msgspec

from billing.plans import LABELS, Entitlement, Plan


class PlanReply(msgspec.Struct, frozen=True):
    """A plan of the catalogue; a value is true/false, a limit, or null for no limit."""

    code: str
    name: str
    monthly_price_cents: int
    currency: str
    promise: str
    values: dict[str, bool | int | None]


class SubscriptionReply(msgspec.Struct, frozen=True):
    """The plan that the workspace is on."""

    plan: PlanReply
    status: str


class UsageReply(msgspec.Struct, frozen=True):
    """Use of one limited entitlement; `limit` null is no limit."""

    entitlement: str
    label: str
    used: int
    limit: int | None


def plan_reply(plan: Plan) -> PlanReply:
    """A plan as the API shows it."""
    return PlanReply(
        plan.code,
        plan.name,
        plan.monthly_price_cents,
        plan.currency,
        plan.promise,
        {entitlement.value: value for entitlement, value in plan.values.items()},
    )


def usage_reply(plan: Plan, entitlement: Entitlement, *, used: int) -> UsageReply:
    """Use of one entitlement as the API shows it."""
    return UsageReply(entitlement.value, LABELS[entitlement], used, plan.limit(entitlement))
