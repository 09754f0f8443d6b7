"""What is read from LinkedIn equals what the world holds, to the micro, by UTC days."""

from datetime import date
from typing import Any

import pytest
from adloom_linkedin_ads import connector
from msgspec.structs import replace

from adloom_sdk import AccountStatus, BudgetOwner, EntityStatus, Kind, Level
from adloom_sdk.errors import BadRequest, TooMuchData
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.linkedin_ads import LinkedInAds

CHANGES = [(date(2026, 3, 7), date(2026, 3, 30)), (date(2026, 10, 24), date(2026, 11, 2))]
RECENT = (date(2026, 11, 16), date(2026, 11, 20))
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_mature_days_equal_the_ledger_whatever_clocks_do_where_the_owner_lives(bench: Bench, currency: str) -> None:
    bench.mature(date(2026, 11, 2))
    account = bench.account(currency)
    assert account.timezone == "UTC"
    for since, until in CHANGES:
        assert sums(bench.daily(account, since, until)) == truth(bench.ledger(account, since, until))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_recent_days_equal_what_the_platform_knows_now_and_the_truth_once_they_are_mature(
    bench: Bench, currency: str
) -> None:
    account = bench.account(currency)
    early = sums(bench.daily(account, *RECENT))
    assert early == truth(bench.ledger(account, *RECENT, settled=False))
    bench.mature(RECENT[1])
    late = sums(bench.daily(account, *RECENT))
    assert late == truth(bench.ledger(account, *RECENT))
    assert late != early


