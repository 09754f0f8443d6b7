"""Offers over HTTP: calls and pages, for those who may change them and those who may not."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.customers.models import Customer
from app.predictions.customer_models import CustomerPrediction
from kit.ids import new_id
from kit.jobs.models import JobRow
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person
from tests.predictions.buyers import Buyers

LIST = "/api/v1/offers"
GIFT: dict[str, Any] = {"name": "Gift", "margin_micros": 10_000_000, "cost_micros": 500_000}


@pytest.fixture(scope="module")
def merchant(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium with customers and no offers."""
    person = make_person(settings, planes, name="Otto Offers", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        Buyers(session).buy(120)
    return person


def call(client: TestClient[Litestar], person: Person, method: str, path: str = "", body: Any = None) -> Any:
    return person.request(client, method, LIST + path, **({} if body is None else {"json": body}))


def add(client: TestClient[Litestar], person: Person, **changes: Any) -> Any:
    reply = call(client, person, "POST", body=GIFT | changes)
    assert reply.status_code == 201, reply.text
    return reply.json()


def post(client: TestClient[Litestar], person: Person, path: str, **data: str) -> Any:
    return person.request(client, "POST", person.at(path), data=data or {"x": "1"}, headers={"accept": "text/html"})


def shown(client: TestClient[Litestar], person: Person, path: str) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == 200, reply.text[:600]
    return reply.text.replace("\u00a0", " ")


def test_an_offer_is_added_read_changed_and_retired(client: TestClient[Litestar], merchant: Person) -> None:
    made = add(client, merchant, name="  Free   ride ")
    assert (made["name"], made["state"], made["shown"], made["acceptance"]) == ("Free ride", "active", 0, None)
    path = f"/{made['id']}"
    assert call(client, merchant, "GET", path).json() == made
    changed = call(
        client, merchant, "PUT", path, GIFT | {"name": "Free ride", "usual_margin_micros": 12_000_000}
    ).json()
    assert (changed["usual_margin_micros"], changed["cost_micros"]) == (12_000_000, 500_000)
    for _ in range(2):
        assert call(client, merchant, "DELETE", path).status_code == 204
    assert call(client, merchant, "GET", path).json()["state"] == "retired"
    refused = call(client, merchant, "PUT", path, GIFT)
    assert refused.status_code == 409
    assert refused.json()["hint"]


def test_a_name_belongs_to_one_offer_until_it_is_retired(client: TestClient[Litestar], merchant: Person) -> None:
    first = add(client, merchant, name="Only one")
    refused = call(client, merchant, "POST", body=GIFT | {"name": "Only  one"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "name"
    call(client, merchant, "DELETE", f"/{first['id']}")
    add(client, merchant, name="Only one")


def test_every_change_has_next_offers_worked_out_once(
    client: TestClient[Litestar], merchant: Person, planes: Planes
) -> None:
    add(client, merchant, name="One more")
    add(client, merchant, name="And another")
    with planes.control() as control:
        waiting = control.scalars(
            select(JobRow.name).where(JobRow.workspace_id == merchant.workspace_id, JobRow.state == "ready")
        ).all()
    assert waiting == ["offers.train"]
    assert "Learning who takes which offer" in shown(client, merchant, "/offers")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "No margin"},
        GIFT | {"name": ""},
        GIFT | {"name": "   "},
        GIFT | {"name": "x" * 81},
        GIFT | {"name": "None"},
        GIFT | {"cost_micros": -1},
        GIFT | {"margin_micros": 10**18},
        GIFT | {"margin_micros": "ten"},
        GIFT | {"colour": "red"},
    ],
)
def test_input_that_makes_no_sense_is_refused(client: TestClient[Litestar], merchant: Person, body: Any) -> None:
    reply = call(client, merchant, "POST", body=body)
    assert reply.status_code in {400, 422}
    assert reply.json()["detail"]


