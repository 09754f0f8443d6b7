"""What a PATCH of a campaign asks for: another daily budget on its platform, or other words of a plan."""

from dataclasses import replace

import msgspec
from sqlalchemy.orm import Session

from adloom_sdk.messages import ActionKind
from app.campaigns.guardrails import Wanted
from app.campaigns.models import Channel
from app.campaigns.plans import PlanFields
from app.campaigns.platform_models import Campaign
from app.performance.campaigns.schemas import CampaignPatch
from kit.errors import FieldError, InvalidInput


def budget_wanted(campaign: Campaign, data: CampaignPatch) -> Wanted:
    """The daily budget that a platform's campaign is to have. Raises InvalidInput for anything else."""
    given = {name for name in data.__struct_fields__ if getattr(data, name) is not msgspec.UNSET} - {
        "confirm",
        "expected_daily_budget_micros",
    }
    new, expected = data.daily_budget_micros, data.expected_daily_budget_micros
    if given != {"daily_budget_micros"} or not isinstance(new, int):
        message = "Of a platform's campaign only daily_budget_micros can be set."
        raise InvalidInput(
            "This cannot be changed from here.", message, [FieldError(message, name) for name in sorted(given)]
        )
    seen = campaign.daily_budget_micros if isinstance(expected, msgspec.UnsetType) else expected
    return Wanted(ActionKind.SET_DAILY_BUDGET, campaign.status, seen, new, is_confirmed=data.confirm)


def patched_fields(session: Session, campaign: Campaign, data: CampaignPatch) -> PlanFields:
    """What a plan says once the given fields are changed."""
    stored = PlanFields(
        name=campaign.name,
        channel=session.get_one(Channel, campaign.channel_id).key,
        daily_budget_micros=campaign.daily_budget_micros,
        lifetime_budget_micros=campaign.lifetime_budget_micros,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        objective=campaign.objective,
        notes=campaign.notes,
    )
    given = {name: getattr(data, name) for name in stored.__dataclass_fields__}
    return replace(stored, **{name: value for name, value in given.items() if value is not msgspec.UNSET})
