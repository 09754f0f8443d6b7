"""Every way in which TikTok says no, as the error that says who must act."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from adloom_tiktok_ads.refusals import error_of

from adloom_sdk import Kind, Reply
from adloom_sdk.credentials import StaticCredentials
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    Cancelled,
    NotFound,
    PlatformError,
    RateLimited,
    SchemaDrift,
    ScopeMissing,
    TooMuchData,
    Transient,
    VersionSunset,
)
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.canary import CANARY
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.tiktok_ads import TikTokAds

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)


def reply(code: int, message: str = "", status: int = 200) -> Reply:
    body = json.dumps({"code": code, "message": message, "request_id": "r1", "data": {}}).encode()
    return Reply(method="GET", path="/x", status=status, headers={}, content=body, received_at=NOW)


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (40001, "No permission to operate advertiser 7.", ScopeMissing),
        (40001, "The advertiser has been suspended.", AccountDisabled),
        (40001, "Your app is not on the allowlist of this endpoint.", AppNotApproved),
        (40002, "page_size: Invalid.", BadRequest),
        (40002, "The campaign does not exist.", NotFound),
        (40002, "The date range cannot exceed 30 days.", TooMuchData),
        (40002, "This API version is no longer supported.", VersionSunset),
        (40100, "Too many requests.", RateLimited),
        (40101, "Illegal app_id.", AppMisconfigured),
        (40102, "Access token expired.", AuthExpired),
        (40104, "Access token is null.", AuthExpired),
        (40105, "Access token is incorrect or has been revoked.", AuthRevoked),
        (40110, "Auth_code is expired.", AuthRevoked),
        (40118, "App suspended.", AppNotApproved),
        (50000, "System error.", Transient),
        (50002, "Internal service error.", Transient),
        (49999, "Nobody knows.", BadRequest),
    ],
)
def test_each_code_has_its_class_though_the_status_is_200(
    code: int, message: str, expected: type[PlatformError]
) -> None:
    error = error_of(reply(code, message))
    assert type(error) is expected
    assert error.code == str(code)
    assert error.request_id == "r1"
    assert error.message.endswith(".")


def test_a_day_quota_waits_for_the_next_day_and_a_minute_quota_for_the_next_minute() -> None:
    day, minute = error_of(reply(40133)), error_of(reply(40100, "Exceeded the QPM limit."))
    assert isinstance(day, RateLimited)
    assert isinstance(minute, RateLimited)
    assert (day.scope, day.retry_at) == ("day", datetime(2026, 11, 21, tzinfo=UTC))
    assert minute.retry_at == datetime(2026, 11, 20, 12, 1, tzinfo=UTC)


def test_a_gateway_error_without_json_goes_by_its_status() -> None:
    bare = Reply(method="GET", path="/x", status=502, headers={}, content=b"Bad gateway", received_at=NOW)
    assert isinstance(error_of(bare), Transient)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("no_token", AuthExpired),
        ("revoked", AuthRevoked),
        ("scope", ScopeMissing),
        ("app_not_approved", AppNotApproved),
        ("account_disabled", AccountDisabled),
        ("not_found", NotFound),
        ("bad_request", BadRequest),
        ("sunset", VersionSunset),
        ("server_error", Transient),
        ("throttled", RateLimited),
        ("html", SchemaDrift),
    ],
)
def test_each_refusal_of_the_platform_reaches_the_host_as_its_class(
    bench: Bench, fake: TikTokAds, kind: str, expected: type[PlatformError]
) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind=kind, path="report/integrated"))
    with pytest.raises(expected) as caught:
        bench.daily(account, DAY, DAY)
    assert CANARY not in str(caught.value)


def test_the_disabled_account_says_so_when_it_is_read_all_the_same(bench: Bench) -> None:
    disabled = next(one for one in bench.accounts() if one.problem)
    with pytest.raises(AccountDisabled):
        bench.daily(disabled, DAY, DAY)


def test_a_throttled_call_is_sent_again_after_a_pause(bench: Bench, fake: TikTokAds) -> None:
    account, began = bench.account(), fake.world.clock.now()
    fake.faults.add(Fault(kind="throttled", path="report/integrated", times=2))
    assert bench.daily(account, DAY, DAY)
    assert fake.world.clock.now() > began


def test_the_connector_spaces_its_calls_so_that_a_slow_platform_seldom_refuses(bench: Bench, fake: TikTokAds) -> None:
    fake.page_size, account, ctx = 1, bench.account(), bench.ctx()
    fake.bucket.per_second, fake.bucket.burst = 10.0, 10.0
    bench.read(Kind.ADS, account, ctx=ctx)
    assert all(one.outcome == "ok" for one in bench.exchanges)


def test_an_expired_sign_in_in_the_middle_of_a_read_is_renewed_once_where_the_host_can(
    bench: Bench, fake: TikTokAds
) -> None:
    fake.page_size, account = 2, bench.account()
    fake.faults.add(Fault(kind="expire_token", path="ad/get", skip=3, times=1))
    assert len({one.id for one in bench.read(Kind.ADS, account)}) == 24
    assert fake.consent.refreshes == 1


def test_without_a_way_to_renew_the_person_must_sign_in_again(bench: Bench, fake: TikTokAds) -> None:
    account, token = bench.account(), bench.token()
    fake.consent.expire(token.access_token)
    with pytest.raises(AuthExpired):
        bench.daily(account, DAY, DAY, ctx=bench.ctx(StaticCredentials(token, app=APP)))


def test_wrong_app_secrets_are_the_operators_matter(bench: Bench) -> None:
    ctx = bench.ctx(bench.credentials(app={"client_id": "sandbox-app", "client_secret": "wrong-secret"}))
    with pytest.raises(AppMisconfigured) as caught:
        bench.accounts(ctx)
    assert "wrong-secret" not in str(caught.value)


def test_parameters_are_json_text_and_wrong_ones_are_refused(bench: Bench) -> None:
    account, ctx = bench.account(), bench.ctx()
    asked: dict[str, Any] = {"advertiser_id": account.id, "page_size": 2000}
    with pytest.raises(BadRequest) as caught:
        ctx.http.get("/open_api/{version}/campaign/get/", params=asked)
    assert caught.value.field == "page_size"
    with pytest.raises(BadRequest):
        ctx.http.get("/open_api/{version}/advertiser/info/", params={"advertiser_ids": account.id})


def test_a_window_of_more_than_thirty_days_comes_back_to_the_host(bench: Bench) -> None:
    from adloom_sdk import Level, ReadRequest

    request = ReadRequest(
        kind=Kind.DAILY, account=bench.account(), since=DAY - timedelta(days=40), until=DAY, level=Level.CAMPAIGN
    )
    with pytest.raises(TooMuchData):
        list(bench.connector.read(bench.ctx(), request))


def test_a_cancelled_read_ends_before_its_next_page(bench: Bench, fake: TikTokAds) -> None:
    fake.page_size, account = 1, bench.account()
    messages = bench.messages(Kind.ADS, account)
    next(messages)
    bench.is_cancelled = lambda: True
    with pytest.raises(Cancelled):
        list(messages)


def test_the_app_secret_that_tiktok_wants_in_the_address_stands_in_no_log_line(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        bench.accounts()
    assert "oauth2/advertiser/get" in caplog.text
    assert APP["client_secret"] not in caplog.text


def test_a_refusal_that_nobody_knows_keeps_tiktoks_words() -> None:
    error = error_of(reply(40002, "page_size: must be at most 1000."))
    assert isinstance(error, BadRequest)
    assert error.message.endswith(": page_size: must be at most 1000.")
    assert error.field == "page_size"
