"""What must hold before a change is asked of a platform: the place, what the person saw, and limits on money."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adloom_sdk.manifest import Capability, Manifest
from adloom_sdk.messages import ActionKind
from adloom_sdk.records import BudgetOwner
from app.campaigns.platform_models import Campaign, CampaignChange
from app.connections.models import AdAccount, Connection
from kit.clock import utc_now
from kit.errors import Conflict, FieldError, InvalidInput
from kit.format import money

# A budget moves by at most this factor within a day, up or down: more restarts the platforms' learning, and is often a slip.
MAX_BUDGET_FACTOR = 2.0
_NEEDED = {
    ActionKind.PAUSE: Capability.PAUSE,
    ActionKind.ENABLE: Capability.ENABLE,
    ActionKind.SET_DAILY_BUDGET: Capability.DAILY_BUDGET,
}


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of one campaign, and what they saw when they decided. `is_confirmed` lifts the limit on large moves."""

    kind: ActionKind
    seen_status: str
    seen_budget_micros: int | None = None
    daily_budget_micros: int | None = None
    is_confirmed: bool = False
    reason: str = ""


def check_change(session: Session, *, campaign: Campaign, wanted: Wanted, manifest: Manifest) -> None:
    """Raises what the person can mend, or what must be looked at again."""
    account, connection = place_of(session, campaign)
    _check_place(campaign, account, connection, manifest, wanted.kind)
    _check_seen(campaign, wanted)
    if wanted.kind is ActionKind.SET_DAILY_BUDGET:
        _check_budget(session, campaign, wanted, manifest)


def place_of(session: Session, campaign: Campaign) -> tuple[AdAccount, Connection]:
    """Where a campaign lives. Raises InvalidInput for a plan."""
    if campaign.account_id is None:
        raise InvalidInput("This campaign lives here only.", "Edit the plan itself.")
    account = session.get_one(AdAccount, campaign.account_id)
    return account, session.get_one(Connection, account.connection_id)


def _check_place(
    campaign: Campaign, account: AdAccount, connection: Connection, manifest: Manifest, kind: ActionKind
) -> None:
    if _NEEDED[kind] not in manifest.capabilities:
        raise InvalidInput(f"{manifest.title} does not offer this.", "Do it in the platform's own ads manager.")
    if not connection.may_write or account.may_write is False:
        raise InvalidInput(
            f"The {manifest.title} sign-in may read, but not change campaigns.",
            "Sign in again under Connections, with permission to change campaigns.",
        )
    if connection.state != "active":
        raise Conflict(
            connection.problem or "This connection is not active.", connection.what_to_do or "Look under Connections."
        )
    if campaign.status == "removed":
        raise Conflict("This campaign was removed on the platform.", "Choose another.")


def _check_seen(campaign: Campaign, wanted: Wanted) -> None:
    """What was on the screen may be older than what is known here."""
    if wanted.kind is ActionKind.SET_DAILY_BUDGET:
        if wanted.seen_budget_micros != campaign.daily_budget_micros:
            raise Conflict("The budget has changed since you looked.", "Look at it again, and decide then.")
    elif wanted.seen_status != campaign.status:
        raise Conflict("The status has changed since you looked.", "Look at it again, and decide then.")


def _budget_a_day_ago(session: Session, campaign: Campaign) -> int | None:
    """The budget before the changes of the last 24 hours, so that small steps do not add up to a large one unseen."""
    first = session.scalar(
        select(CampaignChange.before)
        .where(
            CampaignChange.campaign_number == campaign.number,
            CampaignChange.kind == ActionKind.SET_DAILY_BUDGET,
            CampaignChange.state == "done",
            CampaignChange.finished_at > utc_now() - timedelta(days=1),
        )
        .order_by(CampaignChange.created_at)
        .limit(1)
    )
    return (first or {}).get("daily_budget_micros") or campaign.daily_budget_micros


def _check_budget(session: Session, campaign: Campaign, wanted: Wanted, manifest: Manifest) -> None:
    new, old = wanted.daily_budget_micros, _budget_a_day_ago(session, campaign)
    if campaign.budget_owner == BudgetOwner.SHARED:
        raise InvalidInput("This budget also feeds other campaigns.", "Change it in the platform's own ads manager.")
    if old is None or campaign.daily_budget_micros is None or campaign.budget_owner != BudgetOwner.CAMPAIGN:
        raise InvalidInput(
            "This campaign has no daily budget of its own.", "Its ad groups have budgets, or it has a lifetime budget."
        )
    floor = max(1, manifest.min_daily_budget_micros.get(campaign.currency, 1))
    if new is None or new < floor:
        lowest = money(floor, campaign.currency)
        raise InvalidInput(
            "The budget is too low.", errors=[FieldError(f"Enter at least {lowest} a day.", field="budget")]
        )
    if not wanted.is_confirmed and not old / MAX_BUDGET_FACTOR <= new <= old * MAX_BUDGET_FACTOR:
        raise InvalidInput(
            f"That is a large step within a day: from {money(old, campaign.currency)} to {money(new, campaign.currency)}.",
            "Confirm it, or go in smaller steps.",
            errors=[FieldError("A large step needs to be confirmed.", field="confirm")],
        )
