"""LinkedIn's JSON as it comes: unknown fields ignored, ids as numbers or URNs, money as text with the dust of binary fractions."""

from typing import Generic, TypeVar

import msgspec

Value = str | int | float | None
Item = TypeVar("Item")


class Metadata(msgspec.Struct):
    """Where the next page is; nothing on the last one."""

    nextPageToken: str | None = None  # noqa: N815 - the wire's name


class Listed(msgspec.Struct, Generic[Item], rename="camel"):
    """A page of a list, or a whole report."""

    elements: list[Item]
    metadata: Metadata | None = None


class Stamp(msgspec.Struct):
    """An instant in milliseconds since 1970."""

    time: int | str | None = None


class Stamps(msgspec.Struct, rename="camel"):
    """When something was made and changed."""

    created: Stamp | None = None
    last_modified: Stamp | None = None


class Version(msgspec.Struct, rename="camel"):
    """LinkedIn's mark of a state."""

    version_tag: str | int | None = None


class Money(msgspec.Struct, rename="camel"):
    """An amount in whole units of its currency."""

    amount: Value = None
    currency_code: str | None = None


class Schedule(msgspec.Struct):
    """From when to when, in milliseconds since 1970."""

    start: int | str | None = None
    end: int | str | None = None


class Account(msgspec.Struct, rename="camel"):
    """An ad account. It has no time zone: LinkedIn counts in UTC."""

    id: int | str
    name: str | None = ""
    currency: str | None = ""
    status: str | None = ""
    serving_statuses: list[str] | None = None
    reference: str | None = None


class Campaign(msgspec.Struct, rename="camel"):
    """A campaign. Without a budget of its own it lives on its group's."""

    id: int | str
    name: str | None = ""
    status: str | None = ""
    type: str | None = ""
    objective_type: str | None = ""
    campaign_group: str | None = None
    daily_budget: Money | None = None
    total_budget: Money | None = None
    run_schedule: Schedule | None = None
    change_audit_stamps: Stamps | None = None
    version: Version | None = None


class TextAd(msgspec.Struct, rename="camel"):
    """The words of a text ad."""

    headline: str | None = ""
    description: str | None = ""
    landing_page: str | None = ""


class Content(msgspec.Struct, rename="camel"):
    """What a creative shows: words, or a post that lies elsewhere."""

    reference: str | None = None
    text_ad: TextAd | None = None


class Creative(msgspec.Struct, rename="camel"):
    """A creative, which is LinkedIn's ad."""

    id: int | str
    campaign: str | None = None
    name: str | None = ""
    intended_status: str | None = ""
    content: Content | None = None
    last_modified_at: int | str | None = None


class Day(msgspec.Struct):
    """A date."""

    year: int | str
    month: int | str
    day: int | str


class Range(msgspec.Struct):
    """The day that a row stands for."""

    start: Day


class ReportRow(msgspec.Struct, rename="camel"):
    """What one report tells of one entity's day: only the fields that were asked for."""

    date_range: Range
    pivot_values: list[str]
    cost_in_local_currency: Value = None
    cost_in_usd: Value = None
    impressions: Value = None
    clicks: Value = None
    external_website_conversions: Value = None
    conversion_value_in_local_currency: Value = None
    video_views: Value = None
    approximate_member_reach: Value = None
    landing_page_clicks: Value = None
    one_click_leads: Value = None
    total_engagements: Value = None
    external_website_post_click_conversions: Value = None
    external_website_post_view_conversions: Value = None


class InputPath(msgspec.Struct, rename="camel"):
    """Where in the request something is wrong."""

    field_path: str | None = ""


class Input(msgspec.Struct, rename="camel"):
    """What is wrong in the request."""

    input_path: InputPath | None = None


class InputError(msgspec.Struct):
    """One thing that LinkedIn refuses."""

    input: Input | None = None


class ErrorDetails(msgspec.Struct, rename="camel"):
    """The newer part of an error."""

    input_errors: list[InputError] | None = None


class Refusal(msgspec.Struct, rename="camel"):
    """An error's body."""

    status: int | None = None
    code: str | int | None = ""
    message: str | None = ""
    service_error_code: int | str | None = None
    error_details: ErrorDetails | None = None
