"""Bodies as Google sends them: the connector maps them, and the fake has their structure. They lie outside the project.

They were recorded with v21; since v23 two fields of campaigns have other names, and times instead of days.
"""

import os
import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from adloom_google_ads import mapping, wire

from adloom_sdk import Account, BudgetOwner, EntityStatus, Level
from adloom_sdk.testing.bench import DEVELOPER_TOKEN
from tests.connectors.google_ads.benches import NOW, bench

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
RECORDED = SHARED / "connectors" / "google_ads"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the recorded bodies (ADLOOM_SHARED_DATA) are not here"),
]
OF = Account(id="1781900691", name="", currency="USD", timezone="America/New_York")
RENAMED = {"start_date": "start_date_time", "end_date": "end_date_time"}
RENAMED |= {"startDate": "startDateTime", "endDate": "endDateTime"}
STREAMS = ("campaigns", "ad-groups", "campaign_day_metrics", "search-stream-google-ads", "search-google-ads")


def recorded(name: str) -> dict[str, Any]:
    content = (RECORDED / f"{name}.json").read_text()
    for old, new in RENAMED.items():
        content = re.sub(rf"\b{old}\b", new, content)
    found: dict[str, Any] = msgspec.json.decode(content)
    return found


def rows(name: str) -> list[wire.Row]:
    chunks = msgspec.convert(recorded(name)["response"]["body"], list[wire.Chunk])
    return [row for chunk in chunks for row in chunk.results or ()]


def test_recorded_entities_are_mapped() -> None:
    campaign = mapping.campaign(rows("campaigns")[0], OF, NOW)
    assert (campaign.status, campaign.kind) == (EntityStatus.PAUSED, "SEARCH")
    assert (campaign.daily_budget_micros, campaign.ends_on) == (600_000, None)
    groups = [mapping.ad_group(row, OF, NOW) for row in rows("ad-groups")]
    assert [one.status for one in groups].count(EntityStatus.REMOVED) == 2
    assert groups[0].campaign_id == "24027360183"
    budgets = [row.campaign_budget for row in rows("campaign-budgets")]
    assert all(money is not None and mapping.is_shared(money) for money in budgets)
    shared = mapping.campaign(wire.Row(campaign=wire.Campaign(id="1"), campaign_budget=budgets[0]), OF, NOW)
    assert shared.budget_owner is BudgetOwner.SHARED


def test_a_recorded_day_is_mapped() -> None:
    day = mapping.daily(rows("campaign_day_metrics")[0], OF, Level.CAMPAIGN)
    assert (day.spend_micros, day.impressions, day.clicks) == (1_000_000, 100, 7)
    assert (day.conversions, day.conversion_value_micros) == (2.5, 75_000_000)


@pytest.mark.parametrize("name", STREAMS)
def test_the_fake_answers_recorded_queries_with_the_recorded_structure(name: str) -> None:
    real = recorded(name)
    made = asked("POST", real["request"]["path"], for_this_year(real["request"]["body"]))
    assert not differences(real["response"]["body"], made)


@pytest.mark.parametrize("name", ["update-campaign-budget", "update-campaign"])
def test_the_fake_answers_recorded_changes_with_the_recorded_structure(name: str) -> None:
    real = recorded(name)
    operation = real["request"]["body"]["operations"][0]
    if operation["updateMask"] == "name":  # renaming is not played
        operation |= {"updateMask": "status", "update": operation["update"] | {"status": "PAUSED"}}
    made = asked("POST", real["request"]["path"], real["request"]["body"])
    assert not differences(real["response"]["body"], made)


def test_the_fake_lists_customers_with_the_recorded_structure() -> None:
    real = recorded("list-accessible-customers")
    assert not differences(real["response"]["body"], asked("GET", real["request"]["path"], None))


def for_this_year(body: dict[str, str]) -> dict[str, str]:
    """The recorded query, on days and campaigns that the made-up advertiser has."""
    query = re.sub(r"'20\d\d-\d\d-\d\d'", "'2026-11-01'", body["query"])
    return {"query": re.sub(r" WHERE campaign\.id = \d+", "", query)}


def asked(method: str, path: str, body: Any) -> Any:
    """What the fake answers to a recorded call, on an account and a campaign of its own."""
    at = bench()
    own = at.fake.world.accounts[0]
    campaign = at.fake.world.campaigns(own)[0]
    path = re.sub(r"customers/\d+", f"customers/90000{own.id}", path.replace("/v21/", "/v26/"))
    text = msgspec.json.encode(body).decode().replace("1781900691", f"90000{own.id}")
    text = text.replace("campaignBudgets/15717542877", f"campaignBudgets/7{campaign.id}").replace(
        "24027360183", campaign.id
    )
    headers = {"authorization": f"Bearer {at.token().access_token}", "developer-token": DEVELOPER_TOKEN}
    with httpx.Client(transport=at.fake.transport()) as http:
        reply = http.request(method, f"http://googleads.googleapis.com{path}", content=text, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def differences(real: Any, made: Any, at: str = "") -> list[str]:
    """Where the made body lacks a key of the real one, or has another type there."""
    if type(real) is not type(made):
        return [f"{at}: {type(made).__name__} instead of {type(real).__name__}"]
    if isinstance(real, dict):
        lacking = [f"{at}.{key} is missing" for key in real.keys() - made.keys()]
        return lacking + [
            one for key in real.keys() & made.keys() for one in differences(real[key], made[key], f"{at}.{key}")
        ]
    if isinstance(real, list) and real:
        if not made:
            return [f"{at} is empty"]
        return min((differences(real[0], one, f"{at}[]") for one in made), key=len)
    return []
