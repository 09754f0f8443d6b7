"""Campaigns over HTTP: list, files, views, one campaign, plans and changes, in the role's and the plan's limits."""

import io
import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook
from sqlalchemy import text

from app.campaigns.platform_models import Campaign
from app.connections.catalogue import publish
from app.plugins import load_plugins
from kit.clock import today_in
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.campaigns.advertiser import MICROS, Advertiser
from tests.people import Person, join, make_person

Client = TestClient[Litestar]


@pytest.fixture(scope="module", autouse=True)
def _connectors(planes: Planes) -> Iterator[None]:
    """The installed connectors, as a worker writes them down."""
    with planes.begin_control() as control:
        publish(control, load_plugins())
    yield
    with planes.begin_control() as control:
        control.execute(text("DELETE FROM control.connectors"))


def advertise(settings: Settings, planes: Planes, plan: str) -> tuple[Person, str]:
    """Somebody with two campaigns of Meta; and the id of the one that runs."""
    person = make_person(settings, planes, name="Mara Marketer", plan=plan)
    with planes.begin_tenant(person.tenant) as session:
        at = Advertiser(session, today_in("UTC"))
        account = at.account("Main")
        brand = at.campaign("Brand <b>", account=account)
        at.campaign("Quiet", account=account, status="paused")
        at.days(brand)
        at.ad(brand)
        at.rate("USD", "1")
        at.rolled_up()
        return person, str(brand.id)


@pytest.fixture(scope="module")
def marketer(settings: Settings, planes: Planes) -> tuple[Person, str]:
    return advertise(settings, planes, "premium")


@pytest.fixture
def fresh(settings: Settings, planes: Planes) -> tuple[Person, str]:
    return advertise(settings, planes, "premium")


def get(client: Client, person: Person, path: str = "") -> httpx.Response:
    return person.request(client, "GET", person.at("/campaigns" + path))


def post(client: Client, person: Person, path: str, **data: str) -> httpx.Response:
    return person.request(client, "POST", person.at("/campaigns" + path), data=data)


def flash_of(reply: httpx.Response) -> str:
    found = re.search(r"adloom_flash=([0-9a-f]+)", reply.headers["set-cookie"])
    assert found is not None
    return bytes.fromhex(found[1]).decode()


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_list_shows_campaigns_with_numbers_and_keeps_filters_in_its_links(
    client: Client, marketer: tuple[Person, str]
) -> None:
    page = get(client, marketer[0], "?q=brand&columns=spend&columns=roas")
    assert page.status_code == 200
    assert "Brand &lt;b&gt;" in page.text
    assert "Quiet" not in page.text
    assert "$100" in page.text
    assert "q=brand&amp;sort=roas" in page.text.replace("sort=-roas", "sort=roas")
    assert ">Impressions</a>" not in page.text


def test_a_file_has_every_row_and_column(client: Client, marketer: tuple[Person, str]) -> None:
    csv = get(client, marketer[0], "/export.csv").content.decode("utf-8-sig").splitlines()
    assert len(csv) == 3
    assert "Brand <b>,Active,Meta" in csv[1]
    book = load_workbook(io.BytesIO(get(client, marketer[0], "/export.xlsx").content))
    assert [cell.value for cell in book["Campaigns"][2]][:2] == ["Brand <b>", "Active"]


def test_a_view_is_saved_opened_and_deleted(client: Client, fresh: tuple[Person, str]) -> None:
    person = fresh[0]
    saved = post(client, person, "/views", name="Paused ones", query="status=paused&evil=1")
    assert saved.status_code == 303
    page = get(client, person).text
    assert '/campaigns?status=paused"' in page
    view_id = re.search(r"/campaigns/views/([0-9a-f-]+)/delete", page)
    assert view_id is not None
    assert post(client, person, "/views", name=" ", query="").status_code == 422
    assert post(client, person, f"/views/{view_id[1]}/delete").status_code == 303
    assert "Paused ones" not in get(client, person).text


def test_a_campaigns_page_shows_ads_creatives_and_links_that_a_browser_may_follow(
    client: Client, marketer: tuple[Person, str]
) -> None:
    page = get(client, marketer[0], f"/{marketer[1]}").text
    assert "Spring video" in page
    assert "Shoes for every path." in page
    assert 'href="https://shop.example/spring"' in page
    assert "<img" not in page


