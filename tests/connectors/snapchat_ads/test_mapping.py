"""Snapchat's values as they come: micros, times with offsets, deleted marks; and the bodies that were recorded."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_snapchat_ads import mapping, wire
from adloom_snapchat_ads.refusals import error_of

from adloom_sdk import Account, AccountStatus, BudgetOwner, EntityStatus, Finality, Level
from adloom_sdk.errors import AuthExpired, SchemaDrift
from adloom_sdk.testing.bench import Bench
from tests.connectors import recorded

ACCOUNT = Account(id="7", name="Shop", currency="USD", timezone="America/Los_Angeles")


def daily(stats: dict[str, Any], start: str = "2024-01-15T00:00:00.000-0800", **report: Any) -> Any:
    span = wire.Span(
        start_time=start, end_time="2024-01-16T00:00:00.000-0800", stats=msgspec.convert(stats, wire.Stats)
    )
    told = wire.AccountSeries(**report)
    return mapping.daily(span, ACCOUNT, Level.AD, entity_id="a", campaign_id="c", report=told)


def test_money_is_in_micros_already_and_what_is_not_told_is_not_zero() -> None:
    record = daily({"spend": 5_000_001, "swipes": 0, "conversion_purchases_value": "12340000"})
    assert (record.spend_micros, record.clicks, record.conversion_value_micros) == (5_000_001, 0, 12_340_000)
    assert (record.impressions, record.conversions, record.video_views) == (None, None, None)


@pytest.mark.parametrize(
    "start",
    [
        "2024-01-15T00:00:00.000-0800",
        "2024-01-15T00:00:00.000-08:00",
        "2024-01-15T08:00:00.000Z",
        "2024-01-15T08:00:00",
    ],
)
def test_a_day_is_the_accounts_however_its_beginning_is_written(start: str) -> None:
    assert daily({}, start).day == date(2024, 1, 15)


@pytest.mark.parametrize(
    ("finalized", "processed", "expected"),
    [
        (None, None, None),
        ("2024-01-15T00:00:00.000-0800", "2024-03-01T00:00:00.000-0800", Finality.PROVISIONAL),
        ("2024-01-16T00:00:00.000-0800", None, Finality.SETTLING),
        ("2024-01-16T00:00:00.000-0800", "2024-02-12T23:00:00.000-0800", Finality.SETTLING),
        ("2024-01-16T00:00:00.000-0800", "2024-02-13T00:00:00.000-0800", Finality.FINAL),
    ],
)
def test_a_day_is_final_when_the_window_after_its_swipes_is_processed(
    finalized: str | None, processed: str | None, expected: Finality | None
) -> None:
    record = daily({}, finalized_data_end_time=finalized, conversion_data_processed_end_time=processed)
    assert record.finality is expected


@pytest.mark.parametrize("broken", [{"start": "soon"}, {"stats": {"spend": "a lot"}}])
def test_a_day_that_cannot_be_understood_is_a_change_of_shape(broken: dict[str, Any]) -> None:
    with pytest.raises(SchemaDrift):
        daily(broken.get("stats", {}), broken.get("start", "2024-01-15T00:00:00.000-0800"))


@pytest.mark.parametrize(
    ("told", "is_deleted", "expected", "raw"),
    [
        ("ACTIVE", None, EntityStatus.ACTIVE, "ACTIVE"),
        ("PAUSED", False, EntityStatus.PAUSED, "PAUSED"),
        ("ACTIVE", True, EntityStatus.REMOVED, "DELETED"),
        ("BRAND_NEW", False, EntityStatus.OTHER, "BRAND_NEW"),
        (None, False, EntityStatus.OTHER, ""),
    ],
)
def test_statuses(told: str | None, is_deleted: bool | None, expected: EntityStatus, raw: str) -> None:
    found = mapping.campaign(wire.Campaign(id="1", status=told, deleted=is_deleted), ACCOUNT)
    assert (found.status, found.raw_status) == (expected, raw)


@pytest.mark.parametrize(
    ("told", "expected", "has_problem"),
    [
        ("ACTIVE", AccountStatus.ACTIVE, False),
        ("PENDING", AccountStatus.LIMITED, False),
        ("DISABLED", AccountStatus.DISABLED, True),
        ("CLOSED", AccountStatus.CLOSED, True),
    ],
)
def test_account_statuses(told: str, expected: AccountStatus, has_problem: bool) -> None:
    found = mapping.account(wire.AdAccount(id="1", status=told, timezone="UTC"), "o")
    assert (found.status, bool(found.problem), found.parent_id) == (expected, has_problem, "o")


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus"])
def test_an_account_without_a_known_zone_says_that_its_days_are_not_known(zone: str | None) -> None:
    found = mapping.account(wire.AdAccount(id="1", status="ACTIVE", timezone=zone), "o")
    assert found.timezone == "UTC"
    assert "time zone" in found.problem


def test_a_lifetime_budget_is_the_campaigns_own() -> None:
    found = mapping.campaign(wire.Campaign(id="1", lifetime_spend_cap_micro=9_000_000), ACCOUNT)
    assert (found.daily_budget_micros, found.lifetime_budget_micros) == (None, 9_000_000)
    assert found.budget_owner is BudgetOwner.CAMPAIGN


@pytest.mark.shared
@recorded.needs_recordings
def test_recorded_bodies_become_records() -> None:
    def values(name: str, listed: Any) -> list[Any]:
        return [one.value for one in msgspec.convert(recorded.body("snapchat", name), listed).items]

    organization = values("organizations", wire.ORGANIZATIONS)[0]
    account = mapping.account(values("adaccounts", wire.AD_ACCOUNTS)[0], organization.id)
    assert (account.parent_id, account.timezone) == (organization.id, "America/Los_Angeles")
    campaigns = [mapping.campaign(one, account) for one in values("campaigns", wire.CAMPAIGNS)]
    assert [(one.status, one.daily_budget_micros) for one in campaigns] == [
        (EntityStatus.ACTIVE, 200_000_000),
        (EntityStatus.PAUSED, None),
    ]
    assert (campaigns[0].starts_on, campaigns[0].ends_on) == (date(2016, 8, 10), date(2016, 8, 13))
    assert campaigns[0].updated_at == datetime(2016, 8, 12, 20, 28, 58, 738_000, tzinfo=UTC)
    squad = mapping.ad_group(values("adsquads", wire.AD_SQUADS)[0], account)
    assert (squad.campaign_id, squad.daily_budget_micros) == ("test_campaign_789", 50_000_000)
    series = recorded.body("snapchat", "stats_timeseries_hour")["timeseries_stats"][0]["timeseries_stat"]
    span = msgspec.convert(series["timeseries"][0], wire.Span)
    day = mapping.daily(
        span,
        account,
        Level.CAMPAIGN,
        entity_id="1",
        campaign_id="1",
        report=msgspec.convert(series, wire.AccountSeries),
    )
    assert (day.day, day.spend_micros, day.clicks, day.finality) == (date(2024, 1, 15), 5_000_000, 50, None)
    assert isinstance(error_of(recorded.reply("snapchat", "error_401")), AuthExpired)


@pytest.mark.shared
@recorded.needs_recordings
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("organizations", "me/organizations"),
        ("adaccounts", "organizations/{organization}/adaccounts"),
        ("campaigns", "adaccounts/{account}/campaigns"),
    ],
)
def test_what_the_fake_sends_has_the_shape_of_what_was_recorded(bench: Bench, name: str, path: str) -> None:
    account = bench.account()
    shown = path.replace("{account}", account.id).replace("{organization}", account.parent_id or "")
    played = bench.ctx().http.get(f"/{{version}}/{shown}", params={"read_deleted_entities": "true"})
    body = recorded.body("snapchat", name)
    # A campaign has an end only where one was set; the fake's deleted one has it.
    allowed = {".campaigns[].campaign.end_time is missing"}
    assert set(recorded.differences(body, played)) <= allowed


@pytest.mark.shared
@recorded.needs_recordings
def test_the_fakes_ad_squads_and_days_have_the_shape_of_what_was_recorded(bench: Bench) -> None:
    account, ctx = bench.account(), bench.ctx()
    squads = ctx.http.get(f"/{{version}}/adaccounts/{account.id}/adsquads")
    # The budget lies with the campaign.
    allowed = {".adsquads[].adsquad.daily_budget_micro is missing"}
    assert set(recorded.differences(recorded.body("snapchat", "adsquads"), squads)) <= allowed
    params = {
        "breakdown": "campaign",
        "granularity": "DAY",
        "fields": "impressions,swipes,spend,video_views,android_installs,ios_installs,total_installs",
        "start_time": "2026-11-17T00:00:00.000-05:00",
        "end_time": "2026-11-18T00:00:00.000-05:00",
    }
    report = ctx.http.get(f"/{{version}}/adaccounts/{account.id}/stats", params=params)
    # Broken down, the same days lie one level further in.
    inner = report["timeseries_stats"][0]["timeseries_stat"]
    inner["timeseries"] = inner["breakdown_stats"]["campaign"][0]["timeseries"]
    assert list(recorded.differences(recorded.body("snapchat", "stats_timeseries_hour"), report)) == []


@pytest.mark.parametrize(("first", "second"), [("T07:00:00.000Z", "T08:00:00.000Z")])
def test_hours_in_utc_belong_to_the_accounts_days(first: str, second: str) -> None:
    hours = [
        wire.Span(start_time=f"2024-01-15{start}", end_time=f"2024-01-15{second}", stats=wire.Stats(spend=1))
        for start in (first, second)
    ]
    days = mapping.whole_days(hours, ACCOUNT)
    report = wire.AccountSeries()
    found = [mapping.daily(one, ACCOUNT, Level.CAMPAIGN, entity_id="c", campaign_id="c", report=report) for one in days]
    assert [(one.day, one.spend_micros) for one in found] == [(date(2024, 1, 14), 1), (date(2024, 1, 15), 1)]


def test_what_a_squad_an_ad_or_a_day_does_not_tell_is_left_open() -> None:
    squad = mapping.ad_group(msgspec.convert({"id": "1"}, wire.AdSquad), ACCOUNT)
    ad = mapping.ad(msgspec.convert({"id": "2", "ad_squad_id": None}, wire.Ad), ACCOUNT, "")
    assert (squad.campaign_id, ad.ad_group_id) == ("", "")
    span = msgspec.convert(
        {"start_time": "2024-01-15T08:00:00Z", "end_time": "2024-01-16T08:00:00Z", "stats": None}, wire.Span
    )
    day = mapping.daily(span, ACCOUNT, Level.AD, entity_id="a", campaign_id="", report=wire.AccountSeries())
    assert (day.spend_micros, day.impressions) == (0, None)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["spend", "swipes", "conversion_purchases"])
def test_what_floats_call_no_number_is_none_here_either(name: str, word: str) -> None:
    with pytest.raises(SchemaDrift):
        daily({name: word})


def test_a_time_that_is_none_costs_no_campaign() -> None:
    found = mapping.campaign(wire.Campaign(id="1", start_time="soon", updated_at="?"), ACCOUNT)
    assert (found.starts_on, found.updated_at) == (None, None)
