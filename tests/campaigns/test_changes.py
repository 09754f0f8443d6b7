"""Changes written back: guarded, never applied twice, resolved by reading, written down, and taken back exactly."""

import pytest
from sqlalchemy import text

from adloom_sdk.messages import ActionKind
from adloom_sdk.records import BudgetOwner, EntityStatus
from adloom_sdk.testing.faults import Fault
from billing.plans import FREE
from kit.errors import Conflict, InvalidInput, PlanDoesNotInclude
from kit.jobs import Transient
from tests.campaigns.advertiser import Advertiser
from tests.campaigns.platform import Platform

BUDGET = ActionKind.SET_DAILY_BUDGET


@pytest.fixture
def platform(advertiser: Advertiser) -> Platform:
    return Platform.of(advertiser)


def test_a_campaign_is_paused_on_the_platform_and_here(platform: Platform) -> None:
    campaign = platform.stored()
    change = platform.ask(campaign, ActionKind.PAUSE)
    assert (change.state, platform.truth(campaign)[0], change.asked_by_name) == ("asked", "active", "Ada")
    done = platform.apply(change)
    assert (done.state, platform.truth(campaign)[0], campaign.status) == ("done", "paused", "paused")
    assert done.before is not None
    assert done.after is not None
    assert (done.before["status"], done.after["status"]) == ("active", "paused")


def test_a_change_enqueues_one_job_that_names_it(platform: Platform) -> None:
    change = platform.ask(platform.stored(), ActionKind.PAUSE)
    assert change.job_id is not None


def test_every_outcome_is_written_down_with_before_and_after(platform: Platform) -> None:
    campaign = platform.stored()
    old = campaign.daily_budget_micros or 0
    platform.apply(platform.ask(campaign, BUDGET, daily_budget_micros=old + 5_000_000))
    entry = platform.advertiser.session.execute(
        text("SELECT action, subject, actor_name, details FROM audit_log")
    ).one()
    assert (entry.action, entry.subject, entry.actor_name) == ("campaign.done", campaign.name, "Ada")
    assert entry.details["before"]["daily_budget_micros"] == old
    assert entry.details["after"]["daily_budget_micros"] == old + 5_000_000


def test_undo_restores_exactly_and_only_once(platform: Platform) -> None:
    campaign = platform.stored()
    before = platform.truth(campaign)
    change = platform.apply(platform.ask(campaign, BUDGET, daily_budget_micros=(before[1] or 0) + 7_770_000))
    undo = platform.undo(change)
    with pytest.raises(Conflict, match="being taken back already"):
        platform.undo(change)
    assert platform.apply(undo).state == "done"
    assert (platform.truth(campaign), campaign.daily_budget_micros) == (before, before[1])
    assert (change.state, undo.undo_of) == ("undone", change.id)
    with pytest.raises(Conflict, match="cannot be taken back"):
        platform.undo(change)


def test_an_undo_itself_can_be_taken_back(platform: Platform) -> None:
    campaign = platform.stored()
    undo = platform.apply(platform.undo(platform.apply(platform.ask(campaign, ActionKind.PAUSE))))
    assert platform.truth(campaign)[0] == "active"
    platform.apply(platform.undo(undo))
    assert platform.truth(campaign)[0] == "paused"


def test_an_undo_does_not_overwrite_what_somebody_did_since(platform: Platform) -> None:
    campaign = platform.stored()
    old = campaign.daily_budget_micros or 0
    change = platform.apply(platform.ask(campaign, BUDGET, daily_budget_micros=old + 1_000_000))
    undo = platform.undo(change)
    platform.bench.fake.world.change(campaign.platform_id or "", daily_budget_micros=old + 9_000_000)
    assert platform.apply(undo).state == "refused"
    assert platform.truth(campaign)[1] == old + 9_000_000
    assert change.state == "done"


def test_what_changed_on_the_platform_since_is_not_overwritten_and_then_shown(platform: Platform) -> None:
    campaign = platform.stored()
    change = platform.ask(campaign, BUDGET, daily_budget_micros=(campaign.daily_budget_micros or 0) + 1_000_000)
    platform.bench.fake.world.change(campaign.platform_id or "", daily_budget_micros=42_000_000)
    refused = platform.apply(change)
    assert (refused.state, refused.problem) == ("refused", "The budget was changed elsewhere since you looked.")
    assert (platform.truth(campaign)[1], campaign.daily_budget_micros) == (42_000_000, 42_000_000)


def test_what_changed_here_since_is_refused_before_anything_is_asked(platform: Platform) -> None:
    campaign = platform.stored()
    with pytest.raises(Conflict):
        platform.ask(campaign, ActionKind.PAUSE, seen_status="paused")
    with pytest.raises(Conflict):
        platform.ask(campaign, BUDGET, daily_budget_micros=60_000_000, seen_budget_micros=1)


