"""What is read from Snapchat equals what the world holds, to the micro, by the account's own days."""

from datetime import date, timedelta
from typing import Any

import pytest
from adloom_snapchat_ads import SnapchatAds as Connector

from adloom_sdk import Account, AccountStatus, Batch, EntityStatus, Finality, Kind, Level, ReadRequest
from adloom_sdk.days import today_in
from adloom_sdk.errors import NotFound, PartialFailure, SchemaDrift
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.fakes import Answer, Request
from adloom_sdk.testing.faults import Fault
from sandbox.platforms.snapchat_ads import SnapchatAds
from sandbox.platforms.snapchat_bodies import shown_id

# Both changes of clocks of New York and Berlin lie in these weeks, at an end or in the middle of a window.
CHANGES = [
    (date(2026, 3, 7), date(2026, 3, 9)),
    (date(2026, 3, 8), date(2026, 3, 8)),
    (date(2026, 3, 28), date(2026, 3, 30)),
    (date(2026, 10, 24), date(2026, 11, 2)),
]
RECENT = (date(2026, 11, 16), date(2026, 11, 20))
# Days that are over do not move with the clock while they are read.
OVER = (date(2026, 11, 16), date(2026, 11, 18))
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")


def asked(fake: SnapchatAds) -> list[Request]:
    """Every request from now on."""
    seen: list[Request] = []
    plain = fake.handle

    def watched(request: Request) -> Answer:
        seen.append(request)
        return plain(request)

    fake.handle = watched  # type: ignore[method-assign]  # a look at what is sent
    return seen


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


def test_windows_begin_and_end_at_local_midnight_with_the_offset_of_their_day(bench: Bench, fake: SnapchatAds) -> None:
    account, seen = bench.account(), asked(fake)
    bench.daily(account, date(2026, 10, 25), date(2026, 11, 1))
    assert seen[-1].params["start_time"] == "2026-10-25T00:00:00.000-04:00"
    assert seen[-1].params["end_time"] == "2026-11-02T00:00:00.000-05:00"


def test_every_level_sums_to_the_same_and_names_its_campaign(bench: Bench) -> None:
    account = bench.account()
    by_level = {level: bench.daily(account, *RECENT, level=level) for level in Level}
    totals = [sums(records) for records in by_level.values()]
    assert totals[0] == totals[1] == totals[2]
    campaigns = {one.entity_id for one in by_level[Level.CAMPAIGN]}
    for records in by_level.values():
        assert {one.campaign_id for one in records} == campaigns
        for campaign in campaigns:
            own = sums([one for one in records if one.campaign_id == campaign])
            assert own == sums([one for one in by_level[Level.CAMPAIGN] if one.entity_id == campaign])


