"""A fake of Pinterest's API v5: bare arrays with capital keys, asynchronous reports, writes whose items fail one by one."""

import base64
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs

from adloom_sdk.days import each_day
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.pinterest_ads_bodies import (
    REFUSALS,
    TRACKING,
    ad_fields,
    campaign_fields,
    shown_account,
    values,
    written_item,
)

_SCOPES = ("ads:read", "ads:write", "user_accounts:read")
_STATUS = {EntityStatus.ACTIVE: "ACTIVE", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "ARCHIVED"}
_SUMMARY = {"ACTIVE": "RUNNING", "PAUSED": "PAUSED", "ARCHIVED": "ARCHIVED"}
_NOUNS = {"campaigns": "campaign", "ad_groups": "ad_group", "ads": "ad"}
_ID_NAMES = {"campaigns": "campaign_ids", "ad_groups": "ad_group_ids", "ads": "ad_ids"}
_REPORT_LEVELS = {"CAMPAIGN": "campaign", "AD_GROUP": "ad_group", "PIN_PROMOTION": "ad"}
_WINDOWS = ("click_window_days", "engagement_window_days", "view_window_days")
_POLLS_UNTIL_READY = 2


class PinterestAds(FakePlatform):
    """Pinterest as the connector sees it. `failing_reports` is how many of the next reports come to nothing."""

    key = "pinterest_ads"
    host_names = ("api.pinterest.com", "www.pinterest.com")
    read_scope = "ads:read"
    write_scope = "ads:write"
    token_lifetime_s: ClassVar[int] = 30 * 86_400

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.consent.rotates = True
        self.failing_reports = 0
        self._reports: dict[str, dict[str, Any]] = {}

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """A code and a message; the budget's reset in seconds where calls are throttled."""
        status, code, message = REFUSALS[why]
        headers = {"x-pinterest-rid": self.new_id()}
        if why == "throttled":
            headers |= {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(retry_after_s + 0.999))}
        return Answer({"code": code, "message": detail or message}, status=status, headers=headers)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - the same for every call
        """What is left of the minute."""
        left = max(1, int(self.bucket.tokens))
        return {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": str(left), "x-ratelimit-reset": "60"}

    # -- signing in ------------------------------------------------------------------------------------------------

    @route("GET", "/oauth", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        asked = tuple(request.params.get("scope", "").split(","))
        unknown = [scope for scope in asked if scope not in _SCOPES]
        if unknown or request.params.get("client_id") != CLIENT_ID:
            return Answer({"code": 1, "message": "Invalid client or scope."}, status=400)
        kept = {name: request.params.get(name, "") for name in ("redirect_uri", "state")}
        page = self.consent.page(
            platform="Pinterest", action=f"{request.mount}/oauth/decide", params=kept, scopes=asked
        )
        return Answer(content=page, headers={"content-type": "text/html; charset=utf-8"})

    @route("POST", "/oauth/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/v5/oauth/token", is_open=True)
    def token(self, request: Request) -> Answer:
        """Tokens for a code or a refresh token."""
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return Answer({"error": "invalid_client", "code": 2, "message": "Authentication failed."}, status=401)
        form = request.form
        is_refresh = form.get("grant_type") == "refresh_token"
        issued = (
            self.consent.refresh(form.get("refresh_token", ""))
            if is_refresh
            else self.consent.redeem(form.get("code", ""))
        )
        if issued is None:
            return Answer({"error": "invalid_grant", "code": 283, "message": "Invalid or used grant."}, status=400)
        return Answer(
            {
                "access_token": issued["access_token"],
                "refresh_token": issued["refresh_token"],
                "expires_in": int(issued["expires_in"]),
                "refresh_token_expires_in": 60 * 86_400,
                "response_type": "refresh_token" if is_refresh else "authorization_code",
                "scope": issued["scope"],
                "token_type": "bearer",
            }
        )

    # -- what there is ---------------------------------------------------------------------------------------------

    @route("GET", "/v5/ad_accounts")
    def accounts(self, request: Request) -> Answer:
        """Every ad account, whatever its state."""
        return self._page(request, [shown_account(one) for one in self.world.accounts])

    @route("GET", "/v5/ad_accounts/{account_id}/reports")
    def report(self, request: Request, account_id: str) -> Answer:  # noqa: ARG002 - the token says it all
        """How far a report is; its address once it is ready."""
        token = request.params.get("token", "")
        found = self._reports.get(token)
        if found is None:
            return Answer({"report_status": "DOES_NOT_EXIST", "url": None, "size": None})
        found["polls"] += 1
        if found["polls"] < _POLLS_UNTIL_READY:
            return Answer({"report_status": "IN_PROGRESS", "url": None, "size": None})
        if found["fails"]:
            return Answer({"report_status": "FAILED", "url": None, "size": None})
        url = request.public_url(f"/report-files/{token}")
        return Answer({"report_status": "FINISHED", "url": url, "size": 1.0})

    @route("GET", "/report-files/{token}", is_open=True)
    def report_file(self, request: Request, token: str) -> Answer:  # noqa: ARG002 - the path says it all
        """The finished report: an object from entity to its rows."""
        ordered = self._reports[token]
        account, level = ordered["account"], ordered["level"]
        days = list(each_day(ordered["since"], ordered["until"]))
        found: dict[str, list[dict[str, Any]]] = {}
        for entity in self.world.entities(account, level):
            rows = self._rows(account, entity, days, ordered["columns"])
            if rows:
                found[entity.id] = rows
        return Answer(found)

    @route("POST", "/v5/ad_accounts/{account_id}/reports")
    def order_report(self, request: Request, account_id: str) -> Answer:
        """Take the order of a report."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        body = request.json()
        since, until = date.fromisoformat(body["start_date"]), date.fromisoformat(body["end_date"])
        oldest = self.world.clock.now().date() - timedelta(days=914)
        if since < oldest or (until - since).days > 186 or body.get("level") not in _REPORT_LEVELS:
            return self.refusal("bad_request", detail="Invalid start_date, end_date or level.")
        token = self.new_id()
        self._reports[token] = {
            "account": account,
            "level": _REPORT_LEVELS[body["level"]],
            "since": since,
            "until": until,
            "columns": body["columns"],
            "polls": 0,
            "fails": self.failing_reports > 0,
        }
        self.failing_reports = max(0, self.failing_reports - 1)
        return Answer({"report_status": "IN_PROGRESS", "token": token, "message": ""})

    @route("GET", "/v5/ad_accounts/{account_id}/{noun}/analytics")
    def analytics(self, request: Request, account_id: str, noun: str) -> Answer:
        """A bare array of days with capital keys, for at most a hundred entities of the last 90 days."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        if wrong := self._wrong_analytics(request, noun):
            return self.refusal("bad_request", detail=wrong)
        asked = set(request.all(_ID_NAMES[noun]))
        days = list(each_day(*(date.fromisoformat(request.params[name]) for name in ("start_date", "end_date"))))
        columns = request.params["columns"].split(",")
        rows: list[dict[str, Any]] = []
        for entity in self.world.entities(account, _NOUNS[noun]):
            if entity.id in asked:
                rows += self._rows(account, entity, days, columns)
        return Answer(rows)

    @route("GET", "/v5/ad_accounts/{account_id}/{noun}")
    def entities(self, request: Request, account_id: str, noun: str) -> Answer:
        """A page of entities of the states asked for; archived ones only where they are asked for."""
        account = self._readable(account_id)
        if isinstance(account, Answer) or noun not in _NOUNS:
            return account if isinstance(account, Answer) else self.refusal("not_found")
        wanted = request.all("entity_statuses") or ["ACTIVE", "PAUSED"]
        found = [self._shown(account, one) for one in self.world.entities(account, _NOUNS[noun])]
        return self._page(request, [one for one in found if one["status"] in wanted])

    @route("GET", "/v5/ad_accounts/{account_id}/{noun}/{entity_id}")
    def entity(self, request: Request, account_id: str, noun: str, entity_id: str) -> Answer:  # noqa: ARG002 - ids say it all
        """One entity."""
        found = self.world.find(entity_id)
        if found is None or found[0].id != account_id or found[1].level != _NOUNS.get(noun):
            return self.refusal("not_found")
        return Answer(self._shown(*found))

    @route("PATCH", "/v5/ad_accounts/{account_id}/{noun}", is_write=True)
    def patch(self, request: Request, account_id: str, noun: str) -> Answer:
        """Change a list of entities; HTTP 200 whatever becomes of each."""
        results = [self._patch_one(account_id, noun, item) for item in request.json()]
        return Answer({"items": results}, headers={"x-pinterest-rid": self.new_id()})

    # -- parts -----------------------------------------------------------------------------------------------------

    def _patch_one(self, account_id: str, noun: str, item: dict[str, Any]) -> dict[str, Any]:
        found = self.world.find(str(item.get("id")))
        if found is None or found[0].id != account_id or found[1].level != _NOUNS.get(noun):
            return written_item({}, 4, "The entity was not found.")
        account, entity = found
        budget = item.get("daily_spend_cap")
        if budget is not None and entity.is_budget_shared:
            return written_item({}, 1, "daily_spend_cap needs campaign budget optimization.")
        if entity.status is EntityStatus.REMOVED or item.get("status") not in {None, "ACTIVE", "PAUSED"}:
            return written_item({}, 1, "The status cannot be changed to this value.")
        status = EntityStatus(item["status"].lower()) if "status" in item else None
        changed = self.world.change(entity.id, status=status, daily_budget_micros=budget)
        return written_item(self._shown(account, changed or entity))

    def _readable(self, account_id: str) -> WorldAccount | Answer:
        account = self.world.account(account_id)
        if account is None:
            return self.refusal("not_found")
        return self.refusal("account_disabled") if account.status is AccountStatus.DISABLED else account

    def _wrong_analytics(self, request: Request, noun: str) -> str:
        """What Pinterest would object to; '' where nothing."""
        if noun not in _ID_NAMES:
            return "Unknown entity."
        ids, params = request.all(_ID_NAMES[noun]), request.params
        if not 1 <= len(ids) <= 100:
            return f"{_ID_NAMES[noun]} must have 1 to 100 items."
        if not params.get("columns") or params.get("granularity") != "DAY":
            return "columns and granularity are required."
        if any(params.get(name, "30") not in {"0", "1", "7", "14", "30", "60"} for name in _WINDOWS):
            return "Invalid attribution window."
        since, until = date.fromisoformat(params["start_date"]), date.fromisoformat(params["end_date"])
        if (self.world.clock.now().date() - since).days > 90 or (until - since).days > 90:
            return "start_date can be at most 90 days back, and the range at most 90 days."
        return ""

    def _page(self, request: Request, items: Sequence[dict[str, Any]]) -> Answer:
        size = int(request.params.get("page_size", "25"))
        if not 1 <= size <= 250:
            return self.refusal("bad_request", detail="page_size must be between 1 and 250.")
        mark = request.params.get("bookmark", "bm0").removeprefix("bm")
        if not mark.isdigit():
            return self.refusal("bad_request", detail="Invalid bookmark.")
        size, start = min(size, self.page_size), int(mark)
        bookmark = f"bm{start + size}" if start + size < len(items) else None
        return Answer({"items": list(items[start : start + size]), "bookmark": bookmark})

    def _rows(
        self, account: WorldAccount, entity: Entity, days: list[date], columns: list[str]
    ) -> list[dict[str, Any]]:
        """Days without delivery have no row."""
        rows = []
        for day in days:
            numbers = self.world.numbers(account, entity, day)
            if not numbers.is_nothing:
                rows.append({"DATE": day.isoformat(), **values(entity, numbers, columns)})
        return rows

    def _shown(self, account: WorldAccount, one: Entity) -> dict[str, Any]:
        status = _STATUS[one.status]
        common = {
            "id": one.id,
            "ad_account_id": account.id,
            "name": one.name,
            "status": status,
            "summary_status": _SUMMARY[status],
            "tracking_urls": TRACKING,
            "created_time": 1_476_477_189,
            "updated_time": 1_476_477_189,
        }
        return common | {"campaign": campaign_fields, "ad_group": self._ad_group, "ad": ad_fields}[one.level](one)

    def _ad_group(self, one: Entity) -> dict[str, Any]:
        found = self.world.find(str(one.campaign))
        owner = found[1] if found else one
        budget = (owner.daily_budget_micros or 0) // 2 if owner.is_budget_shared else None
        return {
            "campaign_id": str(one.campaign),
            "budget_in_micro_currency": budget,
            "budget_type": "DAILY" if budget else "CBO_ADGROUP",
            "auto_targeting_enabled": True,
            "bid_in_micro_currency": 5_000_000,
            "bid_strategy_type": "MAX_BID",
            "billable_event": "CLICKTHROUGH",
            "start_time": None,
            "end_time": None,
            "type": "adgroup",
        }
