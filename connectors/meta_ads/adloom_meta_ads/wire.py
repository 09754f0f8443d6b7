"""Meta's JSON as it comes: unknown fields are ignored, everything may be absent or null, numbers are text most of the time."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from adloom_sdk.errors import SchemaDrift

Number = str | int | float | None
Id = str | int


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what Meta sends."""


class Cursors(Wire, frozen=True, kw_only=True):
    """Where a page ends. `after` is there on the last page too."""

    after: str | None = None


class Paging(Wire, frozen=True, kw_only=True):
    """There is another page only where `next` is; it carries the token, so only its presence is of use."""

    cursors: Cursors | None = None
    next: str | None = None


class Page(Wire, frozen=True, kw_only=True):
    """What every list has beside its items."""

    paging: Paging | None = None

    @property
    def after(self) -> str:
        """The cursor of the next page, '' on the last one. Raises SchemaDrift where there is a next page without one."""
        if self.paging is None or not self.paging.next:
            return ""
        told = parse_qs(urlsplit(self.paging.next).query).get("after", [""])[0]
        after = (self.paging.cursors.after if self.paging.cursors else None) or told
        if not after:
            raise SchemaDrift("Meta tells of another page, but not where it begins.", code="paging.cursors.after")
        return after


class NamedId(Wire, frozen=True, kw_only=True):
    """A reference."""

    id: Id | None = None
    name: str | None = None


class AdAccount(Wire, frozen=True, kw_only=True):
    """An ad account."""

    id: Id
    name: str | None = None
    currency: str | None = None
    timezone_name: str | None = None
    account_status: Number = None
    business: NamedId | None = None
    user_tasks: list[str] | None = None


class AdAccounts(Page, frozen=True, kw_only=True):
    """A page of ad accounts."""

    data: list[AdAccount]


class Campaign(Wire, frozen=True, kw_only=True):
    """A campaign; budgets are minor units, absent where its ad sets have them."""

    id: Id
    name: str | None = None
    status: str | None = None
    effective_status: str | None = None
    objective: str | None = None
    buying_type: str | None = None
    daily_budget: Number = None
    lifetime_budget: Number = None
    start_time: str | None = None
    stop_time: str | None = None
    updated_time: str | None = None


class Campaigns(Page, frozen=True, kw_only=True):
    """A page of campaigns."""

    data: list[Campaign]


class AdSet(Wire, frozen=True, kw_only=True):
    """An ad set."""

    id: Id
    campaign_id: Id | None = None
    name: str | None = None
    status: str | None = None
    effective_status: str | None = None
    daily_budget: Number = None
    lifetime_budget: Number = None
    stop_time: str | None = None
    end_time: str | None = None
    updated_time: str | None = None


class AdSets(Page, frozen=True, kw_only=True):
    """A page of ad sets."""

    data: list[AdSet]


class Ad(Wire, frozen=True, kw_only=True):
    """An ad."""

    id: Id
    campaign_id: Id | None = None
    adset_id: Id | None = None
    name: str | None = None
    status: str | None = None
    effective_status: str | None = None
    creative: NamedId | None = None
    updated_time: str | None = None


class Ads(Page, frozen=True, kw_only=True):
    """A page of ads."""

    data: list[Ad]


class Creative(Wire, frozen=True, kw_only=True):
    """A creative. Its words stand at the top, in the story or in the asset feed, and the story differs by kind of ad."""

    id: Id
    name: str | None = None
    title: str | None = None
    body: str | None = None
    object_type: str | None = None
    link_url: str | None = None
    image_url: str | None = None
    thumbnail_url: str | None = None
    video_id: Id | None = None
    object_story_spec: Any = None
    asset_feed_spec: Any = None


class Creatives(Page, frozen=True, kw_only=True):
    """A page of creatives."""

    data: list[Creative]


class ActionCount(Wire, frozen=True, kw_only=True):
    """How often something was done, in all and within each attribution window; any of them may be absent."""

    action_type: str | None = None
    value: Number = None
    click_7d: Number = msgspec.field(name="7d_click", default=None)
    view_1d: Number = msgspec.field(name="1d_view", default=None)


class Insight(Wire, frozen=True, kw_only=True):
    """One entity's day. A list of actions is absent where there was none; the currency is not asked for, but at times told."""

    campaign_id: Id | None = None
    adset_id: Id | None = None
    ad_id: Id | None = None
    account_currency: str | None = None
    date_start: str | None = None
    spend: Number = None
    impressions: Number = None
    clicks: Number = None
    reach: Number = None
    inline_link_clicks: Number = None
    actions: list[ActionCount] | None = None
    action_values: list[ActionCount] | None = None


class Insights(Page, frozen=True, kw_only=True):
    """A page of days."""

    data: list[Insight]


class ReportRun(Wire, frozen=True, kw_only=True):
    """A report that Meta prepares; 100 % may be told long before it is completed."""

    report_run_id: str | int | None = None
    async_status: str | None = None
    async_percent_completion: Number = None


class Written(Wire, frozen=True, kw_only=True):
    """The reply to a change."""

    success: bool | None = None


class Permission(Wire, frozen=True, kw_only=True):
    """One permission, "granted" or "declined"."""

    permission: str = ""
    status: str = ""


class Permissions(Page, frozen=True, kw_only=True):
    """What the person granted."""

    data: list[Permission] = []


class Problem(Wire, frozen=True, kw_only=True):
    """A refusal."""

    message: str | None = None
    type: str | None = None
    code: Number = 0
    error_subcode: Number = None
    is_transient: bool | None = None
    error_user_title: str | None = None
    error_user_msg: str | None = None
    fbtrace_id: str | None = None


class Refusal(Wire, frozen=True, kw_only=True):
    """The body of a refusal."""

    error: Problem
