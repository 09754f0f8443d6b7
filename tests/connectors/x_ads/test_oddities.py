"""What X's replies may look like on odd days: other currencies, jobs that answer for another placement, cut files, texts for numbers."""

import gzip
import json
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from adloom_x_ads import mapping, numbers, refusals, wire

from adloom_sdk import Level, errors
from adloom_sdk.errors import BadRequest
from adloom_sdk.testing.bench import sums, truth
from adloom_sdk.testing.kit.rig import Tap
from tests.connectors.replay import Answer, read
from tests.connectors.x_ads.test_mapping import ACCOUNT
from tests.connectors.x_ads.test_reading import SPRING, bench
from tests.connectors.x_ads.test_refusals import NOW, reply

DAY = "2026-10-01"
NUMBERS = ("entity_id", "campaign_id", "currency", "spend_micros", "impressions", "conversions")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def stats(*told: tuple[str, dict[str, Any] | None], placement: str = "ALL_ON_TWITTER") -> dict[str, Any]:
    data = [{"id": one, "id_data": [{"segment": None, "metrics": metrics}]} for one, metrics in told]
    return {
        "data_type": "stats",
        "time_series_length": 1,
        "data": data,
        "request": {"params": {"placement": placement}},
    }


def test_amounts_are_in_the_currency_that_the_campaign_is_paid_in() -> None:
    campaigns = [{"id": "a", "currency": "JPY"}, {"id": "b", "currency": "USD"}]
    metrics = {"billed_charge_local_micro": [5_000_000], "impressions": [1]}
    answers = [
        Answer(path="/accounts/z/campaigns", body={"data": campaigns, "next_cursor": None}),
        Answer(path="/stats/accounts/z", body=stats(("a", metrics), ("b", metrics))),
    ]
    done = read("x_ads", "z", DAY, DAY, answers, "--kind", "daily")
    assert [(one["entity_id"], one["currency"]) for one in done.rows] == [("a", "JPY"), ("b", "USD")]


def test_numbers_that_come_as_texts_are_numbers() -> None:
    told = {"billed_charge_local_micro": ["1250000"], "impressions": ["5"], "conversion_purchases": {"metric": ["2"]}}
    done = read("x_ads", "z", DAY, DAY, [Answer(path="/stats/accounts/z", body=stats(("a", told)))], "--kind", "daily")
    assert [tuple(one[name] for name in NUMBERS) for one in done.rows] == [("a", "a", "USD", 1_250_000, 5, 2.0)]
    one = msgspec.convert({"id": "1", "daily_budget_amount_local_micro": "7000000"}, wire.Campaign)
    assert mapping.campaign(one, ACCOUNT).daily_budget_micros == mapping.state(one).daily_budget_micros == 7_000_000


@pytest.mark.parametrize("body", [{"data": None, "request": None}, {"data": []}, stats(("a", None)), {}])
def test_nothing_told_is_no_record(body: dict[str, Any]) -> None:
    done = read("x_ads", "z", DAY, DAY, [Answer(path="/stats/accounts/z", body=body)], "--kind", "daily")
    assert (done.exit_code, done.rows) == (0, [])


