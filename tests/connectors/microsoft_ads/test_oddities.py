"""What Microsoft's replies may look like on odd days: reports with words around the table, codes without numbers, cut archives."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from adloom_microsoft_ads import mapping, refusals, wire

from adloom_sdk import Account, Reply, errors
from adloom_sdk.testing.bench import sums, truth
from adloom_sdk.testing.kit.rig import Tap
from tests.connectors.microsoft_ads.test_reading import WINDOW, bench, zipped
from tests.connectors.replay import Answer, Outcome, read

DAY = "2026-10-01"
NUMBERS = ("entity_id", "day", "spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros")
COLUMNS = '"TimePeriod","CampaignId","Impressions","Clicks","Spend","Conversions","Revenue"'
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def daily(*lines: str, report_id: str | int = "1", encoding: str = "utf-8-sig") -> Outcome:
    """What is read of a report with these lines."""
    state = {"Status": "Success", "ReportDownloadUrl": "https://download.example/files/report.zip?sig=1"}
    answers = [
        Answer(path="/Reporting/v13/GenerateReport/Submit", body={"ReportRequestId": report_id}),
        Answer(path="/Reporting/v13/GenerateReport/Poll", body={"ReportRequestStatus": state}),
        Answer(path="/report.zip", body=zipped("\r\n".join(lines).encode(encoding))),
    ]
    return read("microsoft_ads", "1", DAY, DAY, answers, "--kind", "daily")


def rows(done: Outcome) -> list[tuple[Any, ...]]:
    assert done.exit_code == 0, done.error
    return [tuple(one[name] for name in NUMBERS) for one in done.rows]


def test_words_above_and_below_the_table_are_no_rows() -> None:
    above = ['"Report Name: adloom"', '"Report Time: 10/1/2026"', '"Potential Incomplete Data: true"', ""]
    below = ["", '"©2026 Microsoft Corporation. All rights reserved. "']
    found = rows(daily(*above, COLUMNS, f'"{DAY}","11","1","2","3.50","0.5","10"', *below, report_id=30_000_000_001))
    assert found == [("11", DAY, 3_500_000, 1, 2, 0.5, 10_000_000)]


def test_thousands_commas_dashes_and_days_of_other_markets_are_read() -> None:
    found = rows(daily(COLUMNS, '"10/1/2026","11","1,234,567","--","12,345.678","-",""'))
    assert found == [("11", DAY, 12_345_678_000, 1_234_567, None, None, None)]


def test_a_report_of_columns_only_has_nothing_to_tell() -> None:
    assert rows(daily(COLUMNS)) == []


@pytest.mark.parametrize(
    "lines",
    [
        [COLUMNS, f'"{DAY}","11","1"'],
        [COLUMNS, f'"{DAY}","11","many","2","3","0","0"'],
        [COLUMNS, f'"{DAY}","11","1","2","plenty","0","0"'],
        [COLUMNS, '"soon","11","1","2","3","0","0"'],
        ['"TimePeriod","Impressions"', f'"{DAY}","1"'],
    ],
    ids=["short", "count", "money", "day", "columns"],
)
def test_a_table_of_another_shape_is_told(lines: list[str]) -> None:
    assert daily(*lines).error["error"] == "SchemaDrift"


def test_a_report_in_another_encoding_is_told() -> None:
    assert daily(COLUMNS, f'"{DAY}","ä","1","2","3","0","0"', encoding="latin-1").error["error"] == "SchemaDrift"


def test_an_archive_cut_on_the_way_is_fetched_again() -> None:
    at = bench()
    account, left = at.account("EUR"), [2]

    def cut(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if not request.url.path.startswith("/report-files/") or not left[0]:
            return response
        left[0] -= 1
        return httpx.Response(200, content=response.read()[:-30])

    found = at.daily(account, *WINDOW, ctx=at.ctx(transport=Tap(at.fake, after=cut)))
    assert sums(found) == truth(at.ledger(account, *WINDOW, settled=False))
    assert left == [0]


def test_a_page_of_accounts_that_comes_again_ends_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_microsoft_ads.connector._PAGE_SIZE", 1)
    listed = [{"Id": 7, "Name": "N", "CurrencyCode": "JPY", "TimeZone": "OsakaSapporoTokyo", "ParentCustomerId": 9}]
    answers = [
        Answer(path="/User/Query", body={"User": {"Id": "5"}, "CustomerRoles": None}),
        Answer(path="/Accounts/Search", body={"Accounts": listed}),
        Answer(path="/Campaigns/QueryByAccountId", body={"Campaigns": [{"Id": "1", "DailyBudget": "2500"}, None]}),
    ]
    done = read("microsoft_ads", "7", DAY, DAY, answers)
    assert [(one["currency"], one["daily_budget_micros"]) for one in done.rows] == [("JPY", 2_500_000_000)]


def test_a_budget_is_exact_in_whatever_form_it_comes() -> None:
    account = Account(id="1", name="N", currency="KWD", timezone="Asia/Riyadh")
    for told in ("25.125", 25.125, "25.1250"):
        one = msgspec.convert({"Id": 1, "DailyBudget": told}, wire.Campaign)
        assert mapping.campaign(one, account).daily_budget_micros == 25_125_000


def refused(status: int, **error: Any) -> errors.PlatformError | None:
    content = json.dumps({"Errors": [error], "TrackingId": "t"}).encode()
    reply = Reply(method="POST", path="/x", status=status, headers={}, content=content, received_at=NOW)
    return refusals.error_of(reply)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, {"ErrorCode": "AuthenticationTokenExpired"}, errors.AuthExpired),
        (500, {"ErrorCode": "AuthenticationTokenExpired", "Code": 109}, errors.AuthExpired),
        (400, {"ErrorCode": "InvalidCredentials"}, errors.AuthExpired),
        (400, {"ErrorCode": "UserIsNotAuthorized", "Code": None}, errors.ScopeMissing),
        (400, {"Code": "117"}, errors.RateLimited),
        (200, {"ErrorCode": "CallRateExceeded"}, errors.RateLimited),
        (400, {"Code": 207}, errors.RateLimited),
        (400, {"Code": 204}, errors.RateLimited),
        (500, {"ErrorCode": "InternalError"}, errors.Transient),
        (503, {"ErrorCode": "SomethingNew", "Code": 99999}, errors.Transient),
        (400, {"ErrorCode": "SomethingNew", "Code": 0}, errors.BadRequest),
        (403, {"ErrorCode": "SomethingNew"}, errors.ScopeMissing),
        (200, {"ErrorCode": "SomethingNew"}, errors.BadRequest),
        (400, {"Code": 105, "Message": "The developer token is invalid."}, errors.AppNotApproved),
    ],
)
def test_a_code_is_known_by_number_or_name_and_else_the_status_speaks(
    status: int, error: dict[str, Any], kind: type[Exception]
) -> None:
    found = refused(status, **error)
    assert type(found) is kind
    if isinstance(found, errors.RateLimited):
        assert found.retry_at == datetime(2026, 11, 20, 12, 1, tzinfo=UTC)


def test_without_reports_what_is_listed_stands_alone() -> None:
    answers = [Answer(path="/Campaigns/QueryByAccountId", body={"Campaigns": [{"Id": 1, "Status": "Suspended"}]})]
    done = read("microsoft_ads", "1", DAY, DAY, answers, "--kind", "campaigns")
    assert (done.exit_code, [one["raw_status"] for one in done.rows]) == (0, ["Suspended"])


@pytest.mark.parametrize(("word", "status"), [("Suspended", "disabled"), ("Inactive", "closed"), ("Brand", "limited")])
def test_states_of_accounts_are_told_in_sentences(word: str, status: str) -> None:
    told = {"Id": 1, "TimeZone": "OsakaSapporoTokyo", "CurrencyCode": "JPY", "AccountLifeCycleStatus": word}
    found = mapping.account(msgspec.convert(told, wire.Account))
    assert (found.status, bool(found.problem)) == (status, status != "limited")
