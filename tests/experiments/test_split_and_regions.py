"""How to split the next people of a test, and a lift test by region: by call and by command."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from app.cli.experiment import experiment
from kit.errors import InvalidInput
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, make_person

FIRST = date(2026, 3, 2)
DAYS, STARTS, ENDS = 84, 63, 76
TREATED, LOST_SHARE = "Bavaria", 0.2
VERSIONS = [
    {"name": name, "people": 10_000, "successes": count} for name, count in (("A", 400), ("B", 520), ("C", 410))
]


@pytest.fixture(scope="module")
def premium(settings: Settings, planes: Planes) -> Person:
    return make_person(settings, planes, name="Rita Regions", plan="premium")


def regions() -> dict[str, list[float]]:
    """Eight regions that move together; in one of them a fifth of sales is missing for a fortnight."""
    rng = np.random.default_rng(7)
    common = 1 + 0.1 * np.sin(np.arange(DAYS) / 6)
    names = [TREATED, *(f"Region {number}" for number in range(1, 8))]
    sold = {name: 1000 * (1 + place / 5) * common * rng.normal(1, 0.03, DAYS) for place, name in enumerate(names)}
    sold[TREATED][STARTS : ENDS + 1] *= 1 - LOST_SHARE
    return {name: [round(float(amount), 2) for amount in days] for name, days in sold.items()}


def question(**more: Any) -> dict[str, Any]:
    asked = {"first_day": str(FIRST), "revenue": regions(), "treated": [TREATED]}
    return asked | {"starts_on": str(day(STARTS)), "ends_on": str(day(ENDS)), "spend_change": 1400.0} | more


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def ask(client: TestClient[Litestar], person: Person, path: str, body: dict[str, Any]) -> Any:
    return person.request(client, "POST", f"/api/v1/experiments/{path}", json=body)


def test_more_of_the_next_people_go_to_the_version_that_may_be_best(
    client: TestClient[Litestar], owner: Person
) -> None:
    reply = ask(client, owner, "split", {"versions": VERSIONS})
    assert reply.status_code == 200, reply.text
    found = {one["name"]: one for one in reply.json()["versions"]}
    assert found["B"]["chance_best"] > 0.99
    assert found["B"]["share"] == max(one["share"] for one in found.values())
    assert sum(one["share"] for one in found.values()) == pytest.approx(1)
    assert min(one["share"] for one in found.values()) >= 0.05
    fewer = ask(client, owner, "split", {"versions": VERSIONS, "goal": "less"}).json()["versions"]
    assert [one["chance_best"] > 0.01 for one in fewer] == [True, False, True]


def test_a_split_that_cannot_be_names_its_field(client: TestClient[Litestar], owner: Person) -> None:
    floors = ask(client, owner, "split", {"versions": VERSIONS, "least_share": 0.4})
    assert (floors.status_code, floors.json()["errors"][0]["field"]) == (422, "least_share")
    counted = [VERSIONS[0], {"name": "B", "people": 10, "successes": 11}]
    twisted = ask(client, owner, "split", {"versions": counted})
    assert (twisted.status_code, twisted.json()["errors"][0]["field"]) == (422, "versions.1.successes")


def test_what_a_pause_in_one_region_cost_is_found(client: TestClient[Litestar], premium: Person) -> None:
    reply = ask(client, premium, "regions", question())
    assert reply.status_code == 200, reply.text
    found = reply.json()
    sold = sum(regions()[TREATED][STARTS : ENDS + 1])
    assert found["lost_low"] < sold * LOST_SHARE / (1 - LOST_SHARE) < found["lost_high"]
    assert found["p_value"] < 0.15
    assert found["roi"] == pytest.approx(found["lost_revenue"] / 1400, rel=1e-6)
    assert len(found["controls"]) == 7


def test_regions_that_cannot_tell_are_refused_with_the_reason(client: TestClient[Litestar], premium: Person) -> None:
    for body, field in (
        (question(starts_on=str(day(-3))), "starts_on"),
        (question(treated=["Atlantis"]), "treated"),
        (question(revenue=regions() | {"Region 1": [1.0]}), "revenue"),
    ):
        refused = ask(client, premium, "regions", body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text
    few = ask(client, premium, "regions", question(revenue=dict(list(regions().items())[:4])))
    assert few.status_code == 422
    assert few.json()["hint"]


def test_regions_need_attribution_in_the_plan(client: TestClient[Litestar], owner: Person) -> None:
    assert ask(client, owner, "regions", question()).status_code == 402


def run(*words: str) -> str:
    result = CliRunner().invoke(experiment, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_commands_say_the_same(tmp_path: Path) -> None:
    split = json.loads(run("split", "--version", "A=10000:400", "--version", "B=10000:520", "--json"))
    assert split["names"] == ["A", "B"]
    assert split["chance_best"][1] > split["chance_best"][0]
    assert "of the next people" in run("split", "--version", "A=10000:400", "--version", "B=10000:520")
    file = tmp_path / "regions.csv"
    rows = [f"{day(place)},{name},{amount}" for name, sold in regions().items() for place, amount in enumerate(sold)]
    file.write_text("\n".join(["date,region,revenue", *rows]))
    words = ("regions", str(file), "--treated", TREATED, "--from", str(day(STARTS)), "--to", str(day(ENDS)))
    assert json.loads(run(*words, "--json"))["lost_revenue"] > 0
    assert f"Sales in {TREATED}" in run(*words)


def test_a_file_of_regions_that_cannot_be_read_says_where(tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    days = ("--treated", "A", "--from", "2026-03-01", "--to", "2026-03-02")
    for content, said in (
        ("date,revenue\n", "no column region"),
        ("date,region,revenue\nsoon,A,5\n", "Row 2"),
        ("date,region,revenue\n", "no rows"),
    ):
        file.write_text(content)
        refused = CliRunner().invoke(experiment, ["regions", str(file), *days]).exception
        assert isinstance(refused, InvalidInput)
        assert said in refused.detail
