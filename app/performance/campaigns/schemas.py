"""Campaigns as programs read and change them. Money in micros of the currency named beside it; unknown is null."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from app.campaigns.detail import KnownChange
from app.campaigns.platform_models import Campaign, CampaignChange
from app.performance.campaigns.comparing import PlatformRow
from app.performance.campaigns.service import CampaignRow
from app.performance.schemas import Period
from app.performance.service import Value

Micros = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
Text = Annotated[str, msgspec.Meta(max_length=5000)]


class CampaignRowReply(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with its metrics of the period, by key of the metric catalogue; `revenue` is the value its platform claims."""

    id: UUID
    name: str
    status: str
    platform: str | None
    account_id: UUID | None
    account: str | None
    channel: str
    currency: str
    daily_budget_micros: int | None
    lifetime_budget_micros: int | None
    budget_owner: str
    metrics: dict[str, Value]
    href: str


class CampaignsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of campaigns; `totals` are of everything that the filters leave, in `currency`. No `next_cursor`: no more."""

    currency: str
    period: Period
    items: list[CampaignRowReply]
    total: int
    totals: dict[str, Value]
    next_cursor: str | None
    notices: list[str]


class ChangeReply(msgspec.Struct, frozen=True, kw_only=True):
    """A change asked of a platform. `before` and `after` are what was read there; `state` is asked, done, refused, unknown or undone."""

    id: UUID
    campaign_id: UUID
    kind: str
    state: str
    daily_budget_micros: int | None
    expected: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    problem: str
    what_to_do: str
    asked_by: str
    undo_of: UUID | None
    job_id: UUID | None
    created_at: datetime
    finished_at: datetime | None


class CampaignReply(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, or a plan (`platform` is null); `change` is what was just asked of its platform."""

    id: UUID
    name: str
    status: str
    raw_status: str
    platform: str | None
    platform_id: str | None
    account_id: UUID | None
    channel: str
    currency: str
    daily_budget_micros: int | None
    lifetime_budget_micros: int | None
    budget_owner: str
    objective: str
    starts_on: date | None
    ends_on: date | None
    notes: str
    changed_at: datetime
    href: str
    change: ChangeReply | None = None


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign that lives here only. `channel`: key or name of one there is, or the name of a new one."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    daily_budget_micros: Micros | None = None
    lifetime_budget_micros: Micros | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    objective: Annotated[str, msgspec.Meta(max_length=200)] = ""
    notes: Text = ""


class CampaignPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays. Of a platform's campaign only `daily_budget_micros` can be set: it is asked of the platform.

    `expected_daily_budget_micros` is what you decided on: where it is another one by now, nothing is written. `confirm` makes
    a step of more than double or less than half.
    """

    name: str | msgspec.UnsetType = msgspec.UNSET
    channel: str | msgspec.UnsetType = msgspec.UNSET
    daily_budget_micros: Micros | msgspec.UnsetType | None = msgspec.UNSET
    lifetime_budget_micros: Micros | msgspec.UnsetType | None = msgspec.UNSET
    starts_on: date | msgspec.UnsetType | None = msgspec.UNSET
    ends_on: date | msgspec.UnsetType | None = msgspec.UNSET
    objective: str | msgspec.UnsetType = msgspec.UNSET
    notes: str | msgspec.UnsetType = msgspec.UNSET
    expected_daily_budget_micros: int | msgspec.UnsetType | None = msgspec.UNSET
    confirm: bool = False


class CampaignDayReply(msgspec.Struct, frozen=True):
    """A day that the platform has told, or nothing known of it."""

    day: date
    metrics: dict[str, Value]


class CampaignMetricsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's metrics over the period and by day, in the campaign's currency."""

    currency: str
    period: Period
    metrics: dict[str, Value]
    previous: dict[str, Value]
    days: list[CampaignDayReply]
    notices: list[str]


class SummaryReply(msgspec.Struct, frozen=True, kw_only=True):
    """All campaigns of the period together, in the workspace's currency."""

    currency: str
    period: Period
    campaigns: int
    metrics: dict[str, Value]
    notices: list[str]


class PlatformReply(msgspec.Struct, frozen=True):
    """A platform in the period; shares are of all platforms."""

    platform: str
    campaigns: int
    metrics: dict[str, Value]
    spend_share: float | None
    value_share: float | None


class PlatformsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Platforms beside each other, in the workspace's currency."""

    currency: str
    period: Period
    platforms: list[PlatformReply]
    totals: dict[str, Value]
    notices: list[str]


class RankingReply(msgspec.Struct, frozen=True, kw_only=True):
    """The best and the worst campaigns by `metric`, each in its own currency."""

    period: Period
    metric: str
    best: list[CampaignRowReply]
    worst: list[CampaignRowReply]
    notices: list[str]


def row_reply(row: CampaignRow) -> CampaignRowReply:
    """A row of the list."""
    return CampaignRowReply(
        id=row.id,
        name=row.name,
        status=row.status,
        platform=row.platform,
        account_id=row.account_id,
        account=row.account,
        channel=row.channel_key,
        currency=row.currency,
        daily_budget_micros=row.daily_budget_micros,
        lifetime_budget_micros=row.lifetime_budget_micros,
        budget_owner=row.budget_owner,
        metrics=row.values,
        href=href_of(row.id),
    )


def campaign_reply(campaign: Campaign, *, channel: str, change: ChangeReply | None = None) -> CampaignReply:
    """The whole campaign."""
    return CampaignReply(
        id=campaign.id,
        name=campaign.name,
        status=campaign.status,
        raw_status=campaign.raw_status or "",
        platform=campaign.connector_key,
        platform_id=campaign.platform_id,
        account_id=campaign.account_id,
        channel=channel,
        currency=campaign.currency,
        daily_budget_micros=campaign.daily_budget_micros,
        lifetime_budget_micros=campaign.lifetime_budget_micros,
        budget_owner=campaign.budget_owner or "campaign",
        objective=campaign.objective or "",
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        notes=campaign.notes or "",
        changed_at=campaign.changed_at,
        href=href_of(campaign.id),
        change=change,
    )


def change_reply(change: CampaignChange, campaign: Campaign) -> ChangeReply:
    """A change."""
    return ChangeReply(
        id=change.id,
        campaign_id=campaign.id,
        kind=change.kind,
        state=change.state,
        daily_budget_micros=change.daily_budget_micros,
        expected=change.expected,
        before=change.before,
        after=change.after,
        problem=change.problem or "",
        what_to_do=change.what_to_do or "",
        asked_by=change.asked_by_name or "",
        undo_of=change.undo_of,
        job_id=change.job_id,
        created_at=change.created_at,
        finished_at=change.finished_at,
    )


def known_change_reply(known: KnownChange) -> ChangeReply:
    """A change of the history."""
    return change_reply(known.change, known.campaign)


def platform_reply(row: PlatformRow) -> PlatformReply:
    """A platform's row."""
    return PlatformReply(row.platform, row.campaigns, row.values, row.spend_share, row.value_share)


def href_of(campaign_id: UUID) -> str:
    """Where a campaign is read."""
    return f"/api/v1/campaigns/{campaign_id}"
