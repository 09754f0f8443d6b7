"""From a file to a budget plan over the API, through the real workers; every number is checked against the file's own sums."""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.people import Person
from tests.stories.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD, BAD = EXAMPLES / "first-import.csv", EXAMPLES / "with-three-bad-rows.csv"
MICROS = 1_000_000


@pytest.fixture(scope="module")
def shopkeeper(make: Callable[..., Person], program: Callable[..., Program]) -> Program:
    """A program of somebody on the Premium plan, without data."""
    return program(make("Petra Program", plan="premium"))


@pytest.fixture(scope="module")
def imported(shopkeeper: Program) -> dict[str, Any]:
    """The first example, imported by a multipart upload."""
    return _upload(shopkeeper, GOOD)


def _upload(program: Program, path: Path, *, confirm: str = "auto") -> dict[str, Any]:
    started = program.call(
        "POST", "/imports", files={"file": (path.name, path.read_bytes(), "text/csv")}, data={"confirm": confirm}
    )
    assert started.status_code == 202, started.text
    finished: dict[str, Any] = program.until_over(f"/imports/{started.json()['id']}")
    return finished


def _rows(*, last_days: int) -> list[dict[str, str]]:
    """The example's rows of its last days."""
    with GOOD.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    last = max(date.fromisoformat(row["date"]) for row in rows)
    return [row for row in rows if date.fromisoformat(row["date"]) > last - timedelta(days=last_days)]


def _sum(rows: list[dict[str, str]], column: str) -> float:
    return sum(float(row[column] or 0) for row in rows)


def test_a_file_is_recognised_and_imported_at_once(imported: dict[str, Any]) -> None:
    with GOOD.open(encoding="utf-8") as stream:
        rows = sum(1 for _ in stream) - 1
    assert (imported["state"], imported["problem"]) == ("done", None)
    assert (imported["rows_read"], imported["rows_accepted"], imported["rows_rejected"]) == (rows, rows, 0)
    assert imported["recognised"]["delimiter"] == ","


def test_the_same_file_again_changes_nothing(shopkeeper: Program, imported: dict[str, Any]) -> None:
    before = shopkeeper.get("/analytics/dashboard", period="all_time")["metrics"]
    again = _upload(shopkeeper, GOOD)
    assert (again["state"], again["rows_changed"]) == ("done", 0)
    assert any("Nothing changed" in notice for notice in again["notices"])
    assert shopkeeper.get("/analytics/dashboard", period="all_time")["metrics"] == before


def test_the_dashboard_shows_the_sums_of_the_file(shopkeeper: Program, imported: dict[str, Any]) -> None:
    rows = _rows(last_days=30)
    shown = {
        item["key"]: item["value"] for item in shopkeeper.get("/analytics/dashboard", period="last_30_days")["metrics"]
    }
    spend, revenue = _sum(rows, "spend"), _sum(rows, "revenue")
    assert shown["spend"] == pytest.approx(spend * MICROS)
    assert shown["revenue"] == pytest.approx(revenue * MICROS)
    assert shown["roas"] == pytest.approx(revenue / spend)
    assert shown["conversions"] == _sum(rows, "conversions")


def test_a_query_by_channel_adds_up_to_the_file(shopkeeper: Program, imported: dict[str, Any]) -> None:
    by_channel: dict[str, float] = defaultdict(float)
    for row in _rows(last_days=30):
        by_channel[row["channel"].lower().replace(" ", "_")] += float(row["spend"])
    answer = shopkeeper.post(
        "/analytics/query", {"metrics": ["spend"], "dimensions": ["channel"], "period": "last_30_days"}
    )
    assert {row["channel"]: row["spend"] for row in answer["rows"] if row["spend"]} == {
        name: pytest.approx(amount * MICROS) for name, amount in by_channel.items() if amount
    }


def test_bad_rows_are_named_and_the_corrected_file_completes_the_data(
    shopkeeper: Program, imported: dict[str, Any], http: httpx.Client
) -> None:
    outcome = _upload(shopkeeper, BAD)
    assert (outcome["state"], outcome["rows_rejected"]) == ("done", 3)
    assert sorted(error["row"] for error in outcome["errors"]) == [13, 58, 105]
    assert {error["column"] for error in outcome["errors"]} == {"date", "spend", "channel"}
    rejects = shopkeeper.call("GET", f"/imports/{outcome['id']}/errors.csv")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert len(list(csv.reader(rejects.content.decode("utf-8-sig").splitlines()))) == 4


def test_a_large_file_goes_straight_to_the_storage(shopkeeper: Program, http: httpx.Client) -> None:
    content = GOOD.read_bytes()
    ticket = shopkeeper.post("/imports/presign", {"filename": "by-ticket.csv", "size_bytes": len(content)})
    assert http.request(ticket["method"], ticket["url"], content=content).status_code in {200, 204}
    started = shopkeeper.call("POST", ticket["complete_href"].removeprefix("/api/v1"))
    assert started.status_code == 202, started.text
    assert shopkeeper.until_over(f"/imports/{ticket['id']}")["state"] == "done"


