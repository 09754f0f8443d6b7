"""Changes at Snapchat: once, read back, undone."""

from typing import Any

import pytest

from adloom_sdk import Account, Action, ActionKind, BudgetOwner, EntityRef, EntityStatus, Kind, Level
from adloom_sdk.errors import AuthRevoked, BadRequest, Conflict, NotFound, OutcomeUnknown
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.fakes import Answer, Request
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from sandbox.platforms.snapchat_ads import SnapchatAds
from sandbox.platforms.snapchat_bodies import shown_id


def action(account: Account, kind: ActionKind, entity_id: str, level: Level = Level.CAMPAIGN, **more: object) -> Action:
    return Action(kind=kind, ref=EntityRef(account=account, level=level, id=entity_id), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "kind"),
    [(Level.CAMPAIGN, Kind.CAMPAIGNS), (Level.AD_GROUP, Kind.AD_GROUPS), (Level.AD, Kind.ADS)],
)
def test_pausing_is_seen_at_the_platform_and_undone_exactly(bench: Bench, level: Level, kind: Kind) -> None:
    account, ctx = bench.account(), bench.ctx()
    target = next(one for one in bench.read(kind, account) if one.status is EntityStatus.ACTIVE)
    pause = action(account, ActionKind.PAUSE, target.id, level)
    result = carry_out(bench.connector, ctx, pause)
    assert (result.before.status, result.after.status) == (EntityStatus.ACTIVE, EntityStatus.PAUSED)
    assert result.request_id
    undo = inverse(pause, result)
    assert undo is not None
    assert carry_out(bench.connector, ctx, undo).after == result.before
    assert not carry_out(bench.connector, ctx, undo).was_needed


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_a_daily_budget_is_set_exactly_and_set_back(bench: Bench, currency: str) -> None:
    account, ctx = bench.account(currency), bench.ctx()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    wanted = target.daily_budget_micros + {"USD": 1_010_000, "JPY": 7_000_000, "KWD": 1_001_000}[currency]
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=wanted)
    result = carry_out(bench.connector, ctx, change)
    assert result.after.daily_budget_micros == wanted
    undo = inverse(change, result)
    assert undo is not None
    assert carry_out(bench.connector, ctx, undo).after.daily_budget_micros == target.daily_budget_micros


def test_what_was_changed_elsewhere_is_not_overwritten(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    ref = EntityRef(account=account, level=Level.CAMPAIGN, id=target.id)
    seen = bench.connector.state(bench.ctx(), ref)
    fake.world.change(fake.undressed(target.id), daily_budget_micros=target.daily_budget_micros + 5_000_000)
    change = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref, daily_budget_micros=900_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(bench.connector, bench.ctx(), change)


@pytest.mark.parametrize("fault", ["lost_response", "cut_body"])
def test_a_lost_answer_is_resolved_by_reading_and_nothing_is_sent_twice(
    bench: Bench, fake: SnapchatAds, fault: str
) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind=fault, method="PUT"))
    result = carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert result.after.status is EntityStatus.PAUSED
    assert len([one for one in fake.journal if one.method == "PUT"]) == 1


def test_a_campaign_that_is_gone_is_named_so(bench: Bench) -> None:
    with pytest.raises(NotFound):
        carry_out(bench.connector, bench.ctx(), action(bench.account(), ActionKind.PAUSE, shown_id(999)))


def test_a_revoked_sign_in_changes_nothing(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    target, ctx = bench.read(Kind.CAMPAIGNS, account)[0], bench.ctx()
    fake.consent.revoke_all()
    with pytest.raises(AuthRevoked):
        carry_out(bench.connector, ctx, action(account, ActionKind.PAUSE, target.id))


def test_a_ref_of_another_account_is_not_changed(bench: Bench) -> None:
    account, other = bench.account("USD"), bench.account("EUR")
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    stray = action(account, ActionKind.PAUSE, target.id)
    moved = Action(kind=stray.kind, ref=EntityRef(account=other, level=Level.CAMPAIGN, id=target.id))
    with pytest.raises(NotFound):
        bench.connector.write(bench.ctx(), moved)


def changed_bodies(fake: SnapchatAds) -> list[dict[str, Any]]:
    """What is sent in changes from now on."""
    seen: list[dict[str, Any]] = []
    plain = fake.handle

    def watched(request: Request) -> Answer:
        if request.method == "PUT":
            seen.extend(next(iter(request.json().values())))
        return plain(request)

    fake.handle = watched  # type: ignore[method-assign]  # a look at what is sent
    return seen


def test_a_pause_sends_the_whole_campaign_so_that_nothing_is_cleared(bench: Bench, fake: SnapchatAds) -> None:
    account, sent = bench.account(), changed_bodies(fake)
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    fake.faults.add(Fault(kind="extra_field", method="GET"))
    carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert sent[0]["daily_budget_micro"] == target.daily_budget_micros
    assert sent[0]["start_time"]
    assert sent[0]["zz_brand_new"] == {"nested": [1, "two", None]}
    assert "updated_at" not in sent[0]
    again = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.id == target.id)
    assert again.daily_budget_micros == target.daily_budget_micros


def test_the_fake_clears_what_a_change_leaves_out(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    target, ctx = bench.read(Kind.CAMPAIGNS, account)[0], bench.ctx()
    whole = ctx.http.get(f"/{{version}}/campaigns/{target.id}")["campaigns"][0]["campaign"]
    del whole["daily_budget_micro"]
    ctx.http.write("PUT", f"/{{version}}/adaccounts/{account.id}/campaigns", json={"campaigns": [whole]})
    cleared = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.id == target.id)
    assert (cleared.daily_budget_micros, cleared.budget_owner) == (None, BudgetOwner.AD_GROUPS)
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=50_000_000)
    with pytest.raises(BadRequest, match="no daily budget"):
        carry_out(bench.connector, ctx, change)


def test_a_squad_with_a_budget_of_its_own_gets_another(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    group = bench.read(Kind.AD_GROUPS, account)[0]
    fake.world.change(fake.undressed(group.id), daily_budget_micros=30_000_000)
    change = action(account, ActionKind.SET_DAILY_BUDGET, group.id, Level.AD_GROUP, daily_budget_micros=31_000_000)
    assert carry_out(bench.connector, bench.ctx(), change).after.daily_budget_micros == 31_000_000


def test_a_budget_below_the_minimum_is_refused_in_plain_words_though_the_request_succeeds(bench: Bench) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=1_000_000)
    with pytest.raises(BadRequest, match="higher daily budget") as caught:
        carry_out(bench.connector, bench.ctx(), change)
    assert caught.value.field == "daily_budget_micro"


def test_a_page_for_people_after_a_change_leaves_its_outcome_open(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind="html", method="PUT"))
    with pytest.raises(OutcomeUnknown):
        carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert len([one for one in fake.journal if one.method == "PUT"]) == 1


def test_a_server_fault_on_a_change_leaves_its_outcome_open(bench: Bench, fake: SnapchatAds) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind="server_error", method="PUT"))
    with pytest.raises(OutcomeUnknown):
        carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert len([one for one in fake.journal if one.method == "PUT"]) == 1
