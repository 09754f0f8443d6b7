"""LinkedIn's versioned Marketing API as the sandbox plays it: version header, queries with brackets, reports without pages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar
from urllib.parse import unquote

from adloom_sdk.days import each_day
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.linkedin_bodies import FIELDS, WORDS, account_body, campaign_body, creative_body, report_row

Owned = tuple[Entity, WorldAccount]
_OLDEST_VERSION = "202511"
_MAX_PAGE = 1000
_MAX_FIELDS = 20
_PIVOTS = {"CAMPAIGN": "campaign", "CREATIVE": "ad"}
_SETTABLE = {"ACTIVE": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED}
_REFUSALS: dict[Why, tuple[int, str, int | None, str]] = {
    "no_token": (401, "EMPTY_ACCESS_TOKEN", 65604, "Empty oauth2 access token"),
    "expired": (401, "EXPIRED_ACCESS_TOKEN", 65602, "The token used in the request has expired"),
    "revoked": (401, "REVOKED_ACCESS_TOKEN", 65601, "The token used in the request has been revoked by the user"),
    "scope": (403, "ACCESS_DENIED", 100, "Not enough permissions to access: rw_ads is missing"),
    "app_not_approved": (403, "ACCESS_DENIED", 100, "This developer application is not approved for this API"),
    "account_disabled": (403, "ACCESS_DENIED", 100, "The ad account has been restricted"),
    "throttled": (
        429,
        "TOO_MANY_REQUESTS",
        101,
        "Resource level throttle limit for calls to this resource is reached.",
    ),
    "not_found": (404, "RESOURCE_NOT_FOUND", 0, "Could not find entity"),
    "bad_request": (400, "INVALID_PARAMETER", 100, "Invalid parameter"),
    "server_error": (500, "INTERNAL_SERVER_ERROR", 0, "Internal Server Error"),
    "sunset": (426, "NONEXISTENT_VERSION", None, "Requested version 20240101 is not active"),
}


class LinkedInAds(FakePlatform):
    """The advertiser on LinkedIn, whose days are UTC days wherever the owner lives."""

    key = "linkedin_ads"
    host_names: ClassVar[tuple[str, ...]] = ("api.linkedin.com", "www.linkedin.com")
    read_scope: ClassVar[str] = "r_ads"
    write_scope: ClassVar[str] = "rw_ads"
    token_lifetime_s: ClassVar[int] = 60 * 86_400
    max_rows: ClassVar[int] = 15_000

    def __init__(self, world: World, **options: Any) -> None:
        # Accounts have no zone here; the world follows before anything is drawn from it.
        world.__dict__["accounts"] = tuple(replace(account, timezone="UTC") for account in world.accounts)
        super().__init__(world, **options)

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Status, code and service error code."""
        status, code, service_code, message = _REFUSALS[why]
        body = {"status": status, "code": code, "message": detail or message}
        if service_code is not None:
            body["serviceErrorCode"] = service_code
        headers = {"retry-after": str(round(retry_after_s))} if why == "throttled" else {}
        return Answer(body, status=status, headers=headers)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - every answer has one
        """An id of the call for LinkedIn's support."""
        return {"x-li-uuid": self.new_id()}

    # -- sign-in ---------------------------------------------------------------------------------------------------

    @route("GET", "/oauth/v2/authorization", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        if request.params.get("client_id") != CLIENT_ID or request.params.get("response_type") != "code":
            return Answer(
                {"error": "unauthorized_client", "error_description": "The client_id is unknown."}, status=400
            )
        page = self.consent.page(
            platform="LinkedIn",
            action=f"{request.mount}/oauth/v2/authorization/decide",
            params=request.params,
            scopes=tuple(request.params.get("scope", "").split()),
        )
        return Answer(headers={"content-type": "text/html; charset=utf-8"}, content=page)

    @route("POST", "/oauth/v2/authorization/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(re.findall(r"grant=(\w+)", request.body.decode()))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/oauth/v2/accessToken", is_open=True)
    def token(self, request: Request) -> Answer:
        """A code or a refresh token against an access token of 60 days; a form only."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer({"error": "invalid_client", "error_description": "Client authentication failed"}, status=401)
        is_refresh = asked.get("grant_type") == "refresh_token"
        redeemed = self.consent.refresh(asked.get("refresh_token", "")) if is_refresh else None
        issued = redeemed if is_refresh else self.consent.redeem(asked.get("code", ""))
        if issued is None:
            words = "The provided authorization grant or refresh token is invalid, expired or revoked"
            return Answer({"error": "invalid_grant", "error_description": words}, status=400)
        return Answer(
            {
                "access_token": issued["access_token"],
                "expires_in": int(issued["expires_in"]),
                "refresh_token": issued["refresh_token"],
                "refresh_token_expires_in": 365 * 86_400,
                "scope": issued["scope"].replace(" ", ","),
            }
        )

    # -- lists -----------------------------------------------------------------------------------------------------

    @route("GET", "/rest/adAccounts")
    def accounts(self, request: Request) -> Answer:
        """Every account of the member."""
        return self._headers(request) or self._page(request, "search", self.world.accounts, account_body)

    @route("GET", "/rest/adAccounts/{account_id}/adCampaigns")
    def campaigns(self, request: Request, account_id: str) -> Answer:
        """Campaigns; removed ones only where they are asked for."""
        found = self._owned(request, account_id, "campaign", request.params.get("search", ""))
        return found if isinstance(found, Answer) else self._page(request, "search", found, _shown)

    @route("GET", "/rest/adAccounts/{account_id}/creatives")
    def creatives(self, request: Request, account_id: str) -> Answer:
        """Creatives, which are the ads."""
        found = self._owned(request, account_id, "ad", request.params.get("intendedStatuses", ""))
        return found if isinstance(found, Answer) else self._page(request, "criteria", found, _shown)

    @route("GET", "/rest/adAccounts/{account_id}/adCampaigns/{campaign_id}")
    def campaign(self, request: Request, account_id: str, campaign_id: str) -> Answer:
        """One campaign."""
        found = self._one(account_id, campaign_id, "campaign")
        return self._headers(request) or (Answer(_shown(found)) if found else self.refusal("not_found"))

    @route("GET", "/rest/adAccounts/{account_id}/creatives/{urn}")
    def creative(self, request: Request, account_id: str, urn: str) -> Answer:
        """One creative, by its encoded URN."""
        found = self._one(account_id, unquote(urn).rpartition(":")[2], "ad")
        return self._headers(request) or (Answer(_shown(found)) if found else self.refusal("not_found"))

    def _owned(self, request: Request, account_id: str, level: str, statuses: str) -> Answer | list[Owned]:
        account = self.world.account(account_id)
        wrong = self._headers(request)
        if wrong or account is None:
            return wrong or self.refusal("scope", detail="Member does not have permission to access this account")
        wanted = set(re.findall(r"[A-Z_]+", statuses.partition("List(")[2])) or {"ACTIVE", "PAUSED"}
        return [(one, account) for one in self.world.entities(account, level) if WORDS[one.status] in wanted]

    def _one(self, account_id: str, entity_id: str, level: str) -> Owned | None:
        found = self.world.find(entity_id)
        return (found[1], found[0]) if found and found[0].id == account_id and found[1].level == level else None

    def _page(self, request: Request, finder: str, found: Any, shown: Callable[[Any], dict[str, Any]]) -> Answer:
        asked, token = request.params.get("pageSize", "100"), request.params.get("pageToken", "")
        if request.params.get("q") != finder:
            return self.refusal("bad_request", detail=f"q: the finder must be {finder}")
        if not asked.isdigit() or not 1 <= int(asked) <= _MAX_PAGE:
            return self.refusal("bad_request", detail=f"pageSize must be between 1 and {_MAX_PAGE}")
        start = int(token.removeprefix("DgGerr1iVQreCJVjZDOW_").rpartition("=")[2] or 0)
        end = start + min(int(asked), self.page_size)
        more = {"nextPageToken": f"DgGerr1iVQreCJVjZDOW_+/={end}"} if end < len(found) else {}
        return Answer({"elements": [shown(one) for one in found[start:end]], "metadata": more})

    def _headers(self, request: Request) -> Answer | None:
        """What is wrong with the headers, or with a query whose brackets were encoded."""
        version = request.headers.get("linkedin-version", "")
        if not re.fullmatch(r"\d{6}", version):
            return Answer(
                {"status": 400, "code": "VERSION_MISSING", "message": "A version must be present"}, status=400
            )
        if version < _OLDEST_VERSION:
            return self.refusal("sunset", detail=f"Requested version {version}01 is not active")
        if request.headers.get("x-restli-protocol-version") != "2.0.0":
            return self.refusal("bad_request", detail="X-Restli-Protocol-Version must be 2.0.0")
        if re.search(r"%28|%29|%2C", request.query, re.IGNORECASE):
            return self.refusal("bad_request", detail="Invalid query parameters passed to request")
        return None

    # -- reports ---------------------------------------------------------------------------------------------------

    @route("GET", "/rest/adAnalytics")
    def analytics(self, request: Request) -> Answer:
        """Daily rows, without pages: what lies beyond the cap is left out in silence."""
        wrong = self._headers(request)
        asked = _asked(request.params)
        if wrong or isinstance(asked, str):
            return wrong or self.refusal("bad_request", detail=str(asked))
        pivots, names, since, until = asked
        campaigns = set(re.findall(r"sponsoredCampaign:(\w+)", unquote(request.params.get("campaigns", ""))))
        account = self._asked_account(unquote(request.params.get("accounts", "")), campaigns)
        if account is None:
            return self.refusal("scope", detail="Member does not have permission to access this account")
        if account.status is AccountStatus.DISABLED:
            return self.refusal("account_disabled")
        rows = self._rows(account, pivots, names, since, until, campaigns)
        return Answer({"paging": {"start": 0, "count": 10, "links": []}, "elements": rows[: self.max_rows]})

    def _asked_account(self, accounts: str, campaigns: set[str]) -> WorldAccount | None:
        """Of an account or of campaigns, which then are all of one account."""
        if not campaigns:
            return self.world.account(accounts.removesuffix(")").rpartition(":")[2])
        owners = {found[0].id: found[0] for one in campaigns if (found := self.world.find(one))}
        return next(iter(owners.values())) if len(owners) == 1 else None

    def _rows(
        self,
        account: WorldAccount,
        pivots: list[str],
        names: list[str],
        since: date,
        until: date,
        campaigns: set[str],
    ) -> list[dict[str, Any]]:
        level = "ad" if "CREATIVE" in pivots else "campaign"
        found = []
        for entity in self.world.entities(account, level):
            if campaigns and str(entity.campaign) not in campaigns:
                continue
            for day in each_day(since, until):
                numbers = self.world.numbers(account, entity, day)
                if not numbers.is_nothing:
                    found.append(report_row(entity, day, numbers, pivots, names, account.currency))
        return found

    # -- changes ---------------------------------------------------------------------------------------------------

    @route("POST", "/rest/adAccounts/{account_id}/adCampaigns/{campaign_id}", is_write=True)
    def change_campaign(self, request: Request, account_id: str, campaign_id: str) -> Answer:
        """A partial update of status or daily budget."""
        found = self._one(account_id, campaign_id, "campaign")
        if found is None:
            return self.refusal("not_found")
        (campaign, account), wanted = found, _patch(request)
        budget, status = wanted.get("dailyBudget"), wanted.get("status")
        if budget and budget.get("currencyCode") != account.currency:
            return self._invalid("/Campaign/dailyBudget/currencyCode", "The currency must be the account's")
        if (status and status not in _SETTABLE) or not (budget or status):
            return self._invalid("/Campaign/status", "Nothing that can be changed")
        micros = micros_from_decimal(budget["amount"]) if budget else None
        if micros is not None and micros <= 0:
            return self._invalid("/Campaign/dailyBudget/amount", "The daily budget is too low")
        self.world.change(campaign.id, status=_SETTABLE.get(status or ""), daily_budget_micros=micros)
        return Answer(status=204, content=b"")

    @route("POST", "/rest/adAccounts/{account_id}/creatives/{urn}", is_write=True)
    def change_creative(self, request: Request, account_id: str, urn: str) -> Answer:
        """A partial update of the intended status."""
        found = self._one(account_id, unquote(urn).rpartition(":")[2], "ad")
        status = _patch(request).get("intendedStatus", "")
        if found is None:
            return self.refusal("not_found")
        if status not in _SETTABLE:
            return self._invalid("/intendedStatus", "Nothing that can be changed")
        self.world.change(found[0].id, status=_SETTABLE[status])
        return Answer(status=204, content=b"")

    def _invalid(self, path: str, message: str) -> Answer:
        """The newer form of an error, which names the field."""
        body = {
            "status": 400,
            "code": "INVALID_VALUE_FOR_FIELD",
            "serviceErrorCode": 10007,
            "message": message,
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "errorDetails": {"inputErrors": [{"code": "INVALID", "input": {"inputPath": {"fieldPath": path}}}]},
        }
        return Answer(body, status=400)


def _asked(params: Mapping[str, str]) -> tuple[list[str], list[str], date, date] | str:
    """Pivots, fields and days of a report; or what LinkedIn would say of wrong ones."""
    name = {"analytics": "pivot", "statistics": "pivots"}.get(params.get("q", ""))
    pivots = re.findall(r"\b(CAMPAIGN|CREATIVE)\b", params.get(name or "", ""))
    names = [one for one in params.get("fields", "impressions,clicks").split(",") if one]
    days = re.findall(r"year:(\d+),month:(\d+),day:(\d+)", params.get("dateRange", ""))
    if name is None or not 1 <= len(pivots) <= (1 if name == "pivot" else 3):
        return "pivot: invalid value for this finder"
    if "DAILY" not in params.get("timeGranularity", "") or len(days) != 2:
        return "timeGranularity, dateRange: invalid value"
    if len(names) > _MAX_FIELDS or not set(names) <= {*FIELDS, "dateRange", "pivotValues"}:
        return f"fields: up to {_MAX_FIELDS} known metrics are allowed"
    if not (params.get("accounts") or params.get("campaigns", "")).startswith("List("):
        return "accounts, campaigns: must be a list of URNs"
    since, until = (date(*map(int, day)) for day in days)
    return pivots, names, since, until


def _shown(one: Owned) -> dict[str, Any]:
    entity, account = one
    return campaign_body(entity, account) if entity.level == "campaign" else creative_body(entity, account)


def _patch(request: Request) -> dict[str, Any]:
    """What a partial update sets; nothing where it is not said that it is one."""
    if request.headers.get("x-restli-method") != "PARTIAL_UPDATE":
        return {}
    found: dict[str, Any] = request.json().get("patch", {}).get("$set", {})
    return found
