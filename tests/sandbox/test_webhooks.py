"""The webhook and Slack inbox."""

import pytest

from tests.sandbox.process import RunningSandbox


def test_a_webhook_keeps_body_headers_and_query(sandbox: RunningSandbox) -> None:
    sandbox.http.post("/webhooks/orders?try=1", json={"total": "12 €"}, headers={"x-signature": "abc"})
    delivery = sandbox.http.get("/api/webhooks/latest", params={"name": "orders", "wait_s": 10}).json()
    assert delivery["json"] == {"total": "12 €"}
    assert ["x-signature", "abc"] in delivery["headers"]
    assert (delivery["kind"], delivery["query"], delivery["answered"]) == ("webhook", "try=1", 200)


def test_a_body_that_is_not_text_is_kept_too(sandbox: RunningSandbox) -> None:
    sandbox.http.post("/webhooks/binary", content=b"\xff\x00")
    delivery = sandbox.http.get("/api/webhooks/latest").json()
    assert (delivery["body"], delivery["json"], delivery["body_base64"]) == (None, None, "/wA=")
    assert "2 bytes that are not text" in sandbox.http.get("/webhooks").text


def test_a_body_that_nests_without_end_does_not_stop_the_page(sandbox: RunningSandbox) -> None:
    sandbox.http.post("/webhooks/deep", content=b"[" * 100_000)
    assert sandbox.http.get("/webhooks").status_code == 200
    assert sandbox.http.get("/api/webhooks/latest").json()["json"] is None


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"text": "Spend is up"}', 200, "ok"),
        (b'{"blocks": [{"type": "divider"}]}', 200, "ok"),
        (b"not json", 400, "invalid_payload"),
        (b"[]", 400, "invalid_payload"),
        (b"{}", 400, "no_text"),
    ],
)
def test_slack_answers_as_slack_does(sandbox: RunningSandbox, body: bytes, status: int, words: str) -> None:
    reply = sandbox.http.post("/slack/alerts", content=body)
    assert (reply.status_code, reply.text) == (status, words)
    assert sandbox.http.get("/api/webhooks/latest", params={"kind": "slack"}).json()["answered"] == status


def test_the_list_tells_webhooks_and_slack_apart(sandbox: RunningSandbox) -> None:
    sandbox.http.post("/webhooks/a", json={})
    sandbox.http.post("/slack/b", json={"text": "x"})
    names = {
        kind: [item["name"] for item in sandbox.http.get("/api/webhooks", params={"kind": kind}).json()["webhooks"]]
        for kind in ("webhook", "slack")
    }
    assert names == {"webhook": ["a"], "slack": ["b"]}
    sandbox.http.delete("/api/webhooks")
    assert sandbox.http.get("/api/webhooks").json() == {"webhooks": []}
