"""A fake of X's Ads API, version 12: signed calls, numbers in columns per placement, jobs whose results are compressed files."""

import gzip
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from adloom_sdk.days import each_day, midnight
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.fakes import Answer, Request, Why, route
from adloom_sdk.testing.world import Entity, World, WorldAccount
from sandbox.platforms.x_ads_bodies import (
    POST_BASE,
    REFUSALS,
    base36,
    campaign_fields,
    columns,
    placed,
    shown_account,
    shown_funding,
    shown_post,
)
from sandbox.platforms.x_ads_signing import SignedPlatform

_NOUNS = {"campaigns": "campaign", "line_items": "ad_group", "promoted_tweets": "ad"}
_ENTITIES = {"CAMPAIGN": "campaign", "LINE_ITEM": "ad_group", "PROMOTED_TWEET": "ad"}
_PLACEMENTS = ("ALL_ON_TWITTER", "PUBLISHER_NETWORK", "SPOTLIGHT", "TREND")
_GROUPS = ("ENGAGEMENT", "BILLING", "VIDEO", "WEB_CONVERSION")
_MOST_IDS, _SYNC_DAYS, _JOB_DAYS, _MOST_JOBS = 20, 7, 90, 100
_MOST_POSTS = 200
_POLLS_UNTIL_READY = 2


@dataclass
class Job:
    """An ordered job."""

    params: dict[str, str]
    account: WorldAccount
    fails: bool
    created_at: datetime
    polls: int = 0


