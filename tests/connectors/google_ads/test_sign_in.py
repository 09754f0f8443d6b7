"""Signing in at Google: the consent page, a code for two tokens, and access renewed by the one that stays."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_google_ads.manifest import MANIFEST, SCOPE

from adloom_sdk import OAuth2, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.fakes import Request
from tests.connectors.google_ads.benches import bench

BACK = "http://localhost/connections/callback"


def walk_through_consent(at: Bench, *granted: str, decision: str = "allow") -> dict[str, str]:
    """What a browser does: open the page, tick, press the button; gives what comes back to us."""
    auth = MANIFEST.auth
    assert isinstance(auth, OAuth2)
    address = oauth2.authorize_address(auth, APP, redirect_uri=BACK, state="s1")
    assert dict(parse_qsl(urlsplit(address).query))["access_type"] == "offline"
    with httpx.Client(transport=at.fake.transport()) as browser:
        page = browser.get(address)
        assert page.status_code == 200
        assert SCOPE in page.text
        fields = [("redirect_uri", BACK), ("state", "s1"), ("decision", decision), *(("grant", one) for one in granted)]
        action = urlsplit(address)._replace(path=page.text.partition('action="')[2].partition('"')[0], query="")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = browser.post(action.geturl(), content=urlencode(fields), headers=headers)
    assert answer.status_code == 302
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_a_code_becomes_tokens_and_access_is_renewed_with_the_one_that_stays() -> None:
    at = bench()
    http = at.ctx().http
    back = walk_through_consent(at, SCOPE)
    assert back["state"] == "s1"
    token = oauth2.exchange_code(http, app=APP, code=back["code"], redirect_uri=BACK)
    assert token.expires_at == at.fake.world.clock.now() + timedelta(hours=1)
    assert token.scopes == (SCOPE,)
    at.fake.world.clock.advance(3600)
    fresh = oauth2.renew(http, app=APP, token=token)
    assert fresh.refresh_token == token.refresh_token
    assert fresh.access_token != token.access_token
    assert at.connector.check(at.ctx(at.credentials(fresh))).scopes == (SCOPE,)


def test_a_person_who_says_no_comes_back_without_a_code() -> None:
    assert walk_through_consent(bench(), decision="deny")["error"] == "access_denied"


def test_a_sign_in_without_the_permission_is_told() -> None:
    at = bench()
    code = walk_through_consent(at)["code"]
    token = oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(errors.ScopeMissing) as caught:
        at.connector.check(at.ctx(at.credentials(token)))
    assert caught.value.scope == SCOPE


def test_withdrawn_access_cannot_be_renewed() -> None:
    at = bench()
    token = at.token()
    at.fake.consent.revoke_all()
    with pytest.raises(errors.AuthRevoked):
        oauth2.renew(at.ctx().http, app=APP, token=token)


def test_a_code_works_once() -> None:
    at = bench()
    code = walk_through_consent(at, SCOPE)["code"]
    oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(errors.AuthRevoked):
        oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_a_wrong_app_is_for_the_operator(wrong: str) -> None:
    at = bench()
    with pytest.raises(errors.AppMisconfigured):
        oauth2.renew(at.ctx().http, app=APP | {wrong: "other"}, token=at.token())


def test_sign_ins_of_googles_other_products_are_left_to_them() -> None:
    at = bench()
    analytics = urlencode({"scope": "https://www.googleapis.com/auth/analytics.readonly"})
    assert at.fake.knows(Request("GET", "/o/oauth2/v2/auth", urlencode({"scope": SCOPE})))
    assert not at.fake.knows(Request("GET", "/o/oauth2/v2/auth", analytics))
    own, foreign = urlencode({"refresh_token": at.token().refresh_token}), urlencode({"refresh_token": "another's"})
    assert at.fake.knows(Request("POST", "/token", body=own.encode()))
    assert not at.fake.knows(Request("POST", "/token", body=foreign.encode()))
