"""Snapchat's JSON as it comes: everything wrapped in an item with a status of its own, unknown fields ignored."""

from typing import Any

import msgspec

Value = int | float | str | None
_FAILURES = ("ERROR", "FAIL", "INVALID")


class Refusal(msgspec.Struct):
    """What the outside of a reply says of itself, in its several forms; older replies call their status otherwise."""

    request_status: str | None = ""
    status: str | None = ""
    request_id: str | None = ""
    debug_message: str | None = ""
    display_message: str | None = ""
    error_code: str | None = ""
    msg: str | None = ""


class Paging(msgspec.Struct):
    """The next page's address, on a host that is not to be called."""

    next_link: str | None = None


class Item(msgspec.Struct):
    """What wraps every object: it may have failed though the request did not."""

    sub_request_status: str | None = ""
    sub_request_error_reason: str | None = ""
    error_code: str | None = ""

    @property
    def has_failed(self) -> bool:
        """Whether Snapchat says that this item went wrong; words that are new do not count."""
        return (self.sub_request_status or "").upper().startswith(_FAILURES)


class Listed(msgspec.Struct):
    """What every list shares; `items` is added by `listed`."""

    request_status: str | None = ""
    request_id: str | None = ""
    paging: Paging | None = None


def listed(plural: str, singular: str, value: Any) -> Any:
    """The type of a reply that holds `plural: [{…, singular: value}]`, readable as `items` and `value`."""
    item = msgspec.defstruct(
        f"{singular}_item", [("value", value | None, None)], bases=(Item,), rename={"value": singular}
    )
    return msgspec.defstruct(plural, [("items", list[item])], bases=(Listed,), kw_only=True, rename={"items": plural})  # type: ignore[valid-type]  # made here


class Organization(msgspec.Struct):
    """Owner of ad accounts."""

    id: str
    name: str | None = ""


class AdAccount(msgspec.Struct):
    """An ad account."""

    id: str
    name: str | None = ""
    status: str | None = ""
    organization_id: str | None = None
    currency: str | None = ""
    timezone: str | None = ""


class Campaign(msgspec.Struct):
    """A campaign."""

    id: str
    name: str | None = ""
    status: str | None = ""
    deleted: bool | None = False
    objective: str | None = ""
    buy_model: str | None = ""
    daily_budget_micro: Value = None
    lifetime_spend_cap_micro: Value = None
    start_time: str | None = None
    end_time: str | None = None
    updated_at: str | None = None


class AdSquad(msgspec.Struct):
    """An ad squad, which is an ad group."""

    id: str
    campaign_id: str | None = ""
    name: str | None = ""
    status: str | None = ""
    deleted: bool | None = False
    daily_budget_micro: Value = None
    lifetime_budget_micro: Value = None
    updated_at: str | None = None


class Ad(msgspec.Struct):
    """An ad; its campaign is known through its squad only."""

    id: str
    ad_squad_id: str | None = ""
    name: str | None = ""
    status: str | None = ""
    deleted: bool | None = False
    creative_id: str | None = None
    updated_at: str | None = None


class WebView(msgspec.Struct):
    """Where a swipe leads."""

    url: str | None = ""


class Creative(msgspec.Struct):
    """What an ad shows."""

    id: str
    name: str | None = ""
    type: str | None = ""
    headline: str | None = ""
    brand_name: str | None = ""
    top_snap_media_type: str | None = ""
    web_view_properties: WebView | None = None


class Stats(msgspec.Struct):
    """The numbers of a span of time; money in micros."""

    impressions: Value = None
    swipes: Value = None
    spend: Value = None
    video_views: Value = None
    conversion_purchases: Value = None
    conversion_purchases_value: Value = None


class Span(msgspec.Struct):
    """A day with its numbers."""

    start_time: str
    end_time: str
    stats: Stats | None = None


class Series(msgspec.Struct):
    """The days of one entity."""

    id: str
    timeseries: list[Span] | None = None


class AccountSeries(msgspec.Struct):
    """A report of an account: until when it is final, and the entities' days under the name of the breakdown."""

    id: str | None = None
    finalized_data_end_time: str | None = None
    conversion_data_processed_end_time: str | None = None
    breakdown_stats: dict[str, Any] | None = None
    timeseries: list[Span] | None = None


ORGANIZATIONS = listed("organizations", "organization", Organization)
AD_ACCOUNTS = listed("adaccounts", "adaccount", AdAccount)
CAMPAIGNS = listed("campaigns", "campaign", Campaign)
AD_SQUADS = listed("adsquads", "adsquad", AdSquad)
ADS = listed("ads", "ad", Ad)
CREATIVES = listed("creatives", "creative", Creative)
REPORTS = listed("timeseries_stats", "timeseries_stat", AccountSeries)
