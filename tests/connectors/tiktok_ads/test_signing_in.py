"""TikTok's sign-in: an app_id in the portal's address, JSON to the token endpoint, the token under "data" and without an end."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from adloom_tiktok_ads.manifest import MANIFEST

from adloom_sdk.errors import AppMisconfigured, AuthRevoked
from adloom_sdk.manifest import OAuth2
from adloom_sdk.oauth2 import authorize_address, exchange_code, renew
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.fakes import Request
from sandbox.platforms.tiktok_ads import TikTokAds

BACK = "https://adloom.example/connections/back"


def consent(fake: TikTokAds, decision: str = "allow") -> dict[str, str]:
    """What comes back to the app after the page."""
    assert isinstance(MANIFEST.auth, OAuth2)
    address = urlsplit(authorize_address(MANIFEST.auth, APP, redirect_uri=BACK, state="s1"))
    page = fake.handle(Request("GET", address.path, address.query))
    assert page.content is not None
    assert b"TikTok for Business" in page.content
    fields = [*parse_qsl(address.query), ("grant", "4"), ("grant", "2"), ("decision", decision)]
    answer = fake.handle(Request("POST", "/portal/auth/decide", body=urlencode(fields).encode()))
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(BACK)
    return dict(parse_qsl(back.query))


def test_the_code_gives_a_token_that_reads(bench: Bench, fake: TikTokAds) -> None:
    returned = consent(fake)
    assert returned["state"] == "s1"
    token = exchange_code(bench.ctx().http, app=APP, code=returned["auth_code"], redirect_uri=BACK)
    assert (token.expires_at, token.refresh_token, token.scopes) == (None, "", ("4", "2"))
    assert bench.accounts(bench.ctx(bench.credentials(token)))


def test_a_code_works_once(bench: Bench, fake: TikTokAds) -> None:
    code = consent(fake)["auth_code"]
    exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)
    with pytest.raises(AuthRevoked):
        exchange_code(bench.ctx().http, app=APP, code=code, redirect_uri=BACK)


def test_a_wrong_app_secret_is_the_operators_matter(bench: Bench, fake: TikTokAds) -> None:
    wrong = APP | {"client_secret": "not-this-one"}
    with pytest.raises(AppMisconfigured):
        exchange_code(bench.ctx().http, app=wrong, code=consent(fake)["auth_code"], redirect_uri=BACK)


def test_a_person_who_says_no_comes_back_without_a_code(fake: TikTokAds) -> None:
    assert consent(fake, "deny") == {"error": "access_denied", "state": "s1"}


def test_there_is_no_renewal(bench: Bench, fake: TikTokAds) -> None:
    token = exchange_code(bench.ctx().http, app=APP, code=consent(fake)["auth_code"], redirect_uri=BACK)
    with pytest.raises(AuthRevoked):
        renew(bench.ctx().http, app=APP, token=token)
