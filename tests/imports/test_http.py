"""Imports over HTTP: both ways in, the pages without a script, who may do what."""

import io
import re
from datetime import date
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.imports.running import RunContext, run_import
from billing.plans import PREMIUM, Plan
from kit.settings import Settings
from kit.storage import Storage
from kit.xlsx import Column, Sheet, write_workbook
from tenants.isolation.planes import Planes
from tests.imports.desk import TODAY
from tests.people import Person, join, make_person

GOOD = b"date,channel,spend,revenue\n2026-03-01,FB Ads,10.5,40\n2026-03-02,Google Ads,20,80\n"
DOUBTFUL = b"date,channel,spend,revenue\n03/04/2026,TV,1,2\n04/05/2026,TV,1,2\n"
MIXED = GOOD + b"2026-03-03,TV,minus one,5\n"
BINARY = b"\x89PNG\r\n\x1a\n" + bytes(500)


@pytest.fixture
def merchant(settings: Settings, planes: Planes) -> Person:
    """Somebody with a new workspace on Premium."""
    return make_person(settings, planes, name="Max Merchant", plan="premium")


@pytest.fixture
def storage(app: Litestar) -> Storage:
    """Where the application keeps its files."""
    opened: Storage = app.state.storage
    return opened


def upload(client: TestClient[Litestar], person: Person, content: bytes, **fields: str) -> dict[str, object]:
    """POST to the API by multipart."""
    reply = person.request(
        client, "POST", "/api/v1/imports", files={"file": ("data.csv", content)}, data=fields, headers=here(person)
    )
    assert reply.status_code == 202, reply.text
    answer: dict[str, object] = reply.json()
    return answer


def here(person: Person) -> dict[str, str]:
    return {"x-workspace": str(person.workspace_id), "accept": "application/json"}


def work(planes: Planes, storage: Storage, person: Person, import_id: object, *, plan: Plan = PREMIUM) -> None:
    """What the worker does."""
    context = RunContext(storage=storage, plan=plan, today=TODAY, progress=lambda _share, _sentence: None)
    with planes.begin_tenant(person.tenant) as session:
        run_import(session, import_id=UUID(str(import_id)), context=context)


def test_a_clear_file_is_imported_at_once(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    answer = upload(client, merchant, GOOD)
    assert answer["state"] == "queued"
    work(planes, storage, merchant, answer["id"])
    done = merchant.request(client, "GET", str(answer["href"]), headers=here(merchant)).json()
    assert (done["state"], done["rows_accepted"], done["rows_changed"], done["errors"]) == ("done", 2, 2, [])


def test_a_doubtful_file_asks_and_takes_the_answer(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    answer = upload(client, merchant, DOUBTFUL)
    assert answer["state"] == "awaiting_confirmation"
    questions = answer["recognised"]["questions"]  # type: ignore[index]
    assert [question["topic"] for question in questions] == ["day_order"]
    confirmed = merchant.request(
        client, "POST", f"{answer['href']}/confirm", json={"day_order": "day_first"}, headers=here(merchant)
    )
    assert confirmed.status_code == 202
    assert confirmed.json()["state"] == "queued"
    work(planes, storage, merchant, answer["id"])
    done = merchant.request(client, "GET", str(answer["href"]), headers=here(merchant)).json()
    assert (done["covers_from"], done["covers_to"]) == ("2026-04-03", "2026-05-04")


def test_a_clear_file_waits_where_one_asks_for_it(client: TestClient[Litestar], merchant: Person) -> None:
    assert upload(client, merchant, GOOD, confirm="ask")["state"] == "awaiting_confirmation"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (BINARY, 415, "not-a-table"),
        (b"", 422, "empty-file"),
        (b"date,channel,spend,revenue\n", 422, "empty-file"),
        (b"date,facebook,google,tiktok\n2026-03-01,1,2,3\n", 422, "wide-file"),
    ],
)
def test_what_is_no_import_is_refused_with_a_reason(
    client: TestClient[Litestar], merchant: Person, content: bytes, status: int, code: str
) -> None:
    reply = merchant.request(
        client, "POST", "/api/v1/imports", files={"file": ("x.csv", content)}, headers=here(merchant)
    )
    assert reply.status_code == status
    assert reply.json()["type"].endswith(code)
    assert reply.json()["hint"]
    assert merchant.request(client, "GET", "/api/v1/imports", headers=here(merchant)).json() == []


