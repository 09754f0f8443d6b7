"""What Reddit refuses becomes the error that says who must act; waiting, renewing and signing in follow its words."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_reddit_ads import refusals
from adloom_reddit_ads.manifest import MANIFEST

from adloom_sdk import Kind, OAuth2, Reply, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.reddit_ads.test_reading import AUTUMN, bench

BACK = "http://localhost/connections/callback"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no_token", errors.AuthExpired),
        ("expired", errors.AuthExpired),
        ("revoked", errors.AuthExpired),
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


def test_a_read_waits_until_the_budget_is_whole_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="throttled", path="/campaigns", times=1, delay_s=42))
    before = at.fake.world.clock.now()
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    assert timedelta(seconds=42) <= at.fake.world.clock.now() - before < timedelta(seconds=60)


def test_a_token_that_runs_out_while_reading_is_renewed_once() -> None:
    at = bench(page_size=2)
    account = at.account()
    at.fake.faults.add(Fault(kind="expire_token", path="/reports", skip=1, times=1))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    assert at.fake.consent.refreshes == 1


def test_a_client_without_a_name_of_its_own_is_turned_away_and_ours_has_one() -> None:
    at = bench()
    with pytest.raises(errors.RateLimited):
        at.ctx(patience_s=1.0).http.get("/api/{version}/me/businesses", headers={"User-Agent": "python-httpx/0.28"})
    assert at.accounts()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"code": 400, "explanation": "Invalid request."}}, errors.BadRequest),
        (401, {"message": "Unauthorized", "error": 401}, errors.AuthExpired),
        (403, {"error": {"code": 403, "message": "The ad account was banned."}}, errors.AccountDisabled),
        (400, {"error": {"code": 400, "message": "Tracking is disabled in this scope."}}, errors.BadRequest),
        (503, {"error": {"code": 503, "message": "Temporarily disabled."}}, errors.Transient),
        (400, {"error": {"code": 400, "message": "Too many rows asked for."}}, errors.TooMuchData),
        (413, {"error": {"code": 413, "message": "Payload"}}, errors.TooMuchData),
        (502, "<html>Bad gateway</html>", errors.Transient),
        (404, "<html>Not found</html>", errors.VersionSunset),
    ],
)
def test_refusals_in_every_form_are_understood(status: int, body: Any, error: type[errors.PlatformError]) -> None:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    reply = Reply(
        method="GET",
        path="/",
        status=status,
        headers={},
        content=content,
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    assert isinstance(refusals.error_of(reply), error)


def auth() -> OAuth2:
    assert isinstance(MANIFEST.auth, OAuth2)
    return MANIFEST.auth


def consent(at: Bench, decision: str) -> dict[str, str]:
    """Walk through the consent page as a browser would; gives what comes back to the app."""
    scopes = (*auth().scopes_read, *auth().scopes_write)
    address = oauth2.authorize_address(auth(), APP, redirect_uri=BACK, state="s1", scopes=scopes)
    with httpx.Client(transport=at.fake.transport()) as browser:
        assert browser.get(address).status_code == 200
        fields = {"redirect_uri": BACK, "state": "s1", "decision": decision}
        body = urlencode([*fields.items(), *(("grant", scope) for scope in scopes)])
        reply = browser.post("https://www.reddit.com/api/v1/authorize/decide", content=body)
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def test_signing_in_gives_a_token_that_reads_and_can_be_renewed() -> None:
    at = bench()
    client = at.ctx().http
    back = consent(at, "allow")
    assert back["state"] == "s1"
    token = oauth2.exchange_code(client, app=APP, code=back["code"], redirect_uri=BACK)
    assert set(token.scopes) == {"adsread", "adsedit", "read"}
    assert at.connector.check(at.ctx(at.credentials(token))) is not None
    fresh = oauth2.renew(client, app=APP, token=token)
    assert fresh.access_token != token.access_token
    assert fresh.refresh_token == token.refresh_token
    at.fake.consent.revoke_all()
    with pytest.raises(errors.AuthRevoked):
        oauth2.renew(client, app=APP, token=token)


def test_a_refused_consent_and_a_wrong_secret_are_told_apart() -> None:
    at = bench()
    assert consent(at, "deny")["error"] == "access_denied"
    code = consent(at, "allow")["code"]
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(at.ctx().http, app=APP | {"client_secret": "wrong"}, code=code, redirect_uri=BACK)
