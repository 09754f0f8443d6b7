"""What the Reddit connector reads is what the platform's ledger holds, on the account's own days and however it is paged."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from adloom_reddit_ads import RedditAds

from adloom_sdk import AccountStatus, Batch, Campaign, DailyMetric, EntityStatus, Kind, Level
from adloom_sdk.errors import BadRequest
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.fakes import Answer, Request
from adloom_sdk.testing.faults import Fault
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.reddit_ads import RedditAds as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 2)), (date(2026, 10, 22), date(2026, 11, 19))


def bench(*, page_size: int = 100, now: datetime = NOW, **shape: Any) -> Bench:
    """The connector at a fake of its own."""
    world = World("reddit_ads", shape=Shape(**shape), clock=Clock(now, is_frozen=True))
    return Bench(RedditAds, Fake(world, page_size=page_size))


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
def test_a_read_goes_on_from_any_checkpoint(window: tuple[date, date]) -> None:
    at = bench(page_size=30)
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
        assert {(one.status, one.raw_status) for one in campaigns} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_cut_reply_is_asked_for_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="cut_body", times=2))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_a_suspended_account_is_listed_with_its_problem() -> None:
    found = {one.name: one for one in bench().accounts()}
    assert found["Northwind old"].problem
    assert found["Northwind old"].status is AccountStatus.DISABLED
    assert (found["Northwind EUR"].problem, found["Northwind EUR"].timezone) == ("", "Europe/Berlin")


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Kolkata", "18:00:00Z"), ("Asia/Kathmandu", "18:00:00Z")])
def test_zones_that_begin_between_two_hours_ask_for_whole_hours_and_keep_their_days(zone: str, hour: str) -> None:
    at = bench(currencies=(("USD", zone),))
    bodies: list[dict[str, Any]] = []
    real = at.fake.handle

    def handle(request: Request) -> Answer:
        if request.method == "POST":
            bodies.append(request.json()["data"])
        return real(request)

    at.fake.handle = handle  # type: ignore[method-assign]  # a look at what is sent
    assert sums(at.daily(at.account(), *SPRING)) == truth(at.ledger(at.account(), *SPRING, settled=False))
    assert all(body["starts_at"].endswith(hour) for body in bodies)


def test_the_day_after_the_window_which_reddit_adds_is_dropped() -> None:
    at = bench()
    account, day = at.account(), date(2026, 11, 10)
    assert {one.day for one in at.daily(account, day, day)} == {day}


def test_the_next_pages_address_is_used_as_it_stands() -> None:
    at = bench(page_size=2)
    account = at.account()
    assert len(at.read(Kind.CAMPAIGNS, account)) == 6
    with pytest.raises(BadRequest):
        at.ctx().http.get(
            f"/api/{{version}}/ad_accounts/{account.id}/campaigns",
            raw_query="page.size=100&page.token=2&page.size=100",
        )
