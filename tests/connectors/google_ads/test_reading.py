"""What the Google connector reads is what the platform's ledger holds, in whatever parts it comes."""

from collections.abc import Callable
from datetime import date

import httpx
import pytest
from adloom_google_ads import reading

from adloom_sdk import BudgetOwner, Campaign, Creative, DailyMetric, EntityStatus, Kind, Level, Progress
from adloom_sdk.errors import Cancelled, RateLimited, SchemaDrift, Transient
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.google_ads.benches import AUTUMN, CURRENCIES, SPRING, bench, queries


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


def test_every_level_sums_to_the_same_days_and_names_its_campaign() -> None:
    at = bench()
    account = at.account()
    campaigns = {one.id for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
    by_level = {level: at.daily(account, *AUTUMN, level) for level in Level}
    assert sums(by_level[Level.CAMPAIGN]) == sums(by_level[Level.AD_GROUP]) == sums(by_level[Level.AD])
    assert all(one.campaign_id in campaigns for records in by_level.values() for one in records)


@pytest.mark.parametrize("part_size", [1, 2, 5, 100])
def test_every_size_of_a_streams_parts_gives_every_entity_and_day_once(part_size: int) -> None:
    at = bench(page_size=part_size)
    account = at.account()
    for kind, count in ((Kind.CAMPAIGNS, 6), (Kind.AD_GROUPS, 12), (Kind.ADS, 24), (Kind.CREATIVES, 24)):
        ids = [getattr(one, "id", "") for one in at.read(kind, account)]
        assert len(ids) == len(set(ids)) == count
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_an_account_without_anything_gives_nothing() -> None:
    at = bench(campaigns=0)
    account = at.account()
    assert at.read(Kind.CAMPAIGNS, account) == []
    assert at.daily(account, *AUTUMN) == []


def test_a_small_account_takes_few_questions_and_a_large_one_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    at = bench()
    account = at.account()
    at.exchanges.clear()
    at.daily(account, *AUTUMN)
    assert queries(at) == 3
    monkeypatch.setattr(reading, "MOST_ROWS", 12)
    at.exchanges.clear()
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    assert queries(at) > 10


def test_a_read_goes_on_from_any_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 40)
    at = bench()
    account = at.account()
    whole = sums(at.daily(account, *SPRING))
    seen = list(at.checkpoints(at.messages(Kind.DAILY, account, *SPRING, level=Level.CAMPAIGN)))
    assert len({str(state) for _, state in seen}) > 3
    for before, state in seen:
        after = at.daily(account, *SPRING, checkpoint=state)
        kept = {(one.entity_id, one.day): one for one in [*before, *after] if isinstance(one, DailyMetric)}
        assert sums(list(kept.values())) == whole


def cut_while(is_large: Callable[[str], bool], at: Bench) -> httpx.MockTransport:
    """The connection breaks in the middle of answers that are too large."""

    def respond(request: httpx.Request) -> httpx.Response:
        if is_large(request.read().decode()):
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return at.fake.transport().handle_request(request)

    return httpx.MockTransport(respond)


def test_a_stream_that_breaks_in_the_middle_is_asked_for_in_halves() -> None:
    at = bench()
    account = at.account()
    first_days = "BETWEEN '2026-10-22' AND '2026-10-23'"
    ctx = at.ctx(transport=cut_while(lambda body: first_days in body, at))
    messages = list(at.messages(Kind.DAILY, account, *AUTUMN, level=Level.CAMPAIGN, ctx=ctx))
    assert any(isinstance(one, Progress) for one in messages)
    assert sums(at.daily(account, *AUTUMN, ctx=ctx)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_a_single_day_that_always_breaks_is_given_up() -> None:
    at = bench()
    account = at.account()
    ctx = at.ctx(transport=cut_while(lambda body: "metrics" in body, at))
    with pytest.raises(Transient):
        at.daily(account, *AUTUMN, ctx=ctx)


def test_an_outage_is_not_taken_for_too_large_an_answer() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="server_error"))
    at.exchanges.clear()
    with pytest.raises(Transient):
        at.daily(account, *AUTUMN)
    assert queries(at) == 5


def test_an_error_after_good_parts_of_a_stream_is_an_error() -> None:
    at = bench()
    account = at.account()
    quota = {"errorCode": {"quotaError": "RESOURCE_TEMPORARILY_EXHAUSTED"}, "message": "Slow down."}
    problem = {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"errors": [quota], "requestId": "r1"}]}
    parts = [{"results": [{"campaign": {"id": "1"}, "segments": {"date": "2026-11-01"}}]}, {"error": problem}]
    ctx = at.ctx(transport=httpx.MockTransport(lambda _request: httpx.Response(200, json=parts)))
    with pytest.raises(RateLimited) as caught:
        at.daily(account, *AUTUMN, ctx=ctx)
    assert caught.value.request_id == "r1"


def test_youtube_campaigns_are_known_by_their_kind_and_have_views() -> None:
    at = bench()
    account = at.account()
    kinds = {one.id: one.kind for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
    assert set(kinds.values()) >= {"VIDEO", "SEARCH"}
    views = {kinds[one.entity_id]: one.video_views for one in at.daily(account, *AUTUMN)}
    assert views["VIDEO"]
    assert views["SEARCH"] == 0
    creatives = [one for one in at.read(Kind.CREATIVES, account) if isinstance(one, Creative)]
    assert {"video", "text", "image"} <= {one.kind for one in creatives}
    assert any(one.title.startswith("Title of") and one.body.startswith("Text of") for one in creatives)


def test_removed_campaigns_and_their_numbers_are_read() -> None:
    at = bench()
    account = at.account()
    found = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    removed = [one.id for one in found if one.status is EntityStatus.REMOVED]
    assert len(removed) == 1
    assert any(one.entity_id == removed[0] for one in at.daily(account, *SPRING))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_budgets_are_exact_and_shared_ones_are_told(currency: str) -> None:
    at = bench()
    found = [one for one in at.read(Kind.CAMPAIGNS, at.account(currency)) if isinstance(one, Campaign)]
    world = at.fake.world.campaigns(next(one for one in at.fake.world.accounts if one.currency == currency))
    assert [one.daily_budget_micros for one in found] == [one.daily_budget_micros for one in world]
    assert [one.budget_owner is BudgetOwner.SHARED for one in found] == [one.is_budget_shared for one in world]


@pytest.mark.parametrize("fault", ["extra_field", "unknown_status"])
def test_fields_and_words_that_nobody_knows_change_no_number(fault: str) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind=fault))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))
    campaigns = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    if fault == "unknown_status":
        assert {(one.status, one.raw_status) for one in campaigns} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_body_that_was_cut_is_asked_for_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="cut_body", path=":searchStream", times=2))
    assert sums(at.daily(account, *AUTUMN)) == truth(at.ledger(account, *AUTUMN, settled=False))


def test_a_web_page_where_data_were_due_is_told_as_such() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="html"))
    with pytest.raises(SchemaDrift):
        at.read(Kind.CAMPAIGNS, account)


def test_a_read_ends_when_the_host_wants_to_stop() -> None:
    at = bench()
    messages = at.messages(Kind.DAILY, at.account(), *SPRING, level=Level.CAMPAIGN)
    next(messages)
    at.is_cancelled = lambda: True
    with pytest.raises(Cancelled):
        list(messages)
