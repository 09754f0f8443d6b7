"""Pinterest's JSON as it comes: unknown fields are ignored, everything may be absent or null.

Statuses are words; Pinterest's own examples also show an empty object where there is none.
"""

from typing import Any

import msgspec

Word = str | dict[str, Any] | None
Number = int | float | str | None
Id = str | int | None


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what Pinterest sends."""


class AdAccount(Wire, frozen=True, kw_only=True):
    """An ad account. Pinterest tells neither its zone nor its state."""

    id: Id = None
    name: str | None = None
    currency: str | None = None
    permissions: list[str] | None = None
    time_zone: str | None = None


class Campaign(Wire, frozen=True, kw_only=True):
    """A campaign; spend caps are micros of the account's currency."""

    id: Id = None
    name: str | None = None
    status: Word = None
    summary_status: Word = None
    objective_type: Word = None
    daily_spend_cap: Number = None
    lifetime_spend_cap: Number = None
    is_campaign_budget_optimization: bool | None = None
    start_time: Number = None
    end_time: Number = None
    updated_time: Number = None


class AdGroup(Wire, frozen=True, kw_only=True):
    """An ad group; its budget counts per day or for its life, as `budget_type` says."""

    id: Id = None
    name: str | None = None
    campaign_id: Id = None
    status: Word = None
    summary_status: Word = None
    budget_in_micro_currency: Number = None
    budget_type: Word = None
    updated_time: Number = None


class Ad(Wire, frozen=True, kw_only=True):
    """An ad, which shows a pin."""

    id: Id = None
    name: str | None = None
    ad_group_id: Id = None
    campaign_id: Id = None
    status: Word = None
    summary_status: Word = None
    creative_type: Word = None
    pin_id: Id = None
    destination_url: str | None = None
    updated_time: Number = None


class Problem(Wire, frozen=True, kw_only=True):
    """Why an item or a call was refused."""

    code: int | str | None = None
    message: str | None = None


class Accounts(Wire, frozen=True, kw_only=True):
    """A page of ad accounts."""

    items: list[AdAccount]
    bookmark: str | None = None


class Campaigns(Wire, frozen=True, kw_only=True):
    """A page of campaigns."""

    items: list[Campaign]
    bookmark: str | None = None


class AdGroups(Wire, frozen=True, kw_only=True):
    """A page of ad groups."""

    items: list[AdGroup]
    bookmark: str | None = None


class Ads(Wire, frozen=True, kw_only=True):
    """A page of ads."""

    items: list[Ad]
    bookmark: str | None = None


class WrittenItem(Wire, frozen=True, kw_only=True):
    """What came of one item of a write: one exception, several, or none."""

    exceptions: list[Problem] | Problem | None = None


class Written(Wire, frozen=True, kw_only=True):
    """The reply to a write, which is HTTP 200 also where every item was refused."""

    items: list[WrittenItem] = []


class Row(Wire, frozen=True, kw_only=True, rename="upper"):
    """One entity's day in analytics and reports: keys in capitals, absent where there is nothing. "DOLLAR" means the account's currency."""

    date: str
    campaign_id: Id = None
    ad_group_id: Id = None
    ad_id: Id = None
    pin_promotion_id: Id = None
    spend_in_micro_dollar: Number = None
    spend_in_dollar: Number = None
    paid_impression: Number = None
    impression_1: Number = None
    clickthrough_1: Number = None
    total_clickthrough: Number = None
    total_checkout: Number = None
    total_checkout_value_in_micro_dollar: Number = None
    video_mrc_views_1: Number = None
    total_impression_user: Number = None


class Report(Wire, frozen=True, kw_only=True):
    """The state of an asynchronous report."""

    token: str | None = None
    report_status: Word = None
    url: str | None = None
    message: str | None = None
