"""What the Meta connector reads is what the platform's ledger holds, at once or as a report, and however it is paged."""

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from adloom_sdk import (
    AccountStatus,
    AdGroup,
    Batch,
    BudgetOwner,
    Campaign,
    Context,
    DailyMetric,
    EntityStatus,
    Kind,
    Level,
    Progress,
    Reply,
)
from adloom_sdk.errors import Cancelled, NotFound, SchemaDrift, TooMuchData, Transient
from adloom_sdk.testing.bench import Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from tests.connectors.meta_ads.benches import AUTUMN, CURRENCIES, LONG, SHORT, SPRING, bench, calls, fake_of


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


@pytest.mark.parametrize("window", [SHORT, LONG], ids=["at once", "report"])
def test_every_level_sums_to_the_same_days_and_names_its_campaign(window: tuple[date, date]) -> None:
    at = bench()
    account = at.account()
    campaigns = {one.id for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)}
    by_level = {level: at.daily(account, *window, level) for level in Level}
    assert sums(by_level[Level.CAMPAIGN]) == sums(by_level[Level.AD_GROUP]) == sums(by_level[Level.AD])
    assert sums(by_level[Level.AD]) == truth(at.ledger(account, *window, settled=False))
    assert all(one.campaign_id in campaigns for records in by_level.values() for one in records)


@pytest.mark.parametrize("page_size", [1, 2, 5, 100])
def test_every_page_size_gives_every_entity_and_day_once(page_size: int) -> None:
    at = bench(page_size=page_size)
    account = at.account()
    for kind, count in ((Kind.CAMPAIGNS, 6), (Kind.AD_GROUPS, 12), (Kind.ADS, 24), (Kind.CREATIVES, 24)):
        ids = [getattr(one, "id", "") for one in at.read(kind, account)]
        assert len(ids) == len(set(ids)) == count
    assert sums(at.daily(account, *SHORT)) == truth(at.ledger(account, *SHORT, settled=False))


def test_short_windows_are_answered_at_once_and_long_ones_by_a_report() -> None:
    at = bench()
    account = at.account()
    at.daily(account, *SHORT, Level.AD)
    assert calls(at, "/insights", "POST") == 0
    at.daily(account, *LONG, Level.CAMPAIGN)
    assert calls(at, "/insights", "POST") == 1


def test_a_report_is_taken_only_when_it_is_completed_although_it_says_100_percent_before() -> None:
    at = bench()
    fake_of(at).job_polls = 5
    account = at.account()
    messages = list(at.messages(Kind.DAILY, account, *LONG, level=Level.CAMPAIGN))
    told = [one for one in messages if isinstance(one, Progress)]
    assert told[-1].done == 100
    assert told[-1].sentence == "Meta is preparing the report: 100 %"
    records = [one for message in messages if isinstance(message, Batch) for one in message.records]
    days = [one for one in records if isinstance(one, DailyMetric)]
    assert sums(days) == truth(at.ledger(account, *LONG, settled=False))


def test_a_report_is_asked_for_where_meta_refuses_so_much_at_once() -> None:
    at = bench()
    fake_of(at).sync_rows = 10
    account = at.account()
    assert sums(at.daily(account, *SHORT)) == truth(at.ledger(account, *SHORT, settled=False))
    assert calls(at, "/insights", "POST") == 1


def test_a_failed_report_is_ordered_once_more() -> None:
    at = bench()
    fake_of(at).failing_jobs = 1
    account = at.account()
    assert sums(at.daily(account, *LONG)) == truth(at.ledger(account, *LONG, settled=False))
    assert calls(at, "/insights", "POST") == 2


def test_a_report_that_fails_twice_is_for_the_host_to_split() -> None:
    at = bench()
    fake_of(at).failing_jobs = 2
    with pytest.raises(TooMuchData):
        at.daily(at.account(), *LONG)


def test_a_report_that_is_never_ready_is_given_up() -> None:
    at = bench()
    fake_of(at).job_polls = 10_000
    with pytest.raises(Transient):
        at.daily(at.account(), *LONG)


def test_a_report_that_meta_forgot_is_ordered_again() -> None:
    at = bench()
    account = at.account()
    found = at.daily(account, *LONG, checkpoint={"report": "404", "after": "cDU="})
    assert sums(found) == truth(at.ledger(account, *LONG, settled=False))


def test_waiting_for_a_report_ends_when_the_host_wants_to_stop() -> None:
    at = bench()
    fake_of(at).job_polls = 10_000
    messages = at.messages(Kind.DAILY, at.account(), *LONG, level=Level.CAMPAIGN)
    next(messages)
    at.is_cancelled = lambda: True
    with pytest.raises(Cancelled):
        list(messages)


@pytest.mark.parametrize("window", [SHORT, LONG], ids=["at once", "report"])
def test_a_read_goes_on_from_any_checkpoint(window: tuple[date, date]) -> None:
    at = bench(page_size=40, ad_groups=1, ads=1)
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


def test_lists_are_asked_for_in_smaller_pages_where_meta_refuses_large_ones() -> None:
    at = bench()
    account = at.account()
    asked: list[str] = []
    ctx = at.ctx(error_of=_refusing_large_pages(at, asked))
    assert len(at.read(Kind.CAMPAIGNS, account, ctx=ctx)) == 6
    assert len(asked) == 3


def _refusing_large_pages(at: Bench, asked: list[str]) -> Callable[[Reply], Exception | None]:
    def error_of(reply: Reply) -> Exception | None:
        asked.append(reply.path)
        return TooMuchData("Meta refuses so large an answer.") if len(asked) < 3 else at.connector.error_of(reply)

    return error_of


