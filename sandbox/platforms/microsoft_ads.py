"""Microsoft Advertising's JSON protocol on its four hosts: customers, campaigns, reports as zipped CSV, and the sign-in."""

import csv
import io
import itertools
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from adloom_sdk.days import each_day
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.bench import DEVELOPER_TOKEN
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.microsoft_bodies import (
    CUSTOMER_ID,
    STATUS_OF,
    account_body,
    ad_body,
    campaign_body,
    day_of,
    figure_columns,
    id_columns,
    is_listed,
    name_columns,
    partial_error,
    status_word,
    zone_names,
)

SCOPE = "https://ads.microsoft.com/msads.manage"
_USER_ID = "4400001"
_LEVELS = {"Campaign": "campaign", "AdGroup": "ad_group", "Ad": "ad"}
_REFUSALS: dict[str, tuple[int, int, str, str]] = {
    "no_token": (401, 105, "InvalidCredentials", "Authentication failed. Either supplied credentials are invalid."),
    "expired": (401, 109, "AuthenticationTokenExpired", "Authentication token expired. Renew it."),
    "revoked": (401, 105, "InvalidCredentials", "Authentication failed. Either supplied credentials are invalid."),
    "scope": (403, 106, "UserIsNotAuthorized", "User is not authorized to perform this operation."),
    "app_not_approved": (401, 105, "InvalidCredentials", "The developer token is not valid."),
    "account_disabled": (400, 1122, "CampaignServiceAccountNotActive", "The account is not active."),
    "not_found": (400, 1102, "CampaignServiceInvalidAccountId", "The account ID is not valid."),
    "bad_request": (400, 100, "NullRequest", "The request message is not valid."),
    "throttled": (429, 117, "CallRateExceeded", "Call rate exceeded. Try again in 60 seconds."),
    "server_error": (500, 0, "InternalError", "An internal error has occurred."),
}

_HTML = {"content-type": "text/html; charset=utf-8"}


@dataclass
class Job:
    """An ordered report."""

    account: WorldAccount
    level: str
    since: date
    until: date
    columns: list[str]
    is_summary: bool
    ready_at: datetime
    is_failed: bool = False


