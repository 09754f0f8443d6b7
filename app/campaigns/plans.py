"""Campaigns that live here only: plans with a budget, dates, a channel and notes."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.audit.service import record
from app.campaigns.channels import WHOLE_DAY, channel_count, create_channel
from app.campaigns.models import Channel
from app.campaigns.platform_models import Campaign
from app.campaigns.queries import all_channels
from app.campaigns.service import MAX_NAME, key_of
from billing.entitlements import require_room
from billing.plans import Entitlement, Plan
from kit.clock import utc_now
from kit.errors import Conflict, FieldError, InvalidInput
from tenants.workspaces.principal import UserRef

MAX_TITLE, MAX_NOTES, MOST_MICROS = 200, 5000, 10**15


@dataclass(frozen=True)
class PlanFields:
    """What a plan says. `channel` is the key or name of one there is, or the name of a new one."""

    name: str
    channel: str
    daily_budget_micros: int | None = None
    lifetime_budget_micros: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    objective: str = ""
    notes: str = ""


def create_plan(session: Session, *, fields: PlanFields, currency: str, plan: Plan, actor: UserRef) -> Campaign:
    """A campaign in state “planned”, in the workspace's currency."""
    _check(fields)
    channel = _channel(session, fields.channel, plan)
    campaign = Campaign(channel_id=channel.id, status="planned", currency=currency, name=_tidy(fields.name))
    _fill(campaign, fields)
    session.add(campaign)
    session.flush()
    _note(session, actor, "plan.created", campaign)
    return campaign


def change_plan(session: Session, *, campaign: Campaign, fields: PlanFields, plan: Plan, actor: UserRef) -> Campaign:
    """The plan says this from now on. Raises Conflict for a platform's campaign."""
    require_plan(campaign)
    _check(fields)
    campaign.channel_id = _channel(session, fields.channel, plan).id
    _fill(campaign, fields)
    session.flush()
    _note(session, actor, "plan.changed", campaign)
    return campaign


def delete_plan(session: Session, *, campaign: Campaign, actor: UserRef) -> None:
    """Forget the plan. Raises Conflict for a platform's campaign: what ran there stays in the numbers."""
    require_plan(campaign)
    _note(session, actor, "plan.deleted", campaign)
    session.execute(delete(Campaign).where(Campaign.number == campaign.number))


def require_plan(campaign: Campaign) -> None:
    """Raises Conflict for a campaign that lives on a platform."""
    if campaign.account_id is not None:
        raise Conflict(
            "This campaign lives on its platform.",
            "Pause it or set its budget; what else it says, change in the platform's own ads manager.",
        )


def _check(fields: PlanFields) -> None:
    problems = []
    name = _tidy(fields.name)
    if not name or len(name) > MAX_TITLE or not name.isprintable():
        problems.append(FieldError(f"Give the campaign a name of 1 to {MAX_TITLE} letters.", "name"))
    if not fields.channel.strip():
        problems.append(FieldError("Choose a channel, or type the name of a new one.", "channel"))
    for field, micros in (
        ("daily_budget", fields.daily_budget_micros),
        ("lifetime_budget", fields.lifetime_budget_micros),
    ):
        if micros is not None and not 0 < micros <= MOST_MICROS:
            problems.append(FieldError("Enter an amount above 0, or leave it empty.", field))
    if fields.starts_on and fields.ends_on and fields.ends_on < fields.starts_on:
        problems.append(FieldError("It ends before it starts.", "ends_on"))
    if len(fields.notes) > MAX_NOTES:
        problems.append(FieldError(f"Notes have room for {MAX_NOTES:,} letters.", "notes"))
    if problems:
        raise InvalidInput("The plan needs a correction.", problems[0].message, problems)


def _fill(campaign: Campaign, fields: PlanFields) -> None:
    campaign.name = _tidy(fields.name)
    campaign.daily_budget_micros, campaign.lifetime_budget_micros = (
        fields.daily_budget_micros,
        fields.lifetime_budget_micros,
    )
    campaign.starts_on, campaign.ends_on = fields.starts_on, fields.ends_on
    campaign.objective, campaign.notes = _tidy(fields.objective)[:MAX_TITLE], fields.notes.strip()
    campaign.changed_at = utc_now()


def _channel(session: Session, wanted: str, plan: Plan) -> Channel:
    tidy = _tidy(wanted)
    for channel in all_channels(session):
        if channel.key != WHOLE_DAY and (tidy == channel.key or tidy.casefold() == channel.name.casefold()):
            return channel
    key = key_of(tidy)
    if len(tidy) > MAX_NAME or not tidy.isprintable() or key == WHOLE_DAY:
        message = f"Give the channel another name, of 1 to {MAX_NAME} letters."
        raise InvalidInput("The channel needs another name.", message, [FieldError(message, "channel")])
    require_room(plan, Entitlement.CHANNELS, used=channel_count(session))
    return create_channel(session, key=key, name=tidy)


def _note(session: Session, actor: UserRef, action: str, campaign: Campaign) -> None:
    record(session, actor_id=actor.id, actor_name=actor.name, action=action, subject=campaign.name)


def _tidy(text: str) -> str:
    return " ".join(text.split())
