"""Connecting a platform in a real browser: through the consent page in a window of its own, or in the same one, to the accounts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from billing.service import set_plan
from kit.web.security import SESSION_COOKIE
from tests.installation import Installation
from tests.people import Person, make_person

pytestmark = pytest.mark.browser


def signed_in(installation: Installation, page: Page) -> Person:
    """Somebody with a workspace on Premium, in this browser."""
    person = make_person(installation.settings, installation.planes, name="Mia Merchant")
    with installation.planes.begin_control() as control:
        set_plan(control, workspace_id=person.workspace_id, plan_code="premium")
    name = SESSION_COOKIE.spelled(installation.settings)
    page.context.add_cookies([{"name": name, "value": person.session_token, "url": installation.url}])
    return person


def test_a_platform_is_connected_in_the_same_window(installation: Installation, open_page: Callable[..., Page]) -> None:
    page = open_page()
    person = signed_in(installation, page)
    page.goto(person.at("/connections?q=meta"))
    page.get_by_role("link", name="Connect Meta Ads").click()
    page.get_by_role("button", name="Go on to Meta Ads").click()
    expect(page.get_by_text("nothing leaves this machine")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Choose which accounts to read.")).to_be_visible()
    page.get_by_label("Northwind USD").check()
    page.get_by_role("button", name="Save choice").click()
    expect(page.get_by_text("1 account will be read from now on.")).to_be_visible()
    expect(page.get_by_role("heading", name="Syncs")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Northwind USD")).to_be_checked()


def test_signing_in_again_uses_a_window_of_its_own_that_closes(
    installation: Installation, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    person = signed_in(installation, page)
    page.goto(person.at("/connections/new/meta_ads"))
    page.get_by_role("button", name="Go on to Meta Ads").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Sign in at Meta Ads").wait_for()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in at Meta Ads").click()
    window = opened.value
    window.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Choose which accounts to read.")).to_be_visible()
    expect(page.get_by_label("Northwind EUR")).to_be_visible()
    if not window.is_closed():
        window.wait_for_event("close")