class MicrosoftAds(FakePlatform):
    """All accounts belong to one customer; everything that is written changes the world."""

    key = "microsoft_ads"
    host_names = (
        "campaign.api.bingads.microsoft.com",
        "reporting.api.bingads.microsoft.com",
        "clientcenter.api.bingads.microsoft.com",
        "login.microsoftonline.com",
    )
    read_scope = SCOPE
    write_scope = SCOPE

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.consent.rotates = True
        self.jobs: dict[str, Job] = {}
        # A report's number is never given again, not even by the sandbox that is started after this one.
        self._numbers = itertools.count(30_000_000_000 + time.time_ns() // 1_000)
        self.fails_next_report = False
        self.report_takes_s = 1.5

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:  # noqa: ARG002 - not told
        """Microsoft's words; a retired version is a web page that nobody finds."""
        if why == "sunset":
            page = b"<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>"
            return Answer(content=page, status=404, headers={"content-type": "text/html"})
        status, code, name, words = _REFUSALS[why]
        error = {"Code": code, "ErrorCode": name, "Message": words, "Detail": None}
        key = "Errors" if status in {401, 403, 429} else "OperationErrors"
        return Answer({key: [error], "TrackingId": self.new_id()}, status=status)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - alike for every call
        """Every reply has a tracking id."""
        return {"trackingid": self.new_id()}

    # -- signing in --------------------------------------------------------------------------------------------------

    @route("GET", "/common/oauth2/v2.0/authorize", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        if request.params.get("client_id") != CLIENT_ID:
            return Answer(content=b"AADSTS700016: Application not found.", status=400, headers=_HTML)
        action = f"{request.mount}/common/oauth2/v2.0/decide"
        page = self.consent.page(platform="Microsoft", action=action, params=request.params, scopes=(SCOPE,))
        return Answer(content=page, headers=_HTML)

    @route("POST", "/common/oauth2/v2.0/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/common/oauth2/v2.0/token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code or a refresh token; each refresh token works once."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            words = "AADSTS7000215: Invalid client secret provided."
            return Answer({"error": "invalid_client", "error_description": words, "error_codes": [7000215]}, status=401)
        renewed = asked.get("grant_type") == "refresh_token"
        refresh, code = asked.get("refresh_token", ""), asked.get("code", "")
        issued = self.consent.refresh(refresh) if renewed else self.consent.redeem(code)
        if issued is None:
            words = "AADSTS70000: The provided value is not valid."
            return Answer({"error": "invalid_grant", "error_description": words, "error_codes": [70000]}, status=400)
        return Answer({"token_type": "Bearer", **issued, "expires_in": int(issued["expires_in"])})

    # -- customers ---------------------------------------------------------------------------------------------------

    @route("POST", "/CustomerManagement/v13/User/Query")
    def user(self, request: Request) -> Answer:
        """Who is signed in."""
        if refused := self._refused(request, needs_account=False):
            return refused
        user = {"Id": _USER_ID, "UserName": "owner@northwind.example", "CustomerId": CUSTOMER_ID}
        roles = [{"RoleId": 41, "CustomerId": CUSTOMER_ID, "AccountIds": None}]
        return Answer({"User": user, "CustomerRoles": roles})

    @route("POST", "/CustomerManagement/v13/Accounts/Search")
    def accounts(self, request: Request) -> Answer:
        """The accounts of a user, a page of them."""
        if refused := self._refused(request, needs_account=False):
            return refused
        asked = request.json()
        terms = {one["Field"]: one["Value"] for one in asked.get("Predicates", [])}
        if terms.get("UserId") != _USER_ID:
            return self.refusal("bad_request")
        info = asked["PageInfo"]
        start = int(info["Index"]) * int(info["Size"])
        page = self.world.accounts[start : start + int(info["Size"])]
        return Answer({"Accounts": [account_body(one) for one in page]})

    # -- campaigns ---------------------------------------------------------------------------------------------------

    @route("POST", "/CampaignManagement/v13/Campaigns/QueryByAccountId")
    def campaigns(self, request: Request) -> Answer:
        """Every campaign that is not deleted."""
        if refused := self._refused(request):
            return refused
        account = self.world.account(str(request.json().get("AccountId")))
        if account is None:
            return self.refusal("not_found")
        return Answer({"Campaigns": [campaign_body(one) for one in self.world.campaigns(account) if is_listed(one)]})

    @route("POST", "/CampaignManagement/v13/Campaigns/QueryByIds")
    def campaigns_by_id(self, request: Request) -> Answer:
        """Named campaigns; null where there is none, with an error beside."""
        if refused := self._refused(request):
            return refused
        found = [self.world.find(str(one)) for one in request.json().get("CampaignIds", [])]
        shown = [campaign_body(one[1]) if one else None for one in found]
        errors = [partial_error(index, 1100) for index, one in enumerate(found) if one is None]
        return Answer({"Campaigns": shown, "PartialErrors": errors})

    @route("PUT", "/CampaignManagement/v13/Campaigns", is_write=True)
    def update_campaigns(self, request: Request) -> Answer:
        """Status and daily budget; what fails is told beside what worked, with HTTP 200."""
        if refused := self._refused(request):
            return refused
        errors = []
        for index, asked in enumerate(request.json().get("Campaigns", [])):
            code = self._update(asked)
            if code:
                errors.append(partial_error(index, code))
        return Answer({"PartialErrors": errors})

    @route("POST", "/CampaignManagement/v13/AdGroups/QueryByCampaignId")
    def ad_groups(self, request: Request) -> Answer:
        """The ad groups of a campaign."""
        if refused := self._refused(request):
            return refused
        found = self._children("ad_group", str(request.json().get("CampaignId")))
        return Answer({"AdGroups": [{"Id": one.id, "Name": one.name, "Status": status_word(one)} for one in found]})

    @route("POST", "/CampaignManagement/v13/Ads/QueryByAdGroupId")
    def ads(self, request: Request) -> Answer:
        """The ads of an ad group."""
        if refused := self._refused(request):
            return refused
        return Answer({"Ads": [ad_body(one) for one in self._children("ad", str(request.json().get("AdGroupId")))]})

    def _update(self, asked: dict[str, Any]) -> int:
        """Change one campaign; returns the code of what went wrong, 0 for nothing."""
        found = self.world.find(str(asked.get("Id")))
        if found is None or found[1].level != "campaign":
            return 1100
        status = STATUS_OF.get(asked["Status"]) if "Status" in asked else None
        budget = micros_from_decimal(asked["DailyBudget"]) if "DailyBudget" in asked else None
        if ("Status" in asked and status is None) or (budget is not None and budget <= 0):
            return 1106
        if budget is not None and found[1].is_budget_shared:
            return 1165
        self.world.change(found[1].id, status=status, daily_budget_micros=budget)
        return 0

    def _children(self, level: str, parent_id: str) -> Iterator[Entity]:
        for account in self.world.accounts:
            if parent_id.startswith(account.id):
                yield from (
                    one
                    for one in self.world.entities(account, level)
                    if str(one.parent) == parent_id and is_listed(one)
                )

    # -- reports -----------------------------------------------------------------------------------------------------

    @route("POST", "/Reporting/v13/GenerateReport/Submit")
    def submit(self, request: Request) -> Answer:
        """Order a report."""
        if refused := self._refused(request):
            return refused
        asked = request.json()["ReportRequest"]
        kind = re.fullmatch(r"(Campaign|AdGroup|Ad)PerformanceReportRequest", asked.get("Type", ""))
        account = self.world.account(str(asked["Scope"]["AccountIds"][0]))
        if kind is None or account is None or asked["Time"].get("ReportTimeZone") not in zone_names(account):
            return self.refusal("bad_request")
        report_id = str(next(self._numbers))
        self.jobs[report_id] = Job(
            account=account,
            level=_LEVELS[kind[1]],
            since=day_of(asked["Time"]["CustomDateRangeStart"]),
            until=day_of(asked["Time"]["CustomDateRangeEnd"]),
            columns=asked["Columns"],
            is_summary=asked["Aggregation"] == "Summary",
            ready_at=self.world.clock.now() + timedelta(seconds=self.report_takes_s),
            is_failed=self.fails_next_report,
        )
        self.fails_next_report = False
        return Answer({"ReportRequestId": report_id})

    @route("POST", "/Reporting/v13/GenerateReport/Poll")
    def poll(self, request: Request) -> Answer:
        """Pending for a while, then the address of the file, or null where there is nothing to tell."""
        if refused := self._refused(request):
            return refused
        report_id = str(request.json().get("ReportRequestId"))
        job = self.jobs.get(report_id)
        if job is None:
            error = {"Code": 2100, "ErrorCode": "ReportingServiceInvalidReportId", "Message": "Unknown report."}
            return Answer({"OperationErrors": [error], "TrackingId": self.new_id()}, status=400)
        if self.world.clock.now() < job.ready_at:
            return Answer({"ReportRequestStatus": {"Status": "Pending", "ReportDownloadUrl": None}})
        if job.is_failed:
            return Answer({"ReportRequestStatus": {"Status": "Error", "ReportDownloadUrl": None}})
        has_rows = next(self._rows(job), None) is not None
        url = request.public_url(f"/report-files/{report_id}.zip") if has_rows else None
        return Answer({"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}})

    @route("GET", "/report-files/{name}", is_open=True)
    def file(self, request: Request, name: str) -> Answer:
        """The storage takes no credentials but those in its address: with others it refuses."""
        job = self.jobs.get(name.removesuffix(".zip"))
        if job is None or "authorization" in request.headers:
            return Answer(
                content=b"<?xml version='1.0'?><Error><Code>InvalidAuthenticationInfo</Code></Error>", status=403
            )
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerow(job.columns)
        writer.writerows([row.get(column, "") for column in job.columns] for row in self._rows(job))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(f"{name.removesuffix('.zip')}.csv", "\ufeff" + text.getvalue())
        return Answer(content=archive.getvalue(), headers={"content-type": "application/zip"})

    def _rows(self, job: Job) -> Iterator[dict[str, str]]:
        for entity in self.world.entities(job.account, job.level):
            ids = id_columns(entity)
            if job.is_summary:
                # A month with deliveries is enough for a sum that is above nothing.
                last = min(job.until, entity.ends_on or job.until)
                days = list(each_day(max(job.since, last - timedelta(days=30)), last))
                total = sum(self.world.numbers(job.account, entity, day).impressions for day in days)
                if total:
                    yield ids | name_columns(entity) | {"Impressions": f"{total:,}"}
                continue
            for day in each_day(job.since, job.until):
                numbers = self.world.numbers(job.account, entity, day)
                if not numbers.is_nothing:
                    yield ids | name_columns(entity) | {"TimePeriod": day.isoformat()} | figure_columns(numbers)

    def _refused(self, request: Request, *, needs_account: bool = True) -> Answer | None:
        """What the headers lack."""
        if request.headers.get("developertoken") != DEVELOPER_TOKEN:
            return self.refusal("app_not_approved")
        if not needs_account:
            return None
        account = self.world.account(request.headers.get("customeraccountid", ""))
        if account is None or request.headers.get("customerid") != CUSTOMER_ID:
            return self.refusal("scope")
        return self.refusal("account_disabled") if account.status is AccountStatus.DISABLED else None
