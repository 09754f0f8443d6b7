"""Amazon Ads' protocol in three regions: profiles, lists under versioned media types, reports as zipped JSON, sign-in."""

import base64
import gzip
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from adloom_sdk.days import each_day, today_in
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.amazon_bodies import (
    MEDIA,
    REGIONS,
    REPORTS,
    STATES,
    STATUS_OF,
    entity_body,
    figures,
    ids,
    product_key,
    product_of,
    profile_body,
)

SCOPE = "advertising::campaign_management"
_REPORT_MEDIA = "application/vnd.createasyncreportrequest.v3+json"
_LEVELS = {"campaigns": "campaign", "adGroups": "ad_group", "productAds": "ad", "ads": "ad"}
_HTML = {"content-type": "text/html; charset=utf-8"}
_REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "no_token": (401, {"code": "UNAUTHORIZED", "details": "No access token"}),
    "expired": (401, {"code": "UNAUTHORIZED", "details": "Not authorized to access this advertiser"}),
    "revoked": (401, {"code": "UNAUTHORIZED", "details": "Not authorized to access this advertiser"}),
    "scope": (403, {"code": "403", "details": "Not authorized to manage this profile"}),
    "app_not_approved": (403, {"code": "ACCESS_DENIED", "details": "Client is not approved for the Advertising API"}),
    "account_disabled": (403, {"code": "ACCESS_DENIED", "details": "The advertiser account is suspended"}),
    "throttled": (429, {"code": "429", "details": "Too Many Requests"}),
    "not_found": (404, {"code": "NOT_FOUND", "details": "Resource not found"}),
    "bad_request": (400, {"code": "INVALID_ARGUMENT", "details": "The request is malformed"}),
    "server_error": (500, {"code": "SERVER_IS_BUSY", "details": "Internal error"}),
    "sunset": (415, {"code": "415", "details": "Cannot consume content type"}),
}


@dataclass
class Job:
    """An ordered report."""

    account: WorldAccount
    asked: dict[str, Any]
    level: str
    since: date
    until: date
    created_at: datetime
    ready_at: datetime
    is_failed: bool = False

    def status(self, now: datetime) -> str:
        """Amazon's word for how far it is."""
        if now < self.ready_at:
            return "PENDING" if now == self.created_at else "PROCESSING"
        return "FAILED" if self.is_failed else "COMPLETED"


