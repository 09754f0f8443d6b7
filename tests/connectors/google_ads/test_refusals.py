"""What Google refuses becomes the error that says who must act; how long to wait stands in the body."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from adloom_google_ads import refusals

from adloom_sdk import Kind, Reply, errors
from adloom_sdk.testing.bench import APP, sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.google_ads.benches import AUTUMN, NOW, bench


def reply(group: str, code: str, *, status: int = 400, wrapped: bool = False, details: Any = None) -> Reply:
    failure = {"errorCode": {group: code}, "message": "words", "details": details or {}}
    location = {"fieldPathElements": [{"fieldName": "operations", "index": 0}, {"fieldName": "status"}]}
    problem = {"code": status, "details": [{"errors": [failure | {"location": location}], "requestId": "r1"}]}
    body: Any = {"error": problem}
    content = msgspec.json.encode([body] if wrapped else body)
    return Reply(method="POST", path="/v26/x", status=status, headers={}, content=content, received_at=NOW)


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
    ],
)
def test_every_refusal_becomes_its_error(kind: str, error: type[errors.PlatformError]) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind=kind))
    token = at.token()
    with pytest.raises(error) as caught:
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(at.credentials(token), patience_s=1.0))
    assert token.access_token not in str(caught.value)


@pytest.mark.parametrize("wrapped", [False, True], ids=["object", "list"])
@pytest.mark.parametrize(
    ("group", "code", "status", "error"),
    [
        ("authenticationError", "OAUTH_TOKEN_EXPIRED", 401, errors.AuthExpired),
        ("authenticationError", "OAUTH_TOKEN_REVOKED", 401, errors.AuthRevoked),
        ("authenticationError", "OAUTH_TOKEN_INVALID", 401, errors.AuthExpired),
        ("authenticationError", "NOT_ADS_USER", 401, errors.NotFound),
        ("authenticationError", "DEVELOPER_TOKEN_INVALID", 401, errors.AppMisconfigured),
        ("authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED", 403, errors.AppNotApproved),
        ("authorizationError", "USER_PERMISSION_DENIED", 403, errors.NotFound),
        ("authorizationError", "CUSTOMER_NOT_ENABLED", 403, errors.AccountDisabled),
        ("quotaError", "RESOURCE_EXHAUSTED", 429, errors.RateLimited),
        ("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", 429, errors.RateLimited),
        ("requestError", "UNSUPPORTED_VERSION", 400, errors.VersionSunset),
        ("databaseError", "CONCURRENT_MODIFICATION", 400, errors.Conflict),
        ("internalError", "DEADLINE_EXCEEDED", 504, errors.Transient),
        ("queryError", "UNRECOGNIZED_FIELD", 400, errors.BadRequest),
    ],
)
def test_every_code_has_its_class_wrapped_in_a_list_or_not(
    group: str, code: str, status: int, error: type[errors.PlatformError], *, wrapped: bool
) -> None:
    found = refusals.error_of(reply(group, code, status=status, wrapped=wrapped))
    assert type(found) is error
    assert (found.code, found.request_id) == (code, "r1")


def test_a_refused_field_is_named() -> None:
    found = refusals.error_of(reply("fieldError", "INVALID_VALUE"))
    assert isinstance(found, errors.BadRequest)
    assert found.field == "operations.status"


def test_a_used_up_day_is_told_from_too_many_calls_a_second() -> None:
    quota = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "3600s"}}
    day = refusals.error_of(reply("quotaError", "RESOURCE_EXHAUSTED", status=429, details=quota))
    fast = refusals.error_of(reply("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", status=429, details=quota))
    assert isinstance(day, errors.RateLimited)
    assert isinstance(fast, errors.RateLimited)
    assert (day.scope, fast.scope) == ("day", "app")
    assert day.retry_at == NOW + timedelta(hours=1)
    quota["quotaErrorDetails"]["retryDelay"] = "30s"
    soon = refusals.error_of(reply("quotaError", "RESOURCE_EXHAUSTED", status=429, details=quota))
    assert isinstance(soon, errors.RateLimited)
    assert (soon.scope, soon.retry_at) == ("app", NOW + timedelta(seconds=30))


def test_a_used_up_day_of_which_no_end_is_told_is_not_asked_again_within_minutes() -> None:
    found = refusals.error_of(reply("quotaError", "RESOURCE_EXHAUSTED", status=429))
    assert isinstance(found, errors.RateLimited)
    assert found.retry_at == NOW + timedelta(hours=1)


def test_a_used_up_day_goes_to_the_host_at_once() -> None:
    at = bench()
    account = at.account()
    asked: list[str] = []

    def refuse(one: Reply) -> Exception | None:
        asked.append(one.path)
        return refusals.error_of(reply("quotaError", "RESOURCE_EXHAUSTED", status=429))

    with pytest.raises(errors.RateLimited):
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(error_of=refuse))
    assert len(asked) == 1


def test_a_read_waits_as_long_as_the_body_tells() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="throttled", times=1, delay_s=42))
    before = at.fake.world.clock.now()
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    assert timedelta(seconds=42) <= at.fake.world.clock.now() - before < timedelta(seconds=60)


def test_a_token_that_runs_out_while_reading_is_renewed_once() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="expire_token", skip=1, times=1))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    assert at.fake.consent.refreshes == 1


@pytest.mark.parametrize("version", ["v21", "v19"])
def test_a_retired_version_answers_with_a_web_page_and_is_for_the_operator(version: str) -> None:
    at = bench()
    account = at.account()
    with pytest.raises(errors.VersionSunset):
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(version=version))


@pytest.mark.parametrize("token", ["", "wrong-developer-token"])
def test_a_missing_or_wrong_developer_token_is_for_the_operator(token: str) -> None:
    at = bench()
    account = at.account()
    app = {**APP, "developer_token": token}
    with pytest.raises(errors.AppMisconfigured):
        at.read(Kind.CAMPAIGNS, account, ctx=at.ctx(at.credentials(app=app)))


@pytest.mark.parametrize(
    ("status", "group", "error"),
    [
        (401, "authenticationError", errors.AuthExpired),
        (403, "authorizationError", errors.NotFound),
        (400, "authorizationError", errors.BadRequest),
        (403, "queryError", errors.BadRequest),
    ],
)
def test_where_nobody_knows_the_code_the_status_says_who_must_act(
    status: int, group: str, error: type[errors.PlatformError]
) -> None:
    assert type(refusals.error_of(reply(group, "BRAND_NEW", status=status))) is error


@pytest.mark.parametrize(("status", "error"), [(401, errors.AuthExpired), (503, errors.Transient)])
def test_a_refusal_without_a_code_goes_by_its_status(status: int, error: type[errors.PlatformError]) -> None:
    bare = b'{"error": {"message": "words"}}'
    found = Reply(method="POST", path="/x", status=status, headers={}, content=bare, received_at=NOW)
    assert type(refusals.error_of(found)) is error
