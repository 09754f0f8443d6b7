"""What customers will bring over HTTP: the page, the calls and the file, for those who may see them."""

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, select

from app.customers.models import Customer
from app.predictions.customer_asking import opened, running_lifetime
from app.predictions.customer_history import as_purchases, day_begins
from app.predictions.customer_models import CustomerPrediction
from app.predictions.customer_queries import orders_of
from app.predictions.models import ModelVersion
from kit.ids import new_id
from kit.jobs.models import JobRow
from kit.settings import Settings
from ml.predict.lifetime import expected_purchases, expected_spend, summarise_customers
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person
from tests.predictions.buyers import Buyers

LTV, LIST = "/api/v1/recommendations/predict/ltv", "/api/v1/predictions/customers"


@pytest.fixture(scope="module")
def shop(settings: Settings, planes: Planes) -> tuple[Person, Buyers]:
    """Somebody on Premium whose customers have been learnt from."""
    person = make_person(settings, planes, name="Lara Lifetime", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        buyers = Buyers(session)
        buyers.buy(400)
        buyers.train()
    return person, buyers


@pytest.fixture
def merchant(shop: tuple[Person, Buyers]) -> Person:
    return shop[0]


def shown(client: TestClient[Litestar], person: Person, path: str) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == 200, reply.text[:600]
    return reply.text.replace("\u00a0", " ").replace("\u202f", " ")


def ltv(client: TestClient[Litestar], person: Person, **body: Any) -> Any:
    return person.request(client, "POST", LTV, json=body)


def listed(client: TestClient[Litestar], person: Person, **query: Any) -> Any:
    reply = person.request(client, "GET", LIST, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_the_page_tells_totals_risks_and_customers(client: TestClient[Litestar], merchant: Person) -> None:
    page = shown(client, merchant, "/predictions/customers")
    for words in (
        "Your 400 customers will bring about",
        "80 % range",
        "Next half year",
        "Tried on your own past",
        "Who stops buying",
        "will buy nothing from",
        "Said and happened",
        "Most at risk first",
        "page 1 of 16",
        "Learn now",
    ):
        assert words in page


def test_the_track_record_shows_the_new_kinds_and_they_wait(client: TestClient[Litestar], merchant: Person) -> None:
    page = shown(client, merchant, "/predictions")
    for words in ("What known customers bring", "Customers who stop buying", "400 customers", "Waits"):
        assert words in page
    line = shown(client, merchant, "/predictions/record/customer_value")
    assert "Too few to tell" in line


def test_the_list_is_searched_ordered_and_paged(client: TestClient[Litestar], merchant: Person) -> None:
    page = shown(client, merchant, "/predictions/customers?q=Customer+17&sort=risk")
    assert "Customer 17<" in page
    assert "Customer 300<" not in page
    assert "No customer fits" in shown(client, merchant, "/predictions/customers?q=nobody")
    last = shown(client, merchant, "/predictions/customers?page=16")
    assert "page 16 of 16" in last
    assert "No customer fits" in shown(client, merchant, "/predictions/customers?act=offer")


def test_all_customers_and_one_are_told_with_range_grade_version_and_record(
    client: TestClient[Litestar], merchant: Person, shop: tuple[Person, Buyers]
) -> None:
    for body in ({}, {"customer_id": str(shop[1].ids[0])}, {"customer_id": str(shop[1].ids[0]), "horizon_days": 30}):
        reply = ltv(client, merchant, **body)
        assert reply.status_code == 200, reply.text
        found = reply.json()
        assert found["low_micros"] <= found["value_micros"] <= found["high_micros"]
        assert (found["level"], found["model"]["version"], found["currency"]) == (0.8, 1, "USD")
        assert found["model"]["holdout_days"] == 90
        assert found["track_record"]["waiting"] == 1
        assert found["grade"] in {"reliable", "uncertain"}
        assert "expected to bring about" in found["sentence"]


def test_a_longer_horizon_brings_more(client: TestClient[Litestar], merchant: Person) -> None:
    values = [ltv(client, merchant, horizon_days=days).json()["high_micros"] for days in (30, 90, 180, 365)]
    assert values == sorted(values)


def test_the_customers_add_up_to_the_total(client: TestClient[Litestar], merchant: Person, planes: Planes) -> None:
    whole = ltv(client, merchant).json()["value_micros"] / 1e6
    with planes.tenant(merchant.tenant) as session:
        single = session.scalar(select(func.sum(CustomerPrediction.point)).where(CustomerPrediction.kind == "lifetime"))
    assert single == pytest.approx(whole, rel=1e-6)


def test_the_parameters_that_are_kept_say_what_was_written_down(
    merchant: Person, shop: tuple[Person, Buyers], planes: Planes
) -> None:
    with planes.tenant(merchant.tenant) as session:
        row = running_lifetime(session, currency="USD")
        ends = day_begins(row.trained_until + timedelta(days=1), "UTC")
        for customer in shop[1].ids[:20]:
            written = session.get_one(CustomerPrediction, (customer, "lifetime"))
            summary = summarise_customers(
                as_purchases(orders_of(session, customer, before=ends), "UTC", until=row.trained_until)
            )
            models = opened(row)
            bought = expected_purchases(models.buying, summary, 90)
            again = bought * expected_spend(models.worth, summary.frequency + 1, summary.spend)
            assert float(again[0]) == pytest.approx(written.point, rel=1e-4)


@pytest.mark.parametrize(
    "body",
    [
        {"customer_id": "nobody"},
        {"horizon_days": 12},
        {"horizon_days": "90 days"},
        {"customers": 3},
        {"horizon_days": 1e9},
    ],
)
def test_input_that_makes_no_sense_is_refused(
    client: TestClient[Litestar], merchant: Person, body: dict[str, Any]
) -> None:
    assert ltv(client, merchant, **body).status_code in {400, 422}


@pytest.mark.parametrize(
    "query", [{"sort": "colour"}, {"act": "dance"}, {"page_size": 0}, {"page_size": 201}, {"cursor": "none of ours"}]
)
def test_a_list_that_makes_no_sense_is_refused(
    client: TestClient[Litestar], merchant: Person, query: dict[str, Any]
) -> None:
    reply = merchant.request(client, "GET", LIST, params=query)
    assert reply.status_code in {400, 422}
    assert reply.json()["detail"]


def test_a_page_shows_the_rest_of_a_nonsensical_address(client: TestClient[Litestar], merchant: Person) -> None:
    assert "page 1 of 16" in shown(client, merchant, "/predictions/customers?sort=colour&act=dance")


def test_programs_page_through_all_customers_once(client: TestClient[Litestar], merchant: Person) -> None:
    seen: list[str] = []
    values: list[int] = []
    cursor = None
    while True:
        found = listed(client, merchant, page_size=150, **({"cursor": cursor} if cursor else {}))
        seen += [one["customer_id"] for one in found["items"]]
        values += [one["value_micros"] for one in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert (len(seen), len(set(seen)), found["total"]) == (400, 400, 400)
    assert values == sorted(values, reverse=True)
    risks = [one["risk"] for one in listed(client, merchant, sort="risk")["items"]]
    assert risks == sorted(risks, reverse=True)


@pytest.mark.parametrize("path", [LIST + "/export.csv", None])
def test_the_file_holds_every_customer(client: TestClient[Litestar], merchant: Person, path: str | None) -> None:
    reply = merchant.request(client, "GET", path or merchant.at("/predictions/customers/export.csv"))
    assert reply.status_code == 200
    lines = reply.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 401
    assert lines[0].startswith("Customer,Name,Orders,Last order")
    assert "attachment" in reply.headers["content-disposition"]


def test_where_it_cannot_be_told_only_ranges_are(
    client: TestClient[Litestar], settings: Settings, planes: Planes
) -> None:
    person = make_person(settings, planes, name="Dora Doubt", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        buyers = Buyers(session)
        buyers.buy(300)
        buyers.train()
        for row in session.scalars(select(ModelVersion)):
            doubt = {"grade": "cannot_tell", "grade_reason": "It was far off."}
            told = {name: one | doubt for name, one in row.metrics.get("horizons", {}).items()}
            row.metrics = row.metrics | doubt | {"horizons": told}
    found = ltv(client, person).json()
    assert found["value_micros"] is None
    assert found["low_micros"] < found["high_micros"]
    assert "between" in found["sentence"]
    first = listed(client, person)["items"][0]
    assert (first["value_micros"], first["risk"]) == (None, None)
    assert first["value_high_micros"] > 0
    page = shown(client, person, "/predictions/customers")
    assert "will bring between" in page
    assert "Cannot tell" in page
    assert "It was far off." in page


def test_a_stranger_sees_none_of_it(
    client: TestClient[Litestar], merchant: Person, stranger: Person, shop: tuple[Person, Buyers]
) -> None:
    assert listed(client, stranger)["items"] == []
    assert ltv(client, stranger, customer_id=str(shop[1].ids[0])).status_code in {404, 422}
    assert "No customers yet" in shown(client, stranger, "/predictions/customers")
    assert stranger.request(client, "GET", merchant.at("/predictions/customers")).status_code == 404


def test_nobody_knows_a_customer_who_is_not_there(client: TestClient[Litestar], merchant: Person) -> None:
    assert ltv(client, merchant, customer_id=str(new_id())).status_code == 404


def test_without_a_model_the_reason_and_the_way_out_are_told(client: TestClient[Litestar], stranger: Person) -> None:
    reply = ltv(client, stranger)
    assert reply.status_code == 422
    assert "Nothing has been learnt" in reply.json()["detail"]
    assert "Import" in reply.json()["hint"]
    assert stranger.request(client, "GET", LIST + "/export.csv").status_code == 422


def test_a_customer_of_today_is_told_to_wait(client: TestClient[Litestar], merchant: Person, planes: Planes) -> None:
    late = new_id()
    with planes.begin_tenant(merchant.tenant) as session:
        session.add(Customer(id=late, external_id="late"))
    reply = ltv(client, merchant, customer_id=str(late))
    assert reply.status_code == 422
    assert "had not ordered yet" in reply.json()["detail"]


def test_a_free_plan_sees_the_offer_and_no_number(client: TestClient[Litestar], owner: Person) -> None:
    assert "$79 a month" in shown(client, owner, "/predictions/customers")
    assert ltv(client, owner).status_code == 402
    assert owner.request(client, "POST", owner.at("/predictions/customers/train"), data={"x": "1"}).status_code == 402


def test_learning_is_started_once_and_a_viewer_starts_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, merchant: Person
) -> None:
    viewer = make_person(settings, planes, name="Vic Viewer")
    join(planes, viewer, merchant, "viewer")
    assert "Learn now" not in viewer.request(client, "GET", merchant.at("/predictions/customers")).text
    address = merchant.at("/predictions/customers/train")
    assert viewer.request(client, "POST", address, data={"x": "1"}).status_code == 403
    for _ in range(2):
        assert merchant.request(client, "POST", address, data={"x": "1"}).status_code == 303
    with planes.control() as control:
        names = control.scalars(select(JobRow.name).where(JobRow.workspace_id == merchant.workspace_id)).all()
    assert sorted(names) == ["offers.train", "predictions.train_customers"]
    page = shown(client, merchant, "/predictions/customers")
    assert "Waiting for a free worker" in page
    assert "Cancel" in page
