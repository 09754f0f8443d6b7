"""LinkedIn's sign-in: a form to the token endpoint on another host than the API, 60 days, a refresh token that stays."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from adloom_linkedin_ads.manifest import MANIFEST

from adloom_sdk.errors import AppMisconfigured, AuthRevoked, ScopeMissing
from adloom_sdk.manifest import OAuth2
from adloom_sdk.oauth2 import authorize_address, exchange_code, renew
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.fakes import Request
from sandbox.platforms.linkedin_ads import LinkedInAds

BACK = "https://adloom.example/connections/back"


def consent(fake: LinkedInAds, *scopes: str, decision: str = "allow") -> dict[str, str]:
    """What comes back to the app after the page."""
    assert isinstance(MANIFEST.auth, OAuth2)
    address = urlsplit(authorize_address(MANIFEST.auth, APP, redirect_uri=BACK, state="s1", scopes=scopes))
    page = fake.handle(Request("GET", address.path, address.query))
    assert page.content is not None
    assert all(f'value="{scope}"'.encode() in page.content for scope in scopes)
    fields = [*parse_qsl(address.query), *(("grant", scope) for scope in scopes), ("decision", decision)]
    answer = fake.handle(Request("POST", f"{address.path}/decide", body=urlencode(fields).encode()))
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_the_code_gives_a_token_of_sixty_days_that_reads(bench: Bench, fake: LinkedInAds) -> None:
    returned = consent(fake, "r_ads", "r_ads_reporting")
    assert returned["state"] == "s1"
    token = exchange_code(bench.ctx().http, app=APP, code=returned["code"], redirect_uri=BACK)
    assert token.expires_at == fake.world.clock.now() + timedelta(days=60)
    assert token.scopes == ("r_ads", "r_ads_reporting")
    assert bench.accounts(bench.ctx(bench.credentials(token)))


def test_a_renewal_gives_another_token_and_the_old_one_ends(bench: Bench, fake: LinkedInAds) -> None:
    code = consent(fake, "r_ads")["code"]
    token = exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)
    fresh = renew(bench.ctx().http, app=APP, token=token)
    assert fresh.access_token != token.access_token
    assert fresh.refresh_token == token.refresh_token
    assert fake.consent.why_refused(token.access_token, "r_ads") == "expired"


def test_withdrawn_access_cannot_be_renewed(bench: Bench, fake: LinkedInAds) -> None:
    code = consent(fake, "r_ads")["code"]
    token = exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)
    fake.consent.revoke_all()
    with pytest.raises(AuthRevoked):
        renew(bench.ctx().http, app=APP, token=token)


def test_a_code_works_once(bench: Bench, fake: LinkedInAds) -> None:
    code = consent(fake, "r_ads")["code"]
    exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(AuthRevoked):
        exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)


def test_a_wrong_client_secret_is_the_operators_matter(bench: Bench, fake: LinkedInAds) -> None:
    wrong = APP | {"client_secret": "not-this-one"}
    with pytest.raises(AppMisconfigured):
        exchange_code(bench.ctx().http, app=wrong, code=consent(fake, "r_ads")["code"], redirect_uri=BACK)


def test_a_box_that_was_unticked_is_missed_when_it_is_needed(bench: Bench, fake: LinkedInAds) -> None:
    code = consent(fake, "r_ads_reporting")["code"]
    token = exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(ScopeMissing):
        bench.accounts(bench.ctx(bench.credentials(token)))


def test_a_person_who_says_no_comes_back_without_a_code(fake: LinkedInAds) -> None:
    assert consent(fake, "r_ads", decision="deny") == {"error": "access_denied", "state": "s1"}
