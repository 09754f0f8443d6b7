"""The decision pages over HTTP, in every state: locked, empty, ready to start, at work, done, stale, refused, given up."""

import io
import json
import re
from typing import Any
from uuid import UUID

import msgspec
import openpyxl
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pypdf import PdfReader
from sqlalchemy import func, select

from app.mix.models import ModelRun
from app.mix.queries import paid_channels, run_by_id
from app.mix.running import run_model
from app.mix.sample import KEY, enqueue_sample
from kit.clock import today_in
from kit.db import ScopedSession
from kit.jobs.models import JobRow
from kit.settings import Settings
from kit.storage import Storage
from tenants.isolation.planes import Planes
from tests.mix.history import quiet_context, shop_rows, store
from tests.people import Person, join, make_person

PAGES = ("/attribution", "/forecast", "/budget")


@pytest.fixture(scope="module")
def shopkeeper(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium with half a year of history."""
    person = make_person(settings, planes, name="Sharon Shop", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=180))
        session.commit()
    return person


@pytest.fixture
def storage(app: Litestar) -> Storage:
    found: Storage = app.state.storage
    return found


def page(client: TestClient[Litestar], person: Person, path: str, **more: Any) -> str:
    reply = person.request(client, "GET", person.at(path), **more)
    assert reply.status_code == 200, reply.text[:600]
    return reply.text


def start(client: TestClient[Litestar], person: Person, path: str, data: dict[str, str] | None = None) -> str:
    """Send the form; answers the address of the run."""
    reply = person.request(client, "POST", person.at(path), data=data or {"sent": "1"})
    assert reply.status_code == 303, reply.text[:600]
    return str(reply.headers["location"]).removeprefix(f"/w/{person.workspace_id}")


def run_id(address: str) -> UUID:
    return UUID(address.rsplit("run=", 1)[1])


def finish(planes: Planes, person: Person, address: str) -> ModelRun:
    """What the worker does."""
    with planes.tenant(person.tenant) as session:
        run = run_model(session, run_id=run_id(address), context=quiet_context())
        session.commit()
    return run


def todays_budget(planes: Planes, person: Person) -> float:
    """What the shop spends a day, as the optimiser counts it."""
    with planes.tenant(person.tenant) as session:
        return sum(channel.per_day for channel in paid_channels(session, today=today_in("UTC"), days=90))


def budget_form(**more: str) -> dict[str, str]:
    return {"budget": "500", "max_change": "0.3", "name": "Autumn", **more}


def test_a_free_plan_sees_price_and_upgrade_and_the_sample_once_there_is_one(
    client: TestClient[Litestar], owner: Person, storage: Storage, results: dict[str, Any]
) -> None:
    storage.delete(KEY)
    for path in PAGES:
        without = page(client, owner, path)
        assert "$79 a month" in without
        assert f"/w/{owner.workspace_id}/billing" in without
        assert "Sample data" not in without
    document = {
        "fit": results["attribution"]["fit"],
        "forecast": results["forecast"]["forecast"],
        "plan": results["budget"],
    }
    storage.put(KEY, io.BytesIO(msgspec.json.encode(document)))
    for path in PAGES:
        with_sample = page(client, owner, path)
        assert "made-up shop" in with_sample
        assert "data-chart-spec" in with_sample
        assert "<form" not in with_sample.split('id="main"')[1].split("<dialog")[0]
        assert owner.request(client, "POST", owner.at(path), data={"sent": "1"}).status_code == 402
    storage.delete(KEY)


def test_the_sample_is_asked_for_only_where_it_is_missing(control: ScopedSession, storage: Storage) -> None:
    storage.delete(KEY)
    assert enqueue_sample(control, storage)
    assert enqueue_sample(control, storage)
    asked = select(func.count()).select_from(JobRow).where(JobRow.name == "mix.build_sample")
    assert control.scalar(asked) == 1
    storage.put(KEY, io.BytesIO(b"{}"))
    assert not enqueue_sample(control, storage)
    storage.delete(KEY)


@pytest.mark.parametrize("path", PAGES)
def test_without_data_there_is_one_thing_to_do(client: TestClient[Litestar], stranger: Person, path: str) -> None:
    shown = page(client, stranger, path)
    assert "No data yet" in shown
    assert f"/w/{stranger.workspace_id}/imports" in shown


def test_a_viewer_may_look_and_export_but_start_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, shopkeeper: Person
) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, shopkeeper, "viewer")
    for path in PAGES:
        reply = viewer.request(client, "GET", shopkeeper.at(path))
        assert reply.status_code == 200
        assert f'action="{shopkeeper.at(path)}"' not in reply.text
        assert viewer.request(client, "POST", shopkeeper.at(path), data={"sent": "1"}).status_code == 403


def test_an_attribution_from_the_button_to_its_files(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    assert "Work out what each channel brings" in page(client, shopkeeper, "/attribution")
    address = start(client, shopkeeper, "/attribution")
    waiting = page(client, shopkeeper, address)
    assert "data-job-progress" in waiting
    assert re.search(r'data-events-url="/w/[^"]+/jobs/[^"]+/events"', waiting)
    assert "/cancel" in waiting
    run = finish(planes, shopkeeper, address)
    shown = page(client, shopkeeper, "/attribution")
    for words in ("How sure this is", "Return on the next unit", "Everything else", "Sources claim", "Response curves"):
        assert words in shown
    base = shopkeeper.at(f"/attribution/{run.id}/export")
    rows = shopkeeper.request(client, "GET", f"{base}.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Channel,Certainty,")
    assert len(rows) == 7 - 1
    book = openpyxl.load_workbook(io.BytesIO(shopkeeper.request(client, "GET", f"{base}.xlsx").content))
    assert book.sheetnames == ["Channels", "Revenue by source", "About"]
    document = json.loads(shopkeeper.request(client, "GET", f"{base}.json").content)
    assert {"channels", "baseline", "fit", "warnings"} <= set(document)


def test_a_second_look_at_the_same_data_starts_nothing(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    address = start(client, shopkeeper, "/attribution")
    finish(planes, shopkeeper, address)
    assert start(client, shopkeeper, "/attribution") == address


def test_an_older_answer_says_that_data_have_come_in(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    address = start(client, shopkeeper, "/attribution")
    run = finish(planes, shopkeeper, address)
    with planes.tenant(shopkeeper.tenant) as session:
        run_by_id(session, run.id).data_version = 0
        session.commit()
    shown = page(client, shopkeeper, address)
    assert "Your data have changed since" in shown
    assert "Run again" in shown


def test_a_job_that_was_given_up_is_told_with_its_code_and_a_way_on(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    address = start(client, shopkeeper, "/forecast", {"horizon_days": "60"})
    with planes.tenant(shopkeeper.tenant) as session:
        job_id = run_by_id(session, run_id(address)).job_id
    for state, words in (("dead", "The calculation stopped"), ("cancelled", "This run was cancelled")):
        with planes.begin_control() as control:
            row = control.get_one(JobRow, job_id)
            row.state, row.problem = state, {"code": "unexpected", "detail": "It broke.", "hint": "Retry it."}
        shown = page(client, shopkeeper, address)
        assert words in shown
        assert "Forecast revenue" in shown


def test_a_forecast_with_planned_spend(client: TestClient[Litestar], planes: Planes, shopkeeper: Person) -> None:
    form = {
        "horizon_days": "7",
        "spend.email": "90",
        "usual.email": "30",
        "spend.google_search": "5",
        "usual.google_search": "5",
    }
    address = start(client, shopkeeper, "/forecast", form)
    run = finish(planes, shopkeeper, address)
    assert run.request["planned_per_day"] == {"Email": 90}
    shown = page(client, shopkeeper, address)
    for words in (
        "Revenue of the next 7 days",
        "as you planned it",
        "80 % interval",
        "Week 1",
        "Tried on your own past",
    ):
        assert words in shown.replace("\u00a0", " ")
    files = [
        shopkeeper.request(client, "GET", shopkeeper.at(f"/forecast/{run.id}/export.{end}"))
        for end in ("csv", "xlsx", "json")
    ]
    assert [reply.status_code for reply in files] == [200, 200, 200]
    assert len(files[0].content.decode("utf-8-sig").splitlines()) == 8


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/forecast", {"horizon_days": "31"}, "Choose 7, 30, 60, 90 days."),
        ("/forecast", {"horizon_days": "30", "spend.email": "-1", "usual.email": "30"}, "Email: enter an amount a day"),
        ("/budget", budget_form(budget="nan"), "The budget: enter an amount a day"),
        ("/budget", budget_form(budget="0"), "Enter a budget above 0."),
        ("/budget", budget_form(max_change="7"), "Choose one of the steps."),
    ],
)
def test_a_form_that_cannot_be_read_comes_back_with_the_complaint(
    client: TestClient[Litestar], shopkeeper: Person, path: str, form: dict[str, str], words: str
) -> None:
    reply = shopkeeper.request(client, "POST", shopkeeper.at(path), data=form)
    assert reply.status_code == 422
    assert words in reply.text


def test_a_plan_from_the_form_to_the_sliders_and_its_files(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    limits = {"lock.email": "1", "low.google_search": "60", "high.google_search": "999", "top.google_search": "999"}
    budget = f"{todays_budget(planes, shopkeeper):.2f}"
    address = start(client, shopkeeper, "/budget", budget_form(budget=budget, **limits))
    run = finish(planes, shopkeeper, address)
    assert run.request["locked"] == ["Email"]
    assert run.request["minimum"] == {"Google Search": 60}
    assert run.request["maximum"] == {}
    assert run.problem is None
    shown = page(client, shopkeeper, address)
    for words in ("Autumn", "Email is locked at", "What another budget would bring", "data-optimiser"):
        assert words in shown
    wish = {"budget": 500, "channels": {"email": {"value": 40, "low": 0, "high": 30, "is_locked": False}}}
    tried = shopkeeper.request(client, "POST", shopkeeper.at(f"/budget/{run.id}/try"), json=wish)
    assert tried.status_code == 200, tried.text
    answer = tried.json()
    assert answer["numbers"]["own-total"] == "$40.00"
    assert any("above the $30.00" in message for message in answer["messages"])
    assert answer["charts"]["split"]["kind"] == "bar"
    for number in answer["numbers"]:
        assert f'id="{number}"' in shown
    pdf = shopkeeper.request(client, "GET", shopkeeper.at(f"/budget/{run.id}/export.pdf"))
    assert len(PdfReader(io.BytesIO(pdf.content)).pages) <= 2
    assert "autumn" not in pdf.headers["content-disposition"]
    assert "sharon-shop-s-shop-budget-plan-" in pdf.headers["content-disposition"]


def test_plans_are_compared_side_by_side(client: TestClient[Litestar], planes: Planes, shopkeeper: Person) -> None:
    runs = []
    for name, factor in (("Careful", 0.9), ("Bold", 1.1)):
        budget = f"{factor * todays_budget(planes, shopkeeper):.2f}"
        address = start(client, shopkeeper, "/budget", budget_form(budget=budget, name=name))
        runs.append(finish(planes, shopkeeper, address))
    shown = page(client, shopkeeper, f"/budget?compare={runs[0].id},{runs[1].id}")
    assert "Plans side by side" in shown
    assert "A · Careful" in shown
    assert "B · Bold" in shown


def test_limits_that_contradict_each_other_come_back_as_a_reason(
    client: TestClient[Litestar], planes: Planes, shopkeeper: Person
) -> None:
    address = start(client, shopkeeper, "/budget", budget_form(**{"low.google_search": "900"}))
    finish(planes, shopkeeper, address)
    shown = page(client, shopkeeper, address)
    assert "Your limits contradict each other" in shown
    assert "Google Search" in shown
    assert "Work out the plan" in shown


def test_an_unfinished_run_has_no_file(client: TestClient[Litestar], shopkeeper: Person) -> None:
    address = start(client, shopkeeper, "/forecast", {"horizon_days": "90"})
    reply = shopkeeper.request(client, "GET", shopkeeper.at(f"/forecast/{run_id(address)}/export.csv"))
    assert reply.status_code == 409
