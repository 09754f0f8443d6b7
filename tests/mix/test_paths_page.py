"""The page on claims, clicks and paths and its API over HTTP: locked, empty, without touches, done, refused, and as files."""

import io
import json
from collections.abc import Callable
from uuid import UUID

import openpyxl
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.mix.models import ModelRun
from app.mix.running import run_model
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.mix.history import quiet_context, shop_rows, store
from tests.mix.path_world import Told, noon, order, tell, touch
from tests.people import Person, join, make_person

PAGE = "/attribution/paths"
API = "/api/v1/attribution/paths"


@pytest.fixture(scope="module")
def shopkeeper(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium whose channels and customers are known."""
    person = make_person(settings, planes, name="Paula Paths", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=100))
        tell(session, customers())
        session.commit()
    return person


def customers() -> list[Told]:
    """Forty customers, most of whom came by search and bought after a mail."""
    events: list[Told] = [order("first", 1, noon(95), "first")]
    for number in range(40):
        name, at = f"c{number}", noon(number % 60)
        events += [touch(name, "Google Search", at), touch(name, "Email", noon(number % 60, minutes=60))]
        if number % 4:
            events.append(order(name, 90, noon(number % 60, minutes=90), f"r{number}"))
    return events


@pytest.fixture
def finish(planes: Planes) -> Callable[[Person, str], ModelRun]:
    """What the worker does."""

    def work(person: Person, run_id: str) -> ModelRun:
        with planes.tenant(person.tenant) as session:
            run = run_model(session, run_id=UUID(run_id), context=quiet_context())
            session.commit()
        return run

    return work


def shown(client: TestClient[Litestar], person: Person, path: str = PAGE) -> str:
    reply = person.request(client, "GET", person.at(path))
    assert reply.status_code == 200, reply.text[:600]
    return reply.text.replace("\u00a0", " ")


def test_a_free_plan_is_led_to_the_page_that_tells_the_price(client: TestClient[Litestar], owner: Person) -> None:
    reply = owner.request(client, "GET", owner.at(PAGE))
    assert (reply.status_code, reply.headers["location"]) == (303, owner.at("/attribution"))
    assert owner.request(client, "POST", owner.at(PAGE), data={"sent": "1"}).status_code == 402
    refused = owner.request(client, "POST", API, json={})
    assert refused.status_code == 402
    assert refused.json()["detail"]


def test_without_data_the_page_says_which_are_needed_and_where_they_go(
    client: TestClient[Litestar], stranger: Person
) -> None:
    page = shown(client, stranger)
    assert "No data yet" in page
    assert stranger.at("/customers/uploads") in page
    assert "POST /api/v1/events" in page
    assert stranger.at("/attribution") in page


def test_the_table_from_the_button_to_its_files(
    client: TestClient[Litestar], shopkeeper: Person, finish: Callable[[Person, str], ModelRun]
) -> None:
    assert "Not worked out yet" in shown(client, shopkeeper)
    started = shopkeeper.request(
        client, "POST", shopkeeper.at(PAGE), data={"window_days": "90", "session_minutes": "0"}
    )
    assert started.status_code == 303
    run_id = started.headers["location"].rsplit("run=", 1)[1]
    assert "data-job-progress" in shown(client, shopkeeper, f"{PAGE}?run={run_id}")
    run = finish(shopkeeper, run_id)
    assert run.request == {"window_days": 90, "look_back_days": 30, "session_minutes": 0}
    page = shown(client, shopkeeper)
    for words in (
        "Sources claim",
        "Last click",
        "If it were gone",
        "Every path model",
        "Also called Shapley value",
        "Claims ÷ sales",
    ):
        assert words in page
    assert "come to" in page, "orders are a small part of the recorded revenue"
    assert "Work it out on Attribution" in page
    assert 'aria-current="page">Fair share' in shown(client, shopkeeper, f"{PAGE}?run={run_id}&model=shapley")
    base = shopkeeper.at(f"{PAGE}/{run_id}/export")
    rows = shopkeeper.request(client, "GET", f"{base}.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith('Channel,Sales that sources claim,"Sources claim, USD","Last click, USD"')
    assert any(row.startswith("Email,") for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(shopkeeper.request(client, "GET", f"{base}.xlsx").content))
    assert book.sheetnames == ["Channels", "Path models", "About"]
    assert len(list(book["Path models"].rows)) == 1 + 2 * 8
    document = json.loads(shopkeeper.request(client, "GET", f"{base}.json").content)
    assert {"table", "paths", "orders", "sales", "mix"} <= set(document)
    assert shopkeeper.request(client, "GET", f"{base}.pdf").status_code == 404


def test_a_program_starts_a_run_and_reads_it(
    client: TestClient[Litestar], shopkeeper: Person, finish: Callable[[Person, str], ModelRun]
) -> None:
    started = shopkeeper.request(client, "POST", API, json={"window_days": 30, "look_back_days": 7})
    assert started.status_code == 202, started.text
    assert started.headers["location"] == started.json()["href"]
    assert started.json()["kind"] == "paths"
    finish(shopkeeper, started.json()["id"])
    found = shopkeeper.request(client, "GET", started.json()["href"]).json()
    assert found["state"] == "done"
    assert found["is_current"]
    assert found["result"]["document"]["look_back_days"] == 7
    again = shopkeeper.request(client, "POST", API, json={"window_days": 30, "look_back_days": 7})
    assert (again.status_code, again.json()["id"]) == (200, found["id"])


@pytest.mark.parametrize(
    "body", [{"window_days": 0}, {"look_back_days": 400}, {"session_minutes": "long"}, {"windows": 3}, []]
)
def test_what_makes_no_sense_is_refused(client: TestClient[Litestar], shopkeeper: Person, body: object) -> None:
    refused = shopkeeper.request(client, "POST", API, json=body)
    assert refused.status_code in (400, 422)
    assert refused.json()["detail"]


def test_a_choice_that_is_not_on_the_list_comes_back_with_the_complaint(
    client: TestClient[Litestar], shopkeeper: Person
) -> None:
    for choice in ("for ever", "-1", "100000"):
        refused = shopkeeper.request(client, "POST", shopkeeper.at(PAGE), data={"window_days": choice})
        assert refused.status_code == 422
        assert "Last 90 days" in refused.text


def test_an_unknown_run_or_model_harms_nobody(
    client: TestClient[Litestar], shopkeeper: Person, stranger: Person
) -> None:
    unknown = "019aa000-0000-7000-8000-000000000000"
    assert shopkeeper.request(client, "GET", shopkeeper.at(f"{PAGE}?run={unknown}")).status_code == 404
    assert shopkeeper.request(client, "GET", f"{API}/{unknown}").status_code == 404
    assert stranger.request(client, "GET", shopkeeper.at(PAGE)).status_code == 404
    assert "Claims, clicks and paths" in shown(client, shopkeeper, f"{PAGE}?model=%3Cscript%3E")


def test_a_viewer_looks_and_starts_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, shopkeeper: Person
) -> None:
    viewer = make_person(settings, planes, name="Viola Viewer")
    join(planes, viewer, shopkeeper, "viewer")
    reply = viewer.request(client, "GET", shopkeeper.at(PAGE))
    assert reply.status_code == 200
    assert f'action="{shopkeeper.at(PAGE)}"' not in reply.text
    assert viewer.request(client, "POST", shopkeeper.at(PAGE), data={}).status_code == 403