def test_a_shared_budget_and_one_that_lies_in_ad_groups_are_refused(platform: Platform) -> None:
    campaign = platform.stored()
    campaign.budget_owner = "shared"
    with pytest.raises(InvalidInput, match="feeds other campaigns"):
        platform.ask(campaign, BUDGET, daily_budget_micros=60_000_000)
    groups = platform.stored(owner=BudgetOwner.AD_GROUPS)
    with pytest.raises(InvalidInput, match="no daily budget of its own"):
        platform.ask(groups, BUDGET, daily_budget_micros=60_000_000)


def test_a_budget_has_a_floor_and_a_large_step_needs_a_confirmation(platform: Platform) -> None:
    campaign = platform.stored()
    old = campaign.daily_budget_micros or 0
    with pytest.raises(InvalidInput, match="too low"):
        platform.ask(campaign, BUDGET, daily_budget_micros=0)
    with pytest.raises(InvalidInput, match="large step"):
        platform.ask(campaign, BUDGET, daily_budget_micros=old * 3)
    change = platform.ask(campaign, BUDGET, daily_budget_micros=old * 3, is_confirmed=True)
    assert platform.apply(change).state == "done"


def test_small_steps_of_one_day_add_up(platform: Platform) -> None:
    campaign = platform.stored()
    old = campaign.daily_budget_micros or 0
    platform.apply(platform.ask(campaign, BUDGET, daily_budget_micros=old * 2))
    with pytest.raises(InvalidInput, match="large step within a day"):
        platform.ask(campaign, BUDGET, daily_budget_micros=old * 3)


def test_the_free_plan_and_a_sign_in_that_may_only_read_are_refused(platform: Platform) -> None:
    campaign = platform.stored()
    with pytest.raises(PlanDoesNotInclude, match="changing campaigns"):
        platform.ask(campaign, ActionKind.PAUSE, plan=FREE)
    platform.advertiser.session.execute(text("UPDATE connections SET may_write = false"))
    platform.advertiser.session.expire_all()
    with pytest.raises(InvalidInput, match="may read, but not change"):
        platform.ask(campaign, ActionKind.PAUSE)


def test_a_lost_answer_is_resolved_by_reading(platform: Platform) -> None:
    campaign = platform.stored()
    platform.lose()
    done = platform.apply(platform.ask(campaign, ActionKind.PAUSE))
    assert (done.state, platform.truth(campaign)[0], platform.writes(campaign)) == ("done", "paused", 1)


def test_a_worker_that_died_after_writing_leaves_a_change_that_can_still_be_taken_back(platform: Platform) -> None:
    campaign = platform.stored()
    before = platform.truth(campaign)
    change = platform.ask(campaign, BUDGET, daily_budget_micros=(before[1] or 0) + 3_000_000)
    platform.bench.fake.world.change(campaign.platform_id or "", daily_budget_micros=change.daily_budget_micros)
    platform.apply(change, attempt=2)
    assert (change.state, platform.writes(campaign)) == ("done", 1)
    platform.apply(platform.undo(change))
    assert platform.truth(campaign) == before


def test_a_platform_that_is_away_is_tried_again_and_in_the_end_the_outcome_is_unknown(platform: Platform) -> None:
    campaign = platform.stored()
    change = platform.ask(campaign, ActionKind.PAUSE)
    platform.bench.fake.faults.add(Fault(kind="server_error"))
    with pytest.raises(Transient):
        platform.apply(change)
    assert change.state == "asked"
    assert platform.apply(change, attempt=6, is_last=True).state == "unknown"
    assert change.problem


def test_a_refusal_of_one_campaign_is_no_problem_of_its_account_and_a_lost_sign_in_is(platform: Platform) -> None:
    campaign, session = platform.stored(), platform.advertiser.session
    gone = platform.bench.fake.faults.add(Fault(kind="not_found", times=1))
    assert platform.apply(platform.ask(campaign, ActionKind.PAUSE)).state == "refused"
    assert gone.done == 1
    assert session.execute(text("SELECT problem_code FROM ad_accounts")).scalars().all() == [""]
    platform.bench.fake.faults.add(Fault(kind="revoked"))
    assert platform.apply(platform.ask(campaign, ActionKind.PAUSE)).state == "refused"
    assert session.execute(text("SELECT state FROM connections")).scalars().all() == ["needs_sign_in"]


def test_what_is_so_already_is_not_written_and_cannot_be_taken_back(platform: Platform) -> None:
    campaign = platform.stored(status=EntityStatus.PAUSED)
    done = platform.apply(platform.ask(campaign, ActionKind.PAUSE))
    assert (done.state, platform.writes(campaign)) == ("done", 0)
    with pytest.raises(Conflict):
        platform.undo(done)


def test_a_thousand_lost_answers_apply_nothing_twice(
    advertiser: Advertiser, capsys: pytest.CaptureFixture[str]
) -> None:
    written = 0
    for _ in range(20):
        platform = Platform.of(advertiser)
        campaign = platform.stored()
        platform.lose(times=50)
        for kind in [ActionKind.PAUSE, ActionKind.ENABLE] * 25:
            assert platform.apply(platform.ask(campaign, kind)).state == "done"
        written += platform.writes(campaign)
    with capsys.disabled():
        print(f"\n1,000 lost answers: {written - 1000} applied twice")  # noqa: T201 a figure to read
    assert written == 1000
