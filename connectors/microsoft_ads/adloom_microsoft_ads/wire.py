"""Microsoft's JSON as far as it is used. Long ids come as text or as numbers; lists may be null."""

import msgspec

Id = str | int
Number = int | float | str | None


class Body(msgspec.Struct, rename="pascal"):
    """Base: what Microsoft adds later is ignored."""


class User(Body, rename="pascal"):
    id: Id
    user_name: str | None = None


class UserReply(Body, rename="pascal"):
    user: User


class Account(Body, rename="pascal"):
    id: Id
    name: str | None = None
    currency_code: str | None = None
    time_zone: str | None = None
    account_life_cycle_status: str | None = None
    parent_customer_id: Id | None = None


class AccountsReply(Body, rename="pascal"):
    accounts: list[Account | None] | None = None


class Campaign(Body, rename="pascal"):
    id: Id
    name: str | None = None
    status: str | None = None
    campaign_type: str | None = None
    budget_type: str | None = None
    daily_budget: Number = None
    budget_id: Id | None = None


class OperationError(Body, rename="pascal"):
    code: int | str | None = None
    error_code: str | None = None
    message: str | None = None


class CampaignsReply(Body, rename="pascal"):
    campaigns: list[Campaign | None] | None = None
    partial_errors: list[OperationError | None] | None = None


class AdGroup(Body, rename="pascal"):
    id: Id
    name: str | None = None
    status: str | None = None


class AdGroupsReply(Body, rename="pascal"):
    ad_groups: list[AdGroup | None] | None = None


class Asset(Body, rename="pascal"):
    text: str | None = None


class AssetLink(Body, rename="pascal"):
    asset: Asset | None = None


class Ad(Body, rename="pascal"):
    """Which texts an ad has depends on its type; the names are those of responsive and of expanded text ads."""

    id: Id
    status: str | None = None
    type: str | None = None
    headlines: list[AssetLink] | None = None
    descriptions: list[AssetLink] | None = None
    title_part1: str | None = msgspec.field(name="TitlePart1", default=None)
    text: str | None = None
    final_urls: list[str] | None = None


class AdsReply(Body, rename="pascal"):
    ads: list[Ad | None] | None = None


class SubmitReply(Body, rename="pascal"):
    report_request_id: Id


class ReportStatus(Body, rename="pascal"):
    status: str
    report_download_url: str | None = None


class PollReply(Body, rename="pascal"):
    report_request_status: ReportStatus


class Refusal(Body, rename="pascal"):
    """An error's body: which of the three lists is filled depends on the service."""

    errors: list[OperationError | None] | None = None
    operation_errors: list[OperationError | None] | None = None
    batch_errors: list[OperationError | None] | None = None
    tracking_id: str | None = None

    def first(self) -> OperationError | None:
        """The first error of any list."""
        found = [*(self.errors or ()), *(self.operation_errors or ()), *(self.batch_errors or ())]
        return next((one for one in found if one is not None), None)
