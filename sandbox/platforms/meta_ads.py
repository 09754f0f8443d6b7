"""Meta's Graph API, Marketing part, over a made-up advertiser: sign-in, accounts, entities, insights at once and as reports, changes.

Bodies of entities and days are in `meta_ads_bodies`. Campaigns whose budget the world shares have their budgets on the ad sets here.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec

from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.consent import CLIENT_ID, CLIENT_SECRET
from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms import meta_ads_bodies as bodies
from sandbox.platforms import meta_ads_paging as paging
from sandbox.platforms.meta_ads_days import insight
from sandbox.platforms.meta_ads_wording import Refused, error, text
from sandbox.platforms.meta_ads_wording import refusal as wording_of

T = TypeVar("T")
SCOPES = ("ads_read", "ads_management", "business_management")
OLDEST_VERSION, LATEST_VERSION = 25, 26
LONG_LIFE = timedelta(days=60)
_HTML = {"content-type": "text/html; charset=utf-8"}
_LEVELS = {"campaign": "campaign", "adset": "ad_group", "ad": "ad"}
_EDGES = {"campaigns": "campaign", "adsets": "ad_group", "ads": "ad"}


@dataclass
class Job:
    """A report in preparation. `polls` counts the looks at it."""

    number: str
    account: WorldAccount
    asked: dict[str, str]
    ordered_at: int
    is_doomed: bool
    polls: int = 0


class MetaAds(FakePlatform):
    """graph.facebook.com and the dialog of www.facebook.com.

    `sync_rows` is the largest answer given at once, `job_polls` how often a report must be looked at until it is completed,
    `failing_jobs` how many of the next reports fail.
    """

    key = "meta_ads"
    host_names = ("graph.facebook.com", "www.facebook.com")
    read_scope = "ads_read"
    write_scope = "ads_management"
    token_lifetime_s = 3600

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.sync_rows, self.job_polls, self.failing_jobs = 20_000, 3, 0
        self._jobs: dict[str, Job] = {}
        # A report's number is never given again, not even by the sandbox that is started after this one.
        self._numbers = itertools.count(1_000_000_000_000_000 + time.time_ns() // 1_000)

    def token_of(self, request: Request) -> str:
        """In the header, or as a parameter."""
        return super().token_of(request) or request.params.get("access_token", "")

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """Meta's words."""
        return wording_of(why, retry_after_s, detail)

    def usage_headers(self, request: Request) -> dict[str, str]:
        """The call budget as shares; one of the headers comes as an object or as a list."""
        if "/oauth/" in request.path:
            return {}
        percent = min(99, int(100 * (1 - self.bucket.tokens / self.bucket.burst))) if self.bucket.filled_at else 0
        app = {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 2}
        headers = {"x-app-usage": text(app), "x-fb-trace-id": self.new_id()}
        if request.path.endswith("/insights"):
            used = {"app_id_util_pct": float(percent), "acc_id_util_pct": float(percent)}
            headers["x-fb-ads-insights-throttle"] = text([used] if percent % 2 else used)
        return headers

    # -- signing in --------------------------------------------------------------------------------------------------

    @route("GET", "/{version}/dialog/oauth", is_open=True)
    def dialog(self, request: Request, version: str) -> Answer:
        """The page on which a person lets the app in."""
        asked = request.params
        if asked.get("client_id") != CLIENT_ID:
            return Answer(content=b"<html><body>Invalid App ID: the app does not exist.</body></html>", headers=_HTML)
        scopes = tuple(scope for scope in asked.get("scope", "ads_read").split(",") if scope)
        action = f"{request.mount}/{version}/dialog/decide"
        return Answer(
            content=self.consent.page(platform="Meta", action=action, params=asked, scopes=scopes), headers=_HTML
        )

    @route("POST", "/{version}/dialog/decide", is_open=True)
    def decide(self, request: Request, version: str) -> Answer:  # noqa: ARG002 - every version decides alike
        """Back to the app."""
        granted = tuple(parse_qs(request.body.decode()).get("grant", []))
        return Answer(status=302, headers={"location": self.consent.decide(request.form, granted)})

    @route("GET", "/{version}/oauth/access_token", is_open=True)
    def access_token(self, request: Request, version: str) -> Answer:  # noqa: ARG002 - every version answers alike
        """A short token for a code, a long one for a short one; there is no refresh token."""
        asked = request.params
        if asked.get("client_id") != CLIENT_ID:
            return error("Error validating application. Cannot get application info due to a system error.", 101)
        if asked.get("client_secret") != CLIENT_SECRET:
            return error("Error validating client secret.", 1)
        if asked.get("grant_type") == "fb_exchange_token":
            issued = self._exchanged(asked.get("fb_exchange_token", ""))
        else:
            issued = self.consent.redeem(asked.get("code", ""))
        if issued is None:
            return error("This authorization code has been used.", 100, 36009)
        return Answer(
            {"access_token": issued["access_token"], "token_type": "bearer", "expires_in": int(issued["expires_in"])}
        )

    @route("GET", "/{version}/me")
    def me(self, request: Request, version: str) -> Answer:  # noqa: ARG002 - every version answers alike
        """Who is signed in."""
        return Answer({"id": "10150000000000001", "name": "Northwind Marketing"})

    @route("GET", "/{version}/me/permissions")
    def permissions(self, request: Request, version: str) -> Answer:  # noqa: ARG002 - every version answers alike
        """What was granted."""
        granted = self._granted(self.token_of(request))
        return Answer({"data": [{"permission": scope, "status": "granted"} for scope in granted]})

    # -- reading -----------------------------------------------------------------------------------------------------

    @route("GET", "/{version}/me/adaccounts")
    def ad_accounts(self, request: Request, version: str) -> Answer:
        """Every ad account."""
        writes = self.write_scope in self._granted(self.token_of(request))
        now, accounts = self.world.clock.now(), self.world.accounts
        return self._answered(
            version,
            lambda: self._page(request, "AdAccount", accounts, lambda one: bodies.account(one, now, can_write=writes)),
        )

    @route("GET", "/{version}/{node}/insights")
    def insights(self, request: Request, version: str, node: str) -> Answer:
        """Daily numbers of an account at once, or those of a finished report."""
        return self._answered(version, lambda: self._insights(request, node))

    @route("POST", "/{version}/{node}/insights")
    def order(self, request: Request, version: str, node: str) -> Answer:
        """Order a report."""
        return self._answered(version, lambda: self._order(request, node))

    @route("GET", "/{version}/{node}/{edge}")
    def edge(self, request: Request, version: str, node: str, edge: str) -> Answer:
        """Campaigns, ad sets, ads or creatives of an account."""
        return self._answered(version, lambda: self._edge(request, node, edge))

    @route("GET", "/{version}/{node}")
    def node(self, request: Request, version: str, node: str) -> Answer:
        """One entity, or the state of a report."""
        return self._answered(version, lambda: self._node(request, node))

    @route("POST", "/{version}/{node}", is_write=True)
    def change(self, request: Request, version: str, node: str) -> Answer:
        """Change an entity."""
        return self._answered(version, lambda: self._change(request, node))

    # -- parts of answers --------------------------------------------------------------------------------------------

    def _answered(self, version: str, answer: Callable[[], Answer]) -> Answer:
        number = version.removeprefix("v").partition(".")[0]
        if not number.isdigit() or int(number) > LATEST_VERSION:
            return error(f"Unknown path components: /{version}", 2500)
        if int(number) < OLDEST_VERSION:
            return self.refusal("sunset")
        try:
            return answer()
        except Refused as refused:
            return refused.answer

    def _edge(self, request: Request, node: str, edge: str) -> Answer:
        account = self._account(node)
        if edge == "adcreatives":
            ads = self.world.entities(account, "ad")
            return self._page(request, "AdCreative", ads, lambda ad: bodies.creative(account, ad))
        level = _EDGES.get(edge)
        if level is None:
            raise Refused(error(f"Unknown path components: /{edge}", 2500))
        shown = self._visible(account, level, request.params.get("filtering", ""), "effective_status")
        book = bodies.opened(self.world, account)
        return self._page(request, edge, shown, lambda one: bodies.entity(book, one))

    def _node(self, request: Request, node: str) -> Answer:
        if job := self._jobs.get(node):
            job.polls += 1
            return Answer(self._progress(job))
        account, entity = self._entity(node)
        return Answer(paging.projected(self._body(account, entity), paging.fields_of(request), entity.level))

    def _change(self, request: Request, node: str) -> Answer:
        account, entity = self._entity(node)
        asked = request.form or request.params
        status = {"ACTIVE": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED}.get(asked.get("status", ""))
        budget = asked.get("daily_budget")
        if status is None and ("status" in asked or budget is None):
            raise Refused(self.refusal("bad_request", detail="status must be one of ACTIVE, PAUSED, DELETED, ARCHIVED"))
        if entity.status is EntityStatus.REMOVED:
            raise Refused(error("Deleted objects cannot be changed.", 100, 1487133))
        micros = None if budget is None else self._budget(account, entity, budget)
        self.world.change(entity.id, status=status, daily_budget_micros=micros)
        return Answer({"success": True})

    def _budget(self, account: WorldAccount, entity: Entity, budget: str) -> int:
        if "daily_budget" not in self._body(account, entity):
            words = "You can only set an ad set budget or a campaign budget."
            raise Refused(error("Invalid parameter", 100, 1885621, user_msg=words))
        if not budget.isdigit():
            raise Refused(self.refusal("bad_request", detail="Param daily_budget must be an integer"))
        if int(budget) < bodies.LEAST_BUDGET:
            raise Refused(error("Invalid parameter", 100, 1885272, user_msg="Your budget is too low."))
        return int(budget) * bodies.unit_micros(account.currency)

    def _insights(self, request: Request, node: str) -> Answer:
        if job := self._jobs.get(node):
            if not self._is_done(job):
                raise Refused(error("The report is not ready.", 100, 1504022))
            fields = {"fields": request.params.get("fields", job.asked.get("fields", ""))}
            return self._days(request, job.account, job.asked | fields)
        account = self._account(node)
        return self._days(request, account, request.params, most=self.sync_rows)

    def _days(
        self, request: Request, account: WorldAccount, asked: dict[str, str], *, most: int | None = None
    ) -> Answer:
        """A page of rows: pairs of day and entity are walked from the cursor on, those without delivery give none."""
        days, entities = self._asked_days(asked), self._asked_entities(account, asked)
        if most is not None and len(days) * len(entities) > most:
            words = "Please reduce the amount of data you're asking for, then retry your request"
            raise Refused(error(words, 1, status=500))
        windows = msgspec.json.decode(asked.get("action_attribution_windows", "[]"))
        names = [name for name in asked.get("fields", "").split(",") if name]
        book = bodies.opened(self.world, account)
        start, limit = paging.start_of(request), paging.limit_of(request, self.page_size)
        rows: list[dict[str, Any]] = []
        end = len(days) * len(entities)
        position = start
        while position < end and len(rows) < limit:
            day, entity = days[position // len(entities)], entities[position % len(entities)]
            numbers = self.world.numbers(account, entity, day)
            position += 1
            if not numbers.is_nothing:
                row = insight(book, entity, day, numbers, windows, frozenset(names))
                rows.append(paging.projected(row, names, "insights"))
        return self._paged(request, rows, start, position if position < end else None)

    def _asked_days(self, asked: dict[str, str]) -> list[date]:
        try:
            window = msgspec.json.decode(asked["time_range"])
            since, until = date.fromisoformat(window["since"]), date.fromisoformat(window["until"])
        except (KeyError, ValueError, msgspec.DecodeError):
            raise Refused(
                self.refusal("bad_request", detail="time_range must be an object with since and until")
            ) from None
        if asked.get("time_increment") != "1":
            raise Refused(self.refusal("bad_request", detail="only time_increment=1 is played here"))
        if since > until or since < self.world.clock.now().date() - timedelta(days=37 * 31):
            words = "(#3018) The start date of the time range cannot be beyond 37 months from the current date"
            raise Refused(error(words, 3018))
        return [since + timedelta(days=offset) for offset in range((until - since).days + 1)]

    def _asked_entities(self, account: WorldAccount, asked: dict[str, str]) -> list[Entity]:
        word = asked.get("level", "")
        if word not in _LEVELS:
            raise Refused(self.refusal("bad_request", detail="level must be one of ad, adset, campaign"))
        return self._visible(account, _LEVELS[word], asked.get("filtering", ""), f"{word}.effective_status")

    def _visible(self, account: WorldAccount, level: str, filtering: str, field: str) -> list[Entity]:
        """What is shown: without a filter nothing that was deleted."""
        book = bodies.opened(self.world, account)
        wanted = {word for word in bodies.STATES if word not in bodies.GONE}
        for only in msgspec.json.decode(filtering) if filtering else []:
            if only.get("field") != field or only.get("operator") != "IN" or not set(only["value"]) <= bodies.STATES:
                raise Refused(self.refusal("bad_request", detail=f"filtering on {only.get('field')}"))
            wanted = set(only["value"])
        return [one for one in self.world.entities(account, level) if bodies.effective_status(book, one) in wanted]

    def _order(self, request: Request, node: str) -> Answer:
        account, asked = self._account(node), request.form or request.params
        self._asked_days(asked)
        self._asked_entities(account, asked)
        with self._guard:
            number, is_doomed = str(next(self._numbers)), self.failing_jobs > 0
            self.failing_jobs -= is_doomed
            ordered_at = int(self.world.clock.now().timestamp())
            self._jobs[number] = Job(number, account, asked, ordered_at, is_doomed)
        return Answer({"report_run_id": number})

    def _is_done(self, job: Job) -> bool:
        return job.polls >= self.job_polls and not job.is_doomed

    def _progress(self, job: Job) -> dict[str, Any]:
        """100 % is told one look before the report is completed."""
        window = msgspec.json.decode(job.asked["time_range"])
        body = {"id": job.number, "account_id": job.account.id, "time_ref": job.ordered_at}
        if job.polls < self.job_polls:
            percent = 100 if job.polls == self.job_polls - 1 else 0
            told = {
                "async_status": "Job Running" if percent else "Job Not Started",
                "async_percent_completion": percent,
            }
        else:
            word = "Job Failed" if job.is_doomed else "Job Completed"
            told = {"time_completed": job.ordered_at + 2, "async_status": word, "async_percent_completion": 100}
        return {**body, **told, "date_start": window["since"], "date_stop": window["until"]}

    def _page(self, request: Request, kind: str, items: Sequence[T], body: Callable[[T], dict[str, Any]]) -> Answer:
        start = paging.start_of(request)
        end = start + paging.limit_of(request, self.page_size)
        shown = [paging.projected(body(one), paging.fields_of(request), kind) for one in items[start:end]]
        return self._paged(request, shown, start, end if end < len(items) else None)

    def _paged(self, request: Request, rows: list[dict[str, Any]], start: int, end: int | None) -> Answer:
        origin = f"https://{self.host_names[0]}"
        return Answer(paging.page(request, origin, self.token_of(request), rows, start, end))

    def _account(self, node: str) -> WorldAccount:
        found = self.world.account(node.removeprefix("act_")) if node.startswith("act_") else None
        if found is None:
            raise Refused(self.refusal("not_found"))
        if found.status is AccountStatus.DISABLED:
            raise Refused(self.refusal("account_disabled"))
        return found

    def _entity(self, node: str) -> tuple[WorldAccount, Entity]:
        found = self.world.find(node)
        if found is None:
            raise Refused(self.refusal("not_found"))
        return found

    def _body(self, account: WorldAccount, entity: Entity) -> dict[str, Any]:
        return bodies.entity(bodies.opened(self.world, account), entity)

    def _granted(self, token: str) -> Iterator[str]:
        return (scope for scope in SCOPES if self.consent.why_refused(token, scope) is None)

    def _exchanged(self, token: str) -> dict[str, str] | None:
        granted = tuple(self._granted(token))
        return self.consent.issue(granted, lifetime=LONG_LIFE) if granted else None