def test_a_file_can_go_to_a_signed_address_and_be_completed(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    body = {"filename": "large.csv", "size_bytes": len(GOOD)}
    ticket = merchant.request(client, "POST", "/api/v1/imports/presign", json=body, headers=here(merchant)).json()
    early = merchant.request(client, "POST", ticket["complete_href"], headers=here(merchant))
    assert early.status_code == 409
    path = "/" + ticket["url"].split("/", 3)[3]
    assert client.put(path, content=GOOD).status_code == 204
    completed = merchant.request(client, "POST", ticket["complete_href"], headers=here(merchant))
    assert completed.status_code == 202
    assert completed.json()["state"] == "queued"
    work(planes, storage, merchant, ticket["id"])
    done = merchant.request(client, "GET", f"/api/v1/imports/{ticket['id']}", headers=here(merchant)).json()
    assert done["rows_accepted"] == 2


def test_a_signed_address_of_somebody_else_is_worth_nothing(client: TestClient[Litestar]) -> None:
    assert client.put("/api/v1/uploads/AAAA", content=b"x").status_code == 403


def test_a_file_that_is_said_to_be_too_large_gets_no_address(client: TestClient[Litestar], merchant: Person) -> None:
    body = {"filename": "huge.csv", "size_bytes": 3 * 10**9}
    reply = merchant.request(client, "POST", "/api/v1/imports/presign", json=body, headers=here(merchant))
    assert reply.status_code == 413


def test_rejected_rows_come_as_a_file(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    answer = upload(client, merchant, MIXED)
    work(planes, storage, merchant, answer["id"])
    done = merchant.request(client, "GET", str(answer["href"]), headers=here(merchant)).json()
    assert [(error["row"], error["column"]) for error in done["errors"]] == [(4, "spend")]
    rejects = merchant.request(client, "GET", done["errors_href"], headers=here(merchant))
    assert "data-rejects.csv" in rejects.headers["content-disposition"]
    assert "minus one" in rejects.text


def test_the_template_can_be_imported_as_it_is(client: TestClient[Litestar], merchant: Person) -> None:
    template = merchant.request(client, "GET", "/api/v1/imports/template.csv", headers=here(merchant))
    assert upload(client, merchant, template.content)["state"] == "queued"


def test_a_waiting_import_can_be_cancelled(client: TestClient[Litestar], merchant: Person) -> None:
    answer = upload(client, merchant, GOOD)
    cancelled = merchant.request(client, "POST", f"{answer['href']}/cancel", headers=here(merchant))
    assert cancelled.json()["state"] == "cancelled"


def test_a_stranger_finds_nothing(client: TestClient[Litestar], merchant: Person, stranger: Person) -> None:
    answer = upload(client, merchant, GOOD)
    for headers in (here(stranger), here(merchant)):
        assert stranger.request(client, "GET", str(answer["href"]), headers=headers).status_code == 404
    assert stranger.request(client, "GET", merchant.at(f"/imports/{answer['id']}")).status_code == 404


def test_a_viewer_sees_imports_and_may_not_start_one(
    client: TestClient[Litestar], planes: Planes, merchant: Person, stranger: Person
) -> None:
    join(planes, stranger, merchant, "viewer")
    page = stranger.request(client, "GET", merchant.at("/imports"))
    assert page.status_code == 200
    assert "data-file-drop" not in page.text
    refused = stranger.request(client, "POST", merchant.at("/imports"), files={"file": ("x.csv", GOOD)})
    assert refused.status_code == 403


def test_the_pages_lead_from_the_file_to_the_result_without_a_script(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    empty = merchant.request(client, "GET", merchant.at("/imports"))
    assert "No imports yet" in empty.text
    sent = merchant.request(client, "POST", merchant.at("/imports"), files={"file": ("q1.csv", MIXED)})
    assert sent.status_code == 303
    href = sent.headers["location"]
    confirm = merchant.request(client, "GET", href)
    assert confirm.status_code == 200
    assert "FB Ads" in confirm.text
    form = {f"map_{name}": name for name in ("date", "channel", "spend", "revenue")} | {"revenue": "row"}
    assert merchant.request(client, "POST", href + "/confirm", data=form).status_code == 303
    assert "Waiting for a free worker" in merchant.request(client, "GET", href).text
    work(planes, storage, merchant, href.rpartition("/")[2])
    result = merchant.request(client, "GET", href)
    assert re.search(r"2 rows accepted,\s+1 rejected", result.text)
    assert "minus one" in result.text
    assert "minus one" in merchant.request(client, "GET", href + "/errors.csv").text
    assert "q1.csv" in merchant.request(client, "GET", merchant.at("/imports")).text


def test_a_refused_confirmation_keeps_what_was_chosen(client: TestClient[Litestar], merchant: Person) -> None:
    sent = merchant.request(client, "POST", merchant.at("/imports"), files={"file": ("q1.csv", GOOD)})
    href = sent.headers["location"]
    refused = merchant.request(client, "POST", href + "/confirm", data={"map_date": "date", "map_spend": "spend"})
    assert refused.status_code == 422
    assert "No column is chosen for channel, revenue." in refused.text
    assert merchant.request(client, "GET", href).status_code == 200


def test_a_refused_upload_says_why_on_the_page(client: TestClient[Litestar], merchant: Person) -> None:
    refused = merchant.request(client, "POST", merchant.at("/imports"), files={"file": ("x.png", BINARY)})
    assert refused.status_code == 415
    assert "a picture (PNG)" in refused.text


def test_the_free_plan_warns_before_the_import_and_explains_after(
    client: TestClient[Litestar], planes: Planes, storage: Storage, settings: Settings
) -> None:
    from billing.plans import FREE

    person = make_person(settings, planes, name="Frieda Free")
    rows = b"".join(b"2026-03-%02d,TV,%d,5,C%d\n" % (1 + i % 28, i, i) for i in range(600))
    content = b"date,channel,spend,revenue,campaign\n" + rows
    sent = person.request(client, "POST", person.at("/imports"), files={"file": ("big.csv", content)})
    href = sent.headers["location"]
    assert "room for 500 more this month" in person.request(client, "GET", href).text
    form = {f"map_{name}": name for name in ("date", "channel", "spend", "revenue", "campaign")}
    assert person.request(client, "POST", href + "/confirm", data=form).status_code == 303
    work(planes, storage, person, href.rpartition("/")[2], plan=FREE)
    result = person.request(client, "GET", href)
    assert "500 imported rows a month" in result.text
    assert "Nothing of the file is stored." in result.text
    assert person.request(client, "POST", href + "/reopen").status_code == 303


def test_a_body_of_three_gigabytes_is_refused_before_it_is_read(client: TestClient[Litestar], merchant: Person) -> None:
    headers = here(merchant) | {"content-length": "3000000000", "content-type": "multipart/form-data; boundary=x"}
    reply = merchant.request(client, "POST", "/api/v1/imports", content=b"--x", headers=headers)
    assert reply.status_code == 413
    assert reply.json()["hint"]


def test_a_workbook_is_imported_like_a_text_file(
    client: TestClient[Litestar], planes: Planes, storage: Storage, merchant: Person
) -> None:
    target = io.BytesIO()
    columns = [Column("Date", "date"), Column("Channel"), Column("Spend", "money"), Column("Revenue", "money")]
    write_workbook(
        target, [Sheet("Rows", columns, [(date(2026, 3, 1), "TV", 10.5, 40), (date(2026, 3, 2), "TV", 1, 2)])]
    )
    answer = upload(client, merchant, target.getvalue())
    assert answer["state"] == "queued"
    work(planes, storage, merchant, answer["id"])
    done = merchant.request(client, "GET", str(answer["href"]), headers=here(merchant)).json()
    assert (done["rows_accepted"], done["covers_to"]) == (2, "2026-03-02")
