"""The pages of ads and the call of programs, and the job that reads them."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.creatives import tasks
from app.creatives.jobs import PlanCreatives, ReadCreatives
from kit.db import ScopedSession
from kit.ids import new_id
from kit.jobs import JobContext
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.notify import open_mailer
from kit.settings import Settings
from kit.storage import open_storage
from kit.web.templates import template_environment
from tenants.isolation.planes import Planes
from tests.creatives.gallery import Gallery
from tests.people import Person, join, make_person

LIST = "/api/v1/recommendations/creative/analysis"


def work(session: ScopedSession, settings: Settings, item: ReadCreatives | PlanCreatives) -> object:
    """What a worker does with a job."""
    resources = Resources(settings, open_storage(settings), open_mailer(settings), template_environment())
    context = JobContext(new_id(), None, 1, session, resources, lambda _share, _sentence: False)
    return tasks.read(context, item) if isinstance(item, ReadCreatives) else tasks.plan(context, item)


@pytest.fixture(scope="module")
def advertiser(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium whose ads were read by the job."""
    person = make_person(settings, planes, name="Greta Gallery", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        Gallery(session).usual()
        assert work(session, settings, ReadCreatives()) == {"ads": 4}
    return person


def shown(client: TestClient[Litestar], person: Person, path: str, status: int = 200) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == status, reply.text[:600]
    return reply.text.replace("\u00a0", " ")


def test_the_page_shows_worn_out_ads_first_with_what_is_left_and_its_range(
    client: TestClient[Litestar], advertiser: Person
) -> None:
    page = shown(client, advertiser, "/creatives")
    assert page.index("Tired video") < page.index("Tiring carousel") < page.index("Evergreen") < page.index("Newcomer")
    for words in ("Worn out 1", "Not enough data 1", "90 % range", "It has worn out.", "Tired video, the picture"):
        assert words in page
    assert "https://cdn.northwind.example/spring.jpg" in page
    assert "javascript:alert" not in page


def test_a_filter_narrows_the_page_and_an_empty_answer_says_so(
    client: TestClient[Litestar], advertiser: Person
) -> None:
    page = shown(client, advertiser, "/creatives?level=fresh")
    assert "Evergreen" in page
    assert "Tired video, the picture" not in page
    assert "No ad fits" in shown(client, advertiser, "/creatives?level=fresh&page=7")
    shown(client, advertiser, "/creatives?level=exhausted", status=422)


def test_an_ads_own_page_draws_its_days_and_names_what_may_wear_it_out(
    client: TestClient[Litestar], advertiser: Person
) -> None:
    listed = advertiser.request(client, "GET", LIST).json()["items"]
    page = shown(client, advertiser, f"/creatives/{listed[0]['ad']}")
    for words in ("Clicks per 1,000 times shown", "All other ads", "Times shown to a person a day", "fell as it rose"):
        assert words in page
    shown(client, advertiser, f"/creatives/{listed[-1]['ad']}")
    for unknown in ("987654321", "9" * 30, "x"):
        shown(client, advertiser, f"/creatives/{unknown}", status=404)


def test_programs_page_through_the_ads(client: TestClient[Litestar], advertiser: Person) -> None:
    first = advertiser.request(client, "GET", LIST + "?page_size=3").json()
    assert (first["total"], len(first["items"]), first["counts"]["fatigued"]) == (4, 3, 1)
    tired = first["items"][0]
    assert tired["level"] == "fatigued"
    assert tired["click_rate"]["low"] < tired["click_rate"]["ratio"] < tired["click_rate"]["high"] < 0.8
    assert [driver["name"] for driver in tired["drivers"]] == ["frequency", "spend", "impressions"]
    rest = advertiser.request(client, "GET", f"{LIST}?page_size=3&cursor={first['next_cursor']}").json()
    assert [one["name"] for one in rest["items"]] == ["Newcomer"]
    assert (rest["items"][0]["click_rate"], rest["next_cursor"]) == (None, None)


@pytest.mark.parametrize(
    "asked", ["level=exhausted", "channel=carrier_pigeon", "campaign=x", "page_size=0", "page_size=999", "cursor=x"]
)
def test_what_cannot_be_asked_is_refused_with_what_can(
    client: TestClient[Litestar], advertiser: Person, asked: str
) -> None:
    refused = advertiser.request(client, "GET", f"{LIST}?{asked}")
    assert refused.status_code in {400, 422}
    assert refused.json()["errors"] or refused.json()["detail"]


def test_a_workspace_without_ads_is_told_how_they_come(client: TestClient[Litestar], stranger: Person) -> None:
    assert "No ads yet" in shown(client, stranger, "/creatives")
    assert stranger.request(client, "GET", LIST).json()["items"] == []


def test_another_workspaces_ads_are_not_found(
    client: TestClient[Litestar], advertiser: Person, stranger: Person
) -> None:
    number = advertiser.request(client, "GET", LIST).json()["items"][0]["ad"]
    shown(client, stranger, f"/creatives/{number}", status=404)
    assert stranger.request(client, "GET", advertiser.at("/creatives")).status_code == 404


def test_ads_that_nobody_has_read_yet_can_be_read_now(
    client: TestClient[Litestar], settings: Settings, planes: Planes
) -> None:
    person = make_person(settings, planes, name="Nora Now")
    with planes.begin_tenant(person.tenant) as session:
        Gallery(session).ad("Evergreen")
    page = shown(client, person, "/creatives")
    assert "have not been compared yet" in page
    assert "Read the ads now" in page
    asked = person.request(client, "POST", person.at("/creatives/read"))
    assert asked.status_code == 303
    with planes.control() as control:
        kinds = control.scalars(select(JobRow.name).where(JobRow.workspace_id == person.workspace_id)).all()
    assert "creatives.read" in kinds


def test_who_only_looks_starts_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, advertiser: Person
) -> None:
    viewer = make_person(settings, planes, name="Vic Viewer", plan="premium")
    join(planes, viewer, advertiser, "viewer")
    assert viewer.request(client, "GET", advertiser.at("/creatives")).status_code == 200
    assert viewer.request(client, "POST", advertiser.at("/creatives/read")).status_code == 403


def test_every_workspace_reads_its_ads_by_the_clock(
    control: ScopedSession, settings: Settings, advertiser: Person
) -> None:
    for _ in range(2):
        work(control, settings, PlanCreatives())
    asked = select(JobRow.id).where(JobRow.workspace_id == advertiser.workspace_id, JobRow.name == "creatives.read")
    assert len(control.scalars(asked).all()) == 1
