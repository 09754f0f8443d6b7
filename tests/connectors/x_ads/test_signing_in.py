"""OAuth 1.0a: signatures as the specification shows them, and the three-legged flow against a platform that checks them."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from adloom_x_ads.manifest import MANIFEST

from adloom_sdk import ApiKey, OAuth1, errors, oauth1
from adloom_sdk.credentials import StaticCredentials, Token
from adloom_sdk.http import Client
from adloom_sdk.testing.bench import APP, Bench
from adloom_sdk.testing.fakes import Request
from tests.connectors.x_ads.test_reading import bench

BACK = "http://localhost/connections/callback?state=s1"


def client(at: Bench) -> Client:
    """A client as a host has one before anybody signed in: it knows X's host names."""
    return at.ctx(StaticCredentials("", app=APP), base_url="http://{host}").http


def decide(at: Bench, temporary: Token, decision: str) -> dict[str, str]:
    """Walk through the consent page as a browser would; gives what comes back to the app."""
    assert isinstance(MANIFEST.auth, OAuth1)
    address = oauth1.authorize_address(MANIFEST.auth, temporary)
    with httpx.Client(transport=at.fake.transport()) as browser:
        page = browser.get(address)
        assert (page.status_code, temporary.access_token in page.text) == (200, True)
        fields = {"oauth_token": temporary.access_token, "decision": decision}
        reply = browser.post("https://api.x.com/oauth/authorize", data=fields)
    assert reply.headers["location"].startswith(f"{BACK}&")
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def test_the_signature_is_that_of_the_specifications_example() -> None:
    # RFC 5849, section 1.2: the request for a photo, signed with consumer and token secret.
    params = [
        ("file", "vacation.jpg"),
        ("size", "original"),
        ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
        ("oauth_token", "nnch734d00sl2jdk"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131202"),
        ("oauth_nonce", "chapoH"),
    ]
    signed = oauth1.signature("GET", "http://photos.example.net/photos", params, "kd94hf93k423kf44&pfkkdhi9sl3r4s00")
    assert signed == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


def test_signing_in_gives_a_token_that_reads() -> None:
    at = bench()
    temporary = oauth1.request_token(client(at), app=APP, callback=BACK)
    back = decide(at, temporary, "allow")
    assert (back["state"], back["oauth_token"]) == ("s1", temporary.access_token)
    token = oauth1.access_token(client(at), app=APP, temporary=temporary, verifier=back["oauth_verifier"])
    assert token.secret
    assert token.expires_at is None
    assert len(at.accounts(at.ctx(StaticCredentials(token, app=APP)))) == 6


def test_a_verifier_is_good_once_and_only_the_right_one() -> None:
    at = bench()
    temporary = oauth1.request_token(client(at), app=APP, callback=BACK)
    verifier = decide(at, temporary, "allow")["oauth_verifier"]
    with pytest.raises(errors.AuthRevoked):
        oauth1.access_token(client(at), app=APP, temporary=temporary, verifier="guessed")
    oauth1.access_token(client(at), app=APP, temporary=temporary, verifier=verifier)
    with pytest.raises(errors.AuthRevoked):
        oauth1.access_token(client(at), app=APP, temporary=temporary, verifier=verifier)


def test_a_refused_consent_comes_back_as_denied() -> None:
    at = bench()
    temporary = oauth1.request_token(client(at), app=APP, callback=BACK)
    assert decide(at, temporary, "deny")["denied"] == temporary.access_token
    with pytest.raises(errors.AuthRevoked):
        oauth1.access_token(client(at), app=APP, temporary=temporary, verifier="")


def test_a_wrong_consumer_secret_is_told_before_anybody_is_sent_away() -> None:
    at = bench()
    with pytest.raises(errors.AppMisconfigured):
        oauth1.request_token(client(at), app=APP | {"consumer_secret": "wrong"}, callback=BACK)


def test_a_call_that_is_sent_a_second_time_is_turned_away() -> None:
    at = bench()
    header = oauth1.authorization_header("GET", "https://ads-api.x.com/12/accounts", [], APP, at.token())
    request = Request("GET", "/12/accounts", headers={"authorization": header}, host="ads-api.x.com")
    assert [at.fake.handle(request).status for _ in range(2)] == [200, 401]


@pytest.mark.parametrize("part", ["query", "path", "method"])
def test_a_call_that_was_changed_on_its_way_is_turned_away(part: str) -> None:
    at = bench()
    header = oauth1.authorization_header("GET", "https://ads-api.x.com/12/accounts", [("count", "5")], APP, at.token())
    sent = {"method": "GET", "path": "/12/accounts", "query": "count=5"}
    changed = sent | {part: {"query": "count=6", "path": "/12/accounts/1/campaigns", "method": "POST"}[part]}
    request = Request(
        changed["method"],
        changed["path"],
        changed["query"],
        headers={"authorization": header},
        host="ads-api.x.com",
    )
    assert at.fake.handle(request).status == 401


def test_parameters_with_odd_characters_are_signed_as_they_arrive() -> None:
    at = bench()
    params = {"q": "ä b+c&d=%/~*'", "count": "5"}
    assert at.ctx().http.get("/{version}/accounts", params=params)["data"]


def test_a_platform_without_oauth_1_is_refused() -> None:
    at = bench()
    other = Client(msgspec.structs.replace(MANIFEST, auth=ApiKey()), transport=at.fake.transport())
    with pytest.raises(errors.BadRequest):
        oauth1.request_token(other, app=APP, callback=BACK)
