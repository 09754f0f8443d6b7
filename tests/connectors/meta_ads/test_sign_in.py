"""Signing in at Meta: the consent page, a short token for the code, a long one for that, and nothing after sixty days."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_meta_ads.manifest import MANIFEST

from adloom_sdk import OAuth2, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench
from tests.connectors.meta_ads.benches import bench

BACK = "http://localhost/connections/callback"


def walk_through_consent(at: Bench, *granted: str, decision: str = "allow") -> dict[str, str]:
    """What a browser does: open the page, tick, press the button; gives what comes back to us."""
    auth = MANIFEST.auth
    assert isinstance(auth, OAuth2)
    address = oauth2.authorize_address(auth, APP, redirect_uri=BACK, state="s1", scopes=("ads_read", "ads_management"))
    with httpx.Client(transport=at.fake.transport()) as browser:
        page = browser.get(address)
        assert page.status_code == 200
        assert "ads_management" in page.text
        fields = [("redirect_uri", BACK), ("state", "s1"), ("decision", decision), *(("grant", one) for one in granted)]
        action = urlsplit(address)._replace(path=page.text.partition('action="')[2].partition('"')[0], query="")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = browser.post(action.geturl(), content=urlencode(fields), headers=headers)
    assert answer.status_code == 302
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_a_code_becomes_a_token_for_sixty_days_that_reads() -> None:
    at = bench()
    back = walk_through_consent(at, "ads_read", "ads_management")
    assert back["state"] == "s1"
    token = oauth2.exchange_code(at.ctx().http, app=APP, code=back["code"], redirect_uri=BACK)
    assert token.expires_at == at.fake.world.clock.now() + timedelta(days=60)
    assert not token.refresh_token
    found = at.connector.check(at.ctx(at.credentials(token)))
    assert (found.signed_in_as, found.scopes, found.can_write) == (
        "Northwind Marketing",
        ("ads_read", "ads_management"),
        True,
    )


def test_what_the_person_unticked_is_not_granted() -> None:
    at = bench()
    back = walk_through_consent(at, "ads_read")
    token = oauth2.exchange_code(at.ctx().http, app=APP, code=back["code"], redirect_uri=BACK)
    ctx = at.ctx(at.credentials(token))
    assert at.connector.check(ctx).can_write is False
    assert {one.can_write for one in at.accounts(ctx)} == {False}


def test_a_person_who_says_no_comes_back_without_a_code() -> None:
    assert walk_through_consent(bench(), decision="deny")["error"] == "access_denied"


def test_a_code_works_once() -> None:
    at = bench()
    code = walk_through_consent(at, "ads_read")["code"]
    oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(errors.AuthRevoked):
        oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_a_wrong_app_is_for_the_operator(wrong: str) -> None:
    at = bench()
    code = walk_through_consent(at, "ads_read")["code"]
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(at.ctx().http, app=APP | {wrong: "other"}, code=code, redirect_uri=BACK)


def test_after_its_sixty_days_a_sign_in_has_expired_and_cannot_be_renewed() -> None:
    at = bench()
    code = walk_through_consent(at, "ads_read")["code"]
    token = oauth2.exchange_code(at.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(errors.AuthRevoked):
        oauth2.renew(at.ctx().http, app=APP, token=token)