class XAds(SignedPlatform):
    """X as the connector sees it. `failing_jobs` is how many of the next jobs come to nothing."""

    key = "x_ads"
    host_names = ("ads-api.x.com", "api.x.com")

    def __init__(self, world: World, *, page_size: int = 100, calls_per_second: float = 1000.0) -> None:
        super().__init__(world, page_size=page_size, calls_per_second=calls_per_second)
        self.failing_jobs = 0
        self._jobs: dict[str, Job] = {}

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """A list of errors; the instant of the next window in seconds since 1970 where calls are throttled."""
        status, code, message = REFUSALS[why]
        headers = {}
        if why == "throttled":
            reset = int(self.world.clock.now().timestamp() + retry_after_s + 0.999)
            headers = {"x-rate-limit-limit": "250", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
        body = {"errors": [{"code": code, "message": detail or message}], "request": {"params": {}}}
        return Answer(body, status=status, headers=headers)

    def undressed(self, shown_id: str) -> str:
        """Ids are the world's digits in base 36."""
        try:
            return str(int(shown_id, 36))
        except ValueError:
            return ""

    def usage_headers(self, request: Request) -> dict[str, str]:  # noqa: ARG002 - the same for every call
        """What is left of the quarter of an hour."""
        reset = str(int(self.world.clock.now().timestamp()) + 900)
        left = str(max(1, int(self.bucket.tokens)))
        return {"x-rate-limit-limit": "250", "x-rate-limit-remaining": left, "x-rate-limit-reset": reset}

    # -- what there is ---------------------------------------------------------------------------------------------

    @route("GET", "/12/accounts")
    def accounts(self, request: Request) -> Answer:
        """Every ad account, stopped ones too."""
        return self._page(request, "account", [shown_account(one) for one in self.world.accounts])

    @route("GET", "/12/accounts/{account_id}/authenticated_user_access")
    def access(self, request: Request, account_id: str) -> Answer:  # noqa: ARG002 - the same for every account
        """What the person may do."""
        return Answer({"request": {"params": {}}, "data": {"user_id": "38895958", "permissions": ["ACCOUNT_ADMIN"]}})

    @route("GET", "/12/accounts/{account_id}/funding_instruments")
    def funding(self, request: Request, account_id: str) -> Answer:
        """How the account pays: an old instrument in another currency, and the one in use."""
        account = self.world.account(self.undressed(account_id))
        if account is None:
            return self.refusal("not_found")
        shown = [shown_funding(account, "GBP", is_old=True), shown_funding(account, account.currency, is_old=False)]
        return self._page(request, "funding_instrument", shown)

    @route("GET", "/12/accounts/{account_id}/tweets")
    def posts(self, request: Request, account_id: str) -> Answer:
        """Up to 200 posts by their ids; an unknown one is left out."""
        account, asked = self._readable(account_id), request.params.get("tweet_ids", "").split(",")
        if isinstance(account, Answer):
            return account
        if len(asked) > _MOST_POSTS or request.params.get("tweet_type") != "PUBLISHED":
            return self.refusal("bad_request", detail="tweet_type must be PUBLISHED, tweet_ids at most 200.")
        known = {str(POST_BASE + one.number): one for one in self.world.ads(account)}
        shown = [shown_post(post_id, known[post_id]) for post_id in asked if post_id in known]
        return Answer({"request": {"params": request.params}, "data": shown, "data_type": "tweet", "next_cursor": None})

    @route("GET", "/12/accounts/{account_id}/{noun}")
    def entities(self, request: Request, account_id: str, noun: str) -> Answer:
        """A page of entities; deleted ones only where asked for."""
        account = self._readable(account_id)
        if isinstance(account, Answer) or noun not in _NOUNS:
            return account if isinstance(account, Answer) else self.refusal("not_found")
        shown = [self._shown(account, one) for one in self.world.entities(account, _NOUNS[noun])]
        is_all = request.params.get("with_deleted") == "true"
        return self._page(request, noun.removesuffix("s"), [one for one in shown if is_all or not one["deleted"]])

    @route("GET", "/12/accounts/{account_id}/{noun}/{entity_id}")
    def entity(self, request: Request, account_id: str, noun: str, entity_id: str) -> Answer:
        """One entity."""
        found = self._find(account_id, noun, entity_id)
        if found is None:
            return self.refusal("not_found")
        return Answer({"request": {"params": request.params}, "data": self._shown(*found)})

    @route("PUT", "/12/accounts/{account_id}/{noun}/{entity_id}", is_write=True)
    def put(self, request: Request, account_id: str, noun: str, entity_id: str) -> Answer:
        """Change one entity by the parameters of the address; a body is not looked at."""
        found = self._find(account_id, noun, entity_id)
        if found is None or noun == "promoted_tweets":
            return self.refusal("not_found")
        account, entity = found
        status, budget = request.params.get("entity_status"), request.params.get("daily_budget_amount_local_micro")
        if entity.status is EntityStatus.REMOVED or status not in {None, "ACTIVE", "PAUSED"}:
            return self.refusal("bad_request", detail="The entity cannot be changed.")
        if (budget is not None and not budget.isdigit()) or (status is None and budget is None):
            return self.refusal("bad_request", detail="Nothing valid to change.")
        wanted = EntityStatus(status.lower()) if status else None
        amount = int(budget) if budget else None
        changed = self.world.change(entity.id, status=wanted, daily_budget_micros=amount)
        body = {"request": {"params": request.params}, "data": self._shown(account, changed or entity)}
        return Answer(body, headers={"x-transaction-id": self.new_id()})

    # -- numbers ---------------------------------------------------------------------------------------------------

    @route("GET", "/12/stats/accounts/{account_id}")
    def stats(self, request: Request, account_id: str) -> Answer:
        """Numbers of up to twenty entities and seven days."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        if wrong := self._wrong_question(account, request.params, _SYNC_DAYS):
            return self.refusal("bad_request", detail=wrong)
        return Answer(self._table(account, request.params))

    @route("POST", "/12/stats/jobs/accounts/{account_id}")
    def order(self, request: Request, account_id: str) -> Answer:
        """Take the order of a job, of which a hundred may run."""
        account = self._readable(account_id)
        if isinstance(account, Answer):
            return account
        if wrong := self._wrong_question(account, request.params, _JOB_DAYS):
            return self.refusal("bad_request", detail=wrong)
        if sum(job.polls < _POLLS_UNTIL_READY and job.account == account for job in self._jobs.values()) >= _MOST_JOBS:
            return self.refusal("throttled", detail="Too many jobs.")
        job_id = str(10**17 + secrets.randbelow(10**17))
        self._jobs[job_id] = Job(dict(request.params), account, self.failing_jobs > 0, self.world.clock.now())
        self.failing_jobs = max(0, self.failing_jobs - 1)
        return Answer({"request": {"params": _echo(request.params)}, "data": self._shown_job(request, job_id)})

    @route("GET", "/12/stats/jobs/accounts/{account_id}")
    def jobs(self, request: Request, account_id: str) -> Answer:
        """How far jobs are; those that nobody ordered are left out."""
        known = [one for one in request.params.get("job_ids", "").split(",") if one in self._jobs]
        own = [one for one in known if self._jobs[one].account.id == self.undressed(account_id)]
        for one in own:
            self._jobs[one].polls += 1
        return self._page(request, "job", [self._shown_job(request, one) for one in own])

    @route("GET", "/advertiser-api-async-analytics/{name}", is_open=True)
    def job_file(self, request: Request, name: str) -> Answer:  # noqa: ARG002 - the name says it all
        """A finished job's numbers."""
        job = self._jobs.get(name.removesuffix(".json.gz"))
        if job is None:
            return self.refusal("not_found")
        content = gzip.compress(msgspec.json.encode(self._table(job.account, job.params)), mtime=0)
        return Answer(content=content, headers={"content-type": "application/gzip"})

    def _shown_job(self, request: Request, job_id: str) -> dict[str, Any]:
        job = self._jobs[job_id]
        is_done = job.polls >= _POLLS_UNTIL_READY
        status = ("FAILED" if job.fails else "SUCCESS") if is_done else "PROCESSING"
        url = request.public_url(f"/advertiser-api-async-analytics/{job_id}.json.gz")
        later = (job.created_at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            **_echo(job.params),
            "id": int(job_id),
            "id_str": job_id,
            "account_id": base36(job.account.number),
            "status": status,
            "url": url if status == "SUCCESS" else None,
            "segmentation_type": None,
            "country": None,
            "platform": None,
            "expires_at": later if is_done else None,
            "created_at": job.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": job.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def _wrong_question(self, account: WorldAccount, params: Mapping[str, str], most_days: int) -> str:
        """What X would object to; '' where nothing."""
        ids, groups = params.get("entity_ids", "").split(","), set(params.get("metric_groups", "").split(","))
        if not 1 <= len(ids) <= _MOST_IDS or not ids[0]:
            return f"entity_ids must have 1 to {_MOST_IDS} items."
        if params.get("entity") not in _ENTITIES or params.get("granularity") != "DAY" or groups - set(_GROUPS):
            return "Invalid entity, granularity or metric_groups."
        if params.get("placement") not in _PLACEMENTS:
            return "Invalid placement."
        since, until = _days(account, params)
        if [midnight(since, account.timezone), midnight(until, account.timezone)] != _instants(params):
            return "start_time and end_time must be midnights of the account's time zone."
        start, end = _instants(params)
        is_fit = start < end and end - start <= timedelta(days=most_days)
        return "" if is_fit else f"The time range is longer than {most_days} days."

    def _table(self, account: WorldAccount, params: Mapping[str, str]) -> dict[str, Any]:
        """Entities in the order asked for, unknown ones left out."""
        since, until = _days(account, params)
        days = list(each_day(since, until - timedelta(days=1)))
        level, groups = _ENTITIES[params["entity"]], params["metric_groups"].split(",")
        known = {base36(one.number): one for one in self.world.entities(account, level)}
        data = []
        for shown_id in params["entity_ids"].split(","):
            if one := known.get(shown_id):
                series = [placed(self.world.numbers(account, one, day), params["placement"]) for day in days]
                data.append({"id": shown_id, "id_data": [{"segment": None, "metrics": columns(series, groups)}]})
        echo = {**_echo(params), "segmentation_type": None, "country": None, "platform": None}
        return {"data_type": "stats", "time_series_length": len(days), "data": data, "request": {"params": echo}}

    # -- parts -----------------------------------------------------------------------------------------------------

    def _readable(self, account_id: str) -> WorldAccount | Answer:
        account = self.world.account(self.undressed(account_id))
        if account is None:
            return self.refusal("not_found")
        return self.refusal("account_disabled") if account.status is AccountStatus.DISABLED else account

    def _find(self, account_id: str, noun: str, entity_id: str) -> tuple[WorldAccount, Entity] | None:
        found = self.world.find(self.undressed(entity_id))
        is_it = found and base36(found[0].number) == account_id and found[1].level == _NOUNS.get(noun)
        return found if is_it else None

    def _page(self, request: Request, kind: str, items: Sequence[dict[str, Any]]) -> Answer:
        count, mark = request.params.get("count", "200"), request.params.get("cursor", "c0").removeprefix("c")
        if not count.isdigit() or not 1 <= int(count) <= 1000 or not mark.isdigit():
            return self.refusal("bad_request", detail="Invalid count or cursor.")
        start, size = int(mark), min(int(count), self.page_size)
        cursor = f"c{start + size}" if start + size < len(items) else None
        body = {"request": {"params": request.params}, "data": list(items[start : start + size]), "data_type": kind}
        return Answer(body | {"total_count": len(items), "next_cursor": cursor})

    def _shown(self, account: WorldAccount, one: Entity) -> dict[str, Any]:
        common = {
            "id": base36(one.number),
            "account_id": base36(account.number),
            "entity_status": "PAUSED" if one.status is EntityStatus.PAUSED else "ACTIVE",
            "deleted": one.status is EntityStatus.REMOVED,
            "created_at": "2024-01-05T10:00:00Z",
            "updated_at": "2026-01-05T10:00:00Z",
        }
        if one.level == "campaign":
            return common | campaign_fields(account, one)
        if one.level == "ad_group":
            return common | self._line_item(account, one)
        post = {
            "line_item_id": base36(one.parent),
            "tweet_id": str(POST_BASE + one.number),
            "approval_status": "ACCEPTED",
        }
        return common | post

    def _line_item(self, account: WorldAccount, one: Entity) -> dict[str, Any]:
        owner = self.world.find(str(one.campaign))
        budget = (owner[1].daily_budget_micros or 0) // 2 if owner and owner[1].is_budget_shared else None
        return {
            "name": one.name,
            "campaign_id": base36(one.campaign),
            "daily_budget_amount_local_micro": one.daily_budget_micros or budget,
            "total_budget_amount_local_micro": None,
            "currency": account.currency,
            "placements": ["ALL_ON_TWITTER", "PUBLISHER_NETWORK"],
            "product_type": "PROMOTED_TWEETS",
            "objective": "WEBSITE_CONVERSIONS",
            "bid_strategy": "AUTO",
            "bid_amount_local_micro": None,
            "pay_by": "APP_CLICK",
            "categories": [],
            "goal": "WEBSITE_CONVERSIONS",
            "advertiser_domain": None,
            "primary_web_event_tag": None,
        }


def _instants(params: Mapping[str, str]) -> list[datetime]:
    return [datetime.fromisoformat(params[name]).astimezone(UTC) for name in ("start_time", "end_time")]


def _days(account: WorldAccount, params: Mapping[str, str]) -> tuple[date, date]:
    """The account's days of start and end, the end not included."""
    since, until = (
        one.astimezone(midnight(date(2026, 1, 1), account.timezone).tzinfo).date() for one in _instants(params)
    )
    return since, until


def _echo(params: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: value.split(",") if name in {"entity_ids", "metric_groups"} else value for name, value in params.items()
    }
