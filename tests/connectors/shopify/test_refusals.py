"""What Shopify refuses becomes the error that says who must act; signing in works through the shop's own pages."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_shopify.connector import Shopify
from adloom_shopify.manifest import MANIFEST

from adloom_sdk import Kind, OAuth2, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.shopify import Shopify as Fake
from tests.connectors.shopify.test_reading import AUTUMN, bench, revenue, told, truth

BACK = "http://localhost/connections/callback"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no_token", errors.AuthExpired),
        ("revoked", errors.AuthExpired),
        ("scope", errors.ScopeMissing),
        ("app_not_approved", errors.AppNotApproved),
        ("account_disabled", errors.AccountDisabled),
        ("not_found", errors.NotFound),
        ("bad_request", errors.BadRequest),
        ("server_error", errors.Transient),
        ("sunset", errors.VersionSunset),
        ("html", errors.SchemaDrift),
        ("throttled", errors.RateLimited),
        ("cut_body", errors.Transient),
    ],
)
def test_each_refusal_has_its_class(kind: str, error: type[Exception]) -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind=kind, path="graphql"))
    with pytest.raises(error):
        at.read(Kind.REVENUE, account, *AUTUMN)


def test_a_closed_shop_says_so() -> None:
    at = bench(shop="northwind-old")
    with pytest.raises(errors.AccountDisabled):
        at.accounts()


def test_a_full_bucket_is_waited_for_as_long_as_it_takes_to_fill() -> None:
    at = bench()
    account, began = at.account("EUR"), at.fake.world.clock.now()
    at.fake.faults.add(Fault(kind="throttled", path="graphql", times=1, delay_s=12))
    found = revenue(at, *AUTUMN)
    assert (at.fake.world.clock.now() - began).total_seconds() >= 12
    assert told(found) == truth(at, *AUTUMN, settled=False)
    assert account.currency == "EUR"


@pytest.mark.parametrize("kind", ["extra_field", "unknown_status"])
def test_what_shopify_adds_changes_nothing(kind: str) -> None:
    at = bench()
    at.fake.faults.add(Fault(kind=kind, path="graphql"))
    assert told(revenue(at, *AUTUMN)) == truth(at, *AUTUMN, settled=False)


def test_a_token_that_ends_midway_is_renewed_once() -> None:
    at = bench()
    at.fake.page_size = 10
    at.fake.faults.add(Fault(kind="expire_token", path="graphql", skip=3, times=1))
    assert told(revenue(at, *AUTUMN)) == truth(at, *AUTUMN, settled=False)
    assert at.fake.consent.refreshes == 1


@pytest.mark.parametrize("shop", ["", "evil.example/x?", "a.b", "-a", "northwind@evil"])
def test_a_shop_name_cannot_lead_to_another_host(shop: str) -> None:
    at = Bench(Shopify, Fake(bench().fake.world), config={"shop": shop}, base_url="")
    with pytest.raises(errors.HostNotAllowed):
        at.accounts()


def signed_in(at: Bench, app: dict[str, str], *, decision: str = "allow") -> dict[str, str]:
    """What the browser brings back after the consent page."""
    assert isinstance(MANIFEST.auth, OAuth2)
    address = oauth2.authorize_address(MANIFEST.auth, app, redirect_uri=BACK, state="s1", config=at.config)
    with httpx.Client(transport=at.fake.transport()) as browser:
        page = browser.get(address)
        assert "read_all_orders" in page.text
        fields = dict(parse_qsl(urlsplit(address).query)) | {"decision": decision}
        grants = [("grant", scope) for scope in MANIFEST.auth.scopes_read]
        body = urlencode([*fields.items(), *grants])
        action = str(httpx.URL(address).join("/admin/oauth/decide"))
        answer = browser.post(action, content=body)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_signing_in_gives_tokens_that_read_and_renew() -> None:
    at = bench()
    back, auth, client = signed_in(at, APP), MANIFEST.auth, at.ctx().http
    assert isinstance(auth, OAuth2)
    oauth2.check_callback(auth, APP, back)
    token = oauth2.exchange_code(client, app=APP, code=back["code"], redirect_uri=BACK)
    assert token.scopes == ("read_orders", "read_all_orders")
    fresh = oauth2.renew(client, app=APP, token=token)
    assert fresh.refresh_token not in {"", token.refresh_token}
    assert at.accounts(at.ctx(at.credentials(fresh)))


@pytest.mark.parametrize("change", [{"shop": "evil.myshopify.com"}, {"hmac": "0"}, {"code": "stolen"}])
def test_a_callback_that_shopify_did_not_sign_is_refused(change: dict[str, Any]) -> None:
    back, auth = signed_in(bench(), APP) | change, MANIFEST.auth
    assert isinstance(auth, OAuth2)
    with pytest.raises(errors.BadRequest):
        oauth2.check_callback(auth, APP, back)


def test_a_wrong_client_secret_is_the_operators_business() -> None:
    at = bench()
    back = signed_in(at, APP)
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(at.ctx().http, app=APP | {"client_secret": "wrong"}, code=back["code"], redirect_uri=BACK)
