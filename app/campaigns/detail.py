"""Reading campaigns and the changes that were asked of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.platform_models import Campaign, CampaignChange
from kit.errors import NotFound

MOST_CHANGES = 100


@dataclass(frozen=True)
class KnownChange:
    """A change with the campaign that it is about."""

    change: CampaignChange
    campaign: Campaign


def campaign_by_id(session: Session, campaign_id: UUID) -> Campaign:
    """The campaign, or plan. Raises NotFound."""
    found = session.scalar(select(Campaign).where(Campaign.id == campaign_id))
    if found is None:
        raise NotFound("This campaign does not exist.", "It may have been removed with its account; look at the list.")
    return found


def campaigns_by_id(session: Session, ids: Collection[UUID]) -> Sequence[Campaign]:
    """Those of the ids that there are, by name."""
    return session.scalars(select(Campaign).where(Campaign.id.in_(ids)).order_by(Campaign.name)).all()


def known_changes(
    session: Session, *, campaign: Campaign | None = None, limit: int = MOST_CHANGES
) -> list[KnownChange]:
    """The newest changes, of one campaign or of all."""
    asked = select(CampaignChange, Campaign).join(Campaign, Campaign.number == CampaignChange.campaign_number)
    if campaign is not None:
        asked = asked.where(CampaignChange.campaign_number == campaign.number)
    newest = asked.order_by(CampaignChange.created_at.desc(), CampaignChange.id.desc()).limit(limit)
    return [KnownChange(change, about) for change, about in session.execute(newest)]


def budget_changed_on(session: Session, *, campaign: Campaign) -> date | None:
    """The day of the newest change of its daily budget that was carried out from here."""
    finished_at = session.scalar(
        select(func.max(CampaignChange.finished_at)).where(
            CampaignChange.campaign_number == campaign.number,
            CampaignChange.kind == "set_daily_budget",
            CampaignChange.state.in_(("done", "undone")),
        )
    )
    return finished_at.date() if finished_at else None
