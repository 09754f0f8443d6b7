"""Connecting a platform in a real browser: through its consent page to first numbers, a campaign paused there, and undone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from kit.web.security import SESSION_COOKIE
from tests.installation import Installation
from tests.people import make_person
from tests.stories.program import eventually

pytestmark = pytest.mark.browser


def test_meta_is_connected_and_a_campaign_paused_and_undone(
    installation: Installation, open_page: Callable[..., Page]
) -> None:
    page = _signed_in(installation, open_page)
    _start_connecting(page)
    _consent(page)
    _choose_the_dollar_account(page)
    _see_first_numbers(page)
    name = _open_a_running_campaign(page, installation)
    _press(page, page.get_by_role("button", name="Pause", exact=True))
    _wait_for_status(installation, name, "paused")
    _undo(page)
    _wait_for_status(installation, name, "active")
    _see_it_active(page, name)


def _signed_in(installation: Installation, open_page: Callable[..., Page]) -> Page:
    person = make_person(installation.settings, installation.planes, name="Cora Connector", plan="premium")
    page = open_page()
    name = SESSION_COOKIE.spelled(installation.settings)
    page.context.add_cookies([{"name": name, "value": person.session_token, "url": installation.url}])
    page.goto(person.at("/overview"))
    return page


def _go(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=label, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(label)


def _start_connecting(page: Page) -> None:
    _go(page, "Connections")
    expect(page.get_by_text("No platform is connected yet")).to_be_visible()
    page.get_by_role("link", name="Connect Meta Ads").click()
    page.get_by_label("Also ask Meta Ads for permission to make changes").check()
    page.get_by_role("button", name="Go on to Meta Ads").click()


def _consent(page: Page) -> None:
    """The platform's own page: it says who asks and what for."""
    expect(page.get_by_role("heading", level=1, name="Meta", exact=True)).to_be_visible()
    expect(page.get_by_role("checkbox", name="ads_management")).to_be_checked()
    page.get_by_role("button", name="Allow").click()


def _choose_the_dollar_account(page: Page) -> None:
    """The picker, which says of the disabled account why it cannot be read."""
    accounts = page.get_by_role("table", name="Accounts")
    expect(accounts.get_by_label("Northwind USD")).to_be_enabled()
    disabled = accounts.get_by_role("row", name=re.compile("Northwind old"))
    expect(disabled.get_by_role("checkbox")).to_be_disabled()
    expect(disabled.get_by_text("disabled").first).to_be_visible()
    accounts.get_by_label("Northwind USD").check()
    page.get_by_role("button", name="Save choice").click()
    expect(page.get_by_text("1 account will be read from now on.")).to_be_visible()


def _see_first_numbers(page: Page) -> None:
    _go(page, "Overview")
    spend = page.locator(".kpi", has_text="Spend").first.get_by_text(re.compile(r"\$[1-9]"))
    eventually(lambda: _reloaded(page, spend), "the overview shows spend")
    expect(page.get_by_role("rowheader", name="Facebook Ads").first).to_be_visible()


def _open_a_running_campaign(page: Page, installation: Installation) -> str:
    """One whose budget is its own; gives its name."""
    _go(page, "Campaigns")
    running: list[str] = [one["name"] for one in _campaigns_there(installation) if one["status"] == "active"]
    page.get_by_role("link", name=running[0], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(running[0])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")
    return running[0]


def _press(page: Page, button: Locator) -> None:
    """The platform may have changed before the browser shows the next page, which must not meet a reload of ours."""
    with page.expect_navigation():
        button.click()


def _undo(page: Page) -> None:
    undo = page.get_by_role("button", name=re.compile("^Undo"))
    eventually(lambda: _reloaded(page, undo), "the change can be undone")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paused")
    _press(page, undo)


def _see_it_active(page: Page, name: str) -> None:
    """The list of changes tells that one was taken back, and the campaign runs."""
    changes = page.get_by_role("table", name="Changes")
    eventually(
        lambda: _reloaded(page, changes.locator(".badge", has_text="Taken back")), "the change is told as taken back"
    )
    changes.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")


def _wait_for_status(installation: Installation, name: str, status: str) -> None:
    """What the platform itself has."""

    def look() -> bool:
        return any(one["name"] == name and one["status"] == status for one in _campaigns_there(installation))

    eventually(look, f"Meta has {name} {status}")


def _campaigns_there(installation: Installation) -> list[dict[str, Any]]:
    def asked(what: str, **query: str) -> Any:
        return installation.sandbox.http.get(f"/_sim/meta_ads/{what}", params=query).raise_for_status().json()["result"]

    account = next(one for one in asked("accounts") if one["currency"] == "USD" and one["status"] == "active")
    found: list[dict[str, Any]] = asked("entities", account=str(account["number"]))
    return [one for one in found if not one["is_budget_shared"]]


def _reloaded(page: Page, locator: Locator) -> bool:
    """Whether the page shows it now; it is loaded anew where it does not."""
    if locator.first.is_visible():
        return True
    try:
        page.reload()
    except Error:
        # A browser under load refuses a reload while it swaps one document for the next; whoever asks asks again.
        return False
    return locator.first.is_visible()
