"""TikTok's API for Business v1.3 as the sandbox plays it: HTTP 200 for every refusal, parameters as JSON text, pages by number."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

import msgspec

from adloom_sdk.days import each_day, today_in
from adloom_sdk.money import MICROS, micros_from_decimal
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, Numbers, World, WorldAccount
from sandbox.platforms.tiktok_bodies import advertiser, decimal, entity_body

_BASE = "/open_api/v1.3"
_MAX_PAGE = 1000
_MAX_DAYS = 30
_KEPT_REPORTS = 16
_Row = tuple[Entity, date, Numbers]
_LEVELS = {"AUCTION_CAMPAIGN": "campaign", "AUCTION_ADGROUP": "ad_group", "AUCTION_AD": "ad"}
_ID_NAMES = {"campaign": "campaign_id", "ad_group": "adgroup_id", "ad": "ad_id"}
_PATHS = {"campaign": "campaign", "adgroup": "ad_group", "ad": "ad"}
_STATUSES = {"ENABLE": EntityStatus.ACTIVE, "DISABLE": EntityStatus.PAUSED, "DELETE": EntityStatus.REMOVED}
_REFUSALS: dict[Why, tuple[int, str]] = {
    "no_token": (40104, "Access token is null."),
    "expired": (40102, "Access token has expired."),
    "revoked": (40105, "Access token is incorrect or has been revoked."),
    "scope": (40001, "You do not have permission to this endpoint. Please grant the required scope."),
    "app_not_approved": (40118, "Your developer app has not been approved or has been suspended."),
    "account_disabled": (40001, "The advertiser account is disabled."),
    "throttled": (40100, "Too many requests. Please retry in some time."),
    "not_found": (40002, "The object does not exist."),
    "bad_request": (40002, "Invalid parameter."),
    "server_error": (50000, "System error."),
}
_METRICS: dict[str, Callable[[Numbers], object]] = {
    "spend": lambda one: decimal(one.spend_micros),
    "impressions": lambda one: str(one.impressions),
    "clicks": lambda one: str(one.clicks),
    "conversion": lambda one: str(one.conversions),
    "complete_payment": lambda one: str(one.conversions),
    "total_complete_payment_rate": lambda one: decimal(one.conversion_value_micros) if one.conversions else "-",
    "video_play_actions": lambda one: str(one.video_views),
    "reach": lambda one: str(one.reach),
    "cpc": lambda one: f"{one.spend_micros / MICROS / one.clicks:.3f}" if one.clicks else "-",
    "cpm": lambda one: f"{one.spend_micros / MICROS / one.impressions * 1000:.2f}" if one.impressions else "-",
    "ctr": lambda one: f"{one.clicks / one.impressions * 100:.2f}" if one.impressions else "-",
}


class TikTokAds(FakePlatform):
    """The advertiser on TikTok."""

    key = "tiktok_ads"
    host_names: ClassVar[tuple[str, ...]] = ("business-api.tiktok.com",)
    read_scope: ClassVar[str] = "4"
    write_scope: ClassVar[str] = "2"
    token_lifetime_s: ClassVar[int] = 10 * 365 * 86_400

    def __init__(self, world: World, **options: Any) -> None:
        super().__init__(world, **options)
        self._reports: dict[tuple[object, ...], list[_Row]] = {}

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:  # noqa: ARG002 - TikTok names no time
        """A code in the body, HTTP 200; only a version that is gone has a page of its own."""
        if why == "sunset":
            return Answer(status=404, headers={"content-type": "text/html"}, content=b"<html><body>404</body></html>")
        code, message = _REFUSALS[why]
        return self._body(code, detail or message, {})

    def token_of(self, request: Request) -> str:
        """TikTok has a header of its own."""
        return request.headers.get("access-token", "")

    def _body(self, code: int, message: str, data: Any) -> Answer:
        return Answer({"code": code, "message": message, "request_id": self._request_id(), "data": data})

    def _ok(self, data: Any) -> Answer:
        return self._body(0, "OK", data)

    def _request_id(self) -> str:
        return self.world.clock.now().strftime("%Y%m%d%H%M%S") + self.new_id().upper()

    # -- sign-in ---------------------------------------------------------------------------------------------------

    @route("GET", "/portal/auth", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        if request.params.get("app_id") != CLIENT_ID:
            return self._body(40101, "Illegal app_id.", {})
        page = self.consent.page(
            platform="TikTok for Business",
            action=f"{request.mount}/portal/auth/decide",
            params=request.params,
            scopes=(self.read_scope, self.write_scope),
        )
        return Answer(headers={"content-type": "text/html; charset=utf-8"}, content=page)

    @route("POST", "/portal/auth/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(scope for scope in (self.read_scope, self.write_scope) if f"grant={scope}" in _pairs(request))
        return Answer(
            status=302, headers={"location": self.consent.decide(request.form, granted, code_name="auth_code")}
        )

    @route("POST", f"{_BASE}/oauth2/access_token/", is_open=True)
    def token(self, request: Request) -> Answer:
        """A code against a token that does not run out; JSON only."""
        asked = request.json() if request.headers.get("content-type", "").startswith("application/json") else {}
        if (asked.get("app_id"), asked.get("secret")) != (CLIENT_ID, CLIENT_SECRET):
            return self._body(40101, "App id or secret is incorrect.", {})
        issued = self.consent.redeem(asked.get("auth_code", ""))
        if issued is None:
            return self._body(40110, "Auth_code is expired or has been used.", {})
        ids = [account.id for account in self.world.accounts]
        scopes = [int(scope) for scope in issued["scope"].split()]
        return self._ok({"access_token": issued["access_token"], "advertiser_ids": ids, "scope": scopes})

    # -- accounts --------------------------------------------------------------------------------------------------

    @route("GET", f"{_BASE}/oauth2/advertiser/get/")
    def advertisers(self, request: Request) -> Answer:
        """The advertisers of the sign-in; the app's id and secret are wanted beside the token."""
        if (request.params.get("app_id"), request.params.get("secret")) != (CLIENT_ID, CLIENT_SECRET):
            return self._body(40101, "App id or secret is incorrect.", {})
        found = [{"advertiser_id": one.id, "advertiser_name": one.name} for one in self.world.accounts]
        return self._ok({"list": found})

    @route("GET", f"{_BASE}/advertiser/info/")
    def advertiser_info(self, request: Request) -> Answer:
        """Details of up to a hundred advertisers."""
        ids = _parsed(request.params.get("advertiser_ids", ""))
        if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
            return self.refusal("bad_request", detail="advertiser_ids: must be a JSON array of 1 to 100 ids.")
        found = [account for one in ids if (account := self.world.account(str(one)))]
        if len(found) < len(ids):
            return self.refusal("scope", detail="No permission to operate advertiser.")
        return self._ok({"list": [advertiser(account) for account in found]})

    # -- lists -----------------------------------------------------------------------------------------------------

    @route("GET", f"{_BASE}/{{kind}}/get/")
    def entities(self, request: Request, kind: str) -> Answer:
        """Campaigns, ad groups or ads; deleted ones only where the filter asks for all."""
        account, level = self.world.account(request.params.get("advertiser_id", "")), _PATHS.get(kind)
        filtering = _parsed(request.params.get("filtering", "{}"))
        if level is None:
            return self.refusal("not_found", detail="The endpoint does not exist.")
        if account is None:
            return self.refusal("scope", detail="No permission to operate advertiser.")
        if not isinstance(filtering, dict):
            return self.refusal("bad_request", detail="filtering: must be a JSON object.")
        wants_deleted = filtering.get("secondary_status") == f"{kind.upper()}_STATUS_ALL"
        ids = filtering.get(f"{kind}_ids")
        found = [
            one
            for one in self.world.entities(account, level)
            if (wants_deleted or one.status is not EntityStatus.REMOVED) and (ids is None or one.id in ids)
        ]
        return self._page(request, found, lambda one: entity_body(one, account))

    def _page(self, request: Request, found: list[Any], shown: Callable[[Any], dict[str, Any]]) -> Answer:
        page, asked = request.params.get("page", "1"), request.params.get("page_size", "10")
        if not (page.isdigit() and asked.isdigit() and int(page) >= 1 and 1 <= int(asked) <= _MAX_PAGE):
            return self.refusal("bad_request", detail=f"page_size: must be between 1 and {_MAX_PAGE}.")
        size = min(int(asked), self.page_size)
        start = (int(page) - 1) * size
        info = {
            "page": int(page),
            "page_size": size,
            "total_page": -(-len(found) // size),
            "total_number": len(found),
        }
        return self._ok({"list": [shown(one) for one in found[start : start + size]], "page_info": info})

    # -- reports ---------------------------------------------------------------------------------------------------

    @route("GET", f"{_BASE}/report/integrated/get/")
    def report(self, request: Request) -> Answer:
        """Daily numbers of one level, up to 30 days."""
        account = self.world.account(request.params.get("advertiser_id", ""))
        if account is None:
            return self.refusal("scope", detail="No permission to operate advertiser.")
        if account.status is AccountStatus.DISABLED:
            return self.refusal("account_disabled")
        problem = _report_problem(request.params)
        if problem:
            return self.refusal("bad_request", detail=problem)
        level = _LEVELS[request.params["data_level"]]
        names = _parsed(request.params["metrics"])
        rows = self._snapshot(account, level, request.params)
        return self._page(request, rows, lambda row: _report_row(row, level, names))

    def _snapshot(self, account: WorldAccount, level: str, params: dict[str, str]) -> list[_Row]:
        """The rows as they were when the first page was asked for: later pages neither lose nor double one."""
        hour = self.world.clock.now().replace(minute=0, second=0, microsecond=0)
        key = (account.id, level, params["start_date"], params["end_date"], params.get("filtering"), hour)
        kept = self._reports.get(key) if params.get("page", "1") != "1" else None
        rows = kept if kept is not None else self._rows(account, level, params)
        with self._guard:
            self._reports[key] = rows
            while len(self._reports) > _KEPT_REPORTS:
                del self._reports[next(iter(self._reports))]
        return rows

    def _rows(self, account: WorldAccount, level: str, params: dict[str, str]) -> list[_Row]:
        """Deleted entities are left out unless the filter asks for all; so are days without delivery."""
        has_all = "STATUS_ALL" in params.get("filtering", "")
        since, until = date.fromisoformat(params["start_date"]), date.fromisoformat(params["end_date"])
        found = []
        for one in self.world.entities(account, level):
            if one.status is EntityStatus.REMOVED and not has_all:
                continue
            for day in each_day(since, until):
                numbers = self.world.numbers(account, one, day)
                if not numbers.is_nothing:
                    found.append((one, day, numbers))
        return found

    # -- changes ---------------------------------------------------------------------------------------------------

    @route("POST", f"{_BASE}/{{kind}}/status/update/", is_write=True)
    def update_status(self, request: Request, kind: str) -> Answer:
        """Up to 20 entities at once."""
        asked = request.json()
        ids, word = asked.get(f"{kind}_ids"), asked.get("operation_status")
        if kind not in _PATHS or not isinstance(ids, list) or not 1 <= len(ids) <= 20 or word not in _STATUSES:
            return self.refusal("bad_request", detail="operation_status: invalid parameter.")
        if any(not self._owns(asked, one, _PATHS[kind]) for one in ids):
            return self.refusal("not_found", detail=f"{kind}_ids: the {kind} does not exist.")
        for one in ids:
            self.world.change(one, status=_STATUSES[word])
        return self._ok({f"{kind}_ids": ids, "status": word, f"{kind}_list": []})

    @route("POST", f"{_BASE}/campaign/update/", is_write=True)
    def update_campaign(self, request: Request) -> Answer:
        """A new budget, of at least 105 % of what was spent today."""
        asked = request.json()
        found = self._owns(asked, str(asked.get("campaign_id", "")), "campaign")
        if found is None:
            return self.refusal("not_found", detail="campaign_id: the campaign does not exist.")
        account, campaign = found
        budget = micros_from_decimal(asked.get("budget", 0))
        if budget * 100 < self._spent_today(account, campaign) * 105:
            return self.refusal("bad_request", detail="budget: must be at least 105% of the current spend of today.")
        changed = self.world.change(campaign.id, daily_budget_micros=budget)
        return self._ok(entity_body(changed or campaign, account))

    def _owns(self, asked: dict[str, Any], entity_id: str, level: str) -> tuple[WorldAccount, Entity] | None:
        found = self.world.find(entity_id)
        is_right = found and found[0].id == asked.get("advertiser_id") and found[1].level == level
        return found if is_right else None

    def _spent_today(self, account: WorldAccount, campaign: Entity) -> int:
        today = today_in(account.timezone, self.world.clock.now())
        return self.world.numbers(account, campaign, today).spend_micros


def _report_problem(params: dict[str, str]) -> str:
    """What TikTok would say of wrong parameters; '' where all is right."""
    level = _LEVELS.get(params.get("data_level", ""))
    if params.get("report_type") != "BASIC" or level is None:
        return "report_type, data_level: invalid parameter."
    if _parsed(params.get("dimensions", "")) != [_ID_NAMES[level], "stat_time_day"]:
        return "dimensions: must be a JSON array that fits data_level."
    names = _parsed(params.get("metrics", ""))
    known = {*_METRICS, *([] if level == "campaign" else ["campaign_id"]), *(["adgroup_id"] if level == "ad" else [])}
    if not isinstance(names, list) or not set(names) <= known:
        return "metrics: must be a JSON array of known metrics."
    since, until = params.get("start_date", ""), params.get("end_date", "")
    try:
        is_long = date.fromisoformat(until) - date.fromisoformat(since) >= timedelta(days=_MAX_DAYS)
    except ValueError:
        return "start_date, end_date: must be YYYY-MM-DD."
    return "The time span of the query must be within 30 days." if is_long else ""


def _report_row(row: _Row, level: str, names: list[str]) -> dict[str, Any]:
    entity, day, numbers = row
    attributes = {"campaign_id": str(entity.campaign), "adgroup_id": str(entity.parent)}
    metrics = {name: attributes.get(name) or _METRICS[name](numbers) for name in names}
    return {"dimensions": {"stat_time_day": f"{day} 00:00:00", _ID_NAMES[level]: entity.id}, "metrics": metrics}


def _parsed(text: str) -> Any:
    """A parameter that is JSON text; None where it is none."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _pairs(request: Request) -> list[str]:
    return request.body.decode().split("&")
