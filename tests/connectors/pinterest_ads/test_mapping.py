"""Pinterest's words, units and gaps become records, also in the examples of its own API description."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from adloom_pinterest_ads import mapping, wire

from adloom_sdk import Account, BudgetOwner, EntityStatus, Level
from tests.connectors.pinterest_ads.test_reading import bench

SHARED = Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "connectors"
ACCOUNT = Account(id="549", name="Northwind", currency="EUR", timezone="UTC")


def row(**fields: Any) -> wire.Row:
    return msgspec.convert({"DATE": "2026-11-01", "CAMPAIGN_ID": "1", **fields}, wire.Row)


def test_what_pinterest_does_not_tell_stays_unknown() -> None:
    found = mapping.daily(row(SPEND_IN_MICRO_DOLLAR=1_230_000), ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert (found.spend_micros, found.currency, found.impressions, found.conversions) == (1_230_000, "EUR", None, None)


def test_a_day_without_anything_has_no_record() -> None:
    assert mapping.daily(row(), ACCOUNT, Level.CAMPAIGN, {}) is None
    assert mapping.daily(row(SPEND_IN_MICRO_DOLLAR=None), ACCOUNT, Level.CAMPAIGN, {}) is None


def test_a_day_with_nothing_but_late_checkouts_is_kept() -> None:
    found = mapping.daily(row(TOTAL_CHECKOUT=2), ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert (found.spend_micros, found.conversions) == (0, 2.0)


@pytest.mark.parametrize(
    ("value", "micros"), [(1_230_000, 1_230_000), ("1230000", 1_230_000), (1_230_000.0, 1_230_000)]
)
def test_micros_come_as_numbers_or_text(value: Any, micros: int) -> None:
    found = mapping.daily(row(SPEND_IN_MICRO_DOLLAR=value), ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert found.spend_micros == micros


def test_spend_in_whole_units_is_taken_where_there_are_no_micros() -> None:
    found = mapping.daily(row(SPEND_IN_DOLLAR=30.01), ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert found.spend_micros == 30_010_000


def test_without_budget_optimisation_the_ad_groups_own_the_budget() -> None:
    plain = wire.Campaign(id="1", status="ACTIVE", is_campaign_budget_optimization=False)
    assert mapping.campaign(plain, ACCOUNT).budget_owner is BudgetOwner.AD_GROUPS
    group = wire.AdGroup(id="2", budget_type="LIFETIME", budget_in_micro_currency=7)
    found = mapping.ad_group(group, ACCOUNT)
    assert (found.daily_budget_micros, found.lifetime_budget_micros) == (None, 7)


def test_a_running_campaign_whose_time_is_over_has_ended() -> None:
    assert mapping.status(wire.Campaign(status="ACTIVE", summary_status="COMPLETED")) is EntityStatus.ENDED


def shape(value: Any) -> Any:
    """The keys and the types of a body, as far as they are told."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the yardstick data (ADLOOM_SHARED_DATA) are not here")
def test_the_vendors_examples_are_mapped_and_the_fake_speaks_as_they_do() -> None:
    def body(name: str) -> Any:
        return json.loads((SHARED / "pinterest" / f"{name}_200.json").read_text())["response"]["body"]

    campaign = msgspec.convert(body("get_ad_accounts_ad_account_id_campaigns"), wire.Campaigns).items[0]
    assert mapping.campaign(campaign, ACCOUNT).daily_budget_micros == 1_432_744_744
    group = msgspec.convert(body("get_ad_accounts_ad_account_id_ad_groups"), wire.AdGroups).items[0]
    assert mapping.ad_group(group, ACCOUNT).campaign_id == "626736533506"
    ad = msgspec.convert(body("get_ad_accounts_ad_account_id_ads"), wire.Ads).items[0]
    assert mapping.ad(ad, ACCOUNT).creative_id == "394205773611545468"
    first = msgspec.convert(body("get_ad_accounts_ad_account_id_campaigns_analytics"), list[wire.Row])[0]
    found = mapping.daily(first, ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert (found.spend_micros, found.clicks, found.entity_id) == (30_000_000, 216, "547602124502")

    at = bench()
    account = at.account()
    for name in ("campaigns", "ad_groups", "ads"):
        ours = at.ctx().http.get(f"/{{version}}/ad_accounts/{account.id}/{name}")["items"][0]
        theirs = body(f"get_ad_accounts_ad_account_id_{name}")["items"][0]
        # Where the description gives no example, it shows null or an empty object.
        known = {key for key, value in theirs.items() if value not in (None, {})} & set(ours)
        assert not set(ours) - set(theirs) - {"status", "summary_status"}
        assert {key: shape(ours[key]) for key in known if ours[key]} == {
            key: shape(theirs[key]) for key in known if ours[key]
        }


def test_a_day_with_nothing_but_clicks_is_kept() -> None:
    found = mapping.daily(row(TOTAL_CLICKTHROUGH="216"), ACCOUNT, Level.CAMPAIGN, {})
    assert found is not None
    assert (found.clicks, found.spend_micros) == (216, 0)


def test_budgets_and_times_may_be_text() -> None:
    told = {"id": "1", "status": "ACTIVE", "daily_spend_cap": "25000000", "start_time": "1580865126"}
    found = mapping.campaign(msgspec.convert(told, wire.Campaign), ACCOUNT)
    assert (found.daily_budget_micros, str(found.starts_on)) == (25_000_000, "2020-02-05")


@pytest.mark.parametrize("currency", ["UNK", None])
def test_an_account_without_a_known_currency_says_so(currency: str | None) -> None:
    found = mapping.account(wire.AdAccount(id="1", currency=currency, time_zone="Mars/Olympus"))
    assert (found.currency, found.timezone, bool(found.problem)) == ("", "UTC", True)


@pytest.mark.parametrize("page", [wire.Accounts, wire.Campaigns, wire.AdGroups, wire.Ads])
def test_a_reply_without_its_list_is_no_empty_list(page: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"bookmark": None}, page)


@pytest.mark.parametrize("told", ["soon", 10**25, "Infinity"])
def test_a_time_that_is_none_costs_no_campaign(told: Any) -> None:
    found = mapping.campaign(wire.Campaign(id="1", start_time=told, updated_time=told), ACCOUNT)
    assert (found.starts_on, found.updated_at) == (None, None)
