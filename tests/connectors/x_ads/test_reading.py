"""What the X connector reads is what the platform's ledger holds, summed over placements, asked at once or by jobs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from adloom_x_ads import XAds, mapping, numbers, reading, wire

from adloom_sdk import (
    AccountStatus,
    Ad,
    AdGroup,
    Batch,
    Campaign,
    Creative,
    DailyMetric,
    EntityStatus,
    Kind,
    Level,
    Progress,
)
from adloom_sdk.errors import BadRequest, Transient
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.x_ads import XAds as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 2)), (date(2026, 10, 22), date(2026, 11, 19))


def bench(*, page_size: int = 100, now: datetime = NOW, **shape: Any) -> Bench:
    """The connector at a fake of its own."""
    world = World("x_ads", shape=Shape(**shape), clock=Clock(now, is_frozen=True))
    return Bench(XAds, Fake(world, page_size=page_size))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_unsettled_days_equal_what_the_platform_tells_now(currency: str) -> None:
    at = bench()
    account = at.account(currency)
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    today = NOW.date()
    assert sums(at.daily(account, today, today)) == truth(at.ledger(account, today, today, settled=False)) != {}


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_mature_days_equal_the_settled_ledger_to_the_micro(currency: str, window: tuple[date, date]) -> None:
    at = bench()
    account = at.account(currency)
    if window is AUTUMN:
        at.mature(AUTUMN[1])
    assert sums(at.daily(account, *window)) == truth(at.ledger(account, *window))


@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_every_level_sums_to_the_same_days_and_names_its_campaign(window: tuple[date, date]) -> None:
    at = bench()
    account = at.account()
    campaigns = {one.id for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
    by_level = {level: at.daily(account, *window, level) for level in Level}
    assert sums(by_level[Level.CAMPAIGN]) == sums(by_level[Level.AD_GROUP]) == sums(by_level[Level.AD])
    assert all(one.campaign_id in campaigns for records in by_level.values() for one in records)


@pytest.mark.parametrize("page_size", [1, 2, 5, 100])
def test_every_page_size_gives_every_entity_once(page_size: int) -> None:
    at = bench(page_size=page_size)
    account = at.account()
    for kind, count in ((Kind.CAMPAIGNS, 6), (Kind.AD_GROUPS, 12), (Kind.ADS, 24), (Kind.CREATIVES, 24)):
        ids = [getattr(one, "id", "") for one in at.read(kind, account)]
        assert len(ids) == len(set(ids)) == count
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_deleted_campaigns_are_read_as_removed() -> None:
    found = [one for one in bench().read(Kind.CAMPAIGNS, bench().account()) if isinstance(one, Campaign)]
    assert [one.status for one in found].count(EntityStatus.REMOVED) == 1
    assert all(one.raw_status == "DELETED" for one in found if one.status is EntityStatus.REMOVED)


@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_read_goes_on_from_any_checkpoint(window: tuple[date, date], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "IDS_PER_CALL", 1)
    monkeypatch.setattr(numbers, "IDS_PER_GROUP", 2)
    at = bench()
    account = at.account()
    whole = sums(at.daily(account, *window))
    for before, state in list(at.checkpoints(at.messages(Kind.DAILY, account, *window, level=Level.CAMPAIGN))):
        after = at.daily(account, *window, checkpoint=state)
        kept = {(one.entity_id, one.day): one for one in [*before, *after] if isinstance(one, DailyMetric)}
        assert sums(list(kept.values())) == whole


def test_entities_go_on_from_any_checkpoint() -> None:
    at = bench(page_size=5)
    account = at.account()
    for before, state in list(at.checkpoints(at.messages(Kind.ADS, account))):
        after = at.read(Kind.ADS, account, checkpoint=state)
        assert len({getattr(one, "id", "") for one in [*before, *after]}) == 24


def test_batches_hold_at_most_a_thousand_records() -> None:
    at = bench()
    messages = at.messages(Kind.DAILY, at.account(), *SPRING, level=Level.AD)
    sizes = [len(message.records) for message in messages if isinstance(message, Batch)]
    assert max(sizes) <= 1000


@pytest.mark.parametrize("fault", ["extra_field", "unknown_status"])
def test_fields_and_words_that_nobody_knows_change_no_number(fault: str) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind=fault))
    for window in (SPRING, AUTUMN):
        assert sums(at.daily(account, *window)) == truth(at.ledger(account, *window, settled=False))
    campaigns = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    if fault == "unknown_status":
        assert {(one.status, one.raw_status) for one in campaigns} == {
            (EntityStatus.OTHER, "ZZ_BRAND_NEW"),
            (EntityStatus.REMOVED, "DELETED"),
        }


def test_a_cut_reply_is_asked_for_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="cut_body", times=2))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_a_stopped_account_is_listed_with_its_problem_and_currencies_come_from_what_is_in_use() -> None:
    found = {one.name: one for one in bench().accounts()}
    assert (found["Northwind old"].status, bool(found["Northwind old"].problem)) == (AccountStatus.DISABLED, True)
    usual = found["Northwind EUR"]
    assert (usual.currency, usual.timezone, usual.can_write, usual.problem) == ("EUR", "Europe/Berlin", True, "")
    assert usual.id == usual.id.lower() != str(int(usual.id, 36))


def test_an_account_that_x_shows_no_more_of_does_not_hide_the_others() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="not_found", path="funding_instruments", times=1))
    at.fake.faults.add(Fault(kind="account_disabled", path="authenticated_user_access", times=1))
    found = at.accounts()
    assert len(found) == 6
    assert (found[0].currency, bool(found[0].problem), found[0].can_write) == ("", True, None)


def test_an_account_without_a_way_to_pay_says_that_its_currency_is_unknown() -> None:
    one = mapping.account(wire.Account(id="1", timezone="UTC", approval_status="ACCEPTED"), [], None)
    assert "currency" in one.problem


def test_a_week_is_asked_for_at_once_and_a_longer_window_by_jobs_a_week_of_the_autumn_change_too() -> None:
    at = bench()
    account = at.account()
    assert account.timezone == "America/New_York"  # where clocks went back on 1 November
    weeks = [
        (date(2026, 11, 2), date(2026, 11, 8), "/stats/accounts/"),
        (date(2026, 11, 2), date(2026, 11, 9), "/stats/jobs/accounts/"),
        (date(2026, 11, 1), date(2026, 11, 7), "/stats/jobs/accounts/"),
        (date(2026, 3, 8), date(2026, 3, 14), "/stats/accounts/"),
    ]
    for since, until, word in weeks:
        at.exchanges.clear()
        assert sums(at.daily(account, since, until)) == truth(at.ledger(account, since, until, settled=False))
        asked = {one.path.partition("accounts/")[0] + "accounts/" for one in at.exchanges if "/stats/" in one.path}
        assert asked == {f"/12{word}"}


def test_more_than_twenty_entities_are_asked_for_in_several_calls_and_groups_of_jobs() -> None:
    at = bench(campaigns=30, ads=2)
    account, since = at.account(), date(2026, 11, 1)
    for until in (date(2026, 11, 2), date(2026, 11, 19)):
        found = at.daily(account, since, until, Level.AD)
        assert sums(found) == truth(at.ledger(account, since, until, settled=False))


def test_each_placement_is_asked_for_and_one_alone_would_be_too_little() -> None:
    at = bench()
    account, day = at.account(), date(2026, 11, 10)
    question = numbers.Question(account, Level.CAMPAIGN, day, day)
    ids = [getattr(one, "id", "") for one in at.read(Kind.CAMPAIGNS, account)]
    path = f"/{{version}}/stats/accounts/{account.id}"
    told = {}
    for placement in numbers.PLACEMENTS:
        body = at.ctx().http.get(path, params=question.params(ids, placement))
        columns = [one["id_data"][0]["metrics"]["billed_charge_local_micro"] for one in body["data"]]
        told[placement] = sum(column[0] for column in columns if column)
    assert told["PUBLISHER_NETWORK"] > 0
    assert told["SPOTLIGHT"] == told["TREND"] == 0
    assert sum(told.values()) == at.ledger(account, day, day, settled=False)[day].spend_micros


def test_the_fake_refuses_what_x_refuses() -> None:
    at = bench()
    account, day = at.account(), date(2026, 11, 10)
    path = f"/{{version}}/stats/accounts/{account.id}"
    many = numbers.Question(account, Level.CAMPAIGN, day, day).params([str(one) for one in range(21)], "ALL_ON_TWITTER")
    long = numbers.Question(account, Level.CAMPAIGN, day, day + timedelta(days=7)).params(["1"], "ALL_ON_TWITTER")
    in_utc = many | {"entity_ids": "1", "start_time": "2026-11-10T00:00:00Z"}
    for params in (many, long, in_utc):
        with pytest.raises(BadRequest):
            at.ctx().http.get(path, params=params)


def test_a_failed_job_is_ordered_again_and_progress_is_told() -> None:
    at = bench()
    account = at.account()
    assert isinstance(at.fake, Fake)
    at.fake.failing_jobs = 1
    messages = list(at.messages(Kind.DAILY, account, *SPRING, level=Level.CAMPAIGN))
    records = [one for message in messages if isinstance(message, Batch) for one in message.records]
    found = sums([one for one in records if isinstance(one, DailyMetric)])
    assert found == truth(at.ledger(account, *SPRING, settled=False))
    assert any(isinstance(one, Progress) for one in messages)


def test_jobs_that_keep_failing_are_given_up() -> None:
    at = bench()
    account = at.account()
    assert isinstance(at.fake, Fake)
    at.fake.failing_jobs = 99
    with pytest.raises(Transient):
        at.daily(account, *SPRING)


def test_jobs_that_x_forgot_are_ordered_again() -> None:
    at = bench()
    account = at.account()
    found = at.daily(account, *SPRING, checkpoint={"after": "", "jobs": ["1", "2", "3", "4"]})
    assert sums(found) == truth(at.ledger(account, *SPRING, settled=False))


def test_posts_come_with_their_words_and_very_many_in_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "POSTS_PER_CALL", 10)
    at = bench()
    posts = [one for one in at.read(Kind.CREATIVES, at.account()) if isinstance(one, Creative)]
    assert len({one.id for one in posts}) == 24
    assert all("Northwind" in one.body and one.link_url.endswith(one.id) for one in posts)
    assert sum(one.path.endswith("/tweets") for one in at.exchanges) == 3


def test_ads_name_the_campaign_of_their_line_item() -> None:
    at = bench()
    account = at.account()
    groups = {one.id: one.campaign_id for one in at.read(Kind.AD_GROUPS, account) if isinstance(one, AdGroup)}
    ads = [one for one in at.read(Kind.ADS, account) if isinstance(one, Ad)]
    assert len(ads) == 24
    assert all(one.campaign_id == groups[one.ad_group_id] for one in ads)
