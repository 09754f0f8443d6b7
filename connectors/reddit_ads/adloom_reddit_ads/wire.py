"""Reddit's JSON as it comes: unknown fields are ignored, everything may be absent or null."""

import msgspec

Number = int | float | str | None
Id = str | int | None


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what Reddit sends."""


class Business(Wire, frozen=True, kw_only=True):
    """A business, which holds ad accounts."""

    id: Id = None
    name: str | None = None


class AdAccount(Wire, frozen=True, kw_only=True):
    """An ad account with its currency and zone; `suspension_reason` tells why it was stopped."""

    id: Id = None
    name: str | None = None
    currency: str | None = None
    time_zone_id: str | None = None
    business_id: Id = None
    status: str | None = None
    suspension_reason: str | None = None


class Campaign(Wire, frozen=True, kw_only=True):
    """A campaign; `goal_value` is its budget in micros, per day or for its life as `goal_type` says."""

    id: Id = None
    name: str | None = None
    configured_status: str | None = None
    effective_status: str | None = None
    objective: str | None = None
    goal_type: str | None = None
    goal_value: Number = None
    spend_cap: Number = None
    is_campaign_budget_optimization: bool | None = None
    start_time: str | None = None
    end_time: str | None = None
    modified_at: str | None = None


class AdGroup(Wire, frozen=True, kw_only=True):
    """An ad group, with a budget of its own where the campaign's is not spread by Reddit."""

    id: Id = None
    name: str | None = None
    campaign_id: Id = None
    configured_status: str | None = None
    effective_status: str | None = None
    goal_type: str | None = None
    goal_value: Number = None
    modified_at: str | None = None


class Ad(Wire, frozen=True, kw_only=True):
    """An ad, which shows a post."""

    id: Id = None
    name: str | None = None
    ad_group_id: Id = None
    campaign_id: Id = None
    configured_status: str | None = None
    effective_status: str | None = None
    post_id: Id = None
    post_url: str | None = None
    click_url: str | None = None
    modified_at: str | None = None


class Pagination(Wire, frozen=True, kw_only=True):
    """The address of the next page, complete with its parameters."""

    next_url: str | None = None


class Businesses(Wire, frozen=True, kw_only=True):
    """A page of businesses."""

    data: list[Business] | None = None
    pagination: Pagination | None = None


class AdAccounts(Wire, frozen=True, kw_only=True):
    """A page of ad accounts."""

    data: list[AdAccount] | None = None
    pagination: Pagination | None = None


class Campaigns(Wire, frozen=True, kw_only=True):
    """A page of campaigns."""

    data: list[Campaign] | None = None
    pagination: Pagination | None = None


class AdGroups(Wire, frozen=True, kw_only=True):
    """A page of ad groups."""

    data: list[AdGroup] | None = None
    pagination: Pagination | None = None


class Ads(Wire, frozen=True, kw_only=True):
    """A page of ads."""

    data: list[Ad] | None = None
    pagination: Pagination | None = None


class OneCampaign(Wire, frozen=True, kw_only=True):
    """One campaign."""

    data: Campaign


class OneAdGroup(Wire, frozen=True, kw_only=True):
    """One ad group."""

    data: AdGroup


class OneAd(Wire, frozen=True, kw_only=True):
    """One ad."""

    data: Ad


class Row(Wire, frozen=True, kw_only=True):
    """One entity's day in a report. `spend` is micros, the value of purchases minor units."""

    date: str
    campaign_id: Id = None
    ad_group_id: Id = None
    ad_id: Id = None
    impressions: Number = None
    clicks: Number = None
    spend: Number = None
    reach: Number = None
    video_watched_3_seconds: Number = None
    conversion_purchase_clicks: Number = None
    conversion_purchase_views: Number = None
    conversion_purchase_total_value: Number = None


class Metrics(Wire, frozen=True, kw_only=True):
    """The rows of a report's page; null where there are none."""

    metrics: list[Row] | None = None


class Report(Wire, frozen=True, kw_only=True):
    """A page of a report; its data are null where there are none."""

    data: Metrics | None
    pagination: Pagination | None = None


class Problem(Wire, frozen=True, kw_only=True):
    """Why a call was refused."""

    code: int | str | None = None
    message: str | None = None
    explanation: str | None = None


class Refusal(Wire, frozen=True, kw_only=True):
    """A refused call; some of Reddit's gates answer flat."""

    error: Problem | int | str | None = None
    message: str | None = None
