"""Changes at Google: checked first, done once, read back, undone, and never on a shared budget."""

import pytest

from adloom_sdk import Action, ActionKind, EntityRef, EntityStatus, Level
from adloom_sdk.errors import BadRequest, Conflict, NotFound, OutcomeUnknown, ScopeMissing, SharedBudget
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from tests.connectors.google_ads.benches import bench

SHARED = 3


def ref(at: Bench, index: int = 0, level: Level = Level.CAMPAIGN, currency: str = "USD") -> EntityRef:
    owner = next(one for one in at.fake.world.accounts if one.currency == currency)
    entity = at.fake.world.entities(owner, level.value)[index]
    return EntityRef(account=at.account(currency), level=level, id=entity.id)


def mutations(at: Bench) -> int:
    return sum(entry.path.endswith(":mutate") for entry in at.fake.journal)


@pytest.mark.parametrize("level", list(Level))
def test_pausing_is_checked_sent_read_back_and_can_be_undone(level: Level) -> None:
    at = bench()
    action = Action(kind=ActionKind.PAUSE, ref=ref(at, level=level))
    result = carry_out(at.connector, at.ctx(), action)
    assert (result.before.status, result.after.status) == (EntityStatus.ACTIVE, EntityStatus.PAUSED)
    assert result.request_id
    assert mutations(at) == 2
    back = inverse(action, result)
    assert back is not None
    assert carry_out(at.connector, at.ctx(), back).after.status is EntityStatus.ACTIVE


def test_a_dry_run_changes_nothing() -> None:
    at = bench()
    target = ref(at)
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=target), dry_run=True)
    assert result.was_dry_run
    assert at.connector.state(at.ctx(), target).status is EntityStatus.ACTIVE
    assert mutations(at) == 1


def test_pausing_what_is_paused_sends_nothing() -> None:
    at = bench()
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at, 4)))
    assert not result.was_needed
    assert mutations(at) == 0


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KRW", "KWD"])
def test_a_daily_budget_is_set_in_every_currency_and_undone(currency: str) -> None:
    at = bench()
    micros = 25_005_000 if currency == "KWD" else 25_000_000_000
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, currency=currency), daily_budget_micros=micros)
    result = carry_out(at.connector, at.ctx(), action)
    assert result.after.daily_budget_micros == micros
    assert any(one.path.endswith("/campaignBudgets:mutate") for one in at.exchanges)
    back = inverse(action, result)
    assert back is not None
    assert carry_out(at.connector, at.ctx(), back).after == result.before


def test_a_budget_that_other_campaigns_share_is_refused_before_anything_is_sent() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, SHARED), daily_budget_micros=5_000_000)
    with pytest.raises(SharedBudget):
        carry_out(at.connector, at.ctx(), action)
    with pytest.raises(SharedBudget):
        at.connector.write(at.ctx(), action)
    assert mutations(at) == 0


def test_only_campaigns_take_a_daily_budget() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, level=Level.AD_GROUP), daily_budget_micros=5_000_000)
    with pytest.raises(BadRequest):
        carry_out(at.connector, at.ctx(), action)
    assert mutations(at) == 0


def test_an_amount_finer_than_the_currency_fails_in_the_check_already() -> None:
    at = bench()
    target = ref(at, currency="JPY")
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=5_500_000)
    with pytest.raises(BadRequest, match="minimum unit") as caught:
        carry_out(at.connector, at.ctx(), action)
    assert caught.value.field == "operations.amount_micros"
    assert mutations(at) == 1


def test_nothing_is_written_where_somebody_else_changed_the_budget() -> None:
    at = bench()
    target = ref(at)
    seen = at.connector.state(at.ctx(), target)
    at.fake.world.change(target.id, daily_budget_micros=1_000_000)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=2_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(at.connector, at.ctx(), action)
    assert mutations(at) == 0


def test_a_lost_reply_is_cleared_up_by_reading_and_nothing_is_sent_twice() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="lost_response", path=":mutate", skip=1))
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert mutations(at) == 2


def test_a_server_fault_while_writing_leaves_the_outcome_unknown() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="server_error", path=":mutate", skip=1))
    with pytest.raises(OutcomeUnknown):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert mutations(at) == 2


def test_a_sign_in_without_the_permission_cannot_write() -> None:
    at = bench()
    action = Action(kind=ActionKind.PAUSE, ref=ref(at))
    with pytest.raises(ScopeMissing):
        carry_out(at.connector, at.ctx(at.credentials(at.token("openid"))), action)


def test_what_is_removed_or_gone_cannot_be_changed() -> None:
    at = bench()
    with pytest.raises(BadRequest, match="removed"):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.ENABLE, ref=ref(at, 5)))
    for unknown in ("1", "1 OR 1"):
        gone = EntityRef(account=at.account(), level=Level.CAMPAIGN, id=unknown)
        with pytest.raises(NotFound):
            carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=gone))
