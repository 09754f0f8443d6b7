"""What Reddit's replies may look like on odd days: numbers as texts, nulls for lists, rows about nothing, pages that repeat."""

from typing import Any

import msgspec
import pytest
from adloom_reddit_ads import mapping, wire

from adloom_sdk import AccountStatus, Kind
from adloom_sdk.testing.kit.rig import Tap
from tests.connectors.reddit_ads.test_mapping import ACCOUNT
from tests.connectors.reddit_ads.test_reading import bench
from tests.connectors.replay import Answer, read

DAY = "2026-10-01"
NUMBERS = ("entity_id", "spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros")


def report(*rows: dict[str, Any], pagination: dict[str, Any] | None = None) -> Answer:
    return Answer(path="/reports", body={"data": {"metrics": list(rows)}, "pagination": pagination or {}})


def test_numbers_that_come_as_texts_are_numbers() -> None:
    row = {"campaign_id": 7, "date": f"{DAY}T00:00:00Z", "impressions": "30", "clicks": "2", "spend": "1500000"}
    worth = {"conversion_purchase_clicks": "1", "conversion_purchase_total_value": "1999"}
    done = read("reddit_ads", "a2_1", DAY, DAY, [report(row | worth)])
    assert [tuple(one[name] for name in NUMBERS) for one in done.rows] == [("7", 1_500_000, 30, 2, 1.0, 19_990_000)]


def test_budgets_that_come_as_texts_are_micros_too() -> None:
    one = msgspec.convert({"id": "t5_1", "goal_type": "DAILY_SPEND", "goal_value": "5000000"}, wire.Campaign)
    assert mapping.campaign(one, ACCOUNT).daily_budget_micros == mapping.state(one).daily_budget_micros == 5_000_000


@pytest.mark.parametrize("data", [None, {"metrics": None}, {"metrics": []}, {}])
def test_a_report_without_rows_has_nothing_to_tell(data: Any) -> None:
    done = read("reddit_ads", "a2_1", DAY, DAY, [Answer(path="/reports", body={"data": data, "pagination": None})])
    assert (done.exit_code, done.rows) == (0, [])


def test_lists_of_null_are_empty() -> None:
    done = read("reddit_ads", "a2_1", DAY, DAY, [Answer(path="/campaigns", body={"data": None})], "--kind", "campaigns")
    assert (done.exit_code, done.rows) == (0, [])


def test_a_row_about_nothing_is_told_instead_of_its_spend_being_lost() -> None:
    done = read("reddit_ads", "a2_1", DAY, DAY, [report({"date": DAY, "spend": 1})])
    assert (done.exit_code, done.error["error"]) == (3, "SchemaDrift")


def test_rows_of_the_days_around_the_window_are_not_counted() -> None:
    rows = [{"campaign_id": "c", "date": day, "spend": 1} for day in ("2026-09-30", DAY, "2026-10-02")]
    done = read("reddit_ads", "a2_1", DAY, DAY, [report(*rows)])
    assert [one["day"] for one in done.rows] == [DAY]


def test_the_next_page_is_asked_for_with_its_own_query_and_nothing_more() -> None:
    at = bench(page_size=2)
    account = at.account()
    asked: list[str] = []

    def noted(request: Any, response: Any) -> Any:
        asked.append(request.url.query.decode())
        return response

    at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(transport=Tap(at.fake, after=noted)))
    assert asked == ["page.size=100", *(f"page.size=100&page.token={start}" for start in (2, 4))]


def test_an_account_without_currency_or_with_a_stop_says_why_it_cannot_be_read() -> None:
    plain = {"id": "a2_1", "time_zone_id": "Europe/Berlin"}
    told = [
        mapping.account(msgspec.convert(plain | more, wire.AdAccount), wire.Business(id="b"))
        for more in ({}, {"currency": "EUR", "suspension_reason": "POLICY"}, {"currency": "EUR"})
    ]
    assert ["currency" in told[0].problem, told[1].status, told[2].problem] == [True, AccountStatus.DISABLED, ""]
