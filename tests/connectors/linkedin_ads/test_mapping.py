"""LinkedIn's values as they come: dust, missing fields, URNs; and the bodies that were recorded."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_linkedin_ads import mapping, wire
from adloom_linkedin_ads.refusals import error_of

from adloom_sdk import Account, AccountStatus, BudgetOwner, EntityStatus, Level
from adloom_sdk.errors import AuthExpired, SchemaDrift, VersionSunset
from adloom_sdk.testing.bench import Bench
from tests.connectors import recorded

ACCOUNT = Account(id="7", name="Shop", currency="USD", timezone="UTC")
CAMPAIGN = "urn:li:sponsoredCampaign:1"
HEADERS = {"LinkedIn-Version": "{version}", "X-Restli-Protocol-Version": "2.0.0"}


def row(*pivots: str, day: int = 1, **told: Any) -> wire.ReportRow:
    when = {"start": {"year": 2026, "month": 3, "day": day}}
    return msgspec.convert({"dateRange": when, "pivotValues": pivots or (CAMPAIGN,), **told}, wire.ReportRow)


@pytest.mark.parametrize(
    ("told", "micros"),
    [
        ("99.99999999999996", 100_000_000),
        ("-2e-18", 0),
        ("-2E-18", 0),
        ("0.0000004", 0),
        ("0.0000009", 0),
        ("0.000001", 1),
        ("-0.0000009", 0),
        ("12.345678", 12_345_678),
        (12.5, 12_500_000),
        (7, 7_000_000),
    ],
)
def test_binary_dust_does_not_reach_the_micros(told: str | float, micros: int) -> None:
    assert mapping.daily(row(costInLocalCurrency=told), ACCOUNT, Level.CAMPAIGN).spend_micros == micros


def test_what_is_not_told_is_not_zero() -> None:
    record = mapping.daily(row(costInLocalCurrency="1", clicks=0), ACCOUNT, Level.CAMPAIGN)
    assert (record.clicks, record.impressions, record.conversions) == (0, None, None)
    assert record.extras == {}


def test_dollars_stand_in_only_where_the_account_counts_in_them() -> None:
    euros = Account(id="7", name="Shop", currency="EUR", timezone="UTC")
    assert mapping.daily(row(costInUsd="209.449"), ACCOUNT, Level.CAMPAIGN).spend_micros == 209_449_000
    assert mapping.daily(row(costInUsd="209.449"), euros, Level.CAMPAIGN).spend_micros == 0


def test_rows_that_only_one_of_two_reports_has_are_kept() -> None:
    first = [row(clicks=1), row(day=2, clicks=2)]
    second = [row(day=2, costInLocalCurrency="5"), row(day=3, costInLocalCurrency="6")]
    found = [mapping.daily(one, ACCOUNT, Level.CAMPAIGN) for one in mapping.joined([first, second])]
    assert [(one.day.day, one.clicks, one.spend_micros) for one in found] == [
        (1, 1, 0),
        (2, 2, 5_000_000),
        (3, None, 6_000_000),
    ]


def test_an_ads_day_finds_its_campaign_in_whichever_order_the_pivots_come() -> None:
    for pivots in ((CAMPAIGN, "urn:li:sponsoredCreative:9"), ("urn:li:sponsoredCreative:9", CAMPAIGN)):
        record = mapping.daily(row(*pivots), ACCOUNT, Level.AD)
        assert (record.entity_id, record.campaign_id) == ("9", "1")


@pytest.mark.parametrize(
    "broken",
    [row("urn:li:sponsoredAccount:1"), row(costInLocalCurrency="a lot"), row(clicks="many"), row(day=31 + 1)],
)
def test_a_row_that_cannot_be_understood_is_a_change_of_shape(broken: wire.ReportRow) -> None:
    with pytest.raises(SchemaDrift):
        mapping.daily(broken, ACCOUNT, Level.CAMPAIGN)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("ACTIVE", EntityStatus.ACTIVE),
        ("PAUSED", EntityStatus.PAUSED),
        ("DRAFT", EntityStatus.OTHER),
        ("ARCHIVED", EntityStatus.ENDED),
        ("COMPLETED", EntityStatus.ENDED),
        ("CANCELED", EntityStatus.ENDED),
        ("PENDING_DELETION", EntityStatus.REMOVED),
        ("REMOVED", EntityStatus.REMOVED),
        ("BRAND_NEW", EntityStatus.OTHER),
        (None, EntityStatus.OTHER),
    ],
)
def test_statuses(told: str | None, expected: EntityStatus) -> None:
    found = mapping.campaign(wire.Campaign(id=1, status=told), ACCOUNT)
    assert (found.status, found.raw_status) == (expected, told or "")


@pytest.mark.parametrize(
    ("status", "serving", "expected", "has_problem"),
    [
        ("ACTIVE", ["RUNNABLE"], AccountStatus.ACTIVE, False),
        ("ACTIVE", None, AccountStatus.ACTIVE, False),
        ("ACTIVE", ["BILLING_HOLD"], AccountStatus.LIMITED, False),
        ("DRAFT", ["STOPPED"], AccountStatus.LIMITED, False),
        ("ACTIVE", ["RESTRICTED_HOLD"], AccountStatus.DISABLED, True),
        ("CANCELED", ["STOPPED"], AccountStatus.CLOSED, True),
    ],
)
def test_account_statuses(status: str, serving: list[str] | None, expected: AccountStatus, has_problem: bool) -> None:
    found = mapping.account(wire.Account(id=1, status=status, serving_statuses=serving))
    assert (found.status, bool(found.problem)) == (expected, has_problem)


def test_a_lifetime_budget_is_the_campaigns_own() -> None:
    found = mapping.campaign(wire.Campaign(id=1, total_budget=wire.Money(amount="500")), ACCOUNT)
    assert (found.lifetime_budget_micros, found.budget_owner) == (500_000_000, BudgetOwner.CAMPAIGN)


@pytest.mark.shared
@recorded.needs_recordings
def test_recorded_bodies_become_records() -> None:
    def elements(name: str, item: Any) -> list[Any]:
        return msgspec.convert(recorded.body("linkedin", name), wire.Listed[item]).elements

    account = mapping.account(elements("ad_accounts", wire.Account)[0])
    assert (account.id, account.currency, account.status) == ("508720451", "USD", AccountStatus.ACTIVE)
    campaign = mapping.campaign(elements("ad_campaigns", wire.Campaign)[0], account)
    assert (campaign.id, campaign.parent_id, campaign.daily_budget_micros) == ("145282384", "603030884", 18_000_000)
    assert campaign.starts_on == date(2026, 1, 1)
    assert campaign.updated_at == datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    days = [
        mapping.daily(one, account, Level.CAMPAIGN) for one in elements("ad_analytics_campaign_day", wire.ReportRow)
    ]
    assert [(one.entity_id, one.day, one.spend_micros, one.clicks) for one in days] == [
        ("1111", date(2023, 1, 2), 209_449_000, 100),
        ("1111", date(2023, 1, 3), 509_980_000, 408),
    ]
    assert isinstance(error_of(recorded.reply("linkedin", "error_401_expired")), AuthExpired)
    assert isinstance(error_of(recorded.reply("linkedin", "error_426_version")), VersionSunset)


@pytest.mark.shared
@recorded.needs_recordings
@pytest.mark.parametrize(
    ("name", "path", "query"),
    [
        ("ad_accounts", "/rest/adAccounts", "q=search&pageSize=500"),
        ("ad_campaigns", "/rest/adAccounts/{account}/adCampaigns", "q=search&pageSize=100"),
        (
            "ad_analytics_campaign_day",
            "/rest/adAnalytics",
            (
                "q=analytics&pivot=(value:CAMPAIGN)&timeGranularity=(value:DAILY)"
                "&dateRange=(start:(year:2026,month:11,day:17),end:(year:2026,month:11,day:18))"
                "&accounts=List(urn%3Ali%3AsponsoredAccount%3A{account})"
                "&fields=dateRange,pivotValues,clicks,impressions,costInUsd"
            ),
        ),
    ],
)
def test_what_the_fake_sends_has_the_shape_of_what_was_recorded(bench: Bench, name: str, path: str, query: str) -> None:
    account_id = bench.account().id
    played = bench.ctx().http.get(
        path.replace("{account}", account_id), raw_query=query.replace("{account}", account_id), headers=HEADERS
    )
    assert list(recorded.differences(recorded.body("linkedin", name), played)) == []


def test_dust_in_a_count_is_a_plain_zero() -> None:
    record = mapping.daily(row(externalWebsiteConversions="-2e-18"), ACCOUNT, Level.CAMPAIGN)
    assert str(record.conversions) == "0.0"


def test_dates_times_and_versions_may_be_text_or_numbers() -> None:
    told = {
        "id": 5,
        "dailyBudget": {"amount": "25.005", "currencyCode": "KWD"},
        "runSchedule": {"start": "1767225600000"},
        "changeAuditStamps": {"lastModified": {"time": "1772495400000"}},
        "version": {"versionTag": 3},
    }
    one = msgspec.convert(told, wire.Campaign)
    found = mapping.campaign(one, ACCOUNT)
    assert (found.starts_on, found.daily_budget_micros, found.currency) == (date(2026, 1, 1), 25_005_000, "KWD")
    assert (mapping.campaign_state(one).version, found.updated_at is not None) == ("3", True)
    when = {"start": {"year": "2026", "month": "03", "day": "9"}}
    day = msgspec.convert({"dateRange": when, "pivotValues": [CAMPAIGN], "clicks": "4"}, wire.ReportRow)
    record = mapping.daily(day, ACCOUNT, Level.CAMPAIGN)
    assert (record.day, record.clicks) == (date(2026, 3, 9), 4)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["costInLocalCurrency", "clicks", "externalWebsiteConversions"])
def test_what_floats_call_no_number_is_none_here_either(name: str, word: str) -> None:
    with pytest.raises(SchemaDrift):
        mapping.daily(row(**{name: word}), ACCOUNT, Level.CAMPAIGN)


@pytest.mark.parametrize("told", ["soon", 10**25, "Infinity"])
def test_a_time_that_is_none_costs_no_campaign(told: Any) -> None:
    one = msgspec.convert(
        {"id": 1, "runSchedule": {"start": told}, "changeAuditStamps": {"lastModified": {"time": told}}}, wire.Campaign
    )
    found = mapping.campaign(one, ACCOUNT)
    assert (found.starts_on, found.updated_at) == (None, None)
