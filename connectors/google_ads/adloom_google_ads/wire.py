"""Google's JSON as it comes: whole numbers are text, what has its default value may be absent, unknown fields are ignored."""

import msgspec

Number = str | int | float | None


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of what Google sends."""


class Customers(Wire, frozen=True, kw_only=True):
    """The accounts that the sign-in reaches directly, as "customers/123"."""

    resource_names: list[str] = []


class CustomerClient(Wire, frozen=True, kw_only=True):
    """An account below a manager, or the account itself at level 0."""

    id: Number = None
    descriptive_name: str | None = None
    currency_code: str | None = None
    time_zone: str | None = None
    status: str | None = None
    manager: bool | None = None
    level: Number = None


class Campaign(Wire, frozen=True, kw_only=True):
    """A campaign. Its times are the account's; its budget is another resource."""

    id: Number = None
    resource_name: str | None = None
    name: str | None = None
    status: str | None = None
    advertising_channel_type: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None
    start_date: str | None = None  # how versions before 22 called it
    end_date: str | None = None


class Budget(Wire, frozen=True, kw_only=True):
    """A campaign's budget, which other campaigns may use too."""

    resource_name: str | None = None
    amount_micros: Number = None
    total_amount_micros: Number = None
    period: str | None = None
    explicitly_shared: bool | None = None
    reference_count: Number = None


class AdGroup(Wire, frozen=True, kw_only=True):
    """An ad group."""

    id: Number = None
    resource_name: str | None = None
    name: str | None = None
    status: str | None = None


class Text(Wire, frozen=True, kw_only=True):
    """A headline or a description."""

    text: str | None = None


class Words(Wire, frozen=True, kw_only=True):
    """What a responsive ad says."""

    headlines: list[Text] | None = None
    descriptions: list[Text] | None = None


class ImageAd(Wire, frozen=True, kw_only=True):
    """What an image ad shows."""

    image_url: str | None = None


class Ad(Wire, frozen=True, kw_only=True):
    """An ad's content. Most have no name."""

    id: Number = None
    name: str | None = None
    type: str | None = None
    final_urls: list[str] | None = None
    responsive_search_ad: Words | None = None
    responsive_display_ad: Words | None = None
    image_ad: ImageAd | None = None


class AdGroupAd(Wire, frozen=True, kw_only=True):
    """An ad in its ad group."""

    resource_name: str | None = None
    status: str | None = None
    ad: Ad = Ad()


class Segments(Wire, frozen=True, kw_only=True):
    """What a row's numbers are divided by."""

    date: str | None = None


class Metrics(Wire, frozen=True, kw_only=True):
    """Numbers that were asked for; one that is absent is zero."""

    cost_micros: Number = None
    impressions: Number = None
    clicks: Number = None
    conversions: Number = None
    conversions_value: Number = None
    video_trueview_views: Number = None
    video_views: Number = None  # how versions before 22 called it


class Row(Wire, frozen=True, kw_only=True):
    """One row of an answer: only the resources that were asked for are there."""

    customer_client: CustomerClient | None = None
    campaign: Campaign = Campaign()
    campaign_budget: Budget | None = None
    ad_group: AdGroup = AdGroup()
    ad_group_ad: AdGroupAd = AdGroupAd()
    segments: Segments = Segments()
    metrics: Metrics | None = None


class QuotaDetails(Wire, frozen=True, kw_only=True):
    """Which quota is used up, and for how long ("30s")."""

    rate_scope: str | None = None
    rate_name: str | None = None
    retry_delay: str | None = None


class FailureDetails(Wire, frozen=True, kw_only=True):
    """What a failure tells beside its code."""

    quota_error_details: QuotaDetails | None = None


class PathElement(Wire, frozen=True, kw_only=True):
    """A step on the way to the field that is wrong."""

    field_name: str = ""


class Location(Wire, frozen=True, kw_only=True):
    """Where it is wrong."""

    field_path_elements: list[PathElement] = []


class Failure(Wire, frozen=True, kw_only=True):
    """One failure; its code is an object of one group and one word."""

    error_code: dict[str, str] = {}
    message: str = ""
    details: FailureDetails | None = None
    location: Location | None = None


class Detail(Wire, frozen=True, kw_only=True):
    """Details of Google Ads (`errors`) or of Google's APIs in general (`reason`, `retryDelay`)."""

    errors: list[Failure] = []
    request_id: str = ""
    reason: str = ""
    retry_delay: str | None = None


class Problem(Wire, frozen=True, kw_only=True):
    """A refusal."""

    code: int = 0
    message: str = ""
    status: str = ""
    details: list[Detail] = []


class Refusal(Wire, frozen=True, kw_only=True):
    """The body of a refusal; a stream wraps it in a list."""

    error: Problem


class Chunk(Wire, frozen=True, kw_only=True):
    """A part of a stream. An error may come after parts that were good."""

    results: list[Row] | None = None
    error: Problem | None = None
