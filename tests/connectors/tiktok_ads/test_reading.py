"""What is read from TikTok equals what the world holds, to the micro."""

from datetime import date
from typing import Any

import msgspec
import pytest
from adloom_tiktok_ads import mapping, wire

from adloom_sdk import AccountStatus, BudgetOwner, EntityStatus, Kind, Level
from adloom_sdk.errors import ScopeMissing
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.fakes import Answer, Request
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.tiktok_ads import TikTokAds

# Both changes of clocks of New York and Berlin lie in these weeks.
CHANGES = [
    (date(2026, 3, 7), date(2026, 3, 9)),
    (date(2026, 3, 28), date(2026, 3, 30)),
    (date(2026, 10, 24), date(2026, 11, 2)),
]
RECENT = (date(2026, 11, 16), date(2026, 11, 20))
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_mature_days_equal_the_ledger_over_both_changes_of_clocks(bench: Bench, currency: str) -> None:
    bench.mature(date(2026, 11, 2))
    account = bench.account(currency)
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


def test_every_level_sums_to_the_same_and_names_its_campaign(bench: Bench) -> None:
    account = bench.account()
    by_level = {level: bench.daily(account, *RECENT, level=level) for level in Level}
    totals = [sums(records) for records in by_level.values()]
    assert totals[0] == totals[1] == totals[2]
    for records in by_level.values():
        assert {one.campaign_id for one in records} == {one.entity_id for one in by_level[Level.CAMPAIGN]}


def test_reach_and_video_views_and_the_attribution_come_with_the_numbers(bench: Bench) -> None:
    record = bench.daily(bench.account(), *RECENT)[0]
    assert record.reach is not None
    assert record.video_views is not None
    assert "7 days" in record.attribution


@pytest.mark.parametrize("page_size", [1, 2, 7, 1000])
def test_any_page_size_gives_every_record_once(bench: Bench, fake: TikTokAds, page_size: int) -> None:
    account = bench.account()
    everything = bench.daily(account, RECENT[0], RECENT[0])
    fake.page_size = page_size
    assert bench.daily(account, RECENT[0], RECENT[0]) == everything
    assert len(bench.read(Kind.ADS, account)) == 24


def test_windows_without_delivery_give_no_records(bench: Bench) -> None:
    assert bench.daily(bench.account(), date(2020, 1, 1), date(2020, 1, 3)) == []


def test_a_read_goes_on_from_each_of_its_checkpoints(bench: Bench, fake: TikTokAds) -> None:
    fake.page_size, account = 5, bench.account()
    messages = list(bench.messages(Kind.DAILY, account, RECENT[0], RECENT[0], level=Level.AD))
    whole = {(one.entity_id, one.day) for one in bench.daily(account, RECENT[0], RECENT[0], level=Level.AD)}
    for before, state in bench.checkpoints(iter(messages)):
        rest = bench.daily(account, RECENT[0], RECENT[0], level=Level.AD, checkpoint=state)
        seen: list[Any] = [*before, *rest]
        assert {(one.entity_id, one.day) for one in seen} == whole
    assert state is not None


def test_removed_campaigns_are_listed_and_keep_their_history(bench: Bench) -> None:
    account = bench.account()
    removed = [one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.REMOVED]
    assert [one.raw_status for one in removed] == ["CAMPAIGN_STATUS_DELETE"]
    days = bench.daily(account, date(2026, 9, 1), date(2026, 9, 5))
    assert removed[0].id in {one.entity_id for one in days}


def test_campaigns_ad_groups_ads_and_creatives_hang_together(bench: Bench) -> None:
    account = bench.account("KWD")
    campaigns = {one.id: one for one in bench.read(Kind.CAMPAIGNS, account)}
    groups = {one.id: one for one in bench.read(Kind.AD_GROUPS, account)}
    ads, creatives = bench.read(Kind.ADS, account), {one.id: one for one in bench.read(Kind.CREATIVES, account)}
    assert {one.campaign_id for one in groups.values()} == set(campaigns)
    assert {one.ad_group_id for one in ads} == set(groups)
    assert all(creatives[one.creative_id].body for one in ads)
    world = {one.id: one for one in bench.fake.world.campaigns(bench.fake.world.account(account.id))}
    for one in campaigns.values():
        assert one.daily_budget_micros == world[one.id].daily_budget_micros
        assert one.budget_owner is BudgetOwner.CAMPAIGN
        assert one.currency == "KWD"