def test_creatives_sum_to_their_campaigns_and_name_them(bench: Bench) -> None:
    account = bench.account()
    campaigns, ads = bench.daily(account, *RECENT), bench.daily(account, *RECENT, level=Level.AD)
    assert sums(campaigns) == sums(ads)
    assert {one.campaign_id for one in ads} == {one.entity_id for one in campaigns}
    for campaign in {one.entity_id for one in campaigns}:
        own = [one for one in ads if one.campaign_id == campaign]
        assert sums(own) == sums([one for one in campaigns if one.entity_id == campaign])


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_reports_of_few_fields_each_are_joined_by_entity_and_day(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    account = bench.account()
    whole = bench.daily(account, *RECENT, level=Level.AD)
    monkeypatch.setattr(connector, "FIELDS_AT_ONCE", limit)
    bench.exchanges.clear()
    assert bench.daily(account, *RECENT, level=Level.AD) == whole
    assert len(bench.exchanges) == -(-12 // limit)


def test_a_full_report_comes_back_to_the_host_instead_of_missing_rows(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = bench.account()
    monkeypatch.setattr(LinkedInAds, "max_rows", 10)
    monkeypatch.setattr(connector, "MAX_ROWS", 10)
    with pytest.raises(TooMuchData):
        bench.daily(account, *RECENT)
    assert len(bench.daily(account, RECENT[0], RECENT[0])) == 5


@pytest.mark.parametrize("campaigns_at_once", [1, 2])
def test_a_day_that_alone_is_full_is_asked_for_campaign_by_campaign(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, campaigns_at_once: int
) -> None:
    account, day = bench.account(), RECENT[0]
    whole = bench.daily(account, day, day, level=Level.AD)
    monkeypatch.setattr(LinkedInAds, "max_rows", 10)
    monkeypatch.setattr(connector, "MAX_ROWS", 10)
    monkeypatch.setattr(connector, "CAMPAIGNS_AT_ONCE", campaigns_at_once)
    assert len(whole) > 10
    assert bench.daily(account, day, day, level=Level.AD) == whole


def test_an_account_may_be_named_by_its_urn(bench: Bench) -> None:
    account = bench.account()
    named = replace(account, id=f"urn:li:sponsoredAccount:{account.id}")
    assert bench.read(Kind.CAMPAIGNS, named) == bench.read(Kind.CAMPAIGNS, account)
    assert bench.daily(named, *RECENT) == bench.daily(account, *RECENT)


def test_the_extra_numbers_are_those_of_leads_and_engagement(bench: Bench) -> None:
    record = bench.daily(bench.account(), *RECENT)[0]
    assert record.extras["landing_page_clicks"] == record.clicks
    clicked, viewed = (record.extras[f"external_website_post_{kind}_conversions"] for kind in ("click", "view"))
    assert clicked + viewed == record.conversions
    assert "30 days" in record.attribution


@pytest.mark.parametrize("page_size", [1, 2, 7, 1000])
def test_any_page_size_gives_every_entity_once(bench: Bench, fake: LinkedInAds, page_size: int) -> None:
    account = bench.account()
    fake.page_size = page_size
    found = [one.id for one in bench.read(Kind.ADS, account)]
    assert len(found) == len(set(found)) == 24
    assert len(bench.accounts()) == 6


def test_a_list_goes_on_from_each_of_its_checkpoints(bench: Bench, fake: LinkedInAds) -> None:
    fake.page_size, account = 5, bench.account()
    messages = list(bench.messages(Kind.ADS, account))
    whole = {one.id for one in bench.read(Kind.ADS, account)}
    for before, state in bench.checkpoints(iter(messages)):
        seen: list[Any] = [*before, *bench.read(Kind.ADS, account, checkpoint=state)]
        assert {one.id for one in seen} == whole
    assert state == {"is_done": True}


def test_a_report_that_was_handed_over_is_not_asked_for_again(bench: Bench) -> None:
    account = bench.account()
    *_, (records, state) = bench.checkpoints(bench.messages(Kind.DAILY, account, *RECENT, level=Level.AD))
    assert records
    assert bench.daily(account, *RECENT, level=Level.AD, checkpoint=state) == []


def test_windows_without_delivery_give_no_records(bench: Bench) -> None:
    assert bench.daily(bench.account(), date(2020, 1, 1), date(2020, 1, 3)) == []


def test_removed_campaigns_are_listed_and_keep_their_history(bench: Bench) -> None:
    account = bench.account()
    removed = [one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.REMOVED]
    assert [one.raw_status for one in removed] == ["REMOVED"]
    days = bench.daily(account, date(2026, 9, 1), date(2026, 9, 5))
    assert removed[0].id in {one.entity_id for one in days}


def test_campaigns_ads_and_creatives_hang_together(bench: Bench) -> None:
    account = bench.account("KWD")
    campaigns = {one.id: one for one in bench.read(Kind.CAMPAIGNS, account)}
    ads, creatives = bench.read(Kind.ADS, account), {one.id: one for one in bench.read(Kind.CREATIVES, account)}
    assert {one.campaign_id for one in ads} == set(campaigns)
    assert all(one.ad_group_id == one.campaign_id for one in ads)
    assert all(creatives[one.creative_id].title for one in ads)
    world = {one.id: one for one in bench.fake.world.campaigns(bench.fake.world.account(account.id))}
    for one in campaigns.values():
        assert one.parent_id
        assert one.starts_on == world[one.id].begins_on
        is_shared = world[one.id].is_budget_shared
        assert one.daily_budget_micros == (None if is_shared else world[one.id].daily_budget_micros)
        assert one.budget_owner is (BudgetOwner.SHARED if is_shared else BudgetOwner.CAMPAIGN)


def test_there_are_no_ad_groups(bench: Bench) -> None:
    with pytest.raises(BadRequest):
        bench.read(Kind.AD_GROUPS, bench.account())
    with pytest.raises(BadRequest):
        bench.daily(bench.account(), *RECENT, level=Level.AD_GROUP)


def test_a_restricted_account_says_why_it_cannot_be_read(bench: Bench) -> None:
    accounts = {one.name: one for one in bench.accounts()}
    assert accounts["Northwind JPY"].currency == "JPY"
    assert accounts["Northwind USD"].problem == ""
    assert accounts["Northwind old"].status is AccountStatus.DISABLED
    assert "restricted" in accounts["Northwind old"].problem


@pytest.mark.parametrize("kind", ["extra_field", "unknown_status"])
def test_fields_and_words_that_are_new_do_no_harm(bench: Bench, fake: LinkedInAds, kind: str) -> None:
    account = bench.account()
    before = bench.daily(account, *RECENT)
    fake.faults.add(Fault(kind=kind))
    assert bench.daily(account, *RECENT) == before
    found = [*bench.read(Kind.CAMPAIGNS, account), *bench.read(Kind.ADS, account)]
    if kind == "unknown_status":
        assert {(one.status, one.raw_status) for one in found} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_cut_reply_is_read_again(bench: Bench, fake: LinkedInAds) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind="cut_body", path="adAnalytics", times=2))
    assert sums(bench.daily(account, *RECENT)) == truth(bench.ledger(account, *RECENT, settled=False))
