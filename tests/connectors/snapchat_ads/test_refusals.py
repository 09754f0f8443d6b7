"""Every way in which Snapchat says no, as the error that says who must act."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from adloom_snapchat_ads import wire
from adloom_snapchat_ads.refusals import error_of, item_error, throttle_of

from adloom_sdk import Kind, Reply
from adloom_sdk.errors import (
    AccountDisabled,
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
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.canary import CANARY
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.snapchat_ads import SnapchatAds

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)


def reply(status: int, body: Any, headers: dict[str, str] | None = None) -> Reply:
    content = json.dumps(body).encode()
    return Reply(method="GET", path="/x", status=status, headers=headers or {}, content=content, received_at=NOW)


@pytest.mark.parametrize(
    ("status", "code", "words", "expected"),
    [
        (401, "", "Unauthorized", AuthExpired),
        (401, "", "The access was revoked", AuthRevoked),
        (403, "E3001", "Insufficient role", ScopeMissing),
        (403, "E3002", "This client is not on the allowlist", AppNotApproved),
        (403, "E3003", "The ad account is disabled", AccountDisabled),
        (404, "E1001", "Resource can not be found", NotFound),
        (410, "", "Gone", NotFound),
        (400, "E1003", "Invalid query parameters in request URL", BadRequest),
        (400, "E1003", "The date range exceeds 32 days", TooMuchData),
        (400, "E1003", "This API version is deprecated", VersionSunset),
        (413, "", "?", TooMuchData),
        (408, "", "?", Transient),
        (429, "E1009", "Too many requests", RateLimited),
        (500, "E1000", "Internal error", Transient),
        (503, "", "?", Transient),
        (200, "E1001", "Resource can not be found", NotFound),
        (200, "E9999", "Nobody knows", BadRequest),
    ],
)
def test_each_refusal_has_its_class(status: int, code: str, words: str, expected: type[PlatformError]) -> None:
    body = {"request_status": "ERROR", "request_id": "r1", "debug_message": words, "error_code": code}
    error = error_of(reply(status, body))
    assert type(error) is expected
    assert error.request_id == "r1"
    assert error.message.endswith(".")


def test_an_outside_that_succeeded_is_no_error_in_whatever_case() -> None:
    assert error_of(reply(200, {"request_status": "success"})) is None
    assert error_of(reply(200, {"request_status": "SUCCESS"})) is None
    assert error_of(reply(200, {"status": "SUCCESS"})) is None


def test_an_item_that_failed_has_a_class_and_a_field_too() -> None:
    low = wire.Item(sub_request_status="ERROR", sub_request_error_reason="daily_budget_micro is below the minimum")
    error = item_error(low, "r1")
    assert isinstance(error, BadRequest)
    assert (error.field, error.request_id) == ("daily_budget_micro", "r1")
    assert "higher daily budget" in error.message


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-ratelimit-reset": "12"}, NOW + timedelta(seconds=12)),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 40)}, NOW + timedelta(seconds=40)),
        ({"retry-after": "5", "x-ratelimit-reset": "12"}, NOW + timedelta(seconds=5)),
        ({}, None),
    ],
)
def test_the_time_to_wait_comes_in_several_forms(headers: dict[str, str], expected: datetime | None) -> None:
    error = error_of(reply(429, {"request_status": "ERROR", "debug_message": "Too many requests"}, headers))
    assert isinstance(error, RateLimited)
    assert error.retry_at == expected


def test_headers_tell_what_is_left_before_anything_is_refused() -> None:
    some = throttle_of(reply(200, {}, {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "5"}))
    none = throttle_of(
        reply(200, {}, {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "3"})
    )
    assert some is not None
    assert none is not None
    assert (some.used, some.until) == (0.75, None)
    assert none.until == NOW + timedelta(seconds=3)
    assert throttle_of(reply(200, {})) is None


def test_a_page_for_people_goes_by_its_status() -> None:
    html = Reply(method="GET", path="/x", status=502, headers={}, content=b"<html>", received_at=NOW)
    assert isinstance(error_of(html), Transient)


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
        ("html", SchemaDrift),
    ],
)
def test_each_refusal_of_the_platform_reaches_the_host_as_its_class(
    bench: Bench, fake: SnapchatAds, kind: str, expected: type[PlatformError]
) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind=kind, path="/stats"))
    with pytest.raises(expected) as caught:
        bench.daily(account, DAY, DAY)
    assert CANARY not in str(caught.value)


def test_the_disabled_account_says_so_when_it_is_read_all_the_same(bench: Bench) -> None:
    disabled = next(one for one in bench.accounts() if one.problem)
    with pytest.raises(AccountDisabled):
        bench.daily(disabled, DAY, DAY)


def test_nothing_is_sent_before_the_time_that_snapchat_names(bench: Bench, fake: SnapchatAds) -> None:
    account, began = bench.account(), fake.world.clock.now()
    fake.faults.add(Fault(kind="throttled", path="/stats", times=1, delay_s=90))
    assert bench.daily(account, DAY, DAY)
    assert (fake.world.clock.now() - began).total_seconds() >= 90


def test_a_budget_that_runs_low_slows_the_read_down_before_it_is_refused(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account, ctx = 1, bench.account(), bench.ctx()
    fake.bucket.per_second, fake.bucket.burst, fake.bucket.tokens = 1.0, 5.0, 5.0
    assert len(bench.read(Kind.ADS, account, ctx=ctx)) == 24
    assert not [one for one in fake.journal if one.status == 429]


def test_an_expired_sign_in_in_the_middle_of_a_read_is_renewed_once(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account = 2, bench.account()
    fake.faults.add(Fault(kind="expire_token", path="/ads", skip=3, times=1))
    assert len({one.id for one in bench.read(Kind.ADS, account)}) == 24
    assert fake.consent.refreshes == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"start_time": "2026-11-18T00:00:00.000+00:00"},
        {"start_time": "2026-11-18T00:00:00.000"},
        {"start_time": "soon"},
        {"end_time": "2027-01-18T00:00:00.000-05:00"},
        {"fields": "impressions,love"},
        {"breakdown": "weather"},
    ],
)
def test_the_fake_refuses_what_snapchat_refuses(bench: Bench, changed: dict[str, str]) -> None:
    params = {
        "breakdown": "campaign",
        "granularity": "DAY",
        "fields": "impressions",
        "start_time": "2026-11-18T00:00:00.000-05:00",
        "end_time": "2026-11-19T00:00:00.000-05:00",
    }
    account, ctx = bench.account(), bench.ctx()
    path = f"/{{version}}/adaccounts/{account.id}/stats"
    assert ctx.http.get(path, params=params)["request_status"] == "SUCCESS"
    with pytest.raises((BadRequest, TooMuchData)):
        ctx.http.get(path, params=params | changed)


def test_a_cancelled_read_ends_before_its_next_page(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account = 1, bench.account()
    messages = bench.messages(Kind.CAMPAIGNS, account)
    next(messages)
    bench.is_cancelled = lambda: True
    with pytest.raises(Cancelled):
        list(messages)


def test_older_replies_call_their_status_otherwise_and_snapchats_words_are_kept() -> None:
    error = error_of(reply(200, {"status": "ERROR", "error_code": "E1008", "debug_message": "Invalid Fields"}))
    assert isinstance(error, BadRequest)
    assert error.message.endswith(": Invalid Fields.")
    assert error_of(reply(200, {"status": "SUCCESS", "campaigns": []})) is None


def test_a_version_that_must_be_upgraded_is_for_the_operator() -> None:
    assert isinstance(error_of(reply(426, {"request_status": "ERROR"})), VersionSunset)
