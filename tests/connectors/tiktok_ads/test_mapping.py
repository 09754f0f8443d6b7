"""TikTok's values as they come: text, whole, broken, null and "-"; and the bodies that were recorded."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_tiktok_ads import mapping, wire
from adloom_tiktok_ads.refusals import error_of

from adloom_sdk import Account, AccountStatus, BudgetOwner, EntityStatus, Level
from adloom_sdk.errors import AuthRevoked, SchemaDrift
from adloom_sdk.testing.bench import Bench
from tests.connectors import recorded

ACCOUNT = Account(id="7", name="Shop", currency="USD", timezone="UTC")


def daily(metrics: dict[str, Any], level: Level = Level.CAMPAIGN, **dimensions: Any) -> Any:
    told = dimensions or {"campaign_id": "1"}
    row = msgspec.convert(
        {"dimensions": {"stat_time_day": "2026-03-01 00:00:00", **told}, "metrics": metrics}, wire.ReportRow
    )
    return mapping.daily(row, ACCOUNT, level)


@pytest.mark.parametrize("missing", ["-", "--", "", None])
def test_what_is_not_told_is_not_zero(missing: str | None) -> None:
    record = daily({"spend": "1.50", "clicks": missing, "conversion": missing, "total_complete_payment_rate": missing})
    assert (record.clicks, record.conversions, record.conversion_value_micros) == (None, None, None)
    assert record.impressions is None


def test_numbers_come_as_text_whole_or_broken() -> None:
    record = daily({"spend": 1265.87, "impressions": 3840449, "clicks": "45,231", "conversion": "14.5"})
    assert (record.spend_micros, record.impressions, record.clicks) == (1_265_870_000, 3_840_449, 45_231)
    assert record.conversions == 14.5


def test_purchases_go_before_the_optimised_event() -> None:
    assert daily({"spend": "1", "conversion": "9", "complete_payment": "3"}).conversions == 3
    assert daily({"spend": "1", "conversion": "9", "complete_payment": "-"}).conversions == 9


def test_ids_beyond_what_a_float_holds_stay_exact() -> None:
    row = daily({"spend": "1", "campaign_id": 1866248504518946}, Level.AD, ad_id=7644143197428744199)
    assert (row.entity_id, row.campaign_id) == ("7644143197428744199", "1866248504518946")


@pytest.mark.parametrize("metrics", [{"spend": "a lot"}, {"spend": "1", "clicks": "many"}])
def test_a_number_that_is_none_is_a_change_of_shape(metrics: dict[str, str]) -> None:
    with pytest.raises(SchemaDrift):
        daily(metrics)


@pytest.mark.parametrize("broken", [{"stat_time_day": "yesterday"}, {"campaign_id": None}])
def test_a_row_without_its_day_or_id_is_a_change_of_shape(broken: dict[str, Any]) -> None:
    with pytest.raises(SchemaDrift):
        daily({"spend": "1"}, **({"campaign_id": "1"} | broken))


@pytest.mark.parametrize(
    ("operation", "secondary", "expected"),
    [
        ("ENABLE", "CAMPAIGN_STATUS_ENABLE", EntityStatus.ACTIVE),
        ("ENABLE", "CAMPAIGN_STATUS_BUDGET_EXCEED", EntityStatus.ACTIVE),
        ("DISABLE", "CAMPAIGN_STATUS_DISABLE", EntityStatus.PAUSED),
        ("ENABLE", "ADGROUP_STATUS_TIME_DONE", EntityStatus.ENDED),
        ("DISABLE", "CAMPAIGN_STATUS_DELETE", EntityStatus.REMOVED),
        ("ENABLE", None, EntityStatus.ACTIVE),
        ("FROZEN", None, EntityStatus.ENDED),
        (None, None, EntityStatus.OTHER),
    ],
)
def test_statuses(operation: str | None, secondary: str | None, expected: EntityStatus) -> None:
    row = wire.Campaign(campaign_id="1", operation_status=operation, secondary_status=secondary)
    assert mapping.campaign(row, ACCOUNT).status is expected


@pytest.mark.parametrize(
    ("mode", "daily_micros", "lifetime_micros", "owner"),
    [
        ("BUDGET_MODE_DAY", 50_000_000, None, BudgetOwner.CAMPAIGN),
        ("BUDGET_MODE_DYNAMIC_DAILY_BUDGET", 50_000_000, None, BudgetOwner.CAMPAIGN),
        ("BUDGET_MODE_TOTAL", None, 50_000_000, BudgetOwner.CAMPAIGN),
        ("BUDGET_MODE_INFINITE", None, None, BudgetOwner.AD_GROUPS),
    ],
)
def test_budgets_by_mode(mode: str, daily_micros: int | None, lifetime_micros: int | None, owner: BudgetOwner) -> None:
    found = mapping.campaign(wire.Campaign(campaign_id="1", budget=50, budget_mode=mode), ACCOUNT)
    assert (found.daily_budget_micros, found.lifetime_budget_micros) == (daily_micros, lifetime_micros)
    assert found.budget_owner is owner


def test_an_account_in_an_unknown_zone_counts_in_utc() -> None:
    assert mapping.account(wire.Advertiser(advertiser_id="1", timezone="Mars/Olympus")).timezone == "UTC"


@pytest.mark.shared
@recorded.needs_recordings
def test_recorded_bodies_become_records() -> None:
    def page(name: str, item: Any) -> list[Any]:
        return msgspec.convert(recorded.body("tiktok", name), wire.Listed[item]).data.items

    account = mapping.account(page("advertisers", wire.Advertiser)[0])
    assert (account.id, account.currency, account.status) == ("7644143197428744199", "USD", AccountStatus.LIMITED)
    assert account.timezone == "Pacific/Apia"
    campaigns = [mapping.campaign(one, account) for one in page("list-campaigns", wire.Campaign)]
    assert [one.lifetime_budget_micros for one in campaigns] == [100_000_000, None]
    assert [one.daily_budget_micros for one in campaigns] == [None, 100_000_000]
    assert campaigns[0].updated_at == datetime(2026, 5, 26, 10, 58, 23, tzinfo=UTC)
    group = mapping.ad_group(page("get-ad-group", wire.AdGroup)[0], account)
    assert (group.campaign_id, group.daily_budget_micros) == ("1866249031553154", 50_000_000)
    day = mapping.daily(page("report_integrated_campaign_day", wire.ReportRow)[0], account, Level.CAMPAIGN)
    assert (day.day, day.spend_micros, day.conversions) == (date(2024, 1, 15), 1_265_870_000, 14.0)
    assert isinstance(error_of(recorded.reply("tiktok", "error_40105_bad_token")), AuthRevoked)


@pytest.mark.shared
@recorded.needs_recordings
@pytest.mark.parametrize(
    ("name", "path", "params"),
    [
        ("advertisers", "advertiser/info/", {"advertiser_ids": '["{account}"]'}),
        ("list-campaigns", "campaign/get/", {"advertiser_id": "{account}"}),
        ("get-campaign", "campaign/get/", {"advertiser_id": "{account}"}),
        ("get-ad-group", "adgroup/get/", {"advertiser_id": "{account}"}),
        (
            "report_integrated_campaign_day",
            "report/integrated/get/",
            {
                "advertiser_id": "{account}",
                "report_type": "BASIC",
                "data_level": "AUCTION_CAMPAIGN",
                "dimensions": '["campaign_id","stat_time_day"]',
                "metrics": '["spend","impressions","clicks","conversion","cpc","cpm","ctr"]',
                "start_date": "2026-11-18",
                "end_date": "2026-11-18",
            },
        ),
    ],
)
def test_what_the_fake_sends_has_the_shape_of_what_was_recorded(
    bench: Bench, name: str, path: str, params: dict[str, str]
) -> None:
    account_id = bench.account().id
    asked = {key: value.replace("{account}", account_id) for key, value in params.items()}
    played = bench.ctx().http.get(f"/open_api/{{version}}/{path}", params=asked)
    # The key came and went between two recordings of the same list.
    allowed = {".data.list[].sales_destination is missing"}
    assert set(recorded.differences(recorded.body("tiktok", name), played)) <= allowed


def test_a_reply_without_its_list_is_no_empty_list() -> None:
    for body in ({}, {"data": {}}, {"data": {"page_info": {"page": 1}}}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body, wire.Listed[wire.Campaign])
    assert msgspec.convert({"data": {"list": None}}, wire.Listed[wire.Campaign]).data.items is None


def test_an_ad_that_does_not_tell_where_it_belongs_is_kept() -> None:
    told = {"ad_id": 1, "adgroup_id": None, "campaign_id": None, "modify_time": None}
    found = mapping.ad(msgspec.convert(told, wire.Ad), ACCOUNT)
    assert (found.id, found.campaign_id, found.ad_group_id, found.updated_at) == ("1", "", "", None)
    row = msgspec.convert(
        {"dimensions": {"campaign_id": "1", "stat_time_day": "2026-03-01"}, "metrics": None}, wire.ReportRow
    )
    assert mapping.daily(row, ACCOUNT, Level.CAMPAIGN).impressions is None


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["spend", "clicks", "conversion", "total_complete_payment_rate"])
def test_what_floats_call_no_number_is_none_here_either(name: str, word: str) -> None:
    with pytest.raises(SchemaDrift):
        daily({"spend": "1", name: word})
