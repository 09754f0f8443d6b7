"""Customers over HTTP: telling, listing, one of them, the file, forgetting; who may do what; bad input."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.imports.customer_running import CustomerRun, run_upload
from billing.plans import FREE, PREMIUM, Plan
from kit.ids import new_id
from kit.settings import Settings
from kit.storage import Storage
from tenants.isolation.planes import Planes
from tests.customers.desk import order
from tests.people import Person, join, make_person

GOOD = b"customer,date,value,order\nC-1,2026-03-01,10,1\nC-2,2026-03-02,20,2\n"
DOUBTFUL = b"customer,date,value\nA,03/04/2026,5\nB,04/05/2026,6\n"


@pytest.fixture
def merchant(settings: Settings, planes: Planes) -> Person:
    """Somebody with a new workspace on Premium."""
    return make_person(settings, planes, name="Cora Custom", plan="premium")


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes, client: TestClient[Litestar]) -> Person:
    """Somebody who has told of 30 customers."""
    person = make_person(settings, planes, name="Sally Seller", plan="premium")
    events = [
        order(f"C-{i:02}", f"2026-03-{i % 28 + 1:02}", i * 10, str(i), customer_name=f"Customer {i}", country="DE")
        for i in range(1, 31)
    ]
    events += [order("C-07", "2026-04-01", 500, "100"), order("=1+1", "2026-04-02", 1, "101", country="FR")]
    reply = api(client, person, "POST", "/api/v1/events", json={"events": events, "source": "shop"})
    assert reply.status_code == 200, reply.text
    return person


def api(client: TestClient[Litestar], person: Person, method: str, path: str, **more: Any) -> Any:
    headers = {"x-workspace": str(person.workspace_id), "accept": "application/json"}
    return person.request(client, method, path, headers=headers, **more)


def page(client: TestClient[Litestar], person: Person, path: str) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == 200, reply.text[:600]
    text: str = reply.text.replace("\u00a0", " ").replace("\u202f", " ")
    return text


def work(planes: Planes, storage: Storage, person: Person, upload_id: object, *, plan: Plan = PREMIUM) -> None:
    """What the worker does."""
    run = CustomerRun(
        storage=storage,
        plan=plan,
        currency="USD",
        timezone="UTC",
        now=datetime(2026, 6, 30, tzinfo=UTC),
        progress=lambda _share, _sentence: None,
    )
    with planes.begin_tenant(person.tenant) as session:
        run_upload(session, upload_id=UUID(str(upload_id)), run=run)


@pytest.fixture
def storage(app: Litestar) -> Storage:
    opened: Storage = app.state.storage
    return opened


def ids_of(client: TestClient[Litestar], person: Person) -> dict[str, str]:
    items = api(client, person, "GET", "/api/v1/customers?page_size=500").json()["items"]
    return {item["customer"]: item["id"] for item in items}


@pytest.mark.parametrize("sort", ["name", "-last_order", "first_order", "-orders", "revenue"])
def test_pages_of_the_list_hold_everybody_once_in_order(
    client: TestClient[Litestar], seller: Person, sort: str
) -> None:
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        reply = api(client, seller, "GET", f"/api/v1/customers?page_size=7&sort={sort}{more}").json()
        seen += reply["items"]
        cursor = reply["next_cursor"]
        if not cursor:
            break
    assert len({one["id"] for one in seen}) == len(seen) == reply["total"] == 31
    keys = {"last_order": "last_order_at", "first_order": "first_order_at", "revenue": "revenue_micros"}
    name = keys.get(sort.lstrip("-"), sort.lstrip("-"))
    values = [(one["name"] or one["customer"]).lower() if name == "name" else one[name] for one in seen]
    assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=customer%207", {"C-07"}),
        ("q=100%25", set()),
        ("country=FR", {"=1+1"}),
        ("orders_from=2", {"C-07"}),
        ("revenue_from=299.5", {"C-30", "C-07"}),
        ("last_order_from=2026-04-01&last_order_to=2026-04-01", {"C-07"}),
    ],
)
def test_filters_leave_whom_they_should(
    client: TestClient[Litestar], seller: Person, query: str, found: set[str]
) -> None:
    reply = api(client, seller, "GET", f"/api/v1/customers?{query}").json()
    assert {item["customer"] for item in reply["items"]} == found


@pytest.mark.parametrize(
    "query",
    [
        "cursor=abc",
        "cursor=bm9uZQ",
        "sort=height",
        "orders_from=many",
        "revenue_from=-1",
        "revenue_from=nan",
        "last_order_from=yesterday",
        "last_order_to=0001-01-01",
        "q=%00",
        "page_size=0",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: TestClient[Litestar], seller: Person, query: str) -> None:
    reply = api(client, seller, "GET", f"/api/v1/customers?{query}")
    assert reply.status_code in {400, 422}
    assert reply.json()["detail"]


def test_the_cursor_of_another_order_is_refused(client: TestClient[Litestar], seller: Person) -> None:
    cursor = api(client, seller, "GET", "/api/v1/customers?page_size=5").json()["next_cursor"]
    assert api(client, seller, "GET", f"/api/v1/customers?sort=name&cursor={cursor}").status_code == 422


def test_one_customer_and_the_timeline_in_pages(client: TestClient[Litestar], seller: Person) -> None:
    customer_id = ids_of(client, seller)["C-07"]
    shown = api(client, seller, "GET", f"/api/v1/customers/{customer_id}").json()
    assert (shown["orders"], shown["revenue_micros"], shown["currency"]) == (2, 570_000_000, "USD")
    first = api(client, seller, "GET", f"/api/v1/customers/{customer_id}/timeline?page_size=1").json()
    rest = api(
        client, seller, "GET", f"/api/v1/customers/{customer_id}/timeline?page_size=1&cursor={first['next_cursor']}"
    ).json()
    assert [one["order"] for one in (*first["items"], *rest["items"])] == ["100", "7"]
    assert rest["next_cursor"] is None


def test_the_file_of_all_is_safe_to_open(client: TestClient[Litestar], seller: Person) -> None:
    for path in ("/api/v1/customers/export.csv", seller.at("/customers/export.csv")):
        reply = api(client, seller, "GET", path + "?sort=name")
        assert reply.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
        assert len(rows) == 31
        assert {"'=1+1", "C-07"} <= {row["customer"] for row in rows}
        assert next(row for row in rows if row["customer"] == "C-07")["revenue"] == "570.00"


def test_an_event_of_one_customer_counts_at_once(client: TestClient[Litestar], merchant: Person) -> None:
    told = api(client, merchant, "POST", "/api/v1/events", json={"events": [order("A", "2026-03-01", 10, "1")]})
    assert told.json()["customers_new"] == 1
    customer_id = ids_of(client, merchant)["A"]
    body = {"kind": "refund", "happened_at": "2026-03-05", "order": "1", "value_micros": 4_000_000}
    reply = api(client, merchant, "POST", f"/api/v1/customers/{customer_id}/events", json=body)
    assert reply.json()["new"] == 1
    shown = api(client, merchant, "GET", f"/api/v1/customers/{customer_id}").json()
    assert (shown["orders"], shown["revenue_micros"]) == (1, 6_000_000)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"events": []}, 422),
        ({"events": [order("A", "2026-03-01", 1)] * 1001}, 413),
        ({"events": [{"customer": "A"}]}, 400),
        ({"events": [order("A", "2026-03-01", 1, colour="red")]}, 400),
        ({"events": [order("A", "2026-03-01", 1)], "source": ""}, 422),
        ({"events": [order("A", "2026-03-01", 1)], "source": "file"}, 422),
        ({"events": [order("A", "2026-03-01", 1e30)]}, 422),
        ({"events": [order("A\u0000", "2026-03-01", 1)]}, 422),
        ({"events": [order("A", "2026-03-01", 1, email="no address")]}, 422),
        ({"events": "all"}, 400),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(
    client: TestClient[Litestar], merchant: Person, body: dict[str, Any], status: int
) -> None:
    reply = api(client, merchant, "POST", "/api/v1/events", json=body)
    assert reply.status_code == status, reply.text
    assert reply.json()["detail"]
    assert api(client, merchant, "GET", "/api/v1/customers").json()["total"] == 0


def test_a_clear_file_is_read_at_once_and_a_doubtful_one_asks(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    clear = api(client, merchant, "POST", "/api/v1/customers/upload", files={"file": ("a.csv", GOOD)})
    assert (clear.status_code, clear.json()["state"]) == (202, "queued")
    work(planes, storage, merchant, clear.json()["id"])
    done = api(client, merchant, "GET", clear.headers["location"]).json()
    assert (done["state"], done["rows_changed"], done["customers_new"]) == ("done", 2, 2)
    doubtful = api(client, merchant, "POST", "/api/v1/customers/upload", files={"file": ("b.csv", DOUBTFUL)}).json()
    assert (doubtful["state"], doubtful["questions"]) == ("awaiting_confirmation", ["day_order"])
    confirmed = api(client, merchant, "POST", f"{doubtful['href']}/confirm", json={"day_order": "day_first"})
    assert confirmed.status_code == 202
    again = api(client, merchant, "POST", f"{doubtful['href']}/confirm", json={})
    assert again.status_code == 409
    work(planes, storage, merchant, doubtful["id"])
    assert api(client, merchant, "GET", doubtful["href"]).json()["covers_to"] == "2026-05-04"
    assert api(client, merchant, "GET", f"{doubtful['href']}/errors.csv").status_code == 404


def test_a_file_can_be_cancelled_and_then_nothing_of_it_is_stored(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    sent = api(client, merchant, "POST", "/api/v1/customers/upload", files={"file": ("a.csv", GOOD)}).json()
    assert api(client, merchant, "POST", f"{sent['href']}/cancel").json()["state"] == "cancelled"
    work(planes, storage, merchant, sent["id"])
    assert api(client, merchant, "GET", "/api/v1/customers").json()["total"] == 0
    assert api(client, merchant, "POST", f"{sent['href']}/cancel").status_code == 409


def test_a_plan_without_room_for_the_rows_takes_none_of_them(
    client: TestClient[Litestar], planes: Planes, storage: Storage, settings: Settings
) -> None:
    person = make_person(settings, planes, name="Fritz Free")
    rows = "".join(f"C{i},2026-03-01,1,{i}\n" for i in range(501))
    sent = person.request(
        client,
        "POST",
        person.at("/customers/uploads"),
        files={"file": ("many.csv", b"customer,date,value,order\n" + rows.encode())},
    )
    assert sent.status_code == 303
    work(planes, storage, person, sent.headers["location"].rsplit("/", 1)[-1], plan=FREE)
    shown = person.request(client, "GET", sent.headers["location"], headers={"accept": "text/html"}).text
    assert "500 imported rows" in shown
    assert "Nothing of the file is stored" in shown
    assert "No customers yet" in page(client, person, "/customers")


def test_forgetting_takes_a_permission_and_the_word(
    client: TestClient[Litestar], settings: Settings, planes: Planes, merchant: Person
) -> None:
    api(client, merchant, "POST", "/api/v1/events", json={"events": [order("A", "2026-03-01", 10, "1")]})
    customer_id = ids_of(client, merchant)["A"]
    viewer = make_person(settings, planes, name="Vic Viewer")
    join(planes, viewer, merchant, "viewer")
    for path, data in ((f"/customers/{customer_id}/forget", {"typed": "forget"}), ("/customers/uploads", {"x": "1"})):
        assert viewer.request(client, "POST", merchant.at(path), data=data).status_code == 403
    assert "Forget this customer" not in viewer.request(client, "GET", merchant.at(f"/customers/{customer_id}")).text
    wrong = merchant.request(client, "POST", merchant.at(f"/customers/{customer_id}/forget"), data={"typed": "yes"})
    assert wrong.status_code == 422
    gone = merchant.request(client, "POST", merchant.at(f"/customers/{customer_id}/forget"), data={"typed": "Forget"})
    assert gone.status_code == 303
    assert api(client, merchant, "GET", f"/api/v1/customers/{customer_id}").status_code == 404
    assert api(client, merchant, "DELETE", f"/api/v1/customers/{customer_id}").status_code == 404


def test_customers_of_others_are_not_found(client: TestClient[Litestar], seller: Person, stranger: Person) -> None:
    customer_id = ids_of(client, seller)["C-07"]
    for method, path in (
        ("GET", f"/api/v1/customers/{customer_id}"),
        ("GET", f"/api/v1/customers/{customer_id}/timeline"),
        ("DELETE", f"/api/v1/customers/{customer_id}"),
        ("GET", f"/api/v1/customers/uploads/{new_id()}"),
    ):
        assert api(client, stranger, method, path).status_code == 404
    body = {"kind": "event", "name": "x", "happened_at": "2026-01-01"}
    assert api(client, stranger, "POST", f"/api/v1/customers/{customer_id}/events", json=body).status_code == 404


def test_the_pages_show_the_list_and_one_customer(client: TestClient[Litestar], seller: Person) -> None:
    shown = page(client, seller, "/customers")
    for words in ("31 customers", "Bought again", "Revenue each", "Customer 7", "1 Apr 2026", "$570"):
        assert words in shown
    assert "No customer fits" in page(client, seller, "/customers?q=nobody")
    customer_id = ids_of(client, seller)["C-07"]
    one = page(client, seller, f"/customers/{customer_id}")
    for words in ("Customer C-07", "Revenue per order", "Order 100", "8 Mar 2026", "Newest first"):
        assert words in one


def test_the_upload_page_asks_shows_and_refuses(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    assert "What a file looks like" in page(client, merchant, "/customers/uploads")
    refused = merchant.request(
        client,
        "POST",
        merchant.at("/customers/uploads"),
        files={"file": ("x.csv", b"\x89PNG\r\n\x1a\n" + bytes(300))},
        headers={"accept": "text/html"},
    )
    assert refused.status_code == 415
    assert "not a table" in refused.text
    sent = merchant.request(client, "POST", merchant.at("/customers/uploads"), files={"file": ("b.csv", DOUBTFUL)})
    place = sent.headers["location"]
    assert "Which day is" in page(client, merchant, place.removeprefix(f"/w/{merchant.workspace_id}"))
    wrong = merchant.request(client, "POST", f"{place}/confirm", data={"map_customer": ""})
    assert wrong.status_code == 422
    answers = {"map_customer": "customer", "map_happened_at": "date", "map_value": "value", "day_order": "day_first"}
    assert merchant.request(client, "POST", f"{place}/confirm", data=answers).status_code == 303
    assert "Reading" in page(client, merchant, place.removeprefix(f"/w/{merchant.workspace_id}"))
    work(planes, storage, merchant, place.rsplit("/", 1)[-1])
    assert "All 2 rows taken" in page(client, merchant, place.removeprefix(f"/w/{merchant.workspace_id}"))
