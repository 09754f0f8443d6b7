"""The sandbox's pages in a real browser: they follow what happens, and a message's links work from its frame."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from kit.notify import Mail, open_mailer
from tests.sandbox.process import RunningSandbox

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=20_000)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium on this machine: install the package chromium."),
]


@pytest.fixture
def page(sandbox: RunningSandbox) -> Iterator[Page]:
    """A page on the sandbox; anything that the content policy blocks or the script throws fails the test."""
    complaints: list[str] = []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page(base_url=str(sandbox.http.base_url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


def send(sandbox: RunningSandbox, subject: str) -> None:
    html = f'<p>Hello</p><a href="{sandbox.http.base_url}/control">Confirm address</a>'
    open_mailer(sandbox.mail_settings).send(Mail("ana@shop.example", subject, html, "Hello\n"), idempotency_key=subject)


def test_the_inbox_shows_new_mail_by_itself(sandbox: RunningSandbox, page: Page) -> None:
    page.goto("/inbox")
    expect(page.get_by_text("No mail yet.")).to_be_visible()
    send(sandbox, "First")
    expect(page.get_by_role("link", name="First")).to_be_visible()
    send(sandbox, "Second")
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Clear inbox").click()
    expect(page.get_by_text("No mail yet.")).to_be_visible()


def test_a_link_in_a_message_opens_beside_it(sandbox: RunningSandbox, page: Page) -> None:
    send(sandbox, "Confirm your e-mail address")
    page.goto("/inbox")
    page.get_by_role("link", name="Confirm your e-mail address").click()
    with page.expect_popup() as popup:
        page.frame_locator("iframe").get_by_role("link", name="Confirm address").click()
    expect(popup.value).to_have_title("Control · Sandbox")


def test_a_fault_is_armed_from_the_control_page(sandbox: RunningSandbox, page: Page) -> None:
    page.goto("/control")
    fault = page.get_by_role("region", name="webhook_500")
    fault.get_by_label("Times").fill("3")
    fault.get_by_role("button", name="Arm").click()
    expect(fault.get_by_text("armed, 3 left")).to_be_visible()
    sandbox.http.post("/webhooks/a", json={})
    expect(fault.get_by_text("armed, 2 left")).to_be_visible()