def test_strangers_and_missing_offers_are_not_found(
    client: TestClient[Litestar], merchant: Person, stranger: Person
) -> None:
    made = add(client, merchant, name="Private")
    for method, body in (("GET", None), ("PUT", GIFT), ("DELETE", None)):
        assert call(client, stranger, method, f"/{made['id']}", body).status_code == 404
        assert call(client, merchant, method, f"/{new_id()}", body).status_code == 404
    assert call(client, stranger, "GET").json() == {"items": []}


def test_a_viewer_reads_and_a_free_plan_is_told_the_price(
    client: TestClient[Litestar], settings: Settings, planes: Planes, merchant: Person, owner: Person
) -> None:
    viewer = make_person(settings, planes, name="Vito Viewer")
    join(planes, viewer, merchant, "viewer")
    there = {"x-workspace": str(merchant.workspace_id)}
    assert viewer.request(client, "GET", LIST, headers=there).status_code == 200
    assert viewer.request(client, "POST", LIST, headers=there, json=GIFT).status_code == 403
    assert "Add an offer" not in viewer.request(client, "GET", merchant.at("/offers")).text
    assert call(client, owner, "GET").status_code == 402
    assert "$79 a month" in shown(client, owner, "/offers")
    away = owner.request(client, "GET", owner.at(f"/offers/{new_id()}"))
    assert (away.status_code, away.headers["location"]) == (303, owner.at("/offers"))


def test_the_form_adds_keeps_what_was_typed_and_names_the_field(client: TestClient[Litestar], merchant: Person) -> None:
    assert post(client, merchant, "/offers", name="Typed", margin="12,50", cost="0.40").status_code == 303
    page = shown(client, merchant, "/offers")
    assert "Typed" in page
    assert "$12.50" in page
    refused = post(client, merchant, "/offers", name="Typed again", margin="a lot")
    assert refused.status_code == 422
    assert "Enter an amount such as 12 or 4.50." in refused.text
    assert "Typed again" in refused.text
    assert post(client, merchant, "/offers", name="", margin="1").status_code == 422
    assert "There is an offer of this name" in post(client, merchant, "/offers", name="Typed", margin="1").text


def test_one_offer_is_changed_and_retired_on_its_page(
    client: TestClient[Litestar], merchant: Person, planes: Planes
) -> None:
    made = add(client, merchant, name="Paged")
    page = f"/offers/{made['id']}"
    assert 'value="10"' in shown(client, merchant, page)
    assert post(client, merchant, page, name="Paged", margin="x").status_code == 422
    assert post(client, merchant, page, name="Paged", margin="11").status_code == 303
    assert call(client, merchant, "GET", f"/{made['id']}").json()["margin_micros"] == 11_000_000
    assert post(client, merchant, page + "/retire").status_code == 303
    assert "Retired" in shown(client, merchant, page)


def test_shown_taken_and_who_should_see_it_are_told(
    client: TestClient[Litestar], settings: Settings, planes: Planes
) -> None:
    person = make_person(settings, planes, name="Rita Retail", plan="premium")
    made = add(client, person, name="Gift")
    assert "cannot be told yet" in shown(client, person, "/offers")
    with planes.begin_tenant(person.tenant) as session:
        buyers = Buyers(session)
        buyers.buy(200)
        buyers.show("Gift", times=300, rate=0.3)
        assert buyers.choose().state == "active"
        buyers.train()
    found = call(client, person, "GET", f"/{made['id']}").json()
    assert found["shown"] == 300
    assert found["acceptance_low"] < found["acceptance"] < found["acceptance_high"]
    assert found["advised"] + found["tried"] == 200
    page = shown(client, person, "/offers")
    assert "How the next offer is chosen" in page
    assert "people without an offer" in page
    listed = person.request(client, "GET", "/api/v1/predictions/customers", params={"offer": "Gift"}).json()
    assert listed["total"] == 200
    line = listed["items"][0]["next_offer"]
    assert (line["name"], line["low_micros"] <= line["gain_micros"] <= line["high_micros"]) == ("Gift", True)
    call(client, person, "DELETE", f"/{made['id']}")
    with planes.tenant(person.tenant) as session:
        assert session.scalars(select(CustomerPrediction).where(CustomerPrediction.kind == "offer")).all() == []
        assert session.scalars(select(Customer.id)).first() is not None
