"""Snapchat's Marketing API as the sandbox plays it: everything in items, links to a foreign host, local midnights, whole objects."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from adloom_sdk.days import each_day, midnight
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.snapchat_bodies import (
    FIELDS,
    ORGANIZATION_ID,
    account_body,
    creative_body,
    entity_body,
    organization_body,
    report_body,
    world_id,
)

_FOREIGN_HOST = "https://adsapisc.appspot.com"
_LEVELS = {"campaigns": "campaign", "adsquads": "ad_group", "ads": "ad"}
_SINGULAR = {"campaigns": "campaign", "adsquads": "adsquad", "ads": "ad", "creatives": "creative"}
_BREAKDOWNS = {"campaign": "campaign", "adsquad": "ad_group", "ad": "ad"}
_STATUSES = {"ACTIVE": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED}
_REQUIRED = {
    "campaigns": ("id", "name", "ad_account_id", "status", "start_time"),
    "adsquads": ("id", "name", "campaign_id", "status", "type", "placement", "billing_event"),
    "ads": ("id", "name", "ad_squad_id", "status", "type", "creative_id"),
}
_MIN_BUDGETS = {"campaigns": 20_000_000, "adsquads": 5_000_000}
_REFUSALS: dict[Why, tuple[int, str, str]] = {
    "no_token": (401, "", "Unauthorized"),
    "expired": (401, "", "Unauthorized"),
    "revoked": (401, "", "Unauthorized: the access was revoked"),
    "scope": (403, "E3001", "Insufficient role for this entity"),
    "app_not_approved": (403, "E3002", "This client is not on the allowlist of the Marketing API"),
    "account_disabled": (403, "E3003", "The ad account is disabled"),
    "throttled": (429, "E1009", "Too many requests"),
    "not_found": (404, "E1001", "Resource can not be found"),
    "bad_request": (400, "E1003", "Invalid query parameters in request URL"),
    "server_error": (500, "E1000", "Internal error"),
}


class SnapchatAds(FakePlatform):
    """The advertiser on Snapchat."""

    key = "snapchat_ads"
    host_names: ClassVar[tuple[str, ...]] = ("adsapi.snapchat.com", "accounts.snapchat.com")
    read_scope: ClassVar[str] = "snapchat-marketing-api"
    write_scope: ClassVar[str] = "snapchat-marketing-api"
    token_lifetime_s: ClassVar[int] = 1800

    def __init__(self, world: World, **options: Any) -> None:
        super().__init__(world, **options)
        # Entities of which a write left the budget out: Snapchat then takes it away.
        self.cleared: set[str] = set()
        # Entities whose item fails though the request succeeds.
        self.broken: set[str] = set()

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Status and messages; a token that is refused has a shorter form."""
        if why == "sunset":
            return Answer(status=404, headers={"content-type": "text/html"}, content=b"<html><body>404</body></html>")
        status, code, message = _REFUSALS[why]
        body = {"request_status": "ERROR", "request_id": self.new_id()}
        if status == 401:
            return Answer(body | {"msg": message}, status=status)
        shown = "We're sorry, but the requested resource is not available at this time"
        body |= {"debug_message": detail or message, "display_message": shown, "error_code": code}
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{retry_after_s:.0f}"} if status == 429 else {}
        return Answer(body, status=status, headers=headers)

    def undressed(self, shown_id: str) -> str:
        """The world's digits of an id."""
        return world_id(shown_id)

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - every answer has them
        """What is left of the budget, and in how many seconds it fills."""
        left = int(self.bucket.tokens)
        return {
            "x-ratelimit-limit": str(int(self.bucket.burst)),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": "1",
        }

    def _ok(self, plural: str, items: list[dict[str, Any]], word: str = "SUCCESS", **more: Any) -> Answer:
        return Answer({"request_status": word, "request_id": self.new_id(), **more, plural: items})

    # -- sign-in ---------------------------------------------------------------------------------------------------

    @route("GET", "/login/oauth2/authorize", is_open=True)
    def authorize(self, request: Request) -> Answer:
        """The page that asks for consent."""
        asked = request.params
        if asked.get("client_id") != CLIENT_ID or asked.get("scope") != self.read_scope:
            return Answer({"error": "invalid_client", "error_description": "Unknown client or scope"}, status=400)
        page = self.consent.page(
            platform="Snapchat",
            action=f"{request.mount}/login/oauth2/authorize/decide",
            params=asked,
            scopes=(self.read_scope,),
        )
        return Answer(headers={"content-type": "text/html; charset=utf-8"}, content=page)

    @route("POST", "/login/oauth2/authorize/decide", is_open=True)
    def decide(self, request: Request) -> Answer:
        """Back to the app."""
        granted = (self.read_scope,) if request.form.get("grant") == self.read_scope else ()
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("POST", "/login/oauth2/access_token", is_open=True)
    def token(self, request: Request) -> Answer:
        """A code or a refresh token against a token of half an hour; a form only."""
        asked = request.form
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer({"error": "invalid_client", "error_description": "Invalid client credentials"}, status=401)
        if asked.get("grant_type") == "refresh_token":
            issued = self.consent.refresh(asked.get("refresh_token", ""))
        else:
            issued = self.consent.redeem(asked.get("code", ""))
        if issued is None:
            return Answer({"error": "invalid_grant", "error_description": "Invalid code or refresh token"}, status=400)
        told = {name: issued[name] for name in ("access_token", "refresh_token", "scope")}
        return Answer(told | {"token_type": "Bearer", "expires_in": int(issued["expires_in"])})

    # -- reports ---------------------------------------------------------------------------------------------------

    @route("GET", "/v1/adaccounts/{account_id}/stats")
    def stats(self, request: Request, account_id: str) -> Answer:
        """Days of the account's entities, up to 32. Stands before the lists, whose pattern would take its path."""
        account = self.world.account(world_id(account_id))
        if account is None:
            return self.refusal("not_found")
        if account.status is AccountStatus.DISABLED:
            return self.refusal("account_disabled")
        window = _window(request.params, account)
        if isinstance(window, str):
            return self.refusal("bad_request", detail=window)
        breakdown, cursor = request.params["breakdown"], request.params.get("cursor", "")
        found = self.world.entities(account, _BREAKDOWNS[breakdown])
        start = int(cursor.removeprefix("CnEKFgoJ") or 0)
        end = start + self.page_size
        names = request.params["fields"].split(",")
        shown = self._delivering(account, found[start:end], *window)
        body = report_body(self.world, account, breakdown, shown, window, names)
        item = {"sub_request_status": "SUCCESS", "timeseries_stat": body}
        return self._ok("timeseries_stats", [item], **self._link(request, end, len(found)))

    def _delivering(self, account: WorldAccount, some: Sequence[Entity], since: date, until: date) -> list[Entity]:
        """Those with anything in the window; their quiet days come as zeros. A page may so be shorter than others, even empty."""
        days = list(each_day(since, until))
        return [one for one in some if any(not self.world.numbers(account, one, day).is_nothing for day in days)]

    # -- lists -----------------------------------------------------------------------------------------------------

    @route("GET", "/v1/me/organizations")
    def organizations(self, request: Request) -> Answer:
        """The one organization of the advertiser."""
        return self._page(request, "organizations", [organization_body()], lambda one: {"organization": one})

    @route("GET", "/v1/organizations/{organization_id}/adaccounts")
    def ad_accounts(self, request: Request, organization_id: str) -> Answer:
        """Its ad accounts."""
        if organization_id != ORGANIZATION_ID:
            return self.refusal("not_found")
        return self._page(request, "adaccounts", self.world.accounts, lambda one: {"adaccount": account_body(one)})

    @route("GET", "/v1/adaccounts/{account_id}/{plural}")
    def entities(self, request: Request, account_id: str, plural: str) -> Answer:
        """Campaigns, squads, ads or creatives; deleted ones only where they are asked for."""
        account = self.world.account(world_id(account_id))
        if account is None or plural not in _SINGULAR:
            return self.refusal("not_found")
        has_deleted = request.params.get("read_deleted_entities") == "true"
        found = [
            one
            for one in self.world.entities(account, _LEVELS.get(plural, "ad"))
            if has_deleted or one.status is not EntityStatus.REMOVED
        ]
        word = "success" if plural == "campaigns" else "SUCCESS"
        return self._page(
            request, plural, found, lambda one: {_SINGULAR[plural]: self._body(one, account, plural)}, word
        )

    @route("GET", "/v1/{plural}/{entity_id}")
    def entity(self, request: Request, plural: str, entity_id: str) -> Answer:  # noqa: ARG002 - the router's signature
        """One campaign, squad or ad."""
        found = self.world.find(world_id(entity_id))
        if found is None or _LEVELS.get(plural) != found[1].level:
            return self.refusal("not_found")
        item = {"sub_request_status": "SUCCESS", _SINGULAR[plural]: self._body(found[1], found[0], plural)}
        return self._ok(plural, [item])

    def _body(self, entity: Entity, account: WorldAccount, plural: str) -> dict[str, Any]:
        if plural == "creatives":
            return creative_body(entity)
        body = entity_body(entity, account)
        if entity.id in self.cleared:
            body.pop("daily_budget_micro", None)
        return body

    def _page(
        self,
        request: Request,
        plural: str,
        found: Sequence[Any],
        shown: Callable[[Any], dict[str, Any]],
        word: str = "SUCCESS",
    ) -> Answer:
        """A page with a link to the next one, at a host that is not ours."""
        limit, cursor = request.params.get("limit", "50"), request.params.get("cursor", "")
        if not limit.isdigit() or not 1 <= int(limit) <= 1000:
            return self.refusal("bad_request", detail="limit must be between 1 and 1000")
        start = int(cursor.removeprefix("CnEKFgoJ") or 0)
        end = start + min(int(limit), self.page_size)
        items = [self._item(shown(one), word) for one in found[start:end]]
        return self._ok(plural, items, word, **self._link(request, end, len(found)))

    def _item(self, body: dict[str, Any], word: str) -> dict[str, Any]:
        value = next(iter(body.values()))
        if world_id(value["id"]) not in self.broken:
            return {"sub_request_status": word, **body}
        return {"sub_request_status": "ERROR", "sub_request_error_reason": "Internal error while reading the entity"}

    def _link(self, request: Request, end: int, total: int) -> dict[str, Any]:
        if end >= total:
            return {}
        query = urlencode(request.params | {"cursor": f"CnEKFgoJ{end}"})
        return {"paging": {"next_link": f"{_FOREIGN_HOST}{request.path}?{query}"}}

    # -- changes ---------------------------------------------------------------------------------------------------

    @route("PUT", "/v1/{parents}/{parent_id}/{plural}", is_write=True)
    def change(self, request: Request, parents: str, parent_id: str, plural: str) -> Answer:  # noqa: ARG002 - the router's
        """Whole objects replace what was there; each may fail alone."""
        if plural not in _REQUIRED:
            return self.refusal("not_found")
        results = [self._changed(body, parent_id, plural) for body in request.json().get(plural, [])]
        return self._ok(plural, results)

    def _changed(self, body: dict[str, Any], parent_id: str, plural: str) -> dict[str, Any]:
        found = self.world.find(world_id(str(body.get("id", ""))))
        problem = _problem(body, plural) or ("" if found else "Resource can not be found")
        if found and entity_body(found[1], found[0])[_REQUIRED[plural][2]] != parent_id:
            problem = "Resource can not be found"
        if (
            found
            and found[0].currency == "USD"
            and 0 < (body.get("daily_budget_micro") or 0) < _MIN_BUDGETS.get(plural, 0)
        ):
            problem = f"daily_budget_micro is below the minimum of {_MIN_BUDGETS[plural]}"
        if problem or found is None:
            return {"sub_request_status": "ERROR", "sub_request_error_reason": problem}
        account, entity = found
        budget = body.get("daily_budget_micro")
        (self.cleared.discard if budget else self.cleared.add)(entity.id)
        changed = self.world.change(entity.id, status=_STATUSES[body["status"]], daily_budget_micros=budget)
        return {
            "sub_request_status": "SUCCESS",
            _SINGULAR[plural]: self._body(changed or entity, account, plural),
        }


