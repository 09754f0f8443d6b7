"""What Amazon's replies may look like on odd days: texts for numbers, reports without an address, cut files, nulls for lists."""

import gzip
import json
from typing import Any

import httpx
import msgspec
import pytest
from adloom_amazon_ads import mapping, wire
from adloom_amazon_ads.products import SPONSORED_BRANDS, SPONSORED_PRODUCTS

from adloom_sdk import Kind, errors
from adloom_sdk.testing.bench import sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.kit.rig import Tap
from tests.connectors.amazon_ads.test_reading import WINDOW, bench
from tests.connectors.replay import Answer, Outcome, read

DAY = "2026-10-01"
REPORT = "11111111-2222-3333-4444-555555555555"
NUMBERS = ("entity_id", "day", "spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def daily(*rows: dict[str, Any], order: Answer | None = None, packs: Any = gzip.compress, **state: Any) -> Outcome:
    """What is read where every product's report holds these rows."""
    done = {"reportId": REPORT, "status": "COMPLETED", "url": "https://b.s3.amazonaws.com/r.json.gz?X-Amz=1"} | state
    answers = [
        order or Answer(path="/reporting/reports", method="POST", body={"reportId": REPORT, "status": "PENDING"}),
        Answer(path=f"/reporting/reports/{REPORT}", method="GET", body=done),
        Answer(path=r"/r\.json\.gz", body=packs(json.dumps(rows).encode())),
    ]
    return read("amazon_ads", "1", DAY, DAY, answers, "--kind", "daily")


def test_numbers_that_come_as_texts_are_numbers_and_gaps_stay_gaps() -> None:
    row = {"date": DAY, "campaignId": "12", "impressions": "9", "clicks": 1.0, "cost": "2.35", "sales7d": None}
    found = [tuple(one[name] for name in NUMBERS) for one in daily(row | {"purchases7d": "1.5"}).rows]
    assert found == [("12", DAY, 2_350_000, 9, 1, 1.5, None)]


def test_a_file_that_the_way_has_unpacked_already_is_read() -> None:
    assert [one["spend_micros"] for one in daily({"date": DAY, "campaignId": 1, "cost": 0.1}, packs=bytes).rows] == [
        100_000
    ]


@pytest.mark.parametrize("day", [None, "soon", ""])
def test_a_row_without_a_day_is_told(day: str | None) -> None:
    assert daily({"date": day, "campaignId": 1}).error["error"] == "SchemaDrift"


def test_a_finished_report_without_an_address_is_not_taken_for_an_empty_one() -> None:
    assert daily(url=None).error["error"] == "SchemaDrift"


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_report_that_comes_to_nothing_is_told(status: str) -> None:
    done = daily(status=status, url=None, failureReason="Report generation failed")
    assert (done.error["error"], done.error["code"]) == ("Transient", "Report generation failed")


@pytest.mark.parametrize("key", ["detail", "details", "message"])
def test_the_running_report_is_found_under_whichever_name_amazon_tells_it(key: str) -> None:
    body = {"code": "425", "details": "Too early"} | {key: f"The Request is a duplicate of : {REPORT}"}
    order = Answer(path="/reporting/reports", method="POST", status=425, body=body)
    done = daily({"date": DAY, "campaignId": 1, "cost": 1}, order=order)
    assert [one["spend_micros"] for one in done.rows] == [1_000_000]


def test_a_file_cut_on_the_way_is_fetched_again() -> None:
    at = bench()
    account, left = at.account("EUR"), [2]

    def cut(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.startswith("/report-files/") or not left[0]:
            return response
        left[0] -= 1
        return httpx.Response(200, content=response.read()[:-9])

    found = at.daily(account, *WINDOW, ctx=at.ctx(transport=Tap(at.fake, after=cut)))
    assert sums(found) == truth(at.ledger(account, *WINDOW, settled=False))
    assert left == [0]


def test_lists_of_null_are_empty() -> None:
    body = {"campaigns": None, "nextToken": None, "totalResults": 0}
    done = read("amazon_ads", "1", DAY, DAY, [Answer(path="/sp/campaigns/list", body=body)], "--kind", "campaigns")
    assert (done.exit_code, done.rows) == (0, [])


@pytest.mark.parametrize(
    ("told", "daily_micros", "lifetime_micros"),
    [
        ({"budget": {"budget": "50.25", "budgetType": "DAILY"}}, 50_250_000, None),
        ({"budget": 50.25, "budgetType": "LIFETIME"}, None, 50_250_000),
        ({"budget": "50.25", "budgetType": "daily"}, 50_250_000, None),
        ({"budget": {"budget": None}}, None, None),
        ({}, None, None),
    ],
)
def test_budgets_are_exact_in_whatever_form_they_come(
    told: dict[str, Any], daily_micros: int | None, lifetime_micros: int | None
) -> None:
    one = msgspec.convert({"campaignId": "1"} | told, wire.Campaign)
    found = mapping.campaign(one, bench().account("EUR"), SPONSORED_BRANDS)
    assert (found.daily_budget_micros, found.lifetime_budget_micros) == (daily_micros, lifetime_micros)
    assert mapping.state(one, SPONSORED_PRODUCTS).daily_budget_micros == daily_micros


def test_a_profile_of_an_unknown_zone_or_without_currency_says_so() -> None:
    told = [{"timezone": "Mars/Base", "currencyCode": "USD"}, {"timezone": "Asia/Tokyo"}]
    found = [mapping.account(msgspec.convert({"profileId": 1} | one, wire.Profile)) for one in told]
    assert [(one.timezone, one.problem.split()[3]) for one in found] == [("UTC", "time"), ("Asia/Tokyo", "currency")]


def test_an_order_whose_answer_was_cut_is_taken_over_when_asked_again() -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="cut_body", path="/reporting/reports", method="POST", times=1))
    assert sums(at.daily(account, *WINDOW)) == truth(at.ledger(account, *WINDOW, settled=False))
    assert len(at.fake.jobs) == 3  # type: ignore[attr-defined]  # only Amazon's fake has these


@pytest.mark.parametrize("product", ["/sp/campaigns", "/sb/v4/campaigns", "/sd/campaigns"])
def test_a_product_that_a_marketplace_has_not_hides_no_other_and_none_at_all_is_told(product: str) -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="not_found", path=product))
    assert 0 < len(at.read(Kind.CAMPAIGNS, account)) < 6
    at.fake.faults.add(Fault(kind="not_found", path="/campaigns"))
    with pytest.raises(errors.NotFound):
        at.read(Kind.CAMPAIGNS, account)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("enabled", "active"),
        ("PAUSED", "paused"),
        ("ARCHIVED", "removed"),
        ("USER_DELETED", "removed"),
        ("ENABLING", "other"),
    ],
)
def test_states_are_known_in_upper_and_lower_case(word: str, status: str) -> None:
    assert mapping.status(word) == status
