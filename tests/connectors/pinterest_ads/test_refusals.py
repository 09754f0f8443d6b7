"""What Pinterest refuses becomes the error that says who must act; waiting, renewing and signing in follow its words."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_pinterest_ads import refusals
from adloom_pinterest_ads.manifest import MANIFEST

from adloom_sdk import Kind, OAuth2, Reply, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.pinterest_ads.test_reading import AUTUMN, NOW, bench

BACK = "http://localhost/connections/callback"


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


@pytest.mark.parametrize(
    ("status", "error"), [(408, errors.Transient), (426, errors.VersionSunset), (409, errors.BadRequest)]
)
def test_where_nobody_knows_the_code_the_status_says_who_must_act(
    status: int, error: type[errors.PlatformError]
) -> None:
    bare = Reply(method="GET", path="/x", status=status, headers={}, content=b'{"code": 4711}', received_at=NOW)
    assert type(refusals.error_of(bare)) is error


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
    at.fake.faults.add(Fault(kind="expire_token", path="/campaigns", skip=1, times=1))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    assert at.fake.consent.refreshes == 1


def test_the_analytics_call_refuses_more_than_a_hundred_ids_and_days_long_past() -> None:
    at = bench()
    account, ctx = at.account(), at.ctx()
    path = f"/{{version}}/ad_accounts/{account.id}/campaigns/analytics"
    fields = [("columns", "SPEND_IN_MICRO_DOLLAR"), ("granularity", "DAY"), ("end_date", "2026-11-19")]
    many = [("campaign_ids", str(one)) for one in range(101)]
    with pytest.raises(errors.BadRequest):
        ctx.http.get(path, params=[*fields, ("start_date", "2026-11-01"), *many])
    with pytest.raises(errors.BadRequest):
        ctx.http.get(path, params=[*fields, ("start_date", "2026-01-01"), ("campaign_ids", "1")])


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
        reply = browser.post("https://www.pinterest.com/oauth/decide", content=body)
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def test_signing_in_gives_a_token_that_reads_and_can_be_renewed() -> None:
    at = bench()
    client = at.ctx().http
    back = consent(at, "allow")
    assert back["state"] == "s1"
    token = oauth2.exchange_code(client, app=APP, code=back["code"], redirect_uri=BACK)
    assert set(token.scopes) == {"ads:read", "ads:write", "user_accounts:read"}
    assert at.connector.check(at.ctx(at.credentials(token))) is not None
    fresh = oauth2.renew(client, app=APP, token=token)
    assert fresh.access_token != token.access_token
    assert fresh.refresh_token != token.refresh_token
    with pytest.raises(errors.AuthRevoked):
        oauth2.renew(client, app=APP, token=token)


def test_a_refused_consent_and_a_wrong_secret_are_told_apart() -> None:
    at = bench()
    assert consent(at, "deny")["error"] == "access_denied"
    code = consent(at, "allow")["code"]
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(at.ctx().http, app=APP | {"client_secret": "wrong"}, code=code, redirect_uri=BACK)


def test_one_account_that_is_not_permitted_hides_none_of_the_others() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="scope", path="/campaigns", times=1))
    found = at.accounts()
    assert len(found) == 6
    refused = at.fake.world.accounts[0].id
    assert [one.id for one in found if one.problem and "disabled" not in one.problem] == [refused]


def test_a_sign_in_that_may_read_no_account_at_all_is_told_as_such() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="scope", path="/campaigns"))
    with pytest.raises(errors.ScopeMissing):
        at.accounts()
