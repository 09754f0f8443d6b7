"""The played platforms: reached by host name, with a consent page for browsers, and with faults as real networks have them."""

import re

import httpx
import pytest

from adloom_sdk.testing.canary import CANARY
from tests.sandbox.process import RunningSandbox

BACK = "http://127.0.0.1:9/connections/callback"
GRAPH = "/hosts/graph.facebook.com/v25.0"


@pytest.fixture
def meta(sandbox: RunningSandbox) -> httpx.Client:
    """Calls to the Meta fake with a token."""
    sandbox.http.delete("/_sim/meta_ads/faults").raise_for_status()
    token = sandbox.http.post("/_sim/meta_ads/tokens", json={}).json()["result"]["access_token"]
    return httpx.Client(base_url=sandbox.http.base_url, headers={"authorization": f"Bearer {token}"}, timeout=20)


def test_a_host_answers_in_the_platforms_own_words(sandbox: RunningSandbox, meta: httpx.Client) -> None:
    with meta:
        assert meta.get(f"{GRAPH}/me").json()["id"]
        refused = sandbox.http.get(f"{GRAPH}/me")
    assert refused.status_code >= 400
    assert "error" in refused.json()


def test_an_unknown_host_says_which_are_played(sandbox: RunningSandbox) -> None:
    reply = sandbox.http.get("/hosts/ads.example.com/v1/things")
    assert reply.status_code == 404
    assert "graph.facebook.com" in reply.json()["detail"]


def test_the_consent_page_leads_back_with_a_code(sandbox: RunningSandbox) -> None:
    asked = {
        "client_id": "sandbox-app",
        "redirect_uri": BACK,
        "state": "s",
        "scope": "ads_read",
        "response_type": "code",
    }
    page = sandbox.http.get("/hosts/www.facebook.com/v25.0/dialog/oauth", params=asked)
    assert "nothing leaves this machine" in page.text
    assert page.headers["content-type"].startswith("text/html")
    action = re.search(r'action="([^"]+)"', page.text)
    assert action
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"decision": "allow"}
    decided = sandbox.http.post(action[1], data=fields, headers={"sec-fetch-site": "same-origin"})
    assert decided.status_code in {302, 303}
    assert decided.headers["location"].startswith(f"{BACK}?code=")


def test_a_lost_answer_closes_the_connection_without_a_word(sandbox: RunningSandbox, meta: httpx.Client) -> None:
    sandbox.http.post("/_sim/meta_ads/faults", json={"kind": "lost_response", "times": 1})
    with meta:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            meta.get(f"{GRAPH}/me")
        assert meta.get(f"{GRAPH}/me").status_code == 200


def test_a_cut_answer_is_shorter_than_announced(sandbox: RunningSandbox, meta: httpx.Client) -> None:
    sandbox.http.post("/_sim/meta_ads/faults", json={"kind": "cut_body", "times": 1})
    with meta, pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        meta.get(f"{GRAPH}/me")


def test_the_page_arms_faults_and_sets_the_clock(sandbox: RunningSandbox, meta: httpx.Client) -> None:
    before = sandbox.http.get("/_sim/meta_ads/clock").json()["result"]["now"]
    sandbox.http.post("/platforms/meta_ads/clock", data={"days": "7"})
    assert sandbox.http.get("/_sim/meta_ads/clock").json()["result"]["now"] > before
    sandbox.http.post("/platforms/meta_ads/clock", data={"days": "-7"})
    sandbox.http.post("/platforms/meta_ads/faults", data={"kind": "throttled", "times": "1"})
    assert "throttled" in sandbox.http.get("/platforms/meta_ads").text
    with meta:
        assert [meta.get(f"{GRAPH}/me").is_success for _ in range(2)] == [False, True]
    sandbox.http.post("/platforms/meta_ads/faults/disarm")
    assert "None is armed." in sandbox.http.get("/platforms/meta_ads").text


def test_the_page_shows_calls_without_their_tokens(sandbox: RunningSandbox, meta: httpx.Client) -> None:
    with meta:
        meta.get(f"{GRAPH}/me")
    text = sandbox.http.get("/platforms/meta_ads").text
    assert "/v25.0/me" in text
    assert CANARY not in text


def test_a_foreign_page_can_neither_disturb_nor_consent(sandbox: RunningSandbox) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    for path in ("/platforms/meta_ads/revoke", "/_sim/meta_ads/faults", "/hosts/www.facebook.com/v25.0/dialog/oauth"):
        assert sandbox.http.post(path, headers=foreign).status_code == 403


def test_an_unknown_fake_and_fault_are_explained(sandbox: RunningSandbox) -> None:
    assert "meta_ads" in sandbox.http.get("/_sim/bank/clock").json()["detail"]
    assert sandbox.http.post("/platforms/meta_ads/faults", data={"kind": "earthquake"}).status_code == 404
