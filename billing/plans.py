"""The catalogue of plans as data. Prices are per workspace and month."""

from dataclasses import dataclass
from enum import StrEnum


class Entitlement(StrEnum):
    """Everything that a plan can include or limit."""

    HISTORY_DAYS = "dashboard.history_days"
    CHANNELS = "channels.max"
    CONNECTIONS = "connections.max"
    IMPORT_ROWS = "imports.rows_per_month"
    MEMBERS = "members.max"
    RUNNING_JOBS = "jobs.running_max"
    PDF_EXPORT = "exports.pdf"
    ATTRIBUTION = "mix.attribution"
    RESPONSE_CURVES = "mix.response_curves"
    FORECAST = "mix.forecast"
    OPTIMISER = "mix.optimiser"
    WRITE_BACK = "campaigns.write_back"
    API = "api.access"


UNLIMITED = None
PlanValue = bool | int | None


@dataclass(frozen=True)
class Plan:
    """A plan: its price and, for each entitlement, yes or no, or a limit (None: no limit)."""

    code: str
    name: str
    monthly_price_cents: int
    currency: str
    promise: str
    values: dict[Entitlement, PlanValue]

    def includes(self, entitlement: Entitlement) -> bool:
        """True where the plan has any of it."""
        value = self.values[entitlement]
        return value is UNLIMITED or bool(value)

    def limit(self, entitlement: Entitlement) -> int | None:
        """How much of it the plan has; None is without limit."""
        value = self.values[entitlement]
        return None if value is UNLIMITED or value is True else int(value)


FREE = Plan(
    code="free",
    name="Free",
    monthly_price_cents=0,
    currency="USD",
    promise="See what your channels did in the last 90 days.",
    values={
        Entitlement.HISTORY_DAYS: 90,
        Entitlement.CHANNELS: 5,
        Entitlement.CONNECTIONS: 2,
        Entitlement.IMPORT_ROWS: 500,
        Entitlement.MEMBERS: 2,
        Entitlement.RUNNING_JOBS: 1,
        Entitlement.PDF_EXPORT: True,
        Entitlement.ATTRIBUTION: False,
        Entitlement.RESPONSE_CURVES: False,
        Entitlement.FORECAST: False,
        Entitlement.OPTIMISER: False,
        Entitlement.WRITE_BACK: False,
        Entitlement.API: False,
    },
)

PREMIUM = Plan(
    code="premium",
    name="Premium",
    monthly_price_cents=7900,
    currency="USD",
    promise="Know what each channel really brings, and where the next dollar should go.",
    values={
        Entitlement.HISTORY_DAYS: UNLIMITED,
        Entitlement.CHANNELS: UNLIMITED,
        Entitlement.CONNECTIONS: UNLIMITED,
        Entitlement.IMPORT_ROWS: UNLIMITED,
        Entitlement.MEMBERS: UNLIMITED,
        Entitlement.RUNNING_JOBS: 4,
        Entitlement.PDF_EXPORT: True,
        Entitlement.ATTRIBUTION: True,
        Entitlement.RESPONSE_CURVES: True,
        Entitlement.FORECAST: True,
        Entitlement.OPTIMISER: True,
        Entitlement.WRITE_BACK: True,
        Entitlement.API: True,
    },
)

PLANS: dict[str, Plan] = {plan.code: plan for plan in (FREE, PREMIUM)}
DEFAULT_PLAN = FREE

# How each entitlement is named to people: a noun phrase, and the sentence that a refusal shows.
LABELS: dict[Entitlement, str] = {
    Entitlement.HISTORY_DAYS: "days of history on the dashboard",
    Entitlement.CHANNELS: "channels",
    Entitlement.CONNECTIONS: "connected platforms",
    Entitlement.IMPORT_ROWS: "imported rows a month",
    Entitlement.MEMBERS: "people in a workspace",
    Entitlement.RUNNING_JOBS: "jobs at the same time",
    Entitlement.PDF_EXPORT: "PDF export",
    Entitlement.ATTRIBUTION: "attribution with the mix model",
    Entitlement.RESPONSE_CURVES: "response curves",
    Entitlement.FORECAST: "revenue forecast",
    Entitlement.OPTIMISER: "budget optimiser",
    Entitlement.WRITE_BACK: "changing campaigns on the platforms",
    Entitlement.API: "API access",
}


def plan_with_code(code: str) -> Plan:
    """The plan of this code; a code that the catalogue no longer has means the default plan."""
    return PLANS.get(code, DEFAULT_PLAN)


def cheapest_plan_with(entitlement: Entitlement, *, more_than: int | None = None) -> Plan:
    """The cheapest plan that includes an entitlement, and more of it than a limit that has been reached."""
    by_price = sorted(PLANS.values(), key=lambda plan: plan.monthly_price_cents)
    for plan in by_price:
        limit = plan.limit(entitlement)
        if plan.includes(entitlement) and (more_than is None or limit is None or limit > more_than):
            return plan
    return by_price[-1]


def price_label(plan: Plan) -> str:
    """The price as people read it, such as `$79 a month`."""
    return "Free" if plan.monthly_price_cents == 0 else f"${plan.monthly_price_cents / 100:,.0f} a month"
