"""Amazon's JSON as far as it is used. Ids are text in the newer services and numbers in the older ones and in reports."""

from typing import Any

import msgspec

Id = str | int
Number = int | float | str | None


class Body(msgspec.Struct, rename="camel"):
    """Base: what Amazon adds later is ignored."""


class AccountInfo(Body, rename="camel"):
    name: str | None = None
    type: str | None = None
    id: str | None = None
    valid_payment_method: bool | None = None


class Profile(Body, rename="camel"):
    profile_id: Id
    country_code: str | None = None
    currency_code: str | None = None
    timezone: str | None = None
    account_info: AccountInfo | None = None


class Budget(Body, rename="camel"):
    budget: Number = None
    budget_type: str | None = None


class Campaign(Body, rename="camel"):
    """A campaign of any product: Sponsored Products wraps its budget, the others do not."""

    campaign_id: Id
    name: str | None = None
    state: str | None = None
    budget: Budget | int | float | str | None = None
    budget_type: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    portfolio_id: Id | None = None


class AdGroup(Body, rename="camel"):
    ad_group_id: Id
    campaign_id: Id
    name: str | None = None
    state: str | None = None


class Ad(Body, rename="camel"):
    ad_id: Id
    campaign_id: Id
    ad_group_id: Id
    name: str | None = None
    state: str | None = None
    asin: str | None = None
    sku: str | None = None


class Page(Body, rename="camel"):
    """A page of a list; which field is filled depends on what was asked for. The others are absent or null."""

    campaigns: list[Campaign] | None = None
    ad_groups: list[AdGroup] | None = None
    product_ads: list[Ad] | None = None
    ads: list[Ad] | None = None
    next_token: str | None = None

    def items(self) -> list[Campaign | AdGroup | Ad]:
        """What the page holds."""
        lists = (self.campaigns, self.ad_groups, self.product_ads, self.ads)
        return [one for items in lists for one in items or ()]


class Report(Body, rename="camel"):
    report_id: str
    status: str
    url: str | None = None
    failure_reason: str | None = None


class Row(Body, rename="camel"):
    """A row of a report. Purchases and sales stand under the name of their window, or under none."""

    date: str
    campaign_id: Id
    ad_group_id: Id | None = None
    ad_id: Id | None = None
    impressions: Number = None
    clicks: Number = None
    cost: Number = None
    purchases: Number = None
    sales: Number = None
    purchases7d: Number = None
    sales7d: Number = None


class Failure(Body, rename="camel"):
    """One item of a write that failed."""

    index: int | None = None
    errors: list[Any] = []
    code: str | None = None
    description: str | None = None
    details: str | None = None


class Outcome(Body, rename="camel"):
    success: list[Any] = []
    error: list[Failure] = []


class Written(Body, rename="camel"):
    """The body of a multi-status reply."""

    campaigns: Outcome


class Refusal(Body, rename="camel"):
    code: str | int | None = None
    details: str | None = None
    detail: str | None = None
    message: str | None = None
    description: str | None = None

    def words(self) -> str:
        """What it says, under whichever names."""
        told = (self.details, self.detail, self.message, self.description)
        return " ".join(one for one in told if one)
