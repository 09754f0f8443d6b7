"""Breadcrumb as a fake: its protocol over a made-up advertiser."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from adloom_sdk.money import micros_from_minor, minor_digits, minor_from_micros
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, WorldAccount

STATUS = {EntityStatus.ACTIVE: 1, EntityStatus.PAUSED: 2, EntityStatus.REMOVED: 3}
LEVELS = {"campaign": "campaign", "ad": "ad"}
CODES: dict[str, tuple[int, str]] = {
    "no_token": (11, "No such key."),
    "expired": (12, "The key has run out."),
    "revoked": (13, "The key was withdrawn."),
    "scope": (21, "The key may not do this."),
    "app_not_approved": (31, "This program may not use the API."),
    "account_disabled": (41, "The advertiser is blocked."),
    "throttled": (51, "Too many calls."),
    "not_found": (61, "There is no such thing."),
    "bad_request": (71, "The question is wrong."),
    "server_error": (81, "Out of order."),
    "sunset": (91, "This version is gone."),
}


class FakeBreadcrumb(FakePlatform):
    """Breadcrumb's API, version 2."""

    key = "breadcrumb"
    host_names = ("api.breadcrumb.example",)

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Always HTTP 200."""
        code, text = CODES[why]
        error: dict[str, Any] = {"code": code, "text": detail or text}
        if why == "throttled":
            error["wait_s"] = retry_after_s
        return Answer({"ok": False, "error": error})

    def token_of(self, request: Request) -> str:
        """The key has a header of its own."""
        return request.headers.get("x-breadcrumb-key", "")

    @route("GET", "/api/2/advertisers")
    def advertisers(self, request: Request) -> Answer:
        """Every advertiser."""
        return self._page(request, [_advertiser(one) for one in self.world.accounts])

    @route("GET", "/api/2/advertisers/{advertiser}/campaigns")
    def campaigns(self, request: Request, advertiser: str) -> Answer:
        """An advertiser's campaigns."""
        return self._things(request, advertiser, "campaign")

    @route("GET", "/api/2/advertisers/{advertiser}/crumbs")
    def crumbs(self, request: Request, advertiser: str) -> Answer:
        """An advertiser's ads."""
        return self._things(request, advertiser, "ad")

    @route("GET", "/api/2/advertisers/{advertiser}/days")
    def days(self, request: Request, advertiser: str) -> Answer:
        """Daily numbers, from and to included."""
        account = self.world.account(advertiser)
        if account is None:
            return self.refusal("not_found")
        level = LEVELS.get(request.params.get("by", ""))
        since, until = date.fromisoformat(request.params["from"]), date.fromisoformat(request.params["to"])
        if level is None or (until - since).days >= 14:
            return self.refusal("bad_request")
        rows = [
            row
            for offset in range((until - since).days + 1)
            for one in self.world.entities(account, level)
            if (row := self._row(account, one, since + timedelta(days=offset)))["views"]
        ]
        return self._page(request, rows)

    @route("GET", "/api/2/campaigns/{campaign}")
    def campaign(self, request: Request, campaign: str) -> Answer:
        """One campaign, as a page of one."""
        found = self.world.find(campaign)
        return self._page(request, [_thing(*found)]) if found else self.refusal("not_found")

    @route("POST", "/api/2/campaigns/{campaign}/switch", is_write=True)
    def switch(self, request: Request, campaign: str) -> Answer:
        """On or off."""
        status = EntityStatus.ACTIVE if request.json()["on"] else EntityStatus.PAUSED
        return self._written(self.world.change(campaign, status=status))

    @route("POST", "/api/2/campaigns/{campaign}/budget", is_write=True)
    def budget(self, request: Request, campaign: str) -> Answer:
        """A new budget per day."""
        found = self.world.find(campaign)
        if found is None:
            return self.refusal("not_found")
        micros = micros_from_minor(request.json()["minor"], minor_digits(found[0].currency))
        return self._written(self.world.change(campaign, daily_budget_micros=micros))

    def _written(self, entity: Entity | None) -> Answer:
        return Answer({"ok": True}, headers={"x-trace": self.new_id()}) if entity else self.refusal("not_found")

    def _things(self, request: Request, advertiser: str, level: str) -> Answer:
        account = self.world.account(advertiser)
        if account is None:
            return self.refusal("not_found")
        return self._page(request, [_thing(account, one) for one in self.world.entities(account, level)])

    def _row(self, account: WorldAccount, entity: Entity, day: date) -> dict[str, Any]:
        numbers, digits = self.world.numbers(account, entity, day), minor_digits(account.currency)
        return {
            "day": int(datetime.combine(day, datetime.min.time(), UTC).strftime("%Y%m%d")),
            "id": entity.number,
            "campaign": entity.campaign,
            "spend_minor": minor_from_micros(numbers.spend_micros, digits),
            "views": numbers.impressions,
            "clicks": numbers.clicks,
            "orders": numbers.conversions,
            "orders_minor": minor_from_micros(numbers.conversion_value_micros, digits),
        }

    def _page(self, request: Request, items: list[dict[str, Any]]) -> Answer:
        number = int(request.params.get("page", "1"))
        pages = max(1, -(-len(items) // self.page_size))
        start = (number - 1) * self.page_size
        return Answer({"ok": True, "items": items[start : start + self.page_size], "page": number, "pages": pages})


def _advertiser(one: WorldAccount) -> dict[str, Any]:
    blocked = one.status is AccountStatus.DISABLED
    return {"id": one.number, "name": one.name, "currency": one.currency, "zone": one.timezone, "blocked": blocked}


def _thing(account: WorldAccount, one: Entity) -> dict[str, Any]:
    digits = minor_digits(account.currency)
    return {
        "id": one.number,
        "name": one.name,
        "status": STATUS.get(one.status, 0),
        "campaign": one.campaign,
        "group": one.parent,
        "budget_minor": None if one.daily_budget_micros is None else minor_from_micros(one.daily_budget_micros, digits),
    }
