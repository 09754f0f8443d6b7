"""Connecting a platform as a person does it: marketplace, consent page, accounts; and what may go wrong on the way."""

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.connections.desk import Desk
from tests.people import join, make_person


def test_the_marketplace_shows_what_can_be_connected_and_finds_it(desk: Desk) -> None:
    page = desk.get("/connections").text
    assert "Connect Meta Ads" in page
    assert "Connect TikTok Ads" in page
    found = desk.get("/connections?q=facebook").text
    assert "Connect Meta Ads" in found
    assert "Connect TikTok Ads" not in found
    assert "No platform matches" in desk.get("/connections?q=billboards").text


def test_a_sign_in_leads_to_the_accounts(desk: Desk) -> None:
    connection_id = desk.connect()
    page = desk.get(f"/connections/{connection_id}")
    assert "Choose which accounts to read." in page.text
    accounts = desk.accounts(connection_id)
    assert len(accounts) >= 5
    assert all(account.name in page.text for account in accounts)
    assert {account.currency for account in accounts} >= {"USD", "EUR", "JPY"}
    connection = desk.connection(connection_id)
    assert (connection.state, connection.may_write) == ("active", False)


def test_the_picker_says_what_keeps_an_account_from_being_read(desk: Desk) -> None:
    connection_id = desk.connect()
    disabled = [account for account in desk.accounts(connection_id) if account.status == "disabled"]
    assert disabled
    page = desk.get(f"/connections/{connection_id}").text
    row = page[page.index(disabled[0].name) :]
    assert "ads manager" in row[: row.index("</tr>")]


def test_only_ticked_accounts_are_read(desk: Desk) -> None:
    connection_id = desk.connect()
    first, second, *_ = desk.accounts(connection_id)
    saved = desk.post(f"/connections/{connection_id}/accounts", {f"account_{first.id}": "1"})
    assert saved.status_code == 303
    assert [row.id for row in desk.accounts(connection_id) if row.is_selected] == [first.id]
    desk.post(f"/connections/{connection_id}/accounts", {f"account_{second.id}": "1"})
    assert [row.id for row in desk.accounts(connection_id) if row.is_selected] == [second.id]
    assert "Everything works" in desk.get(f"/connections/{connection_id}").text


def test_chosen_accounts_are_read_at_once_and_a_removed_connection_takes_its_numbers_along(
    desk: Desk,
) -> None:
    connection_id = desk.connect()
    account = next(row for row in desk.accounts(connection_id) if row.currency == "USD" and not row.problem)
    desk.post(f"/connections/{connection_id}/accounts", {f"account_{account.id}": "1"})
    assert [job.name for job in desk.jobs()][-1] == "sync.account"
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        session.execute(
            text(
                "INSERT INTO revenue_days (account_id, day, source, revenue_micros, finality) VALUES (:id, '2026-05-01', '', 5000000, 2)"
            ),
            {"id": account.id},
        )
    desk.post(f"/connections/{connection_id}/remove")
    while desk.connections():
        assert desk.work() == "done"
    with desk.planes.tenant(desk.person.tenant) as session:
        assert session.execute(text("SELECT count(*) FROM revenue_days")).scalar_one() == 0


def test_the_job_that_finishes_the_sign_in_is_followed_on_the_page(desk: Desk) -> None:
    landed = desk.come_back(desk.consent(desk.start())).headers["location"]
    page = desk.person.request(desk.web, "GET", landed).text
    assert "data-job-progress" in page
    assert re.search(r'data-events-url="/w/[^"]+/events"', page)
    assert desk.work() == "done"
    assert "data-job-progress" not in desk.person.request(desk.web, "GET", landed).text


def test_write_permissions_are_asked_for_only_where_wanted(desk: Desk) -> None:
    assert "ads_management" not in desk.start()
    with_write = desk.start(data={"write": "1"})
    assert "ads_management" in with_write
    landed = desk.come_back(desk.consent(with_write))
    connection_id = landed.headers["location"].rpartition("/")[2].partition("?")[0]
    assert desk.work() == "done"
    assert "Read and change" in desk.get(f"/connections/{connection_id}").text