def job_answers(content: bytes, *, times_cut: int = 0) -> list[Answer]:
    """A platform that gives numbers by jobs only, and takes every order for the same job of one placement."""
    job = {"id": 111111111111111111, "placement": "ALL_ON_TWITTER", "status": "PROCESSING", "url": None}
    done = job | {"status": "SUCCESS", "url": "https://ton.twimg.com/advertiser-api-async-analytics/j.json.gz"}
    listed = {"data": [done, job | {"id": 5, "status": "FAILED"}], "next_cursor": None}
    return [
        Answer(path="/stats/jobs/accounts/z", method="POST", body={"data": job}),
        Answer(path="/stats/jobs/accounts/z", method="GET", body=listed),
        Answer(path=r"/j\.json\.gz", body=content[: len(content) // 2], times=times_cut),
        Answer(path=r"/j\.json\.gz", body=content),
    ]


@pytest.mark.parametrize("times_cut", [0, 2])
@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["packed", "plain"])
def test_a_job_that_answers_for_all_orders_is_counted_once_and_a_cut_file_fetched_again(
    pack: Any, times_cut: int
) -> None:
    told = {"billed_charge_local_micro": [9_000_000], "impressions": [4]}
    content = pack(json.dumps(stats(("a", told))).encode())
    done = read("x_ads", "z", DAY, DAY, job_answers(content, times_cut=times_cut), "--kind", "daily")
    assert (done.exit_code, [one["spend_micros"] for one in done.rows]) == (0, [9_000_000])


def test_a_file_that_stays_cut_is_no_empty_one() -> None:
    done = read("x_ads", "z", DAY, DAY, job_answers(gzip.compress(b'{"data": []}')[:9]), "--kind", "daily")
    assert (done.exit_code, done.error["error"], done.rows) == (3, "Transient", [])


def test_files_cut_on_the_way_leave_the_numbers_whole() -> None:
    at = bench()
    account, left = at.account(), [2]

    def cut(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.endswith(".json.gz") or not left[0]:
            return response
        left[0] -= 1
        return httpx.Response(200, content=response.read()[:40])

    found = at.daily(account, *SPRING, ctx=at.ctx(transport=Tap(at.fake, after=cut)))
    assert sums(found) == truth(at.ledger(account, *SPRING, settled=False))


def test_the_longest_window_stays_within_what_x_takes_over_the_change_of_clocks() -> None:
    at = bench()
    account, until = at.account(), date(2026, 11, 10)
    days = at.connector.manifest.max_window_days
    since = until - timedelta(days=days - 1)
    assert sums(at.daily(account, since, until)) == truth(at.ledger(account, since, until, settled=False))
    wrong = numbers.Question(account, Level.CAMPAIGN, since - timedelta(days=1), until).params(["1"], "TREND")
    with pytest.raises(BadRequest):
        at.ctx().http.post(f"/{{version}}/stats/jobs/accounts/{account.id}", params=wrong)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": "@60"}, 60),
        ({"x-rate-limit-remaining": "5", "x-rate-limit-reset": "@60", "retry-after": "9"}, 9),
        (
            {
                "x-rate-limit-remaining": "0",
                "x-rate-limit-reset": "@60",
                "x-account-rate-limit-remaining": "0",
                "x-account-rate-limit-reset": "@90",
            },
            90,
        ),
    ],
)
def test_a_refused_call_waits_for_the_instant_that_x_names_in_whichever_header(
    headers: dict[str, str], seconds: int
) -> None:
    start = int(NOW.timestamp())
    told = {name: str(start + int(value[1:])) if value[0] == "@" else value for name, value in headers.items()}
    error = refusals.error_of(reply(429, {"errors": [{"code": "TOO_MANY_REQUESTS"}]}, told))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "TOO_MANY_REQUESTS", errors.RateLimited),
        (420, 88, errors.RateLimited),
        (500, "OVER_CAPACITY", errors.Transient),
        (401, "UNAUTHORIZED_ACCESS", errors.AuthExpired),
        (401, 32, errors.AppMisconfigured),
        (403, "SOMETHING_NEW", errors.ScopeMissing),
        (400, "SOMETHING_NEW", errors.BadRequest),
    ],
)
def test_codes_say_more_than_the_status(status: int, code: str | int, error: type[Exception]) -> None:
    assert isinstance(refusals.error_of(reply(status, {"errors": [{"code": code, "message": "no"}]})), error)


def test_posts_are_told_without_their_line_items_and_words_where_x_shows_neither() -> None:
    post = {"id": "p", "line_item_id": "l", "tweet_id": "99", "entity_status": "ACTIVE", "deleted": False}
    answers = [Answer(path="/promoted_tweets", body={"data": [post], "next_cursor": None})]
    ads = read("x_ads", "z", DAY, DAY, answers, "--kind", "ads")
    assert [(one["id"], one["campaign_id"], one["ad_group_id"]) for one in ads.rows] == [("p", "", "l")]
    creatives = read("x_ads", "z", DAY, DAY, answers, "--kind", "creatives")
    assert [(one["id"], one["body"], one["link_url"]) for one in creatives.rows] == [
        ("99", "", "https://x.com/i/status/99")
    ]
    assert (ads.exit_code, creatives.exit_code) == (0, 0)


def test_a_page_where_a_file_was_due_is_told() -> None:
    page = "<!DOCTYPE html><title>Over capacity</title>"
    answers = job_answers(b"")[:2]
    answers.append(Answer(path=r"/j\.json\.gz", body=page, headers={"content-type": "text/html"}))
    assert read("x_ads", "z", DAY, DAY, answers, "--kind", "daily").error["error"] == "SchemaDrift"
