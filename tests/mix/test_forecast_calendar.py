"""Events and public holidays in forecasts, over HTTP: what somebody adds counts in the next run, and makes the last one old."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from app.cli import cli
from app.mix.countries import countries
from app.mix.models import ModelRun
from app.mix.queries import marketing_frame
from app.mix.running import run_model
from app.mix.schemas import ForecastRequest
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.mix.history import quiet_context, shop_rows, store, yesterday
from tests.people import Person, make_person

EXAMPLE = Path(__file__).parents[2] / "examples" / "first-import.csv"
TODAY = yesterday() + timedelta(days=1)
AHEAD = TODAY + timedelta(days=5)


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes) -> Person:
    person = make_person(settings, planes, name="Sid Seller", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=120))
        session.commit()
    return person


def tell(client: TestClient[Litestar], person: Person, name: str, *days: date) -> None:
    for day in days:
        body = {"name": name, "starts_on": str(day)}
        assert person.request(client, "POST", "/api/v1/calendar/events", json=body).status_code == 201


def forecast(
    client: TestClient[Litestar], planes: Planes, person: Person, **asked: Any
) -> tuple[dict[str, Any], ModelRun]:
    """Ask for a forecast and work it out; answers the reply of the call and the run."""
    started = person.request(client, "POST", "/api/v1/forecasts", json={"horizon_days": 7} | asked)
    assert started.status_code == 202, started.text
    with planes.tenant(person.tenant) as session:
        run = run_model(session, run_id=UUID(started.json()["id"]), context=quiet_context())
        session.commit()
    assert run.state == "done", run.problem
    return started.json(), run


def ahead_in(run: ModelRun) -> dict[str, float | None]:
    assert run.result is not None
    return {one["name"]: one["lift"] for one in run.result["forecast"]["calendar"]}


def test_an_event_makes_the_last_forecast_old_and_counts_in_the_next(
    client: TestClient[Litestar], planes: Planes, seller: Person
) -> None:
    first, run = forecast(client, planes, seller)
    assert "Flash sale" not in ahead_in(run)
    past = [TODAY - timedelta(days=days) for days in (20, 50, 80)]
    tell(client, seller, "Flash sale", *past, AHEAD)
    tell(client, seller, "Relaunch", AHEAD)
    assert not seller.request(client, "GET", first["href"]).json()["is_current"]
    assert "Your data have changed since" in seller.request(client, "GET", seller.at("/forecast")).text
    with planes.tenant(seller.tenant) as session:
        frame = marketing_frame(session, currency="USD", today=TODAY)
    assert [event.on for event in frame.events if event.name == "Flash sale"] == [*sorted(past), AHEAD]
    known = ahead_in(forecast(client, planes, seller)[1])
    assert known["Flash sale"] is not None
    assert known["Relaunch"] is None
    shown = seller.request(client, "GET", seller.at("/forecast")).text
    assert "The forecast counts on: " in shown
    assert "what your history has never seen: Relaunch" in shown
    events = seller.request(client, "GET", "/api/v1/calendar/events").json()["items"]
    assert {one["name"]: one["days_known"] for one in events} == {"Flash sale": 3, "Relaunch": 0}


def test_the_holidays_of_the_country_count_and_it_is_kept_for_the_next_forecast(
    client: TestClient[Litestar], planes: Planes, seller: Person
) -> None:
    _, without = forecast(client, planes, seller, horizon_days=365)
    _, run = forecast(client, planes, seller, horizon_days=365, country="DE")
    assert run.request["country"] == "DE"
    assert "German Unity Day" in set(ahead_in(run)) - set(ahead_in(without))
    shown = seller.request(client, "GET", seller.at("/forecast")).text
    assert '<option value="DE" selected>Germany</option>' in shown


def test_the_form_asks_for_a_country_of_its_list(client: TestClient[Litestar], planes: Planes, seller: Person) -> None:
    path = seller.at("/forecast")
    refused = seller.request(client, "POST", path, data={"horizon_days": "7", "country": "ZZ"})
    assert refused.status_code == 422
    assert "Choose a country of the list, or none." in refused.text
    started = seller.request(client, "POST", path, data={"horizon_days": "7", "country": "NO"})
    assert started.status_code == 303
    with planes.tenant(seller.tenant) as session:
        run = session.get(ModelRun, UUID(started.headers["location"].rsplit("run=", 1)[1]))
        assert run is not None
        assert run.request["country"] == "NO"


@pytest.mark.parametrize("country", ["ZZ", "de", "DEU", "Germany", "../x"])
def test_an_unknown_country_is_refused_with_a_hint(client: TestClient[Litestar], seller: Person, country: str) -> None:
    refused = seller.request(client, "POST", "/api/v1/forecasts", json={"country": country})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "country"
    assert "two letters" in refused.json()["hint"]


def test_countries_are_named_and_a_request_without_one_is_as_before() -> None:
    known = dict(countries())
    assert (known["DE"], known["US"]) == ("Germany", "United States")
    assert all(len(code) == 2 for code in known)
    assert ForecastRequest().country == ""


def test_the_command_line_refuses_an_unknown_country() -> None:
    outcome = CliRunner().invoke(cli, ["forecast", str(EXAMPLE), "--country", "zz"])
    assert outcome.exit_code != 0
    assert "Holidays of this country are not known" in f"{outcome.output}{outcome.exception}"


def test_the_command_line_counts_the_holidays_of_a_country() -> None:
    asked = ["forecast", str(EXAMPLE), "--horizon", "7", "--json"]
    plain, french = (CliRunner().invoke(cli, [*asked, *more]) for more in ([], ["--country", "fr"]))
    assert (plain.exit_code, french.exit_code) == (0, 0), french.output
    assert json.loads(plain.output)["daily"] != json.loads(french.output)["daily"]
