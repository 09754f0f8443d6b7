"""What the Pinterest connector reads is what the platform's ledger holds, whichever call it takes and however it is paged."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from adloom_pinterest_ads import PinterestAds, reading

from adloom_sdk import Batch, Campaign, DailyMetric, EntityStatus, Kind, Level, Progress
from adloom_sdk.errors import Transient
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.pinterest_ads import PinterestAds as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 1)), (date(2026, 10, 22), date(2026, 11, 20))


def bench(*, page_size: int = 100, now: datetime = NOW, **shape: Any) -> Bench:
    """The connector at a fake of its own."""
    world = World("pinterest_ads", shape=Shape(**shape), clock=Clock(now, is_frozen=True))
    return Bench(PinterestAds, Fake(world, page_size=page_size))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_unsettled_days_equal_what_the_platform_tells_now(currency: str) -> None:
    at = bench()
    account = at.account(currency)
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_mature_days_equal_the_settled_ledger_to_the_micro(currency: str, window: tuple[date, date]) -> None:
    at = bench()
    account = at.account(currency)
    if window is AUTUMN:
        at.mature(AUTUMN[1])
    assert sums(at.daily(account, *window)) == truth(at.ledger(account, *window))


@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["report", "analytics"])
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


def test_archived_campaigns_are_read_as_removed() -> None:
    found = [one for one in bench().read(Kind.CAMPAIGNS, bench().account()) if isinstance(one, Campaign)]
    assert [one.status for one in found].count(EntityStatus.REMOVED) == 1
    assert all(one.raw_status == "ARCHIVED" for one in found if one.status is EntityStatus.REMOVED)


def test_more_than_a_hundred_ids_are_asked_for_in_several_calls() -> None:
    at = bench(campaigns=30, ads=4)
    account = at.account()
    found = at.daily(account, date(2026, 11, 18), date(2026, 11, 19), Level.AD)
    assert sums(found) == truth(at.ledger(account, date(2026, 11, 18), date(2026, 11, 19), settled=False))
    assert sum(one.path.endswith("/analytics") for one in at.exchanges) == 3


def test_recent_days_of_very_many_entities_come_as_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SYNC_ENTITIES", 5)
    at = bench()
    account = at.account()
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    assert any(one.path.endswith("/reports") for one in at.exchanges)


@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["report", "analytics"])
def test_a_read_goes_on_from_any_checkpoint(window: tuple[date, date], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "IDS_PER_CALL", 2)
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


def test_a_failed_report_is_ordered_again_and_progress_is_told() -> None:
    at = bench()
    account = at.account()
    assert isinstance(at.fake, Fake)
    at.fake.failing_reports = 1
    messages = list(at.messages(Kind.DAILY, account, *SPRING, level=Level.CAMPAIGN))
    records = [one for message in messages if isinstance(message, Batch) for one in message.records]
    assert sums([one for one in records if isinstance(one, DailyMetric)]) == truth(
        at.ledger(account, *SPRING, settled=False)
    )
    assert any(isinstance(one, Progress) for one in messages)


def test_a_report_that_keeps_failing_is_given_up() -> None:
    at = bench()
    account = at.account()
    assert isinstance(at.fake, Fake)
    at.fake.failing_reports = 99
    with pytest.raises(Transient):
        at.daily(account, *SPRING)


def test_a_report_that_pinterest_forgot_is_ordered_again() -> None:
    at = bench()
    account = at.account()
    found = at.daily(account, *SPRING, checkpoint={"token": "long gone"})
    assert sums(found) == truth(at.ledger(account, *SPRING, settled=False))


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
        assert {(one.status, one.raw_status) for one in campaigns} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_cut_reply_is_asked_for_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="cut_body", times=2))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_a_disabled_account_is_listed_with_its_problem() -> None:
    found = {one.name: one for one in bench().accounts()}
    assert found["Northwind old"].problem
    assert not found["Northwind EUR"].problem
    assert found["Northwind EUR"].can_write
