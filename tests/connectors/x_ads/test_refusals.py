"""What X refuses becomes the error that says who must act; the client waits for the instants that X names."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from adloom_x_ads import refusals

from adloom_sdk import Kind, Reply, errors
from adloom_sdk.testing.bench import APP
from adloom_sdk.testing.faults import Fault
from tests.connectors.x_ads.test_reading import bench

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def reply(status: int, body: Any, headers: dict[str, str] | None = None, method: str = "GET") -> Reply:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Reply(method=method, path="/", status=status, headers=headers or {}, content=content, received_at=NOW)


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
    assert caught.value.message.endswith(".")
    assert token.access_token not in str(caught.value)
    assert token.secret not in str(caught.value)


def test_a_read_waits_until_the_instant_that_x_names() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="throttled", path="/campaigns", times=1, delay_s=300))
    before = at.fake.world.clock.now()
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    assert timedelta(seconds=300) <= at.fake.world.clock.now() - before < timedelta(seconds=320)


@pytest.mark.parametrize("scope", ["x-rate-limit", "x-account-rate-limit"])
def test_budgets_of_app_and_account_are_both_kept(scope: str) -> None:
    until = NOW + timedelta(minutes=7)
    headers = {f"{scope}-remaining": "0", f"{scope}-reset": str(int(until.timestamp()))}
    told = refusals.throttle_of(reply(200, {}, headers))
    assert told is not None
    assert told.until == until
    assert refusals.throttle_of(reply(200, {}, headers | {f"{scope}-remaining": "3"})) is None
    refused = refusals.error_of(reply(429, {"errors": [{"code": "TOO_MANY_REQUESTS"}]}, headers))
    assert isinstance(refused, errors.RateLimited)
    assert refused.retry_at == until


def test_an_overloaded_x_says_when_to_come_back_but_a_write_may_have_been_done() -> None:
    body = {"errors": [{"code": "OVER_CAPACITY", "message": "Over capacity"}]}
    read = refusals.error_of(reply(503, body, {"retry-after": "20"}))
    assert isinstance(read, errors.RateLimited)
    assert read.retry_at == NOW + timedelta(seconds=20)
    assert isinstance(refusals.error_of(reply(503, body, {"retry-after": "20"}, "PUT")), errors.Transient)


def test_the_parameter_that_x_refuses_is_named() -> None:
    body = {"errors": [{"code": "INVALID_PARAMETER", "message": "Expected time", "parameter": "start_time"}]}
    error = refusals.error_of(reply(400, body))
    assert isinstance(error, errors.BadRequest)
    assert (error.field, error.code) == ("start_time", "INVALID_PARAMETER")


def test_a_wrong_consumer_secret_is_the_operators_to_mend() -> None:
    at = bench()
    with pytest.raises(errors.AppMisconfigured):
        at.accounts(at.ctx(at.credentials(app=APP | {"consumer_secret": "wrong"})))


def test_a_wrong_token_secret_is_not_let_in() -> None:
    at = bench()
    token = at.token()
    other = type(token)(access_token=token.access_token, secret="guessed")
    with pytest.raises(errors.PlatformError):
        at.accounts(at.ctx(at.credentials(other)))
