"""What Meta refuses becomes the error that says who must act; waiting follows its headers."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from adloom_meta_ads import refusals

from adloom_sdk import Kind, Reply, errors
from adloom_sdk.testing.bench import sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.meta_ads.benches import NOW, SHORT, bench


def reply(status: int = 400, headers: dict[str, str] | None = None, **error: Any) -> Reply:
    content = msgspec.json.encode({"error": {"message": "words", **error}} if error else {"data": []})
    return Reply(method="GET", path="/v26.0/x", status=status, headers=headers or {}, content=content, received_at=NOW)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no_token", errors.AuthExpired),
        ("expired", errors.AuthExpired),
        ("revoked", errors.AuthRevoked),
        ("scope", errors.ScopeMissing),
        ("app_not_approved", errors.AppNotApproved),
        ("account_disabled", errors.AccountDisabled),
        ("throttled", errors.RateLimited),
        ("not_found", errors.NotFound),
        ("bad_request", errors.BadRequest),
        ("server_error", errors.Transient),
        ("sunset", errors.VersionSunset),
        ("html", errors.SchemaDrift),
    ],
)
def test_every_refusal_becomes_its_error(kind: str, error: type[errors.PlatformError]) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind=kind, path="/campaigns"))
    token = at.token()
    with pytest.raises(error) as caught:
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(at.credentials(token), patience_s=1.0))
    assert token.access_token not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"code": 190, "error_subcode": 458}, errors.AuthRevoked),
        ({"code": 190, "error_subcode": 460}, errors.AuthRevoked),
        ({"code": 190, "error_subcode": 463}, errors.AuthExpired),
        ({"code": 190, "error_subcode": 467}, errors.AuthExpired),
        ({"code": 102}, errors.AuthExpired),
        ({"code": 10}, errors.ScopeMissing),
        ({"code": 294}, errors.ScopeMissing),
        ({"code": 100, "message": "Missing permissions"}, errors.ScopeMissing),
        ({"code": 100, "error_subcode": 33}, errors.NotFound),
        ({"code": 100, "error_subcode": 1487534}, errors.TooMuchData),
        ({"code": 100}, errors.BadRequest),
        ({"code": 1, "message": "Please reduce the amount of data you're asking for"}, errors.TooMuchData),
        ({"code": 1, "error_subcode": 99}, errors.Transient),
        ({"code": 2}, errors.Transient),
        ({"code": 99}, errors.Transient),
        ({"code": 104}, errors.Transient),
        ({"code": 960}, errors.Transient),
        ({"code": 4711, "is_transient": True}, errors.Transient),
        ({"code": 3}, errors.AppNotApproved),
        ({"code": 10, "message": "Application does not have permission for this action"}, errors.AppNotApproved),
        ({"code": 101}, errors.AppMisconfigured),
        (
            {"code": 100, "message": "API calls from the server require an appsecret_proof argument"},
            errors.AppMisconfigured,
        ),
        ({"code": "190", "error_subcode": "460"}, errors.AuthRevoked),
        ({"code": "80004", "message": None}, errors.RateLimited),
        ({"code": 2635}, errors.VersionSunset),
        *(({"code": code}, errors.RateLimited) for code in (4, 17, 32, 613, 80000, 80004, 80006, 80008)),
    ],
)
def test_every_code_has_its_class_and_keeps_its_number(told: dict[str, Any], error: type[errors.PlatformError]) -> None:
    found = refusals.error_of(reply(**told))
    assert type(found) is error
    assert str(told["code"]) in found.code


def test_a_refusal_that_comes_with_status_200_is_one() -> None:
    assert isinstance(refusals.error_of(reply(200, code=190)), errors.AuthExpired)
    assert refusals.error_of(reply(200)) is None


def test_a_missing_permission_is_named() -> None:
    found = refusals.error_of(reply(code=200, message="Requires ads_management permission to manage the object"))
    assert isinstance(found, errors.ScopeMissing)
    assert found.scope == "ads_management"


def test_the_app_s_own_limit_is_told_from_that_of_an_account() -> None:
    assert getattr(refusals.error_of(reply(code=4)), "scope", "") == "app"
    assert getattr(refusals.error_of(reply(code=80004)), "scope", "") == "account"


@pytest.mark.parametrize(
    ("name", "value", "wait_s"),
    [
        ("x-app-usage", {"call_count": 100, "total_time": 25, "total_cputime": 25}, 60),
        ("x-ad-account-usage", {"acc_id_util_pct": 100, "reset_time_duration": 42}, 42),
        ("x-business-use-case-usage", {"1": [{"call_count": 99, "estimated_time_to_regain_access": 3}]}, 180),
        ("x-fb-ads-insights-throttle", {"app_id_util_pct": 100.0, "acc_id_util_pct": 5}, 60),
        ("x-fb-ads-insights-throttle", [{"app_id_util_pct": 4, "acc_id_util_pct": 100}], 60),
    ],
)
def test_every_header_that_tells_to_wait_is_understood(name: str, value: Any, wait_s: int) -> None:
    told = {name: msgspec.json.encode(value).decode()}
    found = refusals.throttle_of(reply(200, told))
    assert found is not None
    assert found.until == NOW + timedelta(seconds=wait_s)
    refused = refusals.error_of(reply(400, told, code=80000))
    assert isinstance(refused, errors.RateLimited)
    assert refused.retry_at == NOW + timedelta(seconds=wait_s)


def test_a_budget_that_is_not_used_up_holds_nobody() -> None:
    found = refusals.throttle_of(reply(200, {"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}))
    assert found is not None
    assert (found.until, found.used) == (None, 0.28)
    assert refusals.throttle_of(reply(200, {"x-app-usage": "nonsense"})) is None
    assert refusals.throttle_of(reply(200)) is None


@pytest.mark.parametrize("wait_s", [42, 240])
def test_a_read_waits_as_long_as_it_is_told_in_seconds_or_minutes(wait_s: int) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="throttled", path="/campaigns", times=1, delay_s=wait_s))
    before = at.fake.world.clock.now()
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    waited = at.fake.world.clock.now() - before
    assert timedelta(seconds=wait_s) <= waited < timedelta(seconds=wait_s + 20)


def test_a_long_wait_goes_to_the_host_with_its_time() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="throttled", path="/campaigns", delay_s=3000))
    with pytest.raises(errors.RateLimited) as caught:
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(patience_s=60))
    assert caught.value.retry_at == at.fake.world.clock.now() + timedelta(minutes=50)


def test_a_token_that_runs_out_while_reading_is_replaced_once_where_the_host_has_a_newer_one() -> None:
    at = bench(page_size=2)
    account = at.account()
    at.fake.faults.add(Fault(kind="expire_token", path="/insights", skip=3, times=1))
    assert sums(at.daily(account, *SHORT)) == truth(at.ledger(account, *SHORT, settled=False))
    assert at.fake.consent.refreshes == 1


def test_a_disabled_account_and_a_retired_version_are_told_apart() -> None:
    at = bench()
    disabled = next(one for one in at.accounts() if one.problem)
    with pytest.raises(errors.AccountDisabled):
        at.read(Kind.CAMPAIGNS, disabled)
    with pytest.raises(errors.VersionSunset):
        at.read(Kind.CAMPAIGNS, at.account(), ctx=at.ctx(version="v13.0"))


def test_a_refusal_is_known_however_its_json_is_spaced() -> None:
    spaced = b'\n{ "error" : {"message": "Session has expired", "code": 190, "error_subcode": 463}}'
    found = refusals.error_of(Reply(method="GET", path="/x", status=200, headers={}, content=spaced, received_at=NOW))
    assert isinstance(found, errors.AuthExpired)


@pytest.mark.parametrize("percent", [100, 98, "98.5"])
def test_a_refused_call_waits_for_the_reset_of_the_account_also_just_below_its_limit(percent: Any) -> None:
    told = {
        "x-ad-account-usage": msgspec.json.encode({"acc_id_util_pct": percent, "reset_time_duration": "90"}).decode()
    }
    refused = refusals.error_of(reply(400, told, code=17, error_subcode=2446079))
    assert isinstance(refused, errors.RateLimited)
    assert refused.retry_at == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, errors.AuthExpired),
        (403, errors.ScopeMissing),
        (404, errors.NotFound),
        (426, errors.VersionSunset),
        (429, errors.RateLimited),
        (503, errors.Transient),
        (400, errors.BadRequest),
    ],
)
def test_where_nobody_knows_the_code_the_status_says_who_must_act(
    status: int, error: type[errors.PlatformError]
) -> None:
    assert type(refusals.error_of(reply(status, code=4711))) is error
