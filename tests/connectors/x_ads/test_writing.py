"""Changes on X: parameters of the address, sent once, read back."""

import pytest

from adloom_sdk import Action, ActionKind, EntityRef, EntityStatus, Level
from adloom_sdk.errors import BadRequest, Conflict, NotFound, OutcomeUnknown
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from sandbox.platforms.x_ads_bodies import base36
from tests.connectors.x_ads.test_reading import bench


def ref(at: Bench, index: int = 0, level: Level = Level.CAMPAIGN) -> EntityRef:
    entity = at.fake.world.entities(at.fake.world.accounts[0], level.value)[index]
    return EntityRef(account=at.account(), level=level, id=base36(entity.number))


def puts(at: Bench) -> int:
    return sum(entry.method == "PUT" for entry in at.fake.journal)


@pytest.mark.parametrize("level", [Level.CAMPAIGN, Level.AD_GROUP])
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
    assert puts(at) == 0


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
    at.fake.world.change(at.fake.undressed(target.id), daily_budget_micros=1_000_000)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=2_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(at.connector, at.ctx(), action)
    assert puts(at) == 0


def test_a_lost_reply_is_cleared_up_by_reading_and_nothing_is_sent_twice() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="lost_response", method="PUT"))
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert puts(at) == 1


def test_a_server_fault_while_writing_leaves_the_outcome_unknown() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="server_error", method="PUT"))
    with pytest.raises(OutcomeUnknown):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at)))
    assert puts(at) == 1


def test_what_reddit_does_not_allow_or_find_is_an_error() -> None:
    at = bench()
    with pytest.raises(BadRequest, match="cannot be changed"):
        at.connector.write(at.ctx(), Action(kind=ActionKind.ENABLE, ref=ref(at, 5)))
    gone = Action(kind=ActionKind.PAUSE, ref=EntityRef(account=at.account(), level=Level.CAMPAIGN, id="1"))
    with pytest.raises(NotFound):
        at.connector.write(at.ctx(), gone)


def test_a_single_promoted_post_cannot_be_changed() -> None:
    at = bench()
    with pytest.raises(BadRequest, match="line item"):
        carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=ref(at, level=Level.AD)))
    assert puts(at) == 0


def test_a_line_item_that_owns_its_budget_takes_another() -> None:
    at = bench()
    target = ref(at, 6, Level.AD_GROUP)
    result = carry_out(
        at.connector, at.ctx(), Action(kind=ActionKind.SET_DAILY_BUDGET, ref=target, daily_budget_micros=5_000_000)
    )
    assert result.before.daily_budget_micros not in {None, 5_000_000}
    assert result.after.daily_budget_micros == 5_000_000
