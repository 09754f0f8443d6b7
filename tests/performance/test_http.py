"""The overview over HTTP: page, files and API give one set of numbers, in the plan's and the role's limits."""

import io
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook

from kit.clock import today_in
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person
from tests.performance.shop import MICROS, Fact, store

Client = TestClient[Litestar]
SPEND = 37


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium whose data end yesterday and go back 200 days."""
    person = make_person(settings, planes, name="Sam Seller", plan="premium")
    yesterday = today_in("UTC") - timedelta(days=1)
    with planes.tenant(person.tenant) as session:
        store(
            session, [Fact(yesterday - timedelta(days=n), "Google Ads", spend=SPEND, revenue=111) for n in range(200)]
        )
        session.commit()
    return person


def get(client: Client, person: Person, path: str) -> httpx.Response:
    return person.request(client, "GET", person.at("/overview" + path))


def test_page_api_and_files_say_the_same(client: Client, seller: Person) -> None:
    page = get(client, seller, "?period=last_30_days")
    api = seller.request(
        client,
        "GET",
        "/api/v1/analytics/dashboard?period=last_30_days",
        headers={"x-workspace": str(seller.workspace_id)},
    )
    book = load_workbook(io.BytesIO(get(client, seller, "/export.xlsx?period=last_30_days").content))
    assert page.status_code == 200
    assert f"{30 * SPEND:,}" in page.text
    assert api.json()["metrics"][0]["value"] == 30 * SPEND * MICROS
    assert len(api.json()["days"]) == 30
    assert book["Overview"]["D2"].value == 30 * SPEND


@pytest.mark.parametrize(
    ("suffix", "media_type"), [("csv", "text/csv"), ("xlsx", "spreadsheetml"), ("pdf", "application/pdf")]
)
def test_files_are_downloads_with_a_speaking_name(client: Client, seller: Person, suffix: str, media_type: str) -> None:
    reply = get(client, seller, f"/export.{suffix}?from=2026-01-01&to=2026-01-31")
    assert reply.status_code == 200
    assert media_type in reply.headers["content-type"]
    assert f'-2026-01-01-to-2026-01-31.{suffix}"' in reply.headers["content-disposition"]


@pytest.mark.parametrize("query", ["?period=yesterday", "?from=2026-02-01&to=2026-01-01", "?from=soon"])
def test_a_period_that_makes_no_sense_is_refused_with_what_to_do(client: Client, seller: Person, query: str) -> None:
    for path in ("", "/export.csv"):
        assert get(client, seller, path + query).status_code in (400, 422)


def test_a_new_workspace_shows_the_way_to_its_first_import(client: Client, owner: Person) -> None:
    reply = get(client, owner, "")
    assert reply.status_code == 200
    assert "No data yet" in reply.text
    assert f'href="{owner.at("/imports")}"' in reply.text


def test_a_viewer_reads_and_exports_but_is_not_sent_to_import(
    client: Client, settings: Settings, planes: Planes, owner: Person
) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, owner, "viewer")
    page = viewer.request(client, "GET", owner.at("/overview"))
    assert page.status_code == 200
    assert "an owner, admin or editor can" in page.text
    assert viewer.request(client, "GET", owner.at("/overview/export.csv")).status_code == 200


def test_strangers_find_nothing(client: Client, seller: Person, stranger: Person) -> None:
    for path in ("/overview", "/overview/export.csv", "/overview/export.xlsx", "/overview/export.pdf"):
        assert stranger.request(client, "GET", seller.at(path)).status_code == 404


def test_one_channel_and_its_comparison_are_part_of_the_address(client: Client, seller: Person) -> None:
    whole = get(client, seller, "?period=last_30_days")
    one = get(client, seller, "?period=last_30_days&channel=google_ads&compare=last_year")
    assert "Channel: Google Ads" in one.text
    assert "Channel: Google Ads" not in whole.text
    assert "vs last year" not in get(client, seller, "?period=last_30_days&compare=none").text
    api = seller.request(
        client,
        "GET",
        "/api/v1/analytics/dashboard?channel=google_ads&compare=none",
        headers={"x-workspace": str(seller.workspace_id)},
    )
    assert (api.json()["channel"], api.json()["compared_with"]) == ("google_ads", None)


@pytest.mark.parametrize("path", ["", "/export.csv", "/export.xlsx", "/export.pdf"])
def test_an_unknown_channel_or_comparison_is_refused_in_words(client: Client, seller: Person, path: str) -> None:
    refused = get(client, seller, path + "?channel=carrier_pigeon")
    assert refused.status_code == 422
    assert "There is no channel “carrier_pigeon” in this workspace." in refused.text
    assert get(client, seller, path + "?compare=everything").status_code == 400


@pytest.mark.parametrize(
    "path", ["/overview", "/imports", "/billing", "/jobs", "/settings/team", "/channels", "/start"]
)
def test_every_page_of_a_workspace_says_how_fresh_its_data_are(client: Client, seller: Person, path: str) -> None:
    yesterday = today_in("UTC") - timedelta(days=1)
    assert f"Data to {yesterday:%-d %b %Y}" in seller.request(client, "GET", seller.at(path)).text


def test_a_workspace_without_data_has_no_freshness(client: Client, owner: Person) -> None:
    assert "Data to" not in owner.request(client, "GET", owner.at("/billing")).text