def _problem(body: dict[str, Any], plural: str) -> str:
    """Why a whole object is refused; '' where it is not."""
    missing = [name for name in _REQUIRED[plural] if not body.get(name)]
    if missing:
        return f"Required field missing: {', '.join(missing)}"
    if body["status"] not in _STATUSES:
        return "status is invalid"
    budget = body.get("daily_budget_micro")
    if budget is not None and (not isinstance(budget, int) or budget <= 0):
        return "daily_budget_micro is invalid"
    return ""


def _window(params: dict[str, str], account: WorldAccount) -> tuple[date, date] | str:
    """The days of a report; or what Snapchat would say of wrong parameters."""
    if params.get("granularity") != "DAY" or params.get("breakdown") not in _BREAKDOWNS:
        return "granularity, breakdown: invalid value"
    if not set(params.get("fields", "").split(",")) <= set(FIELDS):
        return "fields: unknown field"
    zone = ZoneInfo(account.timezone)
    try:
        start, end = (datetime.fromisoformat(params.get(name, "")) for name in ("start_time", "end_time"))
    except ValueError:
        return "start_time, end_time: must be ISO 8601"
    for instant in (start, end):
        if instant.tzinfo is None or midnight(instant.astimezone(zone).date(), account.timezone) != instant:
            return "start_time and end_time must be the beginning of a day in the ad account's time zone"
    since, until = start.astimezone(zone).date(), end.astimezone(zone).date() - timedelta(days=1)
    return (since, until) if 0 <= (until - since).days < 32 else "The date range exceeds 32 days"
