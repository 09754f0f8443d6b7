"""Meta's gaps, units and overlapping counts become what the records mean."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_meta_ads import mapping, wire

from adloom_sdk import Account, BudgetOwner, EntityStatus, Level
from adloom_sdk.errors import BadRequest, SchemaDrift

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROW = {"campaign_id": "7", "date_start": "2026-11-01", "spend": "14.35", "impressions": "185", "clicks": "9"}


def account(currency: str = "USD") -> Account:
    return Account(id="act_1", name="One", currency=currency, timezone="UTC")


def daily(**fields: Any) -> Any:
    return mapping.daily(msgspec.convert(ROW | fields, wire.Insight), account(), Level.CAMPAIGN)


def campaign(**fields: Any) -> Any:
    body = {"id": "7", "status": "ACTIVE", "effective_status": "ACTIVE"} | fields
    return mapping.campaign(msgspec.convert(body, wire.Campaign), account(), NOW)


def test_of_overlapping_purchases_the_widest_is_taken_and_none_are_added() -> None:
    pixel = {"action_type": "offsite_conversion.fb_pixel_purchase", "value": "3"}
    plain, omni = {"action_type": "purchase", "value": "4"}, {"action_type": "omni_purchase", "value": "5"}
    assert daily(actions=[pixel]).conversions == 3
    assert daily(actions=[pixel, plain]).conversions == 4
    assert daily(actions=[pixel, omni, plain]).conversions == 5


def test_without_a_list_of_actions_there_were_none() -> None:
    found = daily()
    assert (found.conversions, found.conversion_value_micros, found.video_views) == (0, 0, 0)
    assert found.reach is None


def test_a_count_without_a_total_is_the_sum_of_its_windows() -> None:
    told = [{"action_type": "purchase", "7d_click": "2", "1d_view": "1"}]
    assert daily(actions=told).conversions == 3


def test_values_are_decimals_of_whole_units_and_exact() -> None:
    found = daily(spend="0.1", action_values=[{"action_type": "omni_purchase", "value": "1234.567"}])
    assert (found.spend_micros, found.conversion_value_micros) == (100_000, 1_234_567_000)
    assert found.day == date(2026, 11, 1)


@pytest.mark.parametrize(
    "row", [{"spend": "-"}, {"impressions": "many"}, {"date_start": "soon"}, {"campaign_id": None}]
)
def test_words_where_numbers_were_due_are_a_change_of_shape(row: dict[str, Any]) -> None:
    with pytest.raises(SchemaDrift):
        daily(**row)


def test_an_active_campaign_whose_time_is_over_has_ended() -> None:
    assert campaign(stop_time="2026-11-20T11:59:00+0000").status is EntityStatus.ENDED
    assert campaign(stop_time="2026-11-20T04:01:00-0800").status is EntityStatus.ACTIVE


def test_a_campaign_says_what_it_is_in_effect() -> None:
    found = campaign(effective_status="WITH_ISSUES")
    assert (found.status, found.raw_status) == (EntityStatus.ACTIVE, "WITH_ISSUES")


@pytest.mark.parametrize(
    ("budgets", "owner"),
    [
        ({"daily_budget": "2500"}, BudgetOwner.CAMPAIGN),
        ({"lifetime_budget": "2500"}, BudgetOwner.CAMPAIGN),
        ({"daily_budget": "0", "lifetime_budget": "0"}, BudgetOwner.AD_GROUPS),
        ({}, BudgetOwner.AD_GROUPS),
    ],
)
def test_who_owns_the_budget_follows_from_where_it_stands(budgets: dict[str, str], owner: BudgetOwner) -> None:
    assert campaign(**budgets).budget_owner is owner


def test_a_budget_finer_than_metas_unit_is_refused_before_it_is_sent() -> None:
    assert mapping.minor_units(12_340_000, account("USD")) == 1234
    assert mapping.minor_units(5_000_000_000, account("HUF")) == 5000
    with pytest.raises(BadRequest, match="whole hundredths"):
        mapping.minor_units(1_234_000, account("BHD"))
    with pytest.raises(BadRequest, match="whole units"):
        mapping.minor_units(500_000, account("JPY"))


@pytest.mark.parametrize(("code", "status"), [(1, "active"), (3, "limited"), (101, "closed"), (4711, "limited")])
def test_account_states_are_told_and_new_ones_do_no_harm(code: int, status: str) -> None:
    one = wire.AdAccount(id="act_1", currency="USD", timezone_name="UTC", account_status=code)
    found = mapping.account(one)
    assert (found.status, found.raw_status) == (status, str(code))


def test_an_account_without_currency_or_zone_says_so() -> None:
    assert mapping.account(wire.AdAccount(id="act_1", account_status=1)).problem


def test_an_account_of_a_zone_that_nobody_knows_says_so() -> None:
    found = mapping.account(wire.AdAccount(id="act_1", account_status=1, currency="USD", timezone_name="Mars/Olympus"))
    assert (found.timezone, bool(found.problem)) == ("UTC", True)


def test_a_row_that_tells_its_currency_is_believed() -> None:
    assert (daily(account_currency="JPY").currency, daily().currency) == ("JPY", "USD")


def test_the_address_of_a_creative_may_stand_in_its_asset_feed() -> None:
    feed = {"link_urls": [{"website_url": "https://shop.example"}], "titles": [{"text": "Title"}]}
    found = mapping.creative(wire.Creative(id="1", asset_feed_spec=feed), account(), NOW)
    assert (found.link_url, found.title) == ("https://shop.example", "Title")


@pytest.mark.parametrize(
    ("paging", "after"),
    [
        ({"next": "https://graph.facebook.com/v26.0/x?access_token=t&after=QVFI", "cursors": {"before": "b"}}, "QVFI"),
        ({"next": "https://graph.facebook.com/v26.0/x?after=A", "cursors": {"after": "B"}}, "B"),
        ({"cursors": {"after": "B"}}, ""),
        (None, ""),
    ],
)
def test_the_next_page_begins_where_the_cursor_or_else_the_link_says(paging: Any, after: str) -> None:
    assert msgspec.convert({"data": [], "paging": paging}, wire.Campaigns).after == after


@pytest.mark.parametrize(
    "page", [wire.AdAccounts, wire.Campaigns, wire.AdSets, wire.Ads, wire.Creatives, wire.Insights]
)
def test_a_reply_without_its_list_is_no_empty_list(page: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"paging": {}}, page)


def test_ids_may_be_numbers() -> None:
    one = msgspec.convert({"id": 9, "campaign_id": 7, "adset_id": 8, "creative": {"id": 6}}, wire.Ad)
    found = mapping.ad(one, account(), NOW)
    assert (found.id, found.campaign_id, found.ad_group_id, found.creative_id) == ("9", "7", "8", "6")
    assert (daily(campaign_id=7).entity_id, daily(campaign_id=7).campaign_id) == ("7", "7")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["spend", "clicks", "reach", "actions"])
def test_what_floats_call_no_number_is_none_here_either(name: str, word: str) -> None:
    told = [{"action_type": "purchase", "value": word}] if name == "actions" else word
    with pytest.raises(SchemaDrift):
        daily(**{name: told})