def test_archived_campaigns_and_their_numbers_are_read() -> None:
    at = bench()
    account = at.account()
    found = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    removed = [one for one in found if one.status is EntityStatus.REMOVED]
    assert [one.raw_status for one in removed] == ["ARCHIVED"]
    assert any(one.entity_id == removed[0].id for one in at.daily(account, *SPRING))


def test_a_campaign_without_a_budget_has_them_on_its_ad_sets() -> None:
    at = bench()
    account = at.account()
    campaigns = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    by_sets = [one.id for one in campaigns if one.budget_owner is BudgetOwner.AD_GROUPS]
    assert len(by_sets) == 1
    sets = [one for one in at.read(Kind.AD_GROUPS, account) if isinstance(one, AdGroup)]
    assert {one.campaign_id for one in sets if one.daily_budget_micros} == set(by_sets)


def test_budgets_are_minor_units_by_metas_own_table() -> None:
    at = bench()
    for currency, unit in (("USD", 10_000), ("JPY", 1_000_000), ("KRW", 1_000_000), ("KWD", 10_000)):
        account = at.account(currency)
        told = [one.daily_budget_micros for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
        world = at.fake.world.campaigns(next(one for one in at.fake.world.accounts if one.currency == currency))
        wanted = [None if one.is_budget_shared else (one.daily_budget_micros or 0) // unit * unit for one in world]
        assert told == wanted


def test_disabled_accounts_are_listed_with_what_is_wrong() -> None:
    found = bench().accounts()
    assert [one.problem for one in found if one.status is AccountStatus.DISABLED] == [
        "Meta has disabled this ad account."
    ]
    assert [one.problem for one in found if one.status is AccountStatus.ACTIVE] == [""] * 5
    assert {one.can_write for one in found} == {True}


def test_every_page_of_accounts_is_read() -> None:
    assert len(bench(page_size=2).accounts()) == 6


@pytest.mark.parametrize("fault", ["extra_field", "unknown_status"])
def test_fields_and_words_that_nobody_knows_change_no_number(fault: str) -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind=fault))
    assert sums(at.daily(account, *SHORT)) == truth(at.ledger(account, *SHORT, settled=False))
    campaigns = [one for one in at.read(Kind.CAMPAIGNS, account) if isinstance(one, Campaign)]
    if fault == "unknown_status":
        assert {(one.status, one.raw_status) for one in campaigns} == {(EntityStatus.OTHER, "ZZ_BRAND_NEW")}


def test_a_body_that_was_cut_is_asked_for_again() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="cut_body", path="/insights", times=2))
    assert sums(at.daily(account, *SHORT)) == truth(at.ledger(account, *SHORT, settled=False))


def test_a_web_page_where_data_were_due_is_told_as_such() -> None:
    at = bench()
    account = at.account()
    at.fake.faults.add(Fault(kind="html", path="/campaigns"))
    with pytest.raises(SchemaDrift):
        at.read(Kind.CAMPAIGNS, account)


def test_an_account_may_be_named_without_its_prefix() -> None:
    at = bench()
    account = at.account("JPY")
    bare = replace(account, id=account.id.removeprefix("act_"))
    assert at.read(Kind.CAMPAIGNS, bare) == at.read(Kind.CAMPAIGNS, account)
    assert at.daily(bare, *SHORT) == at.daily(account, *SHORT)


def refusing(at: Bench, when: Callable[[Reply], bool], code: str) -> Context:
    """A platform that refuses some calls as too large."""

    def error_of(one: Reply) -> Exception | None:
        return TooMuchData("Too large.", code) if when(one) else at.connector.error_of(one)

    return at.ctx(error_of=error_of)


def test_a_window_that_meta_calls_too_long_is_for_the_host_to_cut_and_a_single_day_for_a_report() -> None:
    at = bench()
    account = at.account()
    ctx = refusing(at, lambda one: one.method == "GET" and one.path.endswith(f"{account.id}/insights"), "100/1487534")
    with pytest.raises(TooMuchData):
        at.daily(account, *SHORT, ctx=ctx)
    assert calls(at, "/insights", "POST") == 0
    day = SHORT[0]
    assert sums(at.daily(account, day, day, ctx=ctx)) == truth(at.ledger(account, day, day, settled=False))


def test_pages_of_a_report_are_made_smaller_where_meta_finds_them_large() -> None:
    at = bench()
    account = at.account()
    left = [3]

    def is_large(one: Reply) -> bool:
        is_page = one.path.endswith("/insights") and account.id not in one.path
        left[0] -= is_page
        return is_page and left[0] >= 0

    assert sums(at.daily(account, *LONG, ctx=refusing(at, is_large, "1"))) == truth(
        at.ledger(account, *LONG, settled=False)
    )
    assert calls(at, "/insights", "POST") == 1


@pytest.mark.parametrize(("window", "method"), [(SHORT, "GET"), (LONG, "POST")], ids=["at once", "report"])
def test_where_one_way_of_asking_is_not_there_the_other_is_taken(window: tuple[date, date], method: str) -> None:
    at = bench()
    account = at.account()

    def error_of(one: Reply) -> Exception | None:
        is_closed = one.method == method and one.path.endswith(f"{account.id}/insights")
        return NotFound("Not found.", "HTTP 404") if is_closed else at.connector.error_of(one)

    found = at.daily(account, *window, ctx=at.ctx(error_of=error_of))
    assert sums(found) == truth(at.ledger(account, *window, settled=False))


def test_an_account_that_is_not_there_is_asked_for_once() -> None:
    at = bench()
    gone = replace(at.account(), id="act_404")
    at.exchanges.clear()
    with pytest.raises(NotFound):
        at.daily(gone, *SHORT)
    assert len(at.exchanges) == 1
