"""Faults on demand, health, and who may talk to the sandbox at all."""

import httpx
import pytest

from tests.sandbox.process import RunningSandbox

PAGES = ["/", "/inbox", "/webhooks", "/platforms", "/platforms/meta_ads", "/control"]


def test_an_armed_fault_happens_as_often_as_told(sandbox: RunningSandbox) -> None:
    sandbox.arm("webhook_500", times=2)
    statuses = [
        sandbox.http.post(path, json={"text": "x"}).status_code for path in ("/webhooks/a", "/slack/a", "/webhooks/a")
    ]
    assert statuses == [500, 500, 200]
    answered = [item["answered"] for item in sandbox.http.get("/api/webhooks").json()["webhooks"]]
    assert answered == [200, 500, 500]


def test_the_control_page_arms_and_disarms(sandbox: RunningSandbox) -> None:
    sandbox.http.post("/control/faults", data={"kind": "smtp_defer", "times": "3"})
    assert "armed, 3 left" in sandbox.http.get("/control").text
    sandbox.http.post("/control/faults/disarm")
    assert all(fault["times_left"] == 0 for fault in sandbox.http.get("/api/faults").json()["faults"])


@pytest.mark.parametrize("order", [{"kind": "earthquake"}, {"kind": "smtp_reject", "times": 0}, {"times": 1}])
def test_an_order_that_makes_no_sense_is_explained(sandbox: RunningSandbox, order: dict[str, object]) -> None:
    reply = sandbox.http.post("/api/faults", json=order)
    assert reply.status_code == 400
    assert "smtp_reject" in reply.text or "times" in reply.text or "kind" in reply.text


def test_health_names_every_part_and_the_mail_address(sandbox: RunningSandbox) -> None:
    health = sandbox.http.get("/health").json()
    assert health["status"] == "ok"
    assert health["parts"]["inbox"]["SMTP server"] == f"127.0.0.1:{sandbox.smtp_port}"
    assert set(health["parts"]) == {"inbox", "webhooks", "platforms"}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_nothing_leaves_and_allows_no_foreign_code(sandbox: RunningSandbox, path: str) -> None:
    page = sandbox.http.get(path)
    assert page.status_code == 200
    assert "Sandbox – nothing leaves this machine" in page.text
    assert "'unsafe" not in page.headers["content-security-policy"]


def test_a_foreign_host_name_is_refused(sandbox: RunningSandbox) -> None:
    assert sandbox.http.get("/api/inbox", headers={"host": "evil.example"}).status_code == 403


def test_a_foreign_page_cannot_change_anything(sandbox: RunningSandbox) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    assert sandbox.http.post("/control/clear/inbox", headers=foreign).status_code == 403
    assert sandbox.http.post("/control/clear/inbox", headers={"sec-fetch-site": "same-origin"}).status_code == 303


def test_an_unknown_part_cannot_be_cleared(sandbox: RunningSandbox) -> None:
    assert sandbox.http.post("/control/clear/bank").status_code == 404


def test_a_page_learns_of_the_next_change(sandbox: RunningSandbox) -> None:
    revision = sandbox.http.get("/api/changes").json()["revision"]
    sandbox.http.post("/webhooks/a", json={})
    after = sandbox.http.get("/api/changes", params={"seen": revision, "wait_s": 10}).json()["revision"]
    assert after > revision


def test_waiting_is_bounded(sandbox: RunningSandbox) -> None:
    reply: httpx.Response = sandbox.http.get("/api/inbox", params={"wait_s": 3600})
    assert reply.status_code == 400
