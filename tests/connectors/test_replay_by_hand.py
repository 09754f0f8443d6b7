"""What platforms may well answer: refusals of every kind, gaps and oddities, read through the command as an outsider would."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from tests.connectors.replay import Answer, Outcome, read

DAY = "2026-10-01"
HTML = {"content-type": "text/html; charset=UTF-8"}


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def meta(code: int, message: str = "no", subcode: int = 0) -> dict[str, Any]:
    told = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A1"}
    return {"error": told}


def google(code: int, status: str, group: str = "", name: str = "", **details: Any) -> list[dict[str, Any]]:
    kind = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    errors = [{"errorCode": {group: name}, "message": "no", "details": details}]
    found = [{"@type": kind, "errors": errors, "requestId": "r1"}] if group else []
    return [{"error": {"code": code, "message": "no", "status": status, "details": found}}]


def tiktok(code: int, message: str = "no") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "r1", "data": {}}


def linkedin(status: int, code: str = "", number: int = 0) -> dict[str, Any]:
    return {"status": status, "code": code, "message": "no", "serviceErrorCode": number}


def snap(code: str, message: str) -> dict[str, Any]:
    return {"request_status": "ERROR", "request_id": "r1", "debug_message": message, "error_code": code}


def shopify(code: str, message: str = "no") -> dict[str, Any]:
    cost = {"requestedQueryCost": 500, "throttleStatus": {"currentlyAvailable": 1, "restoreRate": 1}}
    return {"errors": [{"message": message, "extensions": {"code": code}}], "extensions": {"cost": cost}}


REFUSALS = [
    ("meta_ads", 400, meta(17, subcode=2446079), "RateLimited"),
    ("meta_ads", 400, meta(4), "RateLimited"),
    ("meta_ads", 400, meta(613), "RateLimited"),
    ("meta_ads", 400, meta(80004), "RateLimited"),
    ("meta_ads", 400, meta(190, subcode=460), "AuthRevoked"),
    ("meta_ads", 400, meta(190, subcode=458), "AuthRevoked"),
    ("meta_ads", 401, meta(190, subcode=467), "AuthExpired"),
    ("meta_ads", 400, meta(102), "AuthExpired"),
    ("meta_ads", 403, meta(10, "(#10) Application does not have the permission"), "ScopeMissing"),
    ("meta_ads", 403, meta(200, "(#200) Ad account owner has NOT granted ads_read"), "ScopeMissing"),
    ("meta_ads", 400, meta(100, "(#100) Missing permissions"), "ScopeMissing"),
    ("meta_ads", 400, meta(100, "Unsupported get request.", 33), "NotFound"),
    ("meta_ads", 400, meta(100, "(#100) Tried accessing nonexisting field (x)"), "BadRequest"),
    ("meta_ads", 400, meta(2635, "You are calling a deprecated version of the Ads API."), "VersionSunset"),
    ("meta_ads", 500, meta(1, "Please reduce the amount of data you're asking for, then retry"), "TooMuchData"),
    ("meta_ads", 400, meta(100, "too much", 1487534), "TooMuchData"),
    ("meta_ads", 500, meta(2, "An unexpected error has occurred."), "Transient"),
    ("meta_ads", 400, meta(960), "Transient"),
    ("google_ads", 403, google(403, "PERMISSION_DENIED", "authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED"), "AppNotApproved"),
    ("google_ads", 403, google(403, "PERMISSION_DENIED", "authorizationError", "CUSTOMER_NOT_ENABLED"), "AccountDisabled"),
    ("google_ads", 401, google(401, "UNAUTHENTICATED", "authenticationError", "OAUTH_TOKEN_EXPIRED"), "AuthExpired"),
    ("google_ads", 401, google(401, "UNAUTHENTICATED", "authenticationError", "OAUTH_TOKEN_REVOKED"), "AuthRevoked"),
    ("google_ads", 401, google(401, "UNAUTHENTICATED")[0], "AuthExpired"),
    ("google_ads", 429, google(429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_EXHAUSTED"), "RateLimited"),
    ("google_ads", 503, google(503, "UNAVAILABLE"), "Transient"),
    ("google_ads", 400, google(400, "INVALID_ARGUMENT", "queryError", "UNRECOGNIZED_FIELD"), "BadRequest"),
    ("google_ads", 404, "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", "VersionSunset"),
    ("tiktok_ads", 200, tiktok(40100, "Too many requests"), "RateLimited"),
    ("tiktok_ads", 200, tiktok(40001, "No permission to operate advertiser 1"), "ScopeMissing"),
    ("tiktok_ads", 200, tiktok(40002, "page_size: must be at most 1000"), "BadRequest"),
    ("tiktok_ads", 200, tiktok(40102, "Access token is expired"), "AuthExpired"),
    ("tiktok_ads", 200, tiktok(40104, "Access token is empty"), "AuthExpired"),
    ("tiktok_ads", 200, tiktok(50000, "System error"), "Transient"),
    ("tiktok_ads", 200, tiktok(50002, "Error processing request"), "Transient"),
    ("linkedin_ads", 401, linkedin(401, "REVOKED_ACCESS_TOKEN", 65601), "AuthRevoked"),
    ("linkedin_ads", 401, linkedin(401, "", 65602), "AuthExpired"),
    ("linkedin_ads", 403, linkedin(403, "ACCESS_DENIED", 100), "ScopeMissing"),
    ("linkedin_ads", 429, linkedin(429, "TOO_MANY_REQUESTS", 101), "RateLimited"),
    ("linkedin_ads", 500, linkedin(500, "INTERNAL_SERVER_ERROR"), "Transient"),
    ("snapchat_ads", 400, snap("E1008", "Bad Request. Message: invalid fields"), "BadRequest"),
    ("snapchat_ads", 403, snap("E1004", "Permission denied"), "ScopeMissing"),
    ("snapchat_ads", 404, snap("E1003", "Resource can not be found"), "NotFound"),
    ("snapchat_ads", 429, {"msg": "Too Many Requests"}, "RateLimited"),
    ("snapchat_ads", 500, snap("E3001", "Internal error"), "Transient"),
    ("snapchat_ads", 200, snap("E1008", "Bad Request"), "BadRequest"),
    ("pinterest_ads", 401, {"code": 2, "message": "Authentication failed."}, "AuthExpired"),
    ("pinterest_ads", 403, {"code": 29, "message": "You are not permitted to access that resource."}, "ScopeMissing"),
    ("pinterest_ads", 429, {"code": 8, "message": "You have exceeded your rate limit."}, "RateLimited"),
    ("pinterest_ads", 400, {"code": 1, "message": "Invalid request"}, "BadRequest"),
    ("pinterest_ads", 500, {"code": 11, "message": "Something went wrong"}, "Transient"),
    ("reddit_ads", 400, {"error": {"code": 400, "message": "invalid starts_at"}}, "BadRequest"),
    ("reddit_ads", 401, {"error": {"code": 401, "message": "Unauthorized"}}, "AuthExpired"),
    ("reddit_ads", 403, {"error": {"code": 403, "message": "Forbidden"}}, "ScopeMissing"),
    ("reddit_ads", 429, {"error": {"code": 429, "message": "Too Many Requests"}}, "RateLimited"),
    ("reddit_ads", 500, {"error": {"code": 500, "message": "oops"}}, "Transient"),
    ("microsoft_ads", 400, {"OperationErrors": [{"Code": 117, "ErrorCode": "CallRateExceeded", "Message": "wait"}]}, "RateLimited"),
    ("microsoft_ads", 401, {"Errors": [{"Code": 109, "ErrorCode": "AuthenticationTokenExpired", "Message": "no"}]}, "AuthExpired"),
    ("microsoft_ads", 400, {"Errors": [{"Code": 105, "ErrorCode": "InvalidCredentials", "Message": "no"}]}, "AuthExpired"),
    ("microsoft_ads", 200, {"BatchErrors": [], "OperationErrors": [{"Code": 207, "ErrorCode": "ConcurrentRequestOverLimit"}]}, "RateLimited"),
    ("microsoft_ads", 500, {"Errors": [{"Code": 0, "ErrorCode": "InternalError", "Message": "no"}]}, "Transient"),
    ("amazon_ads", 401, {"code": "UNAUTHORIZED", "details": "Not authorized to access this resource"}, "AuthExpired"),
    ("amazon_ads", 403, {"code": "FORBIDDEN", "message": "Forbidden"}, "ScopeMissing"),
    ("amazon_ads", 429, {"code": "429", "details": "Too Many Requests"}, "RateLimited"),
    ("amazon_ads", 400, {"code": "400", "detail": "startDate to endDate range cannot exceed 31 days"}, "BadRequest"),
    ("amazon_ads", 503, {"message": "Service Unavailable"}, "Transient"),
    ("x_ads", 401, {"errors": [{"code": "UNAUTHORIZED_ACCESS", "message": "no"}], "request": {"params": {}}}, "AuthExpired"),
    ("x_ads", 401, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}, "AuthRevoked"),
    ("x_ads", 403, {"errors": [{"code": "UNAUTHORIZED_CLIENT_APPLICATION", "message": "no"}]}, "AppNotApproved"),
    ("x_ads", 429, {"errors": [{"code": "TOO_MANY_REQUESTS", "message": "wait"}]}, "RateLimited"),
    ("x_ads", 404, {"errors": [{"code": "NOT_FOUND", "message": "User not found", "parameter": "account_id"}]}, "NotFound"),
    ("x_ads", 500, {"errors": [{"code": "INTERNAL_ERROR", "message": "oops"}]}, "Transient"),
    ("ga4", 401, {"error": {"code": 401, "message": "no", "status": "UNAUTHENTICATED"}}, "AuthExpired"),
    ("ga4", 403, {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}, "NotFound"),
    ("ga4", 429, {"error": {"code": 429, "message": "tokens per hour", "status": "RESOURCE_EXHAUSTED"}}, "RateLimited"),
    ("ga4", 400, {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}, "BadRequest"),
    ("ga4", 500, {"error": {"code": 500, "message": "no", "status": "INTERNAL"}}, "Transient"),
    ("shopify", 200, shopify("THROTTLED", "Throttled"), "RateLimited"),
    ("shopify", 200, shopify("ACCESS_DENIED", "Access denied for orders field."), "ScopeMissing"),
    ("shopify", 401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, "AuthExpired"),
    ("shopify", 404, {"errors": "Not Found"}, "NotFound"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "status", "body", "name"), REFUSALS)
def test_a_refusal_ends_in_its_class(key: str, status: int, body: Any, name: str) -> None:
    headers = HTML if isinstance(body, str) else {}
    # Each kind is patient with a server in trouble; one of them shows the class.
    only = ["--kind", "campaigns"] if name == "Transient" and key not in {"ga4", "shopify"} else []
    done = read(key, "1", DAY, DAY, [Answer(path=".*", body=body, status=status, headers=headers)], *only)
    assert (done.exit_code, done.error["error"], done.rows) == (3, name, [])
    assert done.error["message"]
    assert done.error["what_to_do"]


def daily(done: Outcome, *names: str) -> list[tuple[Any, ...]]:
    assert done.exit_code == 0, done.error
    return [tuple(row[name] for name in names) for row in done.rows]


NUMBERS = ("entity_id", "day", "spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros")


def test_meta_spend_in_yen_and_missing_actions() -> None:
    row = {"campaign_id": "1", "date_start": DAY, "date_stop": DAY, "spend": "1234", "impressions": "10"}
    bought = [{"action_type": "purchase", "value": "2"}, {"action_type": "omni_purchase", "value": "3"}]
    worth = [{"action_type": "omni_purchase", "value": "99.5"}]
    other = {**row, "campaign_id": "2", "spend": "0.5", "clicks": "4", "actions": bought, "action_values": worth}
    listed = {"data": [{"id": "act_7", "account_id": "7", "currency": "JPY", "timezone_name": "Asia/Tokyo"}]}
    answers = [Answer(path="/insights", body={"data": [row, other]}), Answer(path="/me/adaccounts", body=listed)]
    done = read("meta_ads", "act_7", DAY, DAY, answers)
    first, second = daily(done, *NUMBERS)
    assert first[:4] == ("1", DAY, 1_234_000_000, 10)
    assert second == ("2", DAY, 500_000, 10, 4, 3.0, 99_500_000)
    assert {row["currency"] for row in done.rows} == {"JPY"}


def test_meta_budgets_in_yen_have_no_minor_unit() -> None:
    row = {"id": "1", "name": "C", "status": "PAUSED", "effective_status": "PAUSED", "daily_budget": "2500"}
    answers = [Answer(path="/campaigns", body={"data": [row]})]
    for currency, micros in (("JPY", 2_500_000_000), ("EUR", 25_000_000), ("KWD", 25_000_000)):
        done = read("meta_ads", "act_7", DAY, DAY, answers, "--kind", "campaigns", "--currency", currency)
        assert done.rows[0]["status"] == "paused"
        assert done.rows[0]["daily_budget_micros"] == micros, currency


@pytest.mark.parametrize("body", [[], [{"results": []}], [{"fieldMask": "campaign.id", "requestId": "r"}]])
def test_google_with_nothing_to_tell(body: Any) -> None:
    assert daily(read("google_ads", "1", DAY, DAY, [Answer(path=":searchStream", body=body)]), "day") == []


def test_google_leaves_out_what_is_zero() -> None:
    row = {"campaign": {"id": "9"}, "segments": {"date": DAY}, "metrics": {"costMicros": "1230000"}}
    (found,) = daily(
        read("google_ads", "1", DAY, DAY, [Answer(path=":searchStream", body=[{"results": [row]}])], "--kind", "daily"),
        *NUMBERS,
    )
    assert found[:5] == ("9", DAY, 1_230_000, 0, 0)


def test_google_error_after_good_parts_is_told() -> None:
    row = {"campaign": {"id": "9"}, "segments": {"date": DAY}, "metrics": {"costMicros": "1"}}
    body = [{"results": [row]}, *google(400, "INVALID_ARGUMENT", "queryError", "BAD_VALUE")]
    assert read("google_ads", "1", DAY, DAY, [Answer(path=":searchStream", body=body)]).error["error"] == "BadRequest"


def test_tiktok_dashes_numbers_and_nulls() -> None:
    metrics = {"spend": 12.5, "impressions": "-", "clicks": 3, "conversion": None, "complete_payment": "-"}
    rows = [{"dimensions": {"campaign_id": 1680018437245954, "stat_time_day": f"{DAY} 00:00:00"}, "metrics": metrics}]
    body = {"code": 0, "message": "OK", "data": {"list": rows, "page_info": {"page": 1, "total_page": 1}}}
    found = daily(read("tiktok_ads", "1", DAY, DAY, [Answer(path="/report/integrated/get/", body=body)]), *NUMBERS)
    assert found == [("1680018437245954", DAY, 12_500_000, None, 3, None, None)]


def test_linkedin_dust_is_swept() -> None:
    on = {"year": 2026, "month": 10, "day": 1}
    row = {"pivotValues": ["urn:li:sponsoredCampaign:5"], "dateRange": {"start": on, "end": on}, "impressions": 2}
    worth = {"costInLocalCurrency": "99.99999999999996", "conversionValueInLocalCurrency": "-2e-18"}
    answers = [Answer(path="/adAnalytics", body={"elements": [{**row, **worth}]})]
    found = daily(read("linkedin_ads", "1", DAY, DAY, answers), *NUMBERS)
    assert found == [("5", DAY, 100_000_000, 2, None, None, 0)]


def test_snapchat_prints_what_did_not_fail() -> None:
    good = {"sub_request_status": "SUCCESS", "campaign": {"id": "a", "name": "A", "status": "ACTIVE"}}
    bad = {"sub_request_status": "ERROR", "sub_request_error_reason": "no access", "error_code": "E2002"}
    body = {"request_status": "PARTIAL", "request_id": "r", "campaigns": [bad, good]}
    done = read("snapchat_ads", "s", DAY, DAY, [Answer(path="/campaigns", body=body)], "--kind", "campaigns")
    assert [row["id"] for row in done.rows] == ["a"]
    assert (done.exit_code, done.error["error"]) == (3, "PartialFailure")


def test_snapchat_day_of_a_campaign_that_was_broken_down() -> None:
    span = {"start_time": f"{DAY}T00:00:00.000+0200", "end_time": "2026-10-02T00:00:00.000+0200"}
    stats = {"impressions": 7, "swipes": 2, "spend": 1_234_567, "conversion_purchases": 1}
    series = {"id": "c", "type": "CAMPAIGN", "granularity": "DAY", "timeseries": [{**span, "stats": stats}]}
    told = {"id": "s", "type": "AD_ACCOUNT", "granularity": "DAY", "breakdown_stats": {"campaign": [series]}}
    body = {
        "request_status": "success",
        "timeseries_stats": [{"sub_request_status": "success", "timeseries_stat": told}],
    }
    found = daily(read("snapchat_ads", "s", DAY, DAY, [Answer(path="/stats", body=body)]), *NUMBERS)
    assert found == [("c", DAY, 1_234_567, 7, 2, 1.0, None)]


def test_snapchat_hours_of_an_answer_that_was_not_broken_down_make_a_day() -> None:
    stats = {"impressions": 7, "swipes": 2, "spend": 500_000}
    hours = [
        {
            "start_time": f"{DAY}T{hour:02}:00:00.000-0700",
            "end_time": f"{DAY}T{hour + 1:02}:00:00.000-0700",
            "stats": stats,
        }
        for hour in range(3)
    ]
    told = {"id": "c", "type": "CAMPAIGN", "granularity": "HOUR", "timeseries": hours}
    body = {
        "request_status": "SUCCESS",
        "timeseries_stats": [{"sub_request_status": "SUCCESS", "timeseries_stat": told}],
    }
    found = daily(read("snapchat_ads", "s", DAY, DAY, [Answer(path="/stats", body=body)]), *NUMBERS)
    assert found == [("c", DAY, 1_500_000, 21, 6, None, None)]


@pytest.mark.parametrize("entities", [[], None])
def test_pinterest_without_numbers(entities: Any) -> None:
    answers = [Answer(path="/campaigns/analytics", body=entities or [])]
    assert daily(read("pinterest_ads", "1", DAY, DAY, answers), "day") == []


def test_reddit_spend_is_micros_and_gaps_stay_gaps() -> None:
    rows = [{"campaign_id": "c", "date": DAY, "impressions": 3, "clicks": None, "spend": 1_500_000}]
    body = {"data": {"metrics": rows, "metrics_updated_at": f"{DAY}T00:00:00Z"}, "pagination": {"next_url": None}}
    found = daily(read("reddit_ads", "a2_1", DAY, DAY, [Answer(path="/reports", body=body)]), *NUMBERS)
    assert found == [("c", DAY, 1_500_000, 3, None, None, None)]


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("report.csv", text.encode("utf-8-sig"))
    return file.getvalue()


def microsoft(content: bytes, url: str | None = "https://download.example/report.zip") -> Outcome:
    state = {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}}
    answers = [
        Answer(path="/GenerateReport/Submit", body={"ReportRequestId": "1"}),
        Answer(path="/GenerateReport/Poll", body=state),
        Answer(path="/report.zip", body=content, headers={"content-type": "application/zip"}),
    ]
    return read("microsoft_ads", "1", DAY, DAY, answers)


def test_microsoft_thousands_and_dashes() -> None:
    text = (
        '"TimePeriod","CampaignId","Impressions","Clicks","Spend","Conversions","Revenue"\r\n'
        f'"{DAY}","11","1,234","5","1,234.50","--",""\r\n'
    )
    found = daily(microsoft(zipped(text)), *NUMBERS)
    assert found == [("11", DAY, 1_234_500_000, 1234, 5, None, None)]


def test_microsoft_without_an_address_has_nothing_to_tell() -> None:
    assert daily(microsoft(b"", url=None), "day") == []


def test_microsoft_cut_archive_is_no_empty_report() -> None:
    assert microsoft(zipped("TimePeriod")[:20]).error["error"] == "Transient"


def amazon(order: Answer) -> Outcome:
    rows = [
        {"date": DAY, "campaignId": 12, "impressions": 9, "clicks": 1, "cost": 2.35, "purchases7d": 1, "sales7d": 20.0}
    ]
    report = "11111111-2222-3333-4444-555555555555"
    state = {"reportId": report, "status": "COMPLETED", "url": "https://bucket.s3.amazonaws.com/r.json.gz?X-Amz=1"}
    file = gzip.compress(json.dumps(rows).encode())
    answers = [
        order,
        Answer(path=f"/reporting/reports/{report}", method="GET", body=state),
        Answer(path=r"/r\.json\.gz", body=file, headers={"content-type": "application/gzip"}),
    ]
    return read("amazon_ads", "1", DAY, DAY, answers)


def test_amazon_zipped_report() -> None:
    body = {"reportId": "11111111-2222-3333-4444-555555555555", "status": "PENDING"}
    found = daily(amazon(Answer(path="/reporting/reports", method="POST", body=body)), *NUMBERS)
    assert found == [("12", DAY, 2_350_000, 9, 1, 1.0, 20_000_000)]


def test_amazon_running_report_is_taken_over() -> None:
    words = "The Request is a duplicate of : 11111111-2222-3333-4444-555555555555"
    found = amazon(Answer(path="/reporting/reports", method="POST", status=425, body={"code": "425", "detail": words}))
    assert daily(found, "entity_id", "spend_micros") == [("12", 2_350_000)]


def test_x_null_arrays_are_gaps_and_other_placements_are_not_counted() -> None:
    metrics = {"impressions": [5], "clicks": None, "billed_charge_local_micro": [1_250_000], "url_clicks": None}
    stats = [{"id": "a", "id_data": [{"segment": None, "metrics": metrics}]}, {"id": "b", "id_data": []}]
    asked = {"params": {"placement": "ALL_ON_TWITTER"}}
    body = {"data_type": "stats", "time_series_length": 1, "data": stats, "request": asked}
    found = daily(read("x_ads", "z", DAY, DAY, [Answer(path="/stats/accounts/z", body=body)]), *NUMBERS)
    assert found == [("a", DAY, 1_250_000, 5, None, None, None)]


def test_ga4_rows_are_texts_and_no_rows_are_no_revenue() -> None:
    dimensions = [{"name": "date"}, {"name": "sessionSourceMedium"}]
    names = ("totalRevenue", "transactions", "firstTimePurchasers", "totalPurchasers", "sessions")
    head = {"dimensionHeaders": dimensions, "metricHeaders": [{"name": name} for name in names]}
    values = [{"value": value} for value in ("12.5", "2", "1", "2", "40")]
    row = {"dimensionValues": [{"value": "20261001"}, {"value": "google / cpc"}], "metricValues": values}
    for rows, micros in (({"rows": [row], "rowCount": 1}, 12_500_000), ({}, 0)):
        done = read("ga4", "5", DAY, DAY, [Answer(path=":runReport", body={**head, **rows})])
        assert done.exit_code == 0
        assert sum(one["revenue_micros"] for one in done.rows) == micros


def test_a_page_that_comes_again_ends_the_read_and_prints_nothing_twice() -> None:
    rows = [{"campaignId": "1", "name": "C", "state": "ENABLED", "budget": {"budget": 5.0, "budgetType": "DAILY"}}]
    answers = [Answer(path="/sp/campaigns/list", body={"campaigns": rows, "nextToken": "again"})]
    done = read("amazon_ads", "1", DAY, DAY, answers, "--kind", "campaigns")
    assert daily(done, "id", "daily_budget_micros") == [("1", 5_000_000)]


def test_what_came_before_an_error_is_printed() -> None:
    row = {"campaign_id": "1", "date_start": DAY, "date_stop": DAY, "spend": "1.00"}
    paging = {"cursors": {"after": "x"}, "next": "https://graph.facebook.com/v26.0/next"}
    first = Answer(path="/insights", body={"data": [row], "paging": paging}, times=1)
    done = read("meta_ads", "act_1", DAY, DAY, [first, Answer(path="/insights", body=meta(190), status=400)])
    assert [row["spend_micros"] for row in done.rows] == [1_000_000]
    assert done.error["error"] == "AuthExpired"


def test_a_page_that_names_itself_as_the_next_is_read_once() -> None:
    row = {"campaign_id": "1", "date_start": DAY, "date_stop": DAY, "spend": "1.00"}
    paging = {"cursors": {"after": "x"}, "next": "https://graph.facebook.com/v26.0/next"}
    done = read("meta_ads", "act_1", DAY, DAY, [Answer(path="/insights", body={"data": [row], "paging": paging})])
    assert daily(done, "entity_id", "spend_micros") == [("1", 1_000_000)]


@pytest.mark.parametrize("day", ["2026-10-01", "2026-03-02"])
@pytest.mark.parametrize("form", ["nodes", "edges"])
def test_shopify_orders_are_summed_by_day_in_either_form(form: str, day: str) -> None:
    def order(number: int, amount: str) -> dict[str, Any]:
        money = {"shopMoney": {"amount": amount, "currencyCode": "USD"}}
        return {"id": f"gid://shopify/Order/{number}", "createdAt": f"{day}T10:00:00Z", "totalPriceSet": money}

    orders = [order(1, "12.30"), order(2, "0.70")]
    listed = orders if form == "nodes" else [{"node": one, "cursor": "c"} for one in orders]
    page = {form: listed, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    done = read("shopify", "s", day, day, [Answer(path="/graphql.json", body={"data": {"orders": page}})])
    assert daily(done, "day", "revenue_micros", "orders") == [(day, 13_000_000, 2.0)]
