"""Every way in which LinkedIn says no, as the error that says who must act."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from adloom_linkedin_ads.refusals import error_of

from adloom_sdk import Kind, Level, Reply
from adloom_sdk.errors import (
    AccountDisabled,
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    BadRequest,
    Cancelled,
    Conflict,
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
from sandbox.platforms.linkedin_ads import LinkedInAds

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)


def reply(status: int, body: Any, headers: dict[str, str] | None = None) -> Reply:
    content = json.dumps(body).encode()
    return Reply(method="GET", path="/x", status=status, headers=headers or {}, content=content, received_at=NOW)


@pytest.mark.parametrize(
    ("status", "code", "service_code", "message", "expected"),
    [
        (401, "EXPIRED_ACCESS_TOKEN", 65602, "expired", AuthExpired),
        (401, None, 65602, "expired", AuthExpired),
        (401, "REVOKED_ACCESS_TOKEN", 65601, "revoked", AuthRevoked),
        (401, "INVALID_ACCESS_TOKEN", 65600, "invalid", AuthRevoked),
        (401, "SOMETHING_NEW", None, "?", AuthExpired),
        (401, "invalid_client", None, "?", AppMisconfigured),
        (403, "ACCESS_DENIED", 100, "Not enough permissions to access: partnerApiAdAnalytics", ScopeMissing),
        (403, "ACCESS_DENIED", 100, "The developer application is not approved", AppNotApproved),
        (403, "ACCESS_DENIED", 100, "The account has been restricted", AccountDisabled),
        (404, "RESOURCE_NOT_FOUND", 0, "?", NotFound),
        (400, "ILLEGAL_ARGUMENT", 100, "?", BadRequest),
        (400, "ILLEGAL_ARGUMENT", 100, "The response exceeds the limit of 15000 elements", TooMuchData),
        (414, None, None, "URI too long", TooMuchData),
        (409, "CONFLICT", None, "?", Conflict),
        (422, "UNPROCESSABLE", None, "?", BadRequest),
        (426, "NONEXISTENT_VERSION", None, "?", VersionSunset),
        (426, None, None, "?", VersionSunset),
        (429, "TOO_MANY_REQUESTS", 101, "slow down", RateLimited),
        (500, "INTERNAL_SERVER_ERROR", 0, "?", Transient),
        (503, None, None, "?", Transient),
    ],
)
def test_each_refusal_has_its_class(
    status: int, code: str | None, service_code: int | None, message: str, expected: type[PlatformError]
) -> None:
    body = {"status": status, "code": code, "serviceErrorCode": service_code, "message": message}
    error = error_of(reply(status, body, {"x-li-uuid": "u1"}))
    assert type(error) is expected
    assert error.message.endswith(".") or error.message.endswith(").")
    assert error.request_id == "u1"


def test_a_day_quota_waits_until_midnight_utc() -> None:
    words = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    error = error_of(reply(429, {"status": 429, "code": "TOO_MANY_REQUESTS", "message": words}))
    assert isinstance(error, RateLimited)
    assert (error.scope, error.retry_at) == ("day", datetime(2026, 11, 21, tzinfo=UTC))


def test_the_scope_that_is_missing_is_named() -> None:
    error = error_of(reply(403, {"code": "ACCESS_DENIED", "message": "Permission r_ads_reporting is needed"}))
    assert isinstance(error, ScopeMissing)
    assert error.scope == "r_ads_reporting"


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
    bench: Bench, fake: LinkedInAds, kind: str, expected: type[PlatformError]
) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind=kind, path="adAnalytics"))
    with pytest.raises(expected) as caught:
        bench.daily(account, DAY, DAY)
    assert CANARY not in str(caught.value)


def test_the_restricted_account_says_so_when_it_is_read_all_the_same(bench: Bench) -> None:
    restricted = next(one for one in bench.accounts() if one.problem)
    with pytest.raises(AccountDisabled):
        bench.daily(restricted, DAY, DAY)


def test_nothing_is_sent_before_the_time_that_linkedin_names(bench: Bench, fake: LinkedInAds) -> None:
    account, began = bench.account(), fake.world.clock.now()
    fake.faults.add(Fault(kind="throttled", path="adAnalytics", times=1, delay_s=90))
    assert bench.daily(account, DAY, DAY)
    assert (fake.world.clock.now() - began).total_seconds() >= 90


def test_a_day_quota_goes_back_to_the_host(bench: Bench, fake: LinkedInAds, monkeypatch: pytest.MonkeyPatch) -> None:
    account, plain = bench.account(), fake.refusal
    words = "Resource level throttle MEMBER DAY limit is reached."
    monkeypatch.setattr(fake, "refusal", lambda why, **_: plain(why, detail=words))
    fake.faults.add(Fault(kind="throttled", path="adAnalytics"))
    with pytest.raises(RateLimited) as caught:
        bench.daily(account, DAY, DAY)
    assert caught.value.scope == "day"


def test_an_expired_sign_in_in_the_middle_of_a_read_is_renewed_once(bench: Bench, fake: LinkedInAds) -> None:
    fake.page_size, account = 2, bench.account()
    fake.faults.add(Fault(kind="expire_token", path="creatives", skip=3, times=1))
    assert len({one.id for one in bench.read(Kind.ADS, account)}) == 24
    assert fake.consent.refreshes == 1


def test_a_version_is_named_in_a_header_and_can_be_switched_by_the_operator(bench: Bench) -> None:
    with pytest.raises(VersionSunset):
        bench.accounts(bench.ctx(version="202401"))
    assert bench.accounts(bench.ctx(version="202612"))


@pytest.mark.parametrize(
    "query",
    [
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&dateRange=%28start%3A%28year%3A2026%29%29&accounts=List()",
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&accounts=List(x)",
        "q=analytics&timeGranularity=DAILY&dateRange=(start:(year:2026,month:1,day:1),end:(year:2026,month:1,day:1))",
        "q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&accounts=List(x)&fields="
        + ",".join(["impressions"] * 21)
        + "&dateRange=(start:(year:2026,month:1,day:1),end:(year:2026,month:1,day:1))",
    ],
)
def test_the_fake_refuses_what_linkedin_refuses(bench: Bench, query: str) -> None:
    headers = {"LinkedIn-Version": "{version}", "X-Restli-Protocol-Version": "2.0.0"}
    with pytest.raises(BadRequest):
        bench.ctx().http.get("/rest/adAnalytics", raw_query=query, headers=headers)


def test_a_cancelled_read_ends_before_its_next_page(bench: Bench, fake: LinkedInAds) -> None:
    fake.page_size, account = 1, bench.account()
    messages = bench.messages(Kind.ADS, account)
    next(messages)
    bench.is_cancelled = lambda: True
    with pytest.raises(Cancelled):
        list(messages)


def test_every_level_that_is_declared_can_be_read(bench: Bench) -> None:
    assert bench.connector.manifest.levels == (Level.CAMPAIGN, Level.AD)
    assert all(bench.daily(bench.account(), DAY, DAY, level=level) for level in bench.connector.manifest.levels)


def test_a_refusal_that_nobody_knows_keeps_linkedins_words() -> None:
    error = error_of(reply(400, {"status": 400, "code": "ILLEGAL_ARGUMENT", "message": "Invalid pivot"}))
    assert isinstance(error, BadRequest)
    assert error.message.endswith(": Invalid pivot.")