def test_a_change_shows_before_and_after_first_and_is_then_asked_for(client: Client, fresh: tuple[Person, str]) -> None:
    person, id_ = fresh
    step = get(client, person, f"/change?campaign={id_}&kind=set_daily_budget&budget=%2B10%20%25")
    assert step.status_code == 200
    assert "$50.00" in step.text
    assert "$55.00" in step.text
    form = dict(re.findall(r'name="((?:seen|new)-[^"]+)" value="([^"]+)"', step.text))
    asked = post(client, person, "/change", kind="set_daily_budget", **form)
    assert "1 change on the way" in flash_of(asked)
    history = get(client, person, "/changes").text
    assert "$50.00 → $55.00" in history
    assert "data-job-progress" in history


def test_what_cannot_be_changed_says_why_in_the_step_of_confirming(client: Client, fresh: tuple[Person, str]) -> None:
    person, id_ = fresh
    step = get(client, person, f"/change?campaign={id_}&kind=set_daily_budget&budget=lots")
    assert "Enter an amount such as 250" in step.text
    assert 'name="seen-' not in step.text


def test_the_campaigns_own_form_refuses_a_large_step_until_it_is_confirmed(
    client: Client, fresh: tuple[Person, str]
) -> None:
    person, id_ = fresh
    carried = seen(get(client, person, f"/{id_}").text)
    form = {"kind": "set_daily_budget", "seen": carried, "budget": "500"}
    refused = post(client, person, f"/{id_}/change", **form)
    assert refused.status_code == 422
    assert "needs to be confirmed" in refused.text
    assert 'value="500"' in refused.text
    assert post(client, person, f"/{id_}/change", **form, confirm="1").status_code == 303


def test_what_was_seen_must_still_be_so(client: Client, fresh: tuple[Person, str], planes: Planes) -> None:
    person, id_ = fresh
    carried = seen(get(client, person, f"/{id_}").text)
    with planes.begin_tenant(person.tenant) as session:
        session.execute(text("UPDATE campaigns SET status = 'paused'"))
    refused = post(client, person, f"/{id_}/change", kind="pause", seen=carried)
    assert refused.status_code == 409
    assert "has changed since you looked" in refused.text


def test_a_viewer_may_look_and_not_change(
    client: Client, marketer: tuple[Person, str], settings: Settings, planes: Planes
) -> None:
    viewer, (person, id_) = make_person(settings, planes, name="Vera Viewer"), marketer
    join(planes, viewer, person, "viewer")
    page = viewer.request(client, "GET", person.at(f"/campaigns/{id_}"))
    assert page.status_code == 200
    assert "Set the budget" not in page.text
    form = {"kind": "pause", "seen": "active|50000000"}
    assert viewer.request(client, "POST", person.at(f"/campaigns/{id_}/change"), data=form).status_code == 403


def test_the_free_plan_sees_what_would_unlock_changes(client: Client, settings: Settings, planes: Planes) -> None:
    person, id_ = advertise(settings, planes, "free")
    page = get(client, person, f"/{id_}").text
    assert "does not include changing campaigns on the platforms" in page
    assert "Set the budget" not in page
    assert post(client, person, f"/{id_}/change", kind="pause", seen="active|1").status_code == 402
    assert 'name="campaign"' not in get(client, person).text


def test_a_plan_is_made_changed_and_deleted(client: Client, fresh: tuple[Person, str], planes: Planes) -> None:
    person = fresh[0]
    form = {"name": "Summer", "channel": "Podcasts", "daily_budget": "12,50", "starts_on": "2027-06-01"}
    made = post(client, person, "/plans", **form)
    assert made.status_code == 303
    path = made.headers["location"].split("/campaigns")[1]
    assert "Podcasts" in get(client, person, path).text
    assert "Summer" in get(client, person, "?platform=plans").text
    refused = post(client, person, f"{path}/edit", **(form | {"ends_on": "2027-05-01"}))
    assert refused.status_code == 422
    assert "It ends before it starts." in refused.text
    assert post(client, person, f"{path}/edit", **(form | {"name": "Late summer"})).status_code == 303
    with planes.tenant(person.tenant) as session:
        stored = session.query(Campaign).filter_by(name="Late summer").one()
        assert (stored.daily_budget_micros, stored.status) == (12.5 * MICROS, "planned")
    assert post(client, person, f"{path}/delete").status_code == 303
    assert get(client, person, path).status_code == 404


def test_a_platforms_campaign_is_no_plan(client: Client, marketer: tuple[Person, str]) -> None:
    assert get(client, marketer[0], f"/{marketer[1]}/edit").status_code == 409
    assert post(client, marketer[0], f"/{marketer[1]}/delete").status_code == 409
