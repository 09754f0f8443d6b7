"""Changes on Reddit: done once, read back, never mixed up with a budget for life."""

import pytest

from adloom_sdk import Action, ActionKind, EntityRef, EntityStatus, Level
from adloom_sdk.errors import BadRequest, Conflict, NotFound, OutcomeUnknown
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from tests.connectors.reddit_ads.test_reading import bench


def ref(at: Bench, index: int = 0, level: Level = Level.CAMPAIGN) -> EntityRef:
    entity = at.fake.world.entities(at.fake.world.accounts[0], level.value)[index]
    return EntityRef(account=at.account(), level=level, id=entity.id)


def patches(at: Bench) -> int:
    return sum(entry.method == "PATCH" for entry in at.fake.journal)


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
    assert patches(at) == 0


def test_a_daily_budget_is_set_in_micros_and_undone() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at), daily_budget_micros=25_000_000)
    result = carry_out(at.connector, at.ctx(), action)
    assert result.after.daily_budget_micros == 25_000_000
    back = inverse(action, result)
    assert back is not None
    assert carry_out(at.connector, at.ctx(), back).after == result.before


def test_nothing_is_written_where_somebody_else_changed_the_budget() -> None:
    at = bench()
    target = ref(at)
    seen = at.connector.state(at.ctx(), target)
    at.fake.world.change(target.id, daily_budget_micros=1_000_000)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=2_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(at.connector, at.ctx(), action)
    assert patches(at) == 0


def test_a_lost_reply_is_cleared_up_by_reading_and_nothing_is_sent_twice() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="lost_response", method="PATCH"))
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert patches(at) == 1


def test_a_server_fault_while_writing_leaves_the_outcome_unknown() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="server_error", method="PATCH"))
    with pytest.raises(OutcomeUnknown):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert patches(at) == 1


def test_what_reddit_does_not_allow_or_find_is_an_error() -> None:
    at = bench()
    with pytest.raises(BadRequest, match="configured_status cannot be changed"):
        at.connector.write(at.ctx(), Action(kind=ActionKind.ENABLE, ref=ref(at, 5)))
    gone = Action(kind=ActionKind.PAUSE, ref=EntityRef(account=at.account(), level=Level.CAMPAIGN, id="1"))
    with pytest.raises(NotFound):
        at.connector.write(at.ctx(), gone)


def test_a_budget_that_the_ad_groups_own_cannot_be_set_on_the_campaign() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, 3), daily_budget_micros=5_000_000)
    with pytest.raises(BadRequest):
        carry_out(at.connector, at.ctx(), action)


def test_only_campaigns_take_a_daily_budget() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref(at, level=Level.AD), daily_budget_micros=5_000_000)
    with pytest.raises(BadRequest):
        carry_out(at.connector, at.ctx(), action)
    assert patches(at) == 0