class AmazonAds(FakePlatform):
    """Each account is a profile of its region; a host that is none of them shows the profiles of all."""

    key = "amazon_ads"
    host_names = (
        "advertising-api.amazon.com",
        "advertising-api-eu.amazon.com",
        "advertising-api-fe.amazon.com",
        "api.amazon.com",
        "www.amazon.com",
    )
    read_scope = SCOPE
    write_scope = SCOPE

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.jobs: dict[str, Job] = {}
        self.fails_next_report = False
        self.report_takes_s = 1.5

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Amazon's words."""
        status, body = _REFUSALS[why]
        headers = {"retry-after": str(int(retry_after_s))} if why == "throttled" else {}
        return Answer(body | ({"details": detail} if detail else {}), status=status, headers=headers)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - alike for every call
        """Every reply has a request id."""
        return {"x-amz-request-id": self.new_id()}

    # -- signing in --------------------------------------------------------------------------------------------------

    @route("GET", "/ap/oa", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        if request.params.get("client_id") != CLIENT_ID:
            return Answer(content=b"An unknown scope or client was requested", status=400, headers=_HTML)
        action = f"{request.mount}/ap/oa/decide"
        page = self.consent.page(platform="Amazon", action=action, params=request.params, scopes=(SCOPE,))
        return Answer(content=page, headers=_HTML)

    @route("POST", "/ap/oa/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/auth/o2/token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code or a refresh token, which stays."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            words = "Client authentication failed"
            return Answer({"error": "invalid_client", "error_description": words}, status=401)
        renewed = asked.get("grant_type") == "refresh_token"
        refresh, code = asked.get("refresh_token", ""), asked.get("code", "")
        issued = self.consent.refresh(refresh) if renewed else self.consent.redeem(code)
        if issued is None:
            words = "The request has an invalid grant parameter"
            return Answer({"error": "invalid_grant", "error_description": words}, status=400)
        kept = {name: issued[name] for name in ("access_token", "refresh_token")}
        return Answer({"token_type": "bearer", **kept, "expires_in": int(issued["expires_in"])})

    # -- profiles and lists ------------------------------------------------------------------------------------------

    @route("GET", "/v2/profiles")
    def profiles(self, request: Request) -> Answer:
        """The profiles of the region."""
        if request.headers.get("amazon-advertising-api-clientid") != CLIENT_ID:
            return self.refusal("no_token", detail="Invalid client id")
        marks = {f"advertising-api{mark}.amazon.com": mark for mark in ("", "-eu", "-fe")}
        mark = marks.get(request.host)
        shown = [one for one in self.world.accounts if mark is None or REGIONS[one.currency] == mark]
        return Answer([profile_body(one) for one in shown])

    @route("POST", "/sp/{kind}/list")
    def list_products(self, request: Request, kind: str) -> Answer:
        """Sponsored Products."""
        return self._list(request, f"/sp/{kind}", "sp", kind)

    @route("POST", "/sb/v4/{kind}/list")
    def list_brands(self, request: Request, kind: str) -> Answer:
        """Sponsored Brands."""
        return self._list(request, f"/sb/v4/{kind}", "sb", kind)

    @route("GET", "/sd/{kind}")
    def list_display(self, request: Request, kind: str) -> Answer:
        """Sponsored Display: an index and a count, lower case, numbers for ids."""
        account = self._account(request)
        if isinstance(account, Answer):
            return account
        asked = request.params
        found = self._found(account, "sd", kind, asked.get("stateFilter", "").upper().split(","))
        wanted = asked.get("campaignIdFilter")
        found = [one for one in found if wanted is None or one.id in wanted.split(",")]
        start = int(asked.get("startIndex", 0))
        return Answer([entity_body(one) for one in found[start : start + int(asked.get("count", 100))]])

    def _list(self, request: Request, path: str, product: str, kind: str) -> Answer:
        account = self._account(request, media=MEDIA.get(path, ""))
        if isinstance(account, Answer):
            return account
        asked = request.json()
        found = self._found(account, product, kind, asked.get("stateFilter", {}).get("include", ["ENABLED"]))
        if "campaignIdFilter" in asked:
            found = [one for one in found if one.id in asked["campaignIdFilter"]["include"]]
        start = int(base64.b64decode(asked["nextToken"])) if asked.get("nextToken") else 0
        end = start + min(self.page_size, int(asked.get("maxResults", 100)))
        body: dict[str, Any] = {kind: [entity_body(one) for one in found[start:end]], "totalResults": len(found)}
        if end < len(found):
            body["nextToken"] = base64.b64encode(str(end).encode()).decode()
        return Answer(body)

    def _found(self, account: WorldAccount, product: str, kind: str, states: list[str]) -> list[Entity]:
        entities = self.world.entities(account, _LEVELS[kind])
        return [one for one in entities if product_of(one) == product and STATES[one.status] in states]

    # -- changes -----------------------------------------------------------------------------------------------------

    @route("PUT", "/sp/campaigns", is_write=True)
    def update_products(self, request: Request) -> Answer:
        """Sponsored Products: 207, with what worked and what did not."""
        return self._update_all(request, "/sp/campaigns", "sp")

    @route("PUT", "/sb/v4/campaigns", is_write=True)
    def update_brands(self, request: Request) -> Answer:
        """Sponsored Brands, alike."""
        return self._update_all(request, "/sb/v4/campaigns", "sb")

    @route("PUT", "/sd/campaigns", is_write=True)
    def update_display(self, request: Request) -> Answer:
        """Sponsored Display: 207 with a list."""
        account = self._account(request)
        if isinstance(account, Answer):
            return account
        outcomes = [(one["campaignId"], self._update(one, "sd")) for one in request.json()]
        shown = [
            {"code": "INVALID_ARGUMENT", "description": wrong} if wrong else {"code": "SUCCESS", "campaignId": number}
            for number, wrong in outcomes
        ]
        return Answer(shown, status=207)

    def _update_all(self, request: Request, path: str, product: str) -> Answer:
        account = self._account(request, media=MEDIA[path])
        if isinstance(account, Answer):
            return account
        success, failed = [], []
        for index, one in enumerate(request.json()["campaigns"]):
            wrong = self._update(one, product)
            if wrong:
                errors = [{"errorType": wrong, "errorValue": {wrong: {"reason": "INVALID", "message": wrong}}}]
                failed.append({"index": index, "errors": errors})
            else:
                success.append({"index": index, "campaignId": one["campaignId"]})
        return Answer({"campaigns": {"success": success, "error": failed}}, status=207)

    def _update(self, asked: dict[str, Any], product: str) -> str:
        """Change one campaign; returns what was wrong, '' for nothing."""
        found = self.world.find(str(asked["campaignId"]))
        if found is None or found[1].level != "campaign" or product_of(found[1]) != product:
            return "entityNotFoundError"
        amount = asked.get("budget")
        amount = amount.get("budget") if isinstance(amount, dict) else amount
        micros = None if amount is None else micros_from_decimal(amount)
        status = STATUS_OF.get(str(asked["state"]).upper()) if "state" in asked else None
        if (micros is not None and micros < 1_000_000) or ("state" in asked and status is None):
            return "budgetError" if micros is not None else "malformedValueError"
        self.world.change(found[1].id, status=status, daily_budget_micros=micros)
        return ""

    # -- reports -----------------------------------------------------------------------------------------------------

    @route("POST", "/reporting/reports")
    def order(self, request: Request) -> Answer:
        """Order a report; the same one twice at a time is refused with the id of the first."""
        account = self._account(request, media=_REPORT_MEDIA)
        if isinstance(account, Answer):
            return account
        asked = request.json()
        wanted = asked["configuration"]
        level = REPORTS.get((wanted["adProduct"], wanted["reportTypeId"], tuple(wanted["groupBy"])))
        since, until = date.fromisoformat(asked["startDate"]), date.fromisoformat(asked["endDate"])
        oldest = today_in(account.timezone, self.world.clock.now()) - timedelta(days=95)
        if level is None or since < oldest or (until - since).days > 30 or wanted["format"] != "GZIP_JSON":
            return self.refusal("bad_request", detail="The configuration or the dates are not valid")
        now = self.world.clock.now()
        for report_id, job in self.jobs.items():
            if (job.account, job.asked) == (account, asked) and now < job.ready_at:
                words = f"The Request is a duplicate of : {report_id}"
                return Answer({"code": "425", "detail": words}, status=425)
        report_id, ready_at = str(uuid.uuid4()), now + timedelta(seconds=self.report_takes_s)
        job = Job(account, asked, level, since, until, now, ready_at, is_failed=self.fails_next_report)
        self.jobs[report_id], self.fails_next_report = job, False
        return Answer(self._report(request, report_id, job))

    @route("GET", "/reporting/reports/{report_id}")
    def look(self, request: Request, report_id: str) -> Answer:
        """How far a report is."""
        account = self._account(request)
        if isinstance(account, Answer):
            return account
        job = self.jobs.get(report_id)
        if job is None or job.account != account:
            return self.refusal("not_found")
        return Answer(self._report(request, report_id, job))

    @route("GET", "/report-files/{name}", is_open=True)
    def file(self, request: Request, name: str) -> Answer:
        """The storage: the address is signed, and a second signature is refused."""
        job = self.jobs.get(name.removesuffix(".json.gz"))
        if job is None or "authorization" in request.headers:
            return Answer(content=b"<?xml version='1.0'?><Error><Code>InvalidArgument</Code></Error>", status=400)
        content = gzip.compress(msgspec.json.encode(list(self._rows(job))), compresslevel=1)
        return Answer(content=content, headers={"content-type": "application/octet-stream"})

    def _report(self, request: Request, report_id: str, job: Job) -> dict[str, Any]:
        status = job.status(self.world.clock.now())
        is_done = status == "COMPLETED"
        created_at, ready_at = _instant(job.created_at), _instant(job.ready_at)
        return {
            "reportId": report_id,
            "status": status,
            "startDate": job.asked["startDate"],
            "endDate": job.asked["endDate"],
            "createdAt": created_at,
            "generatedAt": ready_at if is_done else None,
            "url": request.public_url(f"/report-files/{report_id}.json.gz") if is_done else None,
            "urlExpiresAt": _instant(job.ready_at + timedelta(hours=1)) if is_done else None,
            "fileSize": 1024 if is_done else None,
            "failureReason": "Internal failure" if status == "FAILED" else None,
            "configuration": job.asked["configuration"],
        }

    def _rows(self, job: Job) -> Iterator[dict[str, Any]]:
        key, columns = product_key(job.asked["configuration"]["adProduct"]), job.asked["configuration"]["columns"]
        for entity in self.world.entities(job.account, job.level):
            if product_of(entity) != key:
                continue
            for day in each_day(job.since, job.until):
                numbers = self.world.numbers(job.account, entity, day)
                if not numbers.is_nothing:
                    row = {"date": day.isoformat(), **ids(entity), **figures(numbers, key)}
                    yield {name: row[name] for name in columns}

    def _account(self, request: Request, *, media: str = "") -> WorldAccount | Answer:
        """The profile that a call is for, or what its headers lack."""
        headers = request.headers
        if headers.get("amazon-advertising-api-clientid") != CLIENT_ID:
            return self.refusal("no_token", detail="Invalid client id")
        if media and (headers.get("content-type"), headers.get("accept")) != (media, media):
            return self.refusal("sunset")
        account = self.world.account(headers.get("amazon-advertising-api-scope", ""))
        if account is None:
            return self.refusal("scope")
        return self.refusal("account_disabled") if account.status is AccountStatus.DISABLED else account


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
