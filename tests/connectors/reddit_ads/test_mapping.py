"""Reddit's words, units and gaps become records, also in the public records of its replies."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from adloom_reddit_ads import mapping, wire

from adloom_sdk import Account, AccountStatus, BudgetOwner, EntityStatus, Level
from adloom_sdk.errors import SchemaDrift
from tests.connectors.reddit_ads.test_reading import bench

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "connectors"
ACCOUNT = Account(id="a2_1", name="Northwind", currency="EUR", timezone="Europe/Berlin")


def row(**fields: Any) -> wire.Row:
    return msgspec.convert({"date": "2026-11-01", "campaign_id": "1", **fields}, wire.Row)


def test_what_reddit_does_not_tell_stays_unknown() -> None:
    found = mapping.daily(row(spend=1_230_000), ACCOUNT, Level.CAMPAIGN)
    assert (found.spend_micros, found.impressions, found.conversions, found.reach) == (1_230_000, None, None, None)


def test_purchases_after_clicks_and_views_are_added_up() -> None:
    found = mapping.daily(row(conversion_purchase_clicks=2, conversion_purchase_views=1), ACCOUNT, Level.CAMPAIGN)
    assert found.conversions == 3.0


@pytest.mark.parametrize(("currency", "micros"), [("EUR", 12_340_000), ("JPY", 1_234_000_000), ("KWD", 1_234_000)])
def test_the_value_of_purchases_comes_in_minor_units(currency: str, micros: int) -> None:
    of = msgspec.structs.replace(ACCOUNT, currency=currency)
    found = mapping.daily(row(conversion_purchase_total_value=1234), of, Level.CAMPAIGN)
    assert found.conversion_value_micros == micros


def test_a_row_without_entity_or_day_is_not_guessed() -> None:
    with pytest.raises(SchemaDrift):
        mapping.daily(row(), ACCOUNT, Level.AD)
    with pytest.raises(SchemaDrift):
        mapping.day_of(wire.Row(date="-"))


def test_a_budget_for_life_is_not_one_per_day() -> None:
    found = mapping.campaign(wire.Campaign(id="1", goal_type="LIFETIME_SPEND", goal_value=7), ACCOUNT)
    assert (found.daily_budget_micros, found.lifetime_budget_micros) == (None, 7)


def test_ad_groups_own_the_budget_where_reddit_does_not_spread_it() -> None:
    plain = wire.Campaign(id="1", is_campaign_budget_optimization=False)
    assert mapping.campaign(plain, ACCOUNT).budget_owner is BudgetOwner.AD_GROUPS


def test_an_active_campaign_that_is_complete_has_ended() -> None:
    one = wire.Campaign(configured_status="ACTIVE", effective_status="COMPLETED")
    assert mapping.status(one) is EntityStatus.ENDED


def test_states_and_zones_of_accounts_are_told_in_sentences() -> None:
    unpaid = wire.AdAccount(id="a2_1", time_zone_id="GMT", status="FAILED_BILLING")
    assert mapping.account(unpaid, wire.Business()).status is AccountStatus.LIMITED
    odd = mapping.account(wire.AdAccount(id="a2_1", time_zone_id="Mars/Base"), wire.Business())
    assert (odd.timezone, bool(odd.problem)) == ("UTC", True)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")
def test_public_records_are_mapped_and_the_fake_speaks_as_they_do() -> None:
    def recorded(name: str) -> Any:
        return json.loads((SHARED / "reddit" / f"{name}.json").read_text())

    report = recorded("report")
    first = msgspec.convert(report["response"]["body"]["data"]["metrics"][0], wire.Row)
    found = mapping.daily(first, ACCOUNT, Level.CAMPAIGN)
    assert (found.entity_id, found.spend_micros, found.clicks) == ("c1", 5_000_000, 1)
    theirs = recorded("campaigns")["response"]["body"]
    campaign = mapping.campaign(msgspec.convert(theirs["data"][0], wire.Campaign), ACCOUNT)
    assert (campaign.daily_budget_micros, campaign.status) == (5_000_000, EntityStatus.ACTIVE)

    at = bench()
    path = f"/api/{{version}}/ad_accounts/{at.account().id}"
    ours = at.ctx().http.get(f"{path}/campaigns")
    assert set(theirs) == set(ours)
    assert {key: type(value) for key, value in theirs["data"][0].items()} == {
        key: type(ours["data"][0][key]) for key in theirs["data"][0]
    }
    rows = at.ctx().http.post(f"{path}/reports", json=report["request"]["body"])["data"]["metrics"]
    assert {key: type(value) for key, value in rows[0].items()} == {
        key: type(value) for key, value in report["response"]["body"]["data"]["metrics"][0].items()
    }
