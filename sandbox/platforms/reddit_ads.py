"""A fake of Reddit's Ads API v3: complete next addresses, micro spend, reports whose end counts as inside, picky about names."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode
from zoneinfo import ZoneInfo, available_timezones

from adloom_sdk.days import each_day
from adloom_sdk.money import minor_digits, minor_from_micros
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

_SCOPES = ("adsread", "adsedit", "read")
_STATUS = {EntityStatus.ACTIVE: "ACTIVE", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "DELETED"}
_NOUNS = {"campaigns": "campaign", "ad_groups": "ad_group", "ads": "ad"}
_LEVELS = {"CAMPAIGN_ID": "campaign", "AD_GROUP_ID": "ad_group", "AD_ID": "ad"}
_BUSINESS = "b7d0c2d4-1111-4222-8333-444455556666"
_MOST_BREAKDOWNS = 3
_MOST_PAGE = 1000


class RedditAds(FakePlatform):
    """Reddit as the connector sees it."""

    key = "reddit_ads"
    host_names = ("ads-api.reddit.com", "www.reddit.com")
    read_scope = "adsread"
    write_scope = "adsedit"
    token_lifetime_s = 3600
    # The rows of the report that is being paged, so that its pages fit together.
    _prepared: tuple[tuple[str, bytes], list[dict[str, Any]]] = (("", b""), [])

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Code and message in an envelope; the seconds until the count begins anew where calls are throttled."""
        code, message = _REFUSALS[why]
        body = {"error": {"code": code, "message": detail or message}}
        headers: dict[str, str] = {}
        if why == "throttled":
            headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": str(int(retry_after_s + 0.999))}
        return Answer(body, status=code, headers=headers)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - the same for every call
        """What is left, with the decimal point that Reddit writes."""
        return {"x-ratelimit-remaining": f"{max(1.0, self.bucket.tokens):.1f}", "x-ratelimit-reset": "60"}

    def handle(self, request: Request) -> Answer:
        """Clients without a name of their own get a page for people, before anything else."""
        agent = request.headers.get("user-agent", "")
        is_page = request.path.startswith(("/_sim/", "/api/v1/authorize"))
        if not is_page and (not agent or agent.lower().startswith(("python-", "curl"))):
            page = b"<!doctype html><html><title>Too Many Requests</title><h1>whoa there, pardner!</h1></html>"
            return Answer(status=429, content=page, headers={"content-type": "text/html; charset=UTF-8"})
        return super().handle(request)

    # -- signing in ------------------------------------------------------------------------------------------------

    @route("GET", "/api/v1/authorize", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent; without `duration=permanent` Reddit would give no refresh token."""
        params = request.params
        asked = tuple(params.get("scope", "").split())
        if params.get("client_id") != CLIENT_ID or params.get("duration") != "permanent" or set(asked) - set(_SCOPES):
            return Answer({"message": "Bad Request", "error": 400}, status=400)
        kept = {name: params.get(name, "") for name in ("redirect_uri", "state")}
        action = f"{request.mount}/api/v1/authorize/decide"
        page = self.consent.page(platform="Reddit", action=action, params=kept, scopes=asked)
        return Answer(content=page, headers={"content-type": "text/html; charset=utf-8"})

    @route("POST", "/api/v1/authorize/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/api/v1/access_token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code, which come with a refresh token; renewed ones come without."""
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return Answer({"error": "invalid_client", "message": "Unauthorized"}, status=401)
        form = request.form
        is_refresh = form.get("grant_type") == "refresh_token"
        kept = form.get("refresh_token", "")
        issued = self.consent.refresh(kept) if is_refresh else self.consent.redeem(form.get("code", ""))
        if issued is None:
            return Answer({"error": "invalid_grant"}, status=400)
        body = {
            "access_token": issued["access_token"],
            "token_type": "bearer",
            "expires_in": int(issued["expires_in"]),
            "scope": issued["scope"],
        }
        return Answer(body if is_refresh else body | {"refresh_token": issued["refresh_token"]})

    # -- what there is ---------------------------------------------------------------------------------------------

    @route("GET", "/api/v3/me/businesses")
    def businesses(self, request: Request) -> Answer:
        """The one business of the advertiser."""
        return self._page(request, [{"id": _BUSINESS, "name": "Northwind", "industry": "RETAIL"}])

    @route("GET", "/api/v3/businesses/{business_id}/ad_accounts")
    def accounts(self, request: Request, business_id: str) -> Answer:
        """Its ad accounts, suspended ones too."""
        if business_id != _BUSINESS:
            return self.refusal("not_found")
        return self._page(request, [_shown_account(one) for one in self.world.accounts])

    @route("POST", "/api/v3/ad_accounts/{account_id}/reports")
    def report(self, request: Request, account_id: str) -> Answer:
        """Rows per entity and day; every day that the window touches has one, the end's hour included."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        order = request.json().get("data", {})
        if wrong := _wrong_order(order):
            return self.refusal("bad_request", detail=wrong)
        key = (account_id, request.body)
        if "page.token" not in request.params or self._prepared[0] != key:
            self._prepared = (key, self._report_rows(account, order))
        rows = self._prepared[1]
        paged = self._page(request, rows)
        if paged.status != 200:
            return paged
        return replace(paged, body={"data": {"metrics": paged.body["data"]}, "pagination": paged.body["pagination"]})

    @route("GET", "/api/v3/ad_accounts/{account_id}/{noun}")
    def entities(self, request: Request, account_id: str, noun: str) -> Answer:
        """A page of entities, deleted ones too."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        if noun not in _NOUNS:
            return self.refusal("not_found")
        return self._page(request, [self._shown(account, one) for one in self.world.entities(account, _NOUNS[noun])])

    @route("GET", "/api/v3/{noun}/{entity_id}")
    def entity(self, request: Request, noun: str, entity_id: str) -> Answer:  # noqa: ARG002 - the path says it all
        """One entity."""
        found = self.world.find(entity_id)
        if found is None or found[1].level != _NOUNS.get(noun):
            return self.refusal("not_found")
        return Answer({"data": self._shown(*found)})

    @route("PATCH", "/api/v3/{noun}/{entity_id}", is_write=True)
    def patch(self, request: Request, noun: str, entity_id: str) -> Answer:
        """Change one entity."""
        found = self.world.find(entity_id)
        if found is None or found[1].level != _NOUNS.get(noun):
            return self.refusal("not_found")
        account, entity = found
        change = request.json().get("data", {})
        if wrong := _wrong_change(entity, change):
            return self.refusal("bad_request", detail=wrong)
        status = EntityStatus(change["configured_status"].lower()) if "configured_status" in change else None
        changed = self.world.change(entity_id, status=status, daily_budget_micros=change.get("goal_value"))
        return Answer({"data": self._shown(account, changed or entity)}, headers={"x-request-id": self.new_id()})

    # -- parts -----------------------------------------------------------------------------------------------------

    def _readable(self, account_id: str) -> WorldAccount | Answer:
        account = self.world.account(self.undressed(account_id)) if account_id.startswith("a2_") else None
        if account is None:
            return self.refusal("not_found")
        return self.refusal("account_disabled") if account.status is AccountStatus.DISABLED else account

    def _report_rows(self, account: WorldAccount, order: dict[str, Any]) -> list[dict[str, Any]]:
        level = next(_LEVELS[name] for name in order["breakdowns"] if name in _LEVELS)
        days = _touched_days(order)
        return [
            _row(account, entity, day, numbers, order)
            for entity in self.world.entities(account, level)
            for day in days
            if not (numbers := self.world.numbers(account, entity, day)).is_nothing
        ]

    def _page(self, request: Request, items: Sequence[dict[str, Any]]) -> Answer:
        """A page with the complete address of the next; a parameter given twice makes the address too long."""
        names = [name for name, _ in parse_qsl(request.query)]
        if len(names) != len(set(names)):
            return Answer({"error": {"code": 414, "message": "Request-URI Too Large"}}, status=414)
        size, mark = request.params.get("page.size", "25"), request.params.get("page.token", "0")
        if not size.isdigit() or not 1 <= int(size) <= _MOST_PAGE or not mark.isdigit():
            return self.refusal("bad_request", detail="Invalid page.size or page.token.")
        start, count = int(mark), min(int(size), self.page_size)
        following = None
        if start + count < len(items):
            query = urlencode({"page.size": size, "page.token": start + count})
            following = f"https://{self.host_names[0]}{request.path}?{query}"
        pagination = {"next_url": following, "previous_url": None}
        return Answer({"data": list(items[start : start + count]), "pagination": pagination})

    def _shown(self, account: WorldAccount, one: Entity) -> dict[str, Any]:
        status = _STATUS[one.status]
        common = {
            "id": one.id,
            "ad_account_id": f"a2_{account.id}",
            "name": one.name,
            "configured_status": status,
            "effective_status": status,
            "created_at": "2024-01-05T10:00:00.000000+00:00",
            "modified_at": "2026-01-05T10:00:00.000000+00:00",
        }
        if one.level == "campaign":
            return common | _campaign(one)
        if one.level == "ad":
            return common | _ad(one)
        owner = self.world.find(str(one.campaign))
        budget = (owner[1].daily_budget_micros or 0) // 2 if owner and owner[1].is_budget_shared else None
        return common | {
            "campaign_id": str(one.campaign),
            "goal_type": "DAILY_SPEND" if budget else None,
            "goal_value": budget,
            "bid_strategy": "MAXIMIZE_VOLUME",
        }


def _shown_account(one: WorldAccount) -> dict[str, Any]:
    is_stopped = one.status is AccountStatus.DISABLED
    return {
        "id": f"a2_{one.id}",
        "business_id": _BUSINESS,
        "name": one.name,
        "currency": one.currency,
        "time_zone_id": one.timezone,
        "type": "SELF_SERVE",
        "status": "SUSPENDED" if is_stopped else "VALID",
        "suspension_reason": "POLICY" if is_stopped else None,
    }


def _campaign(one: Entity) -> dict[str, Any]:
    owns = not one.is_budget_shared
    return {
        "objective": "CONVERSIONS",
        "goal_type": "DAILY_SPEND" if owns else None,
        "goal_value": one.daily_budget_micros if owns else None,
        "spend_cap": None,
        "is_campaign_budget_optimization": owns,
        "funding_instrument_id": "40231",
        "special_ad_categories": [],
    }


def _ad(one: Entity) -> dict[str, Any]:
    return {
        "campaign_id": str(one.campaign),
        "ad_group_id": str(one.parent),
        "post_id": f"t3_{one.id}",
        "post_url": f"https://www.reddit.com/r/u_northwind/comments/{one.id}/",
        "click_url": "https://northwind.example/",
        "preview_url": None,
        "rejection_reason": None,
    }


def _wrong_order(order: dict[str, Any]) -> str:
    """What Reddit would object to; '' where nothing."""
    breakdowns = order.get("breakdowns", [])
    if not 1 <= len(breakdowns) <= _MOST_BREAKDOWNS or not any(name in _LEVELS for name in breakdowns):
        return f"breakdowns must have 1 to {_MOST_BREAKDOWNS} items."
    if order.get("time_zone_id") not in _zones():
        return "Invalid time_zone_id."
    if not set(order.get("fields", [])) <= set(_FIELDS) or not order.get("fields"):
        return "Invalid fields."
    for name in ("starts_at", "ends_at"):
        if not str(order.get(name, "")).endswith(":00:00Z"):
            return f"{name} must be aligned to the hour."
    return ""


@lru_cache
def _zones() -> set[str]:
    return available_timezones()


def _wrong_change(entity: Entity, change: dict[str, Any]) -> str:
    if change.get("configured_status") not in {None, "ACTIVE", "PAUSED"} or entity.status is EntityStatus.REMOVED:
        return "configured_status cannot be changed to this value."
    if "goal_value" not in change:
        return ""
    if entity.level != "campaign" or entity.is_budget_shared or change.get("goal_type") != "DAILY_SPEND":
        return "goal_value needs goal_type, and a campaign with budget optimization."
    return "" if isinstance(change["goal_value"], int) and change["goal_value"] > 0 else "goal_value must be positive."


def _touched_days(order: dict[str, Any]) -> list[date]:
    """The zone's days from the first hour to the last one, which begins at `ends_at`."""
    zone = ZoneInfo(order["time_zone_id"])
    first = datetime.fromisoformat(order["starts_at"]).astimezone(zone)
    last = datetime.fromisoformat(order["ends_at"]).astimezone(zone) + timedelta(minutes=59)
    return list(each_day(first.date(), last.date()))


def _row(account: WorldAccount, entity: Entity, day: date, numbers: Numbers, order: dict[str, Any]) -> dict[str, Any]:
    ids = {"CAMPAIGN_ID": str(entity.campaign), "DATE": day.isoformat()}
    if entity.level != "campaign":
        ids["AD_GROUP_ID"] = entity.id if entity.level == "ad_group" else str(entity.parent)
    if entity.level == "ad":
        ids["AD_ID"] = entity.id
    row: dict[str, Any] = {name.lower(): ids[name] for name in order["breakdowns"]}
    value = minor_from_micros(numbers.conversion_value_micros, minor_digits(account.currency))
    from_views = numbers.conversions // 4
    told = (
        numbers.impressions,
        numbers.clicks,
        numbers.spend_micros,
        numbers.reach,
        numbers.video_views,
        numbers.conversions - from_views,
        from_views,
        value,
    )
    known = dict(zip(_FIELDS, told, strict=True))
    return row | {name.lower(): known[name] for name in order["fields"]}


_FIELDS = (
    "IMPRESSIONS",
    "CLICKS",
    "SPEND",
    "REACH",
    "VIDEO_WATCHED_3_SECONDS",
    "CONVERSION_PURCHASE_CLICKS",
    "CONVERSION_PURCHASE_VIEWS",
    "CONVERSION_PURCHASE_TOTAL_VALUE",
)
_REFUSALS: dict[Why, tuple[int, str]] = {
    "no_token": (401, "Unauthorized"),
    "expired": (401, "Unauthorized"),
    "revoked": (401, "Unauthorized"),
    "scope": (403, "Insufficient authentication scopes."),
    "app_not_approved": (403, "This app is not on the allowlist of the Ads API."),
    "account_disabled": (403, "The ad account is suspended."),
    "throttled": (429, "Too Many Requests"),
    "not_found": (404, "Not Found"),
    "bad_request": (400, "Invalid request."),
    "server_error": (500, "Internal Server Error"),
    "sunset": (410, "This version of the API is no longer supported."),
}
