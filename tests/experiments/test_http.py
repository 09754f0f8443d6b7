"""The page of experiments and its calls: answers on the page itself, complaints beside their fields, gates by plan."""

from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.mix.history import shop_rows, store, yesterday
from tests.people import Person, join, make_person

ENDS = yesterday() - timedelta(days=20)
PAUSE = {"channel": "email", "starts_on": str(ENDS - timedelta(days=9)), "ends_on": str(ENDS), "planned_per_day": "0"}
TEST = {
    "control.people": "10000",
    "control.successes": "400",
    "variants.0.name": "Green button",
    "variants.0.people": "10000",
    "variants.0.successes": "520",
}
BODY = {"control": {"people": 10_000, "successes": 400}, "variants": [{"people": 10_000, "successes": 520}]}


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes) -> Person:
    person = make_person(settings, planes, name="Sally Seller", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=150))
        session.commit()
    return person


def test_every_plan_reads_and_plans_tests(client: TestClient[Litestar], owner: Person) -> None:
    shown = owner.request(client, "GET", owner.at("/experiments"))
    assert shown.status_code == 200
    assert "Reading a pause comes with attribution" in shown.text
    read = owner.request(client, "POST", owner.at("/experiments/read"), data=TEST)
    assert read.status_code == 200, read.text
    assert "Use Green button" in read.text
    planned = owner.request(client, "POST", owner.at("/experiments/plan"), data={"baseline": "4", "lift": "10"})
    assert planned.status_code == 200
    assert "People per version" in planned.text


def test_a_pause_needs_attribution_in_the_plan(client: TestClient[Litestar], owner: Person, seller: Person) -> None:
    assert owner.request(client, "POST", owner.at("/experiments/pause"), data=PAUSE).status_code == 402
    read = seller.request(client, "POST", seller.at("/experiments/pause"), data=PAUSE)
    assert read.status_code == 200, read.text
    assert "attribution/lift-tests?channel=email&amp;act=raised" in read.text


def test_who_only_looks_reads_tests_but_runs_no_model(
    client: TestClient[Litestar], settings: Settings, planes: Planes, seller: Person
) -> None:
    viewer = make_person(settings, planes, name="Vic Viewer", plan="premium")
    join(planes, viewer, seller, "viewer")
    shown = viewer.request(client, "GET", seller.at("/experiments"))
    assert "Your role cannot run this" in shown.text
    assert viewer.request(client, "POST", seller.at("/experiments/read"), data=TEST).status_code == 200
    assert viewer.request(client, "POST", seller.at("/experiments/pause"), data=PAUSE).status_code == 403


@pytest.mark.parametrize(
    ("form", "typed", "message", "id_"),
    [
        ("read", TEST | {"control.people": "a lot"}, "Enter a whole number such as 1200.", "read-control.people-error"),
        ("plan", {"baseline": "4", "lift": "a lot"}, "Enter a number such as 1200 or 2.5.", "plan-lift-error"),
        ("pause", PAUSE | {"ends_on": "a lot"}, "Enter a day such as 2026-11-21.", "pause-ends_on-error"),
    ],
)
def test_a_complaint_stands_beside_its_field_and_keeps_what_was_typed(
    client: TestClient[Litestar], seller: Person, form: str, typed: dict[str, str], message: str, id_: str
) -> None:
    refused = seller.request(client, "POST", seller.at(f"/experiments/{form}"), data=typed)
    assert refused.status_code == 422
    assert message in refused.text
    assert f'id="{id_}"' in refused.text
    assert 'value="a lot"' in refused.text


def test_a_broken_split_warns_above_the_figures(client: TestClient[Litestar], seller: Person) -> None:
    typed = TEST | {"variants.0.people": "5000"}
    read = seller.request(client, "POST", seller.at("/experiments/read"), data=typed)
    assert "People were not split as planned" in read.text
    assert "Do not use the figures below" in read.text


GUARDED = {
    "control.people": "100000",
    "control.successes": "5000",
    "variants.0.name": "Green button",
    "variants.0.people": "100000",
    "variants.0.successes": "5600",
    "guardrails.0.name": "Returns",
    "guardrails.0.goal": "less",
    "guardrails.0.margin": "5 %",
    "guardrails.0.control.successes": "10000",
    "guardrails.0.variants.0.successes": "12000",
}


def test_the_page_says_what_must_not_suffer_and_does(client: TestClient[Litestar], seller: Person) -> None:
    read = seller.request(client, "POST", seller.at("/experiments/read"), data=GUARDED)
    assert read.status_code == 200, read.text
    for words in ("Stop the test", "What must not suffer", "Harmed", "Returns"):
        assert words in read.text
    fine = seller.request(
        client,
        "POST",
        seller.at("/experiments/read"),
        data=GUARDED | {"guardrails.0.variants.0.successes": "9900", "smallest_lift": "1"},
    )
    assert "Use Green button" in fine.text
    assert "Safe" in fine.text


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ({"guardrails.0.name": ""}, "read-guardrails.0.name-error"),
        ({"guardrails.0.margin": "120"}, "read-guardrails.0.margin-error"),
        ({"guardrails.0.variants.0.successes": ""}, "read-guardrails.0.variants.0.successes-error"),
        ({"guardrails.0.control.successes": "200000"}, "read-guardrails.0.control.successes-error"),
        ({"smallest_lift": "0"}, "read-smallest_lift-error"),
    ],
)
def test_a_complaint_about_a_guardrail_stands_beside_its_field(
    client: TestClient[Litestar], seller: Person, typed: dict[str, str], id_: str
) -> None:
    refused = seller.request(client, "POST", seller.at("/experiments/read"), data=GUARDED | typed)
    assert refused.status_code == 422
    assert f'id="{id_}"' in refused.text


def test_programs_tell_guardrails_and_the_smallest_change(client: TestClient[Litestar], seller: Person) -> None:
    guarded = BODY | {
        "smallest_lift": 0.02,
        "guardrails": [{"name": "Returns", "control": {"successes": 300}, "variants": [{"successes": 310}]}],
    }
    read = seller.request(client, "POST", "/api/v1/experiments/read", json=guarded)
    assert read.status_code == 200, read.text
    assert read.json()["variants"][0]["guardrails"][0]["verdict"] == "unclear"
    for wrong in ({"smallest_lift": 0}, {"guardrails": [{"name": "Returns", "control": {}, "variants": []}]}):
        assert seller.request(client, "POST", "/api/v1/experiments/read", json=BODY | wrong).status_code in {400, 422}


def test_programs_read_plan_and_ask_what_a_pause_cost(client: TestClient[Litestar], seller: Person) -> None:
    read = seller.request(client, "POST", "/api/v1/experiments/read", json=BODY)
    assert read.status_code == 200, read.text
    assert (read.json()["decision"], read.json()["winner"]) == ("ship", "B")
    plan = seller.request(client, "POST", "/api/v1/experiments/plan", json={"baseline": 0.04, "lift": 0.1})
    assert plan.json()["people"] == 2 * plan.json()["people_per_version"]
    body = PAUSE | {"planned_per_day": 0}
    pause = seller.request(client, "POST", "/api/v1/experiments/pause", json=body)
    assert pause.status_code == 200, pause.text
    assert pause.json()["currency"] == "USD"
    wrong = seller.request(client, "POST", "/api/v1/experiments/pause", json=body | {"channel": "Carrier pigeon"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "channel"