def test_accounts_tell_zone_currency_and_why_one_cannot_be_read(bench: Bench) -> None:
    accounts = {one.name: one for one in bench.accounts()}
    assert accounts["Northwind USD"].timezone == "America/New_York"
    assert accounts["Northwind JPY"].currency == "JPY"
    assert accounts["Northwind USD"].problem == ""
    assert accounts["Northwind old"].status is AccountStatus.DISABLED
    assert "disabled" in accounts["Northwind old"].problem


def test_more_than_a_hundred_accounts_are_asked_for_in_parts(bench: Bench, fake: TikTokAds) -> None:
    from adloom_tiktok_ads import TikTokAds as Connector

    from adloom_sdk.testing.world import Shape, World

    many = Shape(currencies=tuple(("USD", "UTC") for _ in range(8)) * 13, campaigns=1)
    big = Bench(Connector, TikTokAds(World("tiktok_ads", shape=many, clock=fake.world.clock)))
    assert len(big.accounts()) == 105
    assert [one.path for one in big.exchanges].count("/open_api/v1.3/advertiser/info/") == 2


@pytest.mark.parametrize("kind", ["extra_field", "unknown_status"])
def test_fields_and_words_that_are_new_do_no_harm(bench: Bench, fake: TikTokAds, kind: str) -> None:
    account = bench.account()
    before = bench.daily(account, *RECENT)
    fake.faults.add(Fault(kind=kind))
    assert bench.daily(account, *RECENT) == before
    campaigns = bench.read(Kind.CAMPAIGNS, account)
    if kind == "unknown_status":
        assert {one.status for one in campaigns} == {EntityStatus.OTHER}
        assert {one.raw_status for one in campaigns} == {"ZZ_BRAND_NEW"}
        assert bench.accounts()[0].raw_status == "ZZ_BRAND_NEW"


def test_a_cut_reply_is_read_again(bench: Bench, fake: TikTokAds) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind="cut_body", path="report/integrated", times=2))
    assert sums(bench.daily(account, *RECENT)) == truth(bench.ledger(account, *RECENT, settled=False))


@pytest.mark.parametrize("info", [None, {"page": 1, "total_page": 1}])
def test_a_last_page_may_lack_its_numbers_or_be_null(
    bench: Bench, fake: TikTokAds, monkeypatch: pytest.MonkeyPatch, info: dict[str, int] | None
) -> None:
    account, plain = bench.account(), fake.handle

    def stripped(request: Request) -> Answer:
        answer = plain(request)
        rows = answer.body["data"]["list"] if info is None else None
        return Answer(answer.body | {"data": {"list": rows, "page_info": info}})

    monkeypatch.setattr(fake, "handle", stripped)
    assert len(bench.read(Kind.CAMPAIGNS, account)) == (6 if info is None else 0)


def test_one_ad_account_that_is_refused_hides_none_of_the_others(
    bench: Bench, fake: TikTokAds, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = fake.world.accounts[1].id
    plain = fake.handle

    def refusing(request: Request) -> Answer:
        return fake.refusal("scope") if gone in request.params.get("advertiser_ids", "") else plain(request)

    monkeypatch.setattr(fake, "handle", refusing)
    found = bench.accounts()
    assert [one.id for one in found if one.problem and not one.currency] == [gone]
    assert len(found) == 6


def test_where_every_ad_account_is_refused_the_sign_in_is_at_fault(bench: Bench, fake: TikTokAds) -> None:
    fake.faults.add(Fault(kind="scope", path="advertiser/info"))
    with pytest.raises(ScopeMissing):
        bench.accounts()


@pytest.mark.parametrize("pages", [None, "1", 1])
def test_the_number_of_pages_may_be_text_or_missing(pages: Any) -> None:
    told = {"code": 0, "data": {"list": [], "page_info": {"page": 1, "total_page": pages, "total_number": None}}}
    found = msgspec.convert(told, wire.Listed[wire.Campaign]).data.page_info
    assert found is not None
    assert mapping.whole(found.total_page) == (None if pages is None else 1)