def test_saying_no_connects_nothing_and_says_so(desk: Desk) -> None:
    landed = desk.come_back(desk.consent(desk.start(), decision="deny"))
    assert landed.status_code == 303
    assert desk.jobs() == []
    assert "Nobody has signed in at Meta Ads yet." in desk.get("/connections").text


def test_a_return_works_once(desk: Desk) -> None:
    back = desk.consent(desk.start())
    assert desk.come_back(back).status_code == 303
    assert desk.work() == "done"
    assert "job=" not in desk.come_back(back).headers["location"]
    assert len(desk.jobs()) == 1


def test_a_return_that_was_never_begun_is_refused(desk: Desk) -> None:
    forged = f"/connections/callback?state={desk.person.workspace_id.hex}.made-up&code=x"
    assert "job=" not in desk.come_back(forged).headers["location"]
    lost = desk.person.request(desk.web, "GET", "/connections/callback?state=nonsense")
    assert (lost.status_code, lost.headers["location"]) == (303, "/")
    assert desk.jobs() == []


def test_a_return_in_somebody_elses_browser_is_refused(
    desk: Desk, connected_settings: Settings, planes: Planes
) -> None:
    back = desk.consent(desk.start())
    colleague = make_person(connected_settings, planes, name="Carl Colleague")
    join(planes, colleague, desk.person, "admin")
    first = colleague.request(desk.web, "GET", back)
    landed = colleague.request(desk.web, "GET", first.headers["location"])
    assert "job=" not in landed.headers["location"]
    assert desk.jobs() == []


def test_a_shop_asks_for_its_name_and_signs_its_return(desk: Desk) -> None:
    assert desk.post("/connections/new/shopify", {"config_shop": "No Shop!"}).status_code == 422
    connection_id = desk.connect("shopify", {"config_shop": "northwind"})
    assert (desk.connection(connection_id).problem, desk.connection(connection_id).state) == ("", "active")
    back = desk.consent(desk.start("shopify", {"config_shop": "northwind"}))
    forged = re.sub(r"hmac=\w{6}", "hmac=000000", back)
    landed = desk.come_back(forged)
    assert landed.status_code == 303
    assert "job=" not in landed.headers["location"]


def test_a_platform_without_an_app_says_who_has_to_act(desk: Desk, client: TestClient[Litestar]) -> None:
    page = desk.person.request(client, "GET", desk.person.at("/connections/new/meta_ads")).text
    assert "This installation has no app at Meta Ads yet." in page
    assert "App secret" in page
    assert desk.person.request(client, "POST", desk.person.at("/connections/new/meta_ads"), data={}).status_code == 422


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_owners_and_admins_connect(desk: Desk, connected_settings: Settings, planes: Planes, role: str) -> None:
    guest = make_person(connected_settings, planes, name="Gustav Guest")
    join(planes, guest, desk.person, role)
    assert guest.request(desk.web, "GET", desk.person.at("/connections")).status_code == 200
    for method, path in (
        ("GET", "/connections/new/meta_ads"),
        ("POST", "/connections/new/meta_ads"),
        ("GET", "/connections/plugins"),
    ):
        assert guest.request(desk.web, method, desk.person.at(path)).status_code == 403


def test_the_plan_bounds_how_many_platforms_are_connected(
    desk: Desk, connected_settings: Settings, planes: Planes
) -> None:
    free = make_person(connected_settings, planes, name="Frida Free")
    path = free.at("/connections/new/meta_ads")
    assert [free.request(desk.web, "POST", path, data={}).status_code for _ in range(3)] == [303, 303, 402]
    assert "includes 2 connected platforms" in free.request(desk.web, "POST", path, data={}).text


def test_the_plugins_page_shows_state_and_version(desk: Desk) -> None:
    page = desk.get("/connections/plugins").text
    assert "adloom-meta-ads 1.0.0" in page
    assert "Working" in page