def test_finality_is_what_snapchat_tells_and_final_days_change_no_more(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    since, until = date(2026, 10, 1), today_in(account.timezone, fake.world.clock.now())
    found: dict[date, Finality | None] = {one.day: one.finality for one in bench.daily(account, since, until)}
    ages = {(until - day).days: told for day, told in found.items()}
    assert [ages[age] for age in (0, 1, 2, 28, 29)] == [
        Finality.PROVISIONAL,
        Finality.PROVISIONAL,
        Finality.SETTLING,
        Finality.SETTLING,
        Finality.FINAL,
    ]
    final = (since, until - timedelta(days=29))
    before = bench.daily(account, *final)
    assert {one.finality for one in before} == {Finality.FINAL}
    fake.world.clock.advance(60 * 86_400)
    assert bench.daily(account, *final) == before


@pytest.mark.parametrize("page_size", [1, 2, 7, 1000])
def test_any_page_size_gives_every_record_once(bench: Bench, fake: SnapchatAds, page_size: int) -> None:
    account = bench.account()
    everything = bench.daily(account, *OVER, level=Level.AD)
    fake.page_size = page_size
    assert bench.daily(account, *OVER, level=Level.AD) == everything
    ids = [one.id for one in bench.read(Kind.ADS, account)]
    assert len(ids) == len(set(ids)) == 24
    assert len(bench.accounts()) == 6


def test_the_next_page_is_asked_for_at_our_host_though_the_link_names_another(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account = 2, bench.account()
    seen = asked(fake)
    bench.read(Kind.CAMPAIGNS, account)
    assert len(seen) == 3
    assert {one.host for one in seen} == {"fake.test"}
    assert [one.params.get("cursor") for one in seen] == [None, "CnEKFgoJ2", "CnEKFgoJ4"]
    assert {one.params["read_deleted_entities"] for one in seen} == {"true"}


@pytest.mark.parametrize("kind", [Kind.ADS, Kind.CAMPAIGNS])
def test_a_list_goes_on_from_each_of_its_checkpoints(bench: Bench, fake: SnapchatAds, kind: Kind) -> None:
    fake.page_size, account = 4, bench.account()
    messages = list(bench.messages(kind, account))
    whole = {one.id for one in bench.read(kind, account)}
    for before, state in bench.checkpoints(iter(messages)):
        seen: list[Any] = [*before, *bench.read(kind, account, checkpoint=state)]
        assert {one.id for one in seen} == whole
    assert state == {"is_done": True}


def test_a_report_goes_on_from_each_of_its_checkpoints(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account = 5, bench.account()
    messages = list(bench.messages(Kind.DAILY, account, *RECENT, level=Level.AD))
    whole = {(one.entity_id, one.day) for one in bench.daily(account, *RECENT, level=Level.AD)}
    for before, state in bench.checkpoints(iter(messages)):
        seen: list[Any] = [*before, *bench.daily(account, *RECENT, level=Level.AD, checkpoint=state)]
        assert {(one.entity_id, one.day) for one in seen} == whole


def test_windows_without_delivery_give_no_records(bench: Bench) -> None:
    assert bench.daily(bench.account(), date(2020, 1, 1), date(2020, 1, 3)) == []


def test_deleted_campaigns_are_listed_and_keep_their_history(bench: Bench) -> None:
    account = bench.account()
    removed = [one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.REMOVED]
    assert [one.raw_status for one in removed] == ["DELETED"]
    days = bench.daily(account, date(2026, 9, 1), date(2026, 9, 5))
    assert removed[0].id in {one.entity_id for one in days}


def test_campaigns_squads_ads_and_creatives_hang_together(bench: Bench) -> None:
    account = bench.account("KWD")
    campaigns = {one.id: one for one in bench.read(Kind.CAMPAIGNS, account)}
    groups = {one.id: one for one in bench.read(Kind.AD_GROUPS, account)}
    ads, creatives = bench.read(Kind.ADS, account), {one.id: one for one in bench.read(Kind.CREATIVES, account)}
    assert {one.campaign_id for one in groups.values()} == set(campaigns)
    assert all(groups[one.ad_group_id].campaign_id == one.campaign_id for one in ads)
    assert all(creatives[one.creative_id].link_url for one in ads)
    world = bench.fake.world
    for one in world.campaigns(world.account(bench.fake.undressed(account.id))):
        assert campaigns[shown_id(one.id)].daily_budget_micros == one.daily_budget_micros
        assert campaigns[shown_id(one.id)].starts_on == one.begins_on


def test_an_item_that_fails_is_named_when_all_others_are_handed_over(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    fake.broken, fake.page_size = {bench.fake.undressed(bench.read(Kind.CAMPAIGNS, account)[1].id)}, 2
    handed: list[Any] = []
    with pytest.raises(PartialFailure) as caught:
        handed.extend(bench.messages(Kind.CAMPAIGNS, account))
    assert sum(len(one.records) for one in handed if isinstance(one, Batch)) == 5
    assert list((caught.value.items or {}).values()) == ["Internal error while reading the entity"]


def test_an_account_that_fails_does_not_hide_the_others(bench: Bench, fake: SnapchatAds) -> None:
    fake.broken, found = {fake.world.accounts[0].id}, list[Account]()
    with pytest.raises(PartialFailure):
        found.extend(bench.connector.accounts(bench.ctx()))
    assert len(found) == 5


def test_a_report_whose_only_part_failed_ends_with_its_reason(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    account = bench.account()
    failed = {"sub_request_status": "ERROR", "sub_request_error_reason": "Resource can not be found"}
    answer = Answer({"request_status": "SUCCESS", "request_id": "r1", "timeseries_stats": [failed]})
    plain = bench.fake.handle
    monkeypatch.setattr(bench.fake, "handle", lambda one: answer if one.path.endswith("/stats") else plain(one))
    with pytest.raises(NotFound):
        bench.daily(account, *RECENT)


def test_accounts_tell_zone_currency_and_why_one_cannot_be_read(bench: Bench) -> None:
    accounts = {one.name: one for one in bench.accounts()}
    assert accounts["Northwind USD"].timezone == "America/New_York"
    assert accounts["Northwind JPY"].currency == "JPY"
    assert accounts["Northwind USD"].problem == ""
    assert accounts["Northwind old"].status is AccountStatus.DISABLED
    assert "disabled" in accounts["Northwind old"].problem
    assert len({one.parent_id for one in accounts.values()}) == 1


@pytest.mark.parametrize("kind", ["extra_field", "unknown_status"])
def test_fields_and_words_that_are_new_do_no_harm(bench: Bench, fake: SnapchatAds, kind: str) -> None:
    account = bench.account()
    before = bench.daily(account, *RECENT)
    fake.faults.add(Fault(kind=kind))
    assert bench.daily(account, *RECENT) == before
    campaigns = bench.read(Kind.CAMPAIGNS, account)
    if kind == "unknown_status":
        living = [one for one in campaigns if one.status is not EntityStatus.REMOVED]
        assert {(one.status, one.raw_status) for one in living} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_cut_reply_is_read_again(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    fake.faults.add(Fault(kind="cut_body", path="/stats", times=2))
    assert sums(bench.daily(account, *RECENT)) == truth(bench.ledger(account, *RECENT, settled=False))


def test_sign_ins_of_half_an_hour_last_through_a_read_of_hours(bench: Bench, fake: SnapchatAds) -> None:
    fake.page_size, account = 1, bench.account()
    ctx = bench.ctx(bench.credentials(bench.token(lifetime_s=1800)))
    found = 0
    for message in Connector().read(ctx, ReadRequest(kind=Kind.ADS, account=account)):
        found += len(getattr(message, "records", ()))
        fake.world.clock.advance(600)
    assert found == 24
    assert 8 <= fake.consent.refreshes <= 18
    assert not [one for one in fake.journal if one.status == 401]


def answering(bench: Bench, monkeypatch: pytest.MonkeyPatch, ending: str, *answers: Answer) -> list[Any]:
    """The requests to paths with this ending, which get these answers in turn, then the fake's own."""
    plain, left, seen = bench.fake.handle, list(answers), list[Any]()

    def handle(request: Any) -> Answer:
        if not request.path.endswith(ending):
            return plain(request)
        seen.append(request)
        return left.pop(0) if left else plain(request)

    monkeypatch.setattr(bench.fake, "handle", handle)
    return seen


def test_whatever_the_link_to_the_next_page_adds_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    account = bench.account()
    paging = {"next_link": "https://adsapisc.appspot.com/v1/x/campaigns?limit=50&page_token=abc%3D%3D"}
    page = {"request_status": "SUCCESS", "campaigns": [{"sub_request_status": "SUCCESS", "campaign": {"id": "1"}}]}
    seen = answering(bench, monkeypatch, "/campaigns", Answer({**page, "paging": paging}), Answer(page))
    assert len(bench.read(Kind.CAMPAIGNS, account)) == 2
    assert (seen[1].params["page_token"], seen[1].params["limit"], seen[1].host) == ("abc==", "50", "fake.test")


def test_a_link_to_the_next_page_that_says_nothing_is_no_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    account = bench.account()
    page = {"request_status": "SUCCESS", "campaigns": [], "paging": {"next_link": "https://adsapi.snapchat.com/v1/x"}}
    answering(bench, monkeypatch, "/campaigns", Answer(page))
    with pytest.raises(SchemaDrift):
        bench.read(Kind.CAMPAIGNS, account)


def test_an_organization_that_is_refused_does_not_hide_the_accounts_of_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = bench.accounts()[0].parent_id
    both = [{"sub_request_status": "SUCCESS", "organization": {"id": one}} for one in ("other", own)]
    answering(bench, monkeypatch, "/organizations", Answer({"request_status": "SUCCESS", "organizations": both}))
    answering(bench, monkeypatch, "/other/adaccounts", Answer({"request_status": "ERROR"}, status=403))
    found = list[Account]()
    with pytest.raises(PartialFailure) as caught:
        found.extend(bench.connector.accounts(bench.ctx()))
    assert len(found) == 6
    assert list(caught.value.items or {}) == ["other"]


def test_ads_are_listed_also_where_their_squads_are_not_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    account = bench.account()
    answering(bench, monkeypatch, "/adsquads", *[bench.fake.refusal("not_found")] * 2)
    assert {one.campaign_id for one in bench.read(Kind.ADS, account)} == {""}
    assert len(bench.daily(account, *RECENT, level=Level.AD_GROUP)) > 0


@pytest.mark.parametrize("report", [None, {"id": "1", "granularity": "DAY"}])
def test_a_report_without_its_days_is_no_empty_report(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, report: dict[str, str] | None
) -> None:
    account = bench.account()
    part = {"sub_request_status": "SUCCESS", "timeseries_stat": report}
    answering(bench, monkeypatch, "/stats", Answer({"request_status": "SUCCESS", "timeseries_stats": [part]}))
    with pytest.raises(SchemaDrift):
        bench.daily(account, *RECENT)
