"""Changes at Meta: done once, read back, undone, and only where the budget is."""

import pytest

from adloom_sdk import Action, ActionKind, EntityRef, EntityStatus, Level
from adloom_sdk.errors import BadRequest, Conflict, NotFound, OutcomeUnknown, ScopeMissing
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from tests.connectors.meta_ads.benches import bench

BY_AD_SETS = 3


def ref(at: Bench, index: int = 0, level: Level = Level.CAMPAIGN, currency: str = "USD") -> EntityRef:
    owner = next(one for one in at.fake.world.accounts if one.currency == currency)
    entity = at.fake.world.entities(owner, level.value)[index]
    return EntityRef(account=at.account(currency), level=level, id=entity.id)


def sent(at: Bench) -> int:
    return sum(entry.method == "POST" for entry in at.fake.journal)


@pytest.mark.parametrize("level", list(Level))
def test_pausing_is_read_back_and_can_be_undone(level: Level) -> None:
    at = bench()
    action = Action(kind=ActionKind.PAUSE, ref=ref(at, level=level))
    result = carry_out(at.connector, at.ctx(), action)
    assert (result.before.status, result.after.status) == (EntityStatus.ACTIVE, EntityStatus.PAUSED)
    assert result.request_id
    back = inverse(action, result)
    assert back is not None
    assert carry_out(at.connector, at.ctx(), back).after.status is EntityStatus.ACTIVE


def test_pausing_what_is_paused_sends_nothing() -> None:
    at = bench()
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at, 4)))
    assert not result.was_needed
    assert sent(at) == 0


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KRW", "KWD"])
def test_a_daily_budget_is_set_in_every_currency_and_undone(currency: str) -> None:
    at = bench()
    action = Action(
        kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, currency=currency), daily_budget_micros=25_000_000_000
    )
    result = carry_out(at.connector, at.ctx(), action)
    assert result.after.daily_budget_micros == 25_000_000_000
    back = inverse(action, result)
    assert back is not None
    assert carry_out(at.connector, at.ctx(), back).after == result.before


def test_a_budget_that_lies_on_the_ad_sets_is_set_there_and_not_on_the_campaign() -> None:
    at = bench()
    on_campaign = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, BY_AD_SETS), daily_budget_micros=5_000_000)
    with pytest.raises(BadRequest, match="its ad sets"):
        carry_out(at.connector, at.ctx(), on_campaign)
    assert sent(at) == 0
    ad_set = ref(at, BY_AD_SETS * at.fake.world.shape.ad_groups, Level.AD_GROUP)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ad_set, daily_budget_micros=5_000_000)
    assert carry_out(at.connector, at.ctx(), action).after.daily_budget_micros == 5_000_000


def test_a_budget_below_metas_floor_is_refused_in_its_words() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at), daily_budget_micros=10_000)
    with pytest.raises(BadRequest, match="too low"):
        carry_out(at.connector, at.ctx(), action)


def test_nothing_is_written_where_somebody_else_changed_the_budget() -> None:
    at = bench()
    target = ref(at)
    seen = at.connector.state(at.ctx(), target)
    at.fake.world.change(target.id, daily_budget_micros=1_000_000)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=2_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(at.connector, at.ctx(), action)
    assert sent(at) == 0


def test_a_lost_reply_is_cleared_up_by_reading_and_nothing_is_sent_twice() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="lost_response", method="POST"))
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert sent(at) == 1


def test_a_server_fault_while_writing_leaves_the_outcome_unknown() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="server_error", method="POST"))
    with pytest.raises(OutcomeUnknown):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert sent(at) == 1


def test_a_sign_in_for_reading_cannot_write() -> None:
    at = bench()
    reader = at.credentials(at.token("ads_read"))
    with pytest.raises(ScopeMissing):
        carry_out(at.connector, at.ctx(reader), Action(kind=ActionKind.PAUSE, ref=ref(at)))


def test_what_is_archived_or_gone_cannot_be_changed() -> None:
    at = bench()
    with pytest.raises(BadRequest):
        at.connector.write(at.ctx(), Action(kind=ActionKind.ENABLE, ref=ref(at, 5)))
    gone = EntityRef(account=at.account(), level=Level.CAMPAIGN, id="1")
    with pytest.raises(NotFound):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=gone))