def test_a_file_in_doubt_waits_for_an_answer(make: Callable[..., Person], program: Callable[..., Program]) -> None:
    caller = program(make("Dora Doubt", plan="premium"))
    file = b"date;channel;spend;revenue\n03/04/2026;Email;1,50;2,00\n04/05/2026;Email;2,50;3,00\n"
    started = caller.call("POST", "/imports", files={"file": ("doubt.csv", file, "text/csv")}).json()
    assert started["state"] == "awaiting_confirmation"
    assert [question["topic"] for question in started["recognised"]["questions"]] == ["day_order"]
    caller.post(f"/imports/{started['id']}/confirm", {"day_order": "day_first"})
    finished = caller.until_over(f"/imports/{started['id']}")
    assert (finished["covers_from"], finished["covers_to"]) == ("2026-04-03", "2026-05-04")


@pytest.fixture(scope="module")
def attribution(shopkeeper: Program, imported: dict[str, Any]) -> dict[str, Any]:
    """A finished attribution of the imported data."""
    return _run(shopkeeper, "/attribution/runs", {})


def _run(program: Program, path: str, question: dict[str, Any]) -> dict[str, Any]:
    started = program.post(path, question)
    finished: dict[str, Any] = program.until_over(started["href"].removeprefix("/api/v1"))
    assert finished["state"] == "done", finished["problem"]
    return finished


def test_attribution_explains_the_spend_of_the_file(shopkeeper: Program, attribution: dict[str, Any]) -> None:
    channels = attribution["result"]["document"]["channels"]
    assert sum(channel["spend"] for channel in channels) == pytest.approx(_sum(_rows(last_days=999), "spend"), rel=1e-6)
    for channel in channels:
        assert channel["grade"] in {"reliable", "uncertain", "cannot_tell"}
        assert channel["contribution_low"] < channel["contribution_high"]
        if channel["grade"] == "cannot_tell":
            assert (channel["contribution"], channel["roi_mean"], channel["curve"]) == (None, None, [])
        else:
            assert channel["contribution_low"] <= channel["contribution"] <= channel["contribution_high"]
    assert shopkeeper.get("/attribution/latest")["id"] == attribution["id"]


def test_the_same_question_is_answered_by_the_same_run(shopkeeper: Program, attribution: dict[str, Any]) -> None:
    again = shopkeeper.call("POST", "/attribution/runs", json={})
    assert (again.status_code, again.json()["id"]) == (200, attribution["id"])


def test_a_forecast_comes_with_its_range(shopkeeper: Program, imported: dict[str, Any]) -> None:
    result = _run(shopkeeper, "/forecasts", {"horizon_days": 30})["result"]["document"]
    assert len(result["daily"]) == 30
    assert result["total_low80"] < result["total"] < result["total_high80"]
    assert all(day["low80"] <= day["mean"] <= day["high80"] for day in result["daily"])


def test_a_budget_plan_spends_the_budget_within_its_limits(shopkeeper: Program, attribution: dict[str, Any]) -> None:
    question = {"name": "November", "budget_per_day": 500.0, "maximum": {"Facebook Ads": 150.0}, "locked": ["Email"]}
    plan = _run(shopkeeper, "/budget/optimize", question)["result"]["plan"]
    by_name = {line["channel"]: line for line in plan["allocation"]}
    assert sum(line["recommended_per_day"] for line in plan["allocation"]) == pytest.approx(500.0, abs=0.05)
    assert by_name["Facebook Ads"]["recommended_per_day"] <= 150.0 + 1e-6
    assert by_name["Email"]["recommended_per_day"] == pytest.approx(by_name["Email"]["current_per_day"], abs=0.01)
    assert plan["advice"] in {"move", "hold", "cannot_advise"}

    scenario = {
        "attribution_run_id": attribution["id"],
        "per_day": {name: line["current_per_day"] for name, line in by_name.items()},
    }
    valued = shopkeeper.post("/budget/scenarios", scenario)
    assert valued["expected_uplift_per_day"] == pytest.approx(0.0, abs=1.0)


def test_data_that_cannot_carry_an_answer_are_refused_with_the_reason(
    make: Callable[..., Person], program: Callable[..., Program]
) -> None:
    caller = program(make("Nell New", plan="premium"))
    started = caller.post("/attribution/runs", {})
    refused = caller.until_over(started["href"].removeprefix("/api/v1"))
    assert refused["state"] == "refused"
    assert "no data" in refused["problem"]["detail"]
    assert refused["problem"]["hint"]
