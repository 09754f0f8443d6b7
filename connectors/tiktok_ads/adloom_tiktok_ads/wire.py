"""TikTok's JSON as it comes: unknown fields ignored, numbers as text, whole, broken, null or "-"."""

from typing import Generic, TypeVar

import msgspec

Value = str | int | float | None
Item = TypeVar("Item")


class Envelope(msgspec.Struct):
    """Every reply, whatever its HTTP status: `code` 0 is success."""

    code: int | str = 0
    message: str | None = ""
    request_id: str | None = ""


class PageInfo(msgspec.Struct):
    """Which page this is, of how many."""

    page: Value = 1
    total_page: Value = None


class Page(msgspec.Struct, Generic[Item]):
    """One page of a list, which is null where nothing is there."""

    items: list[Item] | None = msgspec.field(name="list")
    page_info: PageInfo | None = None


class Listed(msgspec.Struct, Generic[Item]):
    """A reply with a page."""

    data: Page[Item]


class AdvertiserLink(msgspec.Struct):
    """An advertiser that the sign-in reaches."""

    advertiser_id: str | int
    advertiser_name: str | None = ""


class Advertiser(msgspec.Struct):
    """An ad account. `display_timezone` follows daylight-saving time, `timezone` may be a bare offset."""

    advertiser_id: str | int
    name: str | None = ""
    currency: str | None = ""
    timezone: str | None = ""
    display_timezone: str | None = ""
    status: str | None = ""


class Campaign(msgspec.Struct):
    """A campaign; `secondary_status` tells of deletion and delivery, `operation_status` what the person set."""

    campaign_id: str | int
    campaign_name: str | None = ""
    operation_status: str | None = ""
    secondary_status: str | None = ""
    objective_type: str | None = ""
    campaign_type: str | None = ""
    budget: Value = None
    budget_mode: str | None = ""
    modify_time: str | None = None


class AdGroup(msgspec.Struct):
    """An ad group."""

    adgroup_id: str | int
    campaign_id: str | int | None = None
    adgroup_name: str | None = ""
    operation_status: str | None = ""
    secondary_status: str | None = ""
    budget: Value = None
    budget_mode: str | None = ""
    modify_time: str | None = None


class Ad(msgspec.Struct):
    """An ad with the words and media that it shows."""

    ad_id: str | int
    adgroup_id: str | int | None = None
    campaign_id: str | int | None = None
    ad_name: str | None = ""
    operation_status: str | None = ""
    secondary_status: str | None = ""
    ad_format: str | None = ""
    ad_text: str | None = ""
    display_name: str | None = ""
    landing_page_url: str | None = ""
    profile_image_url: str | None = ""
    modify_time: str | None = None


class Dimensions(msgspec.Struct):
    """Whose day it is; only the level's own id is there."""

    stat_time_day: str | None = None
    campaign_id: Value = None
    adgroup_id: Value = None
    ad_id: Value = None


class Metrics(msgspec.Struct):
    """What was asked for; below campaigns the campaign's id is among it."""

    spend: Value = None
    impressions: Value = None
    clicks: Value = None
    conversion: Value = None
    complete_payment: Value = None
    total_complete_payment_rate: Value = None
    video_play_actions: Value = None
    reach: Value = None
    campaign_id: Value = None


class ReportRow(msgspec.Struct):
    """One entity's day."""

    dimensions: Dimensions
    metrics: Metrics | None = None
