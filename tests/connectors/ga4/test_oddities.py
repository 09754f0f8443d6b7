"""What Analytics' replies may look like on odd days: other columns, another currency, pages that repeat, refusals without details."""

from datetime import date
from typing import Any

import msgspec
import pytest
from adloom_ga4 import mapping, wire
from adloom_ga4.connector import GoogleAnalytics

from adloom_sdk import Account, Kind, errors
from adloom_sdk.testing.faults import Fault
from tests.connectors.ga4.test_ga4 import _reply, bench
from tests.connectors.replay import Answer, Outcome, read

DAY = "2026-10-01"
METRICS = ("totalRevenue", "transactions", "firstTimePurchasers", "totalPurchasers", "sessions")
FIGURES = ("revenue_micros", "orders", "new_customers", "returning_customers", "sessions")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def report(
    *rows: tuple[tuple[Any, ...], tuple[Any, ...]],
    dimensions: tuple[str, ...] = ("date", "sessionSourceMedium"),
    metrics: tuple[str, ...] = METRICS,
    **more: Any,
) -> dict[str, Any]:
    head = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": "TYPE_FLOAT"} for name in metrics],
    }
    shown = [
        {"dimensionValues": [{"value": one} for one in told], "metricValues": [{"value": one} for one in figures]}
        for told, figures in rows
    ]
    return head | ({"rows": shown, "rowCount": len(shown)} if shown else {}) | more


def run(body: dict[str, Any], account: str = "5", *answers: Answer) -> Outcome:
    return read("ga4", account, DAY, DAY, [*answers, Answer(path="/properties/5:runReport", body=body)])


def told(done: Outcome) -> dict[str, tuple[Any, ...]]:
    assert done.exit_code == 0, done.error
    return {one["source"]: tuple(one[name] for name in FIGURES) for one in done.rows}


def test_columns_that_the_report_has_not_are_unknown_not_zero() -> None:
    row = (("20261001", "42", "google / cpc"), ("12.5", "3", "40"))
    names = ("date", "sessionCampaignId", "sessionSourceMedium")
    found = told(run(report(row, dimensions=names, metrics=("totalRevenue", "keyEvents", "sessions"))))
    assert found["google / cpc"] == (12_500_000, None, None, None, 40)
    assert found[""] == (0, None, None, None, 0)


def test_a_value_that_is_empty_is_unknown_and_large_amounts_come_with_an_exponent() -> None:
    row = (("20261001", "google / cpc"), ("1.2345678E7", "2.5", "", "", 40))
    assert told(run(report(row)))["google / cpc"] == (12_345_678_000_000, 2.5, None, None, 40)


def test_rows_of_one_source_and_of_none_add_up() -> None:
    rows = [(("20261001", name), ("1.5", "1", "1", "1", "2")) for name in ("a / b", "(not set)", "(other)", "")]
    found = told(run(report(*rows)))
    assert {name: figures[0] for name, figures in found.items()} == {"a / b": 1_500_000, "": 4_500_000}


def test_amounts_keep_the_currency_in_which_google_tells_them() -> None:
    row = (("20261001", "a / b"), ("1234", "1", "0", "1", "2"))
    done = run(report(row, metadata={"currencyCode": "JPY", "timeZone": "Asia/Tokyo"}))
    assert {one["currency"] for one in done.rows} == {"JPY"}


def test_amounts_are_asked_for_in_the_accounts_currency() -> None:
    at = bench()
    account = msgspec.structs.replace(at.account("EUR"), currency="JPY")
    with pytest.raises(errors.BadRequest):  # the fake tells no property in another currency than its own
        at.read(Kind.REVENUE, account, date(2026, 11, 1), date(2026, 11, 2))


@pytest.mark.parametrize("account", ["5", "properties/5"])
def test_a_property_may_be_named_with_its_prefix(account: str) -> None:
    assert set(told(run(report(), account))) == {""}


def test_a_report_of_other_things_is_told() -> None:
    assert (
        run(report((("PL",), ("3",)), dimensions=("country",), metrics=("activeUsers",))).error["error"]
        == "SchemaDrift"
    )
    assert run(report((("soon", "a"), ("1",) * 5))).error["error"] == "SchemaDrift"


def test_a_page_that_comes_again_is_told_instead_of_counted_for_ever() -> None:
    row = (("20261001", "a / b"), ("1", "1", "1", "1", "1"))
    assert run(report(row) | {"rowCount": 250_000}).error["error"] == "SchemaDrift"


def test_properties_are_found_through_the_plain_list_where_there_are_no_summaries() -> None:
    at = bench()
    usual = at.accounts()
    at.fake.faults.add(Fault(kind="not_found", path="accountSummaries"))
    assert at.accounts() == usual != []


def test_a_property_of_an_unknown_zone_or_without_currency_says_so() -> None:
    found = [
        mapping.account(wire.Property(name="properties/1", time_zone=zone, currency_code=currency))
        for zone, currency in ((None, "USD"), ("Mars/Base", "USD"), ("Europe/Warsaw", None), ("Europe/Warsaw", "PLN"))
    ]
    assert [bool(one.problem) for one in found] == [True, True, True, False]
    assert isinstance(found[0], Account)


@pytest.mark.parametrize(
    ("status", "name", "message", "error"),
    [
        (403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", errors.ScopeMissing),
        (403, "PERMISSION_DENIED", "Google Analytics Data API has not been used in project 1.", errors.AppNotApproved),
        (403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property.", errors.NotFound),
        (404, "NOT_FOUND", "Requested entity was not found.", errors.NotFound),
        (429, "RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota.", errors.RateLimited),
        (418, "SOMETHING_NEW", "no", errors.BadRequest),
    ],
)
def test_words_tell_refusals_apart_where_details_are_missing(
    status: int, name: str, message: str, error: type[Exception]
) -> None:
    at = bench()
    body = {"error": {"code": status, "message": message, "status": name}}
    assert type(GoogleAnalytics.error_of(_reply(at, status, body))) is error


def test_a_delay_that_stands_in_the_body_is_kept() -> None:
    at = bench()
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30.5s"}]
    body = {"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": details}}
    error = GoogleAnalytics.error_of(_reply(at, 429, body))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_at is not None
    assert (error.retry_at - at.fake.world.clock.now()).total_seconds() == 30.5
